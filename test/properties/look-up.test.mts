import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Device } from '../../nodes/Nexthink/deletion/plan.ts';
import { FACTS } from './look-up-facts.mts';
import { devicesSent, playLookUp, type PlayedLookUp } from './look-up-run.mts';
import { COMPARISONS, lookUpScenarios, uidOf } from './look-up-scenario.mts';
import { randomSeed } from './search.mts';

const CASES = 3_000;

const { FUZZ_SEED } = process.env;
const seed = FUZZ_SEED === undefined ? randomSeed() : Number(FUZZ_SEED);

/** Success branch, error branch and both, of each On Error mode that has items. */
function wiringsOf({ branches }: PlayedLookUp): Device[] {
	return Object.values(branches).flatMap(({ success, error }) => [
		...devicesSent(success),
		...devicesSent(error),
		...devicesSent([...success, ...error]),
	]);
}

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

	it.each(Object.entries(FACTS))('every device that is sent %s', async (_, holds) => {
		await play();
		for (const each of played) {
			const wrong = wiringsOf(each).filter((sent) => !holds(each, sent));
			expect(wrong, JSON.stringify(each.scenario)).toEqual([]);
		}
	});

	it('nothing is sent from the error branch', async () => {
		await play();
		for (const each of played) {
			expect(devicesSent(each.branches.errorOutput.error), JSON.stringify(each.scenario)).toEqual(
				[],
			);
		}
	});

	it('every item has exactly one outcome, in order, and a UID only where it was found', async () => {
		await play();
		for (const { branches, scenario } of played) {
			const items = [
				...branches.errorOutput.success,
				...branches.errorOutput.error.map(({ error }) => (error as { device: object }).device),
			] as Array<{ index: number; match: string; uid?: unknown; device?: unknown; name?: unknown }>;
			expect(items.map(({ index }) => index).sort((a, b) => a - b)).toEqual([
				...scenario.items.keys(),
			]);
			for (const { match, uid = null, name = null, device } of items) {
				expect([typeof uid === 'string', typeof name === 'string', device !== undefined]).toEqual(
					Array(3).fill(match === 'FOUND'),
				);
			}
		}
	});

	it('no name with * or ? and no blank one is ever asked for', async () => {
		await play();
		for (const { asked } of played) {
			expect(asked.filter((name) => /[*?]/.test(name) || name.trim() === '')).toEqual([]);
		}
	});

	it('every outcome and every way of comparing occurs, and devices are sent', async () => {
		await play();
		const matches = new Set(played.flatMap(({ outcomes }) => outcomes.map(({ match }) => match)));
		expect([...matches].sort()).toEqual([
			'AMBIGUOUS',
			'CHECK_MISMATCH',
			'FOUND',
			'NAME_MISMATCH',
			'NOT_FOUND',
			'RECENTLY_SEEN',
			'REFUSED',
			'UNKNOWN',
		]);
		const compared = new Set(played.map(({ scenario }) => scenario.comparison));
		expect(compared).toEqual(new Set(COMPARISONS));
		const sending = played.filter((each) => wiringsOf(each).length > 0);
		expect(sending.length).toBeGreaterThan(CASES / 10);
	});
});

describe('each of these facts', () => {
	/** A list that wants no such device as is sent. */
	const odd = async (device: { name: string; serialNumber: string; lastSeen: number }) =>
		await playLookUp({
			devices: [device, { ...device, name: device.name.toLowerCase() }],
			items: [{ name: `not ${device.name}`, serialNumber: 'S2', misleading: null }],
			comparison: 'documented',
			fates: ['answered'],
			checks: true,
			minDays: 30,
			concurrency: 1,
			maxRetries: 0,
			stopOnFailure: false,
			includeInputFields: false,
		});

	it.each(Object.entries(FACTS))(
		'would be broken by a wrong device: it %s',
		async (fact, holds) => {
			const name = fact.includes('* and ?') ? 'PC*' : 'PC';
			const played = await odd({ name, serialNumber: 'S1', lastSeen: 1 });
			const sent = { uid: uidOf(0), name: fact.includes('that is sent') ? 'OTHER' : name };
			expect(holds(played, sent)).toBe(false);
		},
	);
});
