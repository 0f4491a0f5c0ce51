import type { INode, INodeParameters } from 'n8n-workflow';
import { CREDENTIAL_TYPE } from '../harness/tenant.mts';
import { NEXTHINK_NODE, workflowOf, type Link, type WorkflowFile } from '../harness/workflows.mts';
import { benchNodeType } from './bench-nodes.mts';

/** What the measured part of each workflow is made with. */
export interface Surroundings {
	readonly credentialId: string;
	/** Of the deletions endpoint. */
	readonly url: string;
	readonly profileFile: string;
}

/** What stands between the source and the end of a workflow. */
interface Part {
	readonly nodes: readonly INode[];
	/** The node behind the source. */
	readonly first: string;
	/** The node in front of the end. */
	readonly last: string;
	readonly links?: readonly Link[];
}

/** What is measured in n8n, by the id of its workflow. */
export const PARTS = {
	'nexthink-1': (around: Surroundings) => nexthink(around, { options: { concurrency: 1 } }),
	'nexthink-4': (around: Surroundings) => nexthink(around),
	'nexthink-8': (around: Surroundings) => nexthink(around, { options: { concurrency: 8 } }),
	'dry-run-fields': (around: Surroundings) => nexthink(around, { dryRun: true }),
	'dry-run-expr': (around: Surroundings) =>
		nexthink(around, {
			dryRun: true,
			deviceSource: 'expressions',
			deviceUid: '={{ $json.uid }}',
			deviceName: '={{ $json.name }}',
		}),
	'http-loop': httpRequestLoop,
	'bare-loop-4': bareLoop,
	'same-output': () => single(node('Same Output', benchNodeType('SameOutput'))),
} satisfies Record<string, (around: Surroundings) => Part>;

export type PartId = keyof typeof PARTS;

export const WEBHOOK_NODE = 'Call';

/** The whole workflow: called by a webhook, answered by its last node, saved nowhere. */
export function workflowFor(id: PartId, around: Surroundings): WorkflowFile {
	const { nodes, first, last, links = [] } = PARTS[id](around);
	const webhook = node(WEBHOOK_NODE, 'n8n-nodes-base.webhook', {
		typeVersion: 2.1,
		webhookId: id,
		parameters: { httpMethod: 'POST', path: id, responseMode: 'lastNode' },
	});
	const source = node('Source', benchNodeType('Source'));
	const end = node('End', benchNodeType('End'), {
		parameters: { profileFile: around.profileFile },
	});
	const workflow = workflowOf(
		id,
		[webhook, source, ...nodes, end],
		[[WEBHOOK_NODE, 'Source'], ['Source', first], ...links, [last, 'End']],
	);
	const settings = { ...workflow.settings, saveDataSuccessExecution: 'none' };
	return { ...workflow, settings };
}

function nexthink({ credentialId }: Surroundings, parameters: INodeParameters = {}): Part {
	return single(
		node('Nexthink', NEXTHINK_NODE, {
			parameters: { maxDevices: 1_000_000, ...parameters },
			credentials: credential(credentialId),
		}),
	);
}

function bareLoop({ credentialId, url }: Surroundings): Part {
	return single(
		node('Bare Loop', benchNodeType('BareLoop'), {
			parameters: { url, concurrency: 4 },
			credentials: credential(credentialId),
		}),
	);
}

/** What a user builds without the node. */
function httpRequestLoop({ credentialId, url }: Surroundings): Part {
	const loop = node('Loop Over Items', 'n8n-nodes-base.splitInBatches', {
		typeVersion: 3,
		parameters: { batchSize: 100 },
	});
	const aggregate = node('Aggregate', 'n8n-nodes-base.aggregate', {
		parameters: { aggregate: 'aggregateAllItemData', destinationFieldName: 'devices' },
	});
	const request = node('HTTP Request', 'n8n-nodes-base.httpRequest', {
		typeVersion: 4.5,
		parameters: {
			method: 'POST',
			url,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: CREDENTIAL_TYPE,
			sendBody: true,
			specifyBody: 'json',
			jsonBody: '={{ $json }}',
		},
		credentials: credential(credentialId),
	});
	const split = node('Split Out', 'n8n-nodes-base.splitOut', {
		parameters: { fieldToSplitOut: 'devices' },
	});
	return {
		nodes: [loop, aggregate, request, split],
		first: loop.name,
		last: loop.name,
		links: [
			[loop.name, aggregate.name, 1],
			[aggregate.name, request.name],
			[request.name, split.name],
			[split.name, loop.name],
		],
	};
}

function single(only: INode): Part {
	return { nodes: [only], first: only.name, last: only.name };
}

function credential(id: string): INode['credentials'] {
	return { [CREDENTIAL_TYPE]: { id, name: 'Nexthink account' } };
}

function node(name: string, type: string, rest: Partial<INode> = {}): INode {
	return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters: {}, ...rest };
}
