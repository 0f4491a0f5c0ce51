import { setTimeout as wait } from 'node:timers/promises';
import type { INode } from 'n8n-workflow';
import type { SubmittedDevice, Tenant } from '../../simulator/tenant.mts';
import { createWorkflow, executionOver, startRun } from '../harness/editor-runs.mts';
import { credentialsOfExamples, EXAMPLES_TO_RUN } from '../harness/examples.mts';
import type { SavedExecution } from '../harness/executions.mts';
import { outcomesOf, type Outcome } from '../harness/outcomes.mts';
import type { N8nServer } from '../harness/server.mts';
import type { WorkflowFile } from '../harness/workflows.mts';
import type { DeviceSource } from './device-source.mts';

const FILE = 'fan-out-in-queue-mode.json';
const TRIGGER = 'Start by hand';
const LIST = 'Devices to delete';
const SEND = 'Send a chunk';
const OUTCOMES = 'Outcome of each device';

/** The published example, filled in as its notes say. */
export interface FanOut {
	/** What n8n calls the credential for the tenant. */
	readonly nexthinkCredentialId: string;
	/** Starts the parent with this list. Out: id of its execution. */
	start(devices: readonly SubmittedDevice[]): Promise<string>;
	/** Waits for the end of the parent. */
	over(executionId: string): Promise<SavedExecution>;
	/** What the parent says of each device, in the order of the list. */
	outcomes(execution: SavedExecution): Outcome[];
}

export async function publishFanOut(
	main: N8nServer,
	tenant: Tenant,
	source: DeviceSource,
): Promise<FanOut> {
	const example = EXAMPLES_TO_RUN.find(({ file }) => file === FILE);
	if (example === undefined) throw new Error(`There is no examples/${FILE}`);
	const chunkUrl = `${main.origin}/webhook/${pathOfWebhook(example.workflow)}`;
	const credentialIds = await saveCredentials(main, tenant, example.workflow);
	const workflow = {
		...example.workflow,
		pinData: {},
		nodes: example.workflow.nodes.map((node) =>
			filledIn(node, { chunkUrl, credentialIds, source }),
		),
	};
	const { id, versionId } = await createWorkflow(main.rest, workflow);
	await main.rest.post(`/workflows/${id}/activate`, { versionId });
	// n8n answers 404 until the address is known to it, and 403 because of the missing header from then on.
	while ((await fetch(chunkUrl, { method: 'POST' })).status === 404) await wait(100);
	return {
		nexthinkCredentialId: credentialIds.get('your-nexthink-credential') ?? '',
		start: async (devices) => {
			source.devices = devices;
			return await startRun(main.rest, id, TRIGGER);
		},
		over: async (executionId) => await executionOver(main.rest, executionId),
		outcomes: (execution) => outcomesOf(execution, OUTCOMES),
	};
}

function pathOfWebhook({ nodes }: WorkflowFile): string {
	const webhook = nodes.find(({ type }) => type === 'n8n-nodes-base.webhook');
	return String(webhook?.parameters.path);
}

/** Out: the id that n8n gave to each, by the id of its placeholder. */
async function saveCredentials(
	{ rest }: N8nServer,
	tenant: Tenant,
	{ nodes }: WorkflowFile,
): Promise<Map<string, string>> {
	const used = nodes.flatMap(({ credentials = {} }) => Object.values(credentials));
	const ids = new Map<string, string>();
	for (const { id: placeholder, name, type, data } of credentialsOfExamples(tenant)) {
		if (!used.some(({ id }) => id === placeholder)) continue;
		const { id } = await rest.post<{ id: string }>('/credentials', { name, type, data });
		ids.set(placeholder, id);
	}
	return ids;
}

interface Particulars {
	readonly chunkUrl: string;
	readonly credentialIds: ReadonlyMap<string, string>;
	readonly source: DeviceSource;
}

function filledIn(node: INode, { chunkUrl, credentialIds, source }: Particulars): INode {
	if (node.name === LIST) {
		const type = 'n8n-nodes-base.httpRequest';
		return { ...node, type, typeVersion: 4.2, parameters: { url: source.url, options: {} } };
	}
	const credentials = Object.entries(node.credentials ?? {}).map(([type, { id, name }]) => [
		type,
		{ id: credentialIds.get(id ?? '') ?? null, name },
	]);
	return {
		...node,
		...(node.credentials && {
			credentials: Object.fromEntries(credentials) as INode['credentials'],
		}),
		parameters: node.name === SEND ? { ...node.parameters, url: chunkUrl } : node.parameters,
	} as INode;
}
