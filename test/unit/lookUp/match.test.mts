import { describe, expect, it } from 'vitest';

import {
	abridged,
	findingOf,
	missingColumn,
	neededColumns,
	together,
	type Finding,
	type MatchRules,
	type Row,
} from '../../../nodes/Nexthink/lookUp/match.ts';
import type { QueryResult } from '../../../nodes/Nexthink/api/queryAnswer.ts';
import type { PlannedLookUp } from '../../../nodes/Nexthink/lookUp/questions.ts';

const RULES: MatchRules = {
	...{ matchColumn: 'device.name', uidColumn: 'device.uid', nameColumn: 'device.name' },
	...{ checkColumns: [], hostNameOnly: false, mayBeLocal: false },
};
const STARTED_AT = Date.parse('2026-03-01T12:00:00Z');
const UID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const COLLECTOR_UID = UID.replace('0', '1');
const DEVICE: Row = { 'device.uid': UID, 'device.name': 'PC-1' };

interface Asked {
	/** Default: as many as there are rows. */
	count?: number | null;
	lookup?: string;
	wanted?: string;
	checks?: unknown[];
	rules?: Partial<MatchRules>;
}

function finding(
	rows: Array<Row | null>,
	{ count = rows.length, lookup = 'pc-1', wanted = lookup, checks = [], rules = {} }: Asked = {},
): Finding {
	const asked: PlannedLookUp = { itemIndex: 0, lookup, wanted, checks, questions: [0] };
	return findingOf(asked, { count, rows, startedAt: STARTED_AT }, { ...RULES, ...rules });
}

function candidatesOf(found: Finding): string[] | undefined {
	return found.match === 'FOUND' ? undefined : found.candidates;
}

describe('a result', () => {
	it('of one row with the wanted name is FOUND, with the name as Nexthink has it', () => {
		expect(finding([DEVICE])).toEqual({
			match: 'FOUND',
			rows: 1,
			reason: 'Exactly one device has this value in device.name.',
			uid: UID,
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
		['no row counted as two', [], 2, 'AMBIGUOUS', 2],
		['one row counted as none', [DEVICE], 0, 'UNKNOWN', 1],
		['no row counted as one', [], 1, 'UNKNOWN', 1],
		['a row that is none', [null], 1, 'UNKNOWN', 1],
		['another name', [{ ...DEVICE, 'device.name': 'PC-2' }], 1, 'VALUE_MISMATCH', 1],
		[
			'a name with a space behind it',
			[{ ...DEVICE, 'device.name': 'PC-1 ' }],
			1,
			'VALUE_MISMATCH',
			1,
		],
		['a name that is an object', [{ ...DEVICE, 'device.name': {} }], 1, 'VALUE_MISMATCH', 1],
		['no name', [{ 'device.uid': UID }], 1, 'VALUE_MISMATCH', 1],
		['no UID', [{ 'device.name': 'PC-1' }], 1, 'UNKNOWN', 1],
		['a UID that is no text', [{ ...DEVICE, 'device.uid': 5 }], 1, 'UNKNOWN', 1],
		['an empty UID', [{ ...DEVICE, 'device.uid': '' }], 1, 'UNKNOWN', 1],
		['a UID of spaces', [{ ...DEVICE, 'device.uid': ' ' }], 1, 'UNKNOWN', 1],
		['a UID that stands for none', [{ ...DEVICE, 'device.uid': 'null' }], 1, 'UNKNOWN', 1],
		['a dash for a UID', [{ ...DEVICE, 'device.uid': '-' }], 1, 'UNKNOWN', 1],
		['a UID that says that it is none', [{ ...DEVICE, 'device.uid': ' N/A ' }], 1, 'UNKNOWN', 1],
		['an inherited column only', [Object.create(DEVICE) as Row], 1, 'VALUE_MISMATCH', 1],
	])('with %s names no device', (_, rows, count, match, rowCount) => {
		const found = finding(rows, { count });
		expect(found).toMatchObject({ match, rows: rowCount });
		for (const key of ['uid', 'name', 'device']) expect(found).not.toHaveProperty(key);
		expect(found.reason).toMatch(/^[A-Z].*\.$/);
	});

	it.each<[what: string, rows: Row[], asked: Asked, reason: string]>([
		[
			'namesakes',
			[DEVICE, DEVICE, DEVICE],
			{},
			'Nexthink has 3 devices with "pc-1" in device.name. The lookup lists them in the field "candidates". Compare them in Nexthink to find out which one is meant.',
		],
		[
			'no device',
			[],
			{},
			'Nexthink has no device with "pc-1" in device.name. Check the spelling, or whether the device is already gone.',
		],
		[
			'no device with a domain',
			[],
			{ lookup: 'pc-1.corp.example' },
			'Nexthink has no device with "pc-1.corp.example" in device.name. If Nexthink has it without its domain, turn on Host Name Only.',
		],
		[
			'no device, whose domain was cut already',
			[],
			{ lookup: 'pc-1.corp.example', wanted: 'pc-1', rules: { hostNameOnly: true } },
			'Nexthink has no device with "pc-1" in device.name. Check the spelling, or whether the device is already gone.',
		],
		[
			'no serial number with a dot in it',
			[],
			{ lookup: 'S.1', rules: { matchColumn: 'serial' } },
			'Nexthink has no device with "S.1" in serial. Check the spelling, or whether the device is already gone.',
		],
		[
			'another name',
			[{ ...DEVICE, 'device.name': 'PC-2' }],
			{},
			'The device that Nexthink found has "PC-2" in device.name, not "pc-1". Correct the list if this is the device.',
		],
		[
			'two devices',
			[DEVICE, DEVICE],
			{ rules: { hostNameOnly: true } },
			'Nexthink has 2 devices with the host name "pc-1" in device.name. The lookup lists them in the field "candidates". Compare them in Nexthink to find out which one is meant.',
		],
		[
			'two devices, whose domain was cut',
			[DEVICE, DEVICE],
			{ lookup: 'pc-1.corp', wanted: 'pc-1', rules: { hostNameOnly: true } },
			'Nexthink has 2 devices with the host name "pc-1" in device.name. The lookup lists them in the field "candidates". Compare them in Nexthink to find out which one is meant. To look up "pc-1.corp" itself, turn off Host Name Only.',
		],
		[
			'a name with a domain',
			[{ ...DEVICE, 'device.name': 'PC-1.corp' }],
			{ lookup: 'pc-1.corp', wanted: 'pc-1', rules: { hostNameOnly: true } },
			'The device that Nexthink found has "PC-1.corp" in device.name, not "pc-1". If this is the device, turn off Host Name Only.',
		],
		[
			'a name with another domain',
			[{ ...DEVICE, 'device.name': 'PC-1.home' }],
			{ lookup: 'pc-1.corp', wanted: 'pc-1', rules: { hostNameOnly: true } },
			'The device that Nexthink found has "PC-1.home" in device.name, not "pc-1". Correct the list if this is the device.',
		],
		[
			'a space behind the name',
			[{ ...DEVICE, 'device.name': 'PC-1 ' }],
			{},
			'The device that Nexthink found has "PC-1[U+0020]" in device.name, not "pc-1". They differ only in spaces. Correct the list if this is the device.',
		],
		[
			'a space behind the name in the list',
			[DEVICE],
			{ lookup: 'PC-1\u00a0' },
			'The device that Nexthink found has "PC-1" in device.name, not "PC-1[U+00A0]". They differ only in spaces. Correct the list if this is the device.',
		],
		[
			'a number that is not compared',
			[{ ...DEVICE, serial: 1.5 }],
			{ lookup: '1.5', rules: { matchColumn: 'serial' } },
			'The device that Nexthink found has "1.5" in serial, not "1.5". The node compares whole numbers of up to 15 digits only. Correct the list if this is the device.',
		],
		[
			'a list of UIDs',
			[{ ...DEVICE, serial: [UID] }],
			{ lookup: 'S1', rules: { matchColumn: 'serial' } },
			'The device that Nexthink found has a list in serial, not "S1". Correct the list if this is the device.',
		],
		[
			'a UID in place of the one looked up',
			[{ ...DEVICE, 'device.collector.uid': COLLECTOR_UID }],
			{ lookup: COLLECTOR_UID, rules: { matchColumn: 'device.uid' } },
			`The device that Nexthink found has another UID in device.uid, not "${COLLECTOR_UID}". Correct the list if this is the device.`,
		],
	])('with %s says what there is and what to do', (_, rows, asked, reason) => {
		expect(finding(rows, asked).reason).toBe(reason);
	});

	it('of a device found by its serial number has the name from the column of names', () => {
		const device = { ...DEVICE, serial: 'S1' };
		const found = finding([device], { lookup: 's1', rules: { matchColumn: 'serial' } });
		expect(found).toMatchObject({ match: 'FOUND', uid: UID, name: 'PC-1', device });
	});

	it.each([
		['device.name', ''],
		['device.name', ' '],
		['device.name', '\u00ad'],
		['device.name', null],
		['device.name', {}],
	])(
		'of a device found by its serial number and without a name names none (%s: %j)',
		(column, name) => {
			const device = { ...DEVICE, serial: 'S1', [column]: name };
			const found = finding([device], { lookup: 's1', rules: { matchColumn: 'serial' } });
			expect(found).toMatchObject({
				match: 'UNKNOWN',
				reason: 'The device that Nexthink found has no name in the result.',
			});
		},
	);

	it('of a device found by its UID is judged by the UID in any case', () => {
		const rules = { matchColumn: 'device.uid' };
		expect(finding([DEVICE], { lookup: UID.toUpperCase(), rules })).toMatchObject({
			match: 'FOUND',
			uid: UID,
			name: 'PC-1',
		});
		const other = { ...DEVICE, 'device.uid': UID.replace(/e$/, 'f') };
		expect(finding([other], { lookup: UID, rules }).match).toBe('VALUE_MISMATCH');
	});

	it.each<[lookup: string, value: unknown, match: string]>([
		['1234', 1234, 'FOUND'],
		['0', 0, 'FOUND'],
		['-7', -7, 'FOUND'],
		['true', true, 'FOUND'],
		['001234', 1234, 'VALUE_MISMATCH'],
		['1234.0', 1234, 'VALUE_MISMATCH'],
		['1.5', 1.5, 'VALUE_MISMATCH'],
		// The text of the largest safe integer, and what is read from several texts.
		['9007199254740991', 9007199254740991, 'FOUND'],
		['9007199254740992', 2 ** 53, 'VALUE_MISMATCH'],
		['1e21', 1e21, 'VALUE_MISMATCH'],
		['NaN', Number.NaN, 'VALUE_MISMATCH'],
	])('for %j and the value %j is %s, as for the text of a file', (lookup, value, match) => {
		const rules = { matchColumn: 'serial' };
		expect(finding([{ ...DEVICE, serial: value }], { lookup, rules }).match).toBe(match);
		if (match !== 'FOUND') return;
		const ofFile = finding([{ ...DEVICE, serial: String(value) }], { lookup, rules });
		expect(ofFile.match).toBe(match);
	});

	it('with a name that is a number has its text', () => {
		const found = finding([{ ...DEVICE, 'device.name': 1234 }], { lookup: '1234' });
		expect(found).toMatchObject({ match: 'FOUND', name: '1234' });
	});
});

describe('the candidates', () => {
	const rules: Partial<MatchRules> = {
		...{ matchColumn: 'serial', checkColumns: ['site', 'device.name'] },
		lastSeen: { column: 'seen', minDays: 30 },
	};
	const device: Row = {
		...{ ...DEVICE, 'device.collector.uid': COLLECTOR_UID },
		...{ serial: 'S1', site: 'Lyon', seen: '2026-01-01T00:00:00Z', other: 'not shown' },
	};

	it('are lines of text with the columns that decide, each once', () => {
		expect(
			candidatesOf(finding([device, { ...device, site: null }], { lookup: 'S1', rules })),
		).toEqual([
			'device.name: PC-1, serial: S1, site: Lyon, seen: 2026-01-01T00:00:00Z',
			'device.name: PC-1, serial: S1, site: nothing, seen: 2026-01-01T00:00:00Z',
		]);
	});

	it.each<[what: string, rows: Array<Row | null>, said: string]>([
		['all of them', [DEVICE, DEVICE], 'The lookup lists them in the field "candidates". Compare'],
		['one of two', [DEVICE, null], 'The lookup lists 1 of them in the field "candidates". Compare'],
		['none', [null, null], 'in device.name. Compare'],
	])('are named in the reason as %s', (_, rows, said) => {
		expect(finding(rows).reason).toContain(said);
	});

	it('are at most five, and none that cannot be read', () => {
		const found = finding([null, ...Array.from({ length: 7 }, () => DEVICE)]);
		expect(found).toMatchObject({ match: 'AMBIGUOUS', rows: 8 });
		expect(candidatesOf(found)).toEqual(Array(5).fill('device.name: PC-1'));
	});

	it.each<[what: string, match: string, changes: Row, asked: Asked]>([
		['another value', 'VALUE_MISMATCH', {}, { lookup: 'S2' }],
		['another check value', 'CHECK_MISMATCH', {}, { checks: ['Oslo', 'PC-1'] }],
		[
			'a device seen too recently',
			'RECENTLY_SEEN',
			{ seen: '2026-02-28' },
			{ checks: ['Lyon', 'PC-1'] },
		],
		['a device without a UID', 'UNKNOWN', { 'device.uid': '' }, {}],
	])('of %s are the one', (_, match, changes, asked) => {
		const found = finding([{ ...device, ...changes }], { lookup: 'S1', rules, ...asked });
		expect(found.match).toBe(match);
		expect(candidatesOf(found)).toHaveLength(1);
		expect(candidatesOf(found)![0]).toMatch(/^device\.name: PC-1, serial: S1, site: Lyon, seen: /);
	});

	it.each<[what: string, rules: Partial<MatchRules>, lookup: string]>([
		['looked up', { matchColumn: 'device.uid' }, UID],
		['checked', { checkColumns: ['device.uid', 'device.collector.uid'] }, 'PC-1'],
		['taken for the name', { nameColumn: 'device.collector.uid' }, 'PC-1'],
		['taken for the time', { lastSeen: { column: 'device.uid', minDays: 1 } }, 'PC-1'],
	])('hold no UID, even where UIDs are %s', (_, uidRules, lookup) => {
		const spaced = { ...device, 'device.collector.uid': ` ${UID.toUpperCase()} ` };
		const within = { ...device, 'device.collector.uid': `{${UID}}` };
		const lines = candidatesOf(finding([device, spaced, within], { lookup, rules: uidRules }));
		expect(lines).toHaveLength(3);
		expect(lines!.join('\n')).not.toMatch(/[\da-f]{8}-[\da-f]{4}-/i);
	});

	it('hold no UID of another form either', () => {
		const odd = { ...device, 'device.uid': '0042' };
		const uidRules = { matchColumn: 'device.uid' };
		expect(candidatesOf(finding([odd, odd], { lookup: '0042', rules: uidRules }))).toEqual(
			Array(2).fill('device.name: PC-1'),
		);
	});

	it('are absent of what has none', () => {
		expect(finding([])).not.toHaveProperty('candidates');
		expect(finding([DEVICE])).not.toHaveProperty('candidates');
	});
});

describe('a reason', () => {
	const others = [UID, ` ${UID.toUpperCase()}\n`, `{${UID}}`, `\u200b${UID}`, `was ${UID} once`];
	const rules: Partial<MatchRules> = {
		checkColumns: ['other'],
		lastSeen: { column: 'seen', minDays: 30 },
	};
	const row = { ...DEVICE, other: 'S1', seen: '2020-01-01' };
	const asked = { checks: ['S1'], rules };

	it.each<[match: string, found: (uid: string) => Finding]>([
		['VALUE_MISMATCH', (uid) => finding([{ ...row, 'device.name': uid }], asked)],
		['CHECK_MISMATCH', (uid) => finding([{ ...row, other: uid }], asked)],
		['CHECK_MISMATCH', (uid) => finding([{ ...row, other: uid }], { ...asked, checks: [''] })],
		['RECENTLY_SEEN', (uid) => finding([{ ...row, seen: uid }], asked)],
	])('of a device that is %s has no UID of it', (match, found) => {
		for (const uid of others) {
			const { reason, ...more } = found(uid);
			expect(more.match).toBe(match);
			expect(reason).toContain('another UID in ');
			expect(reason + JSON.stringify(more)).not.toMatch(new RegExp(UID, 'i'));
		}
	});

	it('has the UID of the list, if that is what it was checked against', () => {
		const { reason } = finding([{ ...row, other: UID }], { checks: [COLLECTOR_UID], rules });
		expect(reason).toBe(
			`The device has another UID in other, and the item has "${COLLECTOR_UID}". Check which one is right.`,
		);
	});
});

describe('answers to a host name, to the same with any domain, and to the name of the list', () => {
	const none: QueryResult = { count: 0, rows: [] };
	const one: QueryResult = { count: 1, rows: [{ ...DEVICE, 'device.name': 'PC-1' }] };
	const whole: QueryResult = { count: 1, rows: [{ ...DEVICE, 'device.name': 'PC-1.corp' }] };
	const other: QueryResult = { count: 1, rows: [{ ...DEVICE, 'device.name': 'PC-1.other' }] };
	const uncounted: QueryResult = { ...one, count: null };
	const emptyUncounted: QueryResult = { count: null, rows: [] };
	const many: QueryResult = { count: 7, rows: Array<Row>(5).fill(DEVICE) };
	const contradictory: QueryResult = { ...one, count: 0 };
	const missing: QueryResult = { count: 1, rows: [] };

	it.each<[what: string, ofHost: QueryResult, ofWhole: QueryResult, match: string, rows: number]>([
		['the host name alone', one, none, 'FOUND', 1],
		['the host name alone, uncounted', uncounted, emptyUncounted, 'FOUND', 1],
		['neither', none, none, 'NOT_FOUND', 0],
		['both', one, whole, 'AMBIGUOUS', 2],
		['both, uncounted', uncounted, uncounted, 'AMBIGUOUS', 2],
		['the name with its domain alone', none, whole, 'VALUE_MISMATCH', 1],
		['more than are held', many, whole, 'AMBIGUOUS', 8],
		['one that is not counted', contradictory, none, 'UNKNOWN', 1],
		['one that is not counted, uncounted else', contradictory, emptyUncounted, 'UNKNOWN', 1],
		['one that is not there', missing, none, 'UNKNOWN', 1],
		['one that is not counted and one that is not there', contradictory, missing, 'AMBIGUOUS', 2],
		['one, and one more that is not there', one, missing, 'AMBIGUOUS', 2],
		['one, and one more that is not counted', one, contradictory, 'AMBIGUOUS', 2],
		['the host name, with another domain', one, other, 'AMBIGUOUS', 2],
		['another domain alone', none, other, 'VALUE_MISMATCH', 1],
	])('that have %s are judged as one', (_, ofHost, ofWhole, match, rows) => {
		for (const [first, second] of [
			[ofHost, ofWhole],
			[ofWhole, ofHost],
		]) {
			const gathered = together(
				{ ...first!, startedAt: STARTED_AT },
				{ ...second!, startedAt: STARTED_AT + 1000 },
			);
			expect(gathered.startedAt).toBe(STARTED_AT);
			expect(gathered.rows.length).toBeLessThanOrEqual(5);
			const asked = { itemIndex: 0, lookup: 'PC-1.corp', wanted: 'PC-1', checks: [] };
			const found = findingOf(asked, gathered, { ...RULES, hostNameOnly: true });
			expect(found).toMatchObject({ match, rows });
		}
	});

	it.each<
		[what: string, ofAnyDomain: QueryResult, ofNames: QueryResult[], match: string, rows: number]
	>([
		['only by a name of the list', none, [none, whole], 'AMBIGUOUS', 2],
		['by no name of the list', none, [none, none], 'FOUND', 1],
		['both by a name of the list and with any domain: once', whole, [whole], 'AMBIGUOUS', 2],
		['with any domain, where no name of the list is', other, [none], 'AMBIGUOUS', 2],
	])('have a namesake %s', (_, ofAnyDomain, ofNames, match, rows) => {
		const [first, ...rest] = [one, ofAnyDomain, ...ofNames].map((answer, position) => ({
			...answer,
			startedAt: STARTED_AT - position,
		}));
		const gathered = together(first!, rest[0]!, ...rest.slice(1));
		expect(gathered.startedAt).toBe(STARTED_AT - rest.length);
		const asked = { itemIndex: 0, lookup: 'PC-1', wanted: 'PC-1', checks: [] };
		const found = findingOf(asked, gathered, { ...RULES, hostNameOnly: true });
		expect(found).toMatchObject({ match, rows });
	});
});

describe('a check', () => {
	const rules = { checkColumns: ['serial'] };

	it('takes "AAAA" for a placeholder, unless it is the name of the device', () => {
		const device = { ...DEVICE, 'device.name': 'AAAA', serial: 'AAAA' };
		const matchOf = (column: string) =>
			finding([device], {
				...{ lookup: 'AAAA', checks: ['AAAA'], rules: { checkColumns: [column] } },
			}).match;
		expect([matchOf('device.name'), matchOf('serial')]).toEqual(['FOUND', 'CHECK_MISMATCH']);
	});

	it.each<[ofItem: unknown, ofDevice: unknown, match: string]>([
		['S1', 'S1', 'FOUND'],
		['s1 ', ' S1', 'FOUND'],
		[12, 12, 'FOUND'],
		['12', 12, 'FOUND'],
		[12, '12', 'FOUND'],
		[true, 'TRUE', 'FOUND'],
		[true, true, 'FOUND'],
		['S1', 'S2', 'CHECK_MISMATCH'],
		['0012', 12, 'CHECK_MISMATCH'],
		['S 1', 'S1', 'CHECK_MISMATCH'],
		['', '', 'CHECK_MISMATCH'],
		[' ', ' ', 'CHECK_MISMATCH'],
		[null, null, 'CHECK_MISMATCH'],
		[undefined, undefined, 'CHECK_MISMATCH'],
		['S1', '', 'CHECK_MISMATCH'],
		['S1', null, 'CHECK_MISMATCH'],
		[{}, {}, 'CHECK_MISMATCH'],
		[['S1'], 'S1', 'CHECK_MISMATCH'],
		['straße', 'STRASSE', 'CHECK_MISMATCH'],
		[Number.NaN, Number.NaN, 'CHECK_MISMATCH'],
		[1.5, '1.5', 'CHECK_MISMATCH'],
		// Read from ...993 and ...992 alike.
		[2 ** 53, 2 ** 53, 'CHECK_MISMATCH'],
		[2 ** 53, '9007199254740992', 'CHECK_MISMATCH'],
		// What many devices share tells none of them from another.
		['Default string', 'Default string', 'CHECK_MISMATCH'],
		['TO BE FILLED BY O.E.M.', 'To be filled by O.E.M. ', 'CHECK_MISMATCH'],
		['0000000', '0000000', 'CHECK_MISMATCH'],
		[0, 0, 'CHECK_MISMATCH'],
	])('of an item with %j and a device with %j is %s', (check, serial, match) => {
		expect(finding([{ ...DEVICE, serial }], { checks: [check], rules }).match).toBe(match);
	});

	it.each<[ofItem: unknown, ofDevice: unknown, reason: string]>([
		[undefined, 'S1', 'The item has no value to compare with "S1" in serial. Fill in its field.'],
		[' ', '', 'The item has no value to compare with nothing in serial. Fill in its field.'],
		[
			'S1',
			null,
			'The device has no value in serial to compare with "S1" of the item. Check the device by hand.',
		],
		['S1', 'S2', 'The device has "S2" in serial, and the item has "S1". Check which one is right.'],
		[
			'AB 1',
			'ab1',
			'The device has "ab1" in serial, and the item has "AB 1". They differ only in spaces. Check which one is right.',
		],
		[
			['S1'],
			'S1',
			'The device has "S1" in serial, and the item has a list. Check which one is right.',
		],
		[
			'1.5',
			1.5,
			'The device has "1.5" in serial, and the item has "1.5". The node compares whole numbers of up to 15 digits only. Check which one is right.',
		],
		[
			2 ** 53,
			'9007199254740992',
			'The device has "9007199254740992" in serial, and the item has "9007199254740992". The node compares whole numbers of up to 15 digits only. Check which one is right.',
		],
		['12', 13, 'The device has "13" in serial, and the item has "12". Check which one is right.'],
		[
			'Default string',
			'Default string',
			'"Default string" in serial is a placeholder that many devices share. Check the device by hand.',
		],
	])('that fails says what both have: %j and %j', (check, serial, reason) => {
		const found = finding([{ ...DEVICE, serial }], { checks: [check], rules });
		expect(found).toMatchObject({ match: 'CHECK_MISMATCH', reason });
	});

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
		'together with another one is passed by both alone: %j and %j are %s',
		(model, serial, match, columnAtFault) => {
			const device = { ...DEVICE, model: 'M1', serial: 'S1' };
			const found = finding([device], {
				checks: [model, serial],
				rules: { checkColumns: ['model', 'serial'] },
			});
			expect(found.match).toBe(match);
			expect(found.reason).toContain(
				columnAtFault === undefined
					? 'Exactly one device has this value in device.name, and every check passed.'
					: ` in ${columnAtFault}`,
			);
		},
	);

	it('without its value is none that passed, even where the device lacks it too', () => {
		const both = { checkColumns: ['model', 'serial'] };
		const device = { ...DEVICE, model: 'M1', serial: null };
		for (const checks of [['M1', null], ['M1'], []]) {
			expect(finding([device], { checks, rules: both }).match).toBe('CHECK_MISMATCH');
		}
	});

	it('does not choose between two devices', () => {
		const twins = [
			{ ...DEVICE, serial: 'S1' },
			{ ...DEVICE, serial: 'S2' },
		];
		expect(finding(twins, { checks: ['S1'], rules }).match).toBe('AMBIGUOUS');
	});
});

describe('the time last seen', () => {
	const rules = { lastSeen: { column: 'seen', minDays: 30 } };
	const seen = (value: unknown, more: Partial<MatchRules> = {}) =>
		finding([{ ...DEVICE, seen: value }], { rules: { ...rules, ...more } });

	it.each<[value: unknown, match: string, reason: string]>([
		['2026-01-30T12:00:00Z', 'FOUND', ', and every check passed.'],
		[
			'2026-01-30T12:00:01Z',
			'RECENTLY_SEEN',
			'The device was last seen 29 days ago ("2026-01-30T12:00:01Z" in seen). Last Seen requires at least 30.',
		],
		['2026-02-28T11:00:00Z', 'RECENTLY_SEEN', 'The device was last seen 1 day ago ('],
		['2026-03-01T11:59:00Z', 'RECENTLY_SEEN', 'The device was last seen 0 days ago ('],
		[
			'2026-03-05T00:00:00Z',
			'RECENTLY_SEEN',
			'The device might have been seen since this lookup began ("2026-03-05T00:00:00Z" in seen). Check the device by hand.',
		],
		['2026-03-01', 'RECENTLY_SEEN', 'The device might have been seen since this lookup began ('],
		[
			null,
			'RECENTLY_SEEN',
			`The device has nothing in seen, so the node can't tell when it was last seen. Check the device by hand.`,
		],
		['soon', 'RECENTLY_SEEN', 'The device has "soon" in seen, so'],
		['1970-01-01T00:00:00Z', 'RECENTLY_SEEN', 'The device has "1970-01-01T00:00:00Z" in seen, so'],
		['2025-06-31', 'RECENTLY_SEEN', 'The device has "2025-06-31" in seen, so'],
		['1999-12-31', 'RECENTLY_SEEN', 'The device has "1999-12-31" in seen, so'],
		[1_700_000_000_000, 'RECENTLY_SEEN', 'The device has "1700000000000" in seen, so'],
	])('%j makes the device %s', (value, match, reason) => {
		expect(seen(value)).toMatchObject({ match, reason: expect.stringContaining(reason) as string });
	});

	it('is counted from the start of the query or export, and not from now', () => {
		const asked = { itemIndex: 0, lookup: 'PC-1', wanted: 'PC-1', checks: [] };
		const rows = [{ ...DEVICE, seen: '2020-01-31T00:00:00Z' }];
		const matchAt = (startedAt: string) =>
			findingOf(asked, { count: 1, rows, startedAt: Date.parse(startedAt) }, { ...RULES, ...rules })
				.match;
		expect(matchAt('2020-03-01T00:00:00Z')).toBe('FOUND');
		expect(matchAt('2020-02-29T23:59:59Z')).toBe('RECENTLY_SEEN');
	});

	it.each([
		['2026-01-30T00:00:00', 'FOUND', 'FOUND'],
		['2026-01-30T00:00:01', 'FOUND', 'RECENTLY_SEEN'],
		['2026-01-30T12:00:00', 'FOUND', 'RECENTLY_SEEN'],
		['2026-01-30T12:00:01', 'RECENTLY_SEEN', 'RECENTLY_SEEN'],
		['2026-01-30T12:00:00Z', 'FOUND', 'FOUND'],
	])(
		'%s is UTC in an answer (%s), and of any time zone in a file (%s)',
		(value, inAnswer, inFile) => {
			expect(seen(value).match).toBe(inAnswer);
			expect(seen(value, { mayBeLocal: true }).match).toBe(inFile);
		},
	);

	it('matters only if the checks pass', () => {
		const device = { ...DEVICE, serial: 'S1', seen: 'soon' };
		const found = finding([device], {
			checks: ['S2'],
			rules: { ...rules, checkColumns: ['serial'] },
		});
		expect(found.match).toBe('CHECK_MISMATCH');
	});
});

describe('the columns that are needed', () => {
	const rules: MatchRules = {
		...RULES,
		checkColumns: ['model', 'serial'],
		lastSeen: { column: 'seen', minDays: 1 },
	};

	it('are those of the rules, each once', () => {
		expect(neededColumns(rules)).toEqual(['device.name', 'device.uid', 'model', 'serial', 'seen']);
		const byUid = { ...rules, matchColumn: 'device.uid', checkColumns: ['device.name'] };
		expect(neededColumns(byUid)).toEqual(['device.uid', 'device.name', 'seen']);
		expect(neededColumns(RULES)).toEqual(['device.name', 'device.uid']);
	});

	it.each<[rows: Array<Row | null>, missing: string | undefined]>([
		[[], undefined],
		[[null], undefined],
		[[{}], 'device.name'],
		[[{ 'device.name': null }], 'device.uid'],
		[[DEVICE], 'model'],
		[[{ ...DEVICE, serial: '' }], 'model'],
		[[{ ...DEVICE, model: '' }], 'serial'],
		[[{ ...DEVICE, model: '', serial: '' }], 'seen'],
		[[{ ...DEVICE, model: '', serial: '', seen: '' }], undefined],
		[[DEVICE, { model: '', serial: '', seen: '' }], undefined],
	])('of %j lack %s', (rows, missing) => {
		expect(missingColumn({ count: rows.length, rows }, rules)).toBe(missing);
	});

	it('lack none that nobody asked for', () => {
		expect(missingColumn({ count: 1, rows: [DEVICE] }, RULES)).toBeUndefined();
	});
});

describe('what is held of an answer', () => {
	it('is five rows at most, and how many there are', () => {
		const rows = Array.from({ length: 1000 }, (_, position) => ({ position }));
		expect(abridged({ count: 1000, rows })).toEqual({ count: 1000, rows: rows.slice(0, 5) });
		expect(abridged({ count: null, rows })).toEqual({ count: 1000, rows: rows.slice(0, 5) });
		expect(abridged({ count: 3, rows }).count).toBe(1000);
		expect(abridged({ count: 2000, rows }).count).toBe(2000);
	});

	it.each<[rows: QueryResult['rows']]>([[[]], [[DEVICE]], [[null]]])(
		'is all of one row or none, and what the answer says of their number (%j)',
		(rows) => {
			for (const count of [null, 0, 1, 2]) {
				const answer = { count, rows, executedQuery: 'devices' };
				expect(abridged(answer)).toEqual({ count, rows });
			}
		},
	);
});
