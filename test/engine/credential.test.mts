import { describe, expect, it } from 'vitest';
import type { Fault } from '../simulator/tenant.mts';
import { type DeleteRun, ON_ERROR_MODES, useTestBench } from './delete-workflow.mts';

const bench = useTestBench();

const threeBatches = (more: Partial<DeleteRun> = {}): DeleteRun => ({
	items: bench.devices(6),
	options: { batchSize: 2, concurrency: 1, maxRetries: 0 },
	...more,
});

describe('a token', () => {
	it('is asked for once and kept for the next run', async () => {
		const credential = bench.credential();

		const first = await bench.run(threeBatches({ credential }));
		const second = await bench.run(threeBatches({ credential }));

		expect(first.allRequests.map(({ route }) => route)).toEqual([
			'token',
			'deletions',
			'deletions',
			'deletions',
		]);
		expect(second.tokenRequests).toEqual([]);
		expect(second.statusWords).toEqual(Array(6).fill('SCHEDULED'));
	});

	it.each(ON_ERROR_MODES)(
		'that expires in mid-run costs one token request, and no device (%s)',
		async (onError) => {
			bench.tenant.faults.add({ route: 'deletions', from: 2, play: { kind: 'expireTokens' } });

			const deletion = await bench.run(threeBatches({ onError }));

			expect(deletion.execution.status).toBe('success');
			expect(deletion.allRequests.map(({ route, status }) => [route, status])).toEqual([
				['token', 200],
				['deletions', 202],
				['deletions', 401],
				['token', 200],
				['deletions', 202],
				['deletions', 202],
			]);
			expect(deletion.requests[2]!.requestId).toBe(deletion.requests[1]!.requestId);
			expect(deletion.statusWords).toEqual(Array(6).fill('SCHEDULED'));
			expect(deletion.success.map(({ attempts }) => attempts)).toEqual(Array(6).fill(1));
			expect(bench.tenant.ledger.size).toBe(6);
		},
	);

	it('that a former run left behind and that has expired is renewed', async () => {
		const credential = bench.credential();
		await bench.run(threeBatches({ credential }));
		bench.tenant.expireTokens();

		const deletion = await bench.run(threeBatches({ credential }));

		expect(deletion.tokenRequests).toHaveLength(1);
		expect(deletion.statusWords).toEqual(Array(6).fill('SCHEDULED'));
	});
});

interface LoginCase {
	name: string;
	play: Fault;
	code: 'UNAUTHORIZED' | 'TOKEN_UNAVAILABLE';
	/** Null where the body names a refusal of OAuth2: n8n then keeps that alone. */
	httpStatus: number | null;
	/** What the message says of the cause. */
	says?: string;
}

const oauthError = (status: number, error: string): Fault => ({
	kind: 'status',
	status,
	body: { error, error_description: 'Not for a log.' },
});

const LOGIN_CASES: LoginCase[] = [
	{
		name: '400 invalid_client',
		play: oauthError(400, 'invalid_client'),
		code: 'UNAUTHORIZED',
		httpStatus: null,
	},
	{
		name: '401 invalid_client',
		play: oauthError(401, 'invalid_client'),
		code: 'UNAUTHORIZED',
		httpStatus: null,
	},
	{
		name: '401 with a page',
		play: { kind: 'html', status: 401 },
		code: 'UNAUTHORIZED',
		httpStatus: 401,
	},
	...[403, 404, 405, 407].map(
		(status): LoginCase => ({
			name: `${status} with a page`,
			play: { kind: 'html', status },
			code: 'TOKEN_UNAVAILABLE',
			httpStatus: status,
			says: ': another server, such as a proxy, responded',
		}),
	),
	{
		name: '403 with JSON that is not of OAuth2',
		play: { kind: 'status', status: 403, body: { error: 'Access Denied' } },
		code: 'TOKEN_UNAVAILABLE',
		httpStatus: null,
		says: ': another server, such as a proxy, responded',
	},
	{
		name: '429',
		play: { kind: 'status', status: 429, headers: { 'Retry-After': '5' } },
		code: 'TOKEN_UNAVAILABLE',
		httpStatus: 429,
	},
	{
		name: '500',
		play: { kind: 'status', status: 500, body: { error: 'server_error' } },
		code: 'TOKEN_UNAVAILABLE',
		httpStatus: 500,
	},
	{
		name: '503 page of a gateway',
		play: { kind: 'html', status: 503 },
		code: 'TOKEN_UNAVAILABLE',
		httpStatus: 503,
	},
	{
		name: 'a reset connection',
		play: { kind: 'reset', queued: false },
		code: 'TOKEN_UNAVAILABLE',
		httpStatus: null,
	},
];

const MESSAGES = {
	UNAUTHORIZED: "Nexthink didn't accept the credential",
	TOKEN_UNAVAILABLE: "Nexthink didn't return an access token",
};

describe.each(LOGIN_CASES)(
	'a login that answers $name',
	({ play, code, httpStatus, says = '' }) => {
		const stopsRun = code === 'UNAUTHORIZED';

		it('before the first request leaves every device certainly unsent', async () => {
			bench.tenant.faults.add({ route: 'token', times: Infinity, play });

			const deletion = await bench.run(threeBatches({ onError: 'continueErrorOutput' }));

			expect(deletion.requests).toEqual([]);
			expect(deletion.tokenRequests).toHaveLength(stopsRun ? 1 : 3);
			expect(deletion.statusWords).toEqual(Array(6).fill('NOT_SENT'));
			expect(deletion.failed[0]!.error).toMatchObject({
				code,
				httpStatus,
				requestId: null,
				traceId: null,
				retryable: !stopsRun,
			});
			expect(deletion.failed[0]!.message).toContain(MESSAGES[code] + says);
		});

		it('before the first request ends a run under Stop Workflow at once', async () => {
			bench.tenant.faults.add({ route: 'token', times: Infinity, play });

			const deletion = await bench.run(threeBatches());

			expect(deletion.requests).toEqual([]);
			expect(deletion.tokenRequests).toHaveLength(1);
			expect(deletion.error!.message).toContain(MESSAGES[code] + says);
			expect(deletion.error!.message).toContain('0 of 6 devices scheduled, 6 not sent.');
			expect(deletion.errorData).toMatchObject({ code, httpStatus, counts: { notSent: 6 } });
			expect(JSON.stringify(deletion.error)).not.toContain('Not for a log.');
		});

		it('in place of a new token leaves the devices of that request refused', async () => {
			bench.tenant.faults.add({ route: 'deletions', from: 2, play: { kind: 'expireTokens' } });
			bench.tenant.faults.add({ route: 'token', from: 2, play });

			const deletion = await bench.run(threeBatches({ onError: 'continueErrorOutput' }));

			const rest = stopsRun ? 'NOT_SENT' : 'SCHEDULED';
			expect(deletion.statusWords).toEqual([
				'SCHEDULED',
				'SCHEDULED',
				'REJECTED',
				'REJECTED',
				rest,
				rest,
			]);
			expect(deletion.failed[0]!.error).toMatchObject({
				code,
				httpStatus,
				requestId: deletion.requests[1]!.requestId,
				retryable: !stopsRun,
			});
		});
	},
);

describe('a login that answers without a token', () => {
	it.each([
		{ name: 'an empty object', play: { kind: 'status', status: 200, body: {} } as const },
		{ name: 'an HTML page', play: { kind: 'html', status: 200 } as const },
	])('as $name leaves every device certainly unsent', async ({ play }) => {
		bench.tenant.faults.add({ route: 'token', times: Infinity, play });

		const deletion = await bench.run(threeBatches({ onError: 'continueErrorOutput' }));

		expect(deletion.requests).toEqual([]);
		expect(deletion.statusWords).toEqual(Array(6).fill('NOT_SENT'));
		expect(deletion.failed[0]!.error.code).toBe('TOKEN_UNAVAILABLE');
	});
});

describe('the test of the credential', () => {
	const test = (data = {}) => bench.engine.testCredential(bench.credential(data));

	it('passes with a good one, and asks for the deletion of nothing', async () => {
		await expect(test()).resolves.toEqual({ status: 'OK', message: 'Connection successful!' });

		expect(bench.tenant.requests.map(({ route, status }) => [route, status])).toEqual([
			['token', 200],
			['deletions', 400],
		]);
		expect(bench.tenant.requests[1]!.body).toBe('{"devices":[]}');
		expect(bench.tenant.ledger.size).toBe(0);
	});

	const playOnDeletions = (play: Fault) =>
		bench.tenant.faults.add({ route: 'deletions', times: Infinity, play });

	const answersWith = (status: number, body?: object | string) => () =>
		playOnDeletions({ kind: 'status', status, ...(body !== undefined && { body }) });

	const FORBIDDEN =
		/^Nexthink doesn't let this credential delete devices: the Data management permission is missing, or .* isn't enabled .*select Data management .*lookups and queries alone stays red .*create a new credential/;
	const OTHER_SERVER =
		/^Another server responded instead of Nexthink \(HTTP \d{3}\)\. Check Region and Instance/;
	const NO_CODE =
		/^The test was rejected without a code.*Check Region.*Data management is selected/;
	const UNFAMILIAR = /^The test was rejected with an unfamiliar code\. Check Region and Instance/;
	const LATER = /Test the credential again in a few minutes\.$/;

	const API_CASES: Array<[what: string, prepare: () => void, message: RegExp]> = [
		['the feature is off', () => (bench.tenant.settings.featureEnabled = false), FORBIDDEN],
		[
			'the permission is missing',
			() => (bench.tenant.settings.permissionGranted = false),
			FORBIDDEN,
		],
		[
			'no tenant is in the token',
			() => (bench.tenant.settings.tenantInToken = false),
			/^Nexthink couldn't tell which tenant .*create a new credential/,
		],
		['a 403 says FORBIDDEN', answersWith(403, { code: 'FORBIDDEN' }), FORBIDDEN],
		['a 403 has a number as code', answersWith(403, { code: 403 }), FORBIDDEN],
		['a 403 says what a good answer says', answersWith(403, { code: 'EMPTY_REQUEST' }), FORBIDDEN],
		['a 403 is empty', answersWith(403), FORBIDDEN],
		['a 403 is a page', () => playOnDeletions({ kind: 'html', status: 403 }), FORBIDDEN],
		['a 200 has the code 0', answersWith(200, { code: 0 }), OTHER_SERVER],
		['a 200 says EMPTY_REQUEST', answersWith(200, { code: 'EMPTY_REQUEST' }), OTHER_SERVER],
		['a 200 is a list', answersWith(200, []), OTHER_SERVER],
		['a 200 is empty', answersWith(200), OTHER_SERVER],
		['a 200 is a page', () => playOnDeletions({ kind: 'html', status: 200 }), OTHER_SERVER],
		['a 201 comes', answersWith(201, {}), OTHER_SERVER],
		['a 202 accepts no devices', answersWith(202, { devices: [] }), OTHER_SERVER],
		['a 204 comes', answersWith(204), OTHER_SERVER],
		...[301, 302, 303, 307, 308].map((status): (typeof API_CASES)[number] => [
			`the API redirects with ${status}`,
			() => playOnDeletions({ kind: 'redirect', status, location: '/login' } as Fault),
			OTHER_SERVER,
		]),
		['a 304 comes', answersWith(304), OTHER_SERVER],
		['a 400 has no code', answersWith(400, { message: 'No.' }), NO_CODE],
		['a 400 has a number as code', answersWith(400, { code: 0 }), NO_CODE],
		['a 400 has null as code', answersWith(400, { code: null }), NO_CODE],
		['a 400 is empty', answersWith(400), NO_CODE],
		['a 400 is a page', () => playOnDeletions({ kind: 'html', status: 400 }), NO_CODE],
		['a 400 has an empty code', answersWith(400, { code: '' }), UNFAMILIAR],
		['a 400 has a shorter code', answersWith(400, { code: 'EMPTY' }), UNFAMILIAR],
		['a 400 has a longer code', answersWith(400, { code: 'EMPTY_REQUEST_BODY' }), UNFAMILIAR],
		['a 400 has an equally long code', answersWith(400, { code: 'ACCESS_DENIED' }), UNFAMILIAR],
		[
			'a 400 says INVALID_REQUEST',
			answersWith(400, { code: 'INVALID_REQUEST' }),
			/^The test request arrived incomplete.*Check Region/,
		],
		[
			'a 400 says BATCH_SIZE_EXCEEDED',
			answersWith(400, { code: 'BATCH_SIZE_EXCEEDED' }),
			/^The test request was rejected as too large.*Check Region/,
		],
		[
			'a 400 says FEATURE_NOT_ENABLED',
			answersWith(400, { code: 'FEATURE_NOT_ENABLED' }),
			FORBIDDEN,
		],
		[
			'the API refuses the new token',
			() => playOnDeletions({ kind: 'unauthorized' }),
			/^Nexthink didn't accept the credential\. Open the credential/,
		],
		[
			'the address is wrong',
			answersWith(404),
			/^Nexthink doesn't recognize the address .*Check Region and Instance/,
		],
		[
			'a method is refused',
			answersWith(405),
			/^Nexthink, or another server on the way to it, rejected/,
		],
		['a proxy wants a login', answersWith(407), /rejected the request\. Check that no proxy/],
		['a request is too large', answersWith(413), OTHER_SERVER],
		['Nexthink is flooded', answersWith(429), LATER],
		['Nexthink has a fault', answersWith(500, { code: 'INTERNAL_ERROR' }), LATER],
		['a 500 says what a good answer says', answersWith(500, { code: 'EMPTY_REQUEST' }), LATER],
		['Nexthink is down', () => playOnDeletions({ kind: 'html', status: 503 }), LATER],
		['a gateway gives up', answersWith(504), LATER],
		['a proxy has a status of its own', answersWith(522), LATER],
	];

	it.each(API_CASES)('is red and says what to change when %s', async (_, prepare, message) => {
		prepare();

		const result = await test();

		expect(result.status).toBe('Error');
		expect(result.message).toMatch(message);
		expect(bench.tenant.ledger.size).toBe(0);
	});

	it('is red for a status that nobody uses, too', async () => {
		for (const status of [299, 399, 499, 599]) {
			bench.tenant.faults.clear();
			answersWith(status, { code: 'EMPTY_REQUEST' })();

			const result = await test();

			expect(result.status).toBe('Error');
			expect(result.message).not.toBe('');
		}
	});

	it('fails with a wrong secret, and sends nothing to the API', async () => {
		const result = await test({ clientSecret: 'wrong' });

		expect(result).toEqual({
			status: 'Error',
			message: expect.stringContaining('Client authentication failed') as string,
		});
		expect(bench.tenant.requests.map(({ route }) => route)).toEqual(['token']);
	});

	const HOSTS_REFUSED = [
		{
			name: 'a pasted address in another region',
			data: { region: 'eu', instance: 'https://acme.us.nexthink.cloud' },
			message: 'instance-is-an-address-in-the-region-us-but-region-is-eu',
		},
		{
			name: 'a pasted address of something else',
			data: { region: 'eu', instance: 'https://acme.example' },
			message: 'instance-must-be-the-name-of-your-tenant',
		},
		{
			name: 'a host as instance',
			data: { region: 'eu', instance: 'acme.eu' },
			message: 'instance-must-be-the-name-of-your-tenant',
		},
		{
			name: 'no instance',
			data: { region: 'eu', instance: '' },
			message: 'instance-must-be-the-name-of-your-tenant',
		},
		{
			name: 'a region that is none',
			data: { region: 'moon', instance: 'acme' },
			message: 'region-must-be-one-of-the-listed-regions',
		},
		{
			name: 'an API over http on another machine',
			data: { apiBaseUrl: 'http://nexthink.example.com' },
			message: 'api-base-url-must-start-with-https',
		},
		{
			name: 'a login over http on another machine',
			data: { tokenUrl: 'http://nexthink.example.com/token' },
			message: 'token-url-must-start-with-https',
		},
		{
			name: 'no API base URL',
			data: { apiBaseUrl: '' },
			message: 'api-base-url-must-start-with-https',
		},
	];

	it.each(HOSTS_REFUSED)('makes no request with $name, and says so', async ({ data, message }) => {
		const result = await test(data);

		expect(result.status).toBe('Error');
		expect(result.message).toContain(message);
		expect(bench.tenant.requests).toEqual([]);
	});

	it('makes no request of a run with a stored token either, where a host was changed', async () => {
		const credential = bench.credential();
		await bench.run(threeBatches({ credential }));
		credential.data.apiBaseUrl = 'http://nexthink.example.com';

		const deletion = await bench.run(threeBatches({ credential }));

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.errorData.code).toBe('INVALID_PARAMETER');
	});
});
