/**
 * Does every task once in each round, so that whatever slows the machine down meets all of them. Every second round goes backwards: a
 * task may leave something to the next one. A round in front of the others is not counted.
 *
 * Out: what each task gave, round by round.
 */
export async function interleaved<Name extends string, Value>(
	tasks: Readonly<Record<Name, () => Promise<Value>>>,
	rounds: number,
): Promise<Record<Name, Value[]>> {
	const names = Object.keys(tasks) as Name[];
	const values = Object.fromEntries(names.map((name) => [name, [] as Value[]]));
	for (let round = 0; round <= rounds; round++) {
		for (const name of round % 2 === 0 ? names : [...names].reverse()) {
			const value = await tasks[name]();
			if (round > 0) values[name]?.push(value);
		}
	}
	return values as Record<Name, Value[]>;
}
