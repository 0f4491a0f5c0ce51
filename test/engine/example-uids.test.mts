import { fileURLToPath } from 'node:url';
import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
	credentialsFor,
	deletionNodes,
	lookUpNodes,
	readExampleWorkflow,
	SETTINGS_NODE,
	withParameters,
	type ExampleWorkflow,
} from '../demonstration/example-workflows.mts';
import { pinnedItems, prepareExample } from '../demonstration/example-runs.mts';
import { outcomesOf } from '../demonstration/outcomes.mts';
import { ALL_DEVICES_QUERY, LOOK_UP_BY_UID_QUERY } from '../simulator/saved-queries.mts';
import {
	startTenant,
	type Fault,
	type KnownDevice,
	type Tenant,
	type TenantSettings,
} from '../simulator/tenant.mts';
import { loadEngine, type Engine, type ExecutionResult } from './harness/engine.mts';

const PACKAGE_FOLDER = fileURLToPath(new URL('../..', import.meta.url));
const DELETION = 'Schedule deletions';
const REVIEW = 'Manual review';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What a source says of a device, by the names that it has for it. */
interface Listed {
	readonly uid: string;
	readonly name: string;
}

type Pinned = Record<string, IDataObject[]>;

/** Each example that brings UIDs of its own: how its source would put out a list. */
const SOURCES: Record<string, (list: readonly Listed[]) => Pinned> = {
	'delete-devices-from-a-list.json': (list) => ({
		'Devices to delete': list.map((device) => ({ ...device })),
	}),
	'dry-run-approval-delete.json': (list) => ({
		'Retired devices': list.map((device) => ({ ...device })),
	}),
	'intune-stale-devices.json': (list) => ({
		'Stale in Intune': [
			{ value: list.map(({ name }, n) => ({ id: `i${n}`, deviceName: name, azureADDeviceId: n })) },
		],
		'UIDs in Entra': [
			{
				value: list.map(({ uid }, n) => ({
					deviceId: n,
					extensionAttributes: { extensionAttribute1: uid },
				})),
			},
		],
	}),
	'nightly-with-audit-trail.json': (list) => ({
		'Retired devices': list.map((device) => ({ ...device })),
	}),
	'servicenow-retired-computers.json': (list) => ({
		'Retired computers': list.map(({ uid, name }, n) => ({
			sys_id: `s${n}`,
			name,
			u_nexthink_uid: uid,
		})),
	}),
};

const FILES = Object.keys(SOURCES);

let engine: Engine;
let tenant: Tenant;
beforeAll(async () => {
	engine = await loadEngine({ packageFolder: PACKAGE_FOLDER });
	tenant = await startTenant({ settings: { exportStates: 0 } });
});
beforeEach(() => tenant.reset());
afterAll(async () => await tenant.close());

interface ExampleRun {
	/** Without it, what is pinned in the file. */
	list?: readonly Listed[];
	/** Default: true. Otherwise the file is run as it is imported. */
	isLive?: boolean;
	mode?: 'manual' | 'trigger';
	settings?: Partial<TenantSettings>;
	change?: (workflow: ExampleWorkflow) => ExampleWorkflow;
}

async function run(file: string, options: ExampleRun = {}): Promise<ExecutionResult> {
	const { list, isLive = true, mode = 'trigger', change = (workflow) => workflow } = options;
	const pinned = list && SOURCES[file]!(list);
	const prepared = prepareExample(readExampleWorkflow(file), pinned, isLive);
	const workflow = change(prepared.workflow);
	Object.assign(tenant.settings, options.settings);
	const result = await engine.run(workflow, {
		startNode: prepared.startNode,
		mode,
		pauses: 'short',
		credentials: credentialsFor(workflow, tenant),
	});
	expect(result.error).toBeUndefined();
	return result;
}

/** What a node put out. It must not have run more than once: its list would not be one. */
function rows(result: ExecutionResult, node: string): IDataObject[] {
	expect(result.runs(node)).toBeLessThanOrEqual(1);
	return result.outputs(node).flatMap((branch) => branch.map(({ json }) => json));
}

/** What the list for manual review says of each device. */
function reviewed(result: ExecutionResult): Array<[match: unknown, status: unknown]> {
	return rows(result, REVIEW).map(({ match, status }) => [match, status]);
}

const deletionRequests = () => tenant.requests.filter(({ route }) => route === 'deletions');

/** Devices of the tenant that it has last seen so long ago. */
function devicesSeen(...ages: number[]): KnownDevice[] {
	return ages.map((age, position) => {
		const device = { ...tenant.knownDevices[position]!, lastSeen: Date.now() - age };
		tenant.knownDevices[position] = device;
		return device;
	});
}

const listed = ({ uid, name }: KnownDevice): Listed => ({ uid, name });

describe.each(FILES)('%s', (file) => {
	it('sends a stale device that its list names, by the UID and the name that Nexthink has', async () => {
		const [stale] = devicesSeen(31 * DAY);
		const { uid, name } = stale!;
		const list = [{ uid: ` ${uid.toUpperCase()}`.trim(), name: name.toLowerCase() }];
		const result = await run(file, { list });
		expect(outcomesOf(result, DELETION)).toMatchObject([{ uid, name, status: 'SCHEDULED' }]);
		expect(tenant.ledger.entries).toMatchObject([{ uid, name }]);
		expect(reviewed(result)).toEqual([]);
	});

	it('sends nothing if two stale rows name a device that Nexthink has seen an hour ago', async () => {
		const [inUse] = devicesSeen(HOUR);
		const result = await run(file, { list: [listed(inUse!), listed(inUse!)] });
		expect(deletionRequests()).toEqual([]);
		expect(reviewed(result)).toEqual([
			['RECENTLY_SEEN', ''],
			['RECENTLY_SEEN', ''],
		]);
	});

	it('sends nothing if the device of a UID has another name', async () => {
		const [one, other] = devicesSeen(100 * DAY, 100 * DAY);
		const result = await run(file, { list: [{ uid: one!.uid, name: other!.name }] });
		expect(deletionRequests()).toEqual([]);
		expect(reviewed(result)).toEqual([['CHECK_MISMATCH', '']]);
		const [{ reason }] = rows(result, REVIEW) as [{ reason: string }];
		expect(reason).toContain(one!.name);
		expect(reason).toContain(other!.name);
	});

	it('sends nothing if the list has the UID of the Collector', async () => {
		const [stale] = devicesSeen(100 * DAY);
		const list = [{ uid: stale!.collectorUid, name: stale!.name }];
		expect(reviewed(await run(file, { list }))).toEqual([['NOT_FOUND', '']]);
		expect(deletionRequests()).toEqual([]);
	});

	it.each(['as in the file', 'by the other method, set as its note says'])(
		'sends what is certain out of a mixed list, and has the rest for manual review: %s',
		async (method) => {
			const [stale, inUse, renamed, other] = devicesSeen(40 * DAY, HOUR, 90 * DAY, 29 * DAY);
			const list = [
				listed(inUse!),
				{ uid: renamed!.uid, name: 'ANOTHER-NAME' },
				listed(stale!),
				{ uid: '00000000-0000-4000-8000-000000000001', name: 'GONE' },
				listed(other!),
				{ uid: '', name: 'WITHOUT-UID' },
			];
			const change = method === 'as in the file' ? undefined : byTheOtherMethod;
			const result = await run(file, { list, change });
			expect(tenant.ledger.entries.map(({ uid }) => uid)).toEqual([stale!.uid]);
			expect(rows(result, REVIEW).map(({ name, match }) => [name, match])).toEqual([
				[inUse!.name, 'RECENTLY_SEEN'],
				['ANOTHER-NAME', 'CHECK_MISMATCH'],
				['GONE', 'NOT_FOUND'],
				[other!.name, 'RECENTLY_SEEN'],
				['WITHOUT-UID', 'REFUSED'],
			]);
			for (const { reason } of rows(result, REVIEW)) expect(reason).toMatch(/\S/);
		},
	);

	it('sends nothing, and has all for manual review, if Nexthink answers no query', async () => {
		const list = devicesSeen(40 * DAY, 50 * DAY).map(listed);
		const result = await run(file, { list, settings: { nqlPermissionGranted: false } });
		expect(deletionRequests()).toEqual([]);
		expect(rows(result, REVIEW)).toMatchObject(
			list.map(({ name }) => ({
				name,
				match: 'UNKNOWN',
				status: '',
				reason: expect.stringMatching(/\S/) as string,
			})),
		);
	});

	it('has what Nexthink rejects for manual review, with the status of its deletion', async () => {
		const list = devicesSeen(40 * DAY, 50 * DAY).map(listed);
		const result = await run(file, { list, settings: { featureEnabled: false } });
		expect(rows(result, REVIEW)).toMatchObject(
			list.map(({ name }) => ({
				name,
				match: 'FOUND',
				status: 'REJECTED',
				reason: expect.stringContaining('FEATURE_NOT_ENABLED') as string,
			})),
		);
	});

	it('has a list for manual review out of which no Delete sends a device', async () => {
		const [stale, inUse] = devicesSeen(40 * DAY, HOUR);
		const list = [listed(stale!), listed(inUse!)];
		const result = await run(file, { list, settings: { featureEnabled: false } });
		const items = rows(result, REVIEW);
		expect(items).toHaveLength(2);
		tenant.reset();
		const [deletion] = deletionNodes(readExampleWorkflow(file));
		const draggedIn = await engine.run(deletionOnly(deletion!, items), {
			credentials: credentialsFor({ nodes: [deletion!], connections: {} }, tenant),
		});
		expect(outcomesOf(draggedIn, DELETION).map(({ status }) => status)).toEqual([
			'INVALID',
			'INVALID',
		]);
		expect(tenant.requests).toEqual([]);
	});
});

/** A workflow of nothing but a Delete that takes what was looked up for the UID. */
function deletionOnly(node: INode, items: IDataObject[]) {
	const source: INode = {
		...{ id: 'list', name: 'List', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1 },
		...{ position: [0, 0], parameters: {} },
	};
	const parameters = { uidField: 'lookup', options: {} };
	return {
		nodes: [source, { ...node, parameters }],
		connections: { List: { main: [[{ node: node.name, type: 'main' as const, index: 0 }]] } },
		pinData: { List: items.map((json) => ({ json })) },
		settings: { executionOrder: 'v1' as const },
	};
}

/** As the note of each example says. */
function byTheOtherMethod(workflow: ExampleWorkflow): ExampleWorkflow {
	const [lookUp] = lookUpNodes(workflow);
	const isByExport = lookUp!.parameters.lookupMethod === 'export';
	const other: INodeParameters = isByExport
		? { lookupMethod: 'query', queryId: LOOK_UP_BY_UID_QUERY, parameterName: 'device_uid' }
		: { lookupMethod: 'export', queryId: ALL_DEVICES_QUERY };
	const note = notesOf(workflow).find(({ content }) => content.includes('*Lookup Method* is'));
	expect(note?.content).toContain(`set *Lookup Method* to ${isByExport ? 'Query' : 'Export'}`);
	for (const value of [other.queryId, other.parameterName ?? '']) {
		expect(note?.content).toContain(String(value));
	}
	const names = lookUpNodes(workflow).map(({ name }) => name);
	return withParameters(workflow, ({ name }) => names.includes(name), other);
}

interface Note {
	content: string;
	width: number;
	height: number;
	position: [number, number];
}

function notesOf({ nodes }: ExampleWorkflow): Note[] {
	return nodes
		.filter(({ type }) => type === 'n8n-nodes-base.stickyNote')
		.map(({ parameters, position }) => ({ ...(parameters as unknown as Note), position }));
}

describe.each(FILES)('%s, as it is imported', (file) => {
	it.each(['manual', 'trigger'] as const)('sends no deletion request (%s)', async (mode) => {
		const result = await run(file, { isLive: false, mode });
		const statuses = outcomesOf(result, DELETION).map(({ status }) => status);
		expect(new Set(statuses)).toEqual(new Set(['DRY_RUN']));
		expect(tenant.requests.length).toBeGreaterThan(0);
		expect(deletionRequests()).toEqual([]);
		expect(tenant.ledger.size).toBe(0);
	});

	it.each<[string, IDataObject[]]>([
		['the text true', [{ name: 'live', value: 'true', type: 'string' }]],
		['the number 1', [{ name: 'live', value: 1, type: 'number' }]],
		['left out', []],
	])('sends no deletion request if live is %s', async (_, live) => {
		const change = (workflow: ExampleWorkflow) => {
			const settings = workflow.nodes.find(({ name }) => name === SETTINGS_NODE)!;
			const { assignments } = settings.parameters.assignments as { assignments: IDataObject[] };
			const others = assignments.filter(({ name }) => name !== 'live');
			return withParameters(workflow, (node) => node === settings, {
				assignments: { assignments: [...others, ...live] },
			} as INodeParameters);
		};
		const result = await run(file, { isLive: false, change });
		expect(outcomesOf(result, DELETION).map(({ status }) => status)).toContain('DRY_RUN');
		expect(deletionRequests()).toEqual([]);
	});
});

const NIGHTLY = 'nightly-with-audit-trail.json';

it('a dry run of every night is not in the audit trail as scheduled', async () => {
	const statuses = rows(await run(NIGHTLY, { isLive: false }), 'Outcome').map(
		({ status }) => status,
	);
	expect(statuses.sort()).toEqual(['', 'DRY_RUN', 'DRY_RUN', 'DRY_RUN', 'DRY_RUN']);
});

it.each([true, false])(
	'the audit trail has a line for each device that fits its table (feature on: %s)',
	async (featureEnabled) => {
		const { nodes, pinData } = readExampleWorkflow(NIGHTLY);
		const columnsOf = <Columns,>(name: string) =>
			nodes.find((node) => node.name === name)?.parameters.columns as Columns;
		const { column } = columnsOf<{ column: Array<{ name: string; type?: string }> }>(
			'Table of the audit trail',
		);
		const { schema } = columnsOf<{ schema: Array<{ id: string; type: string }> }>('Write it down');
		expect(schema.map(({ id, type }) => [id, type])).toEqual(
			column.map(({ name, type = 'string' }) => [name, type]),
		);
		const audit = rows(await run(NIGHTLY, { settings: { featureEnabled } }), 'Outcome');
		const status = featureEnabled ? 'SCHEDULED' : 'REJECTED';
		expect(audit.map((line) => [line.match, line.status])).toEqual([
			...Array.from({ length: 4 }, () => ['FOUND', status]),
			['RECENTLY_SEEN', ''],
		]);
		expect(audit.map(({ lookup }) => lookup).sort()).toEqual(
			pinData!['Retired devices']!.map(({ json }) => json.uid).sort(),
		);
		for (const line of audit) {
			expect(Object.entries(line).map(([key, value]) => [key, typeof value])).toEqual(
				schema.map(({ id, type }) => [id, type]),
			);
		}
	},
);

it('Intune: the two stale records of a laptop that was enrolled anew are in the sample rows', async () => {
	const review = rows(await run('intune-stale-devices.json'), REVIEW);
	const recent = review.filter(({ match }) => match === 'RECENTLY_SEEN');
	expect(new Set(recent.map(({ intuneId }) => intuneId)).size).toBe(2);
	expect(new Set(recent.map(({ serialNumber }) => serialNumber)).size).toBe(1);
	const queued = tenant.ledger.entries.map(({ uid }) => uid);
	for (const { lookup } of recent) expect(queued).not.toContain(lookup);
});

it.each<[string, boolean, Fault | undefined]>([
	['SCHEDULED', true, undefined],
	['UNKNOWN', true, { kind: 'reset', queued: true }],
	['REJECTED', true, { kind: 'status', status: 403, body: { code: 'FEATURE_NOT_ENABLED' } }],
	['DRY_RUN', false, undefined],
])(
	'ServiceNow gets a note on each computer that is queued or might be, and on no other: %s',
	async (status, isLive, play) => {
		if (play !== undefined) tenant.faults.add({ route: 'deletions', times: Infinity, play });
		const file = 'servicenow-retired-computers.json';
		const withoutRetries = (workflow: ExampleWorkflow) =>
			withParameters(workflow, ({ name }) => name === DELETION, { options: { maxRetries: 0 } });
		const result = await run(file, { isLive, change: withoutRetries });
		const outcomes = rows(result, 'Outcome').filter(({ match }) => match === 'FOUND');
		expect(outcomes.map((line) => line.status)).toEqual(Array(4).fill(status));
		const [, ...silent] = pinnedItems(readExampleWorkflow(file), 'Retired computers');
		expect(outcomes.map(({ sys_id }) => sys_id)).toEqual(silent.map(({ sys_id }) => sys_id));
		const isNoted = status === 'SCHEDULED' || status === 'UNKNOWN';
		expect(rows(result, 'Queued, or perhaps')).toEqual(isNoted ? outcomes : []);
	},
);
