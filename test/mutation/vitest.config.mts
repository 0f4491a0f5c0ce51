import { defineConfig } from 'vitest/config';

// The tests run in threads here, which cannot set the time zone for themselves.
process.env.TZ = 'Asia/Tokyo';
process.env.CODE_IS_TIMES_AS_SLOW = '4';

/** The tests that mutants are held to: those that need neither n8n nor a build, without the long ones. */
export default defineConfig({
	test: {
		root: new URL('../..', import.meta.url).pathname,
		include: [
			'test/unit/{api,deletion,input,lookUp,queryExport,requests}/*.test.mts',
			'test/mutation/*.test.mts',
		],
		// A thousand batches take long, and few random runs show the same.
		exclude: ['test/unit/deletion/budget.test.mts'],
		testTimeout: 30_000,
	},
});
