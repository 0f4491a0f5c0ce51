import type { INode, INodeParameters } from 'n8n-workflow';
import { CREDENTIAL_TYPE } from '../harness/tenant.mts';
import {
	MANUAL_TRIGGER,
	NEXTHINK_NODE,
	workflowOf,
	type Link,
	type WorkflowFile,
} from '../harness/workflows.mts';
import type { Credential } from './editor.mts';

export const DELETE_NODE = 'Delete devices';
const SOURCE = 'Retired devices';

export interface DeletionWorkflowOptions {
	readonly name?: string;
	/** What the source node gives. */
	readonly items: ReadonlyArray<Readonly<Record<string, unknown>>>;
	readonly parameters?: INodeParameters;
	/** Without it the node has none. */
	readonly credential?: Credential;
	/** Draws a second node behind the error output. */
	readonly withErrorOutput?: boolean;
}

/** Start, a source with pinned items, the Nexthink node and what comes after it, laid out as a user would. */
export function deletionWorkflow({
	name = 'Retire devices',
	items,
	parameters = {},
	credential,
	withErrorOutput = false,
}: DeletionWorkflowOptions): WorkflowFile {
	const nodes = [
		node('Start', MANUAL_TRIGGER, [0, 0]),
		node(SOURCE, 'n8n-nodes-base.noOp', [224, 0]),
		node(DELETE_NODE, NEXTHINK_NODE, [448, 0], {
			parameters,
			...(credential && { credentials: { [CREDENTIAL_TYPE]: { ...credential } } }),
			...(withErrorOutput && { onError: 'continueErrorOutput' as const }),
		}),
		node('Answered', 'n8n-nodes-base.noOp', [720, withErrorOutput ? -96 : 0]),
		...(withErrorOutput ? [node('Not scheduled', 'n8n-nodes-base.noOp', [720, 96])] : []),
	];
	const links: Link[] = [
		['Start', SOURCE],
		[SOURCE, DELETE_NODE],
		[DELETE_NODE, 'Answered'],
		...(withErrorOutput ? [[DELETE_NODE, 'Not scheduled', 1] as const] : []),
	];
	const pinData = { [SOURCE]: items.map((json) => ({ json: JSON.parse(JSON.stringify(json)) })) };
	return { ...workflowOf(name, nodes, links), pinData };
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
