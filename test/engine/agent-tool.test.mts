import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { deleteNode, type DeleteRun, type StatusItem, useTestBench } from './delete-workflow.mts';
import type { ToolRoute } from './harness/engine.mts';

const bench = useTestBench();

const FROM_MODEL = '={{ $fromAI("devices", "Devices to delete", "json") }}';

function toolNode(parameters: INodeParameters = {}, more: Partial<DeleteRun> = {}): INode {
	const own = {
		deviceSource: 'jsonList',
		devicesJson: FROM_MODEL,
		dryRun: false,
		maxDevices: 1000,
		...parameters,
	};
	return {
		...deleteNode({ ...more, parameters: own }),
		name: 'Tool',
		type: 'n8n-nodes-nexthink.nexthinkTool',
	};
}

/** The agent's own item: a chat about a device that is not to be deleted. */
const agentItem = () => {
	const [bystander] = bench.devices(1, 50);
	return { chatInput: 'Clean up', ...bystander, devices: [bystander], list: [bystander] };
};

interface ToolCall {
	node: INode;
	arguments: IDataObject;
	route?: ToolRoute;
}

/** In: a call as a model makes it. Out: the text that the model reads. */
async function responseTo(call: ToolCall): Promise<string> {
	const { response } = await bench.engine.runAsTool({
		...call,
		agentItem: agentItem(),
		credentials: [bench.credential()],
	});
	return response;
}

async function callTool(call: ToolCall) {
	const [answer, ...devices] = JSON.parse(await responseTo(call)) as [
		{ summary?: string; counts?: Record<string, number>; error?: string },
		...StatusItem[],
	];
	return { answer, devices };
}

const ROUTES = ['engine', 'invoke'] as const;

describe('as a tool of an AI Agent', () => {
	it.each(ROUTES)(
		'the node sends the devices that the model names and no others (%s)',
		async (route) => {
			const devices = bench.devices(3);

			const { answer } = await callTool({ node: toolNode(), arguments: { devices }, route });

			const { requests, ledger } = bench.tenant;
			expect(requests.flatMap((request) => request.devices ?? [])).toEqual(devices);
			expect(ledger.size).toBe(3);
			expect(answer.summary).toBe(
				'3 of 3 devices scheduled. Scheduled means queued, not yet removed.',
			);
		},
	);

	it('the node takes a list as text and in an object', async () => {
		const [one, two] = bench.devices(2);

		await callTool({ node: toolNode(), arguments: { devices: JSON.stringify([one]) } });
		await callTool({ node: toolNode(), arguments: { devices: { devices: [two] } } });

		expect(bench.tenant.ledger.entries.map(({ uid }) => uid)).toEqual([one!.uid, two!.uid]);
	});

	it('the node answers with the sums and the devices that were not scheduled', async () => {
		const [failing, ...others] = bench.devices(200);
		bench.tenant.faults.add({
			route: 'deletions',
			times: Infinity,
			play: { kind: 'failDevices', uids: [failing!.uid] },
		});
		const devices = [...others, failing!, { uid: 'odd', name: 'ODD' }, { uid: '', name: 'BLANK' }];

		const call = { node: toolNode({}, { options: { maxRetries: 0 } }), arguments: { devices } };
		const { answer, devices: listed } = await callTool(call);

		expect(answer).toEqual({
			summary:
				'199 of 202 devices scheduled, 2 invalid, 1 failed. Scheduled means queued, not yet removed.',
			counts: expect.objectContaining({
				entries: 202,
				scheduled: 199,
				invalid: 2,
				failed: 1,
			}) as object,
		});
		expect(listed.map(({ index, status }) => [index, status])).toEqual([
			[199, 'FAILED'],
			[200, 'INVALID'],
			[201, 'INVALID'],
		]);
	});

	it.each(ROUTES)('the node tells the model in one message what stopped it (%s)', async (route) => {
		bench.tenant.settings.featureEnabled = false;

		const response = await responseTo({
			node: toolNode(),
			arguments: { devices: bench.devices(2) },
			route,
		});

		expect(response).toContain("The Data management API isn't enabled for this Nexthink tenant");
		expect(response).toContain('0 of 2 devices scheduled, 2 rejected.');
	});

	it('the node lists refused devices under On Error: Continue', async () => {
		bench.tenant.settings.featureEnabled = false;

		const { answer, devices } = await callTool({
			node: toolNode({}, { onError: 'continueRegularOutput' }),
			arguments: { devices: bench.devices(2) },
		});

		expect(answer.summary).toBe('0 of 2 devices scheduled, 2 rejected.');
		expect(devices).toMatchObject([
			{ status: 'REJECTED', apiError: { code: 'FEATURE_NOT_ENABLED' } },
			{ status: 'REJECTED', apiError: { code: 'FEATURE_NOT_ENABLED' } },
		]);
	});

	it('the node sends nothing with the error output, whose answer no model would read', async () => {
		const { execution } = await bench.engine.runAsTool({
			node: toolNode({}, { onError: 'continueErrorOutput' }),
			arguments: { devices: bench.devices(2) },
			credentials: [bench.credential()],
		});

		expect(bench.tenant.requests).toEqual([]);
		const [hint] = execution.hints('Tool');
		expect(hint?.message).toContain(
			'0 of 2 devices scheduled, 2 not sent. As a tool of an AI Agent',
		);
	});

	it('a dry run by the author stays one, whatever the model says', async () => {
		const { answer } = await callTool({
			node: toolNode({ dryRun: true }),
			arguments: { devices: bench.devices(2), dryRun: false },
		});

		expect(bench.tenant.requests).toEqual([]);
		expect(answer.summary).toBe('Dry run: 2 of 2 devices would be sent. Nothing was sent.');
	});

	it('the guard stays as the author set it, whatever the model says', async () => {
		const { answer } = await callTool({
			node: toolNode({ maxDevices: 2 }),
			arguments: { devices: bench.devices(3), maxDevices: 1000 },
		});

		expect(bench.tenant.requests).toEqual([]);
		expect(answer.error).toContain('The device list has 3 devices and Maximum Devices allows 2');
	});

	it('the node makes dry runs of up to 10 devices in one call unless its author says otherwise', async () => {
		const node = toolNode();
		delete node.parameters.dryRun;
		delete node.parameters.maxDevices;

		const ten = await callTool({ node, arguments: { devices: bench.devices(10) } });
		const eleven = await callTool({ node, arguments: { devices: bench.devices(11) } });

		expect(bench.tenant.requests).toEqual([]);
		expect(ten.answer.summary).toBe('Dry run: 10 of 10 devices would be sent. Nothing was sent.');
		expect(eleven.answer.error).toContain(
			'The device list has 11 devices and Maximum Devices allows 10',
		);
	});

	it('an empty list from the model makes no request', async () => {
		const { answer } = await callTool({ node: toolNode(), arguments: { devices: [] } });

		expect(bench.tenant.requests).toEqual([]);
		expect(answer.counts).toMatchObject({ entries: 0 });
	});

	it.each([
		{ name: 'no list', value: {} },
		{ name: 'a list of names', value: ['LAPTOP-1', 'LAPTOP-2'] },
		{ name: 'a sentence', value: 'all devices in Paris' },
	])('$name from the model is INVALID and makes no request', async ({ value }) => {
		const { answer } = await callTool({ node: toolNode(), arguments: { devices: value } });

		expect(bench.tenant.requests).toEqual([]);
		expect(answer.counts!.invalid).toBe(answer.counts!.entries);
	});

	const AUTHORS_OWN: Array<{ name: string; node: () => INode; message: string }> = [
		{
			name: 'Device Source: Input Fields',
			node: () => toolNode({ deviceSource: 'inputFields' }),
			message: 'Set Device Source to JSON List: as a tool of an AI Agent',
		},
		{
			name: 'Device Source: Expressions',
			node: () => toolNode({ deviceSource: 'expressions' }),
			message: 'Set Device Source to JSON List: as a tool of an AI Agent',
		},
		{
			name: 'Dry Run',
			node: () => toolNode({ dryRun: '={{ $fromAI("dryRun", "", "boolean") }}' }),
			message: 'the model can set Devices only',
		},
		{
			name: 'Dry Run in a larger expression',
			node: () => toolNode({ dryRun: '={{ !!$fromAI("dryRun", "", "boolean") }}' }),
			message: 'the model can set Devices only',
		},
		{
			name: 'Maximum Devices',
			node: () => toolNode({ maxDevices: '={{ $fromAI("maxDevices", "", "number") }}' }),
			message: 'needs a fixed value in Maximum Devices',
		},
		{
			name: 'an option',
			node: () =>
				toolNode({}, { options: { uidValidation: '={{ $fromAI("mode", "", "string") }}' } }),
			message: 'the model can set Devices only',
		},
	];

	it.each(AUTHORS_OWN)(
		'the node refuses $name from the model or the chat',
		async ({ node, message }) => {
			const { answer } = await callTool({
				node: node(),
				arguments: { devices: bench.devices(2), dryRun: false, maxDevices: 9, mode: 'warn' },
			});

			expect(bench.tenant.requests).toEqual([]);
			expect(answer.error).toContain(message);
		},
	);

	it('a Device Source that was never set is the JSON list', async () => {
		const node = toolNode();
		delete node.parameters.deviceSource;

		await callTool({ node, arguments: { devices: bench.devices(2) } });

		expect(bench.tenant.ledger.entries.map(({ uid }) => uid)).toEqual(
			bench.devices(2).map(({ uid }) => uid),
		);
	});
});
