import { describe, expect, it } from 'vitest';

import {
	entryForQueries,
	ERROR_CODES,
	type KnownErrorCode,
} from '../../../nodes/Nexthink/api/errorCodes.ts';
import { failureWithoutAnswer, type Failure } from '../../../nodes/Nexthink/api/failure.ts';
import { isFileAddress } from '../../../nodes/Nexthink/api/hosts.ts';
import {
	inWordsOfQueries,
	readExecuted,
	readExportStart,
	readExportStatus,
	type ReadAnswer,
} from '../../../nodes/Nexthink/api/queryAnswer.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function read<Answer>(
	reader: ReadAnswer<Answer>,
	httpStatus: number,
	body: unknown,
	headers: Record<string, unknown> = {},
) {
	return reader({ httpStatus, headers, body }, 'sent-id', NOW);
}

describe('an executed query', () => {
	it('is read row by row, as it came', () => {
		const data = [{ 'device.uid': 'u', n: 1, nested: { a: [1] } }, 'x', null, [1]];
		expect(read(readExecuted, 200, { queryId: '#q', rows: 4, data })).toEqual({
			answer: { count: 4, rows: [data[0], null, null, null] },
		});
	});

	it('says which query was executed, where that is a text', () => {
		const executed = (executedQuery: unknown) =>
			read(readExecuted, 200, { rows: 0, data: [], executedQuery });
		expect(executed('devices | limit 5')).toStrictEqual({
			answer: { count: 0, rows: [], executedQuery: 'devices | limit 5' },
		});
		expect(executed(7)).toStrictEqual({ answer: { count: 0, rows: [] } });
	});

	it('keeps columns of any name, without touching what rows inherit', () => {
		const row = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as object;
		const { answer } = read(readExecuted, 200, { data: [row] }) as { answer: { rows: object[] } };
		expect(Object.keys(answer.rows[0]!)).toEqual(['__proto__', 'constructor']);
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	});

	it.each([undefined, null])('may have no count (%s)', (rows) => {
		expect(read(readExecuted, 200, { rows, data: [] })).toEqual({
			answer: { count: null, rows: [] },
		});
	});

	it.each([-1, 0.5, '2', Number.NaN])(
		'is an unexpected response with a count that is none (%s)',
		(rows) => {
			expect(read(readExecuted, 200, { rows, data: [{}] })).toMatchObject({
				failure: { code: 'UNEXPECTED_RESPONSE' },
			});
		},
	);

	it.each([201, 202, 204, 206])(
		'is an unexpected response with status %i, which may not be all',
		(status) => {
			expect(read(readExecuted, status, { rows: 1, data: [{}] })).toMatchObject({
				failure: { code: 'UNEXPECTED_RESPONSE', httpStatus: status },
			});
		},
	);

	it.each([undefined, null, 'text', {}, { data: {} }, []])(
		'is an unexpected response without a list of rows (%j)',
		(body) => {
			expect(read(readExecuted, 200, body)).toMatchObject({
				failure: { code: 'UNEXPECTED_RESPONSE', httpStatus: 200, retryable: false },
			});
		},
	);
});

describe('the start of an export', () => {
	it('that is refused for the day says when the next one may begin', () => {
		const retryAfter = '2026-03-02T00:00:00.000Z';
		expect(read(readExportStart, 429, {}, { 'retry-after': '43200' })).toMatchObject({
			failure: {
				code: 'RATE_LIMITED',
				retryAfter,
				message: `Nexthink starts no other export before ${retryAfter}`,
			},
		});
	});

	it.each([
		['429 without a time', 429, {}],
		['503 with a time', 503, { 'retry-after': '60' }],
	])('that fails otherwise has the words of its code: %s', (_, status, headers) => {
		const { failure } = read(readExportStart, status, {}, headers) as { failure: Failure };
		const row = failure.row as KnownErrorCode;
		expect(failure.message).toBe(entryForQueries(row).message);
	});

	it('is read', () => {
		expect(read(readExportStart, 200, { exportId: 'abc-1' })).toEqual({ answer: 'abc-1' });
	});

	it.each([{}, { exportId: '' }, { exportId: 'a b' }, { exportId: 7 }, { exportId: '../status' }])(
		'is an unexpected response without an id (%j)',
		(body) => {
			expect(read(readExportStart, 200, body)).toMatchObject({
				failure: { code: 'UNEXPECTED_RESPONSE' },
			});
		},
	);
});

describe('the status of an export', () => {
	it.each([
		[200, { status: 'SUBMITTED' }, { status: 'SUBMITTED', isCutByLicence: false }],
		[
			206,
			{ status: 'COMPLETED', resultsFileUrl: 'https://x' },
			{ status: 'COMPLETED', fileUrl: 'https://x', isCutByLicence: true },
		],
		[
			200,
			{ status: 'ERROR', errorDescription: 'No\nway' },
			{ status: 'ERROR', description: 'No way', isCutByLicence: false },
		],
		[
			200,
			{ status: 'IN_PROGRESS', resultsFileUrl: 7, errorDescription: {} },
			{ status: 'IN_PROGRESS', isCutByLicence: false },
		],
	])('is read (%i)', (httpStatus, body, answer) => {
		expect(read(readExportStatus, httpStatus, body)).toStrictEqual({ answer });
	});

	it('that Nexthink no longer has is told of the export, not of the query', () => {
		expect(read(readExportStatus, 404, {})).toMatchObject({
			failure: {
				message: "Nexthink doesn't recognize the export that it started",
				advice: 'Run the workflow again: a lost export can only be started anew.',
			},
		});
		expect(read(readExportStatus, 503, {})).toMatchObject({
			failure: { message: entryForQueries('SERVICE_UNAVAILABLE').message },
		});
	});

	it.each([{}, { status: 'DONE' }, 'x'])('is an unexpected response where it is %j', (body) => {
		expect(read(readExportStatus, 200, body)).toMatchObject({
			failure: { code: 'UNEXPECTED_RESPONSE' },
		});
	});
});

describe('a query that did not succeed', () => {
	it('carries the number that Nexthink gives as code, its words and its ids', () => {
		const headers = { 'retry-after': '5', 'x-request-id': 'theirs', 'x-trace-id': 'trace' };
		const body = { message: 'No\nquery', code: 100, source: 's' };
		expect(read(readExecuted, 404, body, headers)).toMatchObject({
			failure: {
				code: 'NOT_FOUND',
				apiCode: 100,
				apiMessage: 'No query',
				requestId: 'theirs',
				traceId: 'trace',
				retryAfter: '2026-03-01T12:00:05.000Z',
				then: 'stop',
			},
		});
	});

	it.each([
		['text', 'x'],
		['a page', '<html></html>'],
		['no number as code', { code: 'NOPE', message: 7 }],
	])('carries none where the body is %s', (_, body) => {
		const { failure } = read(readExecuted, 503, body) as { failure: object };
		expect(failure).toMatchObject({ code: 'SERVICE_UNAVAILABLE', requestId: 'sent-id' });
		expect(failure).not.toHaveProperty('apiCode');
		expect(failure).not.toHaveProperty('apiMessage');
	});

	it.each<[httpStatus: number, code: KnownErrorCode]>([
		[302, 'UNEXPECTED_RESPONSE'],
		[400, 'REQUEST_REFUSED'],
		[401, 'UNAUTHORIZED'],
		[403, 'FORBIDDEN'],
		[404, 'NOT_FOUND'],
		[406, 'REQUEST_REFUSED'],
		[408, 'TIMEOUT'],
		[413, 'REQUEST_REFUSED'],
		[429, 'RATE_LIMITED'],
		[500, 'INTERNAL_ERROR'],
		[503, 'SERVICE_UNAVAILABLE'],
	])('with %i is %s', (httpStatus, code) => {
		expect(read(readExecuted, httpStatus, {})).toMatchObject({ failure: { code, row: code } });
	});

	it.each([300, 302, 400, 404, 500])(
		'with %i is none, however much its body looks like one',
		(status) => {
			const failed = { failure: { httpStatus: status } };
			expect(read(readExecuted, status, { rows: 0, data: [] })).toMatchObject(failed);
			expect(read(readExportStart, status, { exportId: 'abc-1' })).toMatchObject(failed);
			expect(read(readExportStatus, status, { status: 'SUBMITTED' })).toMatchObject(failed);
		},
	);

	it.each(Object.keys(ERROR_CODES) as KnownErrorCode[])('as %s speaks of no device', (code) => {
		const { message, advice, then } = inWordsOfQueries(failureWithoutAnswer(code, 'UNKNOWN'));
		// The last one is said of a lookup alone.
		if (/^(DEVICE|MAX_DEVICES|INVALID_UID|QUERY_HIDES_DEVICES)/.test(code)) return;
		expect(`${message}. ${advice}`).not.toMatch(/device(?!\.uid)|scheduled|queued|deletion/i);
		expect(['halve', 'split']).not.toContain(then);
	});

	it('keeps a message of its own', () => {
		const failure = { ...failureWithoutAnswer('NETWORK_ERROR', 'UNKNOWN'), message: 'Mine' };
		expect(inWordsOfQueries(failure).message).toBe('Mine');
	});

	it('keeps an advice of its own', () => {
		const failure = { ...failureWithoutAnswer('NETWORK_ERROR', 'UNKNOWN'), advice: 'Mine' };
		expect(inWordsOfQueries(failure).advice).toBe('Mine');
	});

	it('keeps a code that is not of the table', () => {
		const failure = { ...failureWithoutAnswer('REQUEST_REFUSED', 'REJECTED'), code: 'NEW' };
		expect(inWordsOfQueries(failure)).toMatchObject({ code: 'NEW', row: 'REQUEST_REFUSED' });
	});
});

describe('the address of a file', () => {
	const tenant = { apiBaseUrl: 'https://acme.api.eu.nexthink.cloud', tokenUrl: '' };
	const local = { apiBaseUrl: 'http://127.0.0.1:8080', tokenUrl: '' };

	it.each([
		'https://bucket.s3.eu-west-1.amazonaws.com/a/b.csv?X-Amz-Signature=abc%2B&x=1',
		'HTTPS://files.example',
		'https://lan.example/x.local/y',
		'https://files.example/x?from=https://n8n.local/',
		'https://files.example:8443/x',
	])('may be %s', (address) => {
		expect(isFileAddress(address, tenant)).toBe(true);
		expect(isFileAddress(address, local)).toBe(true);
	});

	it.each([
		'http://127.0.0.1:9/x?y=1',
		'http://127.10.20.30:49152',
		'http://localhost/x',
		'http://[::1]:9/x',
	])('may be %s for an API on this machine alone', (address) => {
		expect(isFileAddress(address, local)).toBe(true);
		expect(isFileAddress(address, tenant)).toBe(false);
	});

	it.each([
		'',
		...[
			'localhost',
			'127.0.0.1',
			'10.0.0.1',
			'169.254.169.254',
			'2130706433',
			'0x7f.1',
			'[::1]',
		].map((host) => `https://${host}/x`),
		...[
			'metadata',
			'metadata.internal',
			'n8n.local:5678',
			'n8n.local',
			'N8N.LOCAL?x',
			'a.localhost:5678',
			'files.corp.intranet',
			'nas.lan',
			'fritz.home.arpa',
			'files.example.',
			'n8n.local.',
			'127.1',
			'0x7f000001',
			'0177.0.0.1',
			'127.0.0.0x1',
			'[::ffff:127.0.0.1]',
			'[::ffff:7f00:1]',
			'%6c%6f%63%61%6c.%65xample',
			'lo\u0441alhost.example',
			'\uff4c\uff4f\uff43al.example',
			'files\u3002example',
		].map((host) => `https://${host}/x`),
		'https://n8n.local',
		'http://files.example/x',
		'http://files.example/https://files.example',
		'http://files.example/http://localhost',
		'http://127.0.0.1.example.com/x',
		'https://user:password@files.example/x',
		'https://files.example/x#y z',
		'https://files.example/a b',
		'https:\\\\files.example',
		'https://files.example\\@evil/',
		'https:///x',
		'file:///etc/passwd',
		'ftp://files.example/x',
		'javascript:alert(1)',
	])('may not be %j', (address) => {
		expect(isFileAddress(address, tenant)).toBe(false);
		expect(isFileAddress(address, local)).toBe(false);
	});
});
