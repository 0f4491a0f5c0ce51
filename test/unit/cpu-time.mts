/** Code that is prepared for mutations asks at each place whether it is the changed one, which the mutation run says here. */
const TIMES_AS_SLOW = Number(process.env.CODE_IS_TIMES_AS_SLOW ?? 1);

/** Out: what tells, in milliseconds, how much the processor has worked since: beside other work a duration says little. A process runs one test at a time. */
export function cpuClock(): () => number {
	const before = process.cpuUsage();
	return () => {
		const { user, system } = process.cpuUsage(before);
		return (user + system) / 1000 / TIMES_AS_SLOW;
	};
}

/** The processor time that something takes, in milliseconds. */
export async function cpuMillisecondsOf(work: () => unknown): Promise<number> {
	const worked = cpuClock();
	await work();
	return worked();
}
