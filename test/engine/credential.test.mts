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

	const FEATURE =
		'The Data management API is not enabled for this Nexthink tenant. Ask Nexthink support to enable the Data management API for your tenant.';
	const API_CASES: Array<{ name: string; prepare: () => void; message: string | RegExp }> = [
		{
			name: 'the feature is off',
			prepare: () => (bench.tenant.settings.featureEnabled = false),
			message: FEATURE,
		},
		{
			name: 'the permission is missing',
			prepare: () => (bench.tenant.settings.permissionGranted = false),
			message: /^Nexthink does not let this credential delete devices .*tick Data management/,
		},
		{
			name: 'no tenant is in the token',
			prepare: () => (bench.tenant.settings.tenantInToken = false),
			message: /^Nexthink could not tell which tenant .*make a new credential/,
		},
		{
			name: 'a gateway answers 403',
			prepare: () => playOnDeletions({ kind: 'html', status: 403 }),
			message: /another server may have answered\.$/,
		},
		{
			name: 'the address is wrong',
			prepare: () => playOnDeletions({ kind: 'status', status: 404 }),
			message: /^Nexthink does not know the address .*Check Region and Instance/,
		},
		{
			name: 'the API refuses the new token',
			prepare: () => playOnDeletions({ kind: 'unauthorized' }),
			message: /^Nexthink didn't accept the credential\. Open the credential/,
		},
		{
			name: 'Nexthink is flooded',
			prepare: () => playOnDeletions({ kind: 'status', status: 429 }),
			message:
				/^Nexthink is receiving too many requests\. Test the credential again in a few minutes\.$/,
		},
		{
			name: 'Nexthink has a fault',
			prepare: () => playOnDeletions({ kind: 'status', status: 500 }),
			message:
				/^Nexthink could not process the request\. Test the credential again in a few minutes\.$/,
		},
		{
			name: 'Nexthink is down',
			prepare: () => playOnDeletions({ kind: 'html', status: 503 }),
			message:
				/^Nexthink is not available at the moment\. Test the credential again in a few minutes\.$/,
		},
		{
			name: 'the API redirects',
			prepare: () => playOnDeletions({ kind: 'redirect', status: 302, location: '/login' }),
			message:
				/^Another server than Nexthink answered, with a redirect\. Check Region and Instance/,
		},
	];

	const playOnDeletions = (play: Fault) =>
		bench.tenant.faults.add({ route: 'deletions', times: Infinity, play });

	it.each(API_CASES)('fails with its own message where $name', async ({ prepare, message }) => {
		prepare();

		const result = await test();

		expect(result.status).toBe('Error');
		expect(result.message).toMatch(message);
		expect(bench.tenant.ledger.size).toBe(0);
	});

	it('fails where a 200 comes from a server that is not Nexthink', async () => {
		playOnDeletions({ kind: 'html', status: 200 });

		const result = await test();

		expect(result.status).toBe('Error');
		expect(result.message).toContain('another server may have answered');
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
			name: 'a pasted address as instance',
			data: { region: 'eu', instance: 'https://acme.eu.nexthink.cloud' },
			message: 'instance-must-be-the-name-of-your-tenant-alone',
		},
		{
			name: 'a host as instance',
			data: { region: 'eu', instance: 'acme.eu' },
			message: 'instance-must-be-the-name-of-your-tenant-alone',
		},
		{
			name: 'no instance',
			data: { region: 'eu', instance: '' },
			message: 'instance-must-be-the-name-of-your-tenant-alone',
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
