import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

import { LongestFirst } from './longest-first.mts';

export default defineConfig({
	test: {
		root: new URL('..', import.meta.url).pathname,
		dir: 'test',
		include: ['**/*.test.mts'],
		exclude: ['**/node_modules/**', '**/e2e/**'],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		// To load n8n-core takes two seconds of a processor, so one process serves many files. None leaves anything behind for the next.
		pool: 'forks',
		isolate: false,
		setupFiles: ['test/nothing-left.mts'],
		// The longest files wait more than they compute.
		maxWorkers: Math.max(4, availableParallelism()),
		sequence: { sequencer: LongestFirst },
		// Measured with --coverage. Only unit tests load the sources: the others load dist.
		coverage: {
			provider: 'v8',
			include: ['nodes/Nexthink/{api,deletion,input,lookUp,queryExport,requests}/**/*.ts'],
			// It needs n8n to run at all; the engine tests cover it, in dist.
			exclude: ['nodes/Nexthink/api/{attempt,send}.ts'],
			reporter: ['text-summary'],
			thresholds: { branches: 95, lines: 95 },
		},
		reporters: ['default', './test/closing-count.mts'],
	},
});
