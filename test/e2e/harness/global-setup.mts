import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { beginRun, endRun, type Run } from './run.mts';

declare module 'vitest' {
	interface ProvidedContext {
		/** What every file of the end-to-end tests shares: `inject('run')`. */
		run: Run;
	}
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
	const run = await beginRun();
	project.provide('run', run);
	return async () => {
		const leftovers = await endRun(run);
		if (leftovers.length === 0) return;
		console.error(`Still running after the tests, now ended:\n${leftovers.join('\n')}`);
		process.exitCode = 1;
	};
}
