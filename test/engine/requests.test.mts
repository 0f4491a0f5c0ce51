import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { sortBy } from 'lodash';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RequestRecord } from '../simulator/tenant.mts';
import { type Deletion, ON_ERROR_MODES, useTestBench } from './delete-workflow.mts';

const bench = useTestBench();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('a list of devices', () => {
	it.each([
		{ count: 1, batches: [1] },
		{ count: 100, batches: [100] },
		{ count: 101, batches: [100, 1] },
		{ count: 250, batches: [100, 100, 50] },
	])('of $count goes out in requests of $batches', async ({ count, batches }) => {
		const devices = bench.devices(count);

		const deletion = await bench.run({ items: devices });

		expect(deletion.execution.status).toBe('success');
		expect(deletion.tokenRequests).toHaveLength(1);
		const requests = inBatchOrder(deletion);
		expect(requests.map((request) => request.devices?.length)).toEqual(batches);
		expect(requests.flatMap((request) => request.devices)).toEqual(devices);
		const queued = bench.tenant.ledger.entries.map(({ uid, name }) => ({ uid, name }));
		expect(sortBy(queued, 'uid')).toEqual(sortBy(devices, 'uid'));
		expect(deletion.success.map(({ uid, name }) => ({ uid, name }))).toEqual(devices);
	});

	it('comes out whole, in the order of the input, with the request that each device was in', async () => {
		const devices = bench.devices(250);

		const deletion = await bench.run({ items: devices });

		const requests = inBatchOrder(deletion);
		const expected = devices.map((device, index) => {
			const batch = Math.floor(index / 100);
			const { requestId, traceId } = requests[batch]!;
			return {
				...device,
				status: 'SCHEDULED',
				reason: 'Queued for deletion, not yet removed.',
				scheduled: true,
				index,
				batch: batch + 1,
				attempts: 1,
				httpStatus: 202,
				requestId,
				traceId,
			};
		});
		expect(deletion.success).toEqual(expected);
		// A table shows its first five columns without scrolling.
		expect(Object.keys(deletion.success[0]!)).toEqual(Object.keys(expected[0]!));
		expect(deletion.hints).toEqual([
			'250 of 250 devices scheduled. Scheduled means queued, not yet removed.',
		]);
	});

	it('goes out in smaller requests with a smaller batch size', async () => {
		const deletion = await bench.run({ items: bench.devices(7), options: { batchSize: 3 } });

		expect(sortBy(deletion.batchSizes)).toEqual([1, 3, 3]);
		expect(deletion.success.map(({ batch }) => batch)).toEqual([1, 1, 1, 2, 2, 2, 3]);
	});

	it('that is empty makes no request and says so', async () => {
		const list = { deviceSource: 'jsonList', devicesJson: '[]' };
		const deletion = await bench.run({ items: [{}], parameters: list });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.success).toEqual([]);
		expect(deletion.hints).toEqual(['The device list is empty, so nothing was sent.']);
	});
});

describe('a request', () => {
	it('holds what Nexthink documents and nothing else of the input', async () => {
		const [device] = bench.devices(1);
		const item = { ...device, serial: 'C02', owner: { email: 'ada@example.com' } };

		const deletion = await bench.run({ items: [item] });

		const [request] = deletion.requests;
		expect(request).toMatchObject({
			method: 'POST',
			path: '/api/v1/data-management/device/deletions',
			headers: { 'content-type': expect.stringContaining('application/json') as string },
			body: JSON.stringify({ devices: [device] }),
			bearer: bench.tenant.issuedTokens.at(-1),
		});
	});

	it('asks for its token the way that Nexthink documents', async () => {
		const { clientId, clientSecret } = bench.tenant;

		const deletion = await bench.run({ items: bench.devices(1) });

		const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
		expect(deletion.tokenRequests).toHaveLength(1);
		expect(deletion.tokenRequests[0]).toMatchObject({
			method: 'POST',
			path: '/oauth2/default/v1/token',
			headers: { authorization: `Basic ${basic}` },
			body: 'grant_type=client_credentials&scope=service%3Aintegration',
		});
	});

	it('has a random request id of its own', async () => {
		const run = { items: bench.devices(3), options: { batchSize: 1 } };
		const first = await bench.run(run);
		const second = await bench.run(run);

		const ids = [...first.requests, ...second.requests].map(
			({ headers }) => headers['x-request-id'],
		);
		expect(new Set(ids).size).toBe(6);
		for (const id of ids) expect(id).toMatch(UUID);
	});

	it('has an id derived from the given one and from its own body, the first the given one itself', async () => {
		const requestId = '0f8fad5b-d9cb-469f-a165-70867728950e';
		const run = (from: number) =>
			bench.run({
				items: bench.devices(6, from),
				options: { batchSize: 2, concurrency: 1, requestId },
			});
		const first = await run(0);
		const again = await run(0);
		const shifted = await run(2);

		const idsOf = ({ requests }: typeof first) =>
			requests.map(({ headers }) => headers['x-request-id']);
		const derived = (from: number) => {
			const name = bench
				.devices(2, from)
				.map(({ uid }) => uid)
				.join('\n');
			return uuidVersion5(requestId, name);
		};
		expect(idsOf(first)).toEqual([requestId, derived(2), derived(4)]);
		expect(idsOf(again)).toEqual(idsOf(first));
		// The same body has the same id wherever in a run it stands.
		expect(idsOf(shifted)).toEqual([requestId, derived(4), derived(6)]);
		expect(idsOf(shifted)[1]).toBe(idsOf(first)[2]);
		for (const id of idsOf(first)) expect(id).toMatch(UUID);
	});

	it('takes a request id from an expression', async () => {
		const requestId = '0f8fad5b-d9cb-469f-a165-70867728950e';
		const items = bench.devices(2).map((device) => ({ ...device, ticket: requestId }));

		const deletion = await bench.run({ items, options: { requestId: '={{ $json.ticket }}' } });

		expect(deletion.requests[0]!.headers['x-request-id']).toBe(requestId);
	});
});

describe('a redirect', () => {
	it.each([301, 302, 307, 308])(
		'with %i is not followed, so the other host gets no bearer',
		async (status) => {
			await using elsewhere = await startRecorder();
			const location = `${elsewhere.origin}/api/v1/data-management/device/deletions`;
			bench.tenant.faults.add({ route: 'deletions', play: { kind: 'redirect', status, location } });

			const deletion = await bench.run({
				items: bench.devices(2),
				options: { maxRetries: 0 },
				onError: 'continueRegularOutput',
			});

			expect(elsewhere.received).toEqual([]);
			expect(deletion.statusWords).toEqual(['UNKNOWN', 'UNKNOWN']);
			expect(deletion.success[0]!.apiError).toMatchObject({
				code: 'UNEXPECTED_RESPONSE',
				httpStatus: status,
			});
		},
	);

	// n8n's own OAuth2 client follows it, and leaves out the header that holds the secret.
	it('of the token request takes neither secret nor bearer along', async () => {
		await using elsewhere = await startRecorder();
		const location = `${elsewhere.origin}/oauth2/default/v1/token`;
		bench.tenant.faults.add({ route: 'token', play: { kind: 'redirect', status: 307, location } });

		const deletion = await bench.run({
			items: bench.devices(2),
			options: { maxRetries: 0 },
			onError: 'continueRegularOutput',
		});

		const carried = JSON.stringify(elsewhere.received);
		expect(carried).not.toMatch(/authorization|bearer|basic/i);
		expect(carried).not.toContain(bench.tenant.clientSecret);
		expect(deletion.requests).toEqual([]);
		expect(deletion.statusWords).toEqual(['NOT_SENT', 'NOT_SENT']);
	});
});

describe('three requests in a row without success', () => {
	it.each(ON_ERROR_MODES.slice(1))(
		'end the run and leave the rest unsent (%s)',
		async (onError) => {
			bench.tenant.faults.add({
				route: 'deletions',
				from: 2,
				times: Infinity,
				play: { kind: 'status', status: 503 },
			});
			const options = { batchSize: 1, concurrency: 1, maxRetries: 0 };

			const deletion = await bench.run({ items: bench.devices(6), options, onError });

			expect(deletion.requests).toHaveLength(4);
			expect(deletion.statusWords).toEqual([
				'SCHEDULED',
				'UNKNOWN',
				'UNKNOWN',
				'UNKNOWN',
				'NOT_SENT',
				'NOT_SENT',
			]);
			const codes = [
				...deletion.success,
				...deletion.failed.map(({ error }) => ({ apiError: error })),
			].map(({ apiError }) => apiError?.code);
			expect(codes.slice(1)).toEqual([
				'SERVICE_UNAVAILABLE',
				'SERVICE_UNAVAILABLE',
				'SERVICE_UNAVAILABLE',
				'CIRCUIT_OPEN',
				'CIRCUIT_OPEN',
			]);
		},
	);

	it('end the run when they were accepted but every device failed', async () => {
		bench.tenant.faults.add({
			route: 'deletions',
			times: Infinity,
			play: { kind: 'failDevices', uids: () => true },
		});
		const options = { batchSize: 1, concurrency: 1, maxRetries: 0 };

		const deletion = await bench.run({
			items: bench.devices(5),
			options,
			onError: 'continueRegularOutput',
		});

		expect(deletion.requests).toHaveLength(3);
		expect(deletion.statusWords).toEqual(['FAILED', 'FAILED', 'FAILED', 'NOT_SENT', 'NOT_SENT']);
		expect(deletion.success[4]!.apiError).toMatchObject({ code: 'CIRCUIT_OPEN', retryable: true });
	});

	it('do not end the run when a success came in between', async () => {
		const play = { kind: 'status', status: 500 } as const;
		bench.tenant.faults.add({ route: 'deletions', from: 1, times: 2, play });
		bench.tenant.faults.add({ route: 'deletions', from: 4, times: 2, play });
		const options = { batchSize: 1, concurrency: 1, maxRetries: 0 };

		const deletion = await bench.run({
			items: bench.devices(6),
			options,
			onError: 'continueRegularOutput',
		});

		expect(deletion.statusWords).toEqual([
			'UNKNOWN',
			'UNKNOWN',
			'SCHEDULED',
			'UNKNOWN',
			'UNKNOWN',
			'SCHEDULED',
		]);
	});
});

describe('a host that cannot be reached', () => {
	it('leaves every device certainly unsent', async () => {
		const closed = await startRecorder();
		await closed[Symbol.asyncDispose]();

		const deletion = await bench.run({
			items: bench.devices(5),
			options: { batchSize: 1, concurrency: 1, maxRetries: 0 },
			onError: 'continueRegularOutput',
			credential: bench.credential({ apiBaseUrl: closed.origin }),
		});

		expect(deletion.requests).toEqual([]);
		expect(new Set(deletion.statusWords)).toEqual(new Set(['NOT_SENT']));
		expect(deletion.success[0]!.apiError).toMatchObject({
			code: 'NETWORK_ERROR',
			httpStatus: null,
			retryable: true,
		});
		expect(deletion.success[4]!.apiError).toMatchObject({ code: 'CIRCUIT_OPEN' });
	});
});

describe('a clock that is set back an hour during a wait', () => {
	afterEach(() => void vi.restoreAllMocks());

	it('makes the wait no longer', async () => {
		const play = { kind: 'status', status: 429, headers: { 'Retry-After': '1' } } as const;
		bench.tenant.faults.add({ route: 'deletions', play });
		const startedAt = performance.now();
		const running = bench.run({ items: bench.devices(1) });
		await requestInFlight(1);
		const { now } = Date;
		setTimeout(() => void vi.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000), 300);

		const deletion = await running;

		expect(deletion.statusWords).toEqual(['SCHEDULED']);
		expect(deletion.success[0]!.attempts).toBe(2);
		expect(performance.now() - startedAt).toBeGreaterThan(1_000);
		expect(performance.now() - startedAt).toBeLessThan(5_000);
	});
});

describe('a cancelled execution', () => {
	it.each(ON_ERROR_MODES)(
		'starts no further request, and logs what is known (%s)',
		async (onError) => {
			bench.tenant.faults.add({
				route: 'deletions',
				from: 2,
				play: { kind: 'silence', queued: true },
			});

			const deletion = await bench.run({
				items: bench.devices(8),
				options: { batchSize: 2, concurrency: 1 },
				onError,
				cancelWhen: requestInFlight(2),
			});

			expect(deletion.execution.status).toBe('canceled');
			expect(deletion.requests).toHaveLength(2);
			expect(bench.tenant.requests.filter(({ route }) => route === 'deletions')).toHaveLength(2);
			const end = deletion.execution.logs.find(
				({ message }) => message === 'Nexthink: device deletions ended',
			);
			expect(end).toMatchObject({
				level: 'info',
				meta: { entries: 8, scheduled: 2, unknown: 2, notSent: 4, stoppedBy: 'CANCELLED' },
			});
		},
	);
});

/** Requests that are under way together may arrive in any order; their devices are in that of the list. */
function inBatchOrder({ requests }: Deletion): RequestRecord[] {
	const place = new Map(bench.tenant.inventory.map(({ uid }, index) => [uid, index]));
	return sortBy(requests, ({ devices }) => place.get(devices?.[0]?.uid ?? ''));
}

/** Resolves once the nth deletions request has reached the tenant. */
async function requestInFlight(nth: number): Promise<void> {
	const { tenant } = bench;
	while (tenant.requests.filter(({ devices }) => devices !== undefined).length < nth) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

interface Recorder extends AsyncDisposable {
	origin: string;
	received: Array<{ headers: IncomingHttpHeaders; body: string }>;
}

/** A server that answers everything with 200 and keeps what it was sent. */
async function startRecorder(): Promise<Recorder> {
	const received: Recorder['received'] = [];
	const server = createServer((request, response) => {
		void text(request).then((body) => {
			received.push({ headers: request.headers, body });
			response.end('{}');
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		origin: `http://127.0.0.1:${port}`,
		received,
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** RFC 9562, section 5.5. */
function uuidVersion5(namespace: string, name: string): string {
	const space = Buffer.from(namespace.replaceAll('-', ''), 'hex');
	const digest = createHash('sha1').update(space).update(name).digest();
	digest[6] = (digest[6]! & 0x0f) | 0x50;
	digest[8] = (digest[8]! & 0x3f) | 0x80;
	const hex = digest.toString('hex');
	return [
		hex.slice(0, 8),
		hex.slice(8, 12),
		hex.slice(12, 16),
		hex.slice(16, 20),
		hex.slice(20, 32),
	].join('-');
}
