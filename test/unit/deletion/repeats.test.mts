import { describe, expect, it } from 'vitest';

import type { Failure } from '../../../nodes/Nexthink/api/failure.ts';
import { runDeletion } from '../../../nodes/Nexthink/deletion/run.ts';
import {
	accepted,
	answered,
	neverConnected,
	runOf,
	devicesOf,
	START,
	unanswered,
	type Answering,
} from './scripted-tenant.mts';

const ALMOST_ONE = 1 - Number.EPSILON;

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

describe('a request that may succeed later', () => {
	it.each<[what: string, answering: Answering]>([
		['500', answered(500)],
		['502', answered(502)],
		['503', answered(503)],
		['504', answered(504)],
		['408', answered(408)],
		['499', answered(499)],
		['429', answered(429)],
		['no answer', unanswered()],
		['a broken connection', unanswered('NETWORK_ERROR')],
		['no connection', neverConnected()],
		['no token', unanswered('TOKEN_UNAVAILABLE', 'NOT_SENT')],
		['a new code with 503', answered(503, { code: 'TENANT_ASLEEP' })],
	])('is sent again as it was, before the others: %s', async (_, answering) => {
		const { requests, evidence } = await runOf(4, {
			batchSize: 2,
			maxRetries: 3,
			answers: [answering, answering, accepted()],
		});
		expect(requests.map(({ uids }) => uids.join())).toEqual([
			'u-0,u-1',
			'u-0,u-1',
			'u-0,u-1',
			'u-2,u-3',
		]);
		expect(evidence).toEqual(Array(4).fill('SCHEDULED'));
	});

	it.each<[what: string, answering: Answering]>([
		['302', answered(302)],
		['HTML', answered(202, '<html>')],
		['415', answered(415)],
		['a new code with 422', answered(422, { code: 'NEW_CODE' })],
		['202 INVALID', accepted('INVALID')],
		['202 with a new status', accepted('QUEUED')],
	])('is none of these: %s', async (_, answering) => {
		const { requests, waits } = await runOf(1, { maxRetries: 10, answers: answering });
		expect(requests).toHaveLength(1);
		expect(waits).toEqual([]);
	});

	it.each([0, 1, 3, 10])('is sent again %i times at most, if so set', async (maxRetries) => {
		const { requests, result } = await runOf(1, { maxRetries, answers: answered(503) });
		expect(requests).toHaveLength(1 + maxRetries);
		expect(result.outcomes[0]).toMatchObject({ attempts: 1 + maxRetries, evidence: 'UNKNOWN' });
		expect(result.requests.map(({ batch, attempt }) => [batch, attempt])).toEqual(
			Array.from({ length: 1 + maxRetries }, (_, index) => [1, index + 1]),
		);
	});

	it('is repeated under On Error: Stop Workflow too, until it fails for good', async () => {
		const { requests, result } = await runOf(3, {
			maxRetries: 2,
			stopOnFailure: true,
			answers: answered(503),
		});
		expect(requests).toHaveLength(3);
		expect(result.stoppedBy).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
	});

	it('has the outcome that all its attempts together prove', async () => {
		const cases: Array<[first: Answering, second: Answering, evidence: string]> = [
			[unanswered(), accepted(), 'SCHEDULED'],
			[unanswered(), accepted('INVALID'), 'INVALID'],
			[unanswered(), accepted('FAILED'), 'UNKNOWN'],
			[unanswered(), answered(415), 'UNKNOWN'],
			[unanswered(), answered(401), 'UNKNOWN'],
			[unanswered(), neverConnected(), 'UNKNOWN'],
			[answered(429), neverConnected(), 'REJECTED'],
			[answered(429), accepted('FAILED'), 'FAILED'],
			[answered(429), unanswered(), 'UNKNOWN'],
			[neverConnected(), answered(429), 'REJECTED'],
			[neverConnected(), unanswered(), 'UNKNOWN'],
			[accepted('FAILED'), accepted(), 'SCHEDULED'],
			[accepted('FAILED'), answered(415), 'FAILED'],
			[accepted('FAILED'), unanswered(), 'UNKNOWN'],
		];
		for (const [first, second, expected] of cases) {
			const script = [first];
			const answers: Answering = (...request) => (script.shift() ?? second)(...request);
			const { evidence, requests } = await runOf(1, { maxRetries: 1, answers });
			expect(requests.length).toBeGreaterThan(1);
			expect(evidence).toEqual([expected]);
		}
	});

	it('keeps the request that decided what is known apart from the last one', async () => {
		const { result } = await runOf(1, { maxRetries: 1, answers: [unanswered(), answered(415)] });
		const [outcome] = result.outcomes;
		expect(outcome!.decisive!.failure).toMatchObject({ code: 'TIMEOUT' });
		expect(outcome!.last!.failure).toMatchObject({ code: 'REQUEST_REFUSED' });
	});
});

describe('the wait before a repeat', () => {
	it('is drawn from zero up to a ceiling that doubles from 1 s to 30 s', async () => {
		const ceilings = [1, 2, 4, 8, 16, 30, 30, 30, 30, 30].map((seconds) => 1000 * seconds);
		for (const draw of [0, 0.5, ALMOST_ONE]) {
			const { waits } = await runOf(1, {
				maxRetries: 10,
				answers: answered(503),
				random: () => draw,
			});
			const expected = ceilings.map((ceiling) => draw * ceiling).filter((wait) => wait > 0);
			expect(waits.filter((wait) => wait > 0)).toHaveLength(expected.length);
			waits
				.filter((wait) => wait > 0)
				.forEach((wait, index) => expect(wait).toBeCloseTo(expected[index]!, 3));
		}
	});

	it.each<[what: string, status: number, header: string]>([
		['seconds with 429', 429, '7'],
		['seconds with 503', 503, '7'],
		['a date with 429', 429, new Date(START + 7000).toUTCString()],
		['a date with 503', 503, new Date(START + 7000).toISOString()],
	])('is what the answer asks for: %s', async (_, status, header) => {
		const { waits, evidence } = await runOf(2, {
			maxRetries: 1,
			answers: [answered(status, '', { 'retry-after': header })],
		});
		expect(waits).toEqual([7000]);
		expect(evidence).toEqual(['SCHEDULED', 'SCHEDULED']);
	});

	it('is none where the answer asks for none', async () => {
		const { waits, requests } = await runOf(1, {
			maxRetries: 1,
			answers: [answered(429, '', { 'retry-after': '0' })],
		});
		expect(sum(waits)).toBe(0);
		expect(requests).toHaveLength(2);
	});

	it.each([
		[0, [5000, 10_000, 20_000, 40_000, 60_000]],
		[0.5, [7500, 15_000, 30_000, 60_000, 60_000]],
		[0.999, [9995, 19_990, 39_980, 60_000, 60_000]],
	])(
		'is 5 to 10 s, doubling to 60 s, after a 429 that does not say how long (%s)',
		async (draw, expected) => {
			for (const value of ['', 'soon', '-1']) {
				const { waits } = await runOf(1, {
					maxRetries: 5,
					random: () => draw,
					answers: Array<Answering>(5).fill(answered(429, '', { 'retry-after': value })),
				});
				expect(waits).toEqual(expected);
			}
		},
	);

	it('is what the answer asks for to the millisecond', async () => {
		const { waits } = await runOf(1, {
			maxRetries: 1,
			answers: [answered(429, '', { 'retry-after': '299.997' })],
		});
		expect(waits).toEqual([299_997]);
	});

	it.each([
		['back', -3_600_000],
		['forward', 3_600_000],
	])('is as long as it is asked for where the clock is set %s an hour meanwhile', async (_, by) => {
		let setBy = 0;
		let elapsed = 0;
		const waits: number[] = [];
		const { outcomes } = await runDeletion(
			devicesOf(1),
			{ batchSize: 1, concurrency: 1, maxRetries: 1, maxRetryWait: 300, stopOnFailure: false },
			{
				now: () => START + elapsed + setBy,
				elapsed: () => elapsed,
				random: () => 0.5,
				sleep: async (milliseconds) => {
					waits.push(milliseconds);
					setBy = by;
					elapsed += milliseconds;
					await Promise.resolve();
				},
				send: async (body, requestId) => {
					const answering =
						waits.length === 0 ? answered(429, '', { 'retry-after': '10' }) : accepted();
					return await answering(body, requestId, START + elapsed + setBy);
				},
			},
		);
		expect(waits).toEqual([10_000]);
		expect(outcomes[0]!.evidence).toBe('SCHEDULED');
	});

	it('stops the run where it would be longer than is left, and says when to try again', async () => {
		const { result, requests, waits, evidence } = await runOf(3, {
			maxRetries: 3,
			maxRetryWait: 10,
			answers: [
				answered(429, '', { 'retry-after': '6' }),
				answered(429, '', { 'retry-after': '5' }),
			],
		});
		expect(requests).toHaveLength(2);
		expect(waits).toEqual([6000]);
		expect(evidence).toEqual(['REJECTED', 'NOT_SENT', 'NOT_SENT']);
		const { code, retryAfter } = result.stoppedBy as Failure;
		expect(code).toBe('RATE_LIMITED');
		expect(retryAfter).toBe(new Date(START + 6000 + 5000).toISOString());
	});

	it('leaves a time to try again even where the answer named none', async () => {
		const { result } = await runOf(1, {
			maxRetries: 1,
			maxRetryWait: 0,
			answers: [answered(503)],
		});
		expect((result.stoppedBy as Failure).retryAfter).toBe(new Date(START + 500).toISOString());
	});

	it('is spent from one purse by the whole run', async () => {
		for (const maxRetryWait of [0, 1, 10, 60]) {
			const { waits } = await runOf(50, {
				maxRetries: 10,
				maxRetryWait,
				answers: (...request) =>
					(request[2] % 2 === 0 ? answered(503) : accepted('FAILED'))(...request),
				random: () => ALMOST_ONE,
			});
			expect(sum(waits)).toBeLessThanOrEqual(1000 * maxRetryWait);
		}
	});
});

describe('the repeats of a run', () => {
	it.each([
		[2, 10],
		[9, 10],
		[10, 11],
		[25, 12],
	])('of %i batches are %i at most', async (batches, most) => {
		const failing = new Map<string, number>();
		const { requests } = await runOf(batches, {
			maxRetries: 10,
			answers: (devices, ...rest) => {
				const { uid } = devices[0]!;
				const failed = failing.get(uid) ?? 0;
				failing.set(uid, failed + 1);
				// Every batch would succeed with its third repeat, so that no circuit opens while there are repeats left.
				return (failed < 3 && failing.size <= 5 ? answered(503) : accepted())(devices, ...rest);
			},
		});
		expect(requests.length).toBeLessThanOrEqual(batches + most);
		if (batches > 5) expect(requests.length).toBe(batches + most);
	});

	it('leave one attempt to each batch once they are used up', async () => {
		const { result } = await runOf(4, {
			maxRetries: 10,
			answers: (devices, ...rest) =>
				(devices[0]!.uid === 'u-0' ? answered(503) : accepted())(devices, ...rest),
		});
		expect(result.requests.filter(({ batch }) => batch === 1)).toHaveLength(11);
		const { result: worse } = await runOf(3, { maxRetries: 10, answers: answered(503) });
		expect(worse.requests.map(({ batch }) => batch)).toEqual([...Array(11).fill(1), 2, 3]);
		expect(worse.stoppedBy).toBe('CIRCUIT_OPEN');
	});
});

describe('devices that Nexthink could not schedule', () => {
	const failingOnce = (uids: string[]): Answering => {
		const failed = new Set<string>();
		return accepted((uid) => {
			if (!uids.includes(uid) || failed.has(uid)) return 'SCHEDULED';
			failed.add(uid);
			return 'FAILED';
		});
	};

	it('are pooled and sent again after the first pass', async () => {
		const { requests, evidence, result } = await runOf(6, {
			batchSize: 2,
			maxRetries: 3,
			answers: failingOnce(['u-1', 'u-2', 'u-5']),
		});
		expect(requests.map(({ uids }) => uids.join())).toEqual([
			'u-0,u-1',
			'u-2,u-3',
			'u-4,u-5',
			'u-1,u-2',
			'u-5',
		]);
		expect(evidence).toEqual(Array(6).fill('SCHEDULED'));
		expect(result.outcomes.map(({ attempts }) => attempts)).toEqual([1, 2, 2, 1, 1, 2]);
	});

	it('are sent again in the order of the list, whichever batch was answered first', async () => {
		const failing = accepted((uid) => (uid === 'u-0' ? 'SCHEDULED' : 'FAILED'));
		let answerSecond = () => {};
		const secondAnswered = new Promise<void>((resolve) => (answerSecond = resolve));
		const { requests } = await runOf(3, {
			concurrency: 2,
			maxRetries: 1,
			batchSize: 1,
			answers: [
				accepted(),
				async (...request) => {
					await secondAnswered;
					return await failing(...request);
				},
				async (...request) => {
					answerSecond();
					return await failing(...request);
				},
			],
		});
		expect(requests.slice(3).map(({ uids }) => uids)).toEqual([['u-1'], ['u-2']]);
	});

	it('stay FAILED without repeats', async () => {
		const { requests, evidence } = await runOf(2, {
			batchSize: 2,
			answers: failingOnce(['u-1']),
		});
		expect(requests).toHaveLength(1);
		expect(evidence).toEqual(['SCHEDULED', 'FAILED']);
	});

	it.each([1, 3, 10])('are sent again %i times at most, if so set', async (maxRetries) => {
		const { requests, evidence, result } = await runOf(4, {
			batchSize: 4,
			maxRetries,
			answers: accepted((uid) => (uid === 'u-3' ? 'FAILED' : 'SCHEDULED')),
		});
		expect(requests.map(({ uids }) => uids.join())).toEqual([
			'u-0,u-1,u-2,u-3',
			...Array(maxRetries).fill('u-3'),
		]);
		expect(evidence).toEqual(['SCHEDULED', 'SCHEDULED', 'SCHEDULED', 'FAILED']);
		expect(result.stoppedBy).toBeUndefined();
	});

	it('are waited for before they are sent again', async () => {
		const { waits } = await runOf(2, {
			batchSize: 2,
			maxRetries: 2,
			answers: accepted((uid) => (uid === 'u-1' ? 'FAILED' : 'SCHEDULED')),
			random: () => ALMOST_ONE,
		});
		expect(waits.map(Math.round)).toEqual([1000, 2000]);
	});

	it('are left as they are where the run may wait no longer', async () => {
		const { requests, evidence, result } = await runOf(2, {
			batchSize: 2,
			maxRetries: 2,
			maxRetryWait: 0,
			answers: failingOnce(['u-1']),
		});
		expect(requests).toHaveLength(1);
		expect(evidence).toEqual(['SCHEDULED', 'FAILED']);
		expect(result.stoppedBy).toBeUndefined();
	});

	it('are not sent again by a run that was stopped', async () => {
		const { requests, waits } = await runOf(3, {
			maxRetries: 3,
			answers: [accepted('FAILED'), accepted(), answered(403)],
		});
		expect(requests).toHaveLength(3);
		expect(waits).toEqual([]);
	});

	it('are neither waited for nor sent again where the repeats of the run are used up', async () => {
		const { requests, waits, evidence } = await runOf(1, {
			maxRetries: 10,
			answers: [...Array<Answering>(10).fill(answered(503)), accepted('FAILED')],
		});
		expect(requests).toHaveLength(11);
		expect(waits).toHaveLength(10);
		expect(evidence).toEqual(['UNKNOWN']);
	});

	it('are sent again in no more requests than the run may repeat', async () => {
		// 40 of 60 devices, in 14 batches: the repeats of 20 batches are 12.
		const { requests } = await runOf(60, {
			batchSize: 3,
			maxRetries: 10,
			answers: accepted((uid) => (Number(uid.slice(2)) % 3 === 0 ? 'SCHEDULED' : 'FAILED')),
		});
		expect(requests).toHaveLength(20 + 12);
	});

	it('have an unknown outcome where the repeat was lost', async () => {
		const { evidence } = await runOf(2, {
			batchSize: 2,
			maxRetries: 1,
			answers: [
				accepted((uid) => (uid === 'u-1' ? 'FAILED' : 'SCHEDULED')),
				unanswered(),
				unanswered(),
			],
		});
		expect(evidence).toEqual(['SCHEDULED', 'UNKNOWN']);
	});
});
