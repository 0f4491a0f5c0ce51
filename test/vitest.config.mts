import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

import { longestFirst } from './longest-first.mts';

/** They take more than five seconds, because they wait or play much. */
const LONG = [
	'engine/fault-matrix.test.mts',
	'properties/random-runs.test.mts',
	'demonstration/main.test.mts',
	'engine/nql-export.test.mts',
	'engine/hostile-tenant.test.mts',
	'engine/hostile-input.test.mts',
	'engine/messages.test.mts',
	'engine/faults.test.mts',
	'engine/look-up.test.mts',
	'engine/look-up-random.test.mts',
	'engine/hostile-queries.test.mts',
];

/** They load the sources, so nothing needs to be built for them. Two files of random runs load what was built, or take long. */
const UNIT = [
	'{unit,mutation}/**/*.test.mts',
	'properties/!(random-runs|settings-in-engine).test.mts',
];
const ELSEWHERE = ['**/node_modules/**', '**/e2e/**'];

export default defineConfig({
	test: {
		root: new URL('..', import.meta.url).pathname,
		dir: 'test',
		testTimeout: 60_000,
		hookTimeout: 60_000,
		// To load n8n-core takes two seconds of a processor, so one process serves many files. None leaves anything behind for the next.
		pool: 'forks',
		isolate: false,
		setupFiles: ['test/nothing-left.mts'],
		// The longest files wait more than they compute.
		maxWorkers: Math.max(4, availableParallelism()),
		sequence: { sequencer: longestFirst(LONG) },
		projects: [
			{
				extends: true,
				test: { name: 'unit', include: UNIT, exclude: ELSEWHERE },
			},
			{
				extends: true,
				test: {
					name: 'built',
					include: ['**/*.test.mts'],
					exclude: [...ELSEWHERE, ...UNIT],
				},
			},
		],
		// Measured with --coverage, of the unit tests: the others load dist, and are only slowed by it.
		coverage: {
			provider: 'v8',
			// It is emptied and removed while lint, beside it, walks through all other folders.
			reportsDirectory: 'node_modules/.coverage',
			include: ['nodes/Nexthink/{api,deletion,input,lookUp,queryExport,requests}/**/*.ts'],
			// It needs n8n to run at all; the engine tests cover it, in dist.
			exclude: ['nodes/Nexthink/api/{attempt,send}.ts'],
			reporter: ['text-summary'],
			thresholds: { branches: 95, lines: 95 },
		},
		reporters: ['default', './test/closing-count.mts'],
	},
});
