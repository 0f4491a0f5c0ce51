import type { INode, INodeParameters } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { ALL_DEVICES_QUERY, LOOK_UP_QUERY, rowOf } from '../simulator/saved-queries.mts';
import { ON_ERROR_MODES, useTestBench } from './delete-workflow.mts';
import { queryNode, runQuery, type QueryRun } from './query-workflow.mts';

const bench = useTestBench();

const EXECUTE = { resource: 'nqlQuery', operation: 'execute' };

const withParameters = (...parameter: Array<{ name: unknown; value: unknown }>) =>
	({ queryParameters: { parameter } }) as unknown as INodeParameters;

const BY_NAME = withParameters({ name: 'device_name', value: '={{ $json.name }}' });

async function execute({ parameters, ...run }: Partial<QueryRun> = {}) {
	const queryId = ALL_DEVICES_QUERY;
	return await runQuery(bench, {
		items: [{}],
		...run,
		parameters: { ...EXECUTE, queryId, ...parameters },
	});
}

/** Saves a query with these rows. */
function save(id: string, rows: object[], parameters: string[] = []): void {
	bench.tenant.queries.push({ id, parameters, rows: () => rows as Array<Record<string, unknown>> });
}

describe('NQL Query > Execute', () => {
	it('gives one item for each row, typed as it came', async () => {
		const rows = [
			{
				'device.name': 'PC-1',
				count: 3,
				ratio: 0.5,
				isOld: true,
				owner: null,
				tags: ['a'],
				x: '001',
			},
			{ 'device.name': 'PC-2' },
		];
		save('#typed', rows);
		const { success, hints, requests } = await execute({ parameters: { queryId: '#typed' } });
		expect(success).toEqual(rows);
		expect(hints).toEqual(['The query returned 2 rows.']);
		expect(JSON.parse(requests[0]!.body)).toEqual({ queryId: '#typed', parameters: {} });
		expect(requests[0]!.headers['x-utc-times']).toBe('true');
	});

	it('asks for each input item with its own parameters, and links the rows to it', async () => {
		const [first, second] = bench.devices(2);
		const { success, execution, hints, requests } = await execute({
			items: [{ name: first!.name }, { name: 'NOBODY' }, { name: second!.name }],
			parameters: { queryId: LOOK_UP_QUERY, ...BY_NAME },
		});
		expect(hints).toEqual(['2 rows for 3 input items. Each item gets all rows of its query.']);
		expect(success.map((row) => row['device.uid'])).toEqual([first!.uid, second!.uid]);
		const [items = []] = execution.outputs('Nexthink');
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 2 }]);
		expect(requests).toHaveLength(3);
	});

	it('asks once for equal queries, and gives each item its rows', async () => {
		const [{ name } = { name: '' }] = bench.devices(1);
		const { success, requests } = await execute({
			items: [{ name }, { name }, { name }],
			parameters: { queryId: LOOK_UP_QUERY, ...BY_NAME },
		});
		expect(success).toHaveLength(3);
		expect(requests).toHaveLength(1);
	});

	it('sends numbers and booleans as text, and wildcards as they are', async () => {
		save('#three', [{ ok: 1 }], ['days', 'all', 'name']);
		const parameters = withParameters(
			{ name: 'days', value: '={{ 30 }}' },
			{ name: 'all', value: '={{ true }}' },
			{ name: 'name', value: 'PAR-*' },
		);
		const { requests } = await execute({ parameters: { queryId: '#three', ...parameters } });
		expect(JSON.parse(requests[0]!.body)).toEqual({
			queryId: '#three',
			parameters: { days: '30', all: 'true', name: 'PAR-*' },
		});
	});

	it('hints that 1,000 rows may not be all', async () => {
		const { success, hints } = await execute();
		expect(success).toHaveLength(1000);
		expect(hints[1]).toContain(
			'The result might be incomplete: Nexthink returns 1,000 rows at most',
		);
	});

	it('hints at rows that cannot be read, and at rows that are counted and not there', async () => {
		const body = { rows: 3, data: [{ a: 1 }, 'x'] };
		bench.tenant.faults.add({ route: 'nqlExecute', play: { kind: 'status', status: 200, body } });
		const { success, hints } = await execute();
		expect(success).toEqual([{ a: 1 }]);
		expect(hints[0]).toBe('The query returned 1 row.');
		expect(hints[1]).toContain('The result might be incomplete');
		expect(hints[2]).toBe("The output lacks 1 row that couldn't be read.");
	});

	it('takes results that are far larger than any answer to a deletion', async () => {
		save(
			'#large',
			Array.from({ length: 1000 }, () => ({ text: 'x'.repeat(10_000) })),
		);
		const { success } = await execute({ parameters: { queryId: '#large' } });
		expect(success).toHaveLength(1000);
	});

	it('does not read a result without an end', async () => {
		bench.tenant.faults.add({
			route: 'nqlExecute',
			times: Infinity,
			play: { kind: 'huge', bytes: Infinity, status: 200 },
		});
		const { failed } = await execute({ onError: 'continueErrorOutput' });
		expect(failed[0]!.error.code).toBe('UNEXPECTED_RESPONSE');
	});

	it('repeats what may succeed later', async () => {
		bench.tenant.faults.add({ route: 'nqlExecute', play: { kind: 'html', status: 503 } });
		const { success, requests } = await execute();
		expect(success).toHaveLength(1000);
		expect(requests).toHaveLength(2);
	});
});

describe('a column by which n8n would take a row for an item that failed', () => {
	const renamed = (column: string, name: string) =>
		`The column "${column}" is named "${name}" in the output, because n8n treats items with a field "${column}" as failed ones.`;

	it.each(ON_ERROR_MODES)(
		'comes out under another name, and is hinted at (%s)',
		async (onError) => {
			save('#events', [
				{ id: 7, error: 'E1', message: 'It broke.' },
				{ error: { code: 5 }, message: null, details: 'x' },
				{ id: 8, message: 'No other.' },
			]);
			const { success, failed, hints } = await execute({
				parameters: { queryId: '#events' },
				onError,
			});
			expect(success).toEqual([
				{ id: 7, error_column: 'E1', message: 'It broke.' },
				{ error_column: { code: 5 }, message: null, details: 'x' },
				{ id: 8, message: 'No other.' },
			]);
			expect(Object.keys(success[0]!)).toEqual(['id', 'error_column', 'message']);
			expect(failed).toEqual([]);
			expect(hints).toEqual(['The query returned 3 rows.', renamed('error', 'error_column')]);
		},
	);

	it('takes the place of no other column', async () => {
		save('#taken', [{ error: 1 }, { error_column: 2 }, { error_column_2: 3, error: 4 }]);
		const { success, hints } = await execute({ parameters: { queryId: '#taken' } });
		expect(success).toEqual([
			{ error_column_3: 1 },
			{ error_column: 2 },
			{ error_column_2: 3, error_column_3: 4 },
		]);
		expect(hints[1]).toBe(renamed('error', 'error_column_3'));
	});

	it.each([{ message: 'Lost.' }, 'Lost.', null])(
		'keeps its row whole where its name begins with a dollar sign (%j)',
		async (value) => {
			save('#dollars', [{ $error: value, $json: {}, other: 1 }]);
			const { success, hints } = await execute({ parameters: { queryId: '#dollars' } });
			expect(success).toEqual([{ $error_column: value, $json: {}, other: 1 }]);
			expect(hints[1]).toBe(renamed('$error', '$error_column'));
		},
	);

	it.each(['x', 0, '', null])('runs no query twice with Retry On Fail (%j)', async (error) => {
		save('#first', [{ error }, { id: 2 }]);
		const { success, requests, execution } = await execute({
			parameters: { queryId: '#first' },
			node: { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 },
		});
		expect(requests).toHaveLength(1);
		expect(execution.status).toBe('success');
		expect(success).toEqual([{ error_column: error }, { id: 2 }]);
	});

	it('leaves rows alone whose columns have longer names', async () => {
		const rows = [{ 'execution.error': 1, Error: 2, errors: 3, message: 'x', apiError: 4 }];
		save('#longer', rows);
		const { success, hints } = await execute({ parameters: { queryId: '#longer' } });
		expect(success).toEqual(rows);
		expect(hints).toHaveLength(1);
	});
});

describe('counts', () => {
	it('are in the singular and in the plural as they are', async () => {
		const [device] = bench.devices(1);
		const { hints } = await execute({
			items: [device!, { name: 'NOBODY' }],
			parameters: { queryId: LOOK_UP_QUERY, ...BY_NAME },
		});
		expect(hints).toEqual(['1 row for 2 input items. Each item gets all rows of its query.']);

		const play = { kind: 'status', status: 404 } as const;
		bench.tenant.faults.add({ route: 'nqlExecute', times: Infinity, play });
		const withFailures = async (items: object[], onError: QueryRun['onError']) => {
			const { hints: said, execution } = await execute({
				items,
				parameters: { queryId: LOOK_UP_QUERY, ...BY_NAME },
				onError,
			});
			return execution.error?.message ?? said[0];
		};
		const continues = 'continueRegularOutput';
		const two = bench.devices(2);
		expect(await withFailures([device!], continues)).toMatch(/^1 of 1 query has no answer\. /);
		expect(await withFailures(two, continues)).toMatch(/^2 of 2 queries have no answer\. /);
		expect(await withFailures(two, 'stopWorkflow')).toMatch(/ 2 of 2 queries have no answer\.$/);
	});
});

describe('a query without an answer', () => {
	async function second(onError: QueryRun['onError']) {
		const body = { message: 'It broke.', code: 7 };
		bench.tenant.faults.add({
			route: 'nqlExecute',
			from: 2,
			play: { kind: 'status', status: 500, body },
		});
		return await execute({
			items: bench.devices(3),
			parameters: { queryId: LOOK_UP_QUERY, ...BY_NAME },
			options: { maxRetries: 0, concurrency: 1 },
			onError,
		});
	}

	it('ends the run in one complete error (Stop Workflow)', async () => {
		const { execution, requests } = await second('stopWorkflow');
		expect(requests).toHaveLength(2);
		expect(execution.error).toMatchObject({
			name: 'NodeApiError',
			message:
				"Nexthink couldn't run the query (500 INTERNAL_ERROR, code 7). 2 of 3 queries have no answer.",
		});
		expect(execution.error!.description).toContain('Nexthink said: "It broke."');
		expect(execution.error!.description).toContain(`Request ID: ${requests[1]!.requestId}.`);
		expect(execution.error!.context?.data).toMatchObject({ code: 'INTERNAL_ERROR', apiCode: 7 });
	});

	it('is an item of its own on the one output (Continue)', async () => {
		const { success, hints } = await second('continueRegularOutput');
		expect(success).toHaveLength(3);
		expect(success[1]).toEqual({
			apiError: expect.objectContaining({ code: 'INTERNAL_ERROR', apiCode: 7 }) as object,
		});
		expect(hints.at(-1)).toBe(
			"1 of 3 queries has no answer. Nexthink couldn't run the query (500 INTERNAL_ERROR, code 7).",
		);
	});

	it('goes to the error output with its input (Continue, using error output)', async () => {
		const { success, failed } = await second('continueErrorOutput');
		expect(success).toHaveLength(2);
		expect(failed).toEqual([
			{
				...bench.devices(1, 1)[0],
				error: expect.objectContaining({ code: 'INTERNAL_ERROR', httpStatus: 500 }) as object,
				message: expect.stringContaining("Nexthink couldn't run the query") as string,
			},
		]);
	});
});

describe('nothing is asked, in any On Error mode, with', () => {
	it.each<{
		name: string;
		items?: object[];
		parameters?: INodeParameters;
		options?: INodeParameters;
		message: string;
	}>([
		{
			name: 'a Query ID that is none',
			parameters: { queryId: 'devices | list device.uid' },
			message: 'Query ID must be the ID of a saved query: # and then lower-case letters',
		},
		{
			name: 'a Query ID that differs by item',
			items: [{ query: '#one' }, { query: '#two' }],
			parameters: { queryId: '={{ $json.query }}' },
			message:
				'Query ID must be the same for all items, but its expression returns the text "#one" for item 0',
		},
		{
			name: 'Concurrency of 0',
			options: { concurrency: 0 },
			message: 'Concurrency must be a whole number from 1 to 10',
		},
		{
			name: 'a parameter with its $',
			parameters: withParameters({ name: '$name', value: 'x' }),
			message: 'without its $',
		},
		{
			name: 'a parameter given twice',
			parameters: withParameters({ name: 'a', value: 'x' }, { name: 'a', value: 'y' }),
			message: 'The query parameter a is given twice',
		},
		{
			name: 'a parameter that is no text',
			parameters: withParameters({ name: 'a', value: '={{ $json.none }}' }),
			message: 'The query parameter a has no value that can be sent as text',
		},
		{
			name: 'an expression that cannot be read',
			parameters: withParameters({ name: 'a', value: "={{ $('No Such Node').first().json.x }}" }),
			message: "The query parameter a can't be read: ",
		},
		{
			name: 'an option that cannot be read',
			options: { timeout: "={{ $('No Such Node').first().json.x }}" },
			message: "Timeout (Seconds) can't be read: Referenced node doesn't exist",
		},
	])('$name', async ({ message, ...run }) => {
		for (const onError of ON_ERROR_MODES) {
			const { execution, failed, success } = await execute({ ...run, onError });
			expect(bench.tenant.requests).toEqual([]);
			if (onError === 'stopWorkflow') expect(execution.error?.message).toContain(message);
			if (onError === 'continueErrorOutput') expect(failed[0]!.message).toContain(message);
			if (onError === 'continueRegularOutput') {
				expect(success[0]).toMatchObject({ apiError: { code: 'INVALID_PARAMETER' } });
			}
		}
	});
});

describe('as a tool of an AI Agent', () => {
	const tool = (parameters: INodeParameters, node: Partial<INode> = {}): INode => ({
		...queryNode({ parameters }),
		parameters,
		name: 'Tool',
		...node,
		type: 'n8n-nodes-nexthink.nexthinkTool',
	});

	async function call(node: INode, toolArguments: Record<string, unknown> = {}) {
		const { response, execution } = await bench.engine.runAsTool({
			node,
			arguments: toolArguments as never,
			agentItem: { chatInput: 'Which PC?', name: bench.devices(1, 50)[0]!.name },
			credentials: [bench.credential()],
		});
		return { execution, said: JSON.parse(response) as Array<Record<string, unknown>> };
	}

	const LOOK_UP = { resource: 'device', operation: 'lookUp', queryId: LOOK_UP_QUERY };
	const FROM_MODEL = { lookupValues: '={{ $fromAI("names", "List of device names", "json") }}' };

	it('Look Up takes the names from the model, and none from the chat', async () => {
		const [{ uid, name } = { uid: '', name: '' }] = bench.devices(1);
		const { said } = await call(tool({ ...LOOK_UP, ...FROM_MODEL }), { names: [name, 'PC-*'] });
		expect(said).toMatchObject([
			{ summary: '1 of 2 devices found, 1 refused.', counts: { found: 1, refused: 1 } },
			{ lookup: name, match: 'FOUND', uid },
			{ lookup: 'PC-*', match: 'REFUSED' },
		]);
		expect(bench.tenant.requests.filter(({ route }) => route === 'nqlExecute')).toHaveLength(1);
	});

	it.each([{}, 'PC-1 and PC-2', 7])('Look Up refuses %j in place of a list', async (names) => {
		const { said } = await call(tool({ ...LOOK_UP, ...FROM_MODEL }), { names });
		expect(said[1]).toMatchObject({ match: 'REFUSED', lookup: null });
		expect(bench.tenant.requests).toEqual([]);
	});

	it.each([
		['queryId', 'Query ID'],
		['parameterName', 'Parameter Name'],
		['matchColumn', 'Match Column'],
		['uidColumn', 'UID Column'],
		['nameColumn', 'Name Column'],
	])('Look Up leaves %s to nobody but its author', async (name, label) => {
		const node = tool({ ...LOOK_UP, ...FROM_MODEL, [name]: '={{ $fromAI("x", "", "string") }}' });
		const { said } = await call(node, { names: ['PC-1'], x: '#any_query' });
		expect(JSON.stringify(said)).toContain(
			`the node needs a fixed value in ${label}: the model can set Names only`,
		);
		expect(bench.tenant.requests).toEqual([]);
	});

	it('Look Up has no field to check a name of the model against', async () => {
		const options = { checks: { check: [{ column: 'device.name', field: 'name' }] } };
		const { said } = await call(tool({ ...LOOK_UP, ...FROM_MODEL, options }), { names: ['PC-1'] });
		expect(JSON.stringify(said)).toContain(
			'As a tool of an AI Agent the node gets names alone, without a field to check',
		);
		expect(bench.tenant.requests).toEqual([]);
	});

	it.each<[field: string, values: INodeParameters]>([
		['Column', { column: '={{ $fromAI("c") }}', minDays: 30 }],
		['Minimum Days Ago', { column: 'device.last_seen', minDays: '={{ $fromai("d") }}' }],
	])('Look Up leaves %s of Last Seen to nobody but its author', async (field, values) => {
		const node = tool({ ...LOOK_UP, ...FROM_MODEL, options: { lastSeen: { values } } });
		const { said } = await call(node, { names: ['PC-1'], c: 'device.uid', d: 0 });
		expect(JSON.stringify(said)).toContain(
			`the node needs a fixed value in Last Seen > ${field}: the model can set Names only`,
		);
		expect(bench.tenant.requests).toEqual([]);
	});

	it('Look Up keeps the days that its author asks for', async () => {
		const [{ name } = { name: '' }] = bench.devices(1);
		const { knownDevices } = bench.tenant;
		knownDevices[0] = { ...knownDevices[0]!, lastSeen: Date.now() };
		const options = { lastSeen: { values: { column: 'device.last_seen', minDays: 30 } } };
		const { said } = await call(tool({ ...LOOK_UP, ...FROM_MODEL, options }), { names: [name] });
		expect(said[1]).toMatchObject({ lookup: name, match: 'RECENTLY_SEEN', uid: null, name: null });
		expect(JSON.stringify(said)).not.toContain(knownDevices[0].uid);
	});

	it('Look Up gives the model no UID of a device that is not found with certainty', async () => {
		const { knownDevices, queries } = bench.tenant;
		const [device] = knownDevices;
		const reImaged = knownDevices[99]!;
		queries.push({
			id: '#sloppy',
			parameters: ['device_name'],
			rows: (devices, { device_name: wanted }) => {
				const named = devices.filter(({ name }) => name === wanted);
				return (named.length > 0 ? named : [device!]).map(rowOf);
			},
		});
		const names = [reImaged.name, 'OTHER', 'PAR-*', knownDevices[5]!.name];
		const node = tool({ ...LOOK_UP, ...FROM_MODEL, queryId: '#sloppy' });
		const { said } = await call(node, { names });
		expect(said.slice(1).map(({ match }) => match)).toEqual([
			...['AMBIGUOUS', 'VALUE_MISMATCH', 'REFUSED', 'FOUND'],
		]);
		for (const item of said.slice(1, 4)) {
			expect(item).toMatchObject({ uid: null, name: null });
			expect(JSON.stringify(item)).not.toMatch(/[\da-f]{8}-[\da-f]{4}-/i);
		}
	});

	it.each(['export', '={{ "export" }}', '={{ $fromAI("method", "", "string") }}'])(
		'Look Up makes no export, of which there are few in a day (%s)',
		async (lookupMethod) => {
			const parameters = { ...LOOK_UP, ...FROM_MODEL, lookupMethod, queryId: ALL_DEVICES_QUERY };
			const { said } = await call(tool(parameters), { names: ['PC-1'], method: 'export' });
			expect(JSON.stringify(said)).toMatch(
				lookupMethod === 'export'
					? /Set Lookup Method to Query: as a tool of an AI Agent the node accepts nothing else/
					: /the node needs a fixed value in Lookup Method: the model can set Names only/,
			);
			expect(bench.tenant.requests).toEqual([]);
		},
	);

	it('Execute takes the values of parameters from the model, and gives it the rows', async () => {
		const [{ uid, name } = { uid: '', name: '' }] = bench.devices(1);
		const value = '={{ $fromAI("wanted", "Name of a device", "string") }}';
		const parameters = withParameters({ name: 'device_name', value });
		const node = tool({ ...EXECUTE, queryId: LOOK_UP_QUERY, ...parameters });
		const { said } = await call(node, { wanted: name });
		expect(said).toMatchObject([{ 'device.uid': uid }]);
		expect((await call(node, { wanted: 'NOBODY' })).said).toEqual([{ rows: 0 }]);
	});

	it('Execute leaves the query to nobody but its author', async () => {
		const node = tool({ ...EXECUTE, queryId: '={{ $fromAI("query", "", "string") }}' });
		const { said } = await call(node, { query: ALL_DEVICES_QUERY });
		expect(JSON.stringify(said)).toContain(
			'the node needs a fixed value in Query ID: the model can set Query Parameters > Value only',
		);
		expect(bench.tenant.requests).toEqual([]);
	});

	it('Export is none', async () => {
		const node = tool({ resource: 'nqlQuery', operation: 'export', queryId: ALL_DEVICES_QUERY });
		const { said } = await call(node);
		expect(JSON.stringify(said)).toContain("Export can't be a tool of an AI Agent");
		expect(bench.tenant.requests).toEqual([]);
	});

	it('nothing is asked with the error output, whose answer no model would read', async () => {
		const node = tool({ ...LOOK_UP, ...FROM_MODEL }, { onError: 'continueErrorOutput' });
		await bench.engine.runAsTool({
			node,
			arguments: { names: ['PC-1'] },
			credentials: [bench.credential()],
		});
		expect(bench.tenant.requests).toEqual([]);
	});
});
