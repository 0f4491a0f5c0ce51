import { describe, expect, it } from 'vitest';

import { readDeletionAnswer } from '../../../nodes/Nexthink/api/deletionAnswer.ts';
import { planDeletion } from '../../../nodes/Nexthink/deletion/plan.ts';
import { runDeletion, type DeletionSettings } from '../../../nodes/Nexthink/deletion/run.ts';
import {
	outcomeOf,
	type DeletionReport,
	type DeviceStatus,
} from '../../../nodes/Nexthink/operations/deleteDevices/report.ts';
import { DEFAULT_SETTINGS, watchRun, type RunOptions } from '../../properties/deletion-run.mts';
import { InProcessTenant } from '../../properties/in-process-tenant.mts';
import { VirtualTime } from '../../properties/virtual-time.mts';
import type { Fault, FaultRule } from '../../simulator/faults.mts';
import { generateInventory } from '../../simulator/inventory.mts';
import type { TenantSettings } from '../../simulator/settings.mts';

interface AttemptsCase extends Pick<RunOptions, 'cancelAfter' | 'cancelEndsRequests'> {
	/** Number of devices in the list; 1 where nothing is said. */
	devices?: number;
	settings?: Partial<DeletionSettings>;
	faults?: FaultRule[];
	/** Requests that find no connection, counted from 1. */
	unconnected?: (request: number) => boolean;
	tenant?: Partial<TenantSettings>;
	withoutToken?: true;
}

/** Runs a list of numbered devices and tells what users and the tenant see of it, with numbers for devices. */
async function attempt({ devices = 1, faults = [], ...given }: AttemptsCase) {
	const time = new VirtualTime();
	const tenant = new InProcessTenant(time.now, given.tenant);
	for (const rule of faults) tenant.faults.add(rule);
	const entries = generateInventory(devices).map((device, itemIndex) => ({ itemIndex, ...device }));
	const plan = planDeletion(entries, 'warn');
	const { result, exchanges } = await watchRun(plan.devices, tenant, time, {
		...given,
		road: { isBlocked: given.unconnected ?? (() => false), hasToken: !given.withoutToken },
	});
	const report: DeletionReport = {
		plan,
		dryRun: false,
		errorPath: 'sameOutput',
		failOnUnscheduled: false,
		result,
	};
	const outcomes = plan.entries.map((entry) => outcomeOf(report, entry));
	const { stoppedBy } = result;
	const numbers = new Map(entries.map(({ uid, itemIndex }) => [uid, itemIndex]));
	const ids = [...new Set(exchanges.map(({ requestId }) => requestId))];
	return {
		outcomes,
		exchanges,
		statuses: outcomes.map(({ status }) => status),
		codes: outcomes.map(({ failure }) => failure?.code),
		reasons: outcomes.map(({ reason }) => reason),
		/** The devices of each request, such as `01 0 1`. */
		requests: exchanges
			.map((each) => each.devices.map(({ uid }) => numbers.get(uid)).join(''))
			.join(' '),
		/** A letter for each request, the same for the same id. */
		ids: exchanges.map(({ requestId }) => 'abcdefghijkl'[ids.indexOf(requestId)]).join(''),
		queued: entries.filter(({ uid }) => tenant.ledger.has(uid)).map(({ itemIndex }) => itemIndex),
		stoppedBy: typeof stoppedBy === 'object' ? stoppedBy.code : stoppedBy,
		retryAfter: typeof stoppedBy === 'object' ? stoppedBy.retryAfter : undefined,
	};
}

const EARLIER_LOST = 'An earlier request with this device might have been carried out: ';
const EARLIER_REFUSED = 'An earlier request with this device was refused: ';
const LOST = "Nexthink isn't available at the moment (503 SERVICE_UNAVAILABLE).";
const LIMITED = 'Nexthink received too many requests (429 RATE_LIMITED).';
const FORBIDDEN = "The credential doesn't have permission to delete devices (403 FORBIDDEN).";
const UNCONNECTED = "Couldn't connect to Nexthink, or the connection was lost.";
const UNREADABLE =
	"Nexthink's response doesn't say what happened to the devices (202 UNEXPECTED_RESPONSE).";
const FAILED = "Nexthink couldn't schedule this device at the moment.";
const INVALID = 'Nexthink skipped this device because it considers the UID malformed.';

const answering = (status: DeviceStatus): Fault => ({
	kind: 'answer',
	change: (body) => ({ devices: body.devices.map((device) => ({ ...device, status })) }),
});

const refusedWith = (code: string, message: string): Fault => ({
	kind: 'status',
	status: 400,
	body: { code, message },
});

/** How one attempt can go. Only the first four are followed by another one. */
const ATTEMPTS = {
	failed: { kind: 'failDevices', uids: () => true },
	lost: { kind: 'status', status: 503, queued: true },
	limited: { kind: 'status', status: 429 },
	unconnected: 'no connection',
	scheduled: answering('SCHEDULED'),
	invalid: answering('INVALID'),
	forbidden: { kind: 'status', status: 403 },
	unreadable: { kind: 'html', status: 202, queued: true },
} as const satisfies Record<string, Fault | 'no connection'>;

type AttemptKind = keyof typeof ATTEMPTS;

/** One device, one attempt of the first kind and then as many of the second as there are. */
async function attemptTwice(first: AttemptKind, then: AttemptKind) {
	const unconnected = (request: number) =>
		ATTEMPTS[request === 1 ? first : then] === 'no connection';
	const faults = ([first, then] as const).flatMap((kind, position): FaultRule[] => {
		const play = ATTEMPTS[kind];
		if (play === 'no connection') return [];
		return [{ route: 'deletions', times: position === 0 ? 1 : Infinity, play }];
	});
	return await attempt({ settings: { maxRetries: 1 }, unconnected, faults });
}

describe('a device of which one attempt', () => {
	// `ids`: a repeat keeps its id; FAILED devices leave in a request of their own, with an id of its own, which is repeated itself.
	it.each<
		[
			first: AttemptKind,
			then: AttemptKind,
			status: DeviceStatus,
			ids: string,
			httpStatus: number | null,
			reason: string | undefined,
			code: string | undefined,
		]
	>([
		['failed', 'scheduled', 'SCHEDULED', 'ab', 202, undefined, undefined],
		['failed', 'invalid', 'INVALID', 'ab', 202, INVALID, 'DEVICE_INVALID'],
		['failed', 'failed', 'FAILED', 'ab', 202, FAILED, 'DEVICE_FAILED'],
		['failed', 'lost', 'UNKNOWN', 'abb', 503, LOST, 'SERVICE_UNAVAILABLE'],
		['failed', 'limited', 'FAILED', 'abb', 429, FAILED, 'RATE_LIMITED'],
		['failed', 'forbidden', 'FAILED', 'ab', 403, FAILED, 'FORBIDDEN'],
		['failed', 'unconnected', 'FAILED', 'abb', null, FAILED, 'NETWORK_ERROR'],
		['failed', 'unreadable', 'UNKNOWN', 'ab', 202, UNREADABLE, 'UNEXPECTED_RESPONSE'],

		['lost', 'scheduled', 'SCHEDULED', 'aa', 202, undefined, undefined],
		['lost', 'invalid', 'UNKNOWN', 'aa', 202, EARLIER_LOST + LOST, 'SERVICE_UNAVAILABLE'],
		['lost', 'failed', 'UNKNOWN', 'aab', 202, EARLIER_LOST + LOST, 'SERVICE_UNAVAILABLE'],
		['lost', 'lost', 'UNKNOWN', 'aa', 503, LOST, 'SERVICE_UNAVAILABLE'],
		['lost', 'limited', 'UNKNOWN', 'aa', 429, `${LIMITED} ${EARLIER_LOST}${LOST}`, 'RATE_LIMITED'],
		['lost', 'forbidden', 'UNKNOWN', 'aa', 403, `${FORBIDDEN} ${EARLIER_LOST}${LOST}`, 'FORBIDDEN'],
		[
			'lost',
			'unconnected',
			'UNKNOWN',
			'aa',
			null,
			`${UNCONNECTED} ${EARLIER_LOST}${LOST}`,
			'NETWORK_ERROR',
		],
		['lost', 'unreadable', 'UNKNOWN', 'aa', 202, UNREADABLE, 'UNEXPECTED_RESPONSE'],

		['limited', 'scheduled', 'SCHEDULED', 'aa', 202, undefined, undefined],
		['limited', 'invalid', 'INVALID', 'aa', 202, INVALID, 'DEVICE_INVALID'],
		['limited', 'failed', 'FAILED', 'aab', 202, FAILED, 'DEVICE_FAILED'],
		['limited', 'lost', 'UNKNOWN', 'aa', 503, LOST, 'SERVICE_UNAVAILABLE'],
		['limited', 'limited', 'REJECTED', 'aa', 429, LIMITED, 'RATE_LIMITED'],
		['limited', 'forbidden', 'REJECTED', 'aa', 403, FORBIDDEN, 'FORBIDDEN'],
		[
			'limited',
			'unconnected',
			'REJECTED',
			'aa',
			null,
			`${UNCONNECTED} ${EARLIER_REFUSED}${LIMITED}`,
			'NETWORK_ERROR',
		],
		['limited', 'unreadable', 'UNKNOWN', 'aa', 202, UNREADABLE, 'UNEXPECTED_RESPONSE'],

		['unconnected', 'scheduled', 'SCHEDULED', 'aa', 202, undefined, undefined],
		['unconnected', 'invalid', 'INVALID', 'aa', 202, INVALID, 'DEVICE_INVALID'],
		['unconnected', 'failed', 'FAILED', 'aab', 202, FAILED, 'DEVICE_FAILED'],
		['unconnected', 'lost', 'UNKNOWN', 'aa', 503, LOST, 'SERVICE_UNAVAILABLE'],
		['unconnected', 'limited', 'REJECTED', 'aa', 429, LIMITED, 'RATE_LIMITED'],
		['unconnected', 'forbidden', 'REJECTED', 'aa', 403, FORBIDDEN, 'FORBIDDEN'],
		['unconnected', 'unconnected', 'NOT_SENT', 'aa', null, UNCONNECTED, 'NETWORK_ERROR'],
		['unconnected', 'unreadable', 'UNKNOWN', 'aa', 202, UNREADABLE, 'UNEXPECTED_RESPONSE'],
	])('%s and the next %s is %s', async (first, then, status, ids, httpStatus, reason, code) => {
		const seen = await attemptTwice(first, then);
		expect(seen.statuses).toEqual([status]);
		expect(seen.ids).toBe(ids);
		expect(seen.reasons).toEqual([
			status === 'SCHEDULED' ? 'Queued for deletion, not yet removed.' : reason,
		]);
		expect(seen.codes).toEqual([code]);
		const [outcome] = seen.outcomes;
		expect(outcome!.last!.httpStatus).toBe(httpStatus);
		const isUnanswered = httpStatus === null;
		expect(outcome!.last!.requestId).toBe(isUnanswered ? null : seen.exchanges.at(-1)!.requestId);
		expect(outcome!.attempts).toBe(seen.exchanges.filter(({ arrived }) => arrived).length);
	});
});

const DEVICES = generateInventory(10);

const holds = (number: number): FaultRule['when'] => {
	const { uid } = DEVICES[number]!;
	return ({ devices = [] }) => devices.some((device) => device.uid === uid);
};

const BLANK = 'devices[0].name must not be blank';
const NOT_TAKEN = `Nexthink doesn't accept this device: ${BLANK}.`;

/** Nexthink refuses every request with one of these devices. */
const poisoned = (...numbers: number[]): FaultRule[] =>
	numbers.map((number) => ({
		route: 'deletions',
		times: Infinity,
		when: holds(number),
		play: refusedWith('INVALID_REQUEST', BLANK),
	}));

const on = (from: number, play: Fault, times = 1): FaultRule => ({
	route: 'deletions',
	from,
	times,
	play,
});

const LOST_AFTER_QUEUING: Fault = { kind: 'reset', queued: true };
const TOO_LARGE: Fault = { kind: 'html', status: 413 };

interface CombinationCase extends AttemptsCase {
	name: string;
	statuses: string;
	requests: string;
	ids?: string;
	queued?: string;
	stoppedBy?: string;
	/** By device, as far as something is to be said of them. */
	reasons?: Record<number, string>;
	codes?: Record<number, string>;
}

/** One letter for each status, so that a row shows a whole list. */
const STATUS_OF_LETTER: Record<string, DeviceStatus> = {
	S: 'SCHEDULED',
	I: 'INVALID',
	F: 'FAILED',
	U: 'UNKNOWN',
	R: 'REJECTED',
	N: 'NOT_SENT',
};

const COMBINATIONS: CombinationCase[] = [
	{
		name: 'an INVALID device in a divided batch of which one part was lost',
		devices: 4,
		settings: { batchSize: 4, maxRetries: 0 },
		faults: [...poisoned(3), on(2, LOST_AFTER_QUEUING)],
		requests: '0123 01 23 2 3',
		ids: 'abcde',
		statuses: 'UUSI',
		queued: '012',
		reasons: { 0: UNCONNECTED, 3: NOT_TAKEN },
	},
	{
		name: 'a batch that was lost, and divided when it was sent again',
		devices: 4,
		settings: { batchSize: 4, maxRetries: 1 },
		faults: [on(1, LOST_AFTER_QUEUING), ...poisoned(3), on(3, ATTEMPTS.limited, 2)],
		requests: '0123 0123 01 01 23 2 3',
		ids: 'aabbcde',
		statuses: 'UUSU',
		queued: '0123',
		reasons: {
			0: `${LIMITED} ${EARLIER_LOST}${UNCONNECTED}`,
			3: `Nexthink rejected a request because of its devices (400 INVALID_REQUEST). ${EARLIER_LOST}${UNCONNECTED}`,
		},
	},
	{
		name: 'a divided batch of which one part fails, is sent again alone and is refused alone',
		devices: 2,
		settings: { batchSize: 2, maxRetries: 1 },
		faults: [
			on(1, { kind: 'failDevices', uids: [DEVICES[1]!.uid] }),
			on(1, refusedWith('INVALID_REQUEST', BLANK)),
		],
		requests: '01 1',
		ids: 'ab',
		statuses: 'SI',
		reasons: { 1: NOT_TAKEN },
	},
	{
		name: 'a batch that was too large, with one lost and one accepted in flight',
		devices: 8,
		settings: { batchSize: 2, concurrency: 3, maxRetries: 0 },
		faults: [on(2, TOO_LARGE), on(3, LOST_AFTER_QUEUING)],
		requests: '01 23 45 67 2 3',
		ids: 'abcdef',
		statuses: 'SSSSUUSS',
		queued: '01234567',
	},
	{
		name: 'a batch that was lost, and too large when it was sent again',
		devices: 2,
		settings: { batchSize: 2, maxRetries: 1 },
		faults: [on(1, LOST_AFTER_QUEUING), on(1, TOO_LARGE), on(1, ATTEMPTS.limited, 2)],
		requests: '01 01 0 0 1',
		ids: 'aabbc',
		statuses: 'US',
		reasons: { 0: `${LIMITED} ${EARLIER_LOST}${UNCONNECTED}` },
	},
	{
		name: 'a single device that is too large, after which nothing is sent',
		devices: 3,
		settings: { batchSize: 2 },
		faults: [on(1, TOO_LARGE, Infinity)],
		requests: '01 0',
		ids: 'ab',
		statuses: 'RRN',
		stoppedBy: 'BATCH_SIZE_EXCEEDED',
		codes: { 0: 'BATCH_SIZE_EXCEEDED', 1: 'BATCH_SIZE_EXCEEDED', 2: 'BATCH_SIZE_EXCEEDED' },
	},
	{
		name: 'a token that is refused while other requests are in flight',
		devices: 6,
		settings: { batchSize: 1, concurrency: 3 },
		faults: [
			on(3, { kind: 'unauthorized' }),
			on(4, LOST_AFTER_QUEUING),
			{ route: 'token', play: { kind: 'status', status: 401, body: { error: 'invalid_client' } } },
		],
		requests: '0 1 2 3 4',
		statuses: 'SSRUSN',
		queued: '0134',
		stoppedBy: 'UNAUTHORIZED',
		codes: { 2: 'UNAUTHORIZED', 3: 'NETWORK_ERROR', 5: 'UNAUTHORIZED' },
	},
	{
		name: 'a token that is renewed between two sendings of one request',
		faults: [on(1, { kind: 'unauthorized' })],
		requests: '0',
		statuses: 'S',
		queued: '0',
	},
	{
		name: 'no token for the first request, and one for its repeat',
		withoutToken: true,
		faults: [{ route: 'token', play: { kind: 'status', status: 503 } }],
		requests: '0 0',
		ids: 'aa',
		statuses: 'S',
	},
	{
		name: 'no token at all',
		devices: 2,
		settings: { batchSize: 1, maxRetries: 1 },
		withoutToken: true,
		faults: [{ route: 'token', times: Infinity, play: { kind: 'status', status: 503 } }],
		requests: '0 0 1 1',
		ids: 'aabb',
		statuses: 'NN',
		codes: { 0: 'TOKEN_UNAVAILABLE', 1: 'TOKEN_UNAVAILABLE' },
	},
	{
		name: 'a lost request after which no token is to be had',
		settings: { maxRetries: 1 },
		faults: [
			on(1, LOST_AFTER_QUEUING),
			on(1, { kind: 'unauthorized' }),
			{ route: 'token', play: { kind: 'status', status: 503 } },
		],
		requests: '0 0',
		ids: 'aa',
		statuses: 'U',
		reasons: {
			0: `Nexthink didn't return an access token. ${EARLIER_LOST}${UNCONNECTED}`,
		},
	},
	{
		name: 'a run cancelled with requests in flight',
		devices: 5,
		settings: { batchSize: 1, concurrency: 3 },
		faults: [on(3, { kind: 'status', status: 429 })],
		cancelAfter: 70,
		requests: '0 1 2 3',
		statuses: 'SUUUN',
		queued: '013',
		stoppedBy: 'CANCELLED',
		codes: { 1: 'CANCELLED', 4: 'CANCELLED' },
	},
	{
		name: 'a run cancelled with requests in flight whose answers come all the same',
		devices: 5,
		settings: { batchSize: 1, concurrency: 3 },
		faults: [on(3, { kind: 'status', status: 429 }), on(4, LOST_AFTER_QUEUING)],
		cancelAfter: 70,
		cancelEndsRequests: false,
		requests: '0 1 2 3',
		statuses: 'SSRUN',
		stoppedBy: 'CANCELLED',
		codes: { 2: 'RATE_LIMITED', 3: 'NETWORK_ERROR', 4: 'CANCELLED' },
	},
	{
		name: 'a run cancelled while a lost batch waits for its repeat',
		devices: 2,
		settings: { batchSize: 1 },
		faults: [on(1, LOST_AFTER_QUEUING)],
		cancelAfter: 70,
		requests: '0',
		statuses: 'UN',
		stoppedBy: 'CANCELLED',
	},
	{
		name: 'a run cancelled while FAILED devices wait for their repeat',
		devices: 2,
		settings: { batchSize: 1 },
		faults: [on(1, ATTEMPTS.failed)],
		cancelAfter: 120,
		requests: '0 1',
		statuses: 'FS',
		stoppedBy: 'CANCELLED',
	},
	{
		name: 'a run cancelled before its first request',
		devices: 2,
		cancelAfter: 0,
		requests: '',
		statuses: 'NN',
		stoppedBy: 'CANCELLED',
	},
	{
		name: 'a wait that is longer than what the run may wait',
		devices: 2,
		settings: { batchSize: 1 },
		faults: [on(1, { kind: 'status', status: 503, headers: { 'retry-after': '301' } })],
		requests: '0',
		statuses: 'UN',
		stoppedBy: 'SERVICE_UNAVAILABLE',
		reasons: { 0: LOST, 1: `Not sent, because the run ended before: ${LOST}` },
	},
	{
		name: 'a wait that is longer than what an earlier one left, with requests in flight',
		devices: 5,
		settings: { batchSize: 1, concurrency: 3 },
		faults: [
			on(1, { kind: 'status', status: 429, headers: { 'retry-after': '200' } }),
			on(3, { kind: 'status', status: 503, headers: { 'retry-after': '101' } }),
		],
		requests: '0 0 1',
		ids: 'aab',
		statuses: 'SUNNN',
		stoppedBy: 'SERVICE_UNAVAILABLE',
	},
	{
		name: 'a single device that is refused alone',
		faults: poisoned(0),
		requests: '0',
		statuses: 'I',
		reasons: { 0: NOT_TAKEN },
		codes: { 0: 'DEVICE_INVALID' },
	},
	{
		name: 'the first two devices refused alone, before anything was accepted',
		devices: 2,
		settings: { batchSize: 2 },
		faults: poisoned(0, 1),
		requests: '01 0 1',
		ids: 'abc',
		statuses: 'RR',
		stoppedBy: 'INVALID_REQUEST',
		codes: { 0: 'INVALID_REQUEST', 1: 'INVALID_REQUEST' },
	},
	{
		name: 'the first two devices refused alone, and two others accepted in between',
		devices: 4,
		settings: { batchSize: 2 },
		faults: poisoned(0, 1),
		requests: '01 0 23 1',
		ids: 'abcd',
		statuses: 'IISS',
	},
	{
		name: 'two devices refused alone with one accepted between them',
		devices: 3,
		settings: { batchSize: 1 },
		faults: poisoned(0, 2),
		requests: '0 1 2',
		statuses: 'ISI',
		reasons: { 0: NOT_TAKEN, 2: NOT_TAKEN },
	},
	{
		name: 'two devices refused alone after one was accepted',
		devices: 4,
		settings: { batchSize: 1, concurrency: 1 },
		faults: poisoned(1, 2),
		requests: '0 1 2',
		statuses: 'SRRN',
		stoppedBy: 'INVALID_REQUEST',
	},
	{
		name: 'a device refused alone, after which a refusal ends the run',
		devices: 3,
		settings: { batchSize: 1 },
		faults: [...poisoned(0), on(1, ATTEMPTS.forbidden, Infinity)],
		requests: '0 1',
		statuses: 'IRN',
		stoppedBy: 'FORBIDDEN',
	},
	{
		name: 'three lost batches in a row, one of them refused before',
		devices: 4,
		settings: { batchSize: 1, maxRetries: 1 },
		faults: [on(1, ATTEMPTS.limited), on(1, ATTEMPTS.lost, Infinity)],
		requests: '0 0 1 1 2 2',
		ids: 'aabbcc',
		statuses: 'UUUN',
		stoppedBy: 'CIRCUIT_OPEN',
		codes: { 3: 'CIRCUIT_OPEN' },
	},
	{
		name: 'three batches in a row of which every device failed: they are not sent again',
		devices: 4,
		settings: { batchSize: 1, concurrency: 1 },
		faults: [on(1, ATTEMPTS.failed, Infinity)],
		requests: '0 1 2',
		statuses: 'FFFN',
		stoppedBy: 'CIRCUIT_OPEN',
	},
	{
		name: 'a request that did not succeed for good under On Error: Stop Workflow, with others in flight',
		devices: 6,
		settings: { batchSize: 1, concurrency: 3, maxRetries: 0, stopOnFailure: true },
		faults: [on(2, LOST_AFTER_QUEUING), on(3, ATTEMPTS.limited)],
		requests: '0 1 2 3',
		statuses: 'SURSNN',
		stoppedBy: 'NETWORK_ERROR',
		codes: { 1: 'NETWORK_ERROR', 2: 'RATE_LIMITED', 4: 'NETWORK_ERROR' },
	},
	{
		name: 'batches that are refused for good, with the others sent all the same',
		devices: 4,
		settings: { batchSize: 1, concurrency: 1 },
		faults: [on(1, refusedWith('DEVICE_LOCKED', 'The device is locked.'), 3)],
		requests: '0 1 2 3',
		statuses: 'RRRS',
		codes: { 0: 'DEVICE_LOCKED' },
	},
];

describe('what is known after', () => {
	it.each(COMBINATIONS)('$name', async (row) => {
		const seen = await attempt(row);
		expect(seen.requests).toBe(row.requests);
		if (row.ids !== undefined) expect(seen.ids).toBe(row.ids);
		expect(seen.statuses).toEqual([...row.statuses].map((letter) => STATUS_OF_LETTER[letter]));
		if (row.queued !== undefined) expect(seen.queued.join('')).toBe(row.queued);
		expect(seen.stoppedBy).toBe(row.stoppedBy);
		for (const [device, reason] of Object.entries(row.reasons ?? {})) {
			expect(seen.reasons[Number(device)]).toBe(reason);
		}
		for (const [device, code] of Object.entries(row.codes ?? {})) {
			expect(seen.codes[Number(device)]).toBe(code);
		}
		seen.outcomes.forEach(({ status, reason }) =>
			status === 'SCHEDULED'
				? expect(reason).toBe('Queued for deletion, not yet removed.')
				: expect(reason).toMatch(/^[A-Z].*[^.]\.$/),
		);
	});

	it('a wait that is too long tells when to try again', async () => {
		const row = COMBINATIONS.find(({ name }) =>
			name.startsWith('a wait that is longer than what the'),
		);
		const { retryAfter, exchanges } = await attempt(row!);
		const answeredAt = Date.UTC(2026, 0, 1) + exchanges[0]!.answeredAt!;
		expect(retryAfter).toBe(new Date(answeredAt + 301_000).toISOString());
	});

	it('a wait of a million years tells the latest date there is, however time goes on meanwhile', async () => {
		let now = Date.UTC(2026, 0, 1);
		const headers = { 'retry-after': '31557600000000' };
		const { stoppedBy } = await runDeletion(DEVICES, DEFAULT_SETTINGS, {
			now: () => now++,
			elapsed: () => 0,
			sleep: () => Promise.reject(new Error('There is nothing to wait for.')),
			random: () => 0,
			send: async (_, requestId) =>
				readDeletionAnswer({ httpStatus: 503, headers, body: '' }, requestId, now),
		});
		expect(stoppedBy).toMatchObject({ retryAfter: new Date(8.64e15).toISOString() });
	});

	it.each(COMBINATIONS)('$name: the last request of each device stands with it', async (row) => {
		const { outcomes, exchanges } = await attempt(row);
		outcomes.forEach(({ last }, device) => {
			const { uid } = DEVICES[device]!;
			const lastWith = exchanges
				.filter(({ devices }) => devices.some((each) => each.uid === uid))
				.at(-1);
			if (lastWith === undefined) return expect(last).toBeUndefined();
			const { answer } = lastWith;
			const { httpStatus, requestId } = answer!.accepted ? answer! : answer!.failure;
			expect(last).toMatchObject({ httpStatus, requestId });
			if (requestId !== null) expect(requestId).toBe(lastWith.requestId);
		});
	});
});
