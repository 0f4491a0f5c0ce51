import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addressOfExport, freshToken, requestExportStatus, requestNql } from './client.mts';
import { csvOf } from './exports.mts';
import { extraDevice, extraDevices } from './extra-devices.mts';
import type { Compression } from './packing.mts';
import { ALL_DEVICES_QUERY, LOOK_UP_QUERY, type Row } from './saved-queries.mts';
import { startTenant, type ExportFileFraming, type Tenant } from './tenant.mts';

let tenant: Tenant;
let token: string;

beforeAll(async () => {
	tenant = await startTenant({ devices: 150, settings: { exportStates: 0 } });
});
beforeEach(async () => {
	tenant.reset();
	token = await freshToken(tenant);
});
afterAll(() => tenant.close());

/** The file of an export of this query, as it comes. */
async function fetchFile(queryId = ALL_DEVICES_QUERY, more: object = {}): Promise<IncomingMessage> {
	const url = await addressOfExport(tenant, token, { queryId, ...more });
	const [response] = (await once(get(url), 'response')) as [IncomingMessage];
	return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
	return Buffer.concat((await response.toArray()) as Buffer[]).toString();
}

/** Saves a query whose rows are made as they are asked for, and tells how many were. */
function saveEndless(id: string, most = Infinity) {
	const made = { rows: 0, ended: false };
	tenant.queries.push({
		id,
		*rows() {
			try {
				for (let n = 1; n <= most; n += 1) {
					made.rows = n;
					yield { n, text: 'x'.repeat(100) };
				}
			} finally {
				made.ended = true;
			}
		},
	});
	return made;
}

describe('the file of an export', () => {
	it.each<[framing: ExportFileFraming | undefined, rows: number, headers: object]>([
		['length', 20_000, { 'content-length': /^\d{7}$/ }],
		['chunked', 1, { 'transfer-encoding': /^chunked$/ }],
		['close', 1, { connection: /^close$/ }],
		[undefined, 9_000, { 'content-length': /^\d{6}$/ }],
		[undefined, 20_000, { 'transfer-encoding': /^chunked$/ }],
	])('has its end told by "%s" (with %i rows)', async (framing, rows, headers) => {
		saveEndless('#rows', rows);
		tenant.settings.exportFileFraming = framing;
		const response = await fetchFile('#rows');
		for (const [name, value] of Object.entries(headers)) {
			expect(response.headers[name]).toMatch(value as RegExp);
		}
		const told = ['content-length', 'transfer-encoding'].filter((name) => name in response.headers);
		expect(told).toHaveLength(framing === 'close' ? 0 : 1);
		const lines = (await textOf(response)).split('\n');
		expect(response.complete).toBe(true);
		expect([lines.length, lines[0], lines.at(-1)]).toEqual([rows + 2, 'n,text', '']);
		expect(lines[rows]).toMatch(new RegExp(`^${rows},x{100}$`));
	});

	it('is made only as fast as it is read, and no further once its reader is gone', async () => {
		const made = saveEndless('#endless');
		const response = await fetchFile('#endless');
		await once(response, 'readable');
		await expect.poll(() => made.rows).toBeGreaterThan(1000);
		await new Promise((resolve) => setTimeout(resolve, 300));
		const { rows } = made;
		await new Promise((resolve) => setTimeout(resolve, 300));
		expect(made.rows).toBe(rows);
		response.destroy();
		await expect.poll(() => made.ended).toBe(true);
		expect(made.rows).toBeLessThan(1_000_000);
	});

	it('leaves room for other requests while it is counted', async () => {
		saveEndless('#long', 200_000);
		tenant.settings.exportFileFraming = 'length';
		const order: string[] = [];
		const file = fetchFile('#long').then((response) => {
			order.push('file');
			response.destroy();
		});
		await expect.poll(() => tenant.requests.at(-1)?.route).toBe('file');
		await freshToken(tenant);
		order.push('token');
		await file;
		expect(order).toEqual(['token', 'file']);
	});

	it.each<Compression>(['NONE', 'GZIP', 'ZSTD'])(
		'is the same each time that it is fetched (%s)',
		async (compression) => {
			tenant.settings.extraExportDevices = 2000;
			const url = await addressOfExport(tenant, token, {
				queryId: ALL_DEVICES_QUERY,
				compression,
			});
			tenant.knownDevices.splice(10);
			tenant.settings.extraExportDevices = 1;
			const [first, second] = [await fetch(url), await fetch(url)];
			const bytes = Buffer.from(await first.arrayBuffer());
			expect(Buffer.from(await second.arrayBuffer()).equals(bytes)).toBe(true);
			const text = compression === 'GZIP' ? gunzipSync(bytes) : bytes;
			// The 150 of the inventory, and the earlier life of one of them.
			expect(text.toString().split('\n').length).toBeGreaterThanOrEqual(2 + 151 + 2000);
		},
	);

	it('has 1,000,000 rows at most', async () => {
		tenant.queries.push({
			id: '#numbers',
			*rows() {
				for (let n = 1; ; n += 1) yield { n };
			},
		});
		const lines = (await textOf(await fetchFile('#numbers'))).split('\n');
		expect(lines.slice(-2)).toEqual(['1000000', '']);
	});

	it('has every column that one of its rows has, and an empty cell where a row has not', async () => {
		const rows: Row[] = [{ a: 1 }, { b: null }, { c: false, a: undefined }];
		tenant.queries.push({ id: '#ragged', rows: () => rows });
		const file = await textOf(await fetchFile('#ragged'));
		expect(file).toBe('a,b,c\n1,,\n,,\n,,false\n');
		expect(file).toBe(csvOf(rows));
	});
});

describe('extra devices', () => {
	it('stand in exports behind those that the tenant knows, and in no executed query', async () => {
		tenant.settings.extraExportDevices = 3;
		const { name } = extraDevice(2, 0);
		const lines = (await textOf(await fetchFile())).trimEnd().split('\n');
		expect(lines).toHaveLength(1 + tenant.knownDevices.length + 3);
		expect(lines.at(-1)).toContain(name);
		const byName = { queryId: LOOK_UP_QUERY, parameters: { device_name: name } };
		const found = await textOf(await fetchFile(byName.queryId, byName));
		expect(found.split('\n')).toHaveLength(3);
		const { body } = await requestNql(tenant, token, 'execute', byName);
		expect(JSON.parse(body)).toMatchObject({ rows: 0 });
	});

	it('are the same in every run, and each of them another one', () => {
		const many = [...extraDevices(100_000, 0)];
		expect([...extraDevices(10, 0)]).toEqual(many.slice(0, 10));
		expect(extraDevice(99_999, 0)).toEqual(many.at(-1));
		for (const field of ['name', 'serialNumber'] as const) {
			expect(new Set(many.map((device) => device[field])).size).toBe(100_000);
		}
		const uids = many.flatMap(({ uid, collectorUid }) => [uid, collectorUid]);
		expect(new Set(uids).size).toBe(200_000);
		const isUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
		expect(uids.filter((uid) => !isUuid.test(uid))).toEqual([]);
	});

	it('are made only as a file is read', async () => {
		tenant.settings.extraExportDevices = 10_000_000;
		const started = performance.now();
		const response = await fetchFile();
		await once(response, 'readable');
		response.destroy();
		expect(performance.now() - started).toBeLessThan(5000);
	});
});

describe('an export', () => {
	it('takes as long as it is set to, from its start', async () => {
		tenant.settings.exportSeconds = 0.4;
		const started = performance.now();
		const { body } = await requestNql(tenant, token, 'export', { queryId: ALL_DEVICES_QUERY });
		const { exportId } = JSON.parse(body) as { exportId: string };
		const states: string[] = [];
		while (states.at(-1) !== 'COMPLETED') {
			const answer = await requestExportStatus(tenant, token, exportId);
			states.push((JSON.parse(answer.body) as { status: string }).status);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
		expect(performance.now() - started).toBeGreaterThan(390);
		expect(states[0]).toBe('SUBMITTED');
		expect(new Set(states.slice(1, -1))).toEqual(new Set(['IN_PROGRESS']));
	});

	it('takes both its duration and its states, whichever is longer', async () => {
		Object.assign(tenant.settings, { exportSeconds: 0.01, exportStates: 30 });
		await addressOfExport(tenant, token, { queryId: ALL_DEVICES_QUERY });
		expect(tenant.requests.filter(({ route }) => route === 'nqlStatus')).toHaveLength(31);
	});

	it('is counted by the tenant when it is started', async () => {
		await fetchFile();
		await fetchFile();
		await requestNql(tenant, token, 'export', { queryId: '#no_such_query' });
		expect(tenant.exportsStarted).toBe(2);
		tenant.reset();
		expect(tenant.exportsStarted).toBe(0);
	});
});
