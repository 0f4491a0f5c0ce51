import { gunzipSync, gzipSync } from 'node:zlib';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { beforeEach, describe, expect, it } from 'vitest';
import { ALL_DEVICES_QUERY, LOOK_UP_QUERY } from '../simulator/saved-queries.mts';
import type { Fault } from '../simulator/tenant.mts';
import { useTestBench } from './delete-workflow.mts';
import type { Pauses } from './harness/engine.mts';
import { runQuery, type QueryRun } from './query-workflow.mts';

const bench = useTestBench({ pauses: 'short' });

async function exportQuery({ parameters, ...run }: Partial<QueryRun> = {}) {
	const result = await runQuery(bench, {
		items: [{}],
		...run,
		parameters: {
			resource: 'nqlQuery',
			operation: 'export',
			queryId: ALL_DEVICES_QUERY,
			...parameters,
		},
	});
	const [files = []] = result.execution.outputs('Nexthink');
	return { ...result, files };
}

/** What is in a file, as text. */
function contentOf(item: INodeExecutionData | undefined, field = 'data'): string {
	return bytesOf(item, field).toString('utf8');
}

function bytesOf(item: INodeExecutionData | undefined, field = 'data'): Buffer {
	return Buffer.from(item?.binary?.[field]?.data ?? '', 'base64');
}

const routesOf = (requests: ReadonlyArray<{ route: string }>) => requests.map(({ route }) => route);

describe('NQL Query > Export', () => {
	it('starts, asks until it is complete, and hands the file on', async () => {
		const { success, files, requests, hints } = await exportQuery();
		expect(routesOf(requests)).toEqual([
			'nqlExport',
			'nqlStatus',
			'nqlStatus',
			'nqlStatus',
			'file',
		]);
		expect(JSON.parse(requests[0]!.body)).toEqual({
			queryId: ALL_DEVICES_QUERY,
			parameters: {},
			compression: 'NONE',
		});
		const [, , , status] = requests;
		expect(success).toEqual([
			{
				queryId: ALL_DEVICES_QUERY,
				exportId: status!.path.split('/').at(-1),
				status: 'COMPLETED',
				isCutByLicence: false,
			},
		]);
		const lines = contentOf(files[0]).trimEnd().split('\n');
		expect(lines).toHaveLength(1 + bench.tenant.knownDevices.length);
		expect(lines[0]).toMatch(/^device\.uid,device\.collector\.uid,device\.name,/);
		expect(files[0]!.binary!.data).toMatchObject({
			fileName: 'all_devices.csv',
			fileExtension: 'csv',
			mimeType: 'text/csv',
		});
		expect(hints).toEqual(['1 of 1 export complete.']);
	});

	it('asks with growing pauses', async () => {
		const { requests } = await exportQuery({ pauses: 'real' });
		const [start, first, second, third] = requests.map(({ at }) => at);
		expect(first! - start!).toBeGreaterThanOrEqual(990);
		expect(second! - first!).toBeGreaterThanOrEqual(1990);
		expect(third! - second!).toBeGreaterThanOrEqual(3990);
	});

	it('sends no bearer to the address of the file, and follows no redirect from there', async () => {
		bench.tenant.settings.exportStates = 0;
		bench.tenant.faults.add({
			route: 'file',
			play: { kind: 'redirect', status: 302, location: `${bench.tenant.origin}/caught` },
		});
		const { requests, files } = await exportQuery();
		const ofFiles = requests.filter(({ route }) => route === 'file');
		expect(ofFiles).toHaveLength(2);
		for (const { headers, bearer } of ofFiles) {
			expect(bearer).toBeUndefined();
			expect(headers).not.toHaveProperty('authorization');
			expect(headers).not.toHaveProperty('x-request-id');
		}
		expect(requests.filter(({ path }) => path === '/caught')).toEqual([]);
		expect(contentOf(files[0])).toContain(bench.tenant.inventory[0]!.uid);
		for (const { route, bearer } of requests) expect(bearer === undefined).toBe(route === 'file');
	});

	it('asks for a new address where the file is not to be had, and repeats what may succeed later', async () => {
		bench.tenant.settings.exportStates = 0;
		bench.tenant.faults.add({ route: 'nqlExport', play: { kind: 'html', status: 503 } });
		bench.tenant.faults.add({ route: 'nqlStatus', play: { kind: 'html', status: 502 } });
		bench.tenant.faults.add({ route: 'file', play: { kind: 'status', status: 403 } });
		bench.tenant.faults.add({ route: 'file', play: { kind: 'cutOff' } });
		const { requests, files } = await exportQuery();
		expect(routesOf(requests)).toEqual([
			'nqlExport',
			'nqlExport',
			'nqlStatus',
			'nqlStatus',
			'file',
			'nqlStatus',
			'file',
			'nqlStatus',
			'file',
		]);
		const addresses = requests.filter(({ route }) => route === 'file').map(({ path }) => path);
		expect(new Set(addresses).size).toBe(3);
		expect(contentOf(files[0]).trimEnd().split('\n')).toHaveLength(
			1 + bench.tenant.knownDevices.length,
		);
	}, 30_000);

	it('asks for a new address where nothing comes from the old one within Timeout', async () => {
		bench.tenant.settings.exportStates = 0;
		bench.tenant.faults.add({ route: 'file', play: { kind: 'silence' } });
		const { requests, files } = await exportQuery({ options: { timeout: 1 } });
		expect(routesOf(requests)).toEqual(['nqlExport', 'nqlStatus', 'file', 'nqlStatus', 'file']);
		expect(contentOf(files[0])).toContain(bench.tenant.inventory[0]!.uid);
	});

	it.each(['length', 'chunked'] as const)(
		'asks for a new address where nothing more comes of a file for as long as Timeout (%s)',
		async (framing) => {
			bench.tenant.settings.exportStates = 0;
			const cut = { afterBytes: 20_000, ending: 'silence' } as const;
			bench.tenant.faults.add({ route: 'file', play: { kind: 'file', framing, cut } });
			const { requests, files } = await exportQuery({ options: { timeout: 1 } });
			expect(routesOf(requests)).toEqual(['nqlExport', 'nqlStatus', 'file', 'nqlStatus', 'file']);
			const [silent] = requests.filter(({ route }) => route === 'file');
			expect(silent!.endedAt! - silent!.at).toBeGreaterThan(900);
			expect(contentOf(files[0]).trimEnd().split('\n')).toHaveLength(
				1 + bench.tenant.knownDevices.length,
			);
		},
	);

	it('gives a file that keeps coming more time than Timeout', async () => {
		bench.tenant.settings.exportStates = 0;
		bench.tenant.knownDevices.splice(3);
		bench.tenant.faults.add({ route: 'file', play: { kind: 'drip', bytesPerSecond: 200 } });
		const { requests, files } = await exportQuery({ options: { timeout: 1 } });
		const [fetched, ...more] = requests.filter(({ route }) => route === 'file');
		expect(more).toEqual([]);
		expect(fetched!.endedAt! - fetched!.at).toBeGreaterThan(1500);
		expect(contentOf(files[0]).trimEnd().split('\n')).toHaveLength(1 + 3);
	});

	it('starts one export for equal queries, because they are few in a day', async () => {
		bench.tenant.settings.exportStates = 0;
		const { success, files, requests } = await exportQuery({ items: [{}, {}, {}] });
		expect(success).toHaveLength(1);
		expect(files[0]!.pairedItem).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
		expect(routesOf(requests).filter((route) => route === 'nqlExport')).toHaveLength(1);
	});

	it('starts one for each distinct query, and puts the file where it is told to', async () => {
		bench.tenant.settings.exportStates = 0;
		const [first, second] = bench.devices(2);
		const value = '={{ $json.name }}';
		const { files } = await exportQuery({
			items: [first!, second!],
			parameters: {
				queryId: LOOK_UP_QUERY,
				queryParameters: { parameter: [{ name: 'device_name', value }] },
			} as unknown as INodeParameters,
			options: { binaryPropertyName: 'export', compression: 'GZIP' },
		});
		const texts = files.map((file) => gunzipSync(bytesOf(file, 'export')).toString());
		expect(texts).toEqual([
			expect.stringContaining(first!.uid),
			expect.stringContaining(second!.uid),
		]);
		expect(files[0]!.binary!.export).toMatchObject({ fileName: 'find_device_by_name.csv.gz' });
	});

	describe('several of them', () => {
		const each = (run: Partial<QueryRun>) =>
			exportQuery({
				...run,
				parameters: {
					queryId: LOOK_UP_QUERY,
					queryParameters: { parameter: [{ name: 'device_name', value: '={{ $json.name }}' }] },
				} as unknown as INodeParameters,
			});

		it.each<[what: string, play: Fault, code: string]>([
			['may not be made', { kind: 'status', status: 403 }, 'FORBIDDEN'],
			['are too many for the day', { kind: 'status', status: 429 }, 'RATE_LIMITED'],
		])('are not started one after the other where they %s', async (_, play, code) => {
			bench.tenant.faults.add({ route: 'nqlExport', times: Infinity, play });
			const { failed, requests } = await each({
				items: bench.devices(4),
				options: { maxRetries: 0 },
				onError: 'continueErrorOutput',
			});
			expect(routesOf(requests)).toEqual(['nqlExport']);
			expect(failed.map(({ error }) => error.code)).toEqual(Array(4).fill(code));
		});

		it('are made though one of them fails in Nexthink', async () => {
			bench.tenant.settings.exportStates = 0;
			bench.tenant.faults.add({
				route: 'nqlStatus',
				play: { kind: 'status', status: 200, body: { status: 'ERROR' } },
			});
			const { files, failed } = await each({
				items: bench.devices(3),
				onError: 'continueErrorOutput',
			});
			expect([files.length, failed.length]).toEqual([2, 1]);
		});

		it('are not begun under Stop Workflow where one of them cannot be asked for', async () => {
			const items = [...bench.devices(1), { name: null }];
			const { execution, requests } = await each({ items, onError: 'stopWorkflow' });
			expect(requests).toEqual([]);
			expect(execution.error?.message).toContain('has no value that can be sent as text');
		});
	});

	it('takes a file that a store would pack on the way as it is', async () => {
		bench.tenant.settings.exportStates = 0;
		const { requests } = await exportQuery();
		expect(requests.at(-1)).toMatchObject({
			route: 'file',
			headers: { 'accept-encoding': 'identity' },
		});
	});

	it('hints at exports that may have been started, though their answers were lost', async () => {
		bench.tenant.settings.exportStates = 0;
		const play: Fault = { kind: 'html', status: 503, queued: true };
		bench.tenant.faults.add({ route: 'nqlExport', play });
		const { hints } = await exportQuery();
		expect(bench.tenant.exportsStarted).toBe(2);
		expect(hints[1]).toBe(
			'This execution has started 2 exports so far. Nexthink allows 50 exports a day.',
		);
	});

	it('hints that the licence cut the result', async () => {
		Object.assign(bench.tenant.settings, { exportStates: 0, exportCutByLicence: true });
		const { success, hints } = await exportQuery();
		expect(success[0]).toMatchObject({ isCutByLicence: true });
		expect(hints[1]).toBe('The licence cut the result of the export: the file is incomplete.');
	});
});

const MEGABYTE = 1024 * 1024;

/** What the host of the file answers with 200 in place of it. */
const sent = (body: string | Buffer, headers: Record<string, string> = {}): Fault => ({
	kind: 'status',
	status: 200,
	body,
	headers,
});

describe('what arrives in place of the file', () => {
	const PAGE = `<!DOCTYPE html><html><head><title>Sign in to Proxy & Co</title></head></html>`;

	beforeEach(() => {
		bench.tenant.settings.exportStates = 0;
	});

	async function exportFrom(play: Fault, options: INodeParameters = {}) {
		bench.tenant.faults.add({ route: 'file', times: Infinity, play });
		const { success, failed, requests } = await exportQuery({
			options: { maxRetries: 1, ...options },
			onError: 'continueErrorOutput',
		});
		expect(success).toEqual([]);
		return { ...failed[0]!, fetches: requests.filter(({ route }) => route === 'file').length };
	}

	it.each([
		['short', PAGE],
		['long', ` \n\uFEFF${PAGE}${'<p>Not yet.</p>'.repeat(10_000)}`],
	])('is no file where it is a %s web page with 200, and is named', async (_, page) => {
		const { error, message, fetches } = await exportFrom(sent(page));
		expect(error).toMatchObject({ code: 'FILE_UNAVAILABLE', httpStatus: 200 });
		expect(message).toContain(
			`The host of the export's file sent a web page ("Sign in to Proxy & Co") in its place (200 FILE_UNAVAILABLE).`,
		);
		expect(fetches).toBe(2);
	});

	it('is fetched anew where a proxy was in the way', async () => {
		bench.tenant.faults.add({ route: 'file', play: { kind: 'html', status: 200 } });
		const { files } = await exportQuery();
		expect(contentOf(files[0])).toContain(bench.tenant.inventory[0]!.uid);
	});

	it.each<[what: string, asked: string, play: Fault, says: string]>([
		[
			'a text that n8n has unpacked',
			'GZIP',
			sent(gzipSync('a,b\n1,2\n'), { 'content-encoding': 'gzip' }),
			'sent it without compression, and Compression is set to GZIP',
		],
		['a text', 'ZSTD', sent('a,b\n1,2\n'), 'sent it without compression'],
		['nothing', 'GZIP', sent(Buffer.alloc(0)), 'sent it without compression'],
		[
			'a packed file',
			'NONE',
			sent(gzipSync('a,b\n1,2\n')),
			'sent it packed with GZIP, and Compression is set to None',
		],
	])(
		'is refused, and not asked for again, where it is %s with %s',
		async (_, asked, play, says) => {
			const { error, message, fetches } = await exportFrom(play, { compression: asked });
			expect(error).toMatchObject({ code: 'FILE_UNAVAILABLE', retryable: false });
			expect(message).toContain(`The host of the export's file ${says}`);
			expect(fetches).toBe(1);
		},
	);

	it('ends where it is longer than Maximum File Size', async () => {
		const { error, message, fetches } = await exportFrom(
			{ kind: 'huge', bytes: Infinity, status: 200 },
			{ maxFileSize: 2 },
		);
		expect(error).toMatchObject({ code: 'FILE_NOT_STORED', retryable: false });
		expect(message).toContain(
			'The file of the export is larger than 2 MB, so its transfer was ended',
		);
		expect(message).toContain('raise Maximum File Size');
		expect(fetches).toBe(1);
		await expect
			.poll(() => bench.tenant.requests.find(({ route }) => route === 'file')?.endedAt)
			.toBeGreaterThan(0);
	});

	it.each([
		[MEGABYTE, 'COMPLETED'],
		[MEGABYTE + 1, undefined],
	])('may have as many bytes as Maximum File Size says (%i of 1 MB)', async (bytes, status) => {
		bench.tenant.faults.add({ route: 'file', play: sent('x'.repeat(bytes)) });
		const { success } = await exportQuery({
			options: { maxFileSize: 1 },
			onError: 'continueErrorOutput',
		});
		expect(success[0]?.status).toBe(status);
	});

	it.each(['GZIP', 'ZSTD'])('is the file where it is packed with %s as asked', async (packing) => {
		const { files } = await exportQuery({ options: { compression: packing } });
		const [extension, signature] = { GZIP: ['gz', '1f8b'], ZSTD: ['zst', '28b52ffd'] }[packing]!;
		expect(bytesOf(files[0]).toString('hex')).toMatch(new RegExp(`^${signature}`));
		expect(files[0]!.binary!.data!.fileName).toBe(`all_devices.csv.${extension}`);
	});
});

interface Trouble {
	name: string;
	set: () => void;
	options?: INodeParameters;
	/** It is about time. */
	pauses?: Pauses;
	code: string;
	message: string | RegExp;
	description: string;
}

const TROUBLES: Trouble[] = [
	{
		name: 'Nexthink has lost the export',
		set: () =>
			bench.tenant.faults.add({ route: 'nqlStatus', play: { kind: 'status', status: 404 } }),
		code: 'NOT_FOUND',
		message: "Nexthink doesn't recognize the export that it started (404 NOT_FOUND).",
		description: 'can only be started anew',
	},
	{
		name: 'the daily number of exports is used up',
		set: () => {
			bench.tenant.settings.exportsPerDay = 0;
			// Also where midnight is near.
			bench.tenant.faults.add({
				route: 'nqlExport',
				play: {
					kind: 'status',
					status: 429,
					body: { message: 'The daily number of exports is used up.', code: 29 },
					headers: { 'Retry-After': new Date(Date.now() + 7_200_000).toUTCString() },
				},
			});
		},
		code: 'RATE_LIMITED',
		message: /^Nexthink starts no other export before 20[\dT:.-]+Z \(429 RATE_LIMITED, code 29\)\./,
		description: 'Nexthink allows 50 exports a day.',
	},
	{
		name: 'the export ends in ERROR',
		set: () =>
			Object.assign(bench.tenant.settings, {
				exportStates: 0,
				exportErrorDescription: 'It took too long.',
			}),
		code: 'EXPORT_FAILED',
		message: "Nexthink couldn't complete the export.",
		description: 'Nexthink said: "It took too long."',
	},
	{
		name: 'the export is not complete in time',
		set: () => Object.assign(bench.tenant.settings, { exportStates: 1000 }),
		options: { maxExportWait: 2 },
		pauses: 'real',
		code: 'EXPORT_UNFINISHED',
		message: "The export wasn't complete in time.",
		description: 'Raise Maximum Wait',
	},
	{
		name: 'the file is never to be had',
		set: () => Object.assign(bench.tenant.settings, { exportStates: 0, fileLifetimeSeconds: 0 }),
		options: { maxRetries: 1 },
		code: 'FILE_UNAVAILABLE',
		message: "The file of the export couldn't be fetched (403 FILE_UNAVAILABLE).",
		description: "isn't the API host of your tenant",
	},
	{
		name: 'the file drips',
		set: () => {
			bench.tenant.settings.exportStates = 0;
			bench.tenant.faults.add({
				route: 'file',
				times: Infinity,
				play: { kind: 'drip', bytesPerSecond: 100 },
			});
		},
		options: { maxExportWait: 2, maxRetries: 0 },
		code: 'EXPORT_UNFINISHED',
		message: "The export wasn't complete in time.",
		description: 'Raise Maximum Wait',
	},
	...[
		'http://example.com/file.csv',
		'ftp://127.0.0.1/file.csv',
		'file:///etc/hostname',
		'//127.0.0.1/file.csv',
		'http://127.0.0.1.example.com/x',
		'http://user@127.0.0.1/x',
	].map((resultsFileUrl) => ({
		name: `the file is at ${resultsFileUrl}`,
		set: () => {
			bench.tenant.faults.add({
				route: 'nqlStatus',
				play: { kind: 'status', status: 200, body: { status: 'COMPLETED', resultsFileUrl } },
			});
		},
		code: 'UNEXPECTED_RESPONSE',
		message: "The node doesn't fetch a file from such an address.",
		description: 'no proxy responds instead of Nexthink',
	})),
	{
		name: 'the host of the file refuses the connection',
		set: () => {
			const resultsFileUrl = 'http://127.0.0.1:1/file.csv';
			bench.tenant.faults.add({
				route: 'nqlStatus',
				play: { kind: 'status', status: 200, body: { status: 'COMPLETED', resultsFileUrl } },
			});
		},
		options: { maxRetries: 0 },
		code: 'FILE_UNAVAILABLE',
		message: "The file of the export couldn't be fetched: the connection was refused.",
		description:
			"Check that n8n can reach the host of the file, which isn't the API host of your tenant. Check that the firewall lets n8n connect",
	},
	{
		name: 'the answer has no address of a file',
		set: () => {
			bench.tenant.faults.add({
				route: 'nqlStatus',
				play: { kind: 'status', status: 200, body: { status: 'COMPLETED' } },
			});
		},
		code: 'UNEXPECTED_RESPONSE',
		message: "The response to the query can't be read.",
		description: 'no proxy responds instead of Nexthink',
	},
	{
		name: 'the credential may not run queries',
		set: () => Object.assign(bench.tenant.settings, { nqlPermissionGranted: false }),
		code: 'FORBIDDEN',
		message: "The credential doesn't have permission to run queries (403 FORBIDDEN, code 40).",
		description: 'select NQL API for this credential',
	},
];

describe.each(TROUBLES)('an export without a file, because $name,', (trouble) => {
	it('ends in one complete error (Stop Workflow)', async () => {
		trouble.set();
		const { execution } = await exportQuery({
			options: trouble.options,
			pauses: trouble.pauses,
		});
		const message =
			typeof trouble.message === 'string'
				? trouble.message
				: expect.stringMatching(trouble.message);
		expect(execution.error).toMatchObject({ name: 'NodeApiError', message });
		expect(execution.error!.description).toContain(trouble.description);
		const data = execution.error!.context!.data as { code: string; retryAfter: string | null };
		expect(data.code).toBe(trouble.code);
		if (trouble.code === 'RATE_LIMITED') {
			const { cause, retryAfterMs } = execution.error!.failure!;
			expect(cause).toBe('quota-exhausted');
			expect(retryAfterMs).toBeGreaterThan(7_000_000);
			expect(execution.error!.description).toContain(`Try again after ${data.retryAfter}.`);
			expect(Date.parse(data.retryAfter!) - Date.now()).toBeGreaterThan(7_000_000);
		}
		expect(JSON.stringify(execution.error)).not.toContain('signature=');
	});

	it('goes to the error output (Continue, using error output)', async () => {
		trouble.set();
		const { failed, success } = await exportQuery({
			options: trouble.options,
			pauses: trouble.pauses,
			onError: 'continueErrorOutput',
		});
		expect(success).toEqual([]);
		expect(failed[0]!.error.code).toBe(trouble.code);
		expect(failed[0]!.message).toMatch(trouble.message);
		expect(failed[0]!.message).toContain(trouble.description);
	});
});

describe('no export is started', () => {
	it.each<[what: string, options: INodeParameters, message: string]>([
		['a compression that is none', { compression: '={{ "ZIP" }}' }, 'Compression must be one of'],
		[
			'Maximum Wait of 0',
			{ maxExportWait: 0 },
			'Maximum Wait (Seconds) must be a whole number from 1',
		],
		['Maximum File Size of 0', { maxFileSize: 0 }, 'Maximum File Size (MB) must be a whole number'],
		['half a MB', { maxFileSize: 0.5 }, 'Maximum File Size (MB) must be a whole number from 1'],
		['no field for the file', { binaryPropertyName: ' ' }, 'must be the name of a field'],
	])('with %s', async (_, options, message) => {
		const { success } = await exportQuery({ options, onError: 'continueRegularOutput' });
		expect(success[0]).toMatchObject({
			apiError: {
				code: 'INVALID_PARAMETER',
				message: expect.stringContaining(message) as string,
			},
		});
		expect(bench.tenant.requests).toEqual([]);
	});
});

describe('an export that is cancelled', () => {
	it('asks no more', async () => {
		bench.tenant.settings.exportStates = 1000;
		const asked = expect
			.poll(() => routesOf(bench.tenant.requests).includes('nqlStatus'), { timeout: 10_000 })
			.toBe(true) as unknown as Promise<void>;
		const { execution } = await exportQuery({ cancelWhen: asked });
		expect(execution.status).toBe('canceled');
		// What had left by then arrives; the next ones would be fractions of a second apart.
		const arrived = Date.now() + 500;
		await new Promise((resolve) => setTimeout(resolve, 2500));
		expect(bench.tenant.requests.filter(({ at }) => at > arrived)).toEqual([]);
	});
});
