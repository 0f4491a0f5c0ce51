import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		root: new URL('..', import.meta.url).pathname,
		include: ['test/**/*.test.mts'],
		exclude: ['**/node_modules/**', 'test/e2e/**'],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		reporters: ['default', './test/closing-count.mts'],
	},
});
