import { describe, expect, it } from 'vitest';

import { looseKey, questionKey } from '../../../nodes/Nexthink/input/sameText.ts';
import { looseHostKey } from '../../../nodes/Nexthink/lookUp/hostName.ts';
import { planLookUps, type LookUpRules } from '../../../nodes/Nexthink/lookUp/questions.ts';

const BY_NAME: LookUpRules = {
	...{ matchColumn: 'device.name', nameColumn: 'device.name' },
	hostNameOnly: false,
};
const BY_SERIAL: LookUpRules = { ...BY_NAME, matchColumn: 'serial' };
const BY_HOST: LookUpRules = { ...BY_NAME, hostNameOnly: true };

const entriesOf = (values: readonly unknown[]) =>
	values.map((value, itemIndex) => ({ itemIndex, value }));

const planOf = (rules: LookUpRules, ...values: unknown[]) =>
	planLookUps(entriesOf(values), rules, questionKey, true);

describe('the plan of lookups', () => {
	it('asks each distinct name once, in the order of their first entries', () => {
		const { entries, questions } = planOf(BY_NAME, 'B', 'A', 'b', 'B', ' B');
		expect(questions).toEqual(['B', 'A', ' B']);
		expect(entries.map(({ questions: asked }) => asked)).toEqual([[0], [1], [0], [0], [2]]);
		expect(entries.map(({ lookup }) => lookup)).toEqual(['B', 'A', 'b', 'B', ' B']);
		expect(entries.map(({ wanted }) => wanted)).toEqual(['B', 'A', 'b', 'B', ' B']);
	});

	it('answers all together whose keys are the same', () => {
		const values = ['straße', 'STRASSE', 'Ｂ', 'B ', 'C'];
		const { entries, questions } = planLookUps(entriesOf(values), BY_NAME, looseKey, false);
		expect(questions).toEqual(['straße', 'Ｂ', 'C']);
		expect(entries.map(({ questions: asked }) => asked)).toEqual([[0], [0], [1], [1], [2]]);
		expect(entries.map(({ wanted }) => wanted)).toEqual(values);
	});

	it.each<[value: unknown, reason: string]>([
		[
			'PC-*',
			'The name contains * or ?, which Nexthink treats as wildcards. Look the device up by another value.',
		],
		['?', 'The name contains * or ?'],
		['', 'The name is empty.'],
		[' \n', 'The name is empty.'],
		[undefined, 'The item has no name.'],
		[null, 'The name is empty.'],
		[7, "The name isn't text but a number (7)."],
		[{}, "The name isn't text but an object."],
		[[], "The name isn't text but a list."],
		['\u00ad\u200b', "The name contains only characters that can't be seen."],
		[' \u3164', "The name contains only characters that can't be seen."],
		['x'.repeat(1025), 'The name has 1025 characters; 1024 are the most.'],
	])('asks nothing for %j', (value, reason) => {
		const { entries, questions } = planOf(BY_NAME, value);
		expect(questions).toEqual([]);
		expect(entries[0]!.unasked).toEqual({
			match: 'REFUSED',
			reason: expect.stringContaining(reason) as string,
		});
		expect(entries[0]!.questions).toBeUndefined();
		expect(entries[0]!.lookup).toBe(typeof value === 'string' ? value : null);
	});

	it.each<[value: unknown, reason: string]>([
		['S*', 'The value contains * or ?'],
		[null, 'The value is empty.'],
		[7, "The value isn't text but a number (7)."],
		[
			'Default string',
			'"Default string" is a placeholder that many devices share. Look the device up by another value.',
		],
		[' n/a ', '"[U+0020]n/a[U+0020]" is a placeholder that many devices share.'],
		['00000000', '"00000000" is a placeholder that many devices share.'],
	])('asks nothing for the serial number %j', (value, reason) => {
		const { entries, questions } = planOf(BY_SERIAL, value);
		expect(questions).toEqual([]);
		expect(entries[0]!.unasked).toEqual({
			match: 'REFUSED',
			reason: expect.stringContaining(reason) as string,
		});
	});

	it('takes a name for a name, though it would be a placeholder for a serial number', () => {
		const { questions } = planOf(BY_NAME, 'unknown', 'OEM', '1', '0123456789');
		expect(questions).toEqual(['unknown', 'OEM', '1', '0123456789']);
	});

	it('asks nothing for an entry that cannot be read', () => {
		const { entries, questions } = planLookUps(
			[{ itemIndex: 3, unreadable: 'No list.' }],
			BY_NAME,
			questionKey,
			true,
		);
		expect(questions).toEqual([]);
		expect(entries).toEqual([
			{
				itemIndex: 3,
				lookup: null,
				checks: [],
				unasked: { match: 'REFUSED', reason: 'No list.' },
			},
		]);
	});

	it('keeps what each entry is checked against', () => {
		const { entries } = planLookUps(
			[
				{ itemIndex: 0, value: 'A', checks: ['S1', 'M1'] },
				{ itemIndex: 1, value: 'A', checks: ['S2', ''] },
			],
			BY_NAME,
			questionKey,
			true,
		);
		expect(entries.map(({ checks, questions }) => [checks, questions])).toEqual([
			[['S1', 'M1'], [0]],
			[['S2', ''], [0]],
		]);
	});
});

describe('the plan of lookups by host name', () => {
	const names = ['pc1.corp.example', 'PC1', 'pc1.Corp.Example.', 'PC1.CORP.example', 'pc3'];

	it('asks for what stands before the first dot, for the same with any domain, and for the names of the list: each would be the device', () => {
		const { entries, questions } = planOf(BY_HOST, ...names);
		expect(questions).toEqual([
			...['pc1', 'pc1.*', 'pc1.corp.example', 'pc1.Corp.Example.', 'pc3', 'pc3.*'],
		]);
		expect(entries.map(({ questions: asked }) => asked)).toEqual([
			...Array<number[]>(4).fill([0, 1, 2, 3]),
			[4, 5],
		]);
		expect(entries.map(({ lookup }) => lookup)).toEqual(names);
		expect(entries.map(({ wanted }) => wanted)).toEqual(['pc1', 'PC1', 'pc1', 'PC1', 'pc3']);
	});

	it('asks an export once for each host name: it has the names with their domains, too', () => {
		const { entries, questions } = planLookUps(entriesOf(names), BY_HOST, looseHostKey, false);
		expect(questions).toEqual(['pc1', 'pc3']);
		expect(entries.map(({ questions: asked }) => asked)).toEqual([[0], [0], [0], [0], [1]]);
	});

	it('asks for none of those that have one host name in different domains', () => {
		const clashing = ['pc1.a.example', 'pc2.a.example', 'PC1', 'pc1.b.example', 'Pc1.a.example'];
		const { entries, questions } = planOf(BY_HOST, ...clashing);
		expect(questions).toEqual(['pc2', 'pc2.*', 'pc2.a.example']);
		const reason =
			'The list contains "pc1.a.example" and "pc1.b.example", which have the same host name. Turn off Host Name Only, or find out which one is meant.';
		expect(entries.map(({ unasked }) => unasked)).toEqual(
			[true, false, true, true, true].map((isUnasked) =>
				isUnasked ? { match: 'AMBIGUOUS', reason } : undefined,
			),
		);
	});

	it.each([
		['straße.a.example', 'STRASSE.b.example'],
		['ｐｃ1.a.example', 'PC1.b.example'],
		['pc1 .a.example', 'pc1.b.example'],
		['İ.a.example', 'ı.b.example'],
		['pc\u200b1.a.example', 'pc1.b.example'],
		['pc1\u00ad.a.example', '\u2060pc1.b.example'],
		['pc1 .a.example', 'pc1\u3000.b.example'],
	])('takes host names for the same that Nexthink might: %j and %j', (one, other) => {
		const { entries, questions } = planOf(BY_HOST, one, other);
		expect(questions).toEqual([]);
		expect(entries.map(({ unasked }) => unasked?.match)).toEqual(['AMBIGUOUS', 'AMBIGUOUS']);
	});

	it.each<[name: unknown, reason: string]>([
		[7, "The name isn't text but a number (7)."],
		[null, 'The name is empty.'],
		['10.0.0.1', 'The name is an IP address, which has no host name.'],
		['fe80::1', 'The name is an IP address, which has no host name.'],
		['.corp.example', 'The name is empty before its first dot.'],
		['pc*.corp.example', 'The name contains * or ?'],
		[' ', 'The name is empty.'],
	])('asks nothing for %j', (name, reason) => {
		const { entries, questions } = planOf(BY_HOST, name);
		expect(questions).toEqual([]);
		expect(entries[0]!.unasked).toEqual({
			match: 'REFUSED',
			reason: expect.stringContaining(reason) as string,
		});
	});

	it('is not troubled by IP addresses of one network', () => {
		const { entries, questions } = planOf(BY_HOST, '10.0.0.1', '10.0.0.2', '10.corp.example');
		expect(questions).toEqual(['10', '10.*', '10.corp.example']);
		expect(entries.map(({ unasked }) => unasked?.match)).toEqual(['REFUSED', 'REFUSED', undefined]);
	});
});
