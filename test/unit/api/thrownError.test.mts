import { describe, expect, it } from 'vitest';

import type { KnownErrorCode } from '../../../nodes/Nexthink/api/errorCodes.ts';
import type { FailureEvidence } from '../../../nodes/Nexthink/api/failure.ts';
import { failureOfThrown } from '../../../nodes/Nexthink/api/thrownError.ts';

const API_URL = 'https://acme.api.eu.nexthink.cloud/api/v1/data-management/device/deletions';
const TOKEN_URL = 'https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token';
const REQUEST_ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const NOW = Date.parse('2026-03-01T12:00:00Z');
const BEARER = 'Bearer canary-of-the-bearer';

const read = (error: unknown, hadToken = true, statusesAreAnswers = true) =>
	failureOfThrown(error, {
		tokenUrl: TOKEN_URL,
		hadToken,
		statusesAreAnswers,
		requestId: REQUEST_ID,
		now: NOW,
	});

// The shapes below were printed from errors that n8n 2.41.1 and, where it says so, n8n 1.123.81 threw; fields that nothing reads are left out.

/** What a node catches: n8n's own error around the one it met. */
const nodeApiError = (httpCode: string | null, message: string, cause: unknown) => ({
	name: 'NodeApiError',
	message,
	httpCode,
	failure: undefined,
	cause,
});

const SYSTEM_MESSAGES: Record<string, string> = {
	ECONNREFUSED: 'connect ECONNREFUSED 127.0.0.1:1',
	ECONNRESET: 'read ECONNRESET',
	ENOTFOUND: 'getaddrinfo ENOTFOUND acme.api.eu.nexthink.cloud',
};

/** A connection that did not hold, as axios reports it around Node's own error. */
const brokenConnection = (code: string, url: string) => {
	const message = SYSTEM_MESSAGES[code] ?? code;
	return {
		name: 'Error',
		isAxiosError: true,
		code,
		message,
		config: { url, headers: { Authorization: BEARER } },
		cause: { name: 'Error', code, message, errno: -1, syscall: 'connect' },
	};
};

/** An answer that axios throws because of its status, or because it broke off. */
const thrownAnswer = (
	url: string,
	status: number,
	data: unknown,
	{ headers = {}, message = `Request failed with status code ${status}` } = {},
) => ({
	name: 'AxiosError',
	isAxiosError: true,
	code: status >= 500 || status < 300 ? 'ERR_BAD_RESPONSE' : 'ERR_BAD_REQUEST',
	message,
	status,
	config: { url, headers: { Authorization: BEARER } },
	response: { status, headers, data },
});

const timeout = (url: string) => ({
	name: 'AxiosError',
	isAxiosError: true,
	code: 'ECONNABORTED',
	message: 'timeout of 60000ms exceeded',
	config: { url, headers: { Authorization: BEARER } },
});

/** An answer of the login that names what is not right, as n8n's OAuth2 client reports it. */
const authError = (error: string) => ({
	name: 'Error',
	code: 'EAUTH',
	message: 'Client authentication failed',
	body: { error, error_description: 'The client secret supplied for a client is invalid.' },
});

/** A login that answers with something else than a token. */
const responseError = (status: number) => ({
	name: 'Error',
	code: 'ESTATUS',
	message: `HTTP status ${status}`,
	status,
	body: '<!DOCTYPE html>',
});

/** Where no token was stored, n8n asks for one first and says so. */
const firstToken = (cause: { message: string }) => {
	const message = `Failed to acquire OAuth2 access token: ${cause.message}`;
	return nodeApiError(null, message, { name: 'Error', message, cause });
};

/** Where the stored token was refused with 401, n8n asks for a new one. */
const newToken = (cause: { message: string; code?: string; status?: number }) =>
	nodeApiError(String(cause.status ?? cause.code), cause.message, cause);

const reconnectError = {
	name: 'NodeOperationError',
	message: 'The credential "Nexthink" needs to be reconnected.',
	failure: { cause: 'credential-invalid' },
};

interface Expected {
	code: KnownErrorCode;
	evidence: FailureEvidence;
	httpStatus?: number;
}

const TOKEN_CASES: Array<
	[
		what: string,
		cause: { message: string; code?: string; status?: number },
		Omit<Expected, 'evidence'>,
	]
> = [
	['a wrong client secret', authError('invalid_client'), { code: 'UNAUTHORIZED' }],
	['a scope that is not granted', authError('invalid_scope'), { code: 'UNAUTHORIZED' }],
	['a grant that is not allowed', authError('unauthorized_client'), { code: 'UNAUTHORIZED' }],
	['400', responseError(400), { code: 'UNAUTHORIZED', httpStatus: 400 }],
	['401', responseError(401), { code: 'UNAUTHORIZED', httpStatus: 401 }],
	['403', responseError(403), { code: 'UNAUTHORIZED', httpStatus: 403 }],
	['an unknown path', responseError(404), { code: 'UNAUTHORIZED', httpStatus: 404 }],
	['a login that is too busy', authError('slow_down'), { code: 'TOKEN_UNAVAILABLE' }],
	['a login that is down', authError('temporarily_unavailable'), { code: 'TOKEN_UNAVAILABLE' }],
	['a login that fails', authError('server_error'), { code: 'TOKEN_UNAVAILABLE' }],
	['408', responseError(408), { code: 'TOKEN_UNAVAILABLE', httpStatus: 408 }],
	['429', responseError(429), { code: 'TOKEN_UNAVAILABLE', httpStatus: 429 }],
	['500', responseError(500), { code: 'TOKEN_UNAVAILABLE', httpStatus: 500 }],
	[
		'a page in place of a token',
		responseError(200),
		{ code: 'TOKEN_UNAVAILABLE', httpStatus: 200 },
	],
	[
		'a gateway that is down',
		thrownAnswer(TOKEN_URL, 503, '<html>'),
		{ code: 'TOKEN_UNAVAILABLE', httpStatus: 503 },
	],
	[
		'a gateway that refuses',
		thrownAnswer(TOKEN_URL, 403, '<html>'),
		{ code: 'UNAUTHORIZED', httpStatus: 403 },
	],
	['no answer', timeout(TOKEN_URL), { code: 'TOKEN_UNAVAILABLE' }],
	['a reset', brokenConnection('ECONNRESET', TOKEN_URL), { code: 'TOKEN_UNAVAILABLE' }],
	[
		'a refused connection',
		brokenConnection('ECONNREFUSED', TOKEN_URL),
		{ code: 'TOKEN_UNAVAILABLE' },
	],
	['an unknown host', brokenConnection('ENOTFOUND', TOKEN_URL), { code: 'TOKEN_UNAVAILABLE' }],
];

describe('a token that n8n could not get', () => {
	it.each(TOKEN_CASES)(
		'in front of the first request (%s): nothing was sent',
		(_, cause, expected) => {
			for (const hadToken of [false, true]) {
				expect(read(firstToken(cause), hadToken)).toMatchObject({
					httpStatus: null,
					...expected,
					evidence: 'NOT_SENT',
					requestId: null,
				});
			}
		},
	);

	it.each(TOKEN_CASES)(
		'after Nexthink refused the old one (%s): the request was refused',
		(_, cause, expected) => {
			expect(read(newToken(cause))).toMatchObject({
				httpStatus: null,
				...expected,
				evidence: 'REJECTED',
				requestId: REQUEST_ID,
			});
		},
	);

	it.each(TOKEN_CASES)(
		'after Nexthink refused a first token (%s): the request was refused',
		(_, cause, expected) => {
			expect(read(newToken(cause), false)).toMatchObject({
				...expected,
				evidence: 'REJECTED',
				requestId: REQUEST_ID,
			});
		},
	);

	it('is a refused credential where n8n wants it to be connected again', () => {
		expect(read(nodeApiError(null, reconnectError.message, reconnectError))).toMatchObject({
			code: 'UNAUTHORIZED',
			evidence: 'REJECTED',
			httpStatus: null,
		});
	});

	it('stays a matter of the moment where n8n itself calls it so', () => {
		const cause = brokenConnection('ECONNRESET', TOKEN_URL);
		const error = { ...newToken(cause), failure: { cause: 'temporarily-unavailable' } };
		expect(read(error)).toMatchObject({ code: 'TOKEN_UNAVAILABLE', evidence: 'REJECTED' });
	});

	it('is unavailable where the login answered without one', () => {
		const message = 'Unable to sign without access token';
		const error = nodeApiError(null, message, { name: 'Error', message });
		expect(read(error, false)).toMatchObject({ code: 'TOKEN_UNAVAILABLE', evidence: 'NOT_SENT' });
	});
});

const REQUEST_CASES: Array<[what: string, error: unknown, Expected]> = [
	...[
		'ECONNREFUSED',
		'ENOTFOUND',
		'EAI_AGAIN',
		'CERT_HAS_EXPIRED',
		'DEPTH_ZERO_SELF_SIGNED_CERT',
		'ERR_TLS_CERT_ALTNAME_INVALID',
		'SELF_SIGNED_CERT_IN_CHAIN',
		'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
		'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	].map((code): [string, unknown, Expected] => [
		`that was never connected (${code})`,
		nodeApiError(code, 'whatever n8n makes of it', brokenConnection(code, API_URL)),
		{ code: 'NETWORK_ERROR', evidence: 'NOT_SENT' },
	]),
	...['ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'HPE_INVALID_CONSTANT', 'ERR_SSL_WRONG_VERSION'].map(
		(code): [string, unknown, Expected] => [
			`whose connection broke (${code})`,
			nodeApiError(code, 'whatever n8n makes of it', brokenConnection(code, API_URL)),
			{ code: 'NETWORK_ERROR', evidence: 'UNKNOWN' },
		],
	),
	[
		'that ran into the timeout',
		nodeApiError('ECONNABORTED', 'The connection was aborted', timeout(API_URL)),
		{ code: 'TIMEOUT', evidence: 'UNKNOWN' },
	],
	[
		'that ran into the timeout of the system',
		nodeApiError('ETIMEDOUT', 'The connection timed out', brokenConnection('ETIMEDOUT', API_URL)),
		{ code: 'TIMEOUT', evidence: 'UNKNOWN' },
	],
	[
		'whose answer broke off',
		nodeApiError(
			'202',
			'stream has been aborted',
			thrownAnswer(API_URL, 202, undefined, { message: 'stream has been aborted' }),
		),
		{ code: 'UNEXPECTED_RESPONSE', evidence: 'UNKNOWN', httpStatus: 202 },
	],
	[
		'that was refused with 401 even with a new token',
		nodeApiError('401', 'Authorization failed', thrownAnswer(API_URL, 401, '')),
		{ code: 'UNAUTHORIZED', evidence: 'REJECTED', httpStatus: 401 },
	],
	[
		'that was answered 403 with a code',
		nodeApiError('403', 'Forbidden', thrownAnswer(API_URL, 403, { code: 'FEATURE_NOT_ENABLED' })),
		{ code: 'FEATURE_NOT_ENABLED', evidence: 'REJECTED', httpStatus: 403 },
	],
	[
		'that was answered 503',
		nodeApiError('503', 'Service unavailable', thrownAnswer(API_URL, 503, '<html>')),
		{ code: 'SERVICE_UNAVAILABLE', evidence: 'UNKNOWN', httpStatus: 503 },
	],
];

describe('a request', () => {
	it.each(REQUEST_CASES)('%s is read so', (_, error, expected) => {
		expect(read(error)).toMatchObject({
			httpStatus: null,
			...expected,
			requestId: expected.evidence === 'NOT_SENT' ? null : REQUEST_ID,
		});
	});

	it('that n8n threw keeps the ids, the words and the time of its answer', () => {
		const headers = { 'x-request-id': 'theirs', 'x-trace-id': 'trace', 'retry-after': '5' };
		const data = { code: 'TENANT_ASLEEP', message: 'Back in a moment' };
		const error = nodeApiError('503', 'x', thrownAnswer(API_URL, 503, data, { headers }));
		expect(read(error)).toMatchObject({
			code: 'TENANT_ASLEEP',
			row: 'SERVICE_UNAVAILABLE',
			apiMessage: 'Back in a moment',
			requestId: 'theirs',
			traceId: 'trace',
			retryAfter: '2026-03-01T12:00:05.000Z',
		});
	});

	it.each<[what: string, response: unknown]>([
		['no headers', { status: 503, data: '' }],
		['null for headers', { status: 503, headers: null, data: null }],
		['headers of a class of their own', { status: 503, headers: new Map(), data: {} }],
	])('whose thrown answer has %s is read all the same', (_, response) => {
		expect(read({ response })).toMatchObject({ httpStatus: 503, requestId: REQUEST_ID });
	});

	it.each<[what: string, error: unknown]>([
		['undefined', undefined],
		['null', null],
		['a text', 'ECONNREFUSED'],
		['a number', 503],
		['an empty object', {}],
		['a plain error', new Error('Something else')],
		['an answer without a status', { response: {} }],
		['an answer with text for its status', { response: { status: '503' } }],
		['a message that is no text', { message: { startsWith: 1 } }],
		['a body of null', { body: null }],
	])('that ended with %s may have arrived', (_, error) => {
		expect(read(error)).toMatchObject({
			code: 'NETWORK_ERROR',
			evidence: 'UNKNOWN',
			httpStatus: null,
			requestId: REQUEST_ID,
		});
	});

	it('is read from a chain of causes that runs in a circle', () => {
		const error: { cause?: unknown } = {};
		error.cause = { cause: error };
		expect(read(error)).toMatchObject({ code: 'NETWORK_ERROR', evidence: 'UNKNOWN' });
	});

	it('never shows the bearer', () => {
		const errors = [...REQUEST_CASES.map(([, error]) => error)];
		for (const [, cause] of TOKEN_CASES) errors.push(firstToken(cause), newToken(cause));
		expect(JSON.stringify(errors)).toContain(BEARER);
		for (const error of errors) expect(JSON.stringify(read(error))).not.toContain('canary');
	});
});

/** n8n 1.123 keeps no cause: only its code or status, its message and a body that was JSON. */
const remainder = (httpCode: string, message: string, data?: object) => ({
	name: 'NodeApiError',
	message: 'whatever n8n makes of it',
	httpCode,
	messages: [message, 'and of it once more'],
	context: data === undefined ? {} : { data },
	cause: undefined,
});

const axiosWords = (status: number) => `Request failed with status code ${status}`;

const OLDEST_CASES: Array<
	[
		what: string,
		error: ReturnType<typeof remainder>,
		/** What is known of the first try without a stored token, then of the repeat after a 401. */
		first: Expected,
		repeat: Expected,
	]
> = [
	[
		'a client that the login refuses',
		remainder('EAUTH', 'Client authentication failed'),
		{ code: 'UNAUTHORIZED', evidence: 'NOT_SENT' },
		{ code: 'UNAUTHORIZED', evidence: 'REJECTED' },
	],
	[
		'a login that is too busy',
		remainder('EAUTH', 'too_many_requests'),
		{ code: 'TOKEN_UNAVAILABLE', evidence: 'NOT_SENT' },
		{ code: 'TOKEN_UNAVAILABLE', evidence: 'REJECTED' },
	],
	[
		'a login that answers 404',
		remainder('404', 'HTTP status 404'),
		{ code: 'UNAUTHORIZED', evidence: 'NOT_SENT', httpStatus: 404 },
		{ code: 'UNAUTHORIZED', evidence: 'REJECTED', httpStatus: 404 },
	],
	[
		'a page in place of a token',
		remainder('200', 'Unsupported content type: text/html; charset=utf-8'),
		{ code: 'TOKEN_UNAVAILABLE', evidence: 'NOT_SENT', httpStatus: 200 },
		{ code: 'TOKEN_UNAVAILABLE', evidence: 'REJECTED', httpStatus: 200 },
	],
	[
		'503, of the login at first, of either of the two later',
		remainder('503', axiosWords(503)),
		{ code: 'TOKEN_UNAVAILABLE', evidence: 'NOT_SENT', httpStatus: 503 },
		{ code: 'SERVICE_UNAVAILABLE', evidence: 'UNKNOWN', httpStatus: 503 },
	],
	[
		'a host that refuses the connection',
		remainder('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'),
		{ code: 'NETWORK_ERROR', evidence: 'NOT_SENT' },
		{ code: 'NETWORK_ERROR', evidence: 'NOT_SENT' },
	],
	[
		'a reset of either of the two',
		remainder('ECONNRESET', 'read ECONNRESET'),
		{ code: 'NETWORK_ERROR', evidence: 'UNKNOWN' },
		{ code: 'NETWORK_ERROR', evidence: 'UNKNOWN' },
	],
];

describe('what n8n 1.123 leaves of', () => {
	it('an answer that broke off says nothing of the devices', () => {
		const error = remainder('202', 'stream has been aborted');
		expect(read(error, true, false)).toMatchObject({
			code: 'UNEXPECTED_RESPONSE',
			evidence: 'UNKNOWN',
			httpStatus: 202,
		});
	});

	it.each(OLDEST_CASES)('%s is read so', (_, error, first, repeat) => {
		expect(read(error, false, true)).toMatchObject(first);
		expect(read(error, true, false)).toMatchObject(repeat);
	});

	it('a refusal after a new token holds the code and the words of Nexthink', () => {
		const data = { code: 'FEATURE_NOT_ENABLED', message: 'Not for you' };
		expect(read(remainder('403', axiosWords(403), data), true, false)).toMatchObject({
			code: 'FEATURE_NOT_ENABLED',
			evidence: 'REJECTED',
			httpStatus: 403,
			apiMessage: 'Not for you',
			requestId: REQUEST_ID,
		});
	});

	it('an answer may be its status alone', () => {
		expect(read({ httpCode: '503' }, true, false)).toMatchObject({
			code: 'SERVICE_UNAVAILABLE',
			evidence: 'UNKNOWN',
			httpStatus: 503,
			requestId: REQUEST_ID,
		});
	});

	it('a second 401 is a refused credential', () => {
		for (const hadToken of [true, false]) {
			for (const statusesAreAnswers of [true, false]) {
				const error = remainder('401', axiosWords(401));
				expect(read(error, hadToken, statusesAreAnswers)).toMatchObject({
					code: 'UNAUTHORIZED',
					evidence: 'REJECTED',
					httpStatus: 401,
				});
			}
		}
	});
});
