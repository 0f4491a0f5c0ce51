import { defineConfig } from 'vitest/config';

const UNIT_TESTS = 'test/unit/**/*.test.mts';

export default defineConfig({
	test: {
		root: new URL('..', import.meta.url).pathname,
		testTimeout: 60_000,
		hookTimeout: 60_000,
		projects: [
			{
				extends: true,
				// They keep nothing between them, so one process may serve them all, in half the time.
				test: { name: 'unit', include: [UNIT_TESTS], isolate: false },
			},
			{
				extends: true,
				test: {
					name: 'whole',
					include: ['test/**/*.test.mts'],
					exclude: ['**/node_modules/**', 'test/e2e/**', UNIT_TESTS],
				},
			},
		],
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
