import type { INodeParameters } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { ALL_DEVICES_QUERY, LOOK_UP_QUERY } from '../simulator/saved-queries.mts';
import type { Fault, FaultRule } from '../simulator/tenant.mts';
import { ON_ERROR_MODES, useTestBench, type OnError } from './delete-workflow.mts';
import type { Pauses } from './harness/engine.mts';
import { findings, runQuery, type QueryResult } from './query-workflow.mts';
import { textsOf, UNCLEAN } from './said-texts.mts';

const bench = useTestBench({ pauses: 'short' });

/** Ten times the timeout of 1 second: a busy machine may be slow, a node that waits for the whole answer is slower. */
const LONGEST = 10_000;

interface Operation {
	readonly name: string;
	readonly route: FaultRule['route'];
	readonly parameters: INodeParameters;
	readonly options?: INodeParameters;
}

const OPERATIONS: readonly Operation[] = [
	{
		name: 'Device > Look Up',
		route: 'nqlExecute',
		parameters: { operation: 'lookUp', queryId: LOOK_UP_QUERY },
	},
	{
		name: 'NQL Query > Execute',
		route: 'nqlExecute',
		parameters: { resource: 'nqlQuery', operation: 'execute', queryId: ALL_DEVICES_QUERY },
	},
	{
		name: 'NQL Query > Export',
		route: 'nqlExport',
		parameters: { resource: 'nqlQuery', operation: 'export', queryId: ALL_DEVICES_QUERY },
		options: { maxExportWait: 5 },
	},
];

async function run(
	{ parameters, options }: Operation,
	onError: OnError = 'continueErrorOutput',
	credential = bench.credential(),
	pauses?: Pauses,
): Promise<QueryResult> {
	return await runQuery(bench, {
		items: bench.devices(1),
		parameters,
		options: { maxRetries: 0, timeout: 1, ...options },
		onError,
		credential,
		...(pauses && { pauses }),
	});
}

function play(route: FaultRule['route'], fault: Fault): void {
	bench.tenant.faults.add({ route, times: Infinity, play: fault });
}

const status = (code: number, body?: string | object, headers = {}): Fault => ({
	kind: 'status',
	status: code,
	...(body !== undefined && { body }),
	headers,
});

const NASTY = 'Line\r\nline \u0000\u0007\u001b[31m\u0085\u200f\u202egpj.exe\u2066\u2028\ud800';
const DEEP = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;

describe.each(OPERATIONS)('$name', (operation) => {
	it.each<[what: string, fault: Fault]>([
		['200 MB', { kind: 'huge', bytes: 200 * 1024 * 1024 }],
		['bytes that drip', { kind: 'drip', bytesPerSecond: 20 }],
		['JSON of 200,000 levels', status(200, DEEP)],
		['JSON of 200,000 levels with a refusal', status(400, DEEP)],
		['a list in place of an object', status(200, [])],
		['null', status(200, 'null')],
		['a number', status(200, '7')],
		['HTML that calls itself JSON', status(200, '<html>', { 'content-type': 'application/json' })],
		['a Retry-After of a million years', status(429, {}, { 'retry-after': '31536000000000' })],
		['a Retry-After below zero', status(429, {}, { 'retry-after': '-5' })],
	])('ends soon, and claims nothing, after %s', async (_, fault) => {
		play(operation.route, fault);
		const begun = Date.now();
		const { success, failed, execution } = await run(operation, undefined, undefined, 'real');
		expect(Date.now() - begun).toBeLessThan(LONGEST);
		expect([execution.status, success]).toEqual(['success', []]);
		expect(failed).toHaveLength(1);
	});

	it.each(ON_ERROR_MODES)('lets nobody read uncleaned or long texts (%s)', async (onError) => {
		for (const fault of [
			status(400, { code: 5, message: NASTY.repeat(999) }),
			status(403, { code: NASTY, message: NASTY }),
			status(500, NASTY.repeat(999), { 'x-request-id': 'a\u0085b', 'x-trace-id': 'a\u009bc' }),
		]) {
			bench.tenant.faults.clear();
			play(operation.route, fault);
			const texts = textsOf(await run(operation, onError));
			expect(texts.filter((text) => UNCLEAN.test(text))).toEqual([]);
			expect(Math.max(...texts.map(({ length }) => length))).toBeLessThan(2000);
		}
	});

	it.each(ON_ERROR_MODES)('gives away no bearer that is echoed (%s)', async (onError) => {
		// It keeps the token that was fetched for it.
		const credential = bench.credential();
		await run(operation, onError, credential);
		const token = bench.tenant.issuedTokens.at(-1)!;
		play(operation.route, status(400, { code: 5, message: `Bearer ${token} is not liked.` }));
		const result = await run(operation, onError, credential);
		expect(result.requests.at(-1)!.bearer).toBe(token);
		expect(textsOf(result).filter((text) => text.includes(token))).toEqual([]);
	});
});

describe('a row', () => {
	const rowOf = (json: string) => status(200, `{"rows":1,"data":[${json}]}`);

	it('with the names of built-in properties is passed on as it is, and changes nothing else', async () => {
		const json = '{"__proto__":{"polluted":1},"constructor":2,"toString":"3","hasOwnProperty":4}';
		play('nqlExecute', rowOf(json));
		const { execution } = await run(OPERATIONS[1]!);
		const [[item] = []] = execution.outputs('Nexthink');
		expect(JSON.parse(JSON.stringify(item!.json))).toEqual(JSON.parse(json));
		expect(({} as { polluted?: number }).polluted).toBeUndefined();
	});

	it.each(['__proto__', 'constructor', 'toString'])(
		'has no column %s unless it has one of its own',
		async (column) => {
			const [device] = bench.devices(1);
			play('nqlExecute', rowOf(JSON.stringify({ 'device.name': device!.name })));
			const lookUp = OPERATIONS[0]!;
			const parameters = { ...lookUp.parameters, uidColumn: column };
			const [finding] = findings(await run({ ...lookUp, parameters }));
			expect(finding).toMatchObject({ match: 'UNKNOWN', uid: null });
		},
	);
});

describe('the address of a file', () => {
	it('is read by nobody: whoever knows it may fetch the file', async () => {
		bench.tenant.settings.exportStates = 0;
		const result = await run({ ...OPERATIONS[2]!, options: { timeout: 60 } });
		expect(result.success).toHaveLength(1);
		const file = result.requests.find(({ route }) => route === 'file');
		const signature = new URL(file!.path, 'http://file').searchParams.get('signature')!;
		expect(signature).toMatch(/^[0-9a-f]{64}$/);
		expect(textsOf(result).filter((text) => text.includes(signature))).toEqual([]);
	});
});
