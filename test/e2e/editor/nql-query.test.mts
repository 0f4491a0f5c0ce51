import type { INodeParameters } from 'n8n-workflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { ALL_DEVICES_QUERY, LOOK_UP_QUERY, rowOf } from '../../simulator/saved-queries.mts';
import { Canvas } from './canvas.mts';
import { VIEWPORT, type Credential } from './editor.mts';
import type { NodePanel } from './node-panel.mts';
import { useEditor } from './test-editor.mts';
import { EXECUTE_NODE, EXPORT_NODE } from './workflows.mts';

const editor = useEditor('nql-query');
let credential: Credential;

beforeAll(async () => {
	credential = await editor.current.addCredential();
});

const COLUMNS = [
	'device.uid',
	'device.collector.uid',
	'device.name',
	'device.hardware.machine_serial_number',
	'device.last_seen',
];

/** Of the table, which ends in a narrow column of its own. */
const cells = async (panel: NodePanel): Promise<string[][]> =>
	(await panel.rows()).map((row) => row.slice(0, COLUMNS.length));

describe('NQL Query > Execute', () => {
	async function openExecute(more: INodeParameters): Promise<NodePanel> {
		const parameters = { resource: 'nqlQuery', operation: 'execute', ...more };
		return await editor.current.openNode(EXECUTE_NODE, { items: [{}], credential, parameters });
	}

	it('takes the values of the parameters that the query declares, and shows an item for each row', async () => {
		const [device] = editor.current.tenant.knownDevices;
		const panel = await openExecute({ queryId: LOOK_UP_QUERY });
		await expect.poll(() => panel.parameterNames()).toEqual(['resource', 'operation', 'queryId']);
		await panel.addRow('Add parameter');
		await panel.type('name', 'device_name');
		await panel.type('value', device!.name);
		await panel.execute();
		await expect.poll(() => panel.hints()).toEqual(['The query returned 1 row.']);
		await expect.poll(() => panel.columns()).toEqual(COLUMNS);
		await expect.poll(() => cells(panel)).toEqual([Object.values(rowOf(device!))]);
	});

	it('says where the row limit may have cut the answer', async () => {
		const panel = await openExecute({ queryId: ALL_DEVICES_QUERY });
		await panel.execute();
		await expect
			.poll(() => panel.hints())
			.toEqual([
				'The query returned 1000 rows.',
				'The result might be incomplete: Nexthink returns 1,000 rows at most for one query. Export returns up to 1,000,000.',
			]);
		await expect
			.poll(async () => (await panel.rows())[0] ?? [])
			.toContain(editor.current.tenant.inventory[0]!.uid);
	});

	it('offers four options', async () => {
		const panel = await openExecute({ queryId: LOOK_UP_QUERY });
		expect(await panel.optionsToAdd()).toEqual([
			'Concurrency',
			'Maximum Retries',
			'Maximum Retry Wait (Seconds)',
			'Timeout (Seconds)',
		]);
	});
});

describe('NQL Query > Export', () => {
	const ROWS = 'Rows of the file';

	async function openExport(): Promise<NodePanel> {
		const { tenant } = editor.current;
		tenant.knownDevices.splice(4);
		tenant.settings.exportStates = 1;
		const parameters = {
			resource: 'nqlQuery',
			operation: 'export',
			queryId: ALL_DEVICES_QUERY,
		};
		const next = { name: ROWS, type: 'n8n-nodes-base.extractFromFile' };
		return await editor.current.openNode(EXPORT_NODE, {
			items: [{}],
			credential,
			parameters,
			next,
		});
	}

	it('starts with a query, and offers seven options', async () => {
		const panel = await openExport();
		await expect.poll(() => panel.parameterNames()).toEqual(['resource', 'operation', 'queryId']);
		await panel.parameters.getByText('Query Parameters', { exact: true }).waitFor();
		const labels = await panel.optionsToAdd();
		for (const label of labels) await panel.addOption(label);
		expect(labels).toEqual([
			'Compression',
			'Maximum File Size (MB)',
			'Maximum Retries',
			'Maximum Retry Wait (Seconds)',
			'Maximum Wait (Seconds)',
			'Put Output File in Field',
			'Timeout (Seconds)',
		]);
		const compressions = await panel.choices('compression');
		expect(compressions).toEqual(['GZIP', 'None', 'ZSTD']);
		await expect.poll(() => panel.valueOf('maxExportWait')).toBe('900');
		await expect.poll(() => panel.valueOf('binaryPropertyName')).toBe('data');
	});

	it('shows the file, which can be looked at and downloaded', async () => {
		const { tenant, page } = editor.current;
		const panel = await openExport();
		await panel.execute();
		await expect.poll(() => panel.hints()).toEqual(['1 of 1 export complete.']);
		await panel.showAs('Binary');
		await panel.file().waitFor();
		const shown = await panel.file().innerText();
		expect(shown).toMatch(/^data\s/);
		expect(shown).toMatch(/File Name:\s+all_devices\.csv/);
		expect(shown).toMatch(/Mime Type:\s+text\/csv/);
		await panel.file().getByTestId('ndv-view-binary-data').waitFor();
		await page.setViewportSize({ width: 1180, height: 680 });
		await panel.widenOutput();
		const parts = [panel.parameters, panel.output];
		await editor.current.takePicture('nql-export', await panel.area(parts));
		await page.setViewportSize(VIEWPORT);
		const { name, text } = await panel.downloadFile();
		expect(name).toBe('all_devices.csv');
		const lines = [COLUMNS, ...tenant.knownDevices.map((device) => Object.values(rowOf(device)))];
		expect(text).toBe(lines.map((line) => `${line.join(',')}\n`).join(''));
	});

	it('hands its file to Extract From File, which gives an item for each row and needs no second export', async () => {
		const { tenant, page } = editor.current;
		const panel = await openExport();
		await panel.execute();
		await expect.poll(() => panel.hints()).toEqual(['1 of 1 export complete.']);
		await panel.close();
		const rows = await new Canvas(page).openNode(ROWS);
		await rows.execute();
		await rows.showAs('Table');
		await expect.poll(() => rows.columns()).toEqual(COLUMNS);
		await expect
			.poll(() => cells(rows))
			.toEqual(tenant.knownDevices.map((device) => Object.values(rowOf(device))));
		expect(tenant.requests.filter(({ route }) => route === 'nqlExport')).toHaveLength(1);
	});

	it('explains in one message why Nexthink made no file', async () => {
		const panel = await openExport();
		editor.current.tenant.settings.exportErrorDescription = 'The query ran out of memory.';
		await panel.execute();
		await expect.poll(() => panel.error()).toBe("Nexthink couldn't complete the export.");
		await expect
			.poll(() => panel.errorDescription())
			.toContain('Nexthink said: "The query ran out of memory."');
	});
});
