import { defineConfig } from 'vitest/config';
import { FilesInOrder } from './harness/order.mts';

export default defineConfig({
	test: {
		root: new URL('.', import.meta.url).pathname,
		include: ['**/*.test.mts'],
		// They have commands of their own.
		exclude: ['**/node_modules/**', 'bench/**', 'queue/**'],
		globalSetup: ['harness/global-setup.mts'],
		setupFiles: ['harness/worker-setup.mts'],
		sequence: { sequencer: FilesInOrder },
		// One n8n at a time.
		fileParallelism: false,
		maxConcurrency: 1,
		// n8n takes some seconds to start, and the editor to draw; on a machine with few cores and other work, a multiple of that.
		testTimeout: 300_000,
		hookTimeout: 300_000,
		expect: { poll: { timeout: 60_000, interval: 100 } },
		// A click that the editor has swallowed while it was loading is repeated, with the editor loaded anew. What is wrong on the screen
		// fails at once.
		retry: { count: 1, condition: /^(?:locator|page|mouse)\..+: Timeout \d+ms exceeded/ },
		reporters: ['verbose', '../closing-count.mts'],
	},
});
