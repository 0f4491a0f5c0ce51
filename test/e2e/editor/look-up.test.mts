import type { INodeParameters } from 'n8n-workflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { BY_NAME_ALONE } from '../../engine/said-texts.mts';
import { Canvas } from './canvas.mts';
import { VIEWPORT, type Credential } from './editor.mts';
import { NodeCreator } from './node-creator.mts';
import type { NodePanel } from './node-panel.mts';
import { useEditor } from './test-editor.mts';
import { LOOK_UP, LOOK_UP_NODE, manualStart } from './workflows.mts';

const editor = useEditor('look-up');
const FIRST_CHECK = 'options.checks.check[0]';
let credential: Credential;

beforeAll(async () => {
	credential = await editor.current.addCredential();
});

async function openLookUp(
	items: ReadonlyArray<Record<string, unknown>>,
	more: INodeParameters = {},
): Promise<NodePanel> {
	const parameters = { ...LOOK_UP, ...more };
	return await editor.current.openNode(LOOK_UP_NODE, { items, credential, parameters });
}

it('Look Up is offered as an action, and so are the queries', async () => {
	const { page } = editor.current;
	await editor.current.openWorkflow(manualStart());
	const creator = await NodeCreator.open(page);
	await creator.search('nexthink');
	await expect.poll(() => creator.names()).toEqual(['Nexthink']);
	await creator.pick('Nexthink');
	const queries = ['Execute NQL query', 'Export NQL query'];
	for (const action of ['Delete devices', 'Look up devices', ...queries]) {
		await creator.panel.getByText(action, { exact: true }).waitFor();
	}
	await creator.pick('Look up devices');
	await new Canvas(page).node(LOOK_UP_NODE).waitFor();
});

describe('the panel of Look Up', () => {
	it('starts with nine parameters and no options; by export one of them is of no use', async () => {
		const panel = await openLookUp([{ name: 'PAR-LT-000001' }], { operation: 'delete' });
		await panel.choose('operation', 'Look Up');
		const names = [
			'resource',
			'operation',
			'lookupMethod',
			'queryId',
			'lookupField',
			'parameterName',
			'matchColumn',
			'uidColumn',
			'nameColumn',
		];
		await expect.poll(() => panel.parameterNames()).toEqual(names);
		await panel.choose('lookupMethod', 'Export');
		await expect
			.poll(() => panel.parameterNames())
			.toEqual(names.filter((name) => name !== 'parameterName'));
	});

	it('takes the names of fields that are dragged from the input', async () => {
		const { tenant } = editor.current;
		const items = tenant.knownDevices.slice(0, 3).map(({ name, serialNumber }) => ({
			'display name': name,
			asset: { serial: serialNumber },
		}));
		const panel = await openLookUp(items);
		await panel.addOption('Checks');
		await panel.addRow('Add check');
		await panel.type(`${FIRST_CHECK}.column`, 'device.hardware.machine_serial_number');
		await panel.dragField('display name', 'lookupField');
		await panel.dragField('serial', `${FIRST_CHECK}.field`);
		await expect.poll(() => panel.valueOf('lookupField')).toBe('display name');
		await expect.poll(() => panel.valueOf(`${FIRST_CHECK}.field`)).toBe('asset.serial');
		await panel.execute();
		await expect.poll(() => panel.hints()).toEqual(['3 of 3 devices found.']);
	});

	it('offers eight options, each with the value that holds without it', async () => {
		const panel = await openLookUp([{ name: 'PAR-LT-000001' }]);
		const labels = await panel.optionsToAdd();
		for (const label of labels) {
			await panel.addOption(label);
			// n8n drops a list without rows as soon as another option is added.
			if (label === 'Checks') await panel.addRow('Add check');
			if (label === 'Last Seen') await panel.addRow('Add condition');
		}
		expect(labels).toEqual([
			'Checks',
			'Concurrency',
			'Host Name Only',
			'Include Input Fields',
			'Last Seen',
			'Maximum Retries',
			'Maximum Retry Wait (Seconds)',
			'Timeout (Seconds)',
		]);
		const values: Record<string, string> = {};
		for (const name of [
			`${FIRST_CHECK}.column`,
			`${FIRST_CHECK}.field`,
			'concurrency',
			'options.lastSeen.values.column',
			'minDays',
			'maxRetries',
			'maxRetryWait',
			'timeout',
		]) {
			values[name] = await panel.valueOf(name);
		}
		expect(values).toEqual({
			[`${FIRST_CHECK}.column`]: '',
			[`${FIRST_CHECK}.field`]: '',
			concurrency: '4',
			'options.lastSeen.values.column': 'device.last_seen',
			minDays: '30',
			maxRetries: '3',
			maxRetryWait: '300',
			timeout: '60',
		});
		expect(await panel.isOn('hostNameOnly')).toBe(false);
	});

	it('offers by export how long to wait for it, instead of the requests in parallel', async () => {
		const panel = await openLookUp([{ name: 'PAR-LT-000001' }], { lookupMethod: 'export' });
		const labels = await panel.optionsToAdd();
		await panel.addOption('Maximum Wait (Seconds)');
		expect(await panel.valueOf('maxExportWait')).toBe('900');
		expect(labels).not.toContain('Concurrency');
		expect(labels).toHaveLength(8);
	});

	it('shows what it found, why it did not find others, and no UID of those', async () => {
		const { tenant } = editor.current;
		const [first] = tenant.inventory;
		// Every hundredth computer was set up anew and stands there twice.
		const twice = tenant.inventory[99]!;
		const panel = await openLookUp([
			{ name: first!.name.toLowerCase(), sys_id: 'a1' },
			{ name: 'NOT-THERE-1', sys_id: 'a2' },
			{ name: twice.name, sys_id: 'a3' },
			{ name: 'PAR-*', sys_id: 'a4' },
		]);
		await panel.execute();
		await expect
			.poll(() => panel.hints())
			.toEqual(['1 of 4 devices found, 1 not found, 1 ambiguous, 1 refused.', BY_NAME_ALONE]);
		await expect
			.poll(async () => (await panel.columns()).slice(0, 6))
			.toEqual(['lookup', 'match', 'reason', 'uid', 'name', 'rows']);
		await expect
			.poll(async () => (await panel.rows()).map((cells) => [cells[1], cells[3]]))
			.toEqual([
				['FOUND', first!.uid],
				['NOT_FOUND', 'null'],
				['AMBIGUOUS', 'null'],
				['REFUSED', 'null'],
			]);
		await editor.current.page.setViewportSize({ width: 2100, height: 860 });
		await panel.widenOutput();
		await editor.current.takePictures('look-up', await panel.tableArea({ lastColumn: 'index' }));
		await editor.current.page.setViewportSize(VIEWPORT);
		expect(tenant.ledger.size).toBe(0);
	});
});
