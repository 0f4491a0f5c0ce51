import type { INode } from 'n8n-workflow';
import { ALL_DEVICES_QUERY, LOOK_UP_QUERY } from '../../simulator/saved-queries.mts';
import type { InventoryDevice, KnownDevice } from '../../simulator/tenant.mts';
import { createWorkflow, startRun } from '../harness/editor-runs.mts';
import type { SavedExecution } from '../harness/executions.mts';
import type { RestClient } from '../harness/rest.mts';
import { listNode, manualTrigger, nexthinkNode, workflowOf } from '../harness/workflows.mts';

const LOOK_UP = 'Look up';
const FOUND = 'Found?';
export const DELETE = 'Delete';

/** What a look-up says of a name, or should. */
export interface Finding {
	readonly lookup: string;
	readonly match: string;
	readonly uid?: string;
}

const BY = {
	query: { lookupMethod: 'query', queryId: LOOK_UP_QUERY },
	export: { lookupMethod: 'export', queryId: ALL_DEVICES_QUERY },
} as const;

/**
 * Starts a look-up of these names in one node.
 *
 * @param deleteFound whether Device > Delete stands behind it, and gets what was found
 * @returns id of the execution
 */
export async function startLookUp(
	rest: RestClient,
	credentialId: string,
	{
		names,
		by = 'query',
		deleteFound = false,
	}: { names: readonly string[]; by?: keyof typeof BY; deleteFound?: boolean },
): Promise<string> {
	const list = names.map((name) => ({ name }));
	const onError = 'continueErrorOutput';
	const lookUp = { resource: 'device', operation: 'lookUp', ...BY[by] };
	const deletion = { maxDevices: names.length };
	const nodes = [
		manualTrigger(),
		listNode('Names', list),
		nexthinkNode(LOOK_UP, { credentialId, parameters: lookUp, onError }),
		...(deleteFound
			? [isFound(), nexthinkNode(DELETE, { credentialId, parameters: deletion, onError })]
			: []),
	];
	const workflow = workflowOf('lookUp', nodes, [
		['Start', 'Names'],
		['Names', LOOK_UP],
		...(deleteFound ? ([[LOOK_UP, FOUND] as const, [FOUND, DELETE] as const] as const) : []),
	]);
	const { id } = await createWorkflow(rest, workflow);
	return await startRun(rest, id, 'Start');
}

/** The If node that docs/look-up.md asks for. */
function isFound(): INode {
	const operator = { type: 'string', operation: 'equals' };
	return {
		...manualTrigger(FOUND),
		type: 'n8n-nodes-base.if',
		typeVersion: 2.2,
		parameters: {
			conditions: {
				options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
				conditions: [{ id: FOUND, leftValue: '={{ $json.match }}', rightValue: 'FOUND', operator }],
				combinator: 'and',
			},
			options: {},
		},
	};
}

/** What an execution says of each name, in the order of its items; the error output is behind. */
export function findingsOf(execution: SavedExecution): Finding[] {
	const items = [...execution.output(LOOK_UP, 0), ...execution.output(LOOK_UP, 1)];
	return items.map(({ lookup, match, uid }) => ({
		lookup: String(lookup),
		match: String(match),
		...(typeof uid === 'string' && { uid }),
	}));
}

// Has no factor in common with the length of a list, unless that is a multiple of it.
const STRIDE = 1009;

/** The name of each device, some twice, some again in small letters, and names that no device has; well mixed. */
export function namesFor(devices: readonly InventoryDevice[]): string[] {
	const names = devices.flatMap(({ name }, n) => [
		name,
		...(n % 7 === 0 ? [name] : []),
		...(n % 7 === 1 ? [name.toLowerCase()] : []),
		...(n % 40 === 2 ? [`NOT-${name}`] : []),
	]);
	return names.map((_, n) => names[(n * STRIDE) % names.length] ?? '');
}

/** As often as names of a list are to be asked for: those that differ in case alone are one. */
export function distinct(names: readonly string[]): string[] {
	return [...new Set(names.map((name) => name.toUpperCase()))].sort();
}

/** What is true of each name. */
export function truthOf(names: readonly string[], known: readonly KnownDevice[]): Finding[] {
	const uids = new Map<string, string[]>();
	for (const { uid, name } of known) {
		uids.set(name.toUpperCase(), [...(uids.get(name.toUpperCase()) ?? []), uid]);
	}
	return names.map((lookup) => {
		const [uid, namesake] = uids.get(lookup.toUpperCase()) ?? [];
		if (uid === undefined) return { lookup, match: 'NOT_FOUND' };
		if (namesake !== undefined) return { lookup, match: 'AMBIGUOUS' };
		return { lookup, match: 'FOUND', uid };
	});
}
