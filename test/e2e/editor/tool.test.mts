import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Canvas } from './canvas.mts';
import { PATIENCE } from './editor.mts';
import { isDrawn } from './icons.mts';
import { NodeCreator } from './node-creator.mts';
import { NodePanel } from './node-panel.mts';
import { useEditor } from './test-editor.mts';
import { AGENT, agentWorkflow } from './workflows.mts';

const editor = useEditor('tool');

beforeAll(async () => {
	await editor.current.addCredential();
});

describe('as a tool of an AI Agent the node', () => {
	let canvas: Canvas;
	let panel: NodePanel;

	beforeEach(async () => {
		const { page } = editor.current;
		await editor.current.openWorkflow(agentWorkflow());
		canvas = new Canvas(page);
		await canvas.plus(AGENT, 'ai_tool').click();
		const creator = new NodeCreator(page);
		await creator.panel.getByText('Tools', { exact: true }).first().waitFor();
		await creator.search('nexthink');
		await expect.poll(() => creator.names(), PATIENCE).toEqual(['Nexthink Tool']);
		await creator.pick('Nexthink Tool');
		panel = new NodePanel(page);
		await panel.parameter('devicesJson').waitFor();
	});

	it('is listed for the tool input and connected to the agent', async () => {
		await panel.close();
		const tool = canvas.node('Delete devices in Nexthink');
		expect(await tool.getAttribute('data-node-type')).toBe('n8n-nodes-nexthink.nexthinkTool');
		expect(await isDrawn(canvas.icon('Delete devices in Nexthink'))).toBe(true);
	});

	it('takes its devices from a JSON list and from nowhere else', async () => {
		expect(await panel.parameterNames()).toEqual([
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
		const labels = await panel.optionsToAdd();
		expect(labels).toHaveLength(9);
		for (const label of labels) await panel.addOption(label);
		expect(await panel.buttonsForModel().count()).toBe(1);
		await panel.buttonForModel('devicesJson').click();
		await panel.parameters.getByText('Defined automatically by the model').waitFor();
		expect(await panel.buttonsForModel().count()).toBe(0);
	});

	it('tells the author how to leave the list to the model', async () => {
		await panel.parameters.getByText('The button on the right leaves this to the model.').waitFor();
		await editor.current.takePicture('tool', await panel.area([panel.parameters]));
	});
});
