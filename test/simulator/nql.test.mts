import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshToken, requestDeletions, requestExportStatus, requestNql } from './client.mts';
import { csvOf } from './exports.mts';
import {
	ALL_DEVICES_QUERY,
	equalityWith,
	LOOK_UP_QUERY,
	rowOf,
	type Row,
} from './saved-queries.mts';
import { startTenant, type Tenant } from './tenant.mts';

let tenant: Tenant;
let token: string;

beforeAll(async () => {
	tenant = await startTenant({ devices: 1200 });
});
beforeEach(async () => {
	tenant.reset();
	token = await freshToken(tenant);
});
afterAll(() => tenant.close());

interface Executed {
	queryId: string;
	rows: number;
	data: Row[];
}

async function lookUp(name: string): Promise<Executed> {
	const asked = { queryId: LOOK_UP_QUERY, parameters: { device_name: name } };
	const { status, body } = await requestNql(tenant, token, 'execute', asked);
	expect(status).toBe(200);
	return JSON.parse(body) as Executed;
}

async function startExport(queryId = ALL_DEVICES_QUERY): Promise<string> {
	const { status, body } = await requestNql(tenant, token, 'export', { queryId });
	expect(status).toBe(200);
	return (JSON.parse(body) as { exportId: string }).exportId;
}

interface Status {
	httpStatus: number;
	resultsFileUrl?: string;
}

async function statusOf(exportId: string): Promise<Status> {
	const { status, body } = await requestExportStatus(tenant, token, exportId);
	return { httpStatus: status, ...(JSON.parse(body) as object) };
}

/** The content of a frame of RFC 8878 that has a window, neither size nor checksum, and raw blocks alone. */
function rawBlocksOf(frame: Buffer): Buffer {
	expect(frame.subarray(0, 6).toString('hex')).toBe('28b52ffd0058');
	const blocks: Buffer[] = [];
	for (let at = 6, last = false; !last; ) {
		const head = frame.readUIntLE(at, 3);
		expect((head >> 1) & 3).toBe(0);
		last = (head & 1) === 1;
		blocks.push(frame.subarray(at + 3, at + 3 + (head >> 3)));
		at += 3 + (head >> 3);
	}
	return Buffer.concat(blocks);
}

describe('equality in NQL', () => {
	it.each([
		['PC-1', 'PC-1', true],
		['pc-1', 'PC-1', true],
		['Zürich', 'ZÜRICH', true],
		['PC-', 'PC-1', false],
		['PC-1', 'PC-11', false],
		['PC-*', 'PC-1', true],
		['*', '', true],
		['PC-?', 'PC-1', true],
		['PC-?', 'PC-', false],
		['P.C', 'PxC', false],
		['PC(1)', 'PC(1)', true],
	])('with %j holds for %j: %s', (wanted, value, holds) => {
		expect(equalityWith(wanted)(value)).toBe(holds);
	});
});

describe('an executed query', () => {
	it('finds a device by its name, with the columns that the query lists', async () => {
		const [{ uid, name } = { uid: '', name: '' }] = tenant.inventory;
		const { queryId, rows, data } = await lookUp(name.toLowerCase());
		expect({ queryId, rows }).toEqual({ queryId: LOOK_UP_QUERY, rows: 1 });
		expect(data).toEqual([
			{
				'device.uid': uid,
				'device.collector.uid': tenant.knownDevices[0]!.collectorUid,
				'device.name': name,
				'device.hardware.machine_serial_number': tenant.knownDevices[0]!.serialNumber,
				'device.last_seen': new Date(tenant.knownDevices[0]!.lastSeen).toISOString(),
			},
		]);
		expect(data[0]!['device.uid']).not.toBe(data[0]!['device.collector.uid']);
	});

	it('finds both lives of a device that was set up anew', async () => {
		const { name, uid } = tenant.inventory[99]!;
		const { rows, data } = await lookUp(name);
		expect(rows).toBe(2);
		expect(new Set(data.map((row) => row['device.hardware.machine_serial_number'])).size).toBe(1);
		expect(data[0]!['device.uid']).toBe(uid);
		expect(data[1]!['device.uid']).not.toBe(uid);
	});

	it('finds nothing under an unknown name', async () => {
		expect(await lookUp('NO-SUCH-DEVICE')).toMatchObject({ rows: 0, data: [] });
	});

	it('finds many with a wildcard, and gives 1,000 rows at most', async () => {
		expect((await lookUp('PAR-*-00000?')).rows).toBe(2);
		const { rows, data } = await lookUp('*');
		expect([rows, data.length]).toEqual([1000, 1000]);
	});

	it('is a query that somebody saved, in any form', async () => {
		tenant.queries.push({ id: '#mine', rows: () => [{ count: 3 }] });
		const { body } = await requestNql(tenant, token, 'execute', { queryId: '#mine' });
		expect(JSON.parse(body)).toMatchObject({ data: [{ count: 3 }] });
		tenant.reset();
		expect((await requestNql(tenant, token, 'execute', { queryId: '#mine' })).status).toBe(404);
	});

	it('finds what was queued no more after a day, unless its Collector reports again', async () => {
		const [gone, back] = tenant.inventory;
		await requestDeletions(tenant, token, [gone!, back!]);
		expect((await lookUp(gone!.name)).rows).toBe(1);
		tenant.carryOutDeletions((uid) => uid === back!.uid);
		expect((await lookUp(gone!.name)).rows).toBe(0);
		expect((await lookUp(back!.name)).rows).toBe(1);
	});
});

describe('a query', () => {
	const good = { queryId: LOOK_UP_QUERY, parameters: { device_name: 'x' } };

	it.each([
		['no JSON', '{', 400, 1],
		['a malformed id', { queryId: 'select' }, 400, 2],
		['an unknown id', { queryId: '#no_such_query' }, 404, 100],
		['parameters that are a list', { ...good, parameters: [] }, 400, 3],
		['no parameter', { queryId: LOOK_UP_QUERY }, 400, 4],
		['a number as parameter', { ...good, parameters: { device_name: 1 } }, 400, 4],
		[
			'a parameter with its $',
			{ ...good, parameters: { device_name: 'x', $device_name: 'x' } },
			400,
			5,
		],
	])('with %s is refused with a number as code', async (_, sent, status, code) => {
		for (const route of ['execute', 'export'] as const) {
			const refused = await requestNql(tenant, token, route, sent);
			expect(refused.status).toBe(status);
			expect(JSON.parse(refused.body)).toEqual({
				message: expect.any(String) as string,
				code,
				source: 'nql-api',
			});
		}
	});

	it('needs a good token, the permission, and POST', async () => {
		expect(await requestNql(tenant, undefined, 'execute', good)).toMatchObject({
			status: 401,
			body: '',
		});
		tenant.settings.nqlPermissionGranted = false;
		expect((await requestNql(tenant, token, 'execute', good)).status).toBe(403);
		expect((await requestExportStatus(tenant, token, 'x')).status).toBe(403);
		expect((await fetch(`${tenant.origin}/api/v2/nql/execute`)).status).toBe(404);
	});

	it('meets faults like every other request', async () => {
		tenant.faults.add({ route: 'nqlExecute', play: { kind: 'html', status: 503 } });
		tenant.faults.add({ route: 'nqlExecute', play: { kind: 'reset', queued: false } });
		tenant.faults.add({ route: 'nqlExecute', play: { kind: 'expireTokens' } });
		expect((await requestNql(tenant, token, 'execute', good)).status).toBe(503);
		await expect(requestNql(tenant, token, 'execute', good)).rejects.toThrow();
		expect((await requestNql(tenant, token, 'execute', good)).status).toBe(401);
	});
});

describe('an export', () => {
	it('goes through its states and leaves a file at another origin, for which no token is needed', async () => {
		const id = await startExport();
		expect(await statusOf(id)).toEqual({ httpStatus: 200, status: 'SUBMITTED' });
		expect(await statusOf(id)).toEqual({ httpStatus: 200, status: 'IN_PROGRESS' });
		const { resultsFileUrl = '', ...rest } = await statusOf(id);
		expect(rest).toEqual({ httpStatus: 200, status: 'COMPLETED' });
		expect(new URL(resultsFileUrl).origin).toBe(tenant.fileOrigin);
		expect(tenant.fileOrigin).not.toBe(tenant.origin);
		const file = await (await fetch(resultsFileUrl)).text();
		const lines = file.trimEnd().split('\n');
		expect(lines).toHaveLength(1 + tenant.knownDevices.length);
		expect(lines[0]).toContain('device.uid,device.collector.uid,device.name');
		expect(lines[1]).toContain(tenant.inventory[0]!.uid);
		expect(tenant.requests.at(-1)).toMatchObject({ route: 'file', status: 200 });
	});

	it.each(['GZIP', 'ZSTD'] as const)('has a file that is packed with %s', async (compression) => {
		tenant.settings.exportStates = 0;
		const asked = { queryId: ALL_DEVICES_QUERY, compression };
		const { body } = await requestNql(tenant, token, 'export', asked);
		const { exportId } = JSON.parse(body) as { exportId: string };
		const { resultsFileUrl = '' } = await statusOf(exportId);
		const file = Buffer.from(await (await fetch(resultsFileUrl)).arrayBuffer());
		const text = csvOf(tenant.knownDevices.map(rowOf));
		expect(text.length).toBeGreaterThan(128 * 1024);
		if (compression === 'GZIP') expect(gunzipSync(file).toString()).toBe(text);
		else expect(rawBlocksOf(file).toString()).toBe(text);
	});

	it('takes no other packing', async () => {
		const asked = { queryId: ALL_DEVICES_QUERY, compression: 'ZIP' };
		expect((await requestNql(tenant, token, 'export', asked)).status).toBe(400);
	});

	it('writes down whether a bearer came with the request for its file', async () => {
		tenant.settings.exportStates = 0;
		const { resultsFileUrl = '' } = await statusOf(await startExport());
		await fetch(resultsFileUrl, { headers: { authorization: 'Bearer leaked' } });
		expect(tenant.requests.at(-1)).toMatchObject({ route: 'file', bearer: 'leaked' });
	});

	it('has a file only at an address that was given out and lives', async () => {
		tenant.settings.exportStates = 0;
		tenant.settings.fileLifetimeSeconds = 0;
		const { resultsFileUrl = '' } = await statusOf(await startExport());
		expect((await fetch(resultsFileUrl)).status).toBe(403);
		expect((await fetch(resultsFileUrl, { method: 'POST' })).status).toBe(405);
		expect((await fetch(`${tenant.fileOrigin}/results/x.csv`)).status).toBe(404);
	});

	it('can end in ERROR with a description', async () => {
		Object.assign(tenant.settings, {
			exportStates: 0,
			exportErrorDescription: 'It took too long.',
		});
		expect(await statusOf(await startExport())).toEqual({
			httpStatus: 200,
			status: 'ERROR',
			errorDescription: 'It took too long.',
		});
	});

	it('is answered 206 when the licence cut it', async () => {
		Object.assign(tenant.settings, { exportStates: 0, exportCutByLicence: true });
		expect(await statusOf(await startExport())).toMatchObject({
			httpStatus: 206,
			status: 'COMPLETED',
		});
	});

	it('is refused beyond the daily number until the next day, said as a date', async () => {
		tenant.settings.exportsPerDay = 2;
		await startExport();
		await startExport();
		const refused = await requestNql(tenant, token, 'export', { queryId: ALL_DEVICES_QUERY });
		expect(refused.status).toBe(429);
		const retryAfter = refused.headers.get('retry-after') ?? '';
		expect(retryAfter).toMatch(/ 00:00:00 GMT$/);
		expect(Date.parse(retryAfter) - Date.now()).toBeLessThanOrEqual(86_400_000);
	});

	it('that does not exist is answered 404', async () => {
		expect(await statusOf('nothing')).toMatchObject({ httpStatus: 404, code: 101 });
	});
});
