import fc from 'fast-check';

import { INVARIANTS } from './invariants.mts';
import { missingAfterLaterRun } from './later-run.mts';
import { play, type Played } from './play.mts';
import { scenarios } from './scenario-arbitrary.mts';
import { describeScenario, type Scenario } from './scenario.mts';

const ENDS = 'every run ends and never throws';
const COMPLETE =
	'running again once the tenant is well leaves no device behind that is neither INVALID nor refused by a guard';

/** All facts that are searched for breaches. */
export const FACTS: readonly string[] = [ENDS, ...INVARIANTS.map(({ fact }) => fact), COMPLETE];

export interface SearchOptions {
	cases: number;
	seed: number;
	/** One breach is enough, and it need not be made small. */
	stopsAtFirst?: boolean;
	/** Called with each case once it was played. */
	onPlayed?: (played: Played) => void;
}

/** A breach of one fact, in the smallest case that was found to show it, told for people. */
export interface Breach {
	fact: string;
	cases: number;
	counterexample: string;
}

/** Longest time that a case that breaks a fact is made smaller, in milliseconds. */
const LONGEST_SHRINKING = 60_000;

/** Plays random cases and looks for breaches of any fact. */
export async function search({
	cases,
	seed,
	stopsAtFirst = false,
	onPlayed,
}: SearchOptions): Promise<Breach[]> {
	const broken = new Map<string, { cases: number; first: number }>();
	let number = 0;
	await fc.check(
		fc.asyncProperty(scenarios, async (scenario) => {
			for (const fact of (await breachesOf(scenario, FACTS, onPlayed)).keys()) {
				const known = broken.get(fact) ?? { cases: 0, first: number };
				broken.set(fact, { ...known, cases: known.cases + 1 });
			}
			number++;
			return !stopsAtFirst || broken.size === 0;
		}),
		{ numRuns: cases, seed, endOnFailure: true },
	);
	const breaches: Breach[] = [];
	for (const [fact, { cases: count, first }] of broken) {
		const counterexample = stopsAtFirst ? '' : await smallest(fact, first, seed);
		breaches.push({ fact, cases: count, counterexample });
	}
	return breaches;
}

/** Makes a case that breaks a fact as small as it gets. */
async function smallest(fact: string, number: number, seed: number): Promise<string> {
	const { counterexample } = await fc.check(
		fc.asyncProperty(
			scenarios,
			async (scenario) => !(await breachesOf(scenario, [fact])).has(fact),
		),
		{ seed, path: String(number), interruptAfterTimeLimit: LONGEST_SHRINKING },
	);
	if (counterexample === null) return 'It does not happen again.';
	const [scenario] = counterexample;
	const breaches = (await breachesOf(scenario, [fact])).get(fact)!;
	return [
		describeScenario(scenario),
		'Requests:',
		...(await describeRequests(scenario)),
		'Breaches:',
		...shortened(breaches),
	].join('\n');
}

/** @returns what is wrong with a case, by fact */
async function breachesOf(
	scenario: Scenario,
	facts: readonly string[],
	onPlayed?: (played: Played) => void,
): Promise<Map<string, string[]>> {
	const broken = new Map<string, string[]>();
	try {
		const played = await play(scenario);
		onPlayed?.(played);
		for (const { fact, breaches } of INVARIANTS) {
			const found = facts.includes(fact) ? breaches(played) : [];
			if (found.length > 0) broken.set(fact, found);
		}
		const missing = facts.includes(COMPLETE) ? await missingAfterLaterRun(played) : [];
		if (missing.length > 0) broken.set(COMPLETE, missing);
	} catch (error) {
		broken.set(ENDS, [error instanceof Error ? (error.stack ?? error.message) : String(error)]);
	}
	return broken;
}

async function describeRequests(scenario: Scenario): Promise<string[]> {
	try {
		const { exchanges, plan } = await play(scenario);
		const numbers = new Map(plan.devices.map(({ uid }, number) => [uid, number]));
		return shortened(
			exchanges.map(({ devices, requestId, sentAt, answeredAt, answer, words }, position) => {
				const sent = devices.map(({ uid }) => numbers.get(uid)).join(' ');
				const said = answer!.accepted ? String(answer!.httpStatus) : answer!.failure.code;
				return `${position + 1}. devices ${sent} (${requestId.slice(0, 8)}), ${sentAt} to ${answeredAt} ms: ${said}, ${words.join(' ')}`;
			}),
		);
	} catch {
		return ['(the run does not end)'];
	}
}

const MOST_LINES = 30;

function shortened(lines: readonly string[]): string[] {
	const shown = lines.slice(0, MOST_LINES).map((line) => `  ${line.slice(0, 500)}`);
	return lines.length > MOST_LINES ? [...shown, `  … ${lines.length - MOST_LINES} more`] : shown;
}

/** A seed for runs that nobody asked to be the same as others. */
export function randomSeed(): number {
	return Math.floor(Math.random() * 2 ** 31);
}
