import { readdirSync, readFileSync } from 'node:fs';
import type {
	IDataObject,
	INode,
	INodeExecutionData,
	INodeParameters,
	IPinData,
} from 'n8n-workflow';
import type { StoredCredential, WorkflowJson } from '../engine/harness/engine.mts';
import type { InventoryDevice, Tenant } from '../simulator/tenant.mts';

const EXAMPLES = new URL('../../examples/', import.meta.url);

/** The workflow that runs with a list of its own. */
export const MAIN_EXAMPLE = 'delete-devices-from-a-list.json';

export const NEXTHINK_NODE = 'n8n-nodes-nexthink.nexthink';
const NEXTHINK_CREDENTIAL = 'nexthinkOAuth2Api';

export interface ExampleWorkflow extends WorkflowJson {
	/** Name of its file in `examples/`. */
	readonly file: string;
}

/** Out: every workflow of `examples/`, by the name of its file. */
export function readExampleWorkflows(): ExampleWorkflow[] {
	return readdirSync(EXAMPLES)
		.filter((file) => file.endsWith('.json'))
		.sort()
		.map(readExampleWorkflow);
}

/** In: the name of a file in `examples/`. Out: the workflow in it. */
export function readExampleWorkflow(file: string): ExampleWorkflow {
	const workflow = JSON.parse(readFileSync(new URL(file, EXAMPLES), 'utf8')) as WorkflowJson;
	return { ...workflow, file };
}

/** Out: the Nexthink nodes of a workflow. */
export function nexthinkNodes({ nodes }: WorkflowJson): INode[] {
	return nodes.filter(({ type }) => type === NEXTHINK_NODE);
}

/** Out: those of them that delete; the others look devices up or run queries. */
export function deletionNodes(workflow: WorkflowJson): INode[] {
	return nexthinkNodes(workflow).filter(
		({ parameters: { resource = 'device', operation = 'delete' } }) =>
			resource === 'device' && operation === 'delete',
	);
}

/** Out: those of them that look devices up. */
export function lookUpNodes(workflow: WorkflowJson): INode[] {
	return nexthinkNodes(workflow).filter(({ parameters }) => parameters.operation === 'lookUp');
}

/** Out: the nodes that an execution can begin with. */
export function triggerNodes({ nodes }: Pick<Changeable, 'nodes'>): INode[] {
	return nodes.filter(({ type }) => /Trigger$|\.webhook$/.test(type));
}

interface Changeable {
	readonly nodes: readonly INode[];
	readonly pinData?: IPinData;
}

/** The node of an example whose field `live` decides whether its deletions are dry runs. */
export const SETTINGS_NODE = 'Settings';

/** In: an example, as imported a dry run. Out: the same with `live` set, in what callers post to it as well; without that node, as it is. */
export function withLive<Workflow extends Changeable>(workflow: Workflow, live: boolean): Workflow {
	const settings = workflow.nodes.find(({ name }) => name === SETTINGS_NODE);
	if (settings === undefined) return workflow;
	const { assignments } = settings.parameters.assignments as { assignments: INodeParameters[] };
	const changed = assignments.map((each) =>
		each.name === 'live' ? { ...each, value: live } : each,
	);
	return {
		...withParameters(workflow, (node) => node === settings, {
			assignments: { assignments: changed },
		}),
		...(workflow.pinData && { pinData: postedWithLive(workflow.pinData, live) }),
	};
}

function postedWithLive(pinData: IPinData, live: boolean): IPinData {
	const posted = (item: INodeExecutionData): INodeExecutionData => {
		const { body } = item.json as { body?: IDataObject };
		return body?.live === undefined
			? item
			: { ...item, json: { ...item.json, body: { ...body, live } } };
	};
	return Object.fromEntries(
		Object.entries(pinData).map(([node, items]) => [node, items.map(posted)]),
	);
}

/** In: a workflow, which of its nodes to change, and what. Out: the same, changed. The file stays as it is. */
export function withParameters<Workflow extends Changeable>(
	workflow: Workflow,
	isMeant: (node: INode) => boolean,
	parameters: INodeParameters,
): Workflow {
	const nodes = workflow.nodes.map((node) =>
		isMeant(node) ? { ...node, parameters: { ...node.parameters, ...parameters } } : node,
	);
	return { ...workflow, nodes };
}

/** In: a workflow with one pinned node. Out: the same with these devices pinned there. The file stays as it is. */
export function withDevices<Workflow extends WorkflowJson>(
	workflow: Workflow,
	devices: readonly InventoryDevice[],
): Workflow {
	const pinned = Object.keys(workflow.pinData ?? {});
	if (pinned.length !== 1) {
		throw new Error(`One node must be pinned, and these are: ${pinned.join(', ') || 'none'}`);
	}
	const pinData = { [pinned[0]!]: devices.map((device) => ({ json: { ...device } })) };
	return { ...workflow, pinData };
}

/** The client of a tenant that stands for a placeholder, with the permissions of its name alone. */
export function clientFor(
	placeholder: string,
	tenant: Tenant,
): Pick<Tenant, 'clientId' | 'clientSecret'> {
	const clients = {
		'your-nexthink-credential': tenant,
		'your-nexthink-reading-credential': tenant.reading,
		'your-nexthink-deletion-credential': tenant.deleting,
	};
	if (!Object.hasOwn(clients, placeholder)) throw new Error(`Which client is ${placeholder}?`);
	return clients[placeholder as keyof typeof clients];
}

/** What a user fills in for the placeholders of a workflow: credentials that point to the tenant. */
export function credentialsFor(workflow: WorkflowJson, tenant: Tenant): StoredCredential[] {
	const { apiBaseUrl, tokenUrl } = tenant;
	const used = new Map<string, StoredCredential>();
	for (const { credentials } of nexthinkNodes(workflow)) {
		const { id, name } = credentials?.[NEXTHINK_CREDENTIAL] ?? { id: null, name: '' };
		if (id === null) continue;
		const { clientId, clientSecret } = clientFor(id, tenant);
		used.set(id, {
			id,
			name,
			type: NEXTHINK_CREDENTIAL,
			data: { region: 'custom', apiBaseUrl, tokenUrl, clientId, clientSecret },
		});
	}
	return [...used.values()];
}
