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

function pinned(items: NexthinkWorkflowOptions['items']): IPinData {
	return { [SOURCE]: items.map((json) => ({ json: JSON.parse(JSON.stringify(json)) })) };
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
