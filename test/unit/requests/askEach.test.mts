import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';

import type { KnownErrorCode } from '../../../nodes/Nexthink/api/errorCodes.ts';
import type { Failure } from '../../../nodes/Nexthink/api/failure.ts';
import { queryFailure } from '../../../nodes/Nexthink/api/queryAnswer.ts';
import { askEach, type Reply } from '../../../nodes/Nexthink/requests/askEach.ts';
import type { RequestRunSettings } from '../../../nodes/Nexthink/requests/requestRun.ts';

const SETTINGS: RequestRunSettings = {
	concurrency: 1,
	maxRetries: 2,
	maxRetryWait: 300,
	stopOnFailure: false,
};

type Script = Array<KnownErrorCode | Failure | 'ok'>;

const unsent = (code: KnownErrorCode): Failure => ({ ...queryFailure(code), evidence: 'NOT_SENT' });

/** Asks with a clock that stands still but for the waits of the run; each word answers one request. */
async function ask(
	count: number,
	script: Script,
	settings: Partial<RequestRunSettings> = {},
	signal?: AbortSignal,
) {
	let now = 0;
	const asked: Array<[question: number, requestId: string]> = [];
	const result = await askEach(
		Array.from({ length: count }, (_, question) => question),
		{ ...SETTINGS, ...settings },
		{
			now: () => now,
			elapsed: () => now,
			random: () => 0.5,
			sleep: async (milliseconds) => {
				now += milliseconds;
			},
			signal,
			ask: async (question, requestId): Promise<Reply<number>> => {
				const word = script[asked.length] ?? 'ok';
				asked.push([question, requestId]);
				if (word === 'ok') return { answer: question };
				if (typeof word === 'object') return { failure: word };
				const evidence = word === 'REQUEST_REFUSED' ? 'REJECTED' : 'UNKNOWN';
				return { failure: { ...queryFailure(word), evidence } };
			},
		},
	);
	const words = result.replies.map((reply) => {
		if (reply === undefined) return 'never asked';
		return 'answer' in reply ? reply.answer : reply.failure.code;
	});
	return { ...result, asked, words, elapsed: now };
}

describe('questions', () => {
	it('are asked in order, each once, and answered by position', async () => {
		const { words, asked, requests } = await ask(3, []);
		expect(words).toEqual([0, 1, 2]);
		expect(asked.map(([question]) => question)).toEqual([0, 1, 2]);
		expect(new Set(asked.map(([, id]) => id)).size).toBe(3);
		expect(requests).toBe(3);
	});

	it('are none for an empty list', async () => {
		expect(await ask(0, [])).toMatchObject({ words: [], requests: 0 });
	});

	it('are repeated with the same id, before any other', async () => {
		const { words, asked, elapsed } = await ask(2, ['SERVICE_UNAVAILABLE', 'TIMEOUT']);
		expect(words).toEqual([0, 1]);
		expect(asked.map(([question]) => question)).toEqual([0, 0, 0, 1]);
		expect(new Set(asked.map(([, id]) => id)).size).toBe(2);
		expect(elapsed).toBe(500 + 1000);
	});

	it('are given up after Maximum Retries, and the others go on', async () => {
		const script: Script = ['ok', 'INTERNAL_ERROR', 'INTERNAL_ERROR', 'INTERNAL_ERROR'];
		const { words, stoppedBy } = await ask(3, script);
		expect(words).toEqual([0, 'INTERNAL_ERROR', 2]);
		expect(stoppedBy).toBeUndefined();
	});

	it('end with one that fails for good under Stop Workflow', async () => {
		const { words, stoppedBy } = await ask(3, ['REQUEST_REFUSED'], { stopOnFailure: true });
		expect(words).toEqual(['REQUEST_REFUSED', 'never asked', 'never asked']);
		expect(stoppedBy).toMatchObject({ code: 'REQUEST_REFUSED' });
	});

	it.each<KnownErrorCode>(['UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'COLUMN_MISSING'])(
		'end with %s, which every other would meet',
		async (code) => {
			const { words, stoppedBy } = await ask(3, ['ok', code]);
			expect(words).toEqual([0, code, 'never asked']);
			expect(stoppedBy).toMatchObject({ code });
		},
	);

	it('end when the first two are refused: it is not the questions then', async () => {
		const { words, stoppedBy } = await ask(9, ['REQUEST_REFUSED', 'REQUEST_REFUSED']);
		expect(words.slice(0, 3)).toEqual(['REQUEST_REFUSED', 'REQUEST_REFUSED', 'never asked']);
		expect(stoppedBy).toMatchObject({ code: 'REQUEST_REFUSED' });
	});

	it('go on when some are refused after others were answered', async () => {
		const refused: Script = Array<'REQUEST_REFUSED'>(5).fill('REQUEST_REFUSED');
		const { words, stoppedBy } = await ask(7, ['ok', ...refused]);
		expect(words).toEqual([0, ...refused, 6]);
		expect(stoppedBy).toBeUndefined();
	});

	it('end when three in a row had no answer', async () => {
		const script: Script = ['ok', ...Array<'TIMEOUT'>(9).fill('TIMEOUT')];
		const { words, stoppedBy, requests } = await ask(9, script, { maxRetries: 0 });
		expect(words.slice(0, 5)).toEqual([0, 'TIMEOUT', 'TIMEOUT', 'TIMEOUT', 'never asked']);
		expect(stoppedBy).toBe('CIRCUIT_OPEN');
		expect(requests).toBe(4);
	});

	it('end at once when cancelled, and with an answer that says so', async () => {
		expect(await ask(2, [], {}, AbortSignal.abort())).toMatchObject({
			words: ['never asked', 'never asked'],
			stoppedBy: 'CANCELLED',
		});
		expect(await ask(2, ['CANCELLED'])).toMatchObject({
			words: ['CANCELLED', 'never asked'],
			stoppedBy: 'CANCELLED',
		});
	});

	it('were never asked where the run was cancelled before they left', async () => {
		const { words, stoppedBy, requests } = await ask(3, ['ok', unsent('CANCELLED')]);
		expect(words).toEqual([0, 'never asked', 'never asked']);
		expect([stoppedBy, requests]).toEqual(['CANCELLED', 2]);
	});

	it('that could not leave for another reason have that for their reply', async () => {
		const { words } = await ask(2, [unsent('UNAUTHORIZED')]);
		expect(words).toEqual(['UNAUTHORIZED', 'never asked']);
	});

	it.each<[how: string, script: Script]>([
		['answered', []],
		['stopped', ['UNAUTHORIZED']],
	])('leave nothing behind that waits for a cancel, once %s', async (_, script) => {
		const { signal } = new AbortController();
		await ask(2, script, {}, signal);
		expect(getEventListeners(signal, 'abort')).toEqual([]);
	});
});
