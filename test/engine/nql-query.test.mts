import type { INode, INodeParameters } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { ALL_DEVICES_QUERY, LOOK_UP_QUERY } from '../simulator/saved-queries.mts';
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
		expect(hints).toEqual(['The query yielded 2 rows.']);
		expect(JSON.parse(requests[0]!.body)).toEqual({ queryId: '#typed', parameters: {} });
		expect(requests[0]!.headers['x-utc-times']).toBe('true');
	});

	it('asks for each input item with its own parameters, and links the rows to it', async () => {
		const [first, second] = bench.devices(2);
		const { success, execution, hints, requests } = await execute({
			items: [{ name: first!.name }, { name: 'NOBODY' }, { name: second!.name }],
			parameters: { queryId: LOOK_UP_QUERY, ...BY_NAME },
		});
		expect(hints).toEqual(['2 rows for 3 input items, of which each gets all rows of its query.']);
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
		expect(hints[1]).toContain('The result may be cut: Nexthink gives 1,000 rows at most');
	});

	it('hints at rows that cannot be read, and at rows that are counted and not there', async () => {
		const body = { rows: 3, data: [{ a: 1 }, 'x'] };
		bench.tenant.faults.add({ route: 'nqlExecute', play: { kind: 'status', status: 200, body } });
		const { success, hints } = await execute();
		expect(success).toEqual([{ a: 1 }]);
		expect(hints[0]).toBe('The query yielded 1 row.');
		expect(hints[1]).toContain('The result may be cut');
		expect(hints[2]).toBe('Rows that cannot be read, left out here: 1.');
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
				'Nexthink could not run the query (500 INTERNAL_ERROR, code 7). 2 of 3 queries have no answer.',
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
			'1 of 3 queries have no answer. Nexthink could not run the query (500 INTERNAL_ERROR, code 7).',
		);
	});

	it('goes to the error output with its input (Continue, using error output)', async () => {
		const { success, failed } = await second('continueErrorOutput');
		expect(success).toHaveLength(2);
		expect(failed).toEqual([
			{
				...bench.devices(1, 1)[0],
				error: expect.objectContaining({ code: 'INTERNAL_ERROR', httpStatus: 500 }) as object,
				message: expect.stringContaining('Nexthink could not run the query') as string,
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
			message: 'Query ID must be that of a saved query',
		},
		{
			name: 'a Query ID that differs by item',
			items: [{ query: '#one' }, { query: '#two' }],
			parameters: { queryId: '={{ $json.query }}' },
			message: 'Query ID: the value comes out differently for some items',
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
			message: 'The parameters of the query cannot be read: ',
		},
		{
			name: 'an option that cannot be read',
			options: { timeout: "={{ $('No Such Node').first().json.x }}" },
			message: 'A setting of the node or its credential cannot be read: ',
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

	it.each(['queryId', 'parameterName', 'uidColumn', 'nameColumn'])(
		'Look Up leaves %s to nobody but its author',
		async (name) => {
			const node = tool({ ...LOOK_UP, ...FROM_MODEL, [name]: '={{ $fromAI("x", "", "string") }}' });
			const { said } = await call(node, { names: ['PC-1'], x: '#any_query' });
			expect(JSON.stringify(said)).toContain('may set the names to look up only');
			expect(bench.tenant.requests).toEqual([]);
		},
	);

	it('Look Up has no field to check a name of the model against', async () => {
		const options = { checkColumn: 'device.name', checkField: 'name' };
		const { said } = await call(tool({ ...LOOK_UP, ...FROM_MODEL, options }), { names: ['PC-1'] });
		expect(JSON.stringify(said)).toContain('Remove the options Check Column and Check Field');
		expect(bench.tenant.requests).toEqual([]);
	});

	it('Look Up leaves its checks to nobody but its author', async () => {
		const options = {
			lastSeenColumn: 'device.last_seen',
			minDaysSinceLastSeen: '={{ $fromAI("d") }}',
		};
		const { said } = await call(tool({ ...LOOK_UP, ...FROM_MODEL, options }), { names: ['PC-1'] });
		expect(JSON.stringify(said)).toContain('may set the names to look up only');
		expect(bench.tenant.requests).toEqual([]);
	});

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
		expect(JSON.stringify(said)).toContain('may set the values of Query Parameters only');
		expect(bench.tenant.requests).toEqual([]);
	});

	it('Export is none', async () => {
		const node = tool({ resource: 'nqlQuery', operation: 'export', queryId: ALL_DEVICES_QUERY });
		const { said } = await call(node);
		expect(JSON.stringify(said)).toContain('Export is no tool for an AI Agent');
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
