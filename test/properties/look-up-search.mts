import fc from 'fast-check';

import { FACTS_OF_LOOK_UPS } from './look-up-facts.mts';
import { playLookUp, type PlayedLookUp } from './look-up-run.mts';
import { lookUpScenarios } from './look-up-scenario.mts';
import type { Breach, SearchOptions } from './search.mts';

interface LookUpSearchOptions extends Pick<SearchOptions, 'cases' | 'seed'> {
	/** Called with each look-up once it was played. */
	onPlayed: (played: PlayedLookUp) => void;
}

/** Plays random look-ups and looks for breaches of any fact; the shortest case that shows one is kept. */
export async function searchLookUps({
	cases,
	seed,
	onPlayed,
}: LookUpSearchOptions): Promise<Breach[]> {
	const breaches = new Map<string, Breach>();
	const property = fc.asyncProperty(lookUpScenarios, async (scenario) => {
		const played = await playLookUp(scenario);
		onPlayed(played);
		const told = JSON.stringify(scenario);
		for (const [fact, holds] of Object.entries(FACTS_OF_LOOK_UPS)) {
			if (holds(played)) continue;
			const known = breaches.get(fact) ?? { fact, cases: 0, counterexample: told };
			const counterexample =
				told.length < known.counterexample.length ? told : known.counterexample;
			breaches.set(fact, { fact, cases: known.cases + 1, counterexample });
		}
	});
	await fc.check(property, { numRuns: cases, seed, endOnFailure: true });
	return [...breaches.values()];
}
