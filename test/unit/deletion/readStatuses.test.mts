import { describe, expect, it } from 'vitest';

import type { AnsweredDevice } from '../../../nodes/Nexthink/api/deletionAnswer.ts';
import { readStatuses } from '../../../nodes/Nexthink/deletion/readStatuses.ts';

const device = (uid: string) => ({ uid, name: `PC-${uid}` });

const SENT = ['a', 'b', 'c'].map(device);

const said = (uid: string | undefined, status?: string, name?: string): AnsweredDevice => ({
	uid,
	status,
	name,
});

/** What is known of each device of the request, as one word each. */
const evidenceOf = (answered: AnsweredDevice[], sent = SENT) =>
	readStatuses(sent, answered).answers.map(({ evidence }) => evidence);

describe('the statuses of an answer', () => {
	it.each(['SCHEDULED', 'INVALID', 'FAILED'])('%s stands as it is', (status) => {
		const { answers } = readStatuses([device('a')], [said('a', status)]);
		expect(answers[0]!.evidence).toBe(status);
		expect(answers[0]).not.toHaveProperty('apiStatus');
	});

	it.each(['QUEUED', 'scheduled', 'Scheduled', ' SCHEDULED', 'DELETED', '', '__proto__'])(
		'"%s" is unfamiliar: unknown, with the word of the API',
		(status) => {
			const { answers } = readStatuses([device('a')], [said('a', status)]);
			expect(answers[0]).toMatchObject({ evidence: 'UNKNOWN', apiStatus: status });
		},
	);

	it('give a reason, as a sentence, to every device but those scheduled', () => {
		const statuses = ['SCHEDULED', 'INVALID', 'FAILED', 'NEW', undefined, 'NOT ANSWERED'];
		const sent = statuses.map((_, index) => device(String(index)));
		const answered = statuses.slice(0, -1).map((status, index) => said(String(index), status));
		const reasons = readStatuses(sent, answered).answers.map(({ reason }) => reason);
		expect(reasons[0]).toBeUndefined();
		for (const reason of reasons.slice(1)) expect(reason).toMatch(/^[A-Z][^.]*\.$/);
	});

	it.each<[what: string, answered: AnsweredDevice[], reason: RegExp]>([
		['two of them for one device', [said('a', 'SCHEDULED'), said('a', 'FAILED')], /two different/],
		['another name in its place', [said(undefined, 'SCHEDULED', 'PC-z')], /another device/],
		['none', [said('a')], /no status/],
		['none, and not the device either', [said('b', 'SCHEDULED')], /doesn't contain this device/],
	])('that cannot be told say why: %s', (_, answered, reason) => {
		const { answers } = readStatuses([device('a')], answered);
		expect(answers[0]).toMatchObject({
			evidence: 'UNKNOWN',
			reason: expect.stringMatching(reason),
		});
	});
});

describe('an answer', () => {
	it.each<[what: string, answered: AnsweredDevice[], expected: string[], strangers?: number]>([
		[
			'in the order of the request is read',
			[said('a', 'SCHEDULED'), said('b', 'INVALID'), said('c', 'FAILED')],
			['SCHEDULED', 'INVALID', 'FAILED'],
		],
		[
			'in another order is read by UID',
			[said('c', 'FAILED'), said('a', 'SCHEDULED'), said('b', 'INVALID')],
			['SCHEDULED', 'INVALID', 'FAILED'],
		],
		[
			'with UIDs in another letter case and with spaces is read',
			[said('A', 'SCHEDULED'), said(' b\n', 'INVALID'), said('C ', 'FAILED')],
			['SCHEDULED', 'INVALID', 'FAILED'],
		],
		[
			'that misses a device leaves it unknown',
			[said('a', 'SCHEDULED'), said('c', 'SCHEDULED')],
			['SCHEDULED', 'UNKNOWN', 'SCHEDULED'],
		],
		['of no device leaves all unknown', [], ['UNKNOWN', 'UNKNOWN', 'UNKNOWN']],
		[
			'that adds devices is read without them',
			[
				said('x', 'SCHEDULED'),
				said('a', 'SCHEDULED'),
				said('y', 'FAILED'),
				said('Y', 'INVALID'),
				said('b', 'SCHEDULED'),
				said('c', 'SCHEDULED'),
			],
			['SCHEDULED', 'SCHEDULED', 'SCHEDULED'],
			2,
		],
		[
			'of other devices alone leaves all unknown',
			[said('x', 'SCHEDULED'), said('y', 'SCHEDULED'), said('z', 'SCHEDULED')],
			['UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
			3,
		],
		[
			'that gives a device two statuses leaves it unknown',
			[said('a', 'SCHEDULED'), said('A', 'INVALID'), said('b', 'FAILED'), said('c', 'FAILED')],
			['UNKNOWN', 'FAILED', 'FAILED'],
		],
		[
			'that gives a device a status and none leaves it unknown',
			[said('a', 'SCHEDULED'), said('a'), said('b', 'FAILED'), said('c', 'FAILED')],
			['UNKNOWN', 'FAILED', 'FAILED'],
		],
		[
			'that gives a device the same status twice is read',
			[said('a', 'SCHEDULED'), said('a', 'SCHEDULED'), said('b', 'FAILED'), said('c', 'FAILED')],
			['SCHEDULED', 'FAILED', 'FAILED'],
		],
		[
			'without a status leaves the device unknown',
			[said('a', 'SCHEDULED'), said('b'), said('c', 'SCHEDULED')],
			['SCHEDULED', 'UNKNOWN', 'SCHEDULED'],
		],
		[
			'with some UIDs is read by them alone',
			[said('b', 'SCHEDULED'), said(undefined, 'SCHEDULED'), said('c', 'INVALID')],
			['UNKNOWN', 'SCHEDULED', 'INVALID'],
		],
		[
			'without UIDs but of the same length is read by position',
			[said(undefined, 'SCHEDULED'), said(undefined, 'INVALID'), said(undefined, 'FAILED')],
			['SCHEDULED', 'INVALID', 'FAILED'],
		],
		[
			'without UIDs whose names agree is read by position',
			[
				said(undefined, 'SCHEDULED', 'pc-a'),
				said(undefined, 'INVALID', 'PC-B'),
				said(undefined, 'FAILED'),
			],
			['SCHEDULED', 'INVALID', 'FAILED'],
		],
		[
			'without UIDs leaves a device unknown where another name stands in its place',
			[
				said(undefined, 'SCHEDULED', 'PC-a'),
				said(undefined, 'SCHEDULED', 'PC-c'),
				said(undefined, 'SCHEDULED', 'PC-b'),
			],
			['SCHEDULED', 'UNKNOWN', 'UNKNOWN'],
		],
		[
			'without UIDs and shorter leaves all unknown',
			[said(undefined, 'SCHEDULED'), said(undefined, 'SCHEDULED')],
			['UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
		],
		[
			'without UIDs and longer leaves all unknown',
			Array.from({ length: 4 }, () => said(undefined, 'SCHEDULED')),
			['UNKNOWN', 'UNKNOWN', 'UNKNOWN'],
		],
		['without anything leaves all unknown', [{}, {}, {}], ['UNKNOWN', 'UNKNOWN', 'UNKNOWN']],
	])('%s', (_, answered, expected, strangers = 0) => {
		expect(evidenceOf(answered)).toEqual(expected);
		expect(readStatuses(SENT, answered).strangers).toBe(strangers);
	});

	it('is not misled by UIDs that are names of inherited properties', () => {
		const sent = ['__proto__', 'constructor', 'toString'].map(device);
		expect(evidenceOf([said('constructor', 'SCHEDULED')], sent)).toEqual([
			'UNKNOWN',
			'SCHEDULED',
			'UNKNOWN',
		]);
	});

	it('names no device as scheduled of which no part of it says so, in any order', () => {
		const all = [
			said('a', 'SCHEDULED'),
			said('b', 'FAILED'),
			said('c', 'INVALID'),
			said('x', 'SCHEDULED'),
		];
		for (const answered of permutations(all)) {
			expect(evidenceOf(answered)).toEqual(['SCHEDULED', 'FAILED', 'INVALID']);
		}
	});
});

function permutations<Item>(items: Item[]): Item[][] {
	if (items.length < 2) return [items];
	return items.flatMap((item, index) =>
		permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
	);
}
