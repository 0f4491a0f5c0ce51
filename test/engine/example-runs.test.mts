import { fileURLToPath } from 'node:url';
import type { IDataObject } from 'n8n-workflow';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
	credentialsFor,
	readExampleWorkflow,
	readExampleWorkflows,
} from '../demonstration/example-workflows.mts';
import { pinnedItems, prepareExample } from '../demonstration/example-runs.mts';
import { compareWithLedger } from '../demonstration/ledger-comparison.mts';
import { outcomesOf, type Status } from '../demonstration/outcomes.mts';
import { freshToken, requestDeletions } from '../simulator/client.mts';
import { startTenant, type Tenant, type TenantSettings } from '../simulator/tenant.mts';
import { loadEngine, type Engine, type ExecutionResult } from './harness/engine.mts';

const PACKAGE_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

const S = 'SCHEDULED';

/** What becomes of the devices that are pinned in each file. */
const STATUSES: Record<string, Status[]> = {
	'csv-export.json': [S, S, S, S],
	'delete-devices-from-a-list.json': [S, S, S, S],
	'dry-run-approval-delete.json': [S, S, S, S],
	'fan-out-in-queue-mode.json': [S, S, S],
	'gone-or-still-present.json': [],
	'intune-look-up-approval.json': [S, S, S],
	'intune-stale-devices.json': [S, S],
	'large-list-by-export.json': [S, S],
	'nightly-with-audit-trail.json': [S, S, S, S],
	'servicenow-look-up-approval.json': [S, S, S],
	'servicenow-retired-computers.json': [S, S, S, S],
	'webhook-with-answer.json': [S, S, S],
};

const DELETION = 'Schedule deletions';

let engine: Engine;
let tenant: Tenant;
beforeAll(async () => {
	engine = await loadEngine({ packageFolder: PACKAGE_FOLDER });
	tenant = await startTenant();
});
beforeEach(() => tenant.reset());
afterAll(async () => await tenant.close());

/** As a trigger starts it, so that `$execution.mode` is `production`; or as in the editor. */
async function run(
	file: string,
	options: {
		mode?: 'manual' | 'trigger';
		pinData?: Record<string, IDataObject[]>;
		settings?: Partial<TenantSettings>;
	} = {},
): Promise<ExecutionResult> {
	const { workflow, startNode } = prepareExample(readExampleWorkflow(file), options.pinData);
	Object.assign(tenant.settings, options.settings);
	const result = await engine.run(workflow, {
		startNode,
		mode: options.mode ?? 'trigger',
		pauses: 'short',
		credentials: credentialsFor(workflow, tenant),
	});
	expect(result.error).toBeUndefined();
	return result;
}

/** Of all runs: a node that two branches lead to runs once for each. */
const rows = (result: ExecutionResult, node: string) =>
	(result.runData[node] ?? []).flatMap(({ data }) =>
		(data?.main ?? []).flatMap((branch) => (branch ?? []).map(({ json }) => json)),
	);

function notesIn(file: string): string {
	const { nodes } = readExampleWorkflow(file);
	return nodes.map(({ parameters }) => String(parameters.content ?? '')).join('\n');
}

it('no example is left out', () => {
	expect(Object.keys(STATUSES)).toEqual(readExampleWorkflows().map(({ file }) => file));
});

it.each(Object.entries(STATUSES))(
	'%s schedules its pinned devices, and the ledger agrees',
	async (file, statuses) => {
		const outcomes = outcomesOf(await run(file), DELETION);
		expect(outcomes.map(({ status }) => status)).toEqual(statuses);
		expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);
		const scheduled = outcomes.filter(({ status }) => status === S).map(({ uid }) => uid);
		expect(tenant.ledger.size).toBe(new Set(scheduled).size);
	},
);

it.each(Object.entries(STATUSES).filter(([, statuses]) => statuses.length > 0))(
	'%s has every device on its error branch where none is scheduled',
	async (file, statuses) => {
		const result = await run(file, { settings: { featureEnabled: false } });
		const [success, refused] = result.outputs(DELETION);
		expect(refused).toHaveLength(statuses.length);
		expect(success ?? []).toHaveLength(Number(/webhook|fan-out/.test(file)));
		expect(tenant.ledger.size).toBe(0);
	},
);

it('the CSV export is a dry run in the editor', async () => {
	const outcomes = outcomesOf(await run('csv-export.json', { mode: 'manual' }), DELETION);
	expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill('DRY_RUN'));
	expect(tenant.requests).toEqual([]);
});

it('the approver is asked about the devices of the dry run, and these are sent', async () => {
	const [first, second] = tenant.inventory;
	const devices = [
		{ ...first },
		{ uid: first!.uid.toUpperCase(), name: first!.name },
		{ uid: second!.uid, name: ' ' },
	];
	const result = await run('dry-run-approval-delete.json', {
		pinData: { 'Retired devices': devices },
	});
	expect(rows(result, 'Approval request')).toMatchObject([
		{
			devices: [{ uid: first!.uid, name: first!.name }],
			leftOut: [' : The name is empty.'],
			formUrl: expect.stringContaining('/form-waiting/') as string,
		},
	]);
	expect([...tenant.ledger.uids()]).toEqual([first!.uid]);
});

it('nobody is asked about a list that is refused as a whole', async () => {
	const devices = Array.from({ length: 1001 }, (_, n) => ({
		uid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
		name: `PC-${n}`,
	}));
	const result = await run('dry-run-approval-delete.json', {
		pinData: { 'Retired devices': devices },
	});
	expect(result.runs('Approval request')).toBe(0);
	expect(rows(result, 'Left out')).toHaveLength(1001);
	expect(tenant.requests).toEqual([]);
});

it.each([
	['true', 0],
	['', 0],
	['no', 0],
	['false', 2],
])('a webhook caller with ?dryRun=%s has %i devices queued', async (dryRun, queued) => {
	const body = { devices: tenant.inventory.slice(0, 2).map((device) => ({ ...device })) };
	const call = { headers: {}, params: {}, query: { dryRun }, body };
	await run('webhook-with-answer.json', { pinData: { 'Deletion request': [call] } });
	expect(tenant.ledger.size).toBe(queued);
});

it('a webhook caller with more than 100 devices has none queued', async () => {
	const body = { devices: tenant.inventory.slice(0, 101).map((device) => ({ ...device })) };
	const call = { headers: {}, params: {}, query: {}, body };
	const result = await run('webhook-with-answer.json', {
		pinData: { 'Deletion request': [call] },
	});
	expect(rows(result, 'Device of the error')).toHaveLength(101);
	expect(tenant.requests).toEqual([]);
});

it('a day later each scheduled device is GONE or STILL_PRESENT, or nobody could tell', async () => {
	const file = 'gone-or-still-present.json';
	const pinned = pinnedItems(readExampleWorkflow(file), 'Scheduled devices');
	const [gone, back, queued] = pinned as unknown as Array<{ uid: string; name: string }>;
	const token = await freshToken(tenant);
	await requestDeletions(tenant, token, [gone!, back!]);
	tenant.carryOutDeletions((uid) => uid === back!.uid);

	const verdicts = rows(await run(file), 'Verdict');
	expect(verdicts).toEqual([
		{ ...gone, verdict: 'GONE' },
		{ ...back, verdict: 'STILL_PRESENT' },
		{ ...queued, verdict: 'STILL_PRESENT' },
	]);

	const result = await run(file, { settings: { nqlPermissionGranted: false } });
	expect(rows(result, 'Nobody could tell').map(({ verdict }) => verdict)).toEqual(
		Array(3).fill('UNKNOWN'),
	);
});

it.each([
	['device.uid', 'STILL_PRESENT'],
	['device.collector.uid', 'GONE'],
])('right after scheduling by %s every device is %s', async (column, verdict) => {
	const file = 'gone-or-still-present.json';
	const known = tenant.knownDevices.slice(0, 3);
	const devices = known.map(({ uid, collectorUid, name }) => ({
		uid: column === 'device.uid' ? uid : collectorUid,
		name,
	}));
	await requestDeletions(tenant, await freshToken(tenant), devices);
	const result = await run(file, { pinData: { 'Scheduled devices': devices } });
	expect(rows(result, 'Verdict').map((row) => row.verdict)).toEqual(Array(3).fill(verdict));
	const notes = notesIn(file);
	expect(notes).toContain('every device must be STILL_PRESENT');
	expect(notes).toContain('GONE at once, right after scheduling, means the wrong kind of UID');
	expect(notes).not.toContain('still present after days');
});

it('a UID that no query can find as it is written is not called GONE', async () => {
	const { uid, name } = tenant.knownDevices[0]!;
	const devices = [
		{ uid: ` ${uid}`, name },
		{ uid: uid.slice(1), name },
	];
	const file = 'gone-or-still-present.json';
	const result = await run(file, { pinData: { 'Scheduled devices': devices } });
	expect(rows(result, 'Verdict').map(({ verdict }) => verdict)).toEqual(['UNKNOWN', 'UNKNOWN']);
});

const ANOTHER_UID = '00000000-0000-4000-8000-000000000001';

it('a device that came back under a new UID is GONE by its old one, and found by name', async () => {
	const file = 'gone-or-still-present.json';
	const [known] = tenant.knownDevices;
	const { uid, name } = known!;
	tenant.knownDevices.splice(0, 1, { ...known!, uid: ANOTHER_UID });
	const gone = await run(file, { pinData: { 'Scheduled devices': [{ uid, name }] } });
	expect(rows(gone, 'Verdict')).toEqual([{ uid, name, verdict: 'GONE' }]);
	expect(notesIn(file)).toContain('Look Up by name finds it');
});
