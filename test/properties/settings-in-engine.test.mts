// n8n's engine loads dist: that is why this is no part of test:unit, which builds nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ExpressionEngine, FACT_OF_EXPRESSIONS, searchExpressions } from './random-expressions.mts';
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

describe('in 1,000 random expressions', () => {
	it(FACT_OF_EXPRESSIONS, async () => {
		const kinds = new Set<string>();
		const engine = await ExpressionEngine.load();

		const breaches = await searchExpressions({
			cases: 1_000,
			seed,
			engine,
			onSame: (_, value) => kinds.add(value.split(' ')[0]!),
		});

		expectToHold(breaches, FACT_OF_EXPRESSIONS);
		for (const kind of ['number', 'string', 'boolean', 'undefined']) {
			expect([...kinds]).toContain(kind);
		}
	});
});

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
