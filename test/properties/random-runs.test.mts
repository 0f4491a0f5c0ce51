import { beforeAll, describe, expect, it } from 'vitest';

import { drawUntil } from './draws.mts';
import { placesOf, PLACES } from './reach.mts';
import type { Played } from './play.mts';
import { FACTS, randomSeed, search, type Breach } from './search.mts';

const CASES = 2_000;

const { FUZZ_SEED } = process.env;
const seed = FUZZ_SEED === undefined ? randomSeed() : Number(FUZZ_SEED);

describe(`in ${CASES.toLocaleString('en-US')} random runs`, () => {
	const reached = new Set<string>();
	const breaches: Breach[] = [];
	let played = 0;
	const missing = () => PLACES.filter((place) => !reached.has(place));

	beforeAll(async () => {
		console.log(
			`Random runs with the seed ${seed}. The same ones again: FUZZ_SEED=${seed} npm test`,
		);
		const onPlayed = (run: Played) => {
			played++;
			for (const place of placesOf(run)) reached.add(place);
		};
		const hasOccurred = () => missing().length === 0;
		await drawUntil(hasOccurred, seed, async (seed) => {
			breaches.push(...(await search({ cases: CASES, seed, onPlayed })));
			return breaches.length > 0;
		});
	}, 300_000);

	it.each(FACTS)('%s', (fact) => {
		const breach = breaches.find((each) => each.fact === fact);
		expect(breach?.counterexample, `Seed ${seed}, in ${breach?.cases} cases`).toBeUndefined();
		expect(played).toBeGreaterThanOrEqual(CASES);
	});

	it('every status, every end of a run and every mishap occurs', () => {
		expect(missing()).toEqual([]);
	});
});
