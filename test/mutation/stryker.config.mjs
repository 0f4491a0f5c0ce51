// Changes the code in hundreds of ways, one at a time, and looks whether a test notices: npm run test:mutation.
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
	mutate: [
		'nodes/Nexthink/{deletion,input,lookUp,queryExport,requests}/**/*.ts',
		'nodes/Nexthink/api/**/*.ts',
		// They need n8n around them: the engine tests cover them, which load what was built.
		'!nodes/Nexthink/api/{attempt,send}.ts',
	],
	testRunner: 'vitest',
	vitest: { configFile: 'test/mutation/vitest.config.mts' },
	coverageAnalysis: 'perTest',
	// What the tests need is copied for each run; the n8n of the end-to-end tests alone has gigabytes.
	ignorePatterns: [
		'coverage',
		'dist',
		'examples',
		'test/demonstration',
		'test/documentation',
		'test/e2e',
		'test/engine',
		'test/package',
	],
	tempDirName: join(tmpdir(), 'n8n-nodes-nexthink-mutation'),
	// A mutant that never ends blocks its process until this is over.
	timeoutMS: 10_000,
	concurrency: 1,
	thresholds: { high: 95, low: 90, break: 85 },
	reporters: ['clear-text', 'progress-append-only', 'json', 'html'],
	clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
	jsonReporter: { fileName: 'coverage/mutation/mutation.json' },
	htmlReporter: { fileName: 'coverage/mutation/mutation.html' },
};
