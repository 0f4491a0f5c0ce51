/** The processor time that something takes, in milliseconds: beside other work its duration says little. A process runs one test at a time. */
export async function cpuMillisecondsOf(work: () => unknown): Promise<number> {
	const before = process.cpuUsage();
	await work();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1000;
}
