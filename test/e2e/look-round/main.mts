import { beginRun, endRun, type Run } from '../harness/run.mts';
import { readCommandLine } from './command-line.mts';
import { introduction } from './introduction.mts';
import { LookRound } from './look-round.mts';

const commandLine = readCommandLine(process.argv);
const askedToEnd = new Promise<'end'>((resolve) => {
	// Stays for a second Ctrl-C, which would otherwise end this process in the middle of tidying up.
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => resolve('end'));
	}
});
const run = await beginRun('newest');
await lookRound(run);

async function lookRound(run: Run): Promise<void> {
	const round = new LookRound(run, commandLine);
	try {
		console.log('Starting n8n …');
		const started = round.open();
		// Ended in the middle of its start, n8n fails to start.
		started.catch(() => undefined);
		if ((await Promise.race([started, askedToEnd])) === 'end') return;
		console.log(introduction(round));
		await askedToEnd;
	} finally {
		console.log('\nEnding n8n and the tenant …');
		await round.close();
		await endRun(run);
		console.log(`Ended. ${round.sums()}`);
	}
}
