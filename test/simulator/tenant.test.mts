import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessOf, basic, freshToken, requestDeletions, requestToken } from './client.mts';
import { generateInventory } from './inventory.mts';
import { startTenant, type DeletionAnswer, type Tenant } from './tenant.mts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let tenant: Tenant;
let token: string;

beforeAll(async () => {
	tenant = await startTenant({ devices: 300, clientSecret: 'a:secret/with+signs%41' });
});
beforeEach(async () => {
	tenant.reset();
	token = await freshToken(tenant);
});
afterAll(() => tenant.close());

function codeOf(body: string): unknown {
	return (JSON.parse(body) as { code?: unknown }).code;
}

describe('the inventory', () => {
	it('has as many devices as asked for, each UID a UUID and each UID and name once', () => {
		expect(tenant.inventory).toHaveLength(300);
		expect(tenant.inventory.every(({ uid }) => UUID.test(uid))).toBe(true);
		expect(new Set(tenant.inventory.map(({ uid }) => uid)).size).toBe(300);
		expect(new Set(tenant.inventory.map(({ name }) => name)).size).toBe(300);
	});

	it('is the same every time', () => {
		expect(generateInventory(10)).toEqual(tenant.inventory.slice(0, 10));
	});
});

describe('the token endpoint', () => {
	it('answers as documented', async () => {
		const { status, body } = await requestToken(tenant);
		expect(status).toBe(200);
		expect(JSON.parse(body)).toEqual({
			token_type: 'Bearer',
			expires_in: 900,
			access_token: tenant.issuedTokens.at(-1),
			scope: 'service:integration',
		});
	});

	it('takes id and secret as they are and form-encoded', async () => {
		const encoded = basic(tenant.clientId, encodeURIComponent(tenant.clientSecret));
		expect((await requestToken(tenant, {}, encoded)).status).toBe(200);
	});

	it.each([
		['a wrong secret', {}, basic('simulated-client', 'wrong'), 401, 'invalid_client'],
		['a bearer in place of Basic', {}, 'Bearer x', 401, 'invalid_client'],
		['another grant', { grant_type: 'password' }, undefined, 400, 'unsupported_grant_type'],
		['another scope', { scope: 'openid' }, undefined, 400, 'invalid_scope'],
	])('refuses %s', async (_, form, authorization, status, error) => {
		const issued = tenant.issuedTokens.length;
		const refused = await requestToken(tenant, form, authorization);
		expect(refused.status).toBe(status);
		expect(JSON.parse(refused.body)).toMatchObject({
			error,
			error_description: expect.any(String) as string,
		});
		expect(tenant.issuedTokens).toHaveLength(issued);
	});

	it('takes POST only', async () => {
		expect((await fetch(tenant.tokenUrl)).status).toBe(405);
	});
});

describe('a token', () => {
	it('is refused with 401 and no body when it is missing, unknown, revoked or expired', async () => {
		const devices = tenant.inventory.slice(0, 1);
		const unauthorized = { status: 401, body: '' };
		expect(await requestDeletions(tenant, undefined, devices)).toMatchObject(unauthorized);
		expect(await requestDeletions(tenant, 'unknown', devices)).toMatchObject(unauthorized);
		tenant.revokeTokens();
		expect(await requestDeletions(tenant, token, devices)).toMatchObject(unauthorized);
		const second = await freshToken(tenant);
		tenant.expireTokens();
		expect(await requestDeletions(tenant, second, devices)).toMatchObject(unauthorized);
		expect(tenant.ledger.size).toBe(0);
	});

	it('ends after its lifetime', async () => {
		const hasty = await startTenant({ tokenLifetimeSeconds: 1, devices: 1 });
		try {
			const brief = await freshToken(hasty);
			expect((await requestDeletions(hasty, brief, hasty.inventory)).status).toBe(202);
			await new Promise((resolve) => setTimeout(resolve, 1050));
			expect((await requestDeletions(hasty, brief, hasty.inventory)).status).toBe(401);
		} finally {
			await hasty.close();
		}
	});
});

describe('a deletions request', () => {
	it('queues its devices and answers in their order, as submitted', async () => {
		const [first, second] = tenant.inventory.slice(0, 2);
		const submitted = [
			{ uid: second?.uid.toUpperCase() ?? '', name: 'any name' },
			{ uid: 'not-a-uid', name: 'x' },
			{ uid: first?.uid ?? '', name: ' spaced ' },
		];
		const { status, body } = await requestDeletions(tenant, token, submitted, {
			headers: { 'x-request-id': 'my-id' },
		});
		expect(status).toBe(202);
		expect(JSON.parse(body)).toEqual({
			scheduledCount: 2,
			status: 'ACCEPTED',
			devices: [
				{ ...submitted[0], status: 'SCHEDULED' },
				{ ...submitted[1], status: 'INVALID' },
				{ ...submitted[2], status: 'SCHEDULED' },
			],
		});
		expect(tenant.ledger.entries).toMatchObject([
			{ ...submitted[0], requestId: 'my-id', request: 2 },
			{ ...submitted[2], requestId: 'my-id', request: 2 },
		]);
		expect(tenant.ledger.has(second?.uid ?? '')).toBe(true);
		expect(tenant.ledger.uids()).toEqual(new Set([first?.uid, second?.uid]));
		expect(tenant.ledger.countFor('my-id')).toBe(2);
	});

	it('is accepted with nothing scheduled when every UID is malformed', async () => {
		const { status, body } = await requestDeletions(tenant, token, [{ uid: 'x', name: 'x' }]);
		expect(status).toBe(202);
		expect(JSON.parse(body)).toMatchObject({ scheduledCount: 0, status: 'ACCEPTED' });
	});

	it('can have another status for a device that is unknown, and for one that is queued already', async () => {
		Object.assign(tenant.settings, { statusOfUnknown: 'INVALID', statusOfQueued: 'FAILED' });
		const device = tenant.inventory[0]!;
		const unknown = { uid: '00000000-0000-4000-8000-000000000000', name: 'PC' };
		const statuses = async () => {
			const { body } = await requestDeletions(tenant, token, [device, unknown]);
			return (JSON.parse(body) as DeletionAnswer).devices.map(({ status }) => status);
		};
		expect([await statuses(), await statuses()]).toEqual([
			['SCHEDULED', 'INVALID'],
			['FAILED', 'INVALID'],
		]);
		expect(tenant.ledger.entries.map(({ uid }) => uid)).toEqual([device.uid]);
	});

	it('schedules a well-formed UID that is not in the inventory', async () => {
		const stranger = { uid: '00000000-0000-0000-0000-000000000000', name: 'stranger' };
		await requestDeletions(tenant, token, [stranger]);
		expect(tenant.ledger.has(stranger.uid)).toBe(true);
	});

	const device = { uid: '00000000-0000-0000-0000-000000000000', name: 'n' };
	it.each([
		['no JSON', '{', 'INVALID_REQUEST'],
		['no body', '', 'INVALID_REQUEST'],
		['a list as the body', '[]', 'INVALID_REQUEST'],
		['devices that are no list', '{"devices":{}}', 'INVALID_REQUEST'],
		['no devices', '{}', 'EMPTY_REQUEST'],
		['an empty list', '{"devices":[]}', 'EMPTY_REQUEST'],
		[
			'a blank name',
			JSON.stringify({ devices: [device, { ...device, name: ' ' }] }),
			'INVALID_REQUEST',
		],
		[
			'a blank uid',
			JSON.stringify({ devices: [device, { ...device, uid: '' }] }),
			'INVALID_REQUEST',
		],
		[
			'a number as name',
			JSON.stringify({ devices: [device, { ...device, name: 1 }] }),
			'INVALID_REQUEST',
		],
		['a device that is null', JSON.stringify({ devices: [device, null] }), 'INVALID_REQUEST'],
	])('fails as a whole for %s', async (_, sent, code) => {
		const { status, body } = await requestDeletions(tenant, token, sent);
		expect(status).toBe(400);
		expect(codeOf(body)).toBe(code);
		expect(tenant.ledger.size).toBe(0);
	});

	it('takes exactly the cap, which can be lowered while running', async () => {
		expect((await requestDeletions(tenant, token, tenant.inventory.slice(0, 100))).status).toBe(
			202,
		);
		const over = await requestDeletions(tenant, token, tenant.inventory.slice(0, 101));
		expect([over.status, codeOf(over.body)]).toEqual([400, 'BATCH_SIZE_EXCEEDED']);
		tenant.settings.deploymentCap = 10;
		const lowered = await requestDeletions(tenant, token, tenant.inventory.slice(0, 11));
		expect(codeOf(lowered.body)).toBe('BATCH_SIZE_EXCEEDED');
		expect(tenant.ledger.size).toBe(100);
	});

	it('refuses a client with the permission for queries alone, and takes one with that for deletions alone', async () => {
		const statusFor = async (client: 'reading' | 'deleting') => {
			const own = await freshToken(accessOf(tenant, client));
			return (await requestDeletions(tenant, own, tenant.inventory.slice(0, 1))).status;
		};
		expect(await statusFor('reading')).toBe(403);
		expect(tenant.ledger.size).toBe(0);
		expect(await statusFor('deleting')).toBe(202);
	});

	it('meets the checks in the documented order', async () => {
		Object.assign(tenant.settings, {
			permissionGranted: false,
			featureEnabled: false,
			tenantInToken: false,
		});
		const met: unknown[] = [];
		async function meet(bearer?: string): Promise<void> {
			const { status, body } = await requestDeletions(tenant, bearer, '{"devices":[]}');
			met.push([status, body === '' ? null : codeOf(body)]);
		}
		await meet();
		await meet(token);
		tenant.settings.permissionGranted = true;
		await meet(token);
		tenant.settings.featureEnabled = true;
		await meet(token);
		tenant.settings.tenantInToken = true;
		await meet(token);
		expect(met).toEqual([
			[401, null],
			[403, undefined],
			[403, 'FEATURE_NOT_ENABLED'],
			[400, 'EMPTY_TENANT'],
			[400, 'EMPTY_REQUEST'],
		]);
	});

	it('is answered 413 when its body is over 10 MB', async () => {
		const devices = [{ uid: device.uid, name: 'x'.repeat(10_000_000) }];
		expect((await requestDeletions(tenant, token, devices)).status).toBe(413);
		expect(tenant.requests.at(-1)).toMatchObject({ oversized: true, status: 413 });
		expect(tenant.ledger.size).toBe(0);
	});
});

describe('every answer', () => {
	it('echoes the request id, or has a new UUID', async () => {
		const named = await requestDeletions(tenant, undefined, [], {
			headers: { 'x-request-id': 'mine' },
		});
		expect(named.headers.get('x-request-id')).toBe('mine');
		const nameless = await fetch(`${tenant.origin}/elsewhere`);
		expect(nameless.status).toBe(404);
		expect(await nameless.json()).toMatchObject({ error: 'Not Found' });
		expect(nameless.headers.get('x-request-id')).toMatch(UUID);
		expect(nameless.headers.get('x-trace-id')).toMatch(/^[0-9a-f]{32}$/);
	});

	it('has the trace id of the traceparent', async () => {
		const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
		const { headers } = await requestDeletions(tenant, token, [], {
			headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
		});
		expect(headers.get('x-trace-id')).toBe(traceId);
	});

	it('has a 404 for another method on the deletions path', async () => {
		const response = await fetch(`${tenant.origin}/api/v1/data-management/device/deletions`);
		expect(response.status).toBe(404);
		expect(tenant.requests.at(-1)).toMatchObject({ route: 'deletions', method: 'GET' });
	});
});

describe('the request log', () => {
	it('has every request with what was sent and what was answered', async () => {
		const devices = tenant.inventory.slice(0, 2);
		await requestDeletions(tenant, token, devices, { headers: { 'x-request-id': 'logged' } });
		expect(tenant.requests).toMatchObject([
			{ sequence: 1, route: 'token', method: 'POST', status: 200 },
			{
				sequence: 2,
				route: 'deletions',
				path: '/api/v1/data-management/device/deletions',
				body: JSON.stringify({ devices }),
				devices,
				status: 202,
				requestId: 'logged',
				bearer: token,
			},
		]);
	});

	it('has no devices where the body has something else in their place', async () => {
		await requestDeletions(tenant, token, '{"devices":[{"uid":1,"name":"n"}]}');
		expect(tenant.requests.at(-1)).not.toHaveProperty('devices');
	});
});

describe('the tenant', () => {
	it('adds its latency after queuing', async () => {
		tenant.settings.latencyMilliseconds = 80;
		const start = performance.now();
		const answer = requestDeletions(tenant, token, tenant.inventory.slice(0, 1));
		await expect.poll(() => tenant.ledger.size, { interval: 5 }).toBe(1);
		expect(tenant.requests.at(-1)?.status).toBeNull();
		await answer;
		expect(performance.now() - start).toBeGreaterThanOrEqual(78);
	});

	it('forgets with a reset all but inventory and tokens', async () => {
		const { entries } = tenant.ledger;
		await requestDeletions(tenant, token, tenant.inventory.slice(0, 1));
		tenant.settings.deploymentCap = 1;
		tenant.faults.add({ route: 'deletions', play: { kind: 'html', status: 502 } });
		tenant.reset();
		expect(entries).toEqual([]);
		expect(tenant.requests).toEqual([]);
		expect(tenant.settings.deploymentCap).toBe(100);
		const devices = tenant.inventory.slice(0, 2);
		expect((await requestDeletions(tenant, token, devices)).status).toBe(202);
		expect(tenant.requests[0]?.sequence).toBe(1);
	});

	it('ends open connections when it is closed, and may be closed twice', async () => {
		const closing = await startTenant({ devices: 1 });
		closing.faults.add({ route: 'deletions', play: { kind: 'silence' } });
		const ending = expect(requestDeletions(closing, 'x', closing.inventory)).rejects.toThrow();
		await expect.poll(() => closing.requests.length).toBe(1);
		await closing.close();
		await closing.close();
		await ending;
	});

	it('cannot be started on a busy port', async () => {
		const port = Number(new URL(tenant.origin).port);
		await expect(startTenant({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
	});
});
