import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		root: new URL('..', import.meta.url).pathname,
		include: ['test/**/*.test.mts'],
		exclude: ['**/node_modules/**', 'test/e2e/**'],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		// Measured with --coverage. Only unit tests load the sources: the others load dist.
		coverage: {
			provider: 'v8',
			include: ['nodes/Nexthink/{deletion,api}/**/*.ts'],
			// It needs n8n to run at all; the engine tests cover it, in dist.
			exclude: ['nodes/Nexthink/api/send.ts'],
			reporter: ['text-summary'],
			thresholds: { branches: 95, lines: 95 },
		},
		reporters: ['default', './test/closing-count.mts'],
	},
});
