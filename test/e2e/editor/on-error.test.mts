import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BY_NAME_ALONE } from '../../engine/said-texts.mts';
import { Canvas } from './canvas.mts';
import type { Credential } from './editor.mts';
import type { NodePanel } from './node-panel.mts';
import { useEditor } from './test-editor.mts';
import {
	DELETE_NODE,
	deletionWorkflow,
	LOOK_UP,
	LOOK_UP_NODE,
	RETIREMENT,
	retirementWorkflow,
} from './workflows.mts';

const editor = useEditor('on-error');
let credential: Credential;

beforeAll(async () => {
	credential = await editor.current.addCredential();
});

/** Six devices in three requests, of which the tenant refuses the second. */
async function openPartlyRefused(withErrorOutput = false): Promise<Canvas> {
	const { tenant } = editor.current;
	tenant.faults.add({
		route: 'deletions',
		from: 2,
		play: { kind: 'status', status: 422, body: { message: 'Not now.' } },
	});
	const parameters = { options: { batchSize: 2, concurrency: 1 } };
	const items = tenant.inventory.slice(0, 6).map((device) => ({ ...device }));
	await editor.current.openWorkflow(
		deletionWorkflow({ items, parameters, credential, withErrorOutput }),
	);
	return new Canvas(editor.current.page);
}

describe('On Error, set to', () => {
	it('Stop Workflow shows one message that is complete, and sends nothing after it', async () => {
		const canvas = await openPartlyRefused();
		const panel = await canvas.openNode(DELETE_NODE);
		await panel.setOnError('Stop Workflow');
		await panel.execute();
		await expect
			.poll(() => panel.error())
			.toBe(
				'Nexthink, or another server on the way to it, rejected the request (422 REQUEST_REFUSED). 2 of 6 devices scheduled, 2 rejected, 2 not sent. Scheduled means queued, not yet removed.',
			);
		await expect
			.poll(() => panel.errorDescription())
			.toMatch(/^Check that no proxy .+ Nexthink said: "Not now\." Request ID: [0-9a-f-]{36}\.$/);
		expect(editor.current.tenant.ledger.size).toBe(2);
	});

	it('Continue shows all devices on the one output', async () => {
		const canvas = await openPartlyRefused();
		const panel = await canvas.openNode(DELETE_NODE);
		await panel.setOnError('Continue');
		await panel.execute();
		await expect
			.poll(async () => (await panel.rows()).map((cells) => cells[2]))
			.toEqual(['SCHEDULED', 'SCHEDULED', 'REJECTED', 'REJECTED', 'SCHEDULED', 'SCHEDULED']);
		await expect.poll(() => panel.columns()).toContain('apiError');
		await expect.poll(() => panel.branches()).toEqual([]);
		await expect
			.poll(() => panel.hints())
			.toContain('4 of 6 devices scheduled, 2 rejected. Scheduled means queued, not yet removed.');
	});

	it('Continue (using error output) shows two branches with their counts', async () => {
		const canvas = await openPartlyRefused();
		const panel = await canvas.openNode(DELETE_NODE);
		await panel.setOnError('Continue (using error output)');
		await panel.execute();
		await expect
			.poll(() => panel.branches())
			.toEqual(['Success Branch (4 items)', 'Error Branch (2 items)']);
		await expect
			.poll(async () => (await panel.rows()).map((cells) => cells[2]))
			.toEqual(Array.from({ length: 4 }, () => 'SCHEDULED'));
		await panel.output.getByText('Error Branch (2 items)').click();
		await expect
			.poll(() => panel.hints())
			.toContain(
				'4 of 6 devices scheduled, 2 rejected. Scheduled means queued, not yet removed. On the error output, the field "message" contains the reason.',
			);
		await expect.poll(() => panel.columns()).toEqual(['uid', 'name', 'error', 'message']);
		await expect.poll(() => panel.rows()).toHaveLength(2);
		const [first] = await panel.rows();
		expect(first?.[2]).toContain('REQUEST_REFUSED');
		expect(first?.[2]).toContain('REJECTED');
		const { name } = editor.current.tenant.inventory[2]!;
		expect(first?.[3]).toContain(
			`REJECTED ${name}: Nexthink, or another server on the way to it, rejected the request`,
		);
		await panel.widenOutput();
		await editor.current.takePictures('error-branch', await panel.tableArea({ lastRow: 0 }));
		expect(editor.current.tenant.ledger.size).toBe(4);
	});
});

describe('the canvas', () => {
	it('shows how many devices took which branch', async () => {
		const canvas = await openPartlyRefused(true);
		await canvas.execute();
		await expect
			.poll(() => canvas.countsOnLines())
			.toEqual(expect.arrayContaining(['1 item', '6 items', '4 items', '2 items']));
		await editor.current.takePictures('two-branches', await canvas.area());
	});

	it('shows where each computer went that ServiceNow retired: looked up, approved, deleted, noted or left for manual review', async () => {
		const { tenant } = editor.current;
		// Every hundredth computer was set up anew and stands there twice.
		const twice = tenant.inventory[99]!.name;
		const [first, second, third, unapproved] = tenant.inventory.map(({ name }) => name);
		const names = [first, second, third, unapproved, twice, 'NOT-THERE-1'];
		const data = { user: 'n8n', password: 'none', subdomain: 'acme' };
		const { source, lookUp, approval, deletion, note, review } = RETIREMENT;
		await editor.current.openWorkflow(
			retirementWorkflow({
				items: names.map((name, position) => ({
					sys_id: `a${position + 1}`,
					name,
					approval: name === unapproved ? 'requested' : 'approved',
				})),
				noted: [1, 2, 3].map((position) => ({ sys_id: `a${position}` })),
				credential,
				serviceNow: await editor.current.addCredential(
					'ServiceNow account',
					data,
					'serviceNowBasicApi',
				),
			}),
		);
		const canvas = new Canvas(editor.current.page);
		const execution = await editor.current.execute();
		await expect
			.poll(() => canvas.countsOnLines())
			.toEqual(['1 item', '6 items', '6 items', '5 items', '1 item', '3 items', '2 items']);
		expect(execution.output(approval, 1)).toMatchObject([{ name: unapproved, match: 'FOUND' }]);
		expect(execution.output(deletion)).toMatchObject(
			[first, second, third].map((name) => ({ name, status: 'SCHEDULED' })),
		);
		expect(execution.output(deletion, 1)).toMatchObject([
			{ lookup: twice, match: 'AMBIGUOUS', error: { device: { status: 'INVALID' } } },
			{ lookup: 'NOT-THERE-1', match: 'NOT_FOUND', error: { device: { status: 'INVALID' } } },
		]);
		expect(tenant.ledger.entries.map(({ name }) => name)).toEqual([first, second, third]);
		const of = [source, lookUp, approval, deletion, note, review];
		await editor.current.takePictures('from-servicenow', await canvas.area({ of }));
	});
});

describe('a tenant that refuses with 403', () => {
	it('is explained by a message, a description and details', async () => {
		const { tenant } = editor.current;
		tenant.settings.featureEnabled = false;
		const items = tenant.inventory.slice(0, 3).map((device) => ({ ...device }));
		await editor.current.openWorkflow(deletionWorkflow({ items, credential }));
		const panel = await new Canvas(editor.current.page).openNode(DELETE_NODE);
		await panel.execute();
		await expect
			.poll(() => panel.error())
			.toBe(
				"The Data management API isn't enabled for this Nexthink tenant (403 FEATURE_NOT_ENABLED). 0 of 3 devices scheduled, 3 rejected.",
			);
		await expect
			.poll(() => panel.errorDescription())
			.toMatch(
				/^Ask Nexthink support to enable .+ Nexthink said: ".+" Request ID: [0-9a-f-]{36}\.$/,
			);
		await editor.current.takePictures('refused-with-403', await panel.errorArea());
		const details = await panel.errorDetails();
		expect(details).toMatch(/Error code\s+403/);
		expect(details).toContain('"code": "FEATURE_NOT_ENABLED"');
		expect(details).toContain(`"uid": "${tenant.inventory[0]!.uid}"`);
		expect(details).toContain('"batches": [');
		expect(tenant.ledger.size).toBe(0);
	});
});

/** With the names of so many computers, as a CMDB that knows no UIDs gives them. */
async function openLookUp(size: number): Promise<NodePanel> {
	const items = editor.current.tenant.inventory
		.slice(0, size)
		.map(({ name }, position) => ({ name, sys_id: `a${position + 1}` }));
	const parameters = { ...LOOK_UP, options: { concurrency: 1 } };
	return await editor.current.openNode(LOOK_UP_NODE, { items, credential, parameters });
}

describe('On Error of a look-up, set to', () => {
	const SECOND_REFUSED = 'Nexthink rejected the query (422 REQUEST_REFUSED, code 22).';
	let panel: NodePanel;

	// Six names, of which the tenant refuses the second.
	beforeEach(async () => {
		editor.current.tenant.faults.add({
			route: 'nqlExecute',
			from: 2,
			play: { kind: 'status', status: 422, body: { message: 'Not now.', code: 22 } },
		});
		panel = await openLookUp(6);
	});

	const asked = () =>
		editor.current.tenant.requests.filter(({ route }) => route === 'nqlExecute').length;

	it('Stop Workflow shows one message that is complete, and asks for nothing after it', async () => {
		await panel.setOnError('Stop Workflow');
		await panel.execute();
		await expect
			.poll(() => panel.error())
			.toBe(`${SECOND_REFUSED} 1 of 6 devices found, 5 unknown.`);
		await expect
			.poll(() => panel.errorDescription())
			.toMatch(
				/^Check that the names of the parameters .+ Nexthink said: "Not now\." Request ID: [0-9a-f-]{36}\.$/,
			);
		expect(asked()).toBe(2);
	});

	it('Continue shows all names on the one output', async () => {
		await panel.setOnError('Continue');
		await panel.execute();
		await expect
			.poll(() => panel.hints())
			.toEqual(['5 of 6 devices found, 1 unknown.', BY_NAME_ALONE]);
		await expect
			.poll(async () => (await panel.rows()).map((cells) => cells[1]))
			.toEqual(['FOUND', 'UNKNOWN', 'FOUND', 'FOUND', 'FOUND', 'FOUND']);
		const columns = await panel.columns();
		const [, second] = await panel.rows();
		expect(second?.[columns.indexOf('reason')]).toBe(SECOND_REFUSED);
		expect(second?.[columns.indexOf('apiError')]).toContain('REQUEST_REFUSED');
		expect(second?.[columns.indexOf('uid')]).toBe('null');
		await expect.poll(() => panel.branches()).toEqual([]);
		expect(asked()).toBe(6);
	});

	it('Continue (using error output) shows two branches with their counts', async () => {
		await panel.setOnError('Continue (using error output)');
		await panel.execute();
		await expect
			.poll(() => panel.branches())
			.toEqual(['Success Branch (5 items)', 'Error Branch (1 item)']);
		await expect
			.poll(async () => (await panel.rows()).map((cells) => cells[1]))
			.toEqual(Array.from({ length: 5 }, () => 'FOUND'));
		await panel.output.getByText('Error Branch (1 item)').click();
		await expect.poll(() => panel.columns()).toEqual(['name', 'sys_id', 'error', 'message']);
		await expect.poll(() => panel.rows()).toHaveLength(1);
		const [only] = await panel.rows();
		expect(only?.slice(0, 2)).toEqual([editor.current.tenant.inventory[1]!.name, 'a2']);
		expect(only?.[2]).toContain('REQUEST_REFUSED');
		expect(only?.[2]).toContain('UNKNOWN');
		expect(only?.[3]).toMatch(/^Nexthink rejected the query .+ Check that the names/);
	});
});

it('a credential without the right to run queries is explained by a message, a description and details', async () => {
	editor.current.tenant.settings.nqlPermissionGranted = false;
	const panel = await openLookUp(3);
	await panel.execute();
	await expect
		.poll(() => panel.error())
		.toBe(
			"The credential doesn't have permission to run queries (403 FORBIDDEN, code 40). 0 of 3 devices found, 3 unknown.",
		);
	await expect
		.poll(() => panel.errorDescription())
		.toMatch(
			/^In Nexthink, open Administration > API credentials and select NQL .+ Nexthink said: "The caller may not run NQL queries\." Request ID: [0-9a-f-]{36}\.$/,
		);
	const details = await panel.errorDetails();
	expect(details).toMatch(/Error code\s+403/);
	expect(details).toContain('"code": "FORBIDDEN"');
	expect(details).toContain('"apiCode": 40');
	expect(details).toContain('"unknown": 3');
});
