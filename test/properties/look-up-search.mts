import fc from 'fast-check';

import { FACTS_OF_BOTH, FACTS_OF_LOOK_UPS } from './look-up-facts.mts';
import { playBoth, type PlayedBoth } from './look-up-run.mts';
import { lookUpScenarios, METHODS } from './look-up-scenario.mts';
import type { Breach, SearchOptions } from './search.mts';

interface LookUpSearchOptions extends Pick<SearchOptions, 'cases' | 'seed'> {
	/** Called with each look-up once it was played by both methods. */
	onPlayed: (played: PlayedBoth) => void;
}

/** Plays random look-ups by both methods and looks for breaches of any fact; the shortest case that shows one is kept. */
export async function searchLookUps({
	cases,
	seed,
	onPlayed,
}: LookUpSearchOptions): Promise<Breach[]> {
	const breaches = new Map<string, Breach>();
	const property = fc.asyncProperty(lookUpScenarios, async (scenario) => {
		const played = await playBoth(scenario);
		onPlayed(played);
		const told = JSON.stringify(scenario);
		for (const fact of brokenFacts(played)) {
			const known = breaches.get(fact) ?? { fact, cases: 0, counterexample: told };
			const counterexample =
				told.length < known.counterexample.length ? told : known.counterexample;
			breaches.set(fact, { fact, cases: known.cases + 1, counterexample });
		}
	});
	await fc.check(property, { numRuns: cases, seed, endOnFailure: true });
	return [...breaches.values()];
}

/** Out: the facts that do not hold of a look-up, of whichever method. */
export function brokenFacts(played: PlayedBoth): string[] {
	return [
		...Object.entries(FACTS_OF_LOOK_UPS).flatMap(([fact, holds]) =>
			METHODS.every((method) => holds(played[method])) ? [] : [fact],
		),
		...Object.entries(FACTS_OF_BOTH).flatMap(([fact, holds]) => (holds(played) ? [] : [fact])),
	];
}
