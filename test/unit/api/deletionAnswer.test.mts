import { describe, expect, it } from 'vitest';

import { readDeletionAnswer } from '../../../nodes/Nexthink/api/deletionAnswer.ts';
import type { HttpAnswer } from '../../../nodes/Nexthink/api/failure.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const SENT_ID = '0f8fad5b-d9cb-469f-a165-70867728950e';

const read = (httpStatus: number, body: unknown, headers: HttpAnswer['headers'] = {}) =>
	readDeletionAnswer({ httpStatus, headers, body }, SENT_ID, NOW);

const DEVICE = { uid: 'u-1', name: 'LAPTOP-1', status: 'SCHEDULED' };

describe('the answer to a deletion request', () => {
	it('of the documented form is read whole', () => {
		const body = { scheduledCount: 1, status: 'ACCEPTED', devices: [DEVICE] };
		expect(read(202, body, { 'x-request-id': 'theirs', 'x-trace-id': 'trace' })).toEqual({
			accepted: true,
			httpStatus: 202,
			requestId: 'theirs',
			traceId: 'trace',
			scheduledCount: 1,
			devices: [DEVICE],
			silence: expect.objectContaining({
				code: 'UNEXPECTED_RESPONSE',
				evidence: 'UNKNOWN',
				httpStatus: 202,
				requestId: 'theirs',
				traceId: 'trace',
			}) as object,
		});
	});

	it.each<[what: string, devices: unknown[], message: string]>([
		['lists none', [], "Nexthink's response doesn't say what happened to the devices"],
		[
			'has no status',
			[{ uid: 'u-1' }],
			"Nexthink's response doesn't say what happened to the devices",
		],
		[
			'has an unfamiliar word',
			[DEVICE, { uid: 'u-2' }, { ...DEVICE, status: 'QUEUED' }],
			'Nexthink returned a status that this node doesn\'t know: "QUEUED"',
		],
	])('that %s has its words ready for when it tells nothing', (_, devices, message) => {
		expect(read(202, { devices })).toMatchObject({ silence: { message } });
	});

	it('has unfamiliar words cleaned', () => {
		const status = `QUEUED\n\u202e${'x'.repeat(500)}`;
		const answer = read(202, { devices: [{ ...DEVICE, status }] });
		const word = answer.accepted ? answer.devices[0]!.status! : '';
		expect(word).toMatch(/^QUEUED x+…$/);
		expect(word).toHaveLength(100);
	});

	it.each([
		[' SCHEDULED', '" SCHEDULED"'],
		['SCHEDULED\n', '"SCHEDULED\\n"'],
		['\u202eINVALID', '" INVALID"'],
		['FAILED\0', '"FAILED\\u0000"'],
	])('has no familiar word made of %j', (status, word) => {
		const answer = read(202, { devices: [{ ...DEVICE, status }] });
		expect(answer).toMatchObject({ devices: [{ status: word }] });
	});

	it.each([200, 201, 202, 206, 299])('is accepted with %i and a list of devices', (httpStatus) => {
		expect(read(httpStatus, { devices: [DEVICE] })).toMatchObject({
			accepted: true,
			httpStatus,
			requestId: SENT_ID,
			traceId: null,
			devices: [DEVICE],
		});
	});

	it.each<[what: string, device: unknown, expected: object]>([
		['has no fields', {}, {}],
		['is null', null, {}],
		['is text', 'LAPTOP-1', {}],
		['is a list', [DEVICE], {}],
		['has no uid', { name: 'a', status: 'SCHEDULED' }, { name: 'a', status: 'SCHEDULED' }],
		['has a number for its uid', { ...DEVICE, uid: 7 }, { name: 'LAPTOP-1', status: 'SCHEDULED' }],
		['has null for its name', { ...DEVICE, name: null }, { uid: 'u-1', status: 'SCHEDULED' }],
		['has an object for its status', { ...DEVICE, status: {} }, { uid: 'u-1', name: 'LAPTOP-1' }],
		['has a new status', { ...DEVICE, status: 'QUEUED' }, { ...DEVICE, status: 'QUEUED' }],
		['has more fields', { ...DEVICE, reason: 'x', __proto__: { a: 1 } }, DEVICE],
	])('keeps what is said of the others where one device %s', (_, device, expected) => {
		const answer = read(202, { devices: [DEVICE, device, DEVICE] });
		expect(answer).toMatchObject({ accepted: true });
		const { devices } = answer as Extract<typeof answer, { accepted: true }>;
		expect(devices).toHaveLength(3);
		expect(devices[0]).toEqual(DEVICE);
		expect(JSON.parse(JSON.stringify(devices[1]))).toEqual(expected);
		expect(devices[2]).toEqual(DEVICE);
	});

	it.each([['1'], [null], [Number.NaN], [[]], [true]])(
		'is accepted without a count where it states %j for it',
		(scheduledCount) => {
			const answer = read(202, { scheduledCount, devices: [DEVICE] });
			expect(answer).toMatchObject({ accepted: true, devices: [DEVICE] });
			expect((answer as { scheduledCount?: number }).scheduledCount).toBeUndefined();
		},
	);

	it('is accepted with an empty list, which says nothing of any device', () => {
		expect(read(202, { devices: [] })).toMatchObject({ accepted: true, devices: [] });
	});

	it.each<[what: string, body: unknown]>([
		['nothing', ''],
		['undefined', undefined],
		['null', null],
		['HTML', '<!DOCTYPE html><html></html>'],
		['a cut-off text', '{"scheduledCount":1,"devices":[{"uid":"u-1",'],
		['a bare list', [DEVICE]],
		['no list', { scheduledCount: 1, status: 'ACCEPTED' }],
		['an object for the list', { devices: { 0: DEVICE } }],
		['text for the list', { devices: '[]' }],
		['null for the list', { devices: null }],
	])('of 202 whose body is %s leaves the devices unknown', (_, body) => {
		expect(read(202, body)).toMatchObject({
			accepted: false,
			failure: {
				code: 'UNEXPECTED_RESPONSE',
				evidence: 'UNKNOWN',
				httpStatus: 202,
				requestId: SENT_ID,
			},
		});
	});

	it.each([199, 300, 302, 400, 403, 404, 429, 500, 503])(
		'of %i is never accepted, even with a list of devices',
		(httpStatus) => {
			expect(read(httpStatus, { scheduledCount: 1, devices: [DEVICE] })).toMatchObject({
				accepted: false,
				failure: { httpStatus },
			});
		},
	);

	it('that refuses carries the time to try again', () => {
		expect(read(429, '', { 'retry-after': '5' })).toMatchObject({
			failure: { code: 'RATE_LIMITED', retryAfter: '2026-03-01T12:00:05.000Z' },
		});
	});
});
