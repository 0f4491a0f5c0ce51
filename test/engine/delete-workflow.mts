import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { startTenant, type RequestRecord, type Tenant } from '../simulator/tenant.mts';
import {
	loadEngine,
	type Engine,
	type ExecutionResult,
	type Pauses,
	type RunOptions,
	type SavedError,
	type StoredCredential,
	type WorkflowJson,
} from './harness/engine.mts';

export const NODE_TYPE = 'n8n-nodes-nexthink.nexthink';
const CREDENTIAL_TYPE = 'nexthinkOAuth2Api';

export const ON_ERROR_MODES = [
	'stopWorkflow',
	'continueRegularOutput',
	'continueErrorOutput',
] as const;

/** n8n's words for Stop Workflow, Continue, and Continue (using error output). */
export type OnError = (typeof ON_ERROR_MODES)[number];

export type DeviceStatus =
	| 'SCHEDULED'
	| 'FAILED'
	| 'INVALID'
	| 'DRY_RUN'
	| 'NOT_SENT'
	| 'REJECTED'
	| 'UNKNOWN';

/** What the node says of one device. */
export interface StatusItem {
	uid: string | null;
	name: string | null;
	status: DeviceStatus;
	scheduled: boolean | null;
	index: number;
	reason: string;
	apiStatus?: string;
	duplicateOf?: number;
	batch?: number;
	attempts?: number;
	httpStatus?: number;
	requestId?: string;
	traceId?: string;
	input?: IDataObject;
	apiError?: ApiError;
}

export interface ApiError {
	code: string;
	httpStatus: number | null;
	requestId: string | null;
	traceId: string | null;
	retryable: boolean;
	retryAfter: string | null;
	causeCode?: string;
	message?: string;
}

/** An item on the error output; the input's own fields stand beside these two. */
export interface ErrorItem {
	error: ApiError & { device: StatusItem };
	message: string;
}

/** `context.data` of the error that a run throws. */
export interface ErrorData extends ApiError {
	counts: Record<string, number>;
	notScheduled: Array<
		Pick<StatusItem, 'index' | 'uid' | 'name' | 'status' | 'reason'> & { requestId: string | null }
	>;
	batches: Array<Record<string, unknown>>;
	omitted: { notScheduled: number; batches: number };
}

export interface DeleteRun {
	/** The json of each input item. */
	items: readonly object[];
	/** Parameters of the node besides `options`. */
	parameters?: INodeParameters;
	options?: INodeParameters;
	onError?: OnError;
	/** Further settings of the node, such as `retryOnFail`. */
	node?: Partial<INode>;
	credential?: StoredCredential;
	/** Puts an Edit Fields node behind each branch that asks for the ticket of the item at the source. */
	askForTicket?: boolean;
	cancelWhen?: RunOptions['cancelWhen'];
	/** Default: `manual`. */
	mode?: RunOptions['mode'];
	/** Default: what the bench has. */
	pauses?: Pauses;
}

/** A run of Device > Delete as n8n recorded it. */
export class Deletion {
	/** What left through the first output, as the next node gets it. */
	readonly success: StatusItem[];
	/** What left through the error output, as the next node gets it. */
	readonly failed: ErrorItem[];
	/** What is said of every device, in the order of the run. */
	readonly statuses: StatusItem[];
	readonly error: SavedError | undefined;
	readonly hints: string[];
	/** Requests of the run: deletions, tokens, and all of them. */
	readonly requests: RequestRecord[];
	readonly tokenRequests: RequestRecord[];
	readonly allRequests: RequestRecord[];

	constructor(
		readonly execution: ExecutionResult,
		requests: readonly RequestRecord[],
	) {
		const [success = [], failed = []] = execution.outputs('Delete');
		this.error = execution.error;
		// After a throw n8n passes nothing on, or all input items as they came.
		const threw = execution.nodeError('Delete') !== undefined;
		this.success = threw ? [] : success.map(({ json }) => json as unknown as StatusItem);
		this.failed = failed.map(({ json }) => json as unknown as ErrorItem);
		this.statuses = [...this.success, ...this.failed.map(({ error }) => error.device)].sort(
			(one, other) => one.index - other.index,
		);
		this.hints = execution.hints('Delete').map(({ message }) => message);
		this.allRequests = [...requests];
		this.requests = requests.filter(({ route }) => route === 'deletions');
		this.tokenRequests = requests.filter(({ route }) => route === 'token');
	}

	/** `context.data` of the thrown error. */
	get errorData(): ErrorData {
		expect(this.error?.context?.data).toBeDefined();
		return this.error?.context?.data as ErrorData;
	}

	/** The status of every device, in the order of the run; none where the run threw. */
	get statusWords(): DeviceStatus[] {
		return this.statuses.map(({ status }) => status);
	}

	/** The sizes of the requests, in order. */
	get batchSizes(): number[] {
		return this.requests.map(({ devices }) => devices?.length ?? -1);
	}

	get sentUids(): string[] {
		return this.requests.flatMap(({ devices }) => (devices ?? []).map(({ uid }) => uid));
	}
}

/** An engine with the built package and a tenant, for the tests of one file. */
export class TestBench {
	engine!: Engine;
	tenant!: Tenant;

	constructor(readonly pauses: Pauses = 'real') {}

	/** A credential for the tenant that holds no token yet. */
	credential(data: StoredCredential['data'] = {}): StoredCredential {
		const { apiBaseUrl, tokenUrl, clientId, clientSecret } = this.tenant;
		return {
			id: '1',
			name: 'Nexthink account',
			type: CREDENTIAL_TYPE,
			data: { region: 'custom', apiBaseUrl, tokenUrl, clientId, clientSecret, ...data },
		};
	}

	/** Devices of the tenant's inventory. */
	devices(count: number, from = 0): Array<{ uid: string; name: string }> {
		return this.tenant.inventory.slice(from, from + count).map(({ uid, name }) => ({ uid, name }));
	}

	/** Runs a workflow that deletes the devices, and holds what the node said against the tenant's ledger. */
	async run(run: DeleteRun): Promise<Deletion> {
		const credential = run.credential ?? this.credential();
		const before = this.tenant.requests.length;
		const execution = await this.engine.run(deleteWorkflow(run), {
			credentials: [credential],
			...(run.cancelWhen && { cancelWhen: run.cancelWhen }),
			...(run.mode && { mode: run.mode }),
			pauses: run.pauses ?? this.pauses,
		});
		const deletion = new Deletion(execution, this.tenant.requests.slice(before));
		expect(contradictions(deletion, this.tenant)).toEqual([]);
		const asked = JSON.stringify([run.items, run.parameters]).toLowerCase();
		expect(deletion.sentUids.filter((uid) => !asked.includes(uid.toLowerCase()))).toEqual([]);
		return deletion;
	}
}

/**
 * Starts engine and tenant before the tests of a file, resets the tenant before each of them, and closes it. Where the tests are not about
 * time, pauses may be short.
 */
export function useTestBench({ pauses }: { pauses?: Pauses } = {}): TestBench {
	const bench = new TestBench(pauses);
	beforeAll(async () => {
		const packageFolder = fileURLToPath(new URL('../..', import.meta.url));
		bench.engine = await loadEngine({ packageFolder });
		bench.tenant = await startTenant({ devices: 2500 });
	});
	beforeEach(async () => {
		await untilAllHasArrived();
		bench.tenant.reset();
	});
	afterAll(() => bench.tenant.close());
	return bench;
}

/** On a busy machine a request that a run has given up arrives after the run is over; it must not count for the next test. */
async function untilAllHasArrived(): Promise<void> {
	// Client and tenant are in this process: a few turns take a request from the one to the other, however long they last.
	for (let turn = 0; turn < 20; turn++) await nextTurn();
}

export function deleteNode({
	parameters,
	options,
	onError,
	node,
}: Omit<DeleteRun, 'items'>): INode {
	return {
		id: 'delete',
		name: 'Delete',
		type: NODE_TYPE,
		typeVersion: 1,
		position: [0, 0],
		parameters: { resource: 'device', operation: 'delete', ...parameters, options: options ?? {} },
		credentials: { [CREDENTIAL_TYPE]: { id: '1', name: 'Nexthink account' } },
		...(onError && { onError }),
		...node,
	};
}

export function deleteWorkflow(run: DeleteRun): WorkflowJson {
	const follow = (node: string) => ({ node, type: 'main' as const, index: 0 });
	const workflow: WorkflowJson = {
		nodes: [
			plainNode('Start', 'n8n-nodes-base.manualTrigger'),
			plainNode('Source', 'n8n-nodes-base.serviceNow'),
			deleteNode(run),
		],
		connections: {
			Start: { main: [[follow('Source')]] },
			Source: { main: [[follow('Delete')]] },
		},
		pinData: { Source: run.items.map((json) => ({ json: json as IDataObject })) },
		settings: { executionOrder: 'v1' },
	};
	if (run.askForTicket) {
		workflow.nodes.push(askingNode('After Success'), askingNode('After Error'));
		workflow.connections.Delete = { main: [[follow('After Success')], [follow('After Error')]] };
	}
	return workflow;
}

function plainNode(name: string, type: string): INode {
	return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters: {} };
}

function askingNode(name: string): INode {
	const assignments = [
		{ id: '1', name: 'ticket', type: 'string', value: "={{ $('Source').item.json.ticket }}" },
	];
	return {
		...plainNode(name, 'n8n-nodes-base.set'),
		typeVersion: 3.4,
		parameters: { assignments: { assignments }, includeOtherFields: true, options: {} },
	};
}

/** What the node said that cannot be true by the ledger of an honest tenant; sentences. */
function contradictions({ statuses, error, requests }: Deletion, { ledger }: Tenant): string[] {
	const inError = error?.context?.data as ErrorData | undefined;
	const seen = new Set(
		requests.flatMap(({ body }) => [...body.matchAll(/"uid":"([^"]*)"/g)].map(([, uid]) => uid)),
	);
	return [...statuses, ...(inError?.notScheduled ?? [])].flatMap(({ uid, status, index }) => {
		const device = `Device ${index} is called ${status}`;
		if (status === 'SCHEDULED' && !ledger.has(uid ?? '')) return [`${device} but is not queued`];
		if (status === 'NOT_SENT' && seen.has(uid ?? '')) return [`${device} but was sent`];
		if (status === 'REJECTED' && !seen.has(uid ?? '')) return [`${device} but was not sent`];
		if (status === 'REJECTED' && ledger.has(uid ?? '')) return [`${device} but is queued`];
		return [];
	});
}
