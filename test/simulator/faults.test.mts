import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshToken, requestDeletions, requestToken, type Received } from './client.mts';
import type { DeletionAnswer } from './deletions.mts';
import type { Fault } from './faults.mts';
import { startTenant, type SubmittedDevice, type Tenant } from './tenant.mts';

let tenant: Tenant;
let token: string;
let devices: readonly SubmittedDevice[];

beforeAll(async () => {
	tenant = await startTenant({ devices: 10 });
	token = await freshToken(tenant);
	devices = tenant.inventory.slice(0, 3);
});
beforeEach(() => tenant.reset());
afterAll(() => tenant.close());

function send(): Promise<Received> {
	return requestDeletions(tenant, token, devices);
}

async function played(play: Fault): Promise<Received> {
	tenant.faults.add({ route: 'deletions', play });
	return send();
}

async function statuses(requests: number): Promise<number[]> {
	const seen: number[] = [];
	for (let sent = 0; sent < requests; sent += 1) seen.push((await send()).status);
	return seen;
}

describe('a rule', () => {
	it('plays from its nth request on, as often as it says', async () => {
		const play = { kind: 'status', status: 503 } as const;
		tenant.faults.add({ route: 'deletions', from: 2, times: 2, play });
		expect(await statuses(5)).toEqual([202, 503, 503, 202, 202]);
	});

	it('counts only the requests for which its condition holds', async () => {
		tenant.faults.add({
			route: 'deletions',
			from: 2,
			when: ({ devices: sent }) => sent?.length === 1,
			play: { kind: 'status', status: 503 },
		});
		expect(await statuses(2)).toEqual([202, 202]);
		const single = devices.slice(0, 1);
		expect((await requestDeletions(tenant, token, single)).status).toBe(202);
		expect((await requestDeletions(tenant, token, single)).status).toBe(503);
	});

	it('gives way to the one added before it', async () => {
		for (const status of [502, 503, 504]) {
			tenant.faults.add({ route: 'deletions', play: { kind: 'status', status } });
		}
		expect(await statuses(4)).toEqual([502, 503, 504, 202]);
	});

	it('may play for ever, until the script is cleared', async () => {
		const play = { kind: 'unauthorized' } as const;
		tenant.faults.add({ route: 'deletions', times: Infinity, play });
		expect(await statuses(3)).toEqual([401, 401, 401]);
		tenant.faults.clear();
		expect(await statuses(1)).toEqual([202]);
	});

	it('may be for the token endpoint', async () => {
		tenant.faults.add({ route: 'token', play: { kind: 'html', status: 503 } });
		expect((await send()).status).toBe(202);
		expect((await requestToken(tenant)).status).toBe(503);
		expect((await requestToken(tenant)).status).toBe(200);
	});

	it.each([400, 401, 403, 404, 409, 413, 422, 429])(
		'never queues and then answers %i',
		(status) => {
			const play = { kind: 'status', status, queued: true } as const;
			expect(() => tenant.faults.add({ route: 'deletions', play })).toThrow(RangeError);
			const changed: Fault = { kind: 'answer', status, change: (body) => body };
			expect(() => tenant.faults.add({ route: 'deletions', play: changed })).toThrow(RangeError);
		},
	);

	it.each([200, 202, 302, 408, 499, 500, 504])('may queue and then answer %i', async (status) => {
		expect((await played({ kind: 'status', status, queued: true })).status).toBe(status);
		expect(tenant.ledger.size).toBe(3);
	});

	it('is refused where it makes no sense', () => {
		const refused: ReadonlyArray<Parameters<Tenant['faults']['add']>[0]> = [
			{ route: 'token', play: { kind: 'expireTokens' } },
			{ route: 'deletions', from: 0, play: { kind: 'unauthorized' } },
			{ route: 'deletions', times: 0, play: { kind: 'unauthorized' } },
			{ route: 'deletions', play: { kind: 'redirect', status: 202, location: '/' } },
			{ route: 'deletions', play: { kind: 'delay', milliseconds: Infinity } },
			{ route: 'deletions', play: { kind: 'drip', bytesPerSecond: 0 } },
		];
		for (const rule of refused) expect(() => tenant.faults.add(rule)).toThrow();
	});
});

describe('a fault that answers', () => {
	it('may have any status, body and headers, and queues nothing unless told', async () => {
		const { status, body, headers } = await played({
			kind: 'status',
			status: 429,
			body: { code: 'NEW', message: 'm' },
			headers: { 'Retry-After': '7' },
		});
		expect([status, body]).toEqual([429, '{"code":"NEW","message":"m"}']);
		expect(headers.get('retry-after')).toBe('7');
		expect(headers.get('x-trace-id')).toMatch(/^[0-9a-f]{32}$/);
		expect(tenant.ledger.size).toBe(0);
	});

	it('may be an HTML page', async () => {
		const { status, body, headers } = await played({ kind: 'html', status: 502, queued: true });
		expect(status).toBe(502);
		expect(headers.get('content-type')).toContain('text/html');
		expect(body).toContain('<html>');
		expect(tenant.ledger.size).toBe(3);
	});

	it('may be a redirect', async () => {
		const location = 'http://127.0.0.1:9/';
		const { status, headers } = await played({ kind: 'redirect', status: 307, location });
		expect([status, headers.get('location')]).toEqual([307, location]);
		expect(tenant.ledger.size).toBe(0);
	});

	it('may be the honest one, changed', async () => {
		const { status, body } = await played({
			kind: 'answer',
			status: 200,
			change: (answer, request) => {
				answer.devices.reverse();
				return { ...answer, seen: request.devices?.length };
			},
		});
		const changed = JSON.parse(body) as DeletionAnswer & { seen: number };
		expect([status, changed.seen]).toEqual([200, 3]);
		expect(changed.devices.map(({ uid }) => uid)).toEqual(devices.map(({ uid }) => uid).reverse());
		expect(tenant.ledger.size).toBe(3);
	});

	it('leaves an honest refusal as it is', async () => {
		tenant.faults.add({ route: 'deletions', play: { kind: 'answer', change: () => ({}) } });
		const { status, body } = await requestDeletions(tenant, token, []);
		expect([status, body]).toEqual([400, expect.stringContaining('EMPTY_REQUEST')]);
	});

	it.each([
		[undefined, 2],
		[true, 3],
	])('may fail some devices (queued: %s)', async (queued, size) => {
		const failing = devices[1]?.uid.toUpperCase() ?? '';
		const play = { kind: 'failDevices', uids: [failing] } as const;
		const { body } = await played(queued === undefined ? play : { ...play, queued });
		const answer = JSON.parse(body) as DeletionAnswer;
		expect(answer.scheduledCount).toBe(2);
		expect(answer.devices.map(({ status }) => status)).toEqual([
			'SCHEDULED',
			'FAILED',
			'SCHEDULED',
		]);
		expect(tenant.ledger.size).toBe(size);
	});

	it('may end every token first', async () => {
		const other = await startTenant({ devices: 1 });
		try {
			const doomed = await freshToken(other);
			other.faults.add({ route: 'deletions', play: { kind: 'expireTokens' } });
			expect((await requestDeletions(other, doomed, other.inventory)).status).toBe(401);
			expect((await requestDeletions(other, doomed, other.inventory)).status).toBe(401);
			const fresh = await freshToken(other);
			expect((await requestDeletions(other, fresh, other.inventory)).status).toBe(202);
		} finally {
			await other.close();
		}
	});
});

describe('a fault of the connection', () => {
	it.each([
		[true, 3],
		[false, 0],
	])('may be a reset (queued: %s)', async (queued, size) => {
		await expect(played({ kind: 'reset', queued })).rejects.toMatchObject({
			cause: { code: 'ECONNRESET' },
		});
		expect(tenant.ledger.size).toBe(size);
		expect(tenant.requests.at(-1)?.status).toBeNull();
	});

	it.each([
		[undefined, 3],
		[false, 0],
	])('may cut the answer off (queued: %s)', async (queued, size) => {
		const fault = queued === undefined ? {} : { queued };
		await expect(played({ kind: 'cutOff', ...fault })).rejects.toThrow('terminated');
		expect(tenant.ledger.size).toBe(size);
		expect(tenant.requests.at(-1)?.status).toBe(202);
	});

	it('may be silence, which a reset of the tenant ends', async () => {
		const failing = expect(played({ kind: 'silence', queued: true })).rejects.toThrow();
		await expect.poll(() => tenant.ledger.size).toBe(3);
		tenant.reset();
		await failing;
	});

	it('may be a delay, which outlasts a client that gave up', async () => {
		tenant.faults.add({ route: 'deletions', play: { kind: 'delay', milliseconds: 60_000 } });
		const signal = AbortSignal.timeout(100);
		await expect(requestDeletions(tenant, token, devices, { signal })).rejects.toThrow();
		expect(tenant.ledger.size).toBe(3);
		await expect.poll(() => tenant.requests.at(-1)?.endedAt).not.toBeNull();
		expect(tenant.requests.at(-1)?.status).toBeNull();
	});

	it('may be a short delay', async () => {
		const start = performance.now();
		expect((await played({ kind: 'delay', milliseconds: 80 })).status).toBe(202);
		expect(performance.now() - start).toBeGreaterThanOrEqual(78);
	});

	it('may be a token that is late, good though nobody waits for it any more', async () => {
		tenant.faults.add({ route: 'token', play: { kind: 'delay', milliseconds: 150 } });
		const start = performance.now();
		const issued = tenant.issuedTokens.length;
		const late = await freshToken(tenant);
		expect(performance.now() - start).toBeGreaterThanOrEqual(148);
		expect(tenant.issuedTokens.slice(issued)).toEqual([late]);
		expect((await requestDeletions(tenant, late, devices)).status).toBe(202);
	});

	it('may drip the honest answer', async () => {
		const start = performance.now();
		const { body } = await played({ kind: 'drip', bytesPerSecond: 2000 });
		expect(performance.now() - start).toBeGreaterThan((body.length / 2000) * 800);
		expect(JSON.parse(body)).toMatchObject({ scheduledCount: 3 });
	});

	it('may be a huge answer', async () => {
		const { status, body, headers } = await played({ kind: 'huge', bytes: 5_000_000 });
		expect([status, body.length, headers.get('content-length')]).toEqual([202, 5_000_000, null]);
		expect(body).toMatch(/^\{"scheduledCount":0,/);
		expect(tenant.ledger.size).toBe(0);
	});

	it('may be an endless answer, which ends with the client', async () => {
		tenant.faults.add({ route: 'deletions', play: { kind: 'huge', bytes: Infinity } });
		const signal = AbortSignal.timeout(100);
		await expect(requestDeletions(tenant, token, devices, { signal })).rejects.toThrow();
		await expect.poll(() => tenant.requests.at(-1)?.endedAt).not.toBeNull();
	});
});
