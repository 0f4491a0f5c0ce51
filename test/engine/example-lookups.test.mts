import { fileURLToPath } from 'node:url';
import type { IDataObject, INode } from 'n8n-workflow';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
	credentialsFor,
	deletionNodes,
	nexthinkNodes,
	readExampleWorkflow,
	SETTINGS_NODE,
	type ExampleWorkflow,
} from '../demonstration/example-workflows.mts';
import { pinnedItems, prepareExample } from '../demonstration/example-runs.mts';
import {
	ALL_DEVICES_QUERY,
	LOOK_UP_QUERY,
	rowOf,
	type Row,
	type SavedQuery,
} from '../simulator/saved-queries.mts';
import { startTenant, type Fault, type Tenant, type TenantSettings } from '../simulator/tenant.mts';
import { loadEngine, type Engine, type ExecutionResult } from './harness/engine.mts';

const PACKAGE_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

const LARGE_LIST = 'large-list-by-export.json';
const SERVICENOW = 'servicenow-look-up-approval.json';
const INTUNE = 'intune-look-up-approval.json';

const METHODS = ['query', 'export'] as const;
type Method = (typeof METHODS)[number];

/** What a person enters in the field Query ID for each method. */
const QUERY_OF = { query: LOOK_UP_QUERY, export: ALL_DEVICES_QUERY } as const;

const FILES = [LARGE_LIST, SERVICENOW, INTUNE];
const EVERY = FILES.flatMap((file) => METHODS.map((method) => [file, method] as const));
/** The one that the file has. */
const methodOf = (file: string): Method => (file === LARGE_LIST ? 'export' : 'query');
const WITH_SECOND_LOOKUP = EVERY.filter(([file]) => file !== LARGE_LIST);

const DELETION = 'Schedule deletions';
const APPROVAL = 'Wait for approval';
const YES = 'Delete them';

let engine: Engine;
let tenant: Tenant;
beforeAll(async () => {
	engine = await loadEngine({ packageFolder: PACKAGE_FOLDER });
	tenant = await startTenant();
});
beforeEach(() => {
	tenant.reset();
	tenant.settings.exportStates = 0;
});
afterAll(async () => await tenant.close());

interface Circumstances {
	/** Default: true. */
	live?: boolean;
	/** What the form is answered with; null stands for no answer, where n8n goes on with what came in. Default: yes. */
	decision?: string | null;
	/** Rows of the source system instead of the pinned ones. */
	source?: IDataObject[];
	settings?: Partial<TenantSettings>;
	/** Changes the workflow as a person would in the editor. */
	change?: (nodes: INode[]) => void;
}

/** As a trigger starts it, so that `$execution.mode` is `production`: nothing but `live` may decide. */
async function run(
	file: string,
	method: Method,
	{ live = true, decision = YES, source, settings, change }: Circumstances = {},
): Promise<ExecutionResult> {
	const example = readExampleWorkflow(file);
	const { workflow, startNode } = prepareExample(
		example,
		source && pinnedSource(file, source),
		live,
	);
	for (const node of nexthinkNodes(workflow)) {
		const { operation, lookupMethod } = node.parameters;
		if (operation !== 'lookUp' || (lookupMethod ?? 'query') === method) continue;
		Object.assign(node.parameters, { lookupMethod: method, queryId: QUERY_OF[method] });
	}
	fillInForm(workflow, decision);
	change?.(workflow.nodes);
	Object.assign(tenant.settings, settings);
	const result = await engine.run(workflow, {
		startNode,
		mode: 'trigger',
		pauses: 'short',
		credentials: credentialsFor(workflow, tenant),
	});
	expect(result.error).toBeUndefined();
	return result;
}

/** The Wait node puts out what is entered in its form. Here it puts out what the form says as well; the expressions are its own. */
function fillInForm({ nodes, pinData }: ExampleWorkflow, decision: string | null): void {
	const node = nodeOf(nodes, APPROVAL);
	delete pinData?.[APPROVAL];
	const { formDescription } = node.parameters as { formDescription: string };
	const fields = { formDescription, ...(decision !== null && { Decision: decision }) };
	putOutInstead(node, fields);
}

/** In: expressions by the names of fields. */
function putOutInstead(node: INode, fields: Record<string, string>): void {
	const assignments = Object.entries(fields).map(([name, value]) => {
		return { id: name, name, value, type: 'string' };
	});
	const parameters = { assignments: { assignments }, options: {} };
	const type = 'n8n-nodes-base.set';
	Object.assign(node, { type, typeVersion: 3.4, parameters, disabled: false });
}

function nodeOf(nodes: readonly INode[], name: string): INode {
	const found = nodes.find((node) => node.name === name);
	if (found === undefined) throw new Error(`No node is called ${name}`);
	return found;
}

/** In: rows as ServiceNow has them. Out: the same as the source of the example gives them. */
function pinnedSource(file: string, source: IDataObject[]): Record<string, IDataObject[]> {
	if (file !== INTUNE) return { 'Retired computers': source };
	const value = source.map(({ sys_id: id, name: deviceName, serial_number: serialNumber }) => {
		return { id, deviceName, serialNumber } as IDataObject;
	});
	return { 'Stale in Intune': [{ value }] };
}

/** The rows that are pinned in an example, with their ids as the outcome has them. */
function pinnedRows(file: string): Array<{ name: string; id?: unknown }> {
	const workflow = readExampleWorkflow(file);
	return file === INTUNE
		? pinnedItems(workflow, 'Stale in Intune')
				.flatMap(({ value }) => value as IDataObject[])
				.map(({ deviceName, id }) => ({ name: deviceName as string, id }))
		: pinnedItems(workflow, 'Retired computers').map(({ name, sys_id: id }) => {
				return { name: name as string, id };
			});
}

const isSameName = (one: unknown, other: string) =>
	String(one).toLowerCase() === other.toLowerCase();

const idsOf = (file: string, name: string) =>
	pinnedRows(file)
		.filter((row) => isSameName(row.name, name))
		.map(({ id }) => id);

/** A line of the outcome. */
interface Line extends IDataObject {
	name: string;
	match: string;
	status: string;
	reason: string;
	candidates: string;
}

/** What a node puts out, which must have run once: a list in several runs is several lists. */
function linesOf(result: ExecutionResult, node: string): Line[] {
	expect([node, result.runs(node)]).toEqual([node, 1]);
	return result.outputs(node)[0]!.map(({ json }) => json as Line);
}

const outcomeOf = (result: ExecutionResult) => linesOf(result, 'Outcome');
const reviewOf = (result: ExecutionResult) => linesOf(result, 'Manual review');

const idOf = ({ sys_id, intuneId }: Line) => sys_id ?? intuneId;
const deletionRequests = () => tenant.requests.filter(({ route }) => route === 'deletions');
const namesSent = () => tenant.ledger.entries.map(({ name }) => name);

function expectNothingSent(): void {
	expect(deletionRequests()).toEqual([]);
	expect(tenant.ledger.size).toBe(0);
}

const CERTAIN = ['PAR-WS-000041', 'LAU-VD-000042'];

/** What is pinned besides the certain ones, and what the lookup says of it. */
const UNCERTAIN: Record<string, Record<string, string>> = {
	[LARGE_LIST]: {
		'BLR-LT-000100': 'AMBIGUOUS',
		'NOT-IN-NEXTHINK': 'NOT_FOUND',
		'MAD-WS-000044': 'CHECK_MISMATCH',
		'PAR-VD-000006': 'CHECK_MISMATCH',
	},
	[SERVICENOW]: {
		'BLR-LT-000100': 'AMBIGUOUS',
		'NOT-IN-NEXTHINK': 'NOT_FOUND',
		'MAD-WS-000044': 'CHECK_MISMATCH',
		'PAR-*': 'REFUSED',
	},
	[INTUNE]: {
		'BLR-VD-000045': 'RECENTLY_SEEN',
		'BLR-WS-000200': 'AMBIGUOUS',
		'NOT-IN-NEXTHINK': 'NOT_FOUND',
		'PAR-LT-000046': 'CHECK_MISMATCH',
	},
};

const matchesOf = (lines: Line[]) =>
	Object.fromEntries(lines.map(({ name, match }) => [name, match]));

function expectEveryRowOnce(file: string, lines: Line[]): void {
	const rows = pinnedRows(file);
	expect(lines).toHaveLength(rows.length);
	if (file !== LARGE_LIST) {
		expect(lines.map(idOf).sort()).toEqual(rows.map(({ id }) => id).sort());
	}
	for (const line of lines) expect([line.name, line.reason]).not.toEqual([line.name, '']);
}

describe.each(EVERY)('%s by %s', (file, method) => {
	it('as imported sends no deletion, asks nobody, and says of each row what would become of it', async () => {
		const result = await run(file, method, { live: false });
		expectNothingSent();
		expect(result.runs(APPROVAL)).toBe(0);
		const lines = outcomeOf(result);
		expectEveryRowOnce(file, lines);
		const wouldGo = lines.filter(({ status }) => status !== '');
		expect(new Set(wouldGo.map(({ name, status }) => `${name} ${status}`))).toEqual(
			new Set(CERTAIN.map((name) => `${name} DRY_RUN`)),
		);
		expect(matchesOf(reviewOf(result))).toEqual(UNCERTAIN[file]);
	});

	it('switched to live and approved, sends the certain devices and no other', async () => {
		const result = await run(file, method);
		expect(namesSent()).toEqual(CERTAIN);
		const lines = outcomeOf(result);
		expectEveryRowOnce(file, lines);
		const queued = lines.filter(({ status }) => status === 'SCHEDULED');
		expect(new Set(queued.map(({ name }) => name))).toEqual(new Set(CERTAIN));
		expect(matchesOf(reviewOf(result))).toEqual(UNCERTAIN[file]);
	});

	it.each([
		['was answered with no', 'Do not delete them', 'the answer was no'],
		['was not answered in time', null, 'there was no answer in time'],
	])(
		'sends nothing when the form %s, and every row is for manual review',
		async (_, decision, why) => {
			const result = await run(file, method, { decision });
			expectNothingSent();
			const review = reviewOf(result);
			expectEveryRowOnce(file, review);
			const notApproved = review.filter(({ match }) => match === 'FOUND');
			expect(notApproved.map(({ name }) => name.toUpperCase())).toEqual(
				expect.arrayContaining(CERTAIN),
			);
			for (const { status, reason } of notApproved) {
				expect([status, reason]).toEqual(['', `Not approved: ${why}.`]);
			}
		},
	);

	it('lists candidates as text, and no UID of a device that is not certain', async () => {
		const review = reviewOf(await run(file, method));
		const [ambiguous] = review.filter(({ match }) => match === 'AMBIGUOUS');
		expect(ambiguous!.candidates.split('\n')).toHaveLength(2);
		const known = tenant.knownDevices.map(({ uid }) => uid);
		const text = JSON.stringify(review);
		expect(known.filter((uid) => text.includes(uid))).toEqual([]);
	});

	it('has every row for manual review when Nexthink gives no devices', async () => {
		const result = await run(file, method, { settings: { nqlPermissionGranted: false } });
		expectNothingSent();
		expect(result.runs(APPROVAL)).toBe(0);
		const review = reviewOf(result);
		expectEveryRowOnce(file, review);
		const unasked = review.filter(({ match }) => match !== 'UNKNOWN');
		expect(unasked.map(({ match }) => match)).toEqual(file === SERVICENOW ? ['REFUSED'] : []);
	});

	it('sends nothing of two rows of a device that was seen an hour ago', async () => {
		const position = tenant.knownDevices.findIndex(({ name }) => name === CERTAIN[0]);
		const device = { ...tenant.knownDevices[position]!, lastSeen: Date.now() - 3_600_000 };
		tenant.knownDevices[position] = device;
		const source = ['1', '2'].map((sys_id) => {
			return { sys_id, name: device.name, serial_number: device.serialNumber };
		});
		const result = await run(file, method, { source });
		expectNothingSent();
		expect(reviewOf(result).map(({ match }) => match)).toEqual(['RECENTLY_SEEN', 'RECENTLY_SEEN']);
	});

	it('shows each device of the form once, with name, serial number, last seen and UID', async () => {
		const result = await run(file, method);
		const [{ json }] = result.outputs(APPROVAL)[0] as [{ json: { formDescription: string } }];
		const shown = [...json.formDescription.matchAll(/<tr><td>(.*?)<\/td><\/tr>/g)];
		const devices = CERTAIN.map(
			(wanted) => rowOf(tenant.knownDevices.find(({ name }) => name === wanted)!) as Row,
		);
		expect(shown.map(([, cells]) => cells!.split('</td><td>'))).toEqual(
			devices.map((device) => [
				device['device.name'],
				device['device.hardware.machine_serial_number'],
				device['device.last_seen'],
				device['device.uid'],
			]),
		);
		expect(json.formDescription).toContain(
			'choose Delete them to schedule these 2 devices for deletion',
		);
	});
});

describe.each(FILES)('%s', (file) => {
	it.each(['true', 1, null, ''])('makes a dry run of the live value %j', async (live) => {
		const change = (nodes: INode[]) => {
			const { assignments } = nodeOf(nodes, SETTINGS_NODE).parameters.assignments as {
				assignments: IDataObject[];
			};
			const type = typeof live === 'number' ? 'number' : 'string';
			Object.assign(assignments[0]!, { value: live, type });
		};
		const result = await run(file, methodOf(file), { live: false, change });
		expectNothingSent();
		expect(result.runs(APPROVAL)).toBe(0);
		expect(outcomeOf(result).map(({ status }) => status)).toContain('DRY_RUN');
	});

	it.each<[string, Fault | undefined, Partial<TenantSettings>]>([
		['REJECTED', undefined, { featureEnabled: false }],
		['UNKNOWN', { kind: 'reset', queued: true }, {}],
	])('has what Delete reports as %s for manual review', async (status, play, settings) => {
		if (play !== undefined) tenant.faults.add({ route: 'deletions', times: Infinity, play });
		const withoutRetries = (nodes: INode[]) => {
			Object.assign(nodeOf(nodes, DELETION).parameters.options!, { maxRetries: 0 });
		};
		const result = await run(file, methodOf(file), { settings, change: withoutRetries });
		const review = reviewOf(result);
		expectEveryRowOnce(file, review);
		const ofDelete = review.filter(({ match }) => match === 'FOUND');
		expect(new Set(ofDelete.map((line) => line.status))).toEqual(new Set([status]));
		expect(new Set(ofDelete.map(({ name }) => name))).toEqual(new Set(CERTAIN));
	});

	it('has each row with its name for manual review if the field with the names is wrong', async () => {
		const change = (nodes: INode[]) => {
			nodeOf(nodes, 'Look up').parameters.lookupField = 'no_such_field';
		};
		const result = await run(file, methodOf(file), { change });
		const lines = reviewOf(result);
		expectEveryRowOnce(file, lines);
		const names = pinnedRows(file).map(({ name }) => name);
		expect(lines.map(({ name }) => name)).toEqual(names);
		expectNothingSent();
	});

	it('sends nothing of a list that is longer than Maximum Devices', async () => {
		const change = (nodes: INode[]) => {
			nodeOf(nodes, DELETION).parameters.maxDevices = 1;
		};
		const review = reviewOf(await run(file, methodOf(file), { change }));
		expectNothingSent();
		expectEveryRowOnce(file, review);
		for (const { status, reason } of review.filter(({ match }) => match === 'FOUND')) {
			expect([status, reason]).toEqual(['NOT_SENT', expect.stringContaining('Maximum Devices')]);
		}
	});

	it('shows a device whose name is HTML as text', async () => {
		const name = '<b>PC</b> & <!--';
		tenant.knownDevices[41] = { ...tenant.knownDevices[41]!, name };
		const { serialNumber } = tenant.knownDevices[41];
		const source = [{ sys_id: '1', name, serial_number: serialNumber }];
		const result = await run(file, methodOf(file), { source });
		const [{ json }] = result.outputs(APPROVAL)[0] as [{ json: { formDescription: string } }];
		expect(json.formDescription).toContain('<td>&lt;b>PC&lt;/b> &amp; &lt;!--</td>');
		expect(json.formDescription).toContain(
			'choose Delete them to schedule this device for deletion',
		);
		expect(namesSent()).toEqual([name]);
	});
});

/** From the second lookup on the rows of this device are other ones, whatever query finds them. */
function changeBetweenLookUps(wanted: string, change: (row: Row) => Row[]): void {
	for (const id of [LOOK_UP_QUERY, ALL_DEVICES_QUERY]) {
		const position = tenant.queries.findIndex((query) => query.id === id);
		tenant.queries[position] = changedLater(tenant.queries[position]!, wanted, change);
	}
}

function changedLater(query: SavedQuery, wanted: string, change: (row: Row) => Row[]): SavedQuery {
	let asked = 0;
	return {
		...query,
		rows: (devices, parameters) => {
			const found = [...query.rows(devices, parameters)];
			if (!found.some((row) => row['device.name'] === wanted)) return found;
			if (++asked === 1) return found;
			return found.flatMap((row) => (row['device.name'] === wanted ? change(row) : [row]));
		},
	};
}

const ANOTHER_UID = '00000000-0000-4000-8000-000000000001';
const CHANGING = 'LAU-VD-000042';

describe.each(WITH_SECOND_LOOKUP)('when the approval of %s by %s comes', (file, method) => {
	it.each<[string, string, (row: Row) => Row[]]>([
		['is set up anew', 'ANOTHER_DEVICE', (row) => [{ ...row, 'device.uid': ANOTHER_UID }]],
		[
			'has reported',
			'RECENTLY_SEEN',
			(row) => [{ ...row, 'device.last_seen': new Date().toISOString() }],
		],
		['has a namesake', 'AMBIGUOUS', (row) => [row, { ...row, 'device.uid': ANOTHER_UID }]],
		[
			'has another serial number',
			'CHECK_MISMATCH',
			(row) => [{ ...row, 'device.hardware.machine_serial_number': 'ANOTHER' }],
		],
		['is gone', 'NOT_FOUND', () => []],
	])('a device that %s is for manual review and is not sent', async (_, match, change) => {
		changeBetweenLookUps(CHANGING, change);
		const result = await run(file, method);
		expect(result.outputs('Certain?')[0]!.map(({ json }) => json.name)).toContain(CHANGING);
		expect(namesSent()).toEqual(['PAR-WS-000041']);
		const changed = reviewOf(result).filter(({ name }) => isSameName(name, CHANGING));
		expect(changed).toMatchObject([{ match, status: '' }]);
		expect(changed.map(idOf)).toEqual(idsOf(file, CHANGING));
		expect(changed[0]!.reason).not.toBe('');
		expectEveryRowOnce(file, outcomeOf(result));
	});

	it('every device is for manual review when the second lookup has no answer', async () => {
		const route = method === 'query' ? 'nqlExecute' : 'nqlExport';
		const before = new Set(
			pinnedRows(file)
				.map(({ name }) => name.toLowerCase())
				.filter((name) => !name.includes('*')),
		).size;
		tenant.faults.add({
			route,
			from: method === 'query' ? before + 1 : 2,
			times: Infinity,
			play: { kind: 'status', status: 403, body: { code: 403, message: 'No.' } },
		});
		const result = await run(file, method);
		expect(result.runs('Look up again')).toBe(1);
		expect(result.runs(DELETION)).toBe(0);
		expectNothingSent();
		const review = reviewOf(result);
		expectEveryRowOnce(file, review);
		const approved = review.filter(({ name }) => CERTAIN.some((each) => isSameName(each, name)));
		expect(new Set(approved.map(({ match }) => match))).toEqual(new Set(['UNKNOWN']));
	});

	it('makes no more requests for devices than the note says', async () => {
		await run(file, method);
		const exports = tenant.requests.filter(({ route }) => route === 'nqlExport');
		const queries = tenant.requests.filter(({ route }) => route === 'nqlExecute');
		const names = new Set(pinnedRows(file).map(({ name }) => name.toLowerCase()));
		names.delete('par-*');
		expect([exports.length, queries.length]).toEqual(
			method === 'export' ? [2, 0] : [0, names.size + CERTAIN.length],
		);
	});
});

it.each<[string, Fault | undefined, boolean]>([
	['SCHEDULED', undefined, true],
	['UNKNOWN', { kind: 'reset', queued: true }, true],
	['REJECTED', { kind: 'status', status: 403, body: { code: 'FEATURE_NOT_ENABLED' } }, true],
	['DRY_RUN', undefined, false],
])(
	'ServiceNow gets a note of each computer that is queued or may be, and of no other: %s',
	async (status, play, live) => {
		if (play !== undefined) tenant.faults.add({ route: 'deletions', times: Infinity, play });
		const writing = 'Note it on the computer';
		const result = await run(SERVICENOW, 'query', {
			live,
			change: (nodes) => {
				Object.assign(nodeOf(nodes, DELETION).parameters.options!, { maxRetries: 0 });
				const node = nodeOf(nodes, writing);
				const { id, fieldsToSend } = node.parameters as {
					id: string;
					fieldsToSend: { field: Array<{ column: string; value: string }> };
				};
				const [field] = fieldsToSend.field;
				putOutInstead(node, { id, [field!.column]: field!.value });
			},
		});
		const isNoted = status === 'SCHEDULED' || status === 'UNKNOWN';
		expect(result.runs(writing)).toBe(Number(isNoted));
		const written = result.outputs(writing)[0]?.map(({ json }) => json) ?? [];
		const ids = CERTAIN.flatMap((name) => idsOf(SERVICENOW, name));
		expect(written.map(({ id }) => id).sort()).toEqual(isNoted ? ids.sort() : []);
		for (const { u_nexthink_deletion: note } of written) {
			expect(note).toContain(`Nexthink deletion ${status}: `);
		}
	},
);

it('names and serial numbers that are no text are for manual review, and the rest of a large list goes on', async () => {
	const [, first, second, third] = tenant.knownDevices;
	const certain = { name: first!.name, serial_number: first!.serialNumber };
	const source = [
		{ name: second!.name, serial_number: 1234 },
		{ name: 5678, serial_number: third!.serialNumber },
		{ name: null, serial_number: null },
		{ name: ['a'], serial_number: { b: 1 } },
		{ name: true, serial_number: ' ' },
		{},
		certain,
	];
	const result = await run(LARGE_LIST, 'export', { source: source as IDataObject[] });
	expect(reviewOf(result)).toHaveLength(source.length - 1);
	expect([...tenant.ledger.uids()]).toEqual([first!.uid]);
});

it('an export that the licence cut makes every row of a large list one for manual review', async () => {
	const result = await run(LARGE_LIST, 'export', { settings: { exportCutByLicence: true } });
	expectNothingSent();
	expectEveryRowOnce(LARGE_LIST, reviewOf(result));
});

it('a file with a broken line makes every row of a large list one for manual review', async () => {
	const body = 'device.uid,device.name\nx,"PC';
	const play: Fault = { kind: 'status', status: 200, body };
	tenant.faults.add({ route: 'file', times: Infinity, play });
	const result = await run(LARGE_LIST, 'export');
	expectNothingSent();
	expectEveryRowOnce(LARGE_LIST, reviewOf(result));
});

it('a large list needs one export', async () => {
	await run(LARGE_LIST, 'export');
	expect(tenant.requests.filter(({ route }) => route === 'nqlExport')).toHaveLength(1);
	expect(tenant.requests.filter(({ route }) => route === 'nqlExecute')).toEqual([]);
});

describe.each(FILES)('the first note of %s', (file) => {
	const { nodes } = readExampleWorkflow(file);
	const [first] = nodes.map(({ parameters }) => String(parameters.content ?? ''));

	it('names at most six nodes to touch, and each of them exists', () => {
		const steps = [...first!.matchAll(/^\d\. \*([^*]+)\*/gm)].map(([, name]) => name!);
		expect(steps.length).toBeGreaterThan(0);
		expect(steps.length).toBeLessThanOrEqual(6);
		expect(nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(steps));
		expect(steps.at(-1)).toBe(SETTINGS_NODE);
		expect(deletionNodes(readExampleWorkflow(file)).map(({ name }) => name)).toEqual([DELETION]);
	});
});

it('a large list says how to raise the number of devices that Schedule deletions takes', () => {
	const { nodes } = readExampleWorkflow(LARGE_LIST);
	const notes = nodes.map(({ parameters }) => String(parameters.content ?? '')).join('\n');
	expect(notes).toMatch(/\*Schedule deletions\*: .*\*Maximum Devices\* is 1,000/);
});
