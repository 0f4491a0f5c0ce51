/**
 * Does the first piece of work alone (it is the one that fetches a token), then all others, so many at a time.
 *
 * Out: the results, in the order of the work.
 */
export async function inLanes<Work, Result>(
	pieces: readonly Work[],
	concurrency: number,
	carryOut: (piece: Work) => Promise<Result>,
): Promise<Result[]> {
	const results: Result[] = [];
	const ahead = pieces.entries();
	const lane = async (most: number): Promise<void> => {
		for (let taken = 0; taken < most; taken++) {
			const next = ahead.next();
			if (next.done === true) return;
			const [position, piece] = next.value;
			results[position] = await carryOut(piece);
		}
	};
	await lane(1);
	await Promise.all(Array.from({ length: concurrency }, () => lane(Infinity)));
	return results;
}
