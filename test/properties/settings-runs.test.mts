// Loads dist, as n8n does: that is why it is no part of test:unit, which builds nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { randomSeed, type Breach } from './search.mts';
import {
	FACTS_OF_SETTINGS_RUNS,
	mustBeRefused,
	searchSettingsRuns,
	SettingsBench,
} from './settings-runs.mts';

const { FUZZ_SEED } = process.env;
const seed = FUZZ_SEED === undefined ? randomSeed() : Number(FUZZ_SEED);

function expectToHold(breaches: readonly Breach[], fact: string): void {
	const breach = breaches.find((each) => each.fact === fact);
	expect(breach?.counterexample, `Seed ${seed}, in ${breach?.cases} cases`).toBeUndefined();
}

describe('in 100 runs with random settings in n8n’s engine', () => {
	let bench: SettingsBench;
	let breaches: Breach[] = [];
	const reached = new Set<string>();

	beforeAll(async () => {
		bench = await SettingsBench.open();
		breaches = await searchSettingsRuns({
			cases: 100,
			seed,
			bench,
			onRun: ({ scenario, requests }) =>
				reached.add(mustBeRefused(scenario) ? 'refused' : `${requests.length > 0} requests`),
		});
	});

	afterAll(() => bench.close());

	it.each(Object.values(FACTS_OF_SETTINGS_RUNS))('%s', (fact) => {
		expectToHold(breaches, fact);
	});

	it('some are refused, and some are not', () => {
		expect([...reached]).toEqual(expect.arrayContaining(['refused', 'true requests']));
	});
});
