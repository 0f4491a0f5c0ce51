import { describe, expect, it } from 'vitest';

import {
	findingOf,
	missingColumn,
	type MatchRules,
	type Row,
} from '../../../nodes/Nexthink/lookUp/match.ts';

const RULES: MatchRules = { uidColumn: 'device.uid', nameColumn: 'device.name', checkColumns: [] };
const NOW = Date.parse('2026-03-01T12:00:00Z');
const DEVICE: Row = { 'device.uid': 'u-1', 'device.name': 'PC-1' };

function finding(
	rows: Array<Row | null>,
	{
		count = rows.length,
		checks = [],
		rules = {},
	}: { count?: number | null; checks?: unknown[]; rules?: Partial<MatchRules> } = {},
) {
	return findingOf('pc-1', checks, { count, rows }, { ...RULES, ...rules }, NOW);
}

describe('a result', () => {
	it('of one row with the wanted name is FOUND, with the name as Nexthink has it', () => {
		expect(finding([DEVICE])).toEqual({
			match: 'FOUND',
			rows: 1,
			uid: 'u-1',
			name: 'PC-1',
			device: DEVICE,
		});
		expect(finding([DEVICE], { count: null }).match).toBe('FOUND');
	});

	it.each<
		[what: string, rows: Array<Row | null>, count: number | null, match: string, rowCount: number]
	>([
		['no row', [], 0, 'NOT_FOUND', 0],
		['no row and no count', [], null, 'NOT_FOUND', 0],
		['two rows', [DEVICE, DEVICE], 2, 'AMBIGUOUS', 2],
		['two rows counted as one', [DEVICE, DEVICE], 1, 'AMBIGUOUS', 2],
		['one row counted as two', [DEVICE], 2, 'AMBIGUOUS', 2],
		['one row counted as none', [DEVICE], 0, 'UNKNOWN', 1],
		['no row counted as one', [], 1, 'UNKNOWN', 1],
		['a row that is none', [null], 1, 'UNKNOWN', 1],
		['another name', [{ ...DEVICE, 'device.name': 'PC-2' }], 1, 'VALUE_MISMATCH', 1],
		['a name that is no text', [{ ...DEVICE, 'device.name': 1 }], 1, 'VALUE_MISMATCH', 1],
		['no name', [{ 'device.uid': 'u-1' }], 1, 'VALUE_MISMATCH', 1],
		['no UID', [{ 'device.name': 'PC-1' }], 1, 'UNKNOWN', 1],
		['a UID that is no text', [{ ...DEVICE, 'device.uid': 5 }], 1, 'UNKNOWN', 1],
		['a blank UID', [{ ...DEVICE, 'device.uid': ' ' }], 1, 'UNKNOWN', 1],
		['an inherited column only', [Object.create(DEVICE) as Row], 1, 'VALUE_MISMATCH', 1],
	])('with %s names no device', (_, rows, count, match, rowCount) => {
		const found = finding(rows, { count });
		expect(found).toMatchObject({ match, rows: rowCount });
		expect(Object.keys(found)).not.toEqual(expect.arrayContaining(['uid']));
		expect(found).toHaveProperty('reason', expect.stringMatching(/\.$/));
	});

	it('shows at most five candidates, and none that cannot be read', () => {
		const found = finding([null, ...Array.from({ length: 7 }, () => DEVICE)]);
		expect(found).toMatchObject({ match: 'AMBIGUOUS', rows: 8 });
		expect(found.match === 'AMBIGUOUS' && found.candidates).toEqual(Array(5).fill(DEVICE));
		const one = finding([{ ...DEVICE, 'device.name': 'PC-2' }]);
		expect(one.match === 'VALUE_MISMATCH' && one.candidates).toHaveLength(1);
	});

	it.each<[ofItem: unknown, ofDevice: unknown, match: string]>([
		['S1', 'S1', 'FOUND'],
		['s1 ', ' S1', 'FOUND'],
		[12, 12, 'FOUND'],
		['S1', 'S2', 'CHECK_MISMATCH'],
		['12', 12, 'CHECK_MISMATCH'],
		[12, '12', 'CHECK_MISMATCH'],
		['', '', 'CHECK_MISMATCH'],
		[' ', ' ', 'CHECK_MISMATCH'],
		[null, null, 'CHECK_MISMATCH'],
		[undefined, undefined, 'CHECK_MISMATCH'],
		['S1', '', 'CHECK_MISMATCH'],
		['S1', null, 'CHECK_MISMATCH'],
		[true, true, 'CHECK_MISMATCH'],
		[Number.NaN, Number.NaN, 'CHECK_MISMATCH'],
		// Read from ...993 and ...992 alike.
		[2 ** 53, 2 ** 53, 'CHECK_MISMATCH'],
	])('whose item says %j and whose device says %j is %s', (check, serial, match) => {
		const rules = { checkColumns: ['serial'] };
		expect(finding([{ ...DEVICE, serial }], { checks: [check], rules }).match).toBe(match);
	});

	const WRONG_CHECKS: Array<[sideAtFault: string, ofItem: unknown[], ofDevice: unknown[]]> = [
		[
			'The item has no value to compare with the column serial.',
			[undefined, null, '', ' \n'],
			['S1', 7, '', null],
		],
		['The device has no value in the column serial.', ['S1', 7], [undefined, null, '', ' \n']],
		[
			'The device has another value in the column serial than the item.',
			['S1', '7', true, false, 0],
			['S2', 7, {}],
		],
	];

	it.each(WRONG_CHECKS)(
		'that fails its check says which side is at fault: %s',
		(side, ...values) => {
			const rules = { checkColumns: ['serial'] };
			const [ofItem, ofDevice] = values;
			for (const check of ofItem) {
				for (const serial of ofDevice) {
					const found = finding([{ ...DEVICE, serial }], { checks: [check], rules });
					expect(found).toMatchObject({
						match: 'CHECK_MISMATCH',
						reason: side,
						candidates: [{ serial }],
					});
				}
			}
		},
	);

	it.each<[model: unknown, serial: unknown, match: string, columnAtFault?: string]>([
		['M1', 'S1', 'FOUND'],
		['m1 ', 's1', 'FOUND'],
		['M2', 'S1', 'CHECK_MISMATCH', 'model'],
		['M1', 'S2', 'CHECK_MISMATCH', 'serial'],
		['S1', 'M1', 'CHECK_MISMATCH', 'model'],
		['M2', 'S2', 'CHECK_MISMATCH', 'model'],
		['', 'S1', 'CHECK_MISMATCH', 'model'],
		['M1', null, 'CHECK_MISMATCH', 'serial'],
	])(
		'with two checks is found by both alone: %j and %j are %s',
		(model, serial, match, columnAtFault) => {
			const rules = { checkColumns: ['model', 'serial'] };
			const device = { ...DEVICE, model: 'M1', serial: 'S1' };
			const found = finding([device], { checks: [model, serial], rules });
			expect(found.match).toBe(match);
			if (found.match !== 'FOUND') expect(found.reason).toContain(`the column ${columnAtFault}`);
		},
	);

	it('that lacks one of several values is no match, even where the item lacks it too', () => {
		const rules = { checkColumns: ['model', 'serial'] };
		const device = { ...DEVICE, model: 'M1', serial: null };
		expect(finding([device], { checks: ['M1', null], rules }).match).toBe('CHECK_MISMATCH');
		expect(finding([device], { checks: ['M1'], rules }).match).toBe('CHECK_MISMATCH');
		expect(finding([device], { checks: [], rules }).match).toBe('CHECK_MISMATCH');
	});

	it.each<[value: unknown, match: string, reason?: string]>([
		['2026-01-30T12:00:00Z', 'FOUND'],
		[
			'2026-01-30T12:00:01Z',
			'RECENTLY_SEEN',
			'last seen 29 days ago. Last Seen asks for at least 30.',
		],
		['2026-03-05T00:00:00Z', 'RECENTLY_SEEN', 'last seen 0 days ago'],
		[null, 'RECENTLY_SEEN', 'cannot be told'],
		['soon', 'RECENTLY_SEEN', 'cannot be told'],
	])('whose device was last seen %j is %s', (seen, match, reason = '') => {
		const rules = { lastSeen: { column: 'seen', minDays: 30 } };
		const found = finding([{ ...DEVICE, seen }], { rules });
		expect(found.match).toBe(match);
		if (found.match !== 'FOUND') expect(found.reason).toContain(reason);
	});
});

describe('a missing column', () => {
	const rules: MatchRules = {
		...RULES,
		checkColumns: ['model', 'serial'],
		lastSeen: { column: 'seen', minDays: 1 },
	};

	it.each<[rows: Array<Row | null>, missing: string | undefined]>([
		[[], undefined],
		[[null], undefined],
		[[{}], 'device.uid'],
		[[{ 'device.uid': null }], 'device.name'],
		[[DEVICE], 'model'],
		[[{ ...DEVICE, serial: '' }], 'model'],
		[[{ ...DEVICE, model: '' }], 'serial'],
		[[{ ...DEVICE, model: '', serial: '' }], 'seen'],
		[[{ ...DEVICE, model: '', serial: '', seen: '' }], undefined],
		[[DEVICE, { model: '', serial: '', seen: '' }], undefined],
	])('of %j is %s', (rows, missing) => {
		expect(missingColumn({ count: rows.length, rows }, rules)).toBe(missing);
	});

	it('is that of the time last seen where nothing else is checked', () => {
		const { lastSeen } = rules;
		expect(missingColumn({ count: 1, rows: [DEVICE] }, { ...RULES, lastSeen })).toBe('seen');
	});

	it('is none that nobody asked for', () => {
		expect(missingColumn({ count: 1, rows: [DEVICE] }, RULES)).toBeUndefined();
	});
});
