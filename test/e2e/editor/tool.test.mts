import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Canvas } from './canvas.mts';
import { isDrawn } from './icons.mts';
import { NodeCreator } from './node-creator.mts';
import { NodePanel } from './node-panel.mts';
import { useEditor } from './test-editor.mts';
import { AGENT, agentWorkflow } from './workflows.mts';

const editor = useEditor('tool');

beforeAll(async () => {
	await editor.current.addCredential();
});

let canvas: Canvas;
let panel: NodePanel;

beforeEach(async () => {
	const { page } = editor.current;
	await editor.current.openWorkflow(agentWorkflow());
	canvas = new Canvas(page);
	const creator = await NodeCreator.openAt(page, canvas.plus(AGENT, 'ai_tool'), 'Tools');
	await expect.poll(() => creator.titles()).toEqual(['Tools']);
	await creator.search('nexthink');
	await expect.poll(() => creator.names()).toEqual(['Nexthink Tool']);
	await creator.pick('Nexthink Tool');
	panel = new NodePanel(page);
	await panel.parameter('devicesJson').waitFor();
});

async function addAllOptions(): Promise<string[]> {
	const labels = await panel.optionsToAdd();
	for (const label of labels) await panel.addOption(label);
	return labels;
}

describe('as a tool of an AI Agent, Delete', () => {
	it('is listed for the tool input and connected to the agent', async () => {
		await panel.close();
		const tool = canvas.node('Delete devices in Nexthink');
		expect(await tool.getAttribute('data-node-type')).toBe('n8n-nodes-nexthink.nexthinkTool');
		await expect.poll(() => isDrawn(canvas.icon('Delete devices in Nexthink'))).toBe(true);
	});

	it('takes its devices from a JSON list and from nowhere else', async () => {
		await expect
			.poll(() => panel.parameterNames())
			.toEqual([
				'descriptionType',
				'resource',
				'operation',
				'deviceSource',
				'devicesJson',
				'dryRun',
				'maxDevices',
			]);
		const sources = await panel.choices('deviceSource');
		expect(sources.map((source) => source.split('\n')[0])).toEqual(['JSON List']);
	});

	it('lets the model set the devices and nothing else', async () => {
		expect(await addAllOptions()).toHaveLength(9);
		await expect.poll(() => panel.buttonsForModel().count()).toBe(1);
		await panel.buttonForModel('devicesJson').click();
		await panel.parameters.getByText('Defined automatically by the model').waitFor();
		await expect.poll(() => panel.buttonsForModel().count()).toBe(0);
	});

	it('tells the author how to leave the list to the model', async () => {
		await panel.parameters.getByText('The button on the right leaves this to the model.').waitFor();
		await editor.current.takePicture('tool', await panel.area([panel.parameters]));
	});
});

describe('as a tool of an AI Agent, Look Up', () => {
	beforeEach(async () => {
		await panel.choose('operation', 'Look Up');
		await panel.parameter('lookupValues').waitFor();
	});

	it('takes its names from a list and from no field of the chat', async () => {
		await expect
			.poll(() => panel.parameterNames())
			.toEqual([
				'descriptionType',
				'resource',
				'operation',
				'lookupMethod',
				'queryId',
				'lookupValues',
				'parameterName',
				'matchColumn',
				'uidColumn',
				'nameColumn',
			]);
		await panel.parameters.getByText('The button on the right leaves this to the model.').waitFor();
	});

	it('looks up by query and not by export, of which a day has few', async () => {
		const methods = await panel.choices('lookupMethod');
		expect(methods.map((method) => method.split('\n')[0])).toEqual(['Query']);
	});

	it('lets the model set the names and nothing else', async () => {
		expect(await addAllOptions()).toHaveLength(8);
		await expect.poll(() => panel.buttonsForModel().count()).toBe(1);
		await panel.buttonForModel('lookupValues').click();
		await panel.parameters.getByText('Defined automatically by the model').waitFor();
		await expect.poll(() => panel.buttonsForModel().count()).toBe(0);
	});

	it('says on the canvas what it does', async () => {
		await panel.close();
		await canvas.node('Look up devices in Nexthink').waitFor();
	});
});

describe('as a tool of an AI Agent, NQL Query', () => {
	beforeEach(async () => {
		await panel.choose('resource', 'NQL Query');
		await panel.parameter('queryId').waitFor();
	});

	it('can be executed and not exported, because no model could read the file', async () => {
		const operations = await panel.choices('operation');
		// The last one is n8n's own: it sends people to the HTTP Request node.
		expect(operations.map((operation) => operation.split('\n')[0])).toEqual([
			'Execute',
			'Custom API Call',
		]);
		await panel.close();
		await canvas.node('Execute NQL query in Nexthink').waitFor();
	});

	it('lets the model set the parameters of the query and nothing else', async () => {
		expect(await addAllOptions()).toHaveLength(4);
		await expect.poll(() => panel.buttonsForModel().count()).toBe(0);
		await panel.addRow('Add parameter');
		// Of Value, and of neither Name nor an option.
		await expect.poll(() => panel.buttonsForModel().count()).toBe(1);
		await panel.buttonsForModel().last().click();
		await panel.parameters.getByText('Defined automatically by the model').waitFor();
	});
});
