import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { expect } from 'vitest';
import type { RequestRecord } from '../simulator/tenant.mts';
import {
	deleteNode,
	type ApiError,
	type OnError,
	type StatusItem,
	type TestBench,
} from './delete-workflow.mts';
import type {
	ExecutionResult,
	Pauses,
	RunOptions,
	StoredCredential,
	WorkflowJson,
} from './harness/engine.mts';

/** A run of one of the operations that read. */
export interface QueryRun {
	/** The json of each input item. */
	items: readonly object[];
	parameters: INodeParameters;
	options?: INodeParameters;
	onError?: OnError;
	node?: Partial<INode>;
	/** Default: the one of the bench. */
	credential?: StoredCredential;
	/** Puts Device > Delete behind the success branch, behind the error branch, or behind both. */
	deleteBehind?: { success?: INodeParameters; error?: INodeParameters };
	cancelWhen?: RunOptions['cancelWhen'];
	/** Default: what the bench has. */
	pauses?: Pauses;
}

/** What the node says of one look-up. */
export interface LookUpItem {
	lookup: string | null;
	match: string;
	reason: string;
	uid: string | null;
	name: string | null;
	rows: number | null;
	index: number;
	device?: IDataObject;
	candidates?: string[];
	asOf?: string;
	input?: IDataObject;
	apiError?: ApiError;
}

/** The fields of an item of a look-up, in the order in which it has them. */
const LOOK_UP_FIELDS = [
	...['lookup', 'match', 'reason', 'uid', 'name', 'rows', 'index'],
	...['device', 'candidates', 'asOf', 'input', 'apiError'],
];

/** Out: what is not as it must be in any item of a look-up, whatever it came out as; sentences. */
export function faultsOf(item: LookUpItem): string[] {
	const { match, reason, uid, name, rows, index, device, candidates, asOf } = item;
	const fields = Object.keys(item);
	const isFound = match === 'FOUND';
	const untold = [reason.replaceAll(item.lookup ?? '\n', ''), ...(candidates ?? [])];
	const order = LOOK_UP_FIELDS.filter((field) => fields.includes(field));
	const rules: Array<[rule: string, holds: boolean]> = [
		['its fields are in order', String(fields) === String(order)],
		['none of the seven fields is missing', fields.length >= 7 && fields[6] === 'index'],
		['it has a reason', /^\S.*[.)]$/s.test(reason)],
		['it has UID and name, or none', (typeof uid === 'string') === isFound],
		['UID and name are null together', (uid === null) === (name === null)],
		['it has its row, or none', (device !== undefined) === isFound],
		['it was one row', !isFound || rows === 1],
		['candidates are lines', candidates?.every((line) => typeof line === 'string') ?? true],
		['candidates are five at most', (candidates?.length ?? 0) <= 5],
		['candidates are of other devices', !isFound || candidates === undefined],
		// A Delete could be given it.
		['no UID is told but the one looked up', !/[\da-f]{8}-[\da-f]{4}-/i.test(String(untold))],
		['it says when it was asked', asOf === undefined || new Date(asOf).toISOString() === asOf],
		['it has a time where there was an answer', !isFound || asOf !== undefined],
		['it has a position', Number.isInteger(index)],
	];
	return rules.flatMap(([rule, holds]) =>
		holds ? [] : [`Of item ${index} it is not so: ${rule}.`],
	);
}

/** An item on the error output of a query or look-up. */
export interface QueryErrorItem {
	error: ApiError & { device?: LookUpItem; exportId?: string | null; apiCode?: number };
	message: string;
	[field: string]: unknown;
}

export interface QueryResult {
	execution: ExecutionResult;
	success: IDataObject[];
	failed: QueryErrorItem[];
	hints: string[];
	/** Of the run, by the order of their arrival; tokens left out. */
	requests: RequestRecord[];
}

const NODE = 'Nexthink';

/** Runs a workflow with one node that reads. */
export async function runQuery(bench: TestBench, run: QueryRun): Promise<QueryResult> {
	const before = bench.tenant.requests.length;
	const execution = await bench.engine.run(queryWorkflow(run), {
		credentials: [run.credential ?? bench.credential()],
		...(run.cancelWhen && { cancelWhen: run.cancelWhen }),
		pauses: run.pauses ?? bench.pauses,
	});
	const threw = execution.nodeError(NODE) !== undefined;
	const [success = [], failed = []] = threw ? [] : execution.outputs(NODE);
	return {
		execution,
		success: success.map(({ json }) => json),
		failed: failed.map(({ json }) => json as unknown as QueryErrorItem),
		hints: execution.hints(NODE).map(({ message }) => message),
		requests: bench.tenant.requests.slice(before).filter(({ route }) => route !== 'token'),
	};
}

/** What every look-up says, in the order of the run. Each is held against what must be so of any. */
export function findings({ success, failed }: QueryResult): LookUpItem[] {
	const ofErrors = failed.map(({ error }) => error.device!);
	const found = [...(success as unknown as LookUpItem[]), ...ofErrors];
	expect(found.flatMap(faultsOf)).toEqual([]);
	return found.sort((one, other) => one.index - other.index);
}

/** What became of the devices of a Delete behind a look-up. */
export function statusesOf(execution: ExecutionResult, node: string): StatusItem[] {
	return execution
		.outputs(node)
		.flat()
		.map(({ json }) => {
			const { error } = json as { error?: { device: StatusItem } };
			return error === undefined ? (json as unknown as StatusItem) : error.device;
		});
}

export function queryNode({ parameters, options, onError, node }: Omit<QueryRun, 'items'>): INode {
	const base = deleteNode({ options, onError, node });
	return {
		...base,
		id: NODE,
		name: NODE,
		parameters: { ...parameters, options: options ?? {} },
		...node,
	};
}

function queryWorkflow(run: QueryRun): WorkflowJson {
	const follow = (node: string) => ({ node, type: 'main' as const, index: 0 });
	const plain = (name: string, type: string): INode => ({
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
	});
	const workflow: WorkflowJson = {
		nodes: [
			plain('Start', 'n8n-nodes-base.manualTrigger'),
			plain('Source', 'n8n-nodes-base.serviceNow'),
			queryNode(run),
		],
		connections: {
			Start: { main: [[follow('Source')]] },
			Source: { main: [[follow(NODE)]] },
		},
		pinData: { Source: run.items.map((json) => ({ json: json as IDataObject })) },
		settings: { executionOrder: 'v1' },
	};
	const behind = (name: string, parameters: INodeParameters): INode => ({
		...deleteNode({ parameters, onError: 'continueErrorOutput' }),
		id: name,
		name,
	});
	const { success, error } = run.deleteBehind ?? {};
	if (success) workflow.nodes.push(behind('Delete after success', success));
	if (error) workflow.nodes.push(behind('Delete after error', error));
	workflow.connections[NODE] = {
		main: [
			success ? [follow('Delete after success')] : [],
			error ? [follow('Delete after error')] : [],
		],
	};
	return workflow;
}
