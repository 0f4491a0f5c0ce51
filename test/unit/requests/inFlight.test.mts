import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import type { KnownErrorCode } from '../../../nodes/Nexthink/api/errorCodes.ts';
import { queryFailure } from '../../../nodes/Nexthink/api/queryAnswer.ts';
import { askEach, type Replies, type Reply } from '../../../nodes/Nexthink/requests/askEach.ts';
import type { RequestRunSettings } from '../../../nodes/Nexthink/requests/requestRun.ts';

/** A run against a tenant that answers when a test says so, by a clock that goes on when a test says so. */
class SteppedRun {
	/** In the order in which they were asked, repeats included. */
	readonly asked: number[] = [];

	/** Those without an answer yet. */
	readonly open: Array<{ question: number; answer: (reply: Reply<number>) => void }> = [];

	readonly result: Promise<Replies<number>>;

	private now = 0;

	private waits: Array<{ until: number; end: () => void }> = [];

	private constructor(count: number, settings: Partial<RequestRunSettings>) {
		this.result = askEach(
			Array.from({ length: count }, (_, question) => question),
			{ concurrency: 3, maxRetries: 0, maxRetryWait: 300, stopOnFailure: false, ...settings },
			{
				now: () => this.now,
				elapsed: () => this.now,
				random: () => 0.5,
				sleep: (milliseconds) =>
					new Promise((end) => this.waits.push({ until: this.now + milliseconds, end })),
				ask: (question) =>
					new Promise((answer) => {
						this.asked.push(question);
						this.open.push({ question, answer });
					}),
			},
		);
	}

	/** Its first question is answered, so that it goes on with as many as the settings allow. */
	static async begun(count: number, settings: Partial<RequestRunSettings>): Promise<SteppedRun> {
		const run = new SteppedRun(count, settings);
		await setImmediate();
		await run.succeed();
		return run;
	}

	/** Answers the oldest open question. */
	async succeed(): Promise<void> {
		const { question, answer } = this.open.shift()!;
		answer({ answer: question });
		await setImmediate();
	}

	/** @param second when to try again, since the beginning, where the tenant says so */
	async fail(code: KnownErrorCode, second?: number): Promise<void> {
		const named = second !== undefined && {
			retryAfter: new Date(1000 * second).toISOString(),
			retryIn: 1000 * second - this.now,
		};
		this.open.shift()!.answer({ failure: { ...queryFailure(code), ...named } });
		await setImmediate();
	}

	async goOnTo(second: number): Promise<void> {
		this.now = 1000 * second;
		const ended = this.waits.filter(({ until }) => until <= this.now);
		this.waits = this.waits.filter(({ until }) => until > this.now);
		for (const { end } of ended) end();
		await setImmediate();
	}

	get waiting(): number {
		return this.waits.length;
	}

	get questions(): number[] {
		return this.open.map(({ question }) => question);
	}
}

const countTo = (last: number) => Array.from({ length: last + 1 }, (_, question) => question);

describe('an outage', () => {
	it.each([
		[1, 3],
		[2, 3],
		[3, 3],
		[4, 4],
		[10, 10],
	])('with %i at a time is met by %i requests', async (concurrency, requests) => {
		const run = await SteppedRun.begun(30, { concurrency });
		while (run.open.length > 0) await run.fail('TIMEOUT');
		expect(run.asked).toEqual(countTo(requests));
		expect(await run.result).toMatchObject({ stoppedBy: 'CIRCUIT_OPEN' });
	});

	it.each([1, 2, 3, 4, 10])(
		'with %i at a time is met by the repeats of those requests alone',
		async (concurrency) => {
			const run = await SteppedRun.begun(30, { concurrency, maxRetries: 2 });
			for (let second = 10; run.open.length > 0; second += 10) {
				while (run.open.length > 0) await run.fail('SERVICE_UNAVAILABLE');
				await run.goOnTo(second);
			}
			expect(new Set(run.asked)).toEqual(new Set(countTo(Math.max(3, concurrency))));
			expect(await run.result).toMatchObject({ stoppedBy: 'CIRCUIT_OPEN' });
		},
	);

	it('of a moment costs nobody an answer', async () => {
		const run = await SteppedRun.begun(12, { concurrency: 4, maxRetries: 1 });
		for (let failures = 0; failures < 4; failures++) await run.fail('SERVICE_UNAVAILABLE');
		expect(run.open).toEqual([]);
		await run.goOnTo(10);
		expect(run.questions).toEqual([1, 2, 3, 4]);
		while (run.open.length > 0) await run.succeed();
		const { replies, stoppedBy } = await run.result;
		expect(replies).toEqual(countTo(11).map((answer) => ({ answer })));
		expect(stoppedBy).toBeUndefined();
	});
});

describe('a run that was stopped', () => {
	it.each<KnownErrorCode>(['SERVICE_UNAVAILABLE', 'RATE_LIMITED'])(
		'does not wait for anything that was in flight (%s)',
		async (code) => {
			const run = await SteppedRun.begun(9, { maxRetries: 3 });
			await run.fail('FORBIDDEN');
			await run.fail(code);
			await run.fail(code);
			expect(run.waiting).toBe(0);
			expect(await run.result).toMatchObject({ requests: 4, stoppedBy: { code: 'FORBIDDEN' } });
		},
	);
});

describe('after 429', () => {
	it('all wait, even where the tenant names no time, and then go one by one', async () => {
		const run = await SteppedRun.begun(8, { maxRetries: 1 });
		await run.fail('RATE_LIMITED');
		await run.succeed();
		await run.succeed();
		await run.goOnTo(7);
		expect(run.open).toEqual([]);
		await run.goOnTo(8);
		while (run.open.length > 0) {
			expect(run.open).toHaveLength(1);
			await run.succeed();
		}
		expect(run.asked).toEqual([0, 1, 2, 3, 1, 4, 5, 6, 7]);
		expect((await run.result).stoppedBy).toBeUndefined();
	});

	it.each([
		[60, 10],
		[10, 60],
	])(
		'all wait for the latest of the times that it names (%i s, %i s), once',
		async (first, second) => {
			const run = await SteppedRun.begun(6, { maxRetries: 1, maxRetryWait: 60 });
			await run.fail('RATE_LIMITED', first);
			await run.fail('RATE_LIMITED', second);
			await run.succeed();
			await run.goOnTo(59);
			expect(run.open).toEqual([]);
			await run.goOnTo(60);
			while (run.open.length > 0) await run.succeed();
			expect((await run.result).replies).toEqual(countTo(5).map((answer) => ({ answer })));
		},
	);

	it('a run waits as long as Maximum Retry Wait says, and not a second longer', async () => {
		const patient = await SteppedRun.begun(2, { maxRetries: 1, maxRetryWait: 60 });
		await patient.fail('RATE_LIMITED', 60);
		await patient.goOnTo(60);
		await patient.succeed();
		expect((await patient.result).stoppedBy).toBeUndefined();

		const tooLong = await SteppedRun.begun(2, { maxRetries: 1, maxRetryWait: 60 });
		await tooLong.fail('RATE_LIMITED', 61);
		expect((await tooLong.result).stoppedBy).toMatchObject({
			code: 'RATE_LIMITED',
			retryAfter: '1970-01-01T00:01:01.000Z',
		});
	});
});
