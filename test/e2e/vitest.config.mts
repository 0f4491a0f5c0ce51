import { defineConfig } from 'vitest/config';
import { longestFirst } from '../longest-first.mts';

const EVERY_FILE = ['**/*.test.mts'];

// The benchmark and the tests in queue mode have commands of their own.
const OTHER_COMMANDS = ['**/node_modules/**', 'bench/**', 'queue/**'];

/** Searches what all the other files left behind. */
const SEARCH_OF_ALL = ['secrets.test.mts'];

/** What a group of files has that the other one has too. */
const shared = {
	root: new URL('.', import.meta.url).pathname,
	setupFiles: ['harness/worker-setup.mts'],
	// n8n takes some seconds to start, and the editor to draw; on a machine with few cores and other work, a multiple of that.
	testTimeout: 300_000,
	hookTimeout: 300_000,
	expect: { poll: { timeout: 60_000, interval: 100 } },
	// A click that the editor has swallowed while it was loading is repeated, with the editor loaded anew. What is wrong on the screen
	// fails at once.
	retry: { count: 1, condition: /^(?:locator|page|mouse)\..+: Timeout \d+ms exceeded/ },
};

export default defineConfig({
	test: {
		root: shared.root,
		globalSetup: ['harness/global-setup.mts'],
		// Each has one n8n at a time, and waits for it or for the editor more than it computes.
		maxWorkers: 3,
		sequence: {
			sequencer: longestFirst([
				'editor/look-up-panel.test.mts',
				'first-click.test.mts',
				'examples-in-server.test.mts',
				'proof.test.mts',
				'command-line.test.mts',
				'oldest.test.mts',
			]),
		},
		projects: [
			{
				test: {
					...shared,
					name: 'files',
					include: EVERY_FILE,
					exclude: [...OTHER_COMMANDS, ...SEARCH_OF_ALL],
					sequence: { groupOrder: 0 },
				},
			},
			{
				test: {
					...shared,
					name: 'search',
					include: SEARCH_OF_ALL,
					sequence: { groupOrder: 1 },
				},
			},
		],
		reporters: ['verbose', '../closing-count.mts'],
	},
});
