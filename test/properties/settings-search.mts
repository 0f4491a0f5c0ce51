import fc from 'fast-check';

import type { Breach } from './search.mts';
import {
	breachesOfSettings,
	expectedOf,
	parametersOf,
	type FactOfSettings,
} from './settings-facts.mts';
import { settingsScenarios, type SettingsScenario } from './settings-scenario.mts';

export interface SettingsSearch {
	cases: number;
	seed: number;
	/** Called with each case, and whether its run must be refused. */
	onRead?: (scenario: SettingsScenario, isRefused: boolean) => void;
}

/** Reads random settings, and looks for breaches of any fact. */
export function searchSettings({ cases, seed, onRead }: SettingsSearch): Breach[] {
	const broken = new Map<FactOfSettings, number>();
	fc.check(
		fc.property(settingsScenarios(), (scenario) => {
			for (const fact of breachesOfSettings(scenario).keys()) {
				broken.set(fact, (broken.get(fact) ?? 0) + 1);
			}
			onRead?.(scenario, expectedOf(scenario).unusable.length > 0);
		}),
		{ numRuns: cases, seed },
	);
	return [...broken].map(([fact, count]) => {
		const { counterexample } = fc.check(
			fc.property(settingsScenarios(), (scenario) => !breachesOfSettings(scenario).has(fact)),
			{ numRuns: cases, seed },
		);
		const [scenario] = counterexample!;
		const told = JSON.stringify(parametersOf(scenario), null, 1);
		const user = scenario.isTool ? 'as a tool' : 'as a node';
		const breach = breachesOfSettings(scenario).get(fact);
		return { fact, cases: count, counterexample: `${user}, with ${told}:\n${breach}` };
	});
}
