import { fileURLToPath } from 'node:url';
import type { IDataObject } from 'n8n-workflow';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
	credentialsFor,
	readExampleWorkflow,
	readExampleWorkflows,
	type ExampleWorkflow,
} from '../demonstration/example-workflows.mts';
import { NEEDS_SERVER, pinnedItems, prepareExample } from '../demonstration/example-runs.mts';
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
	'fan-out-in-queue-mode.json': [],
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
		/** Default: true. */
		isLive?: boolean;
		mode?: 'manual' | 'trigger';
		pinData?: Record<string, IDataObject[]>;
		settings?: Partial<TenantSettings>;
		change?: (workflow: ExampleWorkflow) => ExampleWorkflow;
	} = {},
): Promise<ExecutionResult> {
	const { isLive = true, change = (same) => same } = options;
	const prepared = prepareExample(readExampleWorkflow(file), options.pinData, isLive);
	const { startNode } = prepared;
	const workflow = change(prepared.workflow);
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

it('no example is left out but the one that a whole n8n runs', () => {
	const files = readExampleWorkflows().map(({ file }) => file);
	expect(Object.keys(STATUSES)).toEqual(files.filter((file) => file !== NEEDS_SERVER));
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
		expect(success ?? []).toHaveLength(Number(file === WEBHOOK));
		expect(tenant.ledger.size).toBe(0);
	},
);

it('the chunks of a large list are asked for a dry run until live is true', () => {
	const { nodes } = readExampleWorkflow('fan-out-in-queue-mode.json');
	const sending = nodes.find(({ name }) => name === 'Send a chunk');
	expect(sending?.parameters.jsonBody).toBe(
		"={{ { live: $('Settings').first().json.live === true && $('Settings').params.assignments.assignments.find(({ name }) => name === 'live').value === true, devices: $json.devices } }}",
	);
});

const WEBHOOK = 'webhook-with-answer.json';

/** In: the body that a caller posts, and whether Settings allow a real run. */
async function runOfCaller(body: unknown, isLive = true): Promise<ExecutionResult> {
	const call = { headers: {}, params: {}, query: {}, body } as IDataObject;
	return await run(WEBHOOK, {
		isLive,
		change: (workflow) => ({
			...workflow,
			pinData: { ...workflow.pinData, 'Deletion request': [{ json: call }] },
		}),
	});
}

const twoDevices = () => tenant.inventory.slice(0, 2).map((device) => ({ ...device }));

it('a webhook caller who posts the word true has the devices queued', async () => {
	const result = await runOfCaller({ live: true, devices: twoDevices() });
	expect(tenant.ledger.size).toBe(2);
	expect(result.outputs(DELETION)[0]!.map(({ json }) => json.status)).toEqual([S, S]);
});

it.each([
	['false', false],
	['the text true', 'true'],
	['the text TRUE and a space', 'TRUE '],
	['true with spaces', ' true '],
	['yes', 'yes'],
	['the number 1', 1],
	['null', null],
	['a list of true', [true]],
	['an object with it', { live: true }],
	['an empty text', ''],
])('a webhook caller who posts %s as live has none queued', async (_, live) => {
	const result = await runOfCaller({ live, devices: twoDevices() });
	const statuses = outcomesOf(result, DELETION).map(({ status }) => status);
	expect(statuses).toEqual(['DRY_RUN', 'DRY_RUN']);
	expect(tenant.requests).toEqual([]);
});

it.each([
	['without live', () => ({ devices: twoDevices() })],
	['with LIVE in capitals', () => ({ LIVE: true, devices: twoDevices() })],
	['with a list as its body', twoDevices],
	['with text as its body', () => 'live=true'],
	['without a body', () => undefined],
])('a webhook caller %s has none queued', async (_, body) => {
	await runOfCaller(body());
	expect(tenant.requests).toEqual([]);
});

it('a webhook caller who posts the word true has none queued while live is false in Settings', async () => {
	const result = await runOfCaller({ live: true, devices: twoDevices() }, false);
	const statuses = outcomesOf(result, DELETION).map(({ status }) => status);
	expect(statuses).toEqual(['DRY_RUN', 'DRY_RUN']);
	expect(tenant.requests).toEqual([]);
});

it('a webhook caller with more than 100 devices has none queued', async () => {
	const devices = tenant.inventory.slice(0, 101).map((device) => ({ ...device }));
	const result = await runOfCaller({ live: true, devices });
	expect(rows(result, 'Device of the error')).toHaveLength(101);
	expect(tenant.requests).toEqual([]);
});

const CSV = 'csv-export.json';

/** Out: what each column of the outcome has for a device of this name. */
async function cellsFor(name: string): Promise<IDataObject> {
	const { uid } = tenant.inventory[0]!;
	const devices = [{ 'device.uid': uid, 'device.name': name }];
	const result = await run(CSV, { pinData: { 'Rows of the file': devices } });
	const [row] = rows(result, 'Row of the outcome');
	return row!;
}

/** Where a spreadsheet begins a cell, in a file with commas or, elsewhere in the world, with semicolons. */
const CELL_TO_BE_RUN = /(?:^|[;,\t\r\n"|])\s*[=+\-@＝＋－＠]/;

it.each([
	'=1+1',
	'+1',
	'-1',
	'@SUM(A1)',
	' =1+1',
	'PC;=1+1',
	'PC,@A1',
	'PC"; =1+1',
	'PC\n=1+1',
	'＝1+1',
])(
	'no cell of the outcome is run by a spreadsheet as a formula: a device named %j',
	async (name) => {
		expect(name).toMatch(CELL_TO_BE_RUN);
		const cells = await cellsFor(name);
		expect(Object.keys(cells)).toEqual(['uid', 'name', 'status', 'reason', 'requestId']);
		for (const cell of Object.values(cells)) expect(cell).not.toMatch(CELL_TO_BE_RUN);
		expect(String(cells.name).replaceAll("'", '')).toBe(name.replace('\n', '[U+000A]'));
		expect(tenant.ledger.entries).toMatchObject([{ name }]);
	},
);

it.each([
	['P\rC', 'P[U+000D]C'],
	['P\r\nC', 'P[U+000D][U+000A]C'],
	['\tPC', '[U+0009]PC'],
	['P\u0000C', 'P[U+0000]C'],
	['P\u0085C', 'P[U+0085]C'],
	['P\u2028C', 'P[U+2028]C'],
	['\u202ECP', '[U+202E]CP'],
	['\u200B=1+1', '[U+200B]=1+1'],
])(
	'a name stays in its row of the outcome, with its invisible characters visible: %j',
	async (name, shown) => {
		expect((await cellsFor(name)).name).toBe(shown);
		expect(tenant.ledger.entries).toMatchObject([{ name }]);
	},
);

it.each(['PAR-LT-000016', "it's a PC", 'a = b', 'x@y', 'A+B', 'PC;1', ''])(
	'a harmless cell of the outcome stays as it is: %j',
	async (name) => {
		expect((await cellsFor(name)).name).toBe(name);
	},
);

it('a device that the CSV file has without a text is in the outcome, with the reason', async () => {
	const devices = [
		{ 'device.uid': 1, 'device.name': '=PC' },
		{ 'device.uid': '=x', 'device.name': null },
	];
	const result = await run(CSV, { pinData: { 'Rows of the file': devices } });
	const cells = rows(result, 'Row of the outcome');
	expect(cells).toHaveLength(2);
	for (const { status, reason } of cells) {
		expect([status, reason]).toEqual(['INVALID', expect.stringMatching(/\S/)]);
	}
	for (const cell of cells.flatMap((row) => Object.values(row))) {
		expect(cell).not.toMatch(CELL_TO_BE_RUN);
	}
});

it('later each scheduled device is GONE or STILL_PRESENT, or UNKNOWN without an answer', async () => {
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
	expect(rows(result, 'Without an answer').map(({ verdict }) => verdict)).toEqual(
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
