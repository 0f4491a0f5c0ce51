import { describe, expect, it } from 'vitest';

import { ERROR_CODES } from '../../../nodes/Nexthink/api/errorCodes.ts';
import {
	correlationIdsOf,
	failureOfAnswer,
	failureWithoutAnswer,
	withCause,
	type HttpAnswer,
} from '../../../nodes/Nexthink/api/failure.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const SENT_ID = '0f8fad5b-d9cb-469f-a165-70867728950e';

const answer = (
	httpStatus: number,
	body: unknown = '',
	headers: HttpAnswer['headers'] = {},
): HttpAnswer => ({ httpStatus, headers, body });

const failureOf = (...given: Parameters<typeof answer>) =>
	failureOfAnswer(answer(...given), SENT_ID, NOW);

describe('an answer that is no success', () => {
	it('with a documented code has the words of the table and, apart, those of the API', () => {
		const { message, advice, retryable, then } = ERROR_CODES.FEATURE_NOT_ENABLED;
		const body = { code: 'FEATURE_NOT_ENABLED', message: 'Feature is off for tenant acme' };
		const headers = { 'x-request-id': 'their-id', 'x-trace-id': 'trace', 'retry-after': '30' };
		expect(failureOf(403, body, headers)).toEqual({
			code: 'FEATURE_NOT_ENABLED',
			row: 'FEATURE_NOT_ENABLED',
			message,
			advice,
			apiMessage: 'Feature is off for tenant acme',
			httpStatus: 403,
			requestId: 'their-id',
			traceId: 'trace',
			retryAfter: '2026-03-01T12:00:30.000Z',
			retryIn: 30_000,
			retryable,
			then,
			evidence: 'REJECTED',
		});
	});

	it('with an unfamiliar code has the words of the API and is treated by its HTTP status', () => {
		const body = { code: 'TENANT_ASLEEP', message: 'Tenant 7.2 is being moved.' };
		const failure = failureOf(503, body);
		expect(failure.code).toBe('TENANT_ASLEEP');
		expect(failure.row).toBe('SERVICE_UNAVAILABLE');
		// A sentence without its full stop, which whoever shows it adds.
		expect(failure.message).toBe('Nexthink responded: Tenant 7.2 is being moved');
		expect(failure.retryable).toBe(true);
		expect(failure.advice).toBe(ERROR_CODES.SERVICE_UNAVAILABLE.advice);
	});

	it('with an unfamiliar code and no words of its own has those of its HTTP status', () => {
		const failure = failureOf(503, { code: 'TENANT_ASLEEP' });
		expect(failure.code).toBe('TENANT_ASLEEP');
		expect(failure.message).toBe(ERROR_CODES.SERVICE_UNAVAILABLE.message);
		expect(failure).not.toHaveProperty('apiMessage');
	});

	it('of 401 is UNAUTHORIZED, whatever code a gateway puts into it', () => {
		expect(failureOf(401, { code: 'JWT_EXPIRED', message: 'Jwt is expired' })).toMatchObject({
			code: 'UNAUTHORIZED',
			message: ERROR_CODES.UNAUTHORIZED.message,
			apiMessage: 'Jwt is expired',
		});
	});

	it.each<[what: string, body: unknown]>([
		['nothing', ''],
		['null', null],
		['nothing at all', undefined],
		['a page of HTML', '<html><body>503</body></html>'],
		['a list', [{ code: 'EMPTY_TENANT', message: 'x' }]],
		['a number', 17],
		['no known field', { error: 'x' }],
		['a number as code', { code: 100, message: { text: 'x' } }],
		['an empty code', { code: '', message: '' }],
		['a code in small letters', { code: 'empty_tenant', message: '\n' }],
		['a code with line breaks', { code: 'EMPTY_TENANT\nX-Evil: 1' }],
		['a code with markup', { code: '<B>', message: null }],
		['a code without end', { code: 'A'.repeat(65) }],
	])('whose body is %s has the words of its HTTP status alone', (_, body) => {
		const { message, advice } = ERROR_CODES.REQUEST_REFUSED;
		const failure = failureOf(400, body);
		expect(failure).toMatchObject({ code: 'REQUEST_REFUSED', row: 'REQUEST_REFUSED', message });
		expect(failure.advice).toBe(advice);
		expect(failure).not.toHaveProperty('apiMessage');
	});

	it("has the API's words on one line and bounded", () => {
		const { apiMessage } = failureOf(400, {
			code: 'INVALID_REQUEST',
			message: `first\r\nsecond\u202e${'x'.repeat(10_000)}`,
		});
		expect(apiMessage).toMatch(/^first second x+…$/);
		expect(apiMessage).toHaveLength(500);
	});

	it('keeps the words of a body whose code cannot be read', () => {
		expect(failureOf(404, { code: 100, message: 'No such query' })).toMatchObject({
			code: 'NOT_FOUND',
			apiMessage: 'No such query',
		});
	});

	it('of 2xx says nothing of any device, whatever its body calls itself', () => {
		for (const body of ['<html>', { code: 'EMPTY_TENANT', message: 'x' }, null]) {
			const failure = failureOf(202, body);
			expect(failure).toMatchObject({ code: 'UNEXPECTED_RESPONSE', evidence: 'UNKNOWN' });
			expect(failure).not.toHaveProperty('apiMessage');
		}
	});

	const STATUSES = Array.from({ length: 400 }, (_, index) => 200 + index);

	it.each([undefined, 'INVALID_REQUEST', 'INTERNAL_ERROR', 'NEW_CODE'])(
		'is a refusal for 4xx alone, where 408 and 499 are not, with the code %s',
		(code) => {
			const refusals = STATUSES.filter(
				(status) => failureOf(status, { code }).evidence === 'REJECTED',
			);
			expect(refusals).toEqual(
				STATUSES.filter((status) => status >= 400 && status < 500).filter(
					(status) => status !== 408 && status !== 499,
				),
			);
			const evidence = new Set(STATUSES.map((status) => failureOf(status, { code }).evidence));
			expect(evidence).toEqual(new Set(['UNKNOWN', 'REJECTED']));
		},
	);

	it.each([undefined, 'EMPTY_TENANT', 'INTERNAL_ERROR', 'NEW_CODE'])(
		'is followed by what its row says, for every HTTP status, with the code %s',
		(code) => {
			const failures = STATUSES.map((status) => failureOf(status, { code }));
			expect(failures.map(({ retryable, then }) => [retryable, then])).toEqual(
				failures.map(({ row }) => [ERROR_CODES[row].retryable, ERROR_CODES[row].then]),
			);
		},
	);
});

describe('the ids of a request', () => {
	it.each<[what: string, headers: HttpAnswer['headers'], requestId: string, trace: string | null]>([
		['the answer states', { 'x-request-id': 'a', 'x-trace-id': 'b' }, 'a', 'b'],
		['were sent, where the answer has none', {}, SENT_ID, null],
		['were sent, where the answer has blank ones', bothIds(''), SENT_ID, null],
		['were sent, where a header comes twice', bothIds(['a', 'b']), SENT_ID, null],
		['were sent, where a header has more words', bothIds('a b'), SENT_ID, null],
		['were sent, where a header has a line break', bothIds('a\r\nb'), SENT_ID, null],
		['were sent, where a header is too long', bothIds('a'.repeat(101)), SENT_ID, null],
		['were sent, where a header repeats a JWT', bothIds('eyJhbGciOiJSUzI1NiJ9.e30'), SENT_ID, null],
		[
			'were sent, where a header repeats an opaque token',
			bothIds('kG3v_Zq0-tYb7nLx2PwEr9sUaHdCf4MjQi6oWg1e'),
			SENT_ID,
			null,
		],
	])('are those that %s', (_, headers, requestId, traceId) => {
		expect(correlationIdsOf(answer(500, '', headers), SENT_ID)).toEqual({ requestId, traceId });
	});

	function bothIds(value: unknown): HttpAnswer['headers'] {
		return { 'x-request-id': value, 'x-trace-id': value };
	}
});

describe('a request without an answer', () => {
	it('has the words of its row, and no HTTP status', () => {
		const { message, advice, retryable, then } = ERROR_CODES.TIMEOUT;
		expect(failureWithoutAnswer('TIMEOUT', 'UNKNOWN', SENT_ID)).toEqual({
			code: 'TIMEOUT',
			row: 'TIMEOUT',
			message,
			advice,
			retryable,
			then,
			httpStatus: null,
			requestId: SENT_ID,
			traceId: null,
			retryAfter: null,
			evidence: 'UNKNOWN',
		});
	});

	it('has no request id where none left', () => {
		expect(failureWithoutAnswer('NETWORK_ERROR', 'NOT_SENT').requestId).toBeNull();
	});
});

describe('the cause of a failure', () => {
	const failure = failureWithoutAnswer('NETWORK_ERROR', 'NOT_SENT');

	it('is said behind what happened, with what to do about it and its code', () => {
		const cause = { code: 'EHOSTDOWN', words: "there's no way", advice: 'Check the cable.' };
		expect(withCause(failure, cause)).toStrictEqual({
			...failure,
			message: `${failure.message}: there's no way`,
			advice: 'Check the cable. Run the workflow again.',
			causeCode: 'EHOSTDOWN',
		});
		expect(withCause(failure, cause, 'No answer').message).toBe("No answer: there's no way");
	});

	it('that is unknown leaves the words of the table', () => {
		expect(withCause(failure, {})).toStrictEqual(failure);
	});
});
