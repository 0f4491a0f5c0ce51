import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addressOfExport, freshToken, requestExportStatus, requestNql } from './client.mts';
import { csvOf } from './exports.mts';
import { extraDevice, extraDevices } from './extra-devices.mts';
import type { Compression } from './packing.mts';
import { ALL_DEVICES_QUERY, LOOK_UP_QUERY, type Row } from './saved-queries.mts';
import {
	startTenant,
	type ExportFileFraming,
	type ExportFileStyle,
	type Fault,
	type FileCut,
	type FileDamage,
	type Tenant,
} from './tenant.mts';

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
	const request = get(url);
	const [response] = (await once(request, 'response')) as [IncomingMessage];
	// A reset is told to the request, too, after its answer has begun.
	request.on('error', (error) => response.destroy(error));
	return response;
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
	return Buffer.concat((await response.toArray()) as Buffer[]);
}

async function textOf(response: IncomingMessage): Promise<string> {
	return (await bytesOf(response)).toString();
}

/** Saves a query whose rows are made as they are asked for, and tells how many were, the latest time that it was run. */
function saveEndless(id: string, most = Infinity) {
	const made = { rows: 0, ended: false };
	tenant.queries.push({
		id,
		*rows() {
			made.ended = false;
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
		// What the system holds on the way is full at some time, on a busy machine later.
		let rows = 0;
		const hasPaused = () => {
			const before = rows;
			({ rows } = made);
			return rows === before;
		};
		await expect.poll(hasPaused, { interval: 300, timeout: 20_000 }).toBe(true);
		expect(made.ended).toBe(false);
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

/** A name with all that needs quotes, one without, and none. */
const AWKWARD: Row[] = [
	{ name: 'a "b", c;\td\r\ne', seen: '2026-07-01T22:30:00.000Z', count: 2 },
	{ name: 'Zürich 🖥', seen: null, count: '' },
];

function saveAwkward(): string {
	tenant.queries.push({ id: '#awkward', rows: () => AWKWARD });
	return '#awkward';
}

describe('the style of a file', () => {
	const SEEN = '2026-07-01T22:30:00.000Z';
	it.each<[style: Partial<ExportFileStyle>, file: string]>([
		[{}, `name,seen,count\n"a ""b"", c;\td\r\ne",${SEEN},2\nZürich 🖥,,\n`],
		[
			{ quoting: 'all' },
			`"name","seen","count"\n"a ""b"", c;\td\r\ne","${SEEN}","2"\n"Zürich 🖥","",""\n`,
		],
		[
			{ lineEnd: 'CRLF', finalLineEnd: false },
			`name,seen,count\r\n"a ""b"", c;\td\r\ne",${SEEN},2\r\nZürich 🖥,,`,
		],
		[
			{ delimiter: 'semicolon', byteOrderMark: true },
			`\uFEFFname;seen;count\n"a ""b"", c;\td\r\ne";${SEEN};2\nZürich 🖥;;\n`,
		],
		[{ delimiter: 'tab' }, `name\tseen\tcount\n"a ""b"", c;\td\r\ne"\t${SEEN}\t2\nZürich 🖥\t\t\n`],
		[
			{ timeZone: 'Europe/Zurich' },
			`name,seen,count\n"a ""b"", c;\td\r\ne",2026-07-02 00:30:00,2\nZürich 🖥,,\n`,
		],
	])('can be %j', async (style, file) => {
		tenant.settings.exportFileStyle = style;
		expect((await bytesOf(await fetchFile(saveAwkward()))).toString()).toBe(file);
		expect(csvOf(AWKWARD, style)).toBe(file);
	});

	it('can be UTF-16 with its byte order mark', async () => {
		tenant.settings.exportFileStyle = { encoding: 'utf-16le', byteOrderMark: true };
		const bytes = await bytesOf(await fetchFile(saveAwkward()));
		expect(bytes.subarray(0, 4).toString('hex')).toBe('fffe6e00');
		expect(bytes.toString('utf16le')).toBe(`\uFEFF${csvOf(AWKWARD)}`);
	});

	it.each<[delimiter: ExportFileStyle['delimiter'], quoted: number]>([
		['comma', 1],
		['semicolon', 1],
		['tab', 1],
	])('quotes only what has the delimiter in it (%s)', (delimiter, quoted) => {
		const file = csvOf([{ a: ',', b: ';', c: '\t' }], { delimiter });
		expect(file.match(/"[,;\t]"/g)).toHaveLength(quoted);
	});

	it('is set back with a reset', async () => {
		tenant.settings.exportFileStyle = { quoting: 'all' };
		tenant.reset();
		token = await freshToken(tenant);
		expect(await textOf(await fetchFile(saveAwkward()))).toBe(csvOf(AWKWARD));
	});
});

describe('a fault of a file', () => {
	const ROWS: Row[] = [1, 2, 3].map((n) => ({ name: `PC-${n}`, uid: `u${n}` }));

	beforeEach(() => {
		tenant.queries.push({ id: '#three', rows: () => ROWS });
	});

	function play(fault: Omit<Extract<Fault, { kind: 'file' }>, 'kind'>): Promise<IncomingMessage> {
		tenant.faults.add({ route: 'file', play: { kind: 'file', ...fault } });
		return fetchFile('#three');
	}

	it.each<[damage: FileDamage, file: string]>([
		[{ kind: 'raggedRow', row: 2, cells: 'fewer' }, 'name,uid\nPC-1,u1\nPC-2\nPC-3,u3\n'],
		[{ kind: 'raggedRow', row: 3, cells: 'more' }, 'name,uid\nPC-1,u1\nPC-2,u2\nPC-3,u3,surplus\n'],
		[{ kind: 'unclosedQuote', row: 1 }, 'name,uid\nPC-1,"unclosed\nPC-2,u2\nPC-3,u3\n'],
		[{ kind: 'replacedRow', row: 2, text: '' }, 'name,uid\nPC-1,u1\n\nPC-3,u3\n'],
		[
			{ kind: 'doubledColumn', column: 'name' },
			'name,uid,name\nPC-1,u1,PC-1\nPC-2,u2,PC-2\nPC-3,u3,PC-3\n',
		],
		[{ kind: 'missingColumn', column: 'name' }, 'uid\nu1\nu2\nu3\n'],
	])('can be the damage %j, once', async (damage, file) => {
		expect(await textOf(await play({ damage }))).toBe(file);
		expect(await textOf(await fetchFile('#three'))).toBe(csvOf(ROWS));
	});

	it('can be another style, another framing, another status and further headers', async () => {
		const response = await play({
			style: { delimiter: 'semicolon' },
			framing: 'chunked',
			status: 206,
			headers: { 'Content-Range': 'bytes 0-35/36' },
		});
		expect(response.statusCode).toBe(206);
		expect(response.headers).toMatchObject({
			'transfer-encoding': 'chunked',
			'content-range': 'bytes 0-35/36',
		});
		expect(await textOf(response)).toBe(csvOf(ROWS, { delimiter: 'semicolon' }));
		expect(tenant.requests.at(-1)!.status).toBe(206);
	});

	it('can be gzip on the way', async () => {
		const response = await play({ contentEncoding: 'gzip' });
		const bytes = await bytesOf(response);
		expect(response.headers).toMatchObject({
			'content-encoding': 'gzip',
			'content-length': String(bytes.length),
		});
		expect(gunzipSync(bytes).toString()).toBe(csvOf(ROWS));
		const cut = await play({
			contentEncoding: 'gzip',
			cut: { afterBytes: bytes.length - 6, ending: 'proper' },
		});
		const beginning = await bytesOf(cut);
		expect(cut.complete).toBe(true);
		expect(() => gunzipSync(beginning)).toThrow('unexpected end of file');
	});

	const WHOLE = csvOf(ROWS).length;
	const BEGINNING = csvOf(ROWS).slice(0, 20);
	it.each<[framing: ExportFileFraming, ending: FileCut['ending'], end: string, sent: string]>([
		['length', 'reset', 'ECONNRESET', `content-length: ${WHOLE}|${BEGINNING}`],
		['length', 'close', 'end', `content-length: ${WHOLE}|${BEGINNING}`],
		['length', 'proper', 'end', `content-length: 20|${BEGINNING}`],
		['chunked', 'reset', 'ECONNRESET', `chunked|14\r\n${BEGINNING}\r\n`],
		['chunked', 'close', 'end', `chunked|14\r\n${BEGINNING}\r\n`],
		['chunked', 'proper', 'end', `chunked|14\r\n${BEGINNING}\r\n0\r\n\r\n`],
		['close', 'reset', 'ECONNRESET', `none|${BEGINNING}`],
		['close', 'close', 'end', `none|${BEGINNING}`],
		['close', 'proper', 'end', `none|${BEGINNING}`],
	])('can cut a file with the framing %s (%s)', async (framing, ending, end, sent) => {
		const cut: FileCut = { afterBytes: 20, ending };
		tenant.faults.add({ route: 'file', play: { kind: 'file', framing, cut } });
		const url = new URL(await addressOfExport(tenant, token, { queryId: '#three' }));
		const socket = connect(Number(url.port), url.hostname);
		socket.write(
			`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
		);
		let received = '';
		socket.on('data', (bytes) => (received += String(bytes)));
		const ended = await new Promise((resolve) => {
			socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
			socket.once('end', () => resolve('end'));
		});
		socket.destroy();
		expect(ended).toBe(end);
		const [, head = '', body] = /^(.*?)\r\n\r\n(.*)$/s.exec(received) ?? [];
		const told = /content-length: \d+|chunked/i.exec(head)?.[0].toLowerCase() ?? 'none';
		expect(`${told}|${body}`).toBe(sent);
	});

	it.each(['reset', 'close'] as const)(
		'can cut a long file far behind its beginning (%s)',
		async (ending) => {
			saveEndless('#long', 100_000);
			const cut: FileCut = { afterBytes: 5_000_000, ending };
			tenant.faults.add({ route: 'file', play: { kind: 'file', cut } });
			const response = await fetchFile('#long');
			let bytes = 0;
			response.on('data', (chunk: Buffer) => (bytes += chunk.length));
			await expect(once(response, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
			if (ending === 'close') expect(bytes).toBe(5_000_000);
			else expect(bytes).toBeGreaterThan(1_000_000);
			expect(bytes).toBeLessThanOrEqual(5_000_000);
		},
	);

	it.each<ExportFileFraming>(['length', 'chunked', 'close'])(
		'can be silent in the middle of a file, whose connection stays (%s)',
		async (framing) => {
			const cut: FileCut = { afterBytes: 5, ending: 'silence' };
			const response = await play({ framing, cut });
			let sent = '';
			response.on('data', (chunk: Buffer) => (sent += chunk.toString()));
			await expect.poll(() => sent).toHaveLength(5);
			await new Promise((resolve) => setTimeout(resolve, 100));
			expect([sent.length, response.readableEnded, response.destroyed]).toEqual([5, false, false]);
			response.destroy();
			await expect.poll(() => tenant.requests.at(-1)?.endedAt).toBeGreaterThan(0);
		},
	);

	it('can cut it before its first byte', async () => {
		const response = await play({ framing: 'chunked', cut: { afterBytes: 0, ending: 'proper' } });
		expect([response.statusCode, await textOf(response)]).toEqual([200, '']);
	});

	it.each<[what: string, fault: Fault, status: number, says: RegExp]>([
		['a page of HTML', { kind: 'html', status: 200 }, 200, /^<!DOCTYPE html>/],
		['a refusal', { kind: 'status', status: 403 }, 403, /^$/],
		['no file', { kind: 'html', status: 404 }, 404, /html/],
	])('can be %s in its place, once', async (_, fault, status, says) => {
		tenant.faults.add({ route: 'file', play: fault });
		const refused = await fetchFile('#three');
		expect(refused.statusCode).toBe(status);
		expect(await textOf(refused)).toMatch(says);
		expect(await textOf(await fetchFile('#three'))).toBe(csvOf(ROWS));
	});

	it('of the connection meets long files as well', async () => {
		saveEndless('#long', 20_000);
		const whole = (await bytesOf(await fetchFile('#long'))).length;
		tenant.faults.add({ route: 'file', play: { kind: 'cutOff' } });
		tenant.faults.add({ route: 'file', play: { kind: 'drip', bytesPerSecond: 50_000_000 } });
		const half = await fetchFile('#long');
		let bytes = 0;
		half.on('data', (chunk: Buffer) => (bytes += chunk.length));
		await expect(once(half, 'end')).rejects.toThrow();
		expect(bytes).toBe(Math.floor(whole / 2));
		expect(await bytesOf(await fetchFile('#long'))).toHaveLength(whole);
	});

	it('that drips makes no more of a file once its reader is gone', async () => {
		const made = saveEndless('#endless');
		const play: Fault = { kind: 'drip', bytesPerSecond: 20_000_000 };
		tenant.faults.add({ route: 'file', play });
		const response = await fetchFile('#endless');
		await once(response, 'readable');
		expect(made.ended).toBe(false);
		response.destroy();
		await expect.poll(() => made.ended).toBe(true);
		expect(made.rows).toBeLessThan(1_000_000);
	});

	it('leaves an honest refusal as it is', async () => {
		tenant.settings.fileLifetimeSeconds = 0;
		expect((await play({ status: 206 })).statusCode).toBe(403);
	});

	it('is refused where it makes no sense', () => {
		const play: Fault = { kind: 'file' };
		expect(() => tenant.faults.add({ route: 'nqlStatus', play })).toThrow(TypeError);
		const cut: FileCut = { afterBytes: -1, ending: 'reset' };
		expect(() => tenant.faults.add({ route: 'file', play: { ...play, cut } })).toThrow(RangeError);
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
		const many = [...extraDevices(20_000, 0)];
		expect([...extraDevices(10, 0)]).toEqual(many.slice(0, 10));
		expect(extraDevice(19_999, 0)).toEqual(many.at(-1));
		for (const field of ['name', 'serialNumber'] as const) {
			expect(new Set(many.map((device) => device[field])).size).toBe(20_000);
		}
		const uids = many.flatMap(({ uid, collectorUid }) => [uid, collectorUid]);
		expect(new Set(uids).size).toBe(40_000);
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
