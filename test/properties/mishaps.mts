import type { Fault, FaultRule } from '../simulator/faults.mts';
import { ALTERATIONS } from './words.mts';

/** One thing that goes wrong with some requests in a row. */
export interface Mishap {
	what: string;
	/** The first request that it may befall, counted from 1; an earlier mishap of the list comes first. */
	from: number;
	/** How many requests it befalls; Infinity: all from then on. */
	times: number;
}

const status = (code: number, body?: object, headers?: Record<string, string>): Fault => ({
	kind: 'status',
	status: code,
	body,
	headers,
});

const queued = (code: number): Fault => ({ kind: 'status', status: code, queued: true });

const refusal = (code: number, name: string): Fault =>
	status(code, { code: name, message: `Refused as ${name}.` });

const limited = (retryAfter: string, more: Record<string, string> = {}): Fault =>
	status(429, undefined, { 'Retry-After': retryAfter, ...more });

const fails = (share: number, isQueued = false): Fault => ({
	kind: 'failDevices',
	uids: (uid) => Number.parseInt(uid.slice(-2), 16) % share === 0,
	queued: isQueued,
});

/** What becomes better by itself or by another request. */
export const PASSING: Readonly<Record<string, Fault>> = {
	'503': status(503),
	'503 after queuing': queued(503),
	'503 that asks for 7 seconds': status(503, undefined, { 'Retry-After': '7' }),
	'500 INTERNAL_ERROR': refusal(500, 'INTERNAL_ERROR'),
	'500 after queuing': queued(500),
	'502 page of a gateway': { kind: 'html', status: 502 },
	'504 page after queuing': { kind: 'html', status: 504, queued: true },
	'408 after queuing': queued(408),
	'499': status(499),
	'429': status(429),
	'429 that asks for 3 seconds': limited('3'),
	'429 that asks for no wait': limited('0'),
	'429 that asks for 40 seconds by a clock that is slow': limited('Thu, 01 Jan 2026 00:00:40 GMT', {
		Date: 'Thu, 01 Jan 2026 00:00:00 GMT',
	}),
	'429 that asks for a moment in the past': limited('Wed, 01 Jan 2025 00:00:00 GMT'),
	'429 that asks for "soon"': limited('soon'),
	'429 that asks for a year': limited('31536000'),
	reset: { kind: 'reset', queued: false },
	'reset after queuing': { kind: 'reset', queued: true },
	silence: { kind: 'silence' },
	'silence after queuing': { kind: 'silence', queued: true },
	'answer cut off after queuing': { kind: 'cutOff' },
	'answer cut off, nothing queued': { kind: 'cutOff', queued: false },
	'answer byte by byte': { kind: 'drip', bytesPerSecond: 40 },
	'answer 2 seconds later': { kind: 'delay', milliseconds: 2_000 },
	'answer 2 minutes later': { kind: 'delay', milliseconds: 120_000 },
	'all devices FAILED': fails(1),
	'every third device FAILED': fails(3),
	'dead token': { kind: 'unauthorized' },
	'all tokens expire': { kind: 'expireTokens' },
};

/** What does not. */
export const LASTING: Readonly<Record<string, Fault>> = {
	'302 after queuing': { kind: 'redirect', status: 302, location: '/login', queued: true },
	'202 page after queuing': { kind: 'html', status: 202, queued: true },
	'202 without a body': queued(202),
	'endless 202': { kind: 'huge', bytes: 200_000_000, queued: true },
	'400 INVALID_REQUEST': refusal(400, 'INVALID_REQUEST'),
	'400 EMPTY_REQUEST': refusal(400, 'EMPTY_REQUEST'),
	'400 EMPTY_TENANT': refusal(400, 'EMPTY_TENANT'),
	'400 BATCH_SIZE_EXCEEDED': refusal(400, 'BATCH_SIZE_EXCEEDED'),
	'400 of a later day': refusal(400, 'DEVICE_LOCKED'),
	'403': status(403),
	'403 FEATURE_NOT_ENABLED': refusal(403, 'FEATURE_NOT_ENABLED'),
	'404': status(404),
	'413 page of a gateway': { kind: 'html', status: 413 },
	'415': status(415),
	'every third device FAILED although queued': fails(3, true),
};

/** The login host's own. */
export const LOGIN: Readonly<Record<string, Fault>> = {
	'login 503': status(503),
	'login 429': status(429),
	'login without an answer': { kind: 'reset', queued: false },
	'login refused': status(401, { error: 'invalid_client' }),
};

export const ALTERED: Readonly<Record<string, Fault>> = Object.fromEntries(
	ALTERATIONS.map(({ name, change }) => [`answer ${name}`, { kind: 'answer', change }]),
);

/** The request finds no connection, so the tenant does not know of it. */
export const NO_CONNECTION = 'no connection';

export function isBlocked(mishaps: readonly Mishap[], request: number): boolean {
	return mishaps.some(
		({ what, from, times }) => what === NO_CONNECTION && request >= from && request < from + times,
	);
}

/** Everything that can go wrong. */
export const MISHAPS: ReadonlyMap<string, Fault | undefined> = new Map([
	...Object.entries({ ...PASSING, ...LASTING, ...LOGIN, ...ALTERED }),
	[NO_CONNECTION, undefined],
]);

/** The tenant's part of a list of mishaps. */
export function rulesOf(mishaps: readonly Mishap[]): FaultRule[] {
	return mishaps.flatMap(({ what, from, times }): FaultRule[] => {
		const play = MISHAPS.get(what);
		if (play === undefined) return [];
		return [{ route: what in LOGIN ? 'token' : 'deletions', from, times, play }];
	});
}

/** Whether the tenant says of a device what it did: SCHEDULED of one that is queued, FAILED of one that is not. */
export function isHonest({ what }: Mishap): boolean {
	const alteration = ALTERATIONS.find(({ name }) => `answer ${name}` === what);
	return alteration?.lies !== true && what !== 'every third device FAILED although queued';
}
