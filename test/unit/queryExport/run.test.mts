import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';

import type { KnownErrorCode } from '../../../nodes/Nexthink/api/errorCodes.ts';
import type { Failure } from '../../../nodes/Nexthink/api/failure.ts';
import { queryFailure, type ExportStatus } from '../../../nodes/Nexthink/api/queryAnswer.ts';
import { runExport, type ExportSettings } from '../../../nodes/Nexthink/queryExport/run.ts';

const SETTINGS: ExportSettings = { maxRetries: 2, maxRetryWait: 300, maxExportWait: 600 };

const said = (status: ExportStatus['status'], more: Partial<ExportStatus> = {}): ExportStatus => ({
	status,
	isCutByLicence: false,
	...more,
});

const COMPLETED = said('COMPLETED', { fileUrl: 'https://files.example/1' });

interface Script {
	start?: Array<Failure | string>;
	/** The last one stays. */
	status?: Array<Failure | ExportStatus>;
	fetch?: Array<Failure | string>;
	settings?: Partial<ExportSettings>;
	signal?: AbortSignal;
	onSleep?: () => Promise<void> | void;
	/** Milliseconds that a request takes unless it is ended before. */
	takes?: number;
}

async function run({
	start = ['id-1'],
	status = [COMPLETED],
	fetch = ['file'],
	...more
}: Script = {}) {
	let now = 0;
	const calls: string[] = [];
	const turn = <Word,>(script: Word[], call: string): Word => {
		const past = calls.filter((each) => each.startsWith(call.split(' ')[0]!)).length;
		calls.push(`${call} at ${now / 1000}`);
		return script[Math.min(past, script.length - 1)]!;
	};
	const replyOf = <Answer,>(word: Failure | Answer, atMost = Infinity) => {
		if (atMost <= 0) return { failure: queryFailure('EXPORT_UNFINISHED') };
		now += Math.min(more.takes ?? 0, atMost);
		return typeof word === 'object' && word !== null && 'evidence' in word
			? { failure: word }
			: { answer: word as Answer };
	};
	const outcome = await runExport(
		'query',
		{ ...SETTINGS, ...more.settings },
		{
			start: async (_, __, milliseconds) => replyOf<string>(turn(start, 'start'), milliseconds),
			status: async (id, _, milliseconds) =>
				replyOf<ExportStatus>(turn(status, `status ${id}`), milliseconds),
			fetch: async (url, milliseconds) =>
				replyOf<string>(turn(fetch, `fetch ${url} within ${milliseconds / 1000}`), milliseconds),
			now: () => now,
			elapsed: () => now,
			random: () => 0.5,
			sleep: async (milliseconds) => {
				now += milliseconds;
				await more.onSleep?.();
			},
			signal: more.signal,
		},
	);
	return { outcome, calls, elapsed: now / 1000 };
}

describe('an export', () => {
	it('is started, asked for with growing pauses up to 30 s, and fetched', async () => {
		const status = [
			said('SUBMITTED'),
			...Array<ExportStatus>(6).fill(said('IN_PROGRESS')),
			COMPLETED,
		];
		const { outcome, calls } = await run({ status });
		expect(outcome).toEqual({ exportId: 'id-1', isCutByLicence: false, file: 'file' });
		expect(calls).toEqual([
			'start at 0',
			...[1, 3, 7, 15, 31, 61, 91, 121].map((second) => `status id-1 at ${second}`),
			'fetch https://files.example/1 within 479 at 121',
		]);
	});

	it('says that the licence cut it', async () => {
		const { outcome } = await run({ status: [{ ...COMPLETED, isCutByLicence: true }] });
		expect(outcome).toMatchObject({ file: 'file', isCutByLicence: true });
	});

	it('that is never started has no id', async () => {
		const { outcome, calls } = await run({ start: [queryFailure('FORBIDDEN')] });
		expect(outcome).toEqual({ isCutByLicence: false, endedBy: queryFailure('FORBIDDEN') });
		expect(calls).toEqual(['start at 0']);
	});

	it.each<[code: KnownErrorCode, requests: number]>([
		['REQUEST_REFUSED', 1],
		['SERVICE_UNAVAILABLE', 3],
	])('ends with %s where its start or its status does for good', async (code, requests) => {
		const unstarted = await run({ start: [queryFailure(code)] });
		expect(unstarted.outcome.endedBy).toMatchObject({ code });
		expect(unstarted.calls).toHaveLength(requests);
		const unanswered = await run({ status: [queryFailure(code)] });
		expect(unanswered.outcome).toMatchObject({ exportId: 'id-1', endedBy: { code } });
		expect(unanswered.calls).toHaveLength(1 + requests);
	});

	it('is not started while the daily number is used up: the time of the next one is said', async () => {
		const retryAfter = '1970-01-02T00:00:00.000Z';
		const { outcome, calls } = await run({
			start: [{ ...queryFailure('RATE_LIMITED'), retryAfter, retryIn: 86_400_000 }],
		});
		expect(outcome).toMatchObject({ endedBy: { code: 'RATE_LIMITED', retryAfter } });
		expect(calls).toHaveLength(1);
	});

	it('is started and asked for again where that may succeed later', async () => {
		const down = queryFailure('SERVICE_UNAVAILABLE');
		const { outcome, calls } = await run({ start: [down, 'id-1'], status: [down, COMPLETED] });
		expect(outcome).toMatchObject({ file: 'file' });
		expect(calls.map((call) => call.split(' ')[0])).toEqual([
			'start',
			'start',
			'status',
			'status',
			'fetch',
		]);
	});

	it('ends in ERROR with the words of Nexthink', async () => {
		const status = [said('ERROR', { description: 'It took too long.' })];
		expect((await run({ status })).outcome).toEqual({
			exportId: 'id-1',
			isCutByLicence: false,
			endedBy: 'EXPORT_FAILED',
			description: 'It took too long.',
		});
		expect((await run({ status: [said('ERROR')] })).outcome).not.toHaveProperty('description');
	});

	it('without an address of its file cannot be read', async () => {
		expect((await run({ status: [said('COMPLETED')] })).outcome.endedBy).toBe(
			'UNEXPECTED_RESPONSE',
		);
	});

	it('ends when its time is over, and not before', async () => {
		const settings = { maxExportWait: 10 };
		const { outcome, calls, elapsed } = await run({ status: [said('IN_PROGRESS')], settings });
		expect(outcome.endedBy).toBe('EXPORT_UNFINISHED');
		expect(calls.slice(1)).toEqual(
			[1, 3, 6.5, 8.25, 9.125, 9.625].map((second) => `status id-1 at ${second}`),
		);
		expect(elapsed).toBe(10);
	});

	it('is asked for early enough that its file can still be fetched in its time', async () => {
		const status = [...Array<ExportStatus>(4).fill(said('IN_PROGRESS')), COMPLETED];
		const { outcome, calls } = await run({ status, settings: { maxExportWait: 10 } });
		expect(outcome).toMatchObject({ file: 'file' });
		expect(calls.at(-1)).toBe('fetch https://files.example/1 within 0.875 at 9.125');
	});

	it.each<[what: string, script: Script]>([
		['its start is never answered', { start: [queryFailure('TIMEOUT')] }],
		['its status is never answered', { status: [queryFailure('TIMEOUT')] }],
		['its status is answered slowly', { status: [said('IN_PROGRESS')] }],
	])('ends in its time where %s', async (_, script) => {
		const settings = { maxExportWait: 30, maxRetries: 10 };
		const { outcome, elapsed } = await run({ ...script, settings, takes: 60_000 });
		const { endedBy } = outcome;
		expect(typeof endedBy === 'object' ? endedBy.code : endedBy).toBe('EXPORT_UNFINISHED');
		// The one pause between two requests that is under way when the time ends.
		expect(elapsed).toBeLessThanOrEqual(31);
	});

	it('waits for the repeats of all its questions together no longer than Maximum Retry Wait', async () => {
		const down = queryFailure('SERVICE_UNAVAILABLE');
		const script = Array.from({ length: 100 }, (_, n) =>
			n % 2 === 0 ? down : said('IN_PROGRESS'),
		);
		const settings = { maxExportWait: 100_000, maxRetryWait: 2, maxRetries: 10 };
		const { outcome, calls } = await run({ status: script, settings });
		expect(outcome.endedBy).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
		// Half a second each: four repeats, and no fifth.
		expect(calls.filter((call) => call.startsWith('status'))).toHaveLength(4 * 2 + 1);
	});

	it('does not wait for a status longer than its time', async () => {
		const retryAfter = '1970-01-01T00:01:00.000Z';
		const { outcome, calls, elapsed } = await run({
			status: [{ ...queryFailure('RATE_LIMITED'), retryAfter, retryIn: 59_000 }],
			settings: { maxExportWait: 30 },
		});
		expect(outcome.endedBy).toMatchObject({ code: 'RATE_LIMITED', retryAfter });
		expect(calls).toEqual(['start at 0', 'status id-1 at 1']);
		expect(elapsed).toBe(1);
	});

	it('is asked for a new address where its file is not to be had, Maximum Retries times', async () => {
		const gone = queryFailure('FILE_UNAVAILABLE');
		const { outcome, calls } = await run({ fetch: [gone, gone, 'file'] });
		expect(outcome).toMatchObject({ file: 'file' });
		expect(calls.map((call) => call.split(' ')[0])).toEqual([
			'start',
			...['status', 'fetch', 'status', 'fetch', 'status', 'fetch'],
		]);
		const vain = await run({ fetch: [gone] });
		expect(vain.outcome).toMatchObject({
			exportId: 'id-1',
			endedBy: { code: 'FILE_UNAVAILABLE' },
		});
		expect(vain.calls.filter((call) => call.startsWith('fetch'))).toHaveLength(1 + 2);
	});

	it('that was complete in time is not called unfinished where its file was not to be had', async () => {
		const { outcome } = await run({
			fetch: [queryFailure('FILE_UNAVAILABLE')],
			settings: { maxExportWait: 2, maxRetries: 10 },
		});
		expect(outcome.endedBy).toMatchObject({ code: 'FILE_UNAVAILABLE' });
	});

	it('has no second try at an address that may not be fetched', async () => {
		const { calls } = await run({ fetch: [queryFailure('UNEXPECTED_RESPONSE')] });
		expect(calls).toHaveLength(3);
	});

	it('ends at once when it is cancelled, before it starts and while it waits', async () => {
		const early = await run({ signal: AbortSignal.abort() });
		expect([early.outcome.endedBy, early.calls]).toEqual(['CANCELLED', []]);
		const cancelling = new AbortController();
		const late = await run({ signal: cancelling.signal, onSleep: () => cancelling.abort() });
		expect(late.outcome).toMatchObject({ exportId: 'id-1', endedBy: 'CANCELLED' });
		expect(late.calls).toEqual(['start at 0']);
	});

	it('does not wait to the end of a pause when it is cancelled', async () => {
		const cancelling = new AbortController();
		const { outcome, calls } = await run({
			signal: cancelling.signal,
			onSleep: () => {
				setImmediate(() => cancelling.abort());
				return new Promise<void>(() => {});
			},
		});
		expect(outcome).toMatchObject({ exportId: 'id-1', endedBy: 'CANCELLED' });
		expect(calls).toEqual(['start at 0']);
	});

	it('does not begin to wait when it is cancelled while it asks', async () => {
		const cancelling = new AbortController();
		const { outcome, elapsed } = await run({
			signal: cancelling.signal,
			status: [
				new Proxy(said('IN_PROGRESS'), {
					get: (target, key) => {
						cancelling.abort();
						return Reflect.get(target, key) as unknown;
					},
				}),
			],
		});
		expect(outcome).toMatchObject({ exportId: 'id-1', endedBy: 'CANCELLED' });
		expect(elapsed).toBe(1);
	});

	it('is cancelled where its question is given up for that', async () => {
		const cancelled = queryFailure('CANCELLED');
		expect((await run({ start: [cancelled] })).outcome.endedBy).toBe('CANCELLED');
		expect((await run({ status: [cancelled] })).outcome).toMatchObject({
			exportId: 'id-1',
			endedBy: 'CANCELLED',
		});
	});

	it('leaves nothing behind that waits for a cancel', async () => {
		const { signal } = new AbortController();
		const { outcome } = await run({ signal, status: [said('IN_PROGRESS'), COMPLETED] });
		expect(outcome.file).toBe('file');
		expect(getEventListeners(signal, 'abort')).toEqual([]);
	});

	it('is cancelled and not failed when its file is cut off by that', async () => {
		const cancelling = new AbortController();
		const { outcome } = await run({
			signal: cancelling.signal,
			get fetch() {
				return [queryFailure('FILE_UNAVAILABLE')];
			},
			settings: { maxRetries: 0 },
			status: [
				new Proxy(COMPLETED, {
					get: (target, key) => {
						if (key === 'fileUrl') cancelling.abort();
						return Reflect.get(target, key) as unknown;
					},
				}),
			],
		});
		expect(outcome.endedBy).toBe('CANCELLED');
	});

	it('is not complete in time where the last request for its status is cut short by that time', async () => {
		const silent: Failure = { ...queryFailure('TIMEOUT'), httpStatus: null };
		const settings = { maxExportWait: 3, maxRetries: 0 };

		const cut = await run({ status: [silent], takes: 2_000, settings });
		const early = await run({ status: [silent], settings });

		expect(cut.outcome.endedBy).toBe('EXPORT_UNFINISHED');
		expect(early.outcome.endedBy).toMatchObject({ code: 'TIMEOUT' });
	});

	it('is not called unfinished where its time ends before any start has left', async () => {
		const late: Failure = { ...queryFailure('TOKEN_UNAVAILABLE'), evidence: 'NOT_SENT' };
		const lost = queryFailure('TIMEOUT');
		const settings = { maxExportWait: 3, maxRetries: 10 };

		const unsent = await run({ start: [late], takes: 2_000, settings });
		const sentOnce = await run({ start: [lost, late], takes: 2_000, settings });

		expect(unsent.calls).toEqual(['start at 0', 'start at 2.5']);
		expect(unsent.outcome.endedBy).toMatchObject({ code: 'TOKEN_UNAVAILABLE' });
		expect(sentOnce.outcome.endedBy).toMatchObject({ code: 'EXPORT_UNFINISHED' });
	});

	it('that Nexthink refuses to tell of in the last moment is refused, and not unfinished', async () => {
		const refused: Failure = { ...queryFailure('FORBIDDEN'), httpStatus: 403 };
		const { outcome } = await run({
			status: [refused],
			takes: 800,
			settings: { maxExportWait: 2 },
		});
		expect(outcome.endedBy).toMatchObject({ code: 'FORBIDDEN' });
	});
});
