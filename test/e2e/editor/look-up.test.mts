import { beforeAll, describe, expect, it } from 'vitest';
import { ALL_DEVICES_QUERY, LOOK_UP_QUERY } from '../../simulator/saved-queries.mts';
import { Canvas } from './canvas.mts';
import { PATIENCE, VIEWPORT, type Credential } from './editor.mts';
import { NodeCreator } from './node-creator.mts';
import { useEditor } from './test-editor.mts';
import { DELETE_NODE, deletionWorkflow, manualStart } from './workflows.mts';

const editor = useEditor('look-up');
let credential: Credential;

beforeAll(async () => {
	credential = await editor.current.addCredential();
});

async function openNode(
	items: ReadonlyArray<Record<string, unknown>>,
	parameters: Parameters<typeof deletionWorkflow>[0]['parameters'],
) {
	await editor.current.openWorkflow(deletionWorkflow({ items, credential, parameters }));
	return await new Canvas(editor.current.page).openNode(DELETE_NODE);
}

describe('Device > Look Up', () => {
	const parameters = { resource: 'device', operation: 'lookUp', queryId: LOOK_UP_QUERY };

	it('starts with seven parameters and no options', async () => {
		const panel = await openNode([{ name: 'PAR-LT-000001' }], {});
		await panel.choose('operation', 'Look Up');
		await expect
			.poll(() => panel.parameterNames(), PATIENCE)
			.toEqual([
				'resource',
				'operation',
				'queryId',
				'lookupField',
				'parameterName',
				'uidColumn',
				'nameColumn',
			]);
	});

	it('shows what it found, why it did not find others, and no UID of those', async () => {
		const { tenant } = editor.current;
		const [first] = tenant.inventory;
		// Every hundredth computer was set up anew and stands there twice.
		const twice = tenant.inventory[99]!;
		const panel = await openNode(
			[
				{ name: first!.name.toLowerCase(), sys_id: 'a1' },
				{ name: 'NOT-THERE-1', sys_id: 'a2' },
				{ name: twice.name, sys_id: 'a3' },
				{ name: 'PAR-*', sys_id: 'a4' },
			],
			parameters,
		);
		await panel.execute();
		await expect
			.poll(() => panel.hints(), PATIENCE)
			.toEqual(['1 of 4 devices found, 1 not found, 1 ambiguous, 1 refused.']);
		await expect
			.poll(async () => (await panel.columns()).slice(0, 6), PATIENCE)
			.toEqual(['lookup', 'match', 'rows', 'index', 'uid', 'name']);
		await expect.poll(() => panel.rows(), PATIENCE).toHaveLength(4);
		const rows = await panel.rows();
		// n8n writes out what an item does not have.
		expect(rows.map((cells) => [cells[1], cells[4]])).toEqual([
			['FOUND', first!.uid],
			['NOT_FOUND', 'undefined'],
			['AMBIGUOUS', 'undefined'],
			['REFUSED', 'undefined'],
		]);
		await editor.current.page.setViewportSize({ width: 1400, height: 860 });
		await panel.widenOutput();
		await editor.current.takePicture('look-up', await panel.area([panel.parameters, panel.output]));
		await editor.current.page.setViewportSize(VIEWPORT);
		expect(tenant.ledger.size).toBe(0);
	});

	it('is offered as an action, and so are the queries', async () => {
		const { page } = editor.current;
		await editor.current.openWorkflow(manualStart());
		await page.getByTestId('node-creator-plus-button').click();
		const creator = new NodeCreator(page);
		await creator.search('nexthink');
		await expect.poll(() => creator.names(), PATIENCE).toEqual(['Nexthink']);
		await creator.pick('Nexthink');
		for (const action of ['Delete devices', 'Look up devices', 'Execute an NQL query']) {
			await creator.panel.getByText(action, { exact: true }).waitFor();
		}
		await creator.pick('Look up devices');
		await new Canvas(page).node('Look up devices').waitFor();
	});
});

describe('NQL Query > Execute', () => {
	it('shows an item for each row', async () => {
		const panel = await openNode([{}], {
			resource: 'nqlQuery',
			operation: 'execute',
			queryId: ALL_DEVICES_QUERY,
		});
		await panel.execute();
		await expect.poll(() => panel.columns(), PATIENCE).toContain('device.uid');
		const [row] = await panel.rows();
		expect(row).toContain(editor.current.tenant.inventory[0]!.uid);
	});
});
