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
		// n8n takes some seconds to start.
		testTimeout: 120_000,
		hookTimeout: 180_000,
		reporters: ['verbose', '../closing-count.mts'],
	},
});
