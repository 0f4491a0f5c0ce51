import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { FACTS, FACTS_OF_LOOK_UPS, wiringsOf } from './look-up-facts.mts';
import { playLookUp, type PlayedLookUp } from './look-up-run.mts';
import { CHECKED, COMPARISONS, lookUpScenarios, uidOf } from './look-up-scenario.mts';
import { randomSeed } from './search.mts';

const CASES = 3_000;

const { FUZZ_SEED } = process.env;
const seed = FUZZ_SEED === undefined ? randomSeed() : Number(FUZZ_SEED);

describe(`in ${CASES.toLocaleString('en-US')} random look-ups, wired into Delete in every careless way,`, () => {
	const played: PlayedLookUp[] = [];
	const play = async () => {
		if (played.length > 0) return;
		console.log(
			`Random look-ups with the seed ${seed}. The same ones again: FUZZ_SEED=${seed} npm test`,
		);
		const scenarios = fc.sample(lookUpScenarios, { numRuns: CASES, seed });
		for (const scenario of scenarios) played.push(await playLookUp(scenario));
	};

	it.each(Object.entries(FACTS_OF_LOOK_UPS))('%s', async (_, holds) => {
		await play();
		const breach = played.find((each) => !holds(each));
		expect(JSON.stringify(breach?.scenario)).toBeUndefined();
	});

	it('every outcome and every way of comparing occurs, and devices are sent', async () => {
		await play();
		const matches = new Set(played.flatMap(({ outcomes }) => outcomes.map(({ match }) => match)));
		expect([...matches].sort()).toEqual([
			'AMBIGUOUS',
			'CHECK_MISMATCH',
			'FOUND',
			'NOT_FOUND',
			'RECENTLY_SEEN',
			'REFUSED',
			'UNKNOWN',
			'VALUE_MISMATCH',
		]);
		const foundByChecks = played.filter(
			({ scenario, outcomes }) =>
				scenario.checks.length === CHECKED.length &&
				outcomes.some(({ match }) => match === 'FOUND'),
		);
		expect(foundByChecks.length).toBeGreaterThan(CASES / 100);
		const compared = new Set(played.map(({ scenario }) => scenario.comparison));
		expect(compared).toEqual(new Set(COMPARISONS));
		const sending = played.filter((each) => wiringsOf(each).length > 0);
		expect(sending.length).toBeGreaterThan(CASES / 10);
	});
});

describe('each of these facts', () => {
	/** A list that wants no such device as is sent. */
	const odd = async (name: string) => {
		const device = { name, serialNumber: 'S1', site: 'Lyon', lastSeen: 1 };
		return await playLookUp({
			devices: [device, { ...device, name: name.toLowerCase() }],
			items: [{ name: `not ${name}`, serialNumber: 'S2', site: 'Lyon', misleading: null }],
			comparison: 'documented',
			fates: ['answered'],
			checks: ['serialNumber', 'site'],
			minDays: 30,
			concurrency: 1,
			maxRetries: 0,
			stopOnFailure: false,
			includeInputFields: false,
		});
	};

	it.each(Object.entries(FACTS))(
		'would be broken by a wrong device: it %s',
		async (fact, holds) => {
			const name = fact.includes('* and ?') ? 'PC*' : 'PC';
			const played = await odd(name);
			const sent = { uid: uidOf(0), name: fact.includes('that is sent') ? 'OTHER' : name };
			expect(holds(played, sent)).toBe(false);
		},
	);

	it.each<[fact: RegExp, spoil: (played: PlayedLookUp) => Partial<PlayedLookUp>]>([
		[/error branch/, ({ branches }) => withErrors(branches, [{ uid: uidOf(0), name: 'PC' }])],
		[/exactly one outcome/, ({ branches }) => withErrors(branches, branches.errorOutput.success)],
		[/ever asked for/, () => ({ asked: ['PC*'] })],
		[/asked for again/, ({ asked }) => ({ asked: [...asked, ...asked] })],
		[/asked for again/, () => ({ asked: Array.from({ length: 12 }, (_, n) => `PC${n}`) })],
	])('of whole look-ups would be broken by what breaks it: %s', async (fact, spoil) => {
		const [, holds] = Object.entries(FACTS_OF_LOOK_UPS).find(([name]) => fact.test(name))!;
		const played = await odd('PC');
		expect(holds(played)).toBe(true);
		expect(holds({ ...played, ...spoil(played) })).toBe(false);
	});
});

function withErrors(
	branches: PlayedLookUp['branches'],
	items: IDataObject[],
): Partial<PlayedLookUp> {
	const error = items.map((device) => ({ error: { device }, message: '' }));
	return { branches: { ...branches, errorOutput: { ...branches.errorOutput, error } } };
}
