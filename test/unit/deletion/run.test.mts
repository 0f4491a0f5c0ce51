import { describe, expect, it } from 'vitest';

import type { DeletionAnswer } from '../../../nodes/Nexthink/api/deletionAnswer.ts';
import { isUuid } from '../../../nodes/Nexthink/input/uuid.ts';
import {
	accepted,
	answered,
	devicesOf,
	neverConnected,
	runOf,
	unanswered,
	type Answering,
} from './scripted-tenant.mts';
import { cpuMillisecondsOf } from '../cpu-time.mts';

describe('a run', () => {
	it.each([
		[0, 100, []],
		[1, 100, [1]],
		[100, 100, [100]],
		[101, 100, [100, 1]],
		[250, 100, [100, 100, 50]],
		[5, 2, [2, 2, 1]],
		[3, 1, [1, 1, 1]],
	])('of %i devices by %i sends them in order, each once', async (count, batchSize, sizes) => {
		const { requests, evidence } = await runOf(count, { batchSize });
		expect(requests.map(({ uids }) => uids.length)).toEqual(sizes);
		expect(requests.flatMap(({ uids }) => uids)).toEqual(devicesOf(count).map(({ uid }) => uid));
		expect(evidence).toEqual(Array.from({ length: count }, () => 'SCHEDULED'));
	});

	it('sends UID and name as they are', async () => {
		const bodies: unknown[] = [];
		const devices = [{ uid: 'U-1', name: ' Zürich 💻 ' }];
		await runOf(devices, {
			answers: (body, ...rest) => {
				bodies.push(structuredClone(body));
				return accepted()(body, ...rest);
			},
		});
		expect(bodies).toEqual([devices]);
	});

	it('keeps of every request what happened to it', async () => {
		const { result, requests } = await runOf(5, {
			batchSize: 3,
			answers: [
				accepted((uid) => (uid === 'u-2' ? 'INVALID' : 'SCHEDULED')),
				answered(415, '', { 'x-request-id': 'theirs', 'x-trace-id': 'trace' }),
			],
		});
		expect(result.requests).toMatchObject([
			{ batch: 1, devices: 3, scheduled: 2, httpStatus: 202, requestId: requests[0]!.requestId },
			{
				batch: 2,
				devices: 2,
				scheduled: 0,
				httpStatus: 415,
				requestId: 'theirs',
				traceId: 'trace',
			},
		]);
		expect(result.requests[0]).not.toHaveProperty('failure');
		expect(result.requests[1]!.failure).toMatchObject({ code: 'REQUEST_REFUSED' });
		expect(result.outcomes[2]!.last).toBe(result.requests[0]);
		expect(result.outcomes[3]!.last).toBe(result.requests[1]);
		expect(result).not.toHaveProperty('stoppedBy');
	});

	it('counts devices that were not asked for, and answers that miscount', async () => {
		const stranger = { uid: 'x', name: 'x', status: 'SCHEDULED' };
		const { result, evidence } = await runOf(4, {
			answers: [
				accepted('SCHEDULED', { scheduledCount: 1 }),
				accepted('SCHEDULED', { scheduledCount: 2 }),
				accepted('INVALID', { scheduledCount: 1 }),
				answered(202, { devices: [stranger, { ...stranger, uid: 'u-3' }] }),
			],
		});
		expect(result).toMatchObject({ strangers: 1, miscounts: 2 });
		expect(evidence).toEqual(['SCHEDULED', 'SCHEDULED', 'INVALID', 'SCHEDULED']);
	});

	it('of 20,000 devices adds no more than a moment', async () => {
		const took = await cpuMillisecondsOf(async () => {
			const { evidence } = await runOf(20_000, { batchSize: 100, concurrency: 4 });
			expect(evidence.every((word) => word === 'SCHEDULED')).toBe(true);
		});
		expect(took).toBeLessThan(3000);
	});
});

describe('what is known of a device', () => {
	it.each<[what: string, answering: Answering, evidence: string, attempts: number]>([
		['202 SCHEDULED', accepted('SCHEDULED'), 'SCHEDULED', 1],
		['202 INVALID', accepted('INVALID'), 'INVALID', 1],
		['202 FAILED', accepted('FAILED'), 'FAILED', 1],
		['202 with a new status', accepted('QUEUED'), 'UNKNOWN', 1],
		['202 without the device', answered(202, { devices: [] }), 'UNKNOWN', 1],
		['202 with HTML', answered(202, '<html>'), 'UNKNOWN', 1],
		['302', answered(302), 'UNKNOWN', 1],
		['400 without a code', answered(400), 'REJECTED', 1],
		['401', answered(401), 'REJECTED', 1],
		['403', answered(403), 'REJECTED', 1],
		['404', answered(404), 'REJECTED', 1],
		['408', answered(408), 'UNKNOWN', 1],
		['415', answered(415), 'REJECTED', 1],
		['422 with a new code', answered(422, { code: 'NEW_CODE', message: 'x' }), 'REJECTED', 1],
		['429', answered(429), 'REJECTED', 1],
		['499', answered(499), 'UNKNOWN', 1],
		['500', answered(500, { code: 'INTERNAL_ERROR' }), 'UNKNOWN', 1],
		['502', answered(502), 'UNKNOWN', 1],
		['503', answered(503), 'UNKNOWN', 1],
		['504', answered(504), 'UNKNOWN', 1],
		['no answer', unanswered(), 'UNKNOWN', 1],
		['a connection that broke', unanswered('NETWORK_ERROR'), 'UNKNOWN', 1],
		['a connection that was never made', neverConnected(), 'NOT_SENT', 0],
		['no token', unanswered('TOKEN_UNAVAILABLE', 'NOT_SENT'), 'NOT_SENT', 0],
	])('after %s', async (_, answering, evidence, attempts) => {
		const { result, requests } = await runOf(1, { answers: [answering] });
		expect(requests).toHaveLength(1);
		expect(result.outcomes[0]).toMatchObject({ evidence, attempts });
	});

	it('is the word of the API where it is unfamiliar, with a reason', async () => {
		const { result } = await runOf(1, { answers: [accepted('QUEUED')] });
		expect(result.outcomes[0]).toMatchObject({ apiStatus: 'QUEUED' });
		expect(result.outcomes[0]!.reason).toMatch(/^[A-Z].*\.$/);
	});

	it('is each for itself within one answer', async () => {
		const statuses = ['SCHEDULED', 'INVALID', 'FAILED', 'QUEUED', 'SCHEDULED'];
		const { evidence } = await runOf(5, {
			batchSize: 5,
			answers: [accepted((uid) => statuses[Number(uid.slice(2))]!)],
		});
		expect(evidence).toEqual(['SCHEDULED', 'INVALID', 'FAILED', 'UNKNOWN', 'SCHEDULED']);
	});
});

describe('a run of three requests, however they are answered', () => {
	const kinds: Array<[word: string, answering: Answering, evidence: string]> = [
		['scheduled', accepted(), 'SCHEDULED'],
		['invalid', accepted('INVALID'), 'INVALID'],
		['failed', accepted('FAILED'), 'FAILED'],
		['refused', answered(415), 'REJECTED'],
		['stopped', answered(403), 'REJECTED'],
		['lost', unanswered(), 'UNKNOWN'],
		['unreadable', answered(202, '<html>'), 'UNKNOWN'],
		['unconnected', neverConnected(), 'NOT_SENT'],
	];

	it.each(kinds)(
		'the first of them %s, gives each device the outcome of its own',
		async (...first) => {
			const runs = [];
			for (const second of kinds) {
				for (const third of kinds) {
					const script = [first, second, third];
					for (const stopOnFailure of [false, true]) {
						const { requests, evidence } = await runOf(3, {
							stopOnFailure,
							answers: script.map(([, answering]) => answering),
						});
						runs.push({ script, evidence, sent: requests.flatMap(({ uids }) => uids) });
					}
				}
			}
			expect(runs).toHaveLength(2 * kinds.length ** 2);
			expect(runs.map(({ sent }) => sent)).toEqual(
				runs.map(({ sent }) => ['u-0', 'u-1', 'u-2'].slice(0, sent.length)),
			);
			expect(runs.map(({ evidence }) => evidence)).toEqual(
				runs.map(({ script, sent }) =>
					script.map(([, , word], index) => (index < sent.length ? word : 'NOT_SENT')),
				),
			);
		},
	);
});

describe('a refusal that every further request would meet', () => {
	it.each<[code: string, answering: Answering]>([
		['UNAUTHORIZED', answered(401)],
		['FORBIDDEN', answered(403)],
		['FEATURE_NOT_ENABLED', answered(403, { code: 'FEATURE_NOT_ENABLED' })],
		['EMPTY_TENANT', answered(400, { code: 'EMPTY_TENANT' })],
		['EMPTY_REQUEST', answered(400, { code: 'EMPTY_REQUEST' })],
		['NOT_FOUND', answered(404)],
		['UNAUTHORIZED', unanswered('UNAUTHORIZED', 'NOT_SENT')],
	])('stops the run: %s', async (code, answering) => {
		const { result, requests, evidence } = await runOf(5, {
			maxRetries: 10,
			answers: [accepted(), answering],
		});
		expect(requests).toHaveLength(2);
		expect(result.stoppedBy).toMatchObject({ code });
		expect(evidence[0]).toBe('SCHEDULED');
		expect(evidence.slice(2)).toEqual(['NOT_SENT', 'NOT_SENT', 'NOT_SENT']);
		expect(result.outcomes[4]).toEqual({ evidence: 'NOT_SENT', attempts: 0 });
	});
});

describe('three failed batches in a row', () => {
	const FAILURES: Array<[what: string, answering: Answering]> = [
		['500', answered(500)],
		['503', answered(503)],
		['504', answered(504)],
		['408', answered(408)],
		['429', answered(429)],
		['no answer', unanswered()],
		['a broken connection', unanswered('NETWORK_ERROR')],
		['no connection', neverConnected()],
		['no token', unanswered('TOKEN_UNAVAILABLE', 'NOT_SENT')],
		['an answer that cannot be read', answered(202, '<html>')],
		['202 with every device FAILED', accepted('FAILED')],
		['202 with an unfamiliar status for every device', accepted('QUEUED')],
	];

	it.each(FAILURES)('open the circuit: %s', async (_, answering) => {
		const { result, requests, evidence } = await runOf(6, {
			answers: [accepted(), answering, answering, answering],
		});
		expect(requests).toHaveLength(4);
		expect(result.stoppedBy).toBe('CIRCUIT_OPEN');
		expect(evidence[0]).toBe('SCHEDULED');
		expect(evidence.slice(4)).toEqual(['NOT_SENT', 'NOT_SENT']);
	});

	it('open it when they are of different kinds', async () => {
		const answers = [answered(503), unanswered(), accepted('FAILED')];
		const { result, requests } = await runOf(6, { answers });
		expect(requests).toHaveLength(3);
		expect(result.stoppedBy).toBe('CIRCUIT_OPEN');
	});

	it.each(FAILURES)('do not open it with a success between them: %s', async (_, answering) => {
		const answers = [answering, answering, accepted(), answering, answering, accepted('INVALID')];
		const { result, requests } = await runOf(8, { answers });
		expect(requests).toHaveLength(8);
		expect(result.stoppedBy).toBeUndefined();
	});

	it('are not those of which one device was scheduled', async () => {
		const { result, requests } = await runOf(10, {
			batchSize: 2,
			answers: accepted((uid) => (Number(uid.slice(2)) % 2 === 0 ? 'FAILED' : 'SCHEDULED')),
		});
		expect(requests).toHaveLength(5);
		expect(result.stoppedBy).toBeUndefined();
	});
});

describe('an answer that tells what became of some devices only', () => {
	it('is no failed batch', async () => {
		const { result, requests, evidence } = await runOf(10, {
			batchSize: 2,
			stopOnFailure: true,
			answers: accepted((uid) => (Number(uid.slice(2)) % 2 === 0 ? 'QUEUED' : 'SCHEDULED')),
		});
		expect(requests).toHaveLength(5);
		expect(result.stoppedBy).toBeUndefined();
		expect(evidence.slice(0, 2)).toEqual(['UNKNOWN', 'SCHEDULED']);
	});
});

describe('under On Error: Stop Workflow', () => {
	it.each<[what: string, answering: Answering, code: string]>([
		['503', answered(503), 'SERVICE_UNAVAILABLE'],
		['429', answered(429), 'RATE_LIMITED'],
		['415', answered(415), 'REQUEST_REFUSED'],
		['no answer', unanswered(), 'TIMEOUT'],
		['HTML', answered(202, '<html>'), 'UNEXPECTED_RESPONSE'],
		['202 with an unfamiliar status', accepted('QUEUED'), 'UNEXPECTED_RESPONSE'],
	])('a request that does not succeed (%s) starts no further one', async (_, answering, code) => {
		const { result, requests, evidence } = await runOf(4, {
			stopOnFailure: true,
			answers: [accepted(), answering],
		});
		expect(requests).toHaveLength(2);
		expect(result.stoppedBy).toMatchObject({ code });
		expect(evidence.slice(2)).toEqual(['NOT_SENT', 'NOT_SENT']);
	});

	it('a device that is INVALID or FAILED does not stop the run', async () => {
		const { requests, result } = await runOf(4, {
			stopOnFailure: true,
			answers: [accepted('INVALID'), accepted('FAILED')],
		});
		expect(requests).toHaveLength(4);
		expect(result.stoppedBy).toBeUndefined();
	});
});

describe('the request ids of a run', () => {
	const GIVEN = '0f8fad5b-d9cb-469f-a165-70867728950e';

	const idsOf = async (requestId?: string, answers: Answering[] = []) =>
		(await runOf(4, { requestId, answers, maxRetries: 3 })).requests.map((sent) => sent.requestId);

	it('begin with the given one, and the others are derived from it', async () => {
		const ids = await idsOf(GIVEN);
		expect(ids[0]).toBe(GIVEN);
		expect(new Set(ids).size).toBe(4);
		expect(await idsOf(GIVEN)).toEqual(ids);
	});

	it('are random without it', async () => {
		const ids = [...(await idsOf()), ...(await idsOf())];
		expect(new Set(ids).size).toBe(8);
		for (const id of ids) expect(isUuid(id)).toBe(true);
	});

	it.each([[GIVEN], [undefined]])(
		'stay with a body that is sent again (given: %s)',
		async (given) => {
			const ids = await idsOf(given, [answered(503), answered(503), accepted(), answered(503)]);
			expect(ids).toHaveLength(7);
			expect(ids[1]).toBe(ids[0]);
			expect(ids[2]).toBe(ids[0]);
			expect(ids[4]).toBe(ids[3]);
			expect(new Set(ids).size).toBe(4);
		},
	);
});

describe('a cancelled run', () => {
	it('sends nothing where it was cancelled before', async () => {
		const { result, requests, evidence } = await runOf(3, { signal: AbortSignal.abort() });
		expect(requests).toEqual([]);
		expect(result.stoppedBy).toBe('CANCELLED');
		expect(evidence).toEqual(['NOT_SENT', 'NOT_SENT', 'NOT_SENT']);
	});

	it.each<[what: string, answering: Answering, evidence: string]>([
		['whose request is given up', unanswered('CANCELLED'), 'UNKNOWN'],
		['whose request is still answered', accepted(), 'SCHEDULED'],
		['whose request is refused', answered(503), 'UNKNOWN'],
	])('sends nothing more (%s)', async (_, answering, expected) => {
		const cancel = new AbortController();
		const { result, requests, evidence } = await runOf(4, {
			maxRetries: 10,
			signal: cancel.signal,
			answers: [
				accepted(),
				(...request) => {
					cancel.abort();
					return answering(...request);
				},
			],
		});
		expect(requests).toHaveLength(2);
		expect(result.stoppedBy).toBe('CANCELLED');
		expect(evidence).toEqual(['SCHEDULED', expected, 'NOT_SENT', 'NOT_SENT']);
	});

	it('keeps nothing of a request that had not left by then', async () => {
		const { result } = await runOf(2, {
			answers: [accepted(), unanswered('CANCELLED', 'NOT_SENT')],
		});
		expect(result.stoppedBy).toBe('CANCELLED');
		expect(result.requests).toHaveLength(1);
		expect(result.outcomes[1]).toEqual({ evidence: 'NOT_SENT', attempts: 0 });
	});

	it('is known to be one where n8n ends the request without a signal', async () => {
		const { result, requests } = await runOf(3, { answers: [unanswered('CANCELLED')] });
		expect(requests).toHaveLength(1);
		expect(result.stoppedBy).toBe('CANCELLED');
	});

	it('does not wait to the end of a wait', async () => {
		const cancel = new AbortController();
		const { result, requests, evidence } = await runOf(2, {
			maxRetries: 3,
			signal: cancel.signal,
			answers: [answered(503)],
			sleep: () => {
				cancel.abort();
				return new Promise<void>(() => {});
			},
		});
		expect(requests).toHaveLength(1);
		expect(result.stoppedBy).toBe('CANCELLED');
		expect(evidence).toEqual(['UNKNOWN', 'NOT_SENT']);
	});
});

describe('concurrency', () => {
	/** Answers in the order in which a test wants it. */
	class OpenRequests {
		readonly open: Array<{ uids: string[]; answer: (answering: Answering) => void }> = [];

		readonly answering: Answering = (devices, requestId, now) =>
			new Promise<DeletionAnswer>((resolve) => {
				this.open.push({
					uids: devices.map(({ uid }) => uid),
					answer: (answering) => resolve(answering(devices, requestId, now)),
				});
			});

		/** Answers the oldest open request, once the run has come to rest. */
		async answerNext(answering: Answering): Promise<void> {
			await new Promise((resolve) => setImmediate(resolve));
			this.open.shift()!.answer(answering);
			await new Promise((resolve) => setImmediate(resolve));
		}

		get uids(): string[] {
			return this.open.flatMap(({ uids }) => uids);
		}
	}

	it('begins with one request, and with the first 202 goes up to what is set', async () => {
		const tenant = new OpenRequests();
		const run = runOf(6, { concurrency: 3, answers: tenant.answering });
		await new Promise((resolve) => setImmediate(resolve));
		expect(tenant.uids).toEqual(['u-0']);
		await tenant.answerNext(answered(415));
		expect(tenant.uids).toEqual(['u-1']);
		await tenant.answerNext(accepted());
		expect(tenant.uids).toEqual(['u-2', 'u-3', 'u-4']);
		await tenant.answerNext(accepted());
		expect(tenant.uids).toEqual(['u-3', 'u-4', 'u-5']);
		while (tenant.open.length > 0) await tenant.answerNext(accepted());
		expect((await run).evidence).toEqual(['REJECTED', ...Array(5).fill('SCHEDULED')]);
	});

	it('keeps the order of the devices, in whatever order the answers come', async () => {
		const tenant = new OpenRequests();
		const run = runOf(4, { concurrency: 3, answers: tenant.answering });
		await tenant.answerNext(accepted());
		tenant.open.reverse();
		await tenant.answerNext(accepted('INVALID'));
		await tenant.answerNext(answered(415));
		await tenant.answerNext(accepted());
		expect((await run).evidence).toEqual(['SCHEDULED', 'SCHEDULED', 'REJECTED', 'INVALID']);
	});

	it('goes down to one with the first 429', async () => {
		const tenant = new OpenRequests();
		const run = runOf(8, { concurrency: 3, answers: tenant.answering });
		await tenant.answerNext(accepted());
		expect(tenant.open).toHaveLength(3);
		await tenant.answerNext(answered(429));
		await tenant.answerNext(accepted());
		await tenant.answerNext(accepted());
		while (tenant.open.length > 0) {
			expect(tenant.open).toHaveLength(1);
			await tenant.answerNext(accepted());
		}
		expect((await run).evidence.filter((word) => word === 'SCHEDULED')).toHaveLength(7);
	});

	it('goes on while a request waits to be sent again, but not while the tenant named a time', async () => {
		for (const [header, others] of [
			[{}, ['u-2', 'u-3', 'u-4']],
			[{ 'retry-after': '5' }, ['u-2', 'u-3']],
		] as const) {
			const tenant = new OpenRequests();
			const endWaits: Array<() => void> = [];
			const run = runOf(5, {
				concurrency: 3,
				maxRetries: 1,
				answers: tenant.answering,
				sleep: () => new Promise<void>((resolve) => endWaits.push(resolve)),
			});
			await tenant.answerNext(accepted());
			await tenant.answerNext(answered(503, '', header));
			expect(tenant.uids).toEqual(['u-2', 'u-3']);
			await tenant.answerNext(accepted());
			expect(tenant.uids).toEqual(others.slice(1));
			for (const endWait of endWaits) endWait();
			await new Promise((resolve) => setImmediate(resolve));
			while (tenant.open.length > 0) await tenant.answerNext(accepted());
			expect((await run).evidence).toEqual(Array(5).fill('SCHEDULED'));
		}
	});

	it.each([
		[2, 3],
		[4, 4],
		[10, 10],
	])('of %i meets an outage with %i requests', async (concurrency, most) => {
		const tenant = new OpenRequests();
		const run = runOf(30, { concurrency, answers: tenant.answering });
		await tenant.answerNext(accepted());
		while (tenant.open.length > 0) await tenant.answerNext(unanswered());
		const { result, requests } = await run;
		expect(requests).toHaveLength(1 + most);
		expect(result.stoppedBy).toBe('CIRCUIT_OPEN');
	});

	it('lets those in flight finish when one stops the run', async () => {
		const tenant = new OpenRequests();
		const run = runOf(8, { concurrency: 3, answers: tenant.answering });
		await tenant.answerNext(accepted());
		await tenant.answerNext(answered(403));
		expect(tenant.uids).toEqual(['u-2', 'u-3']);
		await tenant.answerNext(accepted());
		await tenant.answerNext(answered(503));
		const { result, evidence } = await run;
		expect(result.stoppedBy).toMatchObject({ code: 'FORBIDDEN' });
		expect(evidence).toEqual([
			'SCHEDULED',
			'REJECTED',
			'SCHEDULED',
			'UNKNOWN',
			...Array(4).fill('NOT_SENT'),
		]);
	});

	it('neither repeats nor blames what was in flight when one stops the run', async () => {
		const tenant = new OpenRequests();
		const run = runOf(8, { concurrency: 3, maxRetries: 3, answers: tenant.answering });
		await tenant.answerNext(accepted());
		await tenant.answerNext(answered(403));
		await tenant.answerNext(answered(400, { code: 'INVALID_REQUEST', message: 'x' }));
		await tenant.answerNext(answered(503));
		const { evidence, waits } = await run;
		expect(evidence.slice(1, 4)).toEqual(['REJECTED', 'REJECTED', 'UNKNOWN']);
		expect(waits).toEqual([]);
	});
});
