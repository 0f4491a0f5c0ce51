import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
	accessOf,
	addressOfExport,
	freshToken,
	requestDeletions,
	requestExportStatus,
	requestNql,
} from './client.mts';
import { csvOf } from './exports.mts';
import {
	ALL_DEVICES_QUERY,
	equalityWith,
	LOOK_UP_BY_SERIAL_NUMBER_QUERY,
	LOOK_UP_BY_UID_QUERY,
	LOOK_UP_QUERY,
	queryOf,
	rowOf,
	type Row,
} from './saved-queries.mts';
import { startTenant, type NqlEquality, type Tenant } from './tenant.mts';

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
	executedQuery: string;
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

describe('equality as it may be in a tenant', () => {
	const NAMES = ['STRASSE', 'straße', 'PC-1', 'ＰＣ－１', ' pc-1 ', 'K', '\u212A', 'PC-\u017F'];

	it.each<[equality: NqlEquality, wanted: string, found: string[]]>([
		['simple', 'STRASSE', ['STRASSE']],
		['upper', 'STRASSE', ['STRASSE', 'straße']],
		['lower', 'STRASSE', ['STRASSE']],
		['loose', 'STRASSE', ['STRASSE', 'straße']],
		['simple', 'pc-1', ['PC-1']],
		['upper', 'pc-1', ['PC-1']],
		['lower', 'pc-1', ['PC-1']],
		['loose', 'pc-1', ['PC-1', 'ＰＣ－１', ' pc-1 ']],
		['simple', 'k', ['K', '\u212A']],
		['upper', 'k', ['K']],
		['lower', 'k', ['K', '\u212A']],
		['loose', ' k', ['K', '\u212A']],
		['simple', 'pc-s', ['PC-\u017F']],
		['upper', 'pc-s', ['PC-\u017F']],
		['lower', 'pc-s', []],
		['loose', 'pc-s', ['PC-\u017F']],
		['upper', 'str*e', ['STRASSE', 'straße']],
		['loose', 'pc?1', ['PC-1', 'ＰＣ－１', ' pc-1 ']],
		['loose', 'pc-＊', []],
	])('finds by %s under %j just %j', async (nqlEquality, wanted, found) => {
		tenant.settings.nqlEquality = nqlEquality;
		const [device] = tenant.knownDevices;
		tenant.knownDevices.splice(0, Infinity, ...NAMES.map((name) => ({ ...device!, name })));
		const { data } = await lookUp(wanted);
		expect(data.map((row) => row['device.name'])).toEqual(found);
		const parameters = { device_name: wanted };
		const url = await addressOfExport(tenant, token, { queryId: LOOK_UP_QUERY, parameters });
		const lines = (await (await fetch(url)).text()).trimEnd().split('\n');
		expect(lines.slice(1).map((line) => line.split(',')[2])).toEqual(found);
	});
});

describe('a query that is saved as a text', () => {
	function save(text: string): void {
		tenant.queries.push(queryOf('#text', text));
	}

	async function executed(parameters = {}): Promise<Executed> {
		const asked = { queryId: '#text', parameters };
		const { body } = await requestNql(tenant, token, 'execute', asked);
		return JSON.parse(body) as Executed;
	}

	const LIST = 'list device.name';

	it('finds what it says, by parameters and by what stands in it', async () => {
		save(`devices | where device.name == $host and device.uid == "*-*" | ${LIST}, device.uid`);
		const { name, uid } = tenant.inventory[3]!;
		const { data } = await executed({ host: name });
		expect(data).toEqual([{ 'device.name': name, 'device.uid': uid }]);
	});

	it('says as executed query its own text with what was asked for in it', async () => {
		save(`devices\n| where device.name == $name and device.uid == $name_2\n| ${LIST}`);
		const { executedQuery, data } = await executed({ name: 'a "$name_2" | limit 1', name_2: 'b' });
		expect(executedQuery).toBe(
			`devices\n| where device.name == "a \\"$name_2\\" | limit 1" and device.uid == "b"\n| ${LIST}`,
		);
		expect(data).toEqual([]);
		const { name } = tenant.inventory[0]!;
		expect((await lookUp(name)).executedQuery).toContain(`where device.name == "${name}" | list `);
	});

	it('may have a limit, which leaves namesakes out', async () => {
		save(`devices | where device.name == $name | ${LIST} | limit 1`);
		const { name } = tenant.inventory[99]!;
		expect((await lookUp(name)).rows).toBe(2);
		const { rows, executedQuery } = await executed({ name });
		expect(rows).toBe(1);
		expect(executedQuery).toMatch(/\| limit 1$/);
	});

	it('may have a period, which leaves silent devices out', async () => {
		save(`devices during past 7d | ${LIST}, device.last_seen`);
		const { data } = await executed();
		const recent = tenant.knownDevices.filter(
			({ lastSeen }) => lastSeen > Date.now() - 7 * 86_400_000,
		);
		expect(recent.length).toBeGreaterThan(0);
		expect(data.map((row) => row['device.name'])).toEqual(recent.map(({ name }) => name));
	});

	it('has in its file the columns that it lists, also where it finds nothing', async () => {
		save(`devices | where device.name == $name | ${LIST}, device.number_of_monitors`);
		const asked = { queryId: '#text', parameters: { name: 'NO-SUCH-DEVICE' } };
		const url = await addressOfExport(tenant, token, asked);
		expect(await (await fetch(url)).text()).toBe('device.name,device.number_of_monitors\n');
	});

	it.each([
		'select * from devices',
		'devices',
		'devices | where device.name = $name | list device.name',
		'devices | list device.name | sort device.name',
	])('is refused when it is saved, where it is not understood: %s', (text) => {
		expect(() => queryOf('#text', text)).toThrow("can't read the query");
	});

	it('has a text of its own kind where it is saved without one', async () => {
		tenant.queries.push({ id: '#text', parameters: ['host'], rows: () => [] });
		expect((await executed({ host: 'PC-1' })).executedQuery).toBe('devices | where host == "PC-1"');
	});
});

describe('further columns of devices', () => {
	const MONITORS = 'device.number_of_monitors';

	beforeEach(() => {
		const [first, second, third] = tenant.knownDevices;
		tenant.knownDevices.splice(
			0,
			Infinity,
			{ ...first!, columns: { [MONITORS]: 2, isVirtual: false, owner: null } },
			{ ...second!, columns: { [MONITORS]: null, isVirtual: true, owner: 'a,b' } },
			third!,
		);
	});

	it('are typed in executed queries, and null where a device has no value', async () => {
		const { body } = await requestNql(tenant, token, 'execute', { queryId: ALL_DEVICES_QUERY });
		const { data } = JSON.parse(body) as Executed;
		expect(data.map((row) => [row[MONITORS], row.isVirtual, row.owner])).toEqual([
			[2, false, null],
			[null, true, 'a,b'],
			[null, null, null],
		]);
		const [{ name } = { name: '' }] = tenant.knownDevices;
		expect((await lookUp(name)).data).toEqual(data.slice(0, 1));
	});

	it('are text in files, and empty where a device has no value', async () => {
		const url = await addressOfExport(tenant, token, { queryId: ALL_DEVICES_QUERY });
		const [header = '', ...lines] = (await (await fetch(url)).text()).trimEnd().split('\n');
		expect(header).toMatch(/,device\.last_seen,device\.number_of_monitors,isVirtual,owner$/);
		expect(lines.map((line) => line.split(',').slice(5).join(','))).toEqual([
			'2,false,',
			',true,"a,b"',
			',,',
		]);
	});

	it('can be looked for', async () => {
		tenant.queries.push(queryOf('#two', `devices | where ${MONITORS} == "2" | list device.name`));
		const { body } = await requestNql(tenant, token, 'execute', { queryId: '#two' });
		expect(JSON.parse(body)).toMatchObject({ rows: 1 });
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

	it.each<[queryId: string, parameter: string, field: 'uid' | 'serialNumber']>([
		[LOOK_UP_BY_UID_QUERY, 'device_uid', 'uid'],
		[LOOK_UP_BY_SERIAL_NUMBER_QUERY, 'serial_number', 'serialNumber'],
	])('can find it by another column (%s)', async (queryId, parameter, field) => {
		const device = tenant.knownDevices[7]!;
		const asked = { queryId, parameters: { [parameter]: device[field].toLowerCase() } };
		const { body } = await requestNql(tenant, token, 'execute', asked);
		expect(JSON.parse(body)).toMatchObject({ rows: 1, data: [rowOf(device)] });
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

	it.each(['uid', 'collectorUid'] as const)(
		'finds it no more once it is removed, by the UID that counts: %s',
		async (deletionMeans) => {
			Object.assign(tenant.settings, { deletionMeans, removalSeconds: 0 });
			const [byUid, byCollectorUid] = tenant.knownDevices;
			const { name } = byCollectorUid!;
			const sent = [byUid!, { name, uid: byCollectorUid!.collectorUid.toUpperCase() }];
			await requestDeletions(tenant, token, sent);
			const rows = [(await lookUp(byUid!.name)).rows, (await lookUp(name)).rows];
			expect(rows).toEqual(deletionMeans === 'uid' ? [0, 1] : [1, 0]);
		},
	);

	it('finds it until its time has come, and if its name is checked and was another one', async () => {
		Object.assign(tenant.settings, { removalSeconds: 0.3, nameChecked: true });
		const [one, other] = tenant.inventory;
		await requestDeletions(tenant, token, [one!, { ...other!, name: 'ANOTHER' }]);
		expect((await lookUp(one!.name)).rows).toBe(1);
		await new Promise((resolve) => setTimeout(resolve, 350));
		expect((await lookUp(one!.name)).rows).toBe(0);
		expect((await lookUp(other!.name)).rows).toBe(1);
	});

	it.each([true, false])('finds it again once it is back (same UID: %s)', async (isSame) => {
		const [one] = tenant.inventory;
		const settings = { removalSeconds: 0, returnSeconds: 0.3, returnsWithSameUid: isSame };
		Object.assign(tenant.settings, settings);
		await requestDeletions(tenant, token, [one!]);
		expect((await lookUp(one!.name)).rows).toBe(0);
		await new Promise((resolve) => setTimeout(resolve, 350));
		const { rows, data } = await lookUp(one!.name);
		expect([rows, data[0]!['device.uid'] === one!.uid]).toEqual([1, isSame]);
		await requestDeletions(tenant, token, [{ ...one!, uid: String(data[0]!['device.uid']) }]);
		expect((await lookUp(one!.name)).rows).toBe(0);
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
		const deleting = await freshToken(accessOf(tenant, 'deleting'));
		expect((await requestNql(tenant, deleting, 'execute', good)).status).toBe(403);
		const reading = await freshToken(accessOf(tenant, 'reading'));
		expect((await requestNql(tenant, reading, 'execute', good)).status).toBe(200);
		tenant.settings.nqlPermissionGranted = false;
		expect((await requestNql(tenant, token, 'execute', good)).status).toBe(403);
		expect((await requestExportStatus(tenant, token, 'x')).status).toBe(403);
		expect((await fetch(`${tenant.origin}/api/v2/nql/execute`)).status).toBe(404);
	});

	it('that is not saved can be answered 404 before the permission is looked at', async () => {
		tenant.settings.nqlPermissionGranted = false;
		const missing = { ...good, queryId: '#no_such_query' };
		expect((await requestNql(tenant, token, 'execute', missing)).status).toBe(403);
		tenant.settings.nqlPermissionFirst = false;
		expect((await requestNql(tenant, token, 'execute', missing)).status).toBe(404);
		expect((await requestNql(tenant, token, 'execute', good)).status).toBe(403);
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

	it('writes down whether an Authorization header came with the request for its file', async () => {
		tenant.settings.exportStates = 0;
		const { resultsFileUrl = '' } = await statusOf(await startExport());
		await fetch(resultsFileUrl, { headers: { authorization: 'Bearer leaked' } });
		await fetch(resultsFileUrl, { headers: { authorization: 'Basic bGVha2Vk' } });
		await fetch(resultsFileUrl);
		const ofFiles = tenant.requests.filter(({ route }) => route === 'file');
		expect(ofFiles.map(({ hasAuthorization }) => hasAuthorization)).toEqual([true, true, false]);
		expect(ofFiles.map(({ bearer }) => bearer)).toEqual(['leaked', undefined, undefined]);
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
