import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { LOOK_UP_QUERY } from '../simulator/saved-queries.mts';
import { ON_ERROR_MODES, useTestBench, type OnError } from './delete-workflow.mts';
import { queryNode, runQuery } from './query-workflow.mts';

const bench = useTestBench();

const LOOK_UP = { resource: 'device', operation: 'lookUp', queryId: LOOK_UP_QUERY };

async function lookUp(options: INodeParameters, onError: OnError = 'stopWorkflow') {
	return await runQuery(bench, {
		items: bench.devices(3).map((device) => ({ ...device, serial: '', rows: [] })),
		parameters: LOOK_UP,
		options,
		onError,
	});
}

const NOT_SET = '={{ $vars.not_set }}';
const SERIAL = 'device.hardware.machine_serial_number';

const UNMADE_CHECKS: Array<[what: string, options: INodeParameters, message: string]> = [
	[
		'both parts of which come from a variable that is not set',
		{ checks: { check: [{ column: NOT_SET, field: NOT_SET }] } },
		'Checks > Column must be the name of a column, such as device.name, but its expression returns nothing',
	],
	[
		'whose column comes from a variable that is not set',
		{ checks: { check: [{ column: NOT_SET, field: 'serial' }] } },
		'Checks > Column must be',
	],
	[
		'whose field comes from a variable that is not set',
		{ checks: { check: [{ column: SERIAL, field: NOT_SET }] } },
		'Checks > Field must be the name of an input field, but its expression returns nothing',
	],
	[
		'the second of which has no field',
		{
			checks: {
				check: [
					{ column: 'device.name', field: 'name' },
					{ column: SERIAL, field: '' },
				],
			},
		},
		'Checks > Field must be',
	],
	['without a row', { checks: {} }, 'Checks was added to the options but is empty'],
	['that is an expression', { checks: '={{ $json.rows }}' }, 'Checks was added'],
	['whose rows are an expression', { checks: { check: '={{ $json.rows }}' } }, 'Checks > Column'],
	[
		'of the last time seen, whose parts come from a variable that is not set',
		{ lastSeen: { values: { column: NOT_SET, minDays: NOT_SET } } },
		'Last Seen > Column must be',
	],
	[
		'of the last time seen, whose days come from a variable that is not set',
		{ lastSeen: { values: { column: 'device.last_seen', minDays: NOT_SET } } },
		'Last Seen > Minimum Days Ago must be a whole number from 0 to 100,000, but its expression returns nothing',
	],
	['of the last time seen, without a row', { lastSeen: {} }, 'Last Seen was added'],
	[
		'of the last time seen, that is an expression',
		{ lastSeen: '={{ [] }}' },
		'Last Seen was added',
	],
];

describe('a check', () => {
	describe.each(UNMADE_CHECKS)('%s', (_, options, message) => {
		it.each(ON_ERROR_MODES)('refuses the run, and nothing is asked (%s)', async (onError) => {
			const { execution, success, failed, requests } = await lookUp(options, onError);

			expect(requests).toEqual([]);
			expect(bench.tenant.requests).toEqual([]);
			if (onError === 'stopWorkflow') {
				expect(execution.error?.message).toContain(message);
				return;
			}
			expect(execution.nodeError('Nexthink')).toBeUndefined();
			const said = onError === 'continueErrorOutput' ? failed : success;
			expect(said).toHaveLength(3);
			for (const item of said) {
				const text = (item.apiError as IDataObject | undefined)?.message ?? item.message;
				expect(text).toContain(message);
			}
		});
	});
});

describe('Options as one expression', () => {
	it('never reach the node: n8n hands on none of them', async () => {
		const { success } = await runQuery(bench, {
			items: bench.devices(1),
			parameters: { ...LOOK_UP, options: '={{ ({ checks: {} }) }}' },
			node: {
				parameters: { ...LOOK_UP, options: '={{ ({ checks: {} }) }}' },
			},
		});
		expect(success).toMatchObject([{ match: 'FOUND' }]);
	});
});

describe('as a tool of an AI Agent', () => {
	async function run(parameters: INodeParameters, given: IDataObject) {
		const node: INode = {
			...queryNode({ parameters }),
			name: 'Tool',
			type: 'n8n-nodes-nexthink.nexthinkTool',
			parameters,
		};
		const credentials = [bench.credential()];
		return await bench.engine.runAsTool({ node, arguments: given, credentials });
	}

	async function call(parameters: INodeParameters, given: IDataObject): Promise<string> {
		return (await run(parameters, given)).response;
	}

	it('is not told of an export, which a tool cannot make, however many names it looks up', async () => {
		const names = Array.from({ length: 501 }, (_, number) => `PC-${number}`);
		const { execution } = await run(
			{
				...LOOK_UP,
				lookupValues: '={{ $fromAI("names", "", "json") }}',
				options: { concurrency: 10 },
			},
			{ names },
		);
		expect(bench.tenant.requests.filter(({ route }) => route === 'nqlExecute')).toHaveLength(501);
		expect(execution.hints('Tool')).toHaveLength(1);
		expect(JSON.stringify(execution.hints('Tool'))).not.toContain('Export');
	});

	it('Dry Run is not left to the model, however it is spelled', async () => {
		for (const spelling of ['$fromAI', '$fromAi', '$fromai']) {
			const response = await call(
				{
					resource: 'device',
					operation: 'delete',
					deviceSource: 'jsonList',
					devicesJson: '={{ $fromAI("devices", "", "json") }}',
					dryRun: `={{ ${spelling}('dry_run', '', 'boolean') }}`,
				},
				{ devices: bench.devices(1), dry_run: false },
			);
			expect(response).toContain('needs a fixed value in Dry Run');
		}
		expect(bench.tenant.requests).toEqual([]);
	});

	it.each(['queryId', 'uidColumn', 'nameColumn', 'parameterName'])(
		'%s of a lookup is not left to the model, however it is spelled or taken from its arguments',
		async (name) => {
			for (const value of [
				"={{ $fromai('given') }}",
				"={{ $fromAi('given') }}",
				"={{ 'device.' + $fromai('given') }}",
				'={{ $json.given }}',
				'={{ $input.first().json.given }}',
				'={{$input.all()[0].json.given}}',
			]) {
				const response = await call(
					{ ...LOOK_UP, lookupValues: '={{ $fromAI("names", "", "json") }}', [name]: value },
					{ names: [bench.devices(1)[0]!.name], given: 'device.collector.uid' },
				);
				expect(response).toContain('the model can set Names only');
				expect(response).not.toContain('FOUND"');
			}
			expect(bench.tenant.requests).toEqual([]);
		},
	);
});
