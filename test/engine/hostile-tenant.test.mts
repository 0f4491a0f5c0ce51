import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeletionAnswer, Fault } from '../simulator/tenant.mts';
import {
	deleteWorkflow,
	type Deletion,
	type DeleteRun,
	type DeviceStatus,
	useTestBench,
} from './delete-workflow.mts';
import { textsOf, UNCLEAN } from './said-texts.mts';

const bench = useTestBench();

const MEGABYTE = 1024 * 1024;
const TWO_HUNDRED = 200 * MEGABYTE;

/** Ten times the timeout of 1 second: a busy machine may be slow, a node that waits for the whole answer is slower. */
const LONGEST = 10_000;

interface Watched {
	deletion: Deletion;
	milliseconds: number;
	/** How far the memory of this process grew at most; the tenant lives in it as well. */
	growth: number;
}

async function watched(run: Partial<DeleteRun> = {}): Promise<Watched> {
	const before = process.memoryUsage().rss;
	let most = before;
	const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
	const start = Date.now();
	const deletion = await bench.run({
		items: bench.devices(2),
		onError: 'continueErrorOutput',
		...run,
		options: { maxRetries: 0, timeout: 1, ...run.options },
	});
	clearInterval(watch);
	return { deletion, milliseconds: Date.now() - start, growth: most - before };
}

/** Plays a fault on every request. */
function play(fault: Fault, route: 'deletions' | 'token' = 'deletions'): void {
	bench.tenant.faults.add({ route, times: Infinity, play: fault });
}

const answer = (change: (body: DeletionAnswer) => unknown, headers = {}): Fault => ({
	kind: 'answer',
	change,
	headers,
});

const status = (code: number, body?: string | object, headers = {}): Fault => ({
	kind: 'status',
	status: code,
	...(body !== undefined && { body }),
	headers,
});

const manyHeaders = (count: number, length: number) =>
	Object.fromEntries(
		Array.from({ length: count }, (_, index) => [`x-more-${index}`, 'x'.repeat(length)]),
	);

const both = (word: DeviceStatus) => [word, word];

describe('an answer of 200 MB', () => {
	it.each<[httpStatus: number, word: DeviceStatus]>([
		[200, 'UNKNOWN'],
		[202, 'UNKNOWN'],
		[307, 'UNKNOWN'],
		[400, 'REJECTED'],
		[401, 'REJECTED'],
		[403, 'REJECTED'],
		[429, 'REJECTED'],
		[500, 'UNKNOWN'],
		[503, 'UNKNOWN'],
	])('with status %i is not read to its end', async (httpStatus, word) => {
		play({ kind: 'huge', bytes: TWO_HUNDRED, status: httpStatus });

		const { deletion, milliseconds, growth } = await watched();

		expect(deletion.statusWords).toEqual(both(word));
		expect(milliseconds).toBeLessThan(LONGEST);
		expect(growth).toBeLessThan(100 * MEGABYTE);
	});

	it('on each of ten requests at once is not read to its end either', async () => {
		bench.tenant.faults.add({
			route: 'deletions',
			from: 2,
			times: Infinity,
			play: { kind: 'huge', bytes: TWO_HUNDRED },
		});

		const { deletion, milliseconds, growth } = await watched({
			items: bench.devices(12),
			options: { batchSize: 1, concurrency: 10 },
		});

		expect(deletion.statusWords[0]).toBe('SCHEDULED');
		expect(deletion.statusWords).toContain('UNKNOWN');
		expect(milliseconds).toBeLessThan(LONGEST);
		expect(growth).toBeLessThan(200 * MEGABYTE);
	});
});

describe('an answer of the login', () => {
	const nested = '['.repeat(100_000) + ']'.repeat(100_000);

	it.each<[what: string, fault: Fault]>([
		// n8n itself reads it, to its end and into memory; the node gives up at its timeout.
		['of 200 MB', { kind: 'huge', bytes: TWO_HUNDRED, status: 200 }],
		['of 100,000 nested lists', status(200, nested, { 'Content-Type': 'application/json' })],
		[
			'with a token that breaks the header',
			status(200, { access_token: 'a\r\nb: c', token_type: 'Bearer' }),
		],
		['with a token that is none', status(200, { access_token: { a: 1 }, token_type: ['Bearer'] })],
		['with 5,000 headers', status(200, '{}', manyHeaders(5000, 1))],
	])('%s keeps no run waiting, and nothing is queued', async (_, fault) => {
		play(fault, 'token');

		const { deletion, milliseconds } = await watched();

		expect(deletion.statusWords).not.toContain('SCHEDULED');
		expect(bench.tenant.ledger.size).toBe(0);
		expect(milliseconds).toBeLessThan(LONGEST);
	});
});

describe('a slow drip', () => {
	it.each<[what: string, fault: Fault]>([
		['in the head of the answer', { kind: 'drip', bytesPerSecond: 10, head: true }],
		['in the body of the answer', { kind: 'drip', bytesPerSecond: 10 }],
	])('%s ends with the timeout', async (_, fault) => {
		play(fault);

		const { deletion, milliseconds } = await watched();

		expect(deletion.statusWords).toEqual(both('UNKNOWN'));
		expect(deletion.failed.map(({ error }) => error.code)).toEqual(['TIMEOUT', 'TIMEOUT']);
		expect(milliseconds).toBeGreaterThanOrEqual(1000);
		expect(milliseconds).toBeLessThan(LONGEST);
	});

	it.each([true, false])('of the login ends with the timeout (head: %s)', async (head) => {
		play({ kind: 'drip', bytesPerSecond: 10, head }, 'token');

		const { deletion, milliseconds } = await watched();

		expect(deletion.requests).toEqual([]);
		expect(deletion.statusWords).not.toContain('SCHEDULED');
		expect(milliseconds).toBeLessThan(LONGEST);
	});
});

describe('an answer', () => {
	const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

	it.each<[what: string, fault: Fault, words: DeviceStatus[]]>([
		['of 100,000 nested lists', answer(() => nested(100_000)), both('UNKNOWN')],
		[
			'with 100,000 nested lists for devices',
			answer(() => `{"devices":${nested(100_000)}}`),
			both('UNKNOWN'),
		],
		[
			'with 100,000 nested lists for the status of one device',
			answer(({ devices }) => JSON.stringify({ devices }).replace('"SCHEDULED"', nested(100_000))),
			['UNKNOWN', 'SCHEDULED'],
		],
		[
			'with 100,000 nested lists beside its devices',
			answer(({ devices }) =>
				JSON.stringify({ devices, more: 0 }).replace('"more":0', `"more":${nested(100_000)}`),
			),
			both('SCHEDULED'),
		],
		[
			'with 100,000 nested lists for its message',
			status(400, `{"code":"LATER","message":${nested(100_000)}}`, {
				'Content-Type': 'application/json',
			}),
			both('REJECTED'),
		],
		[
			'that calls its JSON HTML',
			answer((body) => body, { 'Content-Type': 'text/html' }),
			both('SCHEDULED'),
		],
		[
			'that calls its JSON a picture',
			answer((body) => body, { 'Content-Type': 'image/png' }),
			both('SCHEDULED'),
		],
		[
			'without a word on its type',
			answer((body) => body, { 'Content-Type': '' }),
			both('SCHEDULED'),
		],
		[
			'in a character set that is none',
			answer((body) => body, { 'Content-Type': 'application/json; charset=no-such' }),
			both('SCHEDULED'),
		],
		[
			'that calls itself compressed and is not',
			answer((body) => body, { 'Content-Encoding': 'gzip' }),
			both('UNKNOWN'),
		],
		['longer than it says', answer((body) => body, { 'Content-Length': '40' }), both('UNKNOWN')],
		['shorter than it says', answer((body) => body, { 'Content-Length': '4000' }), both('UNKNOWN')],
		['of text', status(202, 'OK'), both('UNKNOWN')],
		['of null', answer(() => 'null'), both('UNKNOWN')],
		['of a number', answer(() => '1e999'), both('UNKNOWN')],
		['with null for devices', answer(() => ({ devices: null })), both('UNKNOWN')],
		[
			'with devices that are none',
			answer(() => ({ devices: [null, 7, 'x', [], {}] })),
			both('UNKNOWN'),
		],
		['with __proto__ for devices', answer(() => '{"__proto__":{"devices":[]}}'), both('UNKNOWN')],
		...[205, 226, 299, 300, 304, 399].map((code): [string, Fault, DeviceStatus[]] => [
			`of status ${code}`,
			status(code),
			both('UNKNOWN'),
		]),
		...[402, 418, 420, 451, 498].map((code): [string, Fault, DeviceStatus[]] => [
			`of status ${code}`,
			status(code),
			both('REJECTED'),
		]),
		...[501, 509, 520, 598, 599].map((code): [string, Fault, DeviceStatus[]] => [
			`of status ${code}`,
			status(code),
			both('UNKNOWN'),
		]),
		...['', 'lower', 'A'.repeat(10_000), '__proto__', 'constructor', 'SCHEDULED'].map(
			(code): [string, Fault, DeviceStatus[]] => [
				`of the code "${code.slice(0, 20)}"`,
				status(400, { code, message: 'Words.' }),
				both('REJECTED'),
			],
		),
	])('%s is no cause for more than it says', async (_, fault, words) => {
		play(fault);

		const { deletion, milliseconds } = await watched({ options: { timeout: 5 } });

		expect(deletion.statusWords).toEqual(words);
		expect(deletion.execution.status).toBe('success');
		expect(milliseconds).toBeLessThan(LONGEST);
	});
});

describe('headers by the thousand', () => {
	it.each<[what: string, headers: Record<string, string>]>([
		['1,000 short ones', manyHeaders(1000, 1)],
		['5,000 short ones', manyHeaders(5000, 1)],
		['one of 1 MB', manyHeaders(1, MEGABYTE)],
	])('%s leave no device scheduled that is not', async (_, more) => {
		play(answer((body) => body, more));

		const { deletion, milliseconds } = await watched({ options: { timeout: 5 } });

		expect(new Set(deletion.statusWords).size).toBe(1);
		expect(['SCHEDULED', 'UNKNOWN']).toContain(deletion.statusWords[0]);
		expect(milliseconds).toBeLessThan(LONGEST);
	});
});

describe('Retry-After', () => {
	it.each<[what: string, value: string]>([
		['a million years', '31557600000000'],
		['more seconds than a date can hold', '9'.repeat(400)],
		['the year 9999', 'Fri, 31 Dec 9999 23:59:59 GMT'],
		['the year 275760', '+275760-09-13T00:00:00.000Z'],
		['a negative number', '-1'],
		['a date of the past', 'Thu, 01 Jan 1970 00:00:00 GMT'],
		['a number with an exponent', '1e99'],
		['Infinity', 'Infinity'],
		['NaN', 'NaN'],
		['a fraction', '0.000000001'],
		['words', 'when the cows come home'],
		['nothing', ''],
		['two values', '1, 2'],
		['10,000 characters', 'soon'.repeat(2500)],
	])('of %s keeps no run waiting beyond Maximum Retry Wait', async (_, value) => {
		play(status(429, undefined, { 'Retry-After': value }));

		const { deletion, milliseconds } = await watched({
			options: { maxRetries: 3, maxRetryWait: 1, timeout: 5 },
		});

		expect(deletion.statusWords).toEqual(both('REJECTED'));
		expect(milliseconds).toBeLessThan(LONGEST);
		const { retryAfter } = deletion.failed[0]!.error;
		if (retryAfter !== null) expect(new Date(retryAfter).toISOString()).toBe(retryAfter);
	});
});

describe('devices in an answer', () => {
	const stranger = (index: number) => ({
		uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
		name: 'STRANGER',
		status: 'SCHEDULED',
	});

	it('that were never asked for are in no item and counted in a hint', async () => {
		play(
			answer((body) => ({
				...body,
				devices: [
					...Array.from({ length: 10_000 }, (_, index) => stranger(index)),
					...body.devices,
				],
			})),
		);

		const { deletion } = await watched({ options: { timeout: 5 } });

		expect(deletion.statusWords).toEqual(both('SCHEDULED'));
		expect(deletion.hints.join(' ')).toContain('10000');
		expect(textsOf(deletion).join(' ')).not.toContain('STRANGER');
	});

	it('that were never asked for stand in for none that were', async () => {
		play(answer((body) => ({ ...body, devices: [stranger(1), stranger(2)] })));

		const { deletion } = await watched();

		expect(deletion.statusWords).toEqual(both('UNKNOWN'));
	});

	it.each<[what: string, statuses: unknown[], word: DeviceStatus]>([
		['with one status', ['SCHEDULED', 'SCHEDULED'], 'SCHEDULED'],
		['with two statuses', ['SCHEDULED', 'FAILED'], 'UNKNOWN'],
		['with a status and none', ['SCHEDULED', null], 'UNKNOWN'],
	])('that come twice %s are what is certain of them', async (_, statuses, word) => {
		play(
			answer(({ devices }) => ({
				devices: statuses.flatMap((each) => devices.map((device) => ({ ...device, status: each }))),
			})),
		);

		const { deletion } = await watched();

		expect(deletion.statusWords).toEqual(both(word));
	});

	it('with other names do not rename any', async () => {
		play(
			answer((body) => ({
				...body,
				devices: body.devices.map((device) => ({ ...device, name: 'gpj.\u202eexe\u0007' })),
			})),
		);

		const { deletion } = await watched();

		expect(deletion.statuses.map(({ name }) => name)).toEqual(
			bench.devices(2).map(({ name }) => name),
		);
	});
});

describe('what a hostile answer says', () => {
	const NASTY = 'Line\r\nline \u0000\u0007\u001b[31m\u0085\u200f\u202egpj.exe\u2066\u2028\ud800';
	const LATIN_NASTY = 'a\u0085b\u009bc';

	it.each<[what: string, fault: Fault]>([
		['a message', status(500, { code: 'INTERNAL_ERROR', message: NASTY })],
		[
			'the message of an unfamiliar code',
			status(400, { code: 'LATER', message: NASTY.repeat(9999) }),
		],
		['a code', status(400, { code: NASTY, message: 'Words.' })],
		['the message of a refusal', status(400, { code: 'INVALID_REQUEST', message: NASTY })],
		['a text', status(400, NASTY.repeat(9999))],
		[
			'the status of a device',
			answer(({ devices }) => ({
				devices: devices.map((device) => ({ ...device, status: NASTY.repeat(999) })),
			})),
		],
		[
			'the name and UID of a device',
			answer(({ devices }) => ({
				devices: [...devices, { uid: NASTY, name: NASTY, status: 'SCHEDULED' }],
			})),
		],
		[
			'headers',
			status(500, undefined, {
				'x-request-id': LATIN_NASTY,
				'x-trace-id': LATIN_NASTY,
				'retry-after': LATIN_NASTY,
			}),
		],
	])('reaches nobody uncleaned or at length (%s)', async (_, fault) => {
		play(fault);

		for (const onError of [
			'stopWorkflow',
			'continueRegularOutput',
			'continueErrorOutput',
		] as const) {
			const { deletion } = await watched({ onError });
			const texts = textsOf(deletion);
			expect(texts.filter((text) => UNCLEAN.test(text))).toEqual([]);
			expect(Math.max(...texts.map(({ length }) => length))).toBeLessThan(2000);
		}
	});
});

describe('a small answer that unpacks to 200 MB', () => {
	let server: Server;
	beforeAll(async () => {
		const packed = gzipSync(Buffer.alloc(TWO_HUNDRED, ' '));
		server = createServer((_, response) => {
			response.writeHead(202, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
			response.end(packed);
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
	});
	afterAll(() => server.close());

	it('is not unpacked to its end', async () => {
		const { port } = server.address() as AddressInfo;
		const before = process.memoryUsage().rss;

		const execution = await bench.engine.run(
			deleteWorkflow({ items: bench.devices(2), onError: 'continueRegularOutput' }),
			{ credentials: [bench.credential({ apiBaseUrl: `http://127.0.0.1:${port}` })] },
		);

		const statuses = execution.outputs('Delete')[0]!.map(({ json }) => json.status);
		expect(statuses).toEqual(both('UNKNOWN'));
		expect(process.memoryUsage().rss - before).toBeLessThan(100 * MEGABYTE);
	});
});
