import { fileURLToPath } from 'node:url';
import type { IDataObject, INode } from 'n8n-workflow';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
	credentialsFor,
	readExampleWorkflow,
	readExampleWorkflows,
} from '../demonstration/example-workflows.mts';
import { pinnedItems, prepareExample } from '../demonstration/example-runs.mts';
import { compareWithLedger } from '../demonstration/ledger-comparison.mts';
import { outcomesOf, type Status } from '../demonstration/outcomes.mts';
import { freshToken, requestDeletions } from '../simulator/client.mts';
import { LOOK_UP_QUERY, type Row } from '../simulator/saved-queries.mts';
import {
	startTenant,
	type Fault,
	type InventoryDevice,
	type Tenant,
	type TenantSettings,
} from '../simulator/tenant.mts';
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
	'intune-look-up-approval.json': [S, S],
	'intune-stale-devices.json': [S, S],
	'large-list-by-export.json': [S, S],
	'nightly-with-audit-trail.json': [S, S, S, S],
	'servicenow-look-up-approval.json': [S, S],
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
		/** Options of Nexthink nodes that differ from those of the file, by node. */
		nodeOptions?: Record<string, IDataObject>;
		/** Whether the nodes that write to ServiceNow are switched on: they put out what they would write. */
		writing?: boolean;
	} = {},
): Promise<ExecutionResult> {
	const { workflow, startNode } = prepareExample(readExampleWorkflow(file), options.pinData);
	for (const node of workflow.nodes) {
		Object.assign(node.parameters.options ?? {}, options.nodeOptions?.[node.name]);
		if (options.writing === true && node.parameters.operation === 'update') putOutInstead(node);
	}
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

/** The expressions of the node are its own. */
function putOutInstead(node: INode): void {
	const { id, fieldsToSend } = node.parameters as { id?: string; fieldsToSend?: FieldsToSend };
	const fields = [{ column: 'id', value: id }, ...(fieldsToSend?.field ?? [])];
	const assignments = fields.map(({ column, value = '' }) => {
		return { id: column, name: column, value, type: 'string' };
	});
	const parameters = { assignments: { assignments }, options: {} };
	const type = 'n8n-nodes-base.set';
	Object.assign(node, { type, typeVersion: 3.4, parameters, disabled: false });
}

interface FieldsToSend {
	field: Array<{ column: string; value: string }>;
}

/** Of all runs: a node that two branches lead to runs once for each. */
const rows = (result: ExecutionResult, node: string) =>
	(result.runData[node] ?? []).flatMap(({ data }) =>
		(data?.main ?? []).flatMap((branch) => (branch ?? []).map(({ json }) => json)),
	);

const LOOK_UP_EXAMPLES = ['servicenow-look-up-approval.json', 'intune-look-up-approval.json'];

/** The rows of the source system that are pinned in an example. */
function pinnedRows(file: string): IDataObject[] {
	const workflow = readExampleWorkflow(file);
	return [
		...pinnedItems(workflow, 'Retired computers'),
		...pinnedItems(workflow, 'Stale in Intune').flatMap(({ value }) => value as IDataObject[]),
	];
}

const nameOf = ({ name, deviceName }: IDataObject) => String(name ?? deviceName);
const pinnedNames = (file: string) => pinnedRows(file).map((row) => nameOf(row).toLowerCase());

/** Under which id the source system has this name, as the lists of the example call it. */
function idsOf(file: string, name: string): IDataObject[] {
	return pinnedRows(file)
		.filter((row) => nameOf(row).toLowerCase() === name.toLowerCase())
		.map(({ sys_id, id }): IDataObject => (id === undefined ? { sys_id } : { intuneId: id }));
}

function seenNow(row: Row): Row {
	return { ...row, 'device.last_seen': new Date().toISOString() };
}

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
		expect(tenant.ledger.size).toBe(statuses.filter((status) => status === S).length);
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

it.each([true, false])(
	'ServiceNow gets each outcome for its own configuration item (feature on: %s)',
	async (featureEnabled) => {
		const file = 'servicenow-retired-computers.json';
		const result = await run(file, { settings: { featureEnabled } });
		const idsIn = (node: string) => rows(result, node).map(({ sys_id }) => sys_id as string);
		const [inUse, ...silent] = pinnedRows(file).map(({ sys_id }) => sys_id as string);
		const [noted, reviewed] = featureEnabled ? [silent, [inUse]] : [[], [inUse, ...silent]];
		expect(idsIn('Note for the CMDB')).toEqual(noted);
		expect(idsIn('Manual review').sort()).toEqual(reviewed.sort());
	},
);

it.each([true, false])(
	'the audit trail has a row for each device that fits its table (feature on: %s)',
	async (featureEnabled) => {
		const file = 'nightly-with-audit-trail.json';
		const { nodes, pinData } = readExampleWorkflow(file);
		const columnsOf = <Columns,>(name: string) =>
			nodes.find((node) => node.name === name)?.parameters.columns as Columns;
		const { column } = columnsOf<{ column: Array<{ name: string }> }>('Table of the audit trail');
		const { schema } = columnsOf<{ schema: Array<{ id: string }> }>('Write it down');
		const result = await run(file, { settings: { featureEnabled } });
		const audit = rows(result, 'Row of the audit trail');
		const status = featureEnabled ? 'SCHEDULED' : 'REJECTED';
		expect(audit.map((row) => [row.match, row.status]).sort()).toEqual([
			...Array.from({ length: 4 }, () => ['FOUND', status]),
			['RECENTLY_SEEN', ''],
		]);
		expect(audit.map(({ uid }) => uid).sort()).toEqual(
			pinData!['Retired devices']!.map(({ json }) => json.uid).sort(),
		);
		for (const row of audit) {
			expect(Object.keys(row)).toEqual(column.map(({ name }) => name));
			expect(Object.keys(row)).toEqual(schema.map(({ id }) => id));
			expect(Object.values(row).every((value) => typeof value === 'string')).toBe(true);
		}
	},
);

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

it.each([
	[
		'servicenow-look-up-approval.json',
		['AMBIGUOUS', 'CHECK_MISMATCH', 'DUPLICATE', 'NOT_FOUND', 'REFUSED'],
		'sys_id',
	],
	[
		'intune-look-up-approval.json',
		['AMBIGUOUS', 'CHECK_MISMATCH', 'DUPLICATE', 'NOT_FOUND', 'RECENTLY_SEEN'],
		'intuneId',
	],
])(
	'%s gives every uncertain device to a person, and each outcome back',
	async (file, matches, id) => {
		const result = await run(file);
		const forPerson = rows(result, 'For a person');
		expect(forPerson.map(({ match }) => match as string).sort()).toEqual(matches);
		expect(forPerson.every((row) => typeof row[id] === 'string' && row[id] !== '')).toBe(true);
		const outcomes = rows(result, 'Outcome');
		expect(outcomes.map(({ status }) => status)).toEqual(['SCHEDULED', 'SCHEDULED']);
		const ids = [...outcomes, ...forPerson].map((row) => row[id]);
		expect(new Set(ids).size).toBe(ids.length);
	},
);

it.each(LOOK_UP_EXAMPLES)(
	'%s gives every device to a person when Nexthink answers no query',
	async (file) => {
		const result = await run(file, { settings: { nqlPermissionGranted: false } });
		const forPerson = rows(result, 'For a person');
		const idsOfSource = pinnedRows(file).map(({ sys_id, id }) => sys_id ?? id);
		const ids = forPerson.map(({ sys_id, intuneId }) => sys_id ?? intuneId);
		expect(ids.sort()).toEqual(idsOfSource.sort());
		const matches = forPerson.map(({ match }) => match);
		expect(matches.filter((match) => match !== 'UNKNOWN' && match !== 'REFUSED')).toEqual([]);
		expect(result.runs('Dry run')).toBe(0);
		expect(tenant.ledger.size).toBe(0);
	},
);

/** The second time that a device is asked for by this name, its row is another one. */
function changeBetweenLookUps(
	wanted: string,
	change: (row: Row) => Row[],
	{ since = 2 }: { since?: number } = {},
): void {
	const position = tenant.queries.findIndex(({ id }) => id === LOOK_UP_QUERY);
	const query = tenant.queries[position]!;
	let asked = 0;
	tenant.queries[position] = {
		...query,
		rows: (devices, parameters) => {
			const found = query.rows(devices, parameters);
			if (parameters.device_name?.toLowerCase() !== wanted.toLowerCase()) return found;
			return ++asked < since ? found : found.flatMap(change);
		},
	};
}

const ANOTHER_UID = '00000000-0000-4000-8000-000000000001';

describe.each(LOOK_UP_EXAMPLES)('what has changed when the approval of %s comes', (file) => {
	it.each<[string, string, (row: Row) => Row[]]>([
		['is set up anew', 'ANOTHER_DEVICE', (row) => [{ ...row, 'device.uid': ANOTHER_UID }]],
		['has reported', 'RECENTLY_SEEN', (row) => [seenNow(row)]],
		['has a namesake', 'AMBIGUOUS', (row) => [row, { ...row, 'device.uid': ANOTHER_UID }]],
		['is gone', 'NOT_FOUND', () => []],
	])('a device that %s is for a person and is not sent', async (_, match, change) => {
		changeBetweenLookUps('LAU-VD-000042', change);
		const result = await run(file);
		expect(rows(result, 'Approval request')).toMatchObject([
			{ devices: [{ name: 'PAR-WS-000041' }, { name: 'LAU-VD-000042' }] },
		]);
		expect(tenant.ledger.entries.map(({ name }) => name)).toEqual(['PAR-WS-000041']);
		const changed = rows(result, 'For a person').filter(({ name }) => name === 'LAU-VD-000042');
		const [id] = idsOf(file, 'LAU-VD-000042');
		expect(changed).toMatchObject([{ match, ...id }]);
		expect(changed[0]!.reason).not.toBe('');
	});

	it('a device that nobody can tell anything of is for a person and is not sent', async () => {
		const asked = new Set(pinnedNames(file).filter((name) => !name.includes('*'))).size;
		tenant.faults.add({
			route: 'nqlExecute',
			from: asked + 1,
			times: Infinity,
			play: { kind: 'status', status: 403, body: { code: 403, message: 'No.' } },
		});
		const result = await run(file);
		expect(result.runs('Look up again')).toBe(1);
		expect(result.runs('Schedule deletions')).toBe(0);
		expect(tenant.ledger.size).toBe(0);
		const changed = rows(result, 'No longer certain');
		expect(changed).toMatchObject([
			{ name: 'PAR-WS-000041', match: 'UNKNOWN', ...idsOf(file, 'PAR-WS-000041')[0] },
			{ name: 'LAU-VD-000042', match: 'UNKNOWN', ...idsOf(file, 'LAU-VD-000042')[0] },
		]);
		expect(rows(result, 'For a person')).toEqual(expect.arrayContaining(changed));
	});
});

describe.each(LOOK_UP_EXAMPLES)('what %s does not ask the approver about', (file) => {
	it('a second row for the same device is for a person, with its own id', async () => {
		const result = await run(file);
		const [, second] = idsOf(file, 'PAR-WS-000041');
		expect(rows(result, 'Left out')).toMatchObject([{ match: 'DUPLICATE', ...second }]);
		expect(rows(result, 'For a person')).toEqual(expect.arrayContaining(rows(result, 'Left out')));
	});

	it('a device that the dry run calls INVALID is for a person', async () => {
		const tooLong = 'f'.repeat(5000);
		changeBetweenLookUps('LAU-VD-000042', (row) => [{ ...row, 'device.uid': tooLong }], {
			since: 1,
		});
		const result = await run(file);
		const [id] = idsOf(file, 'LAU-VD-000042');
		const invalid = rows(result, 'For a person').filter(({ match }) => match === 'INVALID');
		expect(invalid).toMatchObject([{ name: 'lau-vd-000042', ...id }]);
		expect(invalid[0]!.reason).not.toBe('');
	});
});

it.each([
	['SCHEDULED', undefined, 'Nexthink deletion SCHEDULED'],
	['REJECTED', { kind: 'status', status: 403, body: { code: 'FEATURE_NOT_ENABLED' } }, 'REJECTED'],
	['UNKNOWN', { kind: 'reset', queued: true }, 'UNKNOWN (may be queued)'],
] as Array<[Status, Fault | undefined, string]>)(
	'ServiceNow gets a note for each device that was approved, %s as well',
	async (_, play, note) => {
		const file = 'servicenow-look-up-approval.json';
		const times = Infinity;
		if (play !== undefined) tenant.faults.add({ route: 'deletions', times, play });
		const nodeOptions = { [DELETION]: { maxRetries: 0 } };
		const result = await run(file, { nodeOptions, writing: true });
		const written = rows(result, 'Note it on the computer');
		expect(written).toEqual([
			{
				id: idsOf(file, 'PAR-WS-000041')[0]!.sys_id,
				u_nexthink_deletion: expect.stringContaining(note) as string,
			},
			{
				id: idsOf(file, 'LAU-VD-000042')[0]!.sys_id,
				u_nexthink_deletion: expect.stringContaining(note) as string,
			},
		]);
	},
);

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

it('a device that came back under a new UID is GONE by its old one, and found by name', async () => {
	const file = 'gone-or-still-present.json';
	const [known] = tenant.knownDevices;
	const { uid, name } = known!;
	tenant.knownDevices.splice(0, 1, { ...known!, uid: ANOTHER_UID });
	const gone = await run(file, { pinData: { 'Scheduled devices': [{ uid, name }] } });
	expect(rows(gone, 'Verdict')).toEqual([{ uid, name, verdict: 'GONE' }]);
	expect(notesIn(file)).toContain('Look Up by name finds it');
});

interface Verdict {
	wanted: unknown;
	namesakes: number;
	verdict: string;
	uid?: string;
	name?: string;
	reason?: string;
	candidates?: Array<{ uid: string; name: string }>;
}

const LARGE_LIST = 'large-list-by-export.json';
const WITHOUT_WAITING = { exportStates: 0 };

it('a large list is matched by its own expressions, and namesakes are for a person', async () => {
	const result = await run(LARGE_LIST, { settings: WITHOUT_WAITING });
	const verdicts = rows(result, 'Rows') as unknown as Verdict[];
	expect(verdicts.map(({ namesakes, verdict }) => [namesakes, verdict])).toEqual([
		[1, 'CERTAIN'],
		[1, 'CERTAIN'],
		[2, 'FOR_A_PERSON'],
		[0, 'FOR_A_PERSON'],
		[1, 'FOR_A_PERSON'],
		[1, 'FOR_A_PERSON'],
	]);
	expect(rows(result, 'For a person')).toHaveLength(4);
	const devices = rows(result, 'Devices');
	expect(devices).toHaveLength(tenant.knownDevices.length);
	const [{ uid, name }] = tenant.inventory as [InventoryDevice];
	expect(devices[0]).toMatchObject({ key: name.toLowerCase(), device: { uid, name } });
});

it('a row of a large list that is for a person has candidates, and no UID that Delete would send', async () => {
	const result = await run(LARGE_LIST, { settings: WITHOUT_WAITING });
	const uncertain = rows(result, 'For a person') as unknown as Verdict[];
	expect(uncertain).toHaveLength(4);
	for (const row of uncertain) {
		expect([row.uid, row.name]).toEqual([undefined, undefined]);
		expect(row.reason).not.toBe('');
		expect(row.candidates?.map(({ name }) => name)).toEqual(
			Array(row.namesakes).fill(String(row.wanted)),
		);
		const known = tenant.knownDevices.filter(({ name }) => name === row.wanted);
		expect(row.candidates?.map(({ uid }) => uid)).toEqual(known.map(({ uid }) => uid));
	}
});

it('an export that the licence cut makes every row of a large list one for a person', async () => {
	const settings = { ...WITHOUT_WAITING, exportCutByLicence: true };
	const result = await run(LARGE_LIST, { settings });
	const pinned = pinnedItems(readExampleWorkflow(LARGE_LIST), 'Retired computers');
	expect(rows(result, 'For a person')).toHaveLength(pinned.length);
	for (const row of rows(result, 'For a person')) expect(row.uid).toBeUndefined();
	expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
	expect(notesIn(LARGE_LIST)).toContain('If your licence cuts the export');
});

it('without an export every row of a large list is one for a person, with the reason', async () => {
	const result = await run(LARGE_LIST, { settings: { nqlPermissionGranted: false } });
	const pinned = pinnedItems(readExampleWorkflow(LARGE_LIST), 'Retired computers');
	expect(rows(result, 'For a person').map(({ reason }) => reason)).toEqual(
		pinned.map(() => 'There is no export to compare with.'),
	);
	expect(rows(result, 'No export')).toMatchObject([{ error: { code: 'FORBIDDEN' } }]);
	expect(tenant.ledger.size).toBe(0);
});

it('a computer of a large list that was seen of late, or nobody knows when, or has no UID, is for a person', async () => {
	const [now, , known] = tenant.knownDevices;
	const list = [now!, known!].map(({ name, serialNumber }) => ({
		name,
		serial_number: serialNumber,
	}));
	const pinData = { 'Retired computers': list };
	const result = await run(LARGE_LIST, { pinData, settings: WITHOUT_WAITING });
	expect(rows(result, 'Rows').map(({ verdict, reason }) => [verdict, reason])).toEqual([
		['FOR_A_PERSON', 'The device was seen less than 30 days ago, or nobody can tell when.'],
		['CERTAIN', undefined],
	]);
});

it('names and serial numbers that are no text are for a person, and the rest of a large list goes on', async () => {
	// The first one was seen a minute ago.
	const [, first, second, third] = tenant.knownDevices;
	const certain = { name: first!.name, serial_number: first!.serialNumber };
	const list = [
		{ name: second!.name, serial_number: 1234 },
		{ name: 5678, serial_number: third!.serialNumber },
		{ name: null, serial_number: null },
		{ name: ['a'], serial_number: { b: 1 } },
		{ name: true, serial_number: ' ' },
		{},
		certain,
	];
	const pinData = { 'Retired computers': list as IDataObject[] };
	const result = await run(LARGE_LIST, { pinData, settings: WITHOUT_WAITING });
	const verdicts = rows(result, 'Rows').map(({ verdict }) => verdict);
	expect(verdicts).toEqual([...Array<string>(list.length - 1).fill('FOR_A_PERSON'), 'CERTAIN']);
	expect([...tenant.ledger.uids()]).toEqual([first!.uid]);
});

it('a large list says how to raise the number of devices that Schedule deletions takes', () => {
	expect(notesIn(LARGE_LIST)).toMatch(/\*Maximum Devices\* of \*Schedule deletions\* is 1,000/);
});
