import { describe, expect, it } from 'vitest';

import type { KnownErrorCode } from '../../../nodes/Nexthink/api/errorCodes.ts';
import { failureOfToken } from '../../../nodes/Nexthink/api/tokenFailure.ts';

const TOKEN_URL = 'https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token';
const SECRET = 'Basic canary-of-the-secret';

const read = (error: unknown) => failureOfToken(error, TOKEN_URL);

// The shapes below were printed from errors that n8n 2.41.1 and, where it says so, n8n 1.123.81 threw; fields that nothing reads are left out.

/** What a node catches: n8n's own error around the one it met. */
const nodeApiError = (httpCode: string | null, message: string, cause: unknown) => ({
	name: 'NodeApiError',
	message,
	httpCode,
	failure: undefined,
	cause,
});

const brokenConnection = (code: string, message: string) => ({
	name: 'Error',
	isAxiosError: true,
	code,
	message,
	config: { url: TOKEN_URL, headers: { Authorization: SECRET } },
	cause: { name: 'Error', code, message, errno: -1, syscall: message.split(' ')[0] },
});

/** An answer that axios throws because of its status. */
const thrownAnswer = (status: number) => ({
	name: 'AxiosError',
	isAxiosError: true,
	code: 'ERR_BAD_RESPONSE',
	message: `Request failed with status code ${status}`,
	status,
	config: { url: TOKEN_URL, headers: { Authorization: SECRET } },
	response: { status, headers: {}, data: '<html>' },
});

const timeout = {
	name: 'AxiosError',
	isAxiosError: true,
	code: 'ECONNABORTED',
	message: 'timeout of 300000ms exceeded',
	config: { url: TOKEN_URL, headers: { Authorization: SECRET } },
};

/** JSON with an `error` in it, as n8n's OAuth2 client reports it; the status is lost. */
const authError = (error: string) => ({
	name: 'Error',
	code: 'EAUTH',
	message: 'Client authentication failed',
	body: { error, error_description: 'The client secret supplied for a client is invalid.' },
});

/** A login that answers with something else. */
const responseError = (status: number, message = `HTTP status ${status}`) => ({
	name: 'Error',
	code: 'ESTATUS',
	message,
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

const NO_TOKEN = "Nexthink didn't return an access token";
const OTHER_SERVER = `${NO_TOKEN}: another server, such as a proxy, responded`;
const MAYBE_BUSY = `${NO_TOKEN}: it isn't available, or another server, such as a proxy, responded`;
const REFUSED = "Nexthink didn't accept the credential";

type Expected = [code: KnownErrorCode, message: string, httpStatus?: number, causeCode?: string];

const CASES: Array<
	[what: string, cause: { message: string; code?: string; status?: number }, Expected]
> = [
	['a wrong client secret', authError('invalid_client'), ['UNAUTHORIZED', REFUSED]],
	['a scope that is not granted', authError('invalid_scope'), ['UNAUTHORIZED', REFUSED]],
	['a grant that is not allowed', authError('unauthorized_client'), ['UNAUTHORIZED', REFUSED]],
	['401 as frameworks word it', authError('Unauthorized'), ['UNAUTHORIZED', REFUSED]],
	['401 whatever its body', responseError(401), ['UNAUTHORIZED', REFUSED, 401]],
	...[
		'Not Found',
		'not_found',
		'proxy_authentication_required',
		'rate_limit_exceeded',
		'request_too_large',
		'gateway_server_error',
		'server_error_of_the_gateway',
		'not_invalid_client',
		'invalid_client_certificate',
		'Error: Client authentication failed',
		'Error: The authorization server is currently unable to handle the request',
	].map((error): [string, ReturnType<typeof authError>, Expected] => [
		`a gateway's JSON with the error ${error}, which is none of OAuth2`,
		authError(error),
		['TOKEN_UNAVAILABLE', OTHER_SERVER],
	]),
	...[302, 400, 403, 404, 405, 407, 408].map(
		(status): [string, ReturnType<typeof responseError>, Expected] => [
			`${status} without an OAuth2 error`,
			responseError(status),
			['TOKEN_UNAVAILABLE', OTHER_SERVER, status],
		],
	),
	[
		'a page in place of a token',
		responseError(200, 'Expected JSON response from OAuth2 token endpoint'),
		['TOKEN_UNAVAILABLE', OTHER_SERVER, 200],
	],
	[
		'JSON that is broken',
		Object.assign(new SyntaxError('Unexpected token <')),
		['TOKEN_UNAVAILABLE', OTHER_SERVER],
	],
	[
		'an answer without a token in it',
		{ message: 'Unable to sign without access token' },
		['TOKEN_UNAVAILABLE', OTHER_SERVER],
	],
	['429', responseError(429), ['TOKEN_UNAVAILABLE', MAYBE_BUSY, 429]],
	['500', responseError(500), ['TOKEN_UNAVAILABLE', MAYBE_BUSY, 500]],
	['a gateway that is down', thrownAnswer(503), ['TOKEN_UNAVAILABLE', MAYBE_BUSY, 503]],
	['a login that is too busy', authError('slow_down'), ['TOKEN_UNAVAILABLE', NO_TOKEN]],
	['a login that is down', authError('temporarily_unavailable'), ['TOKEN_UNAVAILABLE', NO_TOKEN]],
	['a login that fails', authError('server_error'), ['TOKEN_UNAVAILABLE', NO_TOKEN]],
	['no answer', timeout, ['TOKEN_UNAVAILABLE', NO_TOKEN]],
	[
		'a reset',
		brokenConnection('ECONNRESET', 'read ECONNRESET'),
		[
			'TOKEN_UNAVAILABLE',
			`${NO_TOKEN}: the connection was closed before the response was complete`,
			undefined,
			'ECONNRESET',
		],
	],
	[
		'a refused connection',
		brokenConnection('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:443'),
		['TOKEN_UNAVAILABLE', `${NO_TOKEN}: the connection was refused`, undefined, 'ECONNREFUSED'],
	],
	[
		'a proxy that is down',
		brokenConnection('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:3128'),
		[
			'TOKEN_UNAVAILABLE',
			`${NO_TOKEN}: n8n's proxy couldn't be reached`,
			undefined,
			'ECONNREFUSED',
		],
	],
	[
		'a certificate that is not trusted',
		brokenConnection('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'),
		[
			'TOKEN_UNAVAILABLE',
			`${NO_TOKEN}: its certificate isn't trusted`,
			undefined,
			'SELF_SIGNED_CERT_IN_CHAIN',
		],
	],
];

describe('a token that n8n could not get', () => {
	it.each(CASES)('because of %s is told so', (_, cause, [code, message, httpStatus, causeCode]) => {
		for (const error of [firstToken(cause), newToken(cause)]) {
			const failure = read(error);
			expect(failure).toMatchObject({ code, message, evidence: 'NOT_SENT', requestId: null });
			expect(failure.httpStatus).toBe(httpStatus ?? null);
			expect(failure.causeCode).toBe(causeCode);
		}
	});

	it.each([200, 403, 503])(
		'because another server responded (%i) leads to that server',
		(status) => {
			expect(read(newToken(responseError(status))).advice).toBe(
				'Check Region and Instance in the credential. Check that no proxy responds instead of Nexthink. Run the workflow again.',
			);
		},
	);

	it('is a refused credential where n8n wants it to be connected again', () => {
		const message = 'The credential "Nexthink" needs to be reconnected.';
		const cause = { name: 'NodeOperationError', message, failure: { cause: 'credential-invalid' } };
		expect(read(nodeApiError(null, message, cause)).code).toBe('UNAUTHORIZED');
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
		['a body of null', { code: 'ESOMETHING', body: null }],
	])('because of %s is unavailable', (_, error) => {
		expect(read(error)).toMatchObject({ code: 'TOKEN_UNAVAILABLE', httpStatus: null });
	});

	it('is read from a chain of causes that runs in a circle', () => {
		const error: { cause?: unknown } = {};
		error.cause = { cause: error };
		expect(read(error).code).toBe('TOKEN_UNAVAILABLE');
	});

	it('never shows the secret', () => {
		const errors = CASES.flatMap(([, cause]) => [firstToken(cause), newToken(cause)]);
		expect(JSON.stringify(errors)).toContain(SECRET);
		for (const error of errors) expect(JSON.stringify(read(error))).not.toContain('canary');
	});
});

/** n8n 1.123 keeps no cause: only its code or status, and its message. */
const remainder = (httpCode: string, message: string) => ({
	name: 'NodeApiError',
	message: 'whatever n8n makes of it',
	httpCode,
	messages: [message, 'and of it once more'],
	cause: undefined,
});

describe('what n8n 1.123 leaves of', () => {
	it.each<[what: string, error: object, Expected]>([
		[
			'a client that the login refuses',
			remainder('EAUTH', 'Client authentication failed'),
			['UNAUTHORIZED', REFUSED],
		],
		...[
			'The request is missing a required parameter, includes an invalid parameter value',
			'The provided authorization grant (e.g., authorization code) is invalid',
			'The client is not authorized to request an authorization code using this method.',
			'The authorization grant type is not supported by the authorization server.',
			'The resource owner or authorization server denied the request.',
			'The requested scope is invalid, unknown, or malformed.',
		].map((sentence): [string, object, Expected] => [
			`a refusal with "${sentence}"`,
			remainder('EAUTH', sentence),
			['UNAUTHORIZED', REFUSED],
		]),
		...['Not Found', 'rate_limit_exceeded', 'The proxy denies this.'].map(
			(error): [string, object, Expected] => [
				`an answer of another server with "${error}"`,
				remainder('EAUTH', error),
				['TOKEN_UNAVAILABLE', OTHER_SERVER],
			],
		),
		[
			'a login that is too busy',
			remainder('EAUTH', 'too_many_requests'),
			['TOKEN_UNAVAILABLE', NO_TOKEN],
		],
		[
			'a login that fails',
			remainder('EAUTH', 'The authorization server encountered an unexpected condition'),
			['TOKEN_UNAVAILABLE', NO_TOKEN],
		],
		[
			'401 without an OAuth2 error',
			remainder('401', 'HTTP status 401'),
			['UNAUTHORIZED', REFUSED, 401],
		],
		[
			'a page with 403',
			remainder('403', 'Unsupported content type: text/html'),
			['TOKEN_UNAVAILABLE', OTHER_SERVER, 403],
		],
		[
			'a page in place of a token',
			remainder('200', 'Unsupported content type: text/html; charset=utf-8'),
			['TOKEN_UNAVAILABLE', OTHER_SERVER, 200],
		],
		[
			'503',
			remainder('503', 'Request failed with status code 503'),
			['TOKEN_UNAVAILABLE', MAYBE_BUSY, 503],
		],
		[
			'a host that refuses the connection',
			remainder('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:443'),
			['TOKEN_UNAVAILABLE', `${NO_TOKEN}: the connection was refused`, undefined, 'ECONNREFUSED'],
		],
		[
			'a proxy whose name is not known',
			remainder('ENOTFOUND', 'getaddrinfo ENOTFOUND proxy.corp.example'),
			['TOKEN_UNAVAILABLE', `${NO_TOKEN}: n8n's proxy couldn't be reached`, undefined, 'ENOTFOUND'],
		],
	])('%s is told so', (_, error, [code, message, httpStatus, causeCode]) => {
		const failure = read(error);
		expect(failure).toMatchObject({ code, message, httpStatus: httpStatus ?? null });
		expect(failure.causeCode).toBe(causeCode);
	});
});
