import { beforeAll, describe, expect, it } from 'vitest';

import { randomSeed, type Breach } from './search.mts';
import { FACTS_OF_SETTINGS } from './settings-facts.mts';
import { searchSettings } from './settings-search.mts';

const { FUZZ_SEED } = process.env;
const seed = FUZZ_SEED === undefined ? randomSeed() : Number(FUZZ_SEED);

function expectToHold(breaches: readonly Breach[], fact: string): void {
	const breach = breaches.find((each) => each.fact === fact);
	expect(breach?.counterexample, `Seed ${seed}, in ${breach?.cases} cases`).toBeUndefined();
}

describe('in 2,000 random settings', () => {
	const reached = new Set<string>();
	let breaches: Breach[] = [];

	beforeAll(() => {
		breaches = searchSettings({
			cases: 2_000,
			seed,
			onRead: ({ operation, isTool }, isRefused) =>
				reached.add(`${operation.value}${isTool ? ' as a tool' : ''}, refused: ${isRefused}`),
		});
	});

	it.each(Object.values(FACTS_OF_SETTINGS))('%s', (fact) => {
		expectToHold(breaches, fact);
	});

	it('every operation is refused, and is not, as node and as tool', () => {
		expect(reached.size).toBe(14);
	});
});
