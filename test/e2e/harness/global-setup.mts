import type {} from 'vitest';
import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import type { Wanted } from './installation.mts';
import { exitOnSignals, killRecorded } from './processes.mts';
import { beginRun, endRun, type Run } from './run.mts';
import { layOut } from './user-folders.mts';

declare module 'vitest' {
	interface ProvidedContext {
		/** What every file of the end-to-end tests shares: `inject('run')`. */
		run: Run;
	}
}

export default async function setUp(
	project: TestProject,
	wanted: Wanted = 'all',
): Promise<() => Promise<void>> {
	const run = await beginRun(wanted);
	project.provide('run', run);
	// Ctrl-C ends the tests without their teardown.
	const tidyUp = () => {
		killRecorded(run.folder);
		rmSync(run.folder, { recursive: true, force: true, maxRetries: 5 });
	};
	process.once('exit', tidyUp);
	exitOnSignals();
	// Each n8n of the tests in queue mode has another database.
	if (wanted === 'all') {
		for (const version of ['newest', 'oldest'] as const) await layOut(run, version);
	}
	return async () => {
		process.off('exit', tidyUp);
		const leftovers = await endRun(run);
		if (leftovers.length === 0) return;
		console.error(`Still running after the tests, now ended:\n${leftovers.join('\n')}`);
		process.exitCode = 1;
	};
}
