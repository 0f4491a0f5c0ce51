import { beforeAll, describe, expect, it } from 'vitest';
import { Canvas } from './canvas.mts';
import { CredentialDialog } from './credential-dialog.mts';
import { VIEWPORT, type Credential } from './editor.mts';
import { isDrawn } from './icons.mts';
import { NodeCreator } from './node-creator.mts';
import { useEditor } from './test-editor.mts';
import { DELETE_NODE, deletionWorkflow, manualStart } from './workflows.mts';

/** Of the region `eu`: for the access token, and for the API. */
const HOSTS_OF_ACME = ['acme-login.eu.nexthink.cloud', 'acme.api.eu.nexthink.cloud'];

const editor = useEditor('first-workflow', { hostsOfTenant: HOSTS_OF_ACME });

/** High enough for the whole dialog of a credential. */
const HIGH = { width: 1280, height: 1300 };

/** Wide enough for the columns of a table, which share what there is. */
const WIDE = { width: 2080, height: 860 };

describe('the list of nodes', () => {
	it.each(['nexthink', 'delete device', 'decommission'])('has Nexthink for "%s"', async (words) => {
		const { page } = editor.current;
		await editor.current.openWorkflow(manualStart());
		const creator = await NodeCreator.open(page);
		await creator.search(words);
		await expect.poll(() => creator.names()).toEqual(['Nexthink']);
		await expect.poll(() => isDrawn(creator.panel.locator('img').first())).toBe(true);
	});

	it('offers "Delete devices" as an action', async () => {
		const { page } = editor.current;
		await editor.current.openWorkflow(manualStart());
		const creator = await NodeCreator.open(page);
		await creator.search('nexthink');
		await expect.poll(() => creator.names()).toEqual(['Nexthink']);
		await creator.pick('Nexthink');
		await creator.pick('Delete devices');
		const canvas = new Canvas(page);
		await canvas.node('Delete devices').waitFor();
		await page.getByTestId('ndv').waitFor();
	});
});

describe('the dialog of the credential', () => {
	async function openDialog(): Promise<CredentialDialog> {
		await editor.current.openWorkflow(deletionWorkflow({ items: [{ uid: 'u', name: 'n' }] }));
		await new Canvas(editor.current.page).openNode(DELETE_NODE);
		return await CredentialDialog.openFromNode(editor.current.page);
	}

	it('asks for a region and an instance, and for two addresses where the region is Custom', async () => {
		const dialog = await openDialog();
		await expect
			.poll(() => dialog.fieldNames())
			.toEqual([
				'clientId',
				'clientSecret',
				'allowedHttpRequestDomains',
				'allowedDomains',
				'region',
				'instance',
			]);
		for (const part of ['first', 'second']) {
			await dialog.whole.getByText(`The ${part} part of your Nexthink address`).waitFor();
		}
		expect(await dialog.regions()).toEqual([
			'Asia-Pacific (pac)',
			'Custom',
			'European Union (eu)',
			'Middle East, Turkey and Africa (meta)',
			'United States (us)',
		]);
		await dialog.chooseRegion('Custom');
		await dialog.field('apiBaseUrl').waitFor();
		await expect
			.poll(async () => (await dialog.fieldNames()).slice(4))
			.toEqual(['region', 'apiBaseUrl', 'tokenUrl']);
	});

	it('is tested on saving, at the addresses that follow from region and instance: a wrong secret is told, and the right one is accepted', async () => {
		const { tenant, page } = editor.current;
		const { clientId, clientSecret } = tenant;
		await page.setViewportSize(HIGH);
		const dialog = await openDialog();
		await dialog.fill({ clientId, clientSecret: 'not-the-secret', instance: 'acme' });
		await dialog.save();
		await dialog.whole.getByText('Couldn’t connect with these settings').waitFor();
		await dialog.whole.getByText('More details').click();
		await dialog.whole.getByText('Client authentication failed').waitFor();
		expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
		await editor.current.takePictures(
			'credential-refused',
			await dialog.areaDownTo(dialog.field('clientSecret')),
		);

		await dialog.fill({ clientSecret });
		await dialog.save();
		await dialog.whole.waitFor({ state: 'hidden' });
		const asked = tenant.requests.filter(({ route }) => route === 'deletions');
		expect(asked.map(({ devices, status }) => ({ devices, status }))).toEqual([
			{ devices: [], status: 400 },
		]);
		const hosts = tenant.requests.map(({ headers }) => headers.host);
		expect([...new Set(hosts)]).toEqual(HOSTS_OF_ACME);
		expect(tenant.ledger.size).toBe(0);
		await dialog.openAgain();
		await dialog.whole.getByText('Connection tested successfully').waitFor();
		const secret = dialog.field('clientSecret').locator('input');
		expect(await secret.getAttribute('type')).toBe('password');
		expect(await secret.inputValue()).not.toContain(clientSecret);
		await editor.current.takePictures(
			'credential-tested',
			await dialog.areaDownTo(dialog.whole.getByText('The first part of your Nexthink address')),
		);
		await page.setViewportSize(VIEWPORT);
	});
});

describe('the panel of the node', () => {
	let credential: Credential;
	const columns = ['uid', 'name', 'status', 'reason', 'scheduled', 'index'];

	beforeAll(async () => {
		credential = await editor.current.addCredential();
	});

	function exported(size: number): Array<Record<string, unknown>> {
		return editor.current.tenant.inventory.slice(0, size).map(({ uid, name }, position) => ({
			'device.uid': uid,
			'device.name': name,
			'device.last_seen': `2024-${String((position % 12) + 1).padStart(2, '0')}-01`,
			asset: { 'inventory uid': uid, tag: `A-${1000 + position}` },
		}));
	}

	it('starts with seven parameters and no options', async () => {
		await editor.current.openWorkflow(deletionWorkflow({ items: exported(2), credential }));
		const panel = await new Canvas(editor.current.page).openNode(DELETE_NODE);
		await expect
			.poll(() => panel.parameterNames())
			.toEqual([
				'resource',
				'operation',
				'deviceSource',
				'uidField',
				'nameField',
				'dryRun',
				'maxDevices',
			]);
		const sources = await panel.choices('deviceSource');
		expect(sources.map((source) => source.split('\n')[0])).toEqual([
			'Expressions',
			'Input Fields',
			'JSON List',
		]);
	});

	it('takes the names of fields that are dragged from the input', async () => {
		await editor.current.openWorkflow(deletionWorkflow({ items: exported(6), credential }));
		const panel = await new Canvas(editor.current.page).openNode(DELETE_NODE);
		await panel.dragField('device.uid', 'uidField');
		await panel.dragField('device.name', 'nameField');
		await expect.poll(() => panel.valueOf('uidField')).toBe('device.uid');
		await expect.poll(() => panel.valueOf('nameField')).toBe('device.name');
		await panel.execute();
		await expect
			.poll(() => panel.hints())
			.toEqual(['6 of 6 devices scheduled. Scheduled means queued, not yet removed.']);
		expect(editor.current.tenant.ledger.size).toBe(6);
	});

	it('takes a path that is typed', async () => {
		await editor.current.openWorkflow(deletionWorkflow({ items: exported(3), credential }));
		const panel = await new Canvas(editor.current.page).openNode(DELETE_NODE);
		await panel.type('uidField', "asset['inventory uid']");
		await panel.type('nameField', 'device.name');
		await panel.execute();
		await expect.poll(() => panel.rows()).toHaveLength(3);
		expect(editor.current.tenant.ledger.size).toBe(3);
	});

	it('shows an item for each device, the sums as a hint, and a table', async () => {
		const { tenant } = editor.current;
		const items = [...exported(4), { 'device.uid': 'L-0815', 'device.name': 'LAU-LT-000815' }];
		const [first, second] = tenant.inventory;
		tenant.faults.add({
			route: 'deletions',
			times: Infinity,
			play: { kind: 'failDevices', uids: [second!.uid] },
		});
		await editor.current.openWorkflow(
			deletionWorkflow({
				items,
				credential,
				parameters: {
					uidField: 'device.uid',
					nameField: 'device.name',
					options: { maxRetries: 0, uidValidation: 'permissive' },
				},
			}),
		);
		const panel = await new Canvas(editor.current.page).openNode(DELETE_NODE);
		await panel.execute();
		await expect
			.poll(() => panel.hints())
			.toEqual([
				'3 of 5 devices scheduled, 1 invalid, 1 failed. Scheduled means queued, not yet removed.',
			]);
		await expect
			.poll(async () => (await panel.columns()).slice(0, columns.length))
			.toEqual(columns);
		await expect.poll(() => panel.rows()).toHaveLength(5);
		await expect
			.poll(async () => (await panel.rows()).map((cells) => cells[2]))
			.toEqual(['SCHEDULED', 'FAILED', 'SCHEDULED', 'SCHEDULED', 'INVALID']);
		const [row] = await panel.rows();
		expect(row?.slice(0, 6)).toEqual([
			first!.uid,
			first!.name,
			'SCHEDULED',
			'Queued for deletion, not yet removed.',
			'true',
			'0',
		]);
		expect(tenant.ledger.size).toBe(3);
		await editor.current.page.setViewportSize(WIDE);
		await panel.widenOutput();
		await editor.current.takePictures('run-table', await panel.tableArea({ lastColumn: 'index' }));
		await editor.current.page.setViewportSize(VIEWPORT);
	});

	it('offers nine options, each with the value that holds without it', async () => {
		await editor.current.openWorkflow(deletionWorkflow({ items: exported(2), credential }));
		const panel = await new Canvas(editor.current.page).openNode(DELETE_NODE);
		const labels = await panel.optionsToAdd();
		for (const label of labels) await panel.addOption(label);
		expect(labels).toEqual([
			'Batch Size',
			'Concurrency',
			'Include Input Fields',
			'Maximum Retries',
			'Maximum Retry Wait (Seconds)',
			'Request ID',
			'Stop on Unscheduled Devices',
			'Timeout (Seconds)',
			'UID Validation',
		]);
		const values: Record<string, string> = {};
		for (const name of ['batchSize', 'concurrency', 'maxRetries', 'maxRetryWait', 'timeout']) {
			values[name] = await panel.valueOf(name);
		}
		expect(values).toEqual({
			batchSize: '100',
			concurrency: '4',
			maxRetries: '3',
			maxRetryWait: '300',
			timeout: '60',
		});
	});

	it('shows in a dry run what would be sent and why not the rest, and says on the canvas that it is one', async () => {
		const [first, second, third] = editor.current.tenant.inventory;
		const items = [
			{ uid: first!.uid, name: first!.name },
			{ uid: second!.uid, name: second!.name },
			{ uid: first!.uid.toUpperCase(), name: first!.name },
			{ uid: third!.uid, name: '' },
			{ uid: 'L-0815', name: 'LAU-LT-000815' },
		];
		await editor.current.openWorkflow(deletionWorkflow({ items, credential }));
		const canvas = new Canvas(editor.current.page);
		await expect.poll(() => canvas.subtitle(DELETE_NODE)).toBe('Delete: Device');
		const panel = await canvas.openNode(DELETE_NODE);
		await panel.parameter('dryRun').click();
		await panel.execute();
		await expect
			.poll(() => panel.hints())
			.toEqual([
				'Dry run: 4 devices in 5 items: 3 would be sent, 1 invalid. Nothing was sent.',
				'1 malformed UID would be sent; Nexthink decides whether to accept it. A UID has the form 8-4-4-4-12 hexadecimal digits.',
			]);
		await expect
			.poll(async () => (await panel.rows()).map(([, , status, reason]) => [status, reason]))
			.toEqual([
				['DRY_RUN', 'Would be sent for deletion.'],
				['DRY_RUN', 'Would be sent for deletion.'],
				['DRY_RUN', 'Same UID as the item with index 0. Would be sent for deletion.'],
				['INVALID', 'The name is empty.'],
				[
					'DRY_RUN',
					'Would be sent, although its UID is malformed: Nexthink decides whether to accept it.',
				],
			]);
		await editor.current.page.setViewportSize({ ...WIDE, width: 1320 });
		await panel.widenOutput();
		await editor.current.takePictures('dry-run', await panel.tableArea());
		await editor.current.page.setViewportSize(VIEWPORT);
		await panel.close();
		await expect.poll(() => canvas.subtitle(DELETE_NODE)).toBe('Delete: Device (Dry Run)');
		expect(editor.current.tenant.requests).toEqual([]);
	});
});
