import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { uniq } from 'lodash';
import { beforeAll, describe, expect, it } from 'vitest';

import { drawUntil } from './draws.mts';
import {
	differencesOf,
	FACTS,
	FACTS_OF_BOTH,
	FACTS_OF_LOOK_UPS,
	REASONS,
	wiringsOf,
} from './look-up-facts.mts';
import { FILE_FAULTS } from './look-up-file.mts';
import { uidOf } from './look-up-rules.mts';
import { brokenFacts } from './look-up-search.mts';
import { playBoth, playLookUp, type PlayedBoth, type PlayedLookUp } from './look-up-run.mts';
import {
	COMPARISONS,
	lookUpScenarios,
	MATCHED,
	METHODS,
	type LookUpScenario,
	type Method,
	type ScenarioDevice,
	type ScenarioItem,
} from './look-up-scenario.mts';
import { randomSeed } from './search.mts';

const CASES = 1_500;

/** Of the runs. */
const OFTEN = 1 / 200;

const MATCHES = [
	'AMBIGUOUS',
	'CHECK_MISMATCH',
	'FOUND',
	'NOT_FOUND',
	'RECENTLY_SEEN',
	'REFUSED',
	'UNKNOWN',
	'VALUE_MISMATCH',
];

const { FUZZ_SEED } = process.env;
const seed = FUZZ_SEED === undefined ? randomSeed() : Number(FUZZ_SEED);

/** What must occur among the look-ups that send devices. */
const WAYS: ReadonlyArray<(scenario: LookUpScenario) => boolean> = [
	({ checks }) => checks.length > 1,
	({ checks, minDays }) => checks.length > 0 && minDays !== null,
	({ hostNameOnly }) => hostNameOnly,
	...MATCHED.map((column) => (each: LookUpScenario) => each.matchColumn === column),
];

describe(`in ${CASES.toLocaleString('en-US')} random look-ups by each method, wired into Delete in every careless way,`, () => {
	const played: PlayedBoth[] = [];

	const matches = (method: Method) =>
		uniq(played.flatMap((each) => each[method].outcomes.map(({ match }) => match)));
	const sending = (method: Method) =>
		played.map((each) => each[method]).filter((each) => wiringsOf(each).length > 0);
	const sendingInEachWay = (method: Method) =>
		WAYS.map((isSuch) => sending(method).filter(({ scenario }) => isSuch(scenario)).length);
	const differences = () => uniq(played.flatMap(differencesOf));
	const comparisons = () => uniq(played.map(({ query }) => query.scenario.comparison));
	const faults = () =>
		uniq(played.flatMap((each) => each.export.fetched.map(({ fault }) => fault)));

	beforeAll(async () => {
		console.log(
			`Random look-ups with the seed ${seed}. The same ones again: FUZZ_SEED=${seed} npm test`,
		);
		const hasOccurred = () =>
			METHODS.every(
				(method) =>
					matches(method).length === MATCHES.length &&
					Math.min(...sendingInEachWay(method)) > OFTEN * played.length,
			) &&
			differences().length === REASONS.length &&
			comparisons().length === COMPARISONS.length &&
			faults().length === 1 + FILE_FAULTS.length;
		await drawUntil(hasOccurred, seed, async (seed) => {
			const scenarios = fc.sample(lookUpScenarios, { numRuns: CASES, seed });
			for (const scenario of scenarios) played.push(await playBoth(scenario));
			return played.some((each) => brokenFacts(each).length > 0);
		});
	}, 300_000);

	describe.each(METHODS)('by %s,', (method) => {
		it.each(Object.entries(FACTS_OF_LOOK_UPS))('%s', (_, holds) => {
			const breach = played.find((each) => !holds(each[method]));
			expect(JSON.stringify(breach?.[method].scenario)).toBeUndefined();
		});

		it('every outcome occurs, and devices are sent, whatever is looked up and checked', () => {
			expect(matches(method).sort()).toEqual(MATCHES);
			expect(sending(method).length).toBeGreaterThan(played.length / 10);
			expect(Math.min(...sendingInEachWay(method))).toBeGreaterThan(OFTEN * played.length);
		});
	});

	it.each(Object.entries(FACTS_OF_BOTH))('%s', (_, holds) => {
		const breach = played.find((each) => !holds(each));
		expect(JSON.stringify(breach?.query.scenario)).toBeUndefined();
	});

	it('each reason why one method may not find a device occurs, and most are found by both', () => {
		expect(new Set(differences())).toEqual(new Set(REASONS));
		const byBoth = played.filter((each) => {
			const [one, other] = METHODS.map((method) => each[method].outcomes);
			return one!.some(({ match }, n) => match === 'FOUND' && other![n]!.match === 'FOUND');
		});
		expect(byBoth.length).toBeGreaterThan(played.length / 10);
	});

	it('every way of comparing and every fault of a file occurs', () => {
		expect(new Set(comparisons())).toEqual(new Set(COMPARISONS));
		expect(new Set(faults())).toEqual(new Set([null, ...FILE_FAULTS]));
	});
});

describe('each of these facts', () => {
	const DEVICE: ScenarioDevice = {
		name: 'PC',
		serialNumber: 'S1',
		site: 'Lyon',
		lastSeen: { hoursAgo: 24, form: 'Z' },
		notes: '',
	};
	const ITEM: ScenarioItem = {
		...{ name: 'PC', serialNumber: 'S1', site: 'Lyon', id: uidOf(0) },
		misleading: null,
	};
	const SCENARIO: LookUpScenario = {
		devices: [DEVICE],
		items: [ITEM],
		matchColumn: 'name',
		hostNameOnly: false,
		checks: [],
		minDays: null,
		comparison: 'documented',
		fates: ['answered'],
		exportFates: ['answered'],
		exportStates: 0,
		isCutByLicence: false,
		files: [
			{
				quoting: 'where needed',
				lineEnd: '\n',
				hasByteOrderMark: false,
				endsWithLineBreak: true,
				isChunked: false,
				firstColumn: 0,
				pieces: [100],
				fault: null,
				faultAt: 0,
			},
		],
		tenantOffset: 0,
		concurrency: 1,
		maxRetries: 0,
		stopOnFailure: false,
		includeInputFields: false,
	};

	describe.each(METHODS)('by %s', (method) => {
		/** A fact, and what makes it false of a device that is sent under the name PC. */
		const WRONG: Array<[fact: RegExp, scenario: Partial<LookUpScenario>]> = [
			[/the tenant knows/, { devices: [] }],
			[/the tenant knows/, { devices: [{ ...DEVICE, name: 'PC2' }] }],
			[/an item of the list/, { items: [{ ...ITEM, name: 'PC2' }] }],
			[/without \* and \?/, { devices: [{ ...DEVICE, name: 'PC*' }] }],
			[
				/stand for none/,
				{ devices: [{ ...DEVICE, serialNumber: 'None' }], matchColumn: 'serialNumber' },
			],
			[/no namesake/, { devices: [DEVICE, { ...DEVICE, name: 'pc' }] }],
			[
				/no namesake/,
				{
					comparison: method === 'query' ? 'whatever could be equal' : 'exact',
					devices: [DEVICE, { ...DEVICE, name: 'ＰＣ' }],
				},
			],
			[
				/no namesake/,
				{
					hostNameOnly: true,
					items: [{ ...ITEM, name: 'PC.corp' }],
					devices: [DEVICE, { ...DEVICE, name: 'pc.CORP' }],
				},
			],
			[
				/one domain/,
				{
					hostNameOnly: true,
					items: ['pc', 'PC.a.', 'pC.b'].map((name) => ({ ...ITEM, name })),
				},
			],
			[/long enough ago/, { minDays: 2 }],
			[/long enough ago/, { minDays: 0, devices: [{ ...DEVICE, lastSeen: '1970-01-01' }] }],
			[/that is checked/, { checks: ['site'], items: [{ ...ITEM, site: 'Oslo' }] }],
			[
				/that is checked/,
				{ checks: ['site'], items: [{ ...ITEM, site: '' }], devices: [{ ...DEVICE, site: '' }] },
			],
			[
				/that is checked/,
				{
					checks: ['site'],
					items: [
						{ ...ITEM, site: 'Oslo' },
						{ ...ITEM, name: 'PC2' },
					],
				},
			],
		];

		it.each(WRONG)('would be broken by a wrong device: %s', (fact, wrong) => {
			const [, holds] = Object.entries(FACTS).find(([name]) => fact.test(name))!;
			const sent = { uid: uidOf(0), name: 'PC' };
			expect(holds({ scenario: SCENARIO, method }, sent)).toBe(true);
			expect(holds({ scenario: { ...SCENARIO, ...wrong }, method }, sent)).toBe(false);
		});

		it('would be broken by a name that is blank', () => {
			const [, holds] = Object.entries(FACTS).find(([name]) => /name that is not/.test(name))!;
			expect(holds({ scenario: SCENARIO, method }, { uid: uidOf(0), name: ' ' })).toBe(false);
		});

		it.each<[fact: RegExp, spoil: (played: PlayedLookUp) => Partial<PlayedLookUp>]>([
			[/error branch/, ({ branches }) => withErrors(branches, [{ uid: uidOf(0), name: 'PC' }])],
			[/exactly one outcome/, ({ branches }) => withErrors(branches, branches.errorOutput.success)],
			[/ever asked for/, () => ({ asked: [{ value: 'PC*', fate: 'answered' }] })],
			[/asked for again/, () => ({ asked: Array.from({ length: 2 }, () => ANSWERED) })],
			[
				/asked for again/,
				() => ({ asked: Array.from({ length: 12 }, (_, n) => ({ ...ANSWERED, value: `PC${n}` })) }),
			],
			[/start of an export/, () => ({ starts: 2 })],
			[/start of an export/, ({ scenario: { files } }) => ({ fetched: [...files, ...files] })],
			[/any answer shows/, () => ({ asked: [{ ...ANSWERED, fate: 'limited' }] })],
			[/what is certain/, ({ outcomes }) => ({ outcomes: outcomes.map(notFound) })],
			[
				/what is certain/,
				({ outcomes }) => ({ outcomes: outcomes.map((each) => ({ ...each, uid: uidOf(1) })) }),
			],
		])('would be broken by what breaks it: %s', async (fact, spoil) => {
			const [, holds] = Object.entries(FACTS_OF_LOOK_UPS).find(([name]) => fact.test(name))!;
			const right = await playLookUp(SCENARIO, method);
			expect(holds(right)).toBe(true);
			expect(holds({ ...right, ...spoil(right) })).toBe(false);
		});
	});

	it.each<[what: string, fault: Partial<LookUpScenario>]>([
		['the licence', { isCutByLicence: true }],
		...FILE_FAULTS.map((fault): [string, Partial<LookUpScenario>] => [
			fault,
			{ files: [{ ...SCENARIO.files[0]!, fault }] },
		]),
	])('would be broken by a device that is found in spite of this: %s', async (_, more) => {
		const [, holds] = Object.entries(FACTS_OF_LOOK_UPS).find(([name]) => /any fault/.test(name))!;
		const { outcomes } = await playLookUp(SCENARIO, 'export');
		const wrong = await playLookUp({ ...SCENARIO, ...more }, 'export');
		expect(holds(wrong)).toBe(true);
		expect(holds({ ...wrong, outcomes })).toBe(false);
	});

	it.each(METHODS)(
		'would be broken by a device that %s alone finds, for no reason',
		async (method) => {
			const [holds] = Object.values(FACTS_OF_BOTH);
			const right = await playBoth(SCENARIO);
			const other = right[method === 'query' ? 'export' : 'query'];
			expect(holds!(right)).toBe(true);
			for (const match of ['AMBIGUOUS', 'NOT_FOUND', 'RECENTLY_SEEN', 'UNKNOWN'] as const) {
				const outcomes = other.outcomes.map((each) => ({ ...notFound(each), match }));
				expect(holds!({ ...right, [other.method]: { ...other, outcomes } }), match).toBe(false);
			}
			const outcomes = other.outcomes.map((each) => ({ ...each, uid: uidOf(1) }));
			expect(holds!({ ...right, [other.method]: { ...other, outcomes } })).toBe(false);
		},
	);
});

const ANSWERED = { value: 'PC', fate: 'answered' } as const;

function notFound({ reason }: PlayedLookUp['outcomes'][number]): PlayedLookUp['outcomes'][number] {
	return { match: 'NOT_FOUND', rows: 0, reason };
}

function withErrors(
	branches: PlayedLookUp['branches'],
	items: IDataObject[],
): Partial<PlayedLookUp> {
	const error = items.map((device) => ({ error: { device }, message: '' }));
	return { branches: { ...branches, errorOutput: { ...branches.errorOutput, error } } };
}
