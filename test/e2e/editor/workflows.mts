import type { INode, INodeParameters, IPinData } from 'n8n-workflow';
import { LOOK_UP_QUERY } from '../../simulator/saved-queries.mts';
import { CREDENTIAL_TYPE } from '../harness/tenant.mts';
import {
	MANUAL_TRIGGER,
	NEXTHINK_NODE,
	workflowOf,
	type Link,
	type WorkflowFile,
} from '../harness/workflows.mts';
import type { Credential } from './editor.mts';

// n8n names a node after the action that it was chosen for.
export const DELETE_NODE = 'Delete devices';
export const LOOK_UP_NODE = 'Look up devices';
export const EXECUTE_NODE = 'Execute NQL query';
export const EXPORT_NODE = 'Export NQL query';

/** What makes a node look devices up in the simulated tenant. */
export const LOOK_UP = { resource: 'device', operation: 'lookUp', queryId: LOOK_UP_QUERY } as const;

const SOURCE = 'Retired devices';

export interface NexthinkWorkflowOptions {
	readonly name?: string;
	/** What the source node gives. */
	readonly items: ReadonlyArray<Readonly<Record<string, unknown>>>;
	readonly parameters?: INodeParameters;
	/** Without it the node has none. */
	readonly credential?: Credential;
	/** Draws a second node behind the error output. */
	readonly withErrorOutput?: boolean;
	/** What comes after it, by name and type, if not a node that does nothing. */
	readonly next?: Pick<INode, 'name' | 'type'>;
}

/** Start, a source with pinned items, the Nexthink node and what comes after it, laid out as a user would. */
export function nexthinkWorkflow(
	nodeName: string,
	{
		name = 'Retire devices',
		items,
		parameters = {},
		credential,
		withErrorOutput = false,
		next = { name: 'Scheduled', type: 'n8n-nodes-base.noOp' },
	}: NexthinkWorkflowOptions,
): WorkflowFile {
	const nodes = [
		node('Start', MANUAL_TRIGGER, [0, 0]),
		node(SOURCE, 'n8n-nodes-base.noOp', [224, 0]),
		node(nodeName, NEXTHINK_NODE, [448, 0], {
			parameters,
			...(credential && { credentials: { [CREDENTIAL_TYPE]: { ...credential } } }),
			...(withErrorOutput && { onError: 'continueErrorOutput' as const }),
		}),
		node(next.name, next.type, [720, withErrorOutput ? -96 : 0]),
		...(withErrorOutput ? [node('Not scheduled', 'n8n-nodes-base.noOp', [720, 96])] : []),
	];
	const links: Link[] = [
		['Start', SOURCE],
		[SOURCE, nodeName],
		[nodeName, next.name],
		...(withErrorOutput ? [[nodeName, 'Not scheduled', 1] as const] : []),
	];
	return { ...workflowOf(name, nodes, links), pinData: pinned(items) };
}

function pinned(items: NexthinkWorkflowOptions['items'], name = SOURCE): IPinData {
	return { [name]: items.map((json) => ({ json: JSON.parse(JSON.stringify(json)) })) };
}

/** Several Nexthink nodes behind one source, alike but for their names; what refuses to run stops none of the others. */
export function nodesSideBySide(
	names: readonly string[],
	{ items, parameters = {}, credential }: NexthinkWorkflowOptions,
): WorkflowFile {
	const nodes = [
		node('Start', MANUAL_TRIGGER, [0, 0]),
		node(SOURCE, 'n8n-nodes-base.noOp', [224, 0]),
		...names.map((name, position) =>
			node(name, NEXTHINK_NODE, [448 + 300 * (position % 3), 200 * Math.floor(position / 3)], {
				parameters,
				...(credential && { credentials: { [CREDENTIAL_TYPE]: { ...credential } } }),
				onError: 'continueRegularOutput',
			}),
		),
	];
	const links = names.map((name): Link => [SOURCE, name]);
	return {
		...workflowOf('Side by side', nodes, [['Start', SOURCE], ...links]),
		pinData: pinned(items),
	};
}

/** Of `retirementWorkflow`; what starts it is called otherwise. */
export const RETIREMENT = {
	source: 'Retired computers',
	lookUp: LOOK_UP_NODE,
	approval: 'Approved?',
	deletion: DELETE_NODE,
	note: 'Note in ServiceNow',
	review: 'Manual review',
} as const;

export interface RetirementOptions {
	/** What ServiceNow gives. */
	readonly items: ReadonlyArray<Readonly<Record<string, unknown>>>;
	/** What it answers to the notes. */
	readonly noted: ReadonlyArray<Readonly<Record<string, unknown>>>;
	readonly credential: Credential;
	readonly serviceNow: Credential;
}

/** Requests to retire computers, looked up, let through where ServiceNow has the approval, deleted, and noted there. */
export function retirementWorkflow({
	items,
	noted,
	credential,
	serviceNow,
}: RetirementOptions): WorkflowFile {
	const { source, lookUp, approval, deletion, note, review } = RETIREMENT;
	const start = 'Every night';
	const ofNexthink = { credentials: { [CREDENTIAL_TYPE]: { ...credential } } };
	const ofServiceNow = (parameters: INodeParameters): Partial<INode> => ({
		credentials: { serviceNowBasicApi: { ...serviceNow } },
		parameters: {
			...{ authentication: 'basicAuth', resource: 'tableRecord', tableName: 'sc_req_item' },
			...parameters,
		},
	});
	const isApproved = {
		id: 'approval',
		leftValue: `={{ $('${source}').item.json.approval }}`,
		rightValue: 'approved',
		operator: { type: 'string', operation: 'equals' },
	};
	const options = { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 };
	const conditions = { options, combinator: 'and', conditions: [isApproved] };
	const nodes = [
		node(start, 'n8n-nodes-base.scheduleTrigger', [-336, 0], {
			typeVersion: 1.2,
			parameters: { rule: { interval: [{ field: 'days', triggerAtHour: 2 }] } },
		}),
		node(source, 'n8n-nodes-base.serviceNow', [0, 0], {
			...ofServiceNow({ operation: 'getAll', returnAll: true }),
		}),
		node(lookUp, NEXTHINK_NODE, [176, 0], { ...ofNexthink, parameters: { ...LOOK_UP } }),
		node(approval, 'n8n-nodes-base.if', [352, 0], {
			typeVersion: 2.2,
			parameters: { conditions },
		}),
		node(deletion, NEXTHINK_NODE, [560, -80], {
			...ofNexthink,
			onError: 'continueErrorOutput',
		}),
		node(note, 'n8n-nodes-base.serviceNow', [784, -160], {
			...ofServiceNow({ operation: 'update', id: `={{ $('${source}').item.json.sys_id }}` }),
		}),
		node(review, 'n8n-nodes-base.noOp', [784, 80]),
	];
	const links: Link[] = [
		[start, source],
		[source, lookUp],
		[lookUp, approval],
		[approval, deletion],
		[approval, review, 1],
		[deletion, note],
		[deletion, review, 1],
	];
	return {
		...workflowOf('Retire computers', nodes, links),
		pinData: { ...pinned(items, source), ...pinned(noted, note) },
	};
}

export function deletionWorkflow(options: NexthinkWorkflowOptions): WorkflowFile {
	return nexthinkWorkflow(DELETE_NODE, options);
}

/** What a new workflow looks like after its first step. */
export function manualStart(): WorkflowFile {
	return workflowOf('New workflow', [node('Start', MANUAL_TRIGGER, [0, 0])], []);
}

export const AGENT = 'AI Agent';

/** A chat with an agent that has neither a model nor a tool yet. */
export function agentWorkflow(): WorkflowFile {
	const chat = 'When chat message received';
	const nodes = [
		node(chat, '@n8n/n8n-nodes-langchain.chatTrigger', [0, 0], {
			typeVersion: 1.4,
			webhookId: crypto.randomUUID(),
		}),
		node(AGENT, '@n8n/n8n-nodes-langchain.agent', [240, 0], { typeVersion: 3 }),
	];
	return workflowOf('Ask an agent', nodes, [[chat, AGENT]]);
}

function node(
	name: string,
	type: string,
	position: [number, number],
	rest: Partial<INode> = {},
): INode {
	return { id: name, name, type, typeVersion: 1, position, parameters: {}, ...rest };
}
