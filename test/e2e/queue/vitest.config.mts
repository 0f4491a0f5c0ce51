import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		root: new URL('.', import.meta.url).pathname,
		include: ['**/*.test.mts'],
		globalSetup: ['services-present.mts', 'global-setup.mts'],
		setupFiles: ['../harness/worker-setup.mts'],
		fileParallelism: false,
		maxConcurrency: 1,
		testTimeout: 480_000,
		hookTimeout: 300_000,
		// n8n saves what has happened before it logs it.
		expect: { poll: { timeout: 10_000 } },
		// The second test goes on where the first one ends.
		sequence: { shuffle: false },
		reporters: ['verbose', '../../closing-count.mts'],
	},
});
