import { describe, expect, it } from 'vitest';

import {
	planDeletion,
	type Device,
	type DeviceEntry,
	type PlannedEntry,
	type UidValidation,
} from '../../../nodes/Nexthink/deletion/plan.ts';
import { cpuMillisecondsOf } from '../cpu-time.mts';

const UID = '4c9d2f0e-1b7a-4e55-9c3d-8a6f0b1e2d34';
const OTHER_UID = '0f8fad5b-d9cb-469f-a165-70867728950e';

const entries = (...devices: Array<Omit<DeviceEntry, 'itemIndex'>>): DeviceEntry[] =>
	devices.map((device, itemIndex) => ({ itemIndex, ...device }));

/** The plan, with nothing of its devices but what is sent of them. */
function plan(list: Array<Omit<DeviceEntry, 'itemIndex'>>, uidValidation?: UidValidation) {
	const planned = planDeletion(entries(...list), uidValidation ?? 'warn');
	return { ...planned, devices: planned.devices.map(({ uid, name }) => ({ uid, name })) };
}

describe('an entry', () => {
	it('with UID and name is sent, the UID trimmed and the name untouched', () => {
		expect(plan([{ uid: ` ${UID.toUpperCase()}\t`, name: '  Zürich 💻 ' }])).toEqual({
			entries: [{ itemIndex: 0, uid: UID.toUpperCase(), name: '  Zürich 💻 ', device: 0 }],
			devices: [{ uid: UID.toUpperCase(), name: '  Zürich 💻 ' }],
			malformedUids: 0,
		});
	});

	it.each<[what: string, entry: Omit<DeviceEntry, 'itemIndex'>, reason: RegExp]>([
		['without a UID', { name: 'PC' }, /no UID/],
		['without a name', { uid: UID }, /no name/],
		['without either', {}, /no UID/],
		['whose UID is null', { uid: null, name: 'PC' }, /UID is empty/],
		['whose name is null', { uid: UID, name: null }, /name is empty/],
		['whose UID is blank', { uid: ' \t\n\u00a0\ufeff', name: 'PC' }, /UID is empty/],
		['whose name is blank', { uid: UID, name: '  ' }, /name is empty/],
		['whose UID is an empty text', { uid: '', name: 'PC' }, /UID is empty/],
		['whose UID is a number', { uid: 1234, name: 'PC' }, /UID isn't text but a number/],
		['whose UID is zero', { uid: 0, name: 'PC' }, /UID isn't text but a number/],
		['whose name is a number', { uid: UID, name: 42 }, /name isn't text but a number/],
		['whose UID is true', { uid: true, name: 'PC' }, /UID isn't text but a boolean/],
		['whose UID is an object', { uid: { uid: UID }, name: 'PC' }, /UID isn't text but an object/],
		['whose name is a list', { uid: UID, name: ['PC'] }, /name isn't text but a list/],
		['whose UID is endless', { uid: 'a'.repeat(1025), name: 'PC' }, /UID has 1025 characters/],
		['whose name is endless', { uid: UID, name: 'a'.repeat(1_000_000) }, /has 1000000 characters/],
		['that could not be read', { unreadable: 'It is torn.' }, /^It is torn\.$/],
		['that could not be read in part', { uid: UID, name: 'PC', unreadable: 'Torn.' }, /^Torn\.$/],
	])('%s is refused with its reason, and nothing of it is sent', (_, entry, reason) => {
		const { entries: planned, devices } = plan([entry, { uid: OTHER_UID, name: 'PC' }]);
		expect(planned[0]!.refused).toMatch(reason);
		expect(planned[0]!.refused).toMatch(/^[A-Z].*\.$/);
		expect(planned[0]).not.toHaveProperty('device');
		expect(devices).toEqual([{ uid: OTHER_UID, name: 'PC' }]);
		expect(planned[1]).toEqual({ itemIndex: 1, uid: OTHER_UID, name: 'PC', device: 0 });
	});

	it('shows what is text of it even where it is refused, and nothing else', () => {
		expect(
			plan([
				{ uid: ' x ', name: 7 },
				{ uid: {}, name: ' y ' },
			]).entries,
		).toMatchObject([
			{ uid: 'x', name: null },
			{ uid: null, name: ' y ' },
		]);
	});

	it('of the longest length is sent', () => {
		const name = 'n'.repeat(1024);
		expect(plan([{ uid: UID, name }]).devices).toEqual([{ uid: UID, name }]);
	});

	it('keeps the position of its input item', () => {
		const planned = planDeletion(
			[
				{ itemIndex: 4, uid: UID, name: 'PC' },
				{ itemIndex: 4, uid: OTHER_UID, name: 'PC' },
				{ itemIndex: 7 },
			],
			'warn',
		);
		expect(planned.entries.map(({ itemIndex }) => itemIndex)).toEqual([4, 4, 7]);
	});
});

describe('entries with one UID', () => {
	it('are sent once, and the copies follow the first', () => {
		const { entries: planned, devices } = plan([
			{ uid: OTHER_UID, name: 'A' },
			{ uid: UID, name: 'PC' },
			{ uid: UID.toUpperCase(), name: 'pc' },
			{ uid: ` ${UID} `, name: 'Pc' },
		]);
		expect(devices).toEqual([
			{ uid: OTHER_UID, name: 'A' },
			{ uid: UID, name: 'PC' },
		]);
		expect(planned.map(({ device, duplicateOf }) => [device, duplicateOf])).toEqual([
			[0, undefined],
			[1, undefined],
			[1, 1],
			[1, 1],
		]);
	});

	it('are all refused under two names, wherever the second stands', () => {
		for (const names of [
			['PC', 'Other', 'PC'],
			['PC', 'PC', 'Other'],
		]) {
			const {
				entries: planned,
				devices,
				malformedUids,
			} = plan([...names.map((name) => ({ uid: UID, name })), { uid: OTHER_UID, name: 'PC' }]);
			expect(devices).toEqual([{ uid: OTHER_UID, name: 'PC' }]);
			expect(malformedUids).toBe(0);
			for (const entry of planned.slice(0, 3)) {
				expect(entry.refused).toContain('different names');
				expect(entry).not.toHaveProperty('device');
				expect(entry).not.toHaveProperty('duplicateOf');
			}
		}
	});

	it('are one device if their names differ by case or by spaces at the ends alone, and the first name is sent', () => {
		for (const names of [
			['PC', 'pc ', 'PC'],
			[' PC', 'PC\u00a0', '\ufeffpc'],
		]) {
			const { entries: planned, devices } = plan(names.map((name) => ({ uid: UID, name })));
			expect(devices).toMatchObject([{ uid: UID, name: names[0] }]);
			expect(planned.map(({ duplicateOf }) => duplicateOf)).toEqual([undefined, 0, 0]);
		}
	});

	it('name both names if they conflict', () => {
		const { entries: planned } = plan([
			{ uid: UID, name: ' PC1 ' },
			{ uid: UID.toUpperCase(), name: 'n'.repeat(100) },
		]);
		for (const { refused } of planned) {
			expect(refused).toBe(
				`The device list has this UID under different names, "PC1" and "${'n'.repeat(60)}…", so it isn't certain which device is meant.`,
			);
		}
	});

	it('name both names so that they can be told apart, and no control character of theirs', () => {
		const { entries: planned } = plan([
			{ uid: UID, name: 'PC1' },
			{ uid: UID, name: 'P\u200bC1\n\u202e' },
		]);
		for (const { refused } of planned) {
			expect(refused).toContain('"PC1" and "P[U+200B]C1[U+000A][U+202E]"');
		}
	});

	it('do not conflict with one that is refused for itself', () => {
		const { entries: planned, devices } = plan([
			{ uid: UID, name: '' },
			{ uid: UID, name: 'PC', unreadable: 'Torn.' },
			{ uid: UID, name: 'PC' },
			{ uid: UID, name: 7 },
			{ uid: UID, name: 'PC' },
		]);
		expect(devices).toEqual([{ uid: UID, name: 'PC' }]);
		expect(planned.map(({ device, duplicateOf }) => [device, duplicateOf])).toEqual([
			[undefined, undefined],
			[undefined, undefined],
			[0, undefined],
			[undefined, undefined],
			[0, 2],
		]);
	});

	it('may be called like inherited properties', () => {
		const { devices } = plan([
			{ uid: '__proto__', name: 'a' },
			{ uid: 'constructor', name: 'b' },
			{ uid: 'toString', name: 'c' },
		]);
		expect(devices.map(({ uid }) => uid)).toEqual(['__proto__', 'constructor', 'toString']);
	});
});

describe('a malformed UID', () => {
	const MALFORMED = [
		'not-a-uid',
		'001234',
		`{${UID}}`,
		UID.replaceAll('-', ''),
		UID.replace('4', 'g'),
		`${UID}0`,
		UID.slice(1),
		`${UID}\n${OTHER_UID}`,
	];

	/** Of all of them, and one that is well-formed. */
	const planOfMalformed = (uidValidation: UidValidation) =>
		plan(
			[...MALFORMED, UID].map((uid) => ({ uid, name: 'PC' })),
			uidValidation,
		);

	it.each<UidValidation>(['warn', 'permissive', 'strict'])(
		'is counted and left in the plan under %s',
		(uidValidation) => {
			const { entries: planned, devices, malformedUids } = planOfMalformed(uidValidation);
			expect(devices.map(({ uid }) => uid)).toEqual([...MALFORMED, UID]);
			expect(malformedUids).toBe(MALFORMED.length);
			expect(planned.map(({ isMalformed }) => isMalformed)).toEqual([
				...MALFORMED.map(() => true),
				undefined,
			]);
		},
	);

	it('is refused under skip, and the others are sent', () => {
		const { entries: planned, devices, malformedUids } = planOfMalformed('skip');
		expect(devices).toEqual([{ uid: UID, name: 'PC' }]);
		expect(malformedUids).toBe(MALFORMED.length);
		for (const entry of planned.slice(0, -1)) expect(entry.refused).toContain('malformed');
	});

	it('is counted once, however often it stands in the list', () => {
		for (const uidValidation of ['warn', 'skip'] as const) {
			const { malformedUids } = plan(
				['x-1', 'X-1', ' x-1 '].map((uid) => ({ uid, name: 'PC' })),
				uidValidation,
			);
			expect(malformedUids).toBe(1);
		}
	});

	it('is counted where its entry is refused for something else', () => {
		const { malformedUids } = plan(
			[
				{ uid: 'x-1', name: 'PC1' },
				{ uid: 'x-1', name: 'PC2' },
				{ uid: 'x-2', name: '' },
				{ uid: ' ', name: 'PC3' },
				{ uid: UID, name: 'PC4' },
				{ uid: 7, name: 'PC5' },
				{ name: 'PC6' },
			],
			'strict',
		);
		expect(malformedUids).toBe(2);
	});

	it('under skip, a copy is refused too and names its first', () => {
		const { entries: planned, devices } = plan(
			['x-1', 'X-1'].map((uid) => ({ uid, name: 'PC' })),
			'skip',
		);
		expect(devices).toEqual([]);
		expect(planned[1]).toMatchObject({ duplicateOf: 0 });
		expect(planned[1]!.refused).toContain('malformed');
	});
});

describe('a plan', () => {
	it('of nothing is empty', () => {
		expect(plan([])).toEqual({ entries: [], devices: [], malformedUids: 0 });
	});

	it('of all small lists gives each entry one verdict and sends each UID at most once', () => {
		const choices: Array<Omit<DeviceEntry, 'itemIndex'>> = [
			{ uid: UID, name: 'PC' },
			{ uid: UID.toUpperCase(), name: 'pc' },
			{ uid: UID, name: 'Other' },
			{ uid: 'malformed', name: 'PC' },
			{ uid: OTHER_UID, name: '' },
			{ uid: OTHER_UID, name: 'PC' },
		];
		const badlyPlanned = listsOf(choices, 4).filter((list) =>
			(['warn', 'skip'] as const).some((uidValidation) => {
				const { entries: planned, devices } = plan(list, uidValidation);
				return planned.length !== list.length || !isConsistent(planned, devices);
			}),
		);
		expect(badlyPlanned).toEqual([]);
	});

	it('of 100,000 devices is made in a moment', async () => {
		const list = Array.from({ length: 100_000 }, (_, index) => ({
			uid: `4c9d2f0e-1b7a-4e55-9c3d-${String(index % 60_000).padStart(12, '0')}`,
			name: `PC-${index % 60_000}`,
		}));
		const took = await cpuMillisecondsOf(() => {
			expect(plan(list).devices).toHaveLength(60_000);
		});
		expect(took).toBeLessThan(2000);
	});
});

function isConsistent(planned: PlannedEntry[], devices: Device[]): boolean {
	const uids = devices.map(({ uid }) => uid.toLowerCase());
	return (
		new Set(uids).size === uids.length &&
		planned.every(
			({ uid, refused, device, duplicateOf }, index) =>
				(refused === undefined) === (device !== undefined) &&
				(device === undefined || uids[device] === uid!.toLowerCase()) &&
				(duplicateOf === undefined ||
					(duplicateOf < index && planned[duplicateOf]!.duplicateOf === undefined)),
		)
	);
}

function listsOf<Item>(choices: Item[], length: number): Item[][] {
	if (length === 0) return [[]];
	return listsOf(choices, length - 1).flatMap((list) => choices.map((item) => [...list, item]));
}
