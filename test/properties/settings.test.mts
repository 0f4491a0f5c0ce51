import { beforeAll, describe, expect, it } from 'vitest';

import { drawUntil } from './draws.mts';
import { randomSeed, type Breach } from './search.mts';
import { FACTS_OF_SETTINGS } from './settings-facts.mts';
import { searchSettings, type SettingsSearch } from './settings-search.mts';

/** Seven operations of nodes and tools, each refused and not refused. */
const KINDS = 14;

const { FUZZ_SEED } = process.env;
const seed = FUZZ_SEED === undefined ? randomSeed() : Number(FUZZ_SEED);

function expectToHold(breaches: readonly Breach[], fact: string): void {
	const breach = breaches.find((each) => each.fact === fact);
	expect(breach?.counterexample, `Seed ${seed}, in ${breach?.cases} cases`).toBeUndefined();
}

describe('in 2,000 random settings', () => {
	const reached = new Set<string>();
	const breaches: Breach[] = [];

	beforeAll(async () => {
		const onRead: SettingsSearch['onRead'] = ({ operation, isTool }, isRefused) =>
			reached.add(`${operation.value}${isTool ? ' as a tool' : ''}, refused: ${isRefused}`);
		const hasOccurred = () => reached.size === KINDS;
		await drawUntil(hasOccurred, seed, (seed) => {
			breaches.push(...searchSettings({ cases: 2_000, seed, onRead }));
			return breaches.length > 0;
		});
	});

	it.each(Object.values(FACTS_OF_SETTINGS))('%s', (fact) => {
		expectToHold(breaches, fact);
	});

	it('every operation is refused, and is not, as node and as tool', () => {
		expect(reached.size).toBe(KINDS);
	});
});
