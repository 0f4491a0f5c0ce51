import type { IDataObject, IPinData } from 'n8n-workflow';
import { withLive, type ExampleWorkflow } from './example-workflows.mts';

interface ExampleRun {
	readonly startNode: string;
	/**
	 * What stands in for the nodes of n8n that the engine of the tests has not: before the deletion what
	 * such a node would put out, behind it nothing.
	 */
	readonly standIns: (workflow: ExampleWorkflow) => Readonly<Record<string, IDataObject[]>>;
}

/** It asks in forms, waits between lookups, and keeps a table: a whole n8n runs it, and nothing less. */
export const NEEDS_SERVER = 'prove-on-one-device.json';

const BY_HAND = 'Start by hand';

/** How each file of `examples/` can be run without a whole n8n. */
const RUNS: Readonly<Record<string, ExampleRun>> = {
	'csv-export.json': {
		startNode: BY_HAND,
		standIns: () => ({ 'Outcome as CSV': [] }),
	},
	'delete-devices-from-a-list.json': { startNode: BY_HAND, standIns: () => ({}) },
	'dry-run-approval-delete.json': {
		startNode: BY_HAND,
		standIns: () => ({ 'Wait for approval': [{ Decision: 'Delete them' }] }),
	},
	'fan-out-in-queue-mode.json': {
		startNode: BY_HAND,
		// What it does with chunks is seen in a whole n8n only.
		standIns: () => ({
			...{ Chunks: [], 'Next chunks': [], 'Send a chunk': [], 'Outcome of each device': [] },
		}),
	},
	'gone-or-still-present.json': { startNode: BY_HAND, standIns: () => ({}) },
	'intune-look-up-approval.json': {
		startNode: BY_HAND,
		standIns: () => ({ 'Wait for approval': [{ Decision: 'Delete them' }] }),
	},
	'intune-stale-devices.json': { startNode: BY_HAND, standIns: joinedByDeviceId },
	'large-list-by-export.json': {
		startNode: BY_HAND,
		standIns: () => ({ 'Wait for approval': [{ Decision: 'Delete them' }] }),
	},
	'nightly-with-audit-trail.json': {
		startNode: 'Every night at 02:30',
		standIns: (workflow) => ({
			'Table of the audit trail': [{}],
			'Tables by name': [{ name: 'nexthink_deletion_audit' }],
			'Drop old lines': [{}],
			'Earlier nights': staleOnEarlierNights(workflow),
			'Write it down': [],
		}),
	},
	'servicenow-look-up-approval.json': {
		startNode: BY_HAND,
		standIns: () => ({ 'Wait for approval': [{ Decision: 'Delete them' }] }),
	},
	'servicenow-retired-computers.json': { startNode: BY_HAND, standIns: () => ({}) },
	'webhook-with-answer.json': {
		startNode: 'Deletion request',
		standIns: () => ({ 'All outcomes': [], 'Answer the caller': [] }),
	},
};

export interface PreparedExample {
	readonly workflow: ExampleWorkflow;
	readonly startNode: string;
	/** The nodes that are stood in for. */
	readonly stoodInFor: readonly string[];
}

/**
 * In: an example, data to pin instead of its own, and whether it is to be live or as it is imported. Out:
 * the same with what it needs to run in the engine of the tests. Throws for a file that has no entry above.
 */
export function prepareExample(
	workflow: ExampleWorkflow,
	pinned: Readonly<Record<string, IDataObject[]>> = {},
	isLive = true,
): PreparedExample {
	const run = RUNS[workflow.file];
	if (run === undefined) throw new Error(`It isn't said here how ${workflow.file} can be run.`);
	const withData = { ...workflow, pinData: { ...workflow.pinData, ...pinData(pinned) } };
	const changed = isLive ? withLive(withData, true) : withData;
	const standIns = run.standIns(changed);
	return {
		workflow: { ...changed, pinData: { ...changed.pinData, ...pinData(standIns) } },
		startNode: run.startNode,
		stoodInFor: Object.keys(standIns),
	};
}

/** Out: the json of what a pinned node puts out. */
export function pinnedItems(workflow: ExampleWorkflow, node: string): IDataObject[] {
	return (workflow.pinData?.[node] ?? []).map(({ json }) => json);
}

/** Split Out and Merge, for the pages that are pinned to the two nodes before them. */
function joinedByDeviceId(workflow: ExampleWorkflow): Record<string, IDataObject[]> {
	const intune = devicesOfPages(workflow, 'Stale in Intune');
	const entra = devicesOfPages(workflow, 'UIDs in Entra');
	const joined = intune.map((device) => ({
		...device,
		...entra.find(({ deviceId }) => deviceId === device.azureADDeviceId),
	}));
	return { 'Intune devices': intune, 'Entra devices': entra, 'Intune devices with UID': joined };
}

const DAY = 86_400_000;

/** Lines of the audit trail by which each device was stale on the nights before, in whatever timezone the engine is. */
function staleOnEarlierNights(workflow: ExampleWorkflow): IDataObject[] {
	return [-1, 0, 1, 2, 3].flatMap((days) =>
		pinnedItems(workflow, 'Retired devices').map(({ uid }) => ({
			lookup: String(uid).toLowerCase(),
			night: new Date(Date.now() - days * DAY).toISOString().slice(0, 10),
			match: 'FOUND',
			status: 'WAITING',
		})),
	);
}

/** Split Out, for the pages that are pinned to a node. */
function devicesOfPages(workflow: ExampleWorkflow, node: string): IDataObject[] {
	return pinnedItems(workflow, node).flatMap(({ value }) => value as IDataObject[]);
}

function pinData(items: Readonly<Record<string, IDataObject[]>>): IPinData {
	return Object.fromEntries(
		Object.entries(items).map(([node, jsons]) => [node, jsons.map((json) => ({ json }))]),
	);
}
