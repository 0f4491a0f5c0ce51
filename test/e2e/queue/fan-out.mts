import { setTimeout as wait } from 'node:timers/promises';
import type { INode } from 'n8n-workflow';
import type { SubmittedDevice, Tenant } from '../../simulator/tenant.mts';
import { createWorkflow, executionOver, startRun } from '../harness/editor-runs.mts';
import {
	addressOf,
	asLive,
	credentialsOfExamples,
	FAN_OUT,
	postingTo,
	takingChunks,
	WEBHOOK,
} from '../harness/examples.mts';
import type { SavedExecution } from '../harness/executions.mts';
import { outcomesOf, type Outcome } from '../harness/outcomes.mts';
import type { N8nServer } from '../harness/server.mts';
import type { WorkflowFile } from '../harness/workflows.mts';
import type { DeviceSource } from './device-source.mts';

const TRIGGER = 'Start by hand';
const LIST = 'Devices to delete';
const OUTCOMES = 'Outcome of each device';

/** The example and the published webhook that it posts to, filled in as their notes say. */
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
	const webhook = takingChunks(asLive(WEBHOOK));
	const chunkUrl = addressOf(main.origin, webhook);
	const parent = postingTo(chunkUrl, asLive(FAN_OUT));
	const credentialIds = await saveCredentials(main, tenant, parent);
	const create = async (workflow: WorkflowFile) =>
		await createWorkflow(main.rest, {
			...workflow,
			pinData: {},
			nodes: workflow.nodes.map((node) => filledIn(node, credentialIds, source)),
		});
	const { id: idOfWebhook, versionId } = await create(webhook);
	await main.rest.post(`/workflows/${idOfWebhook}/activate`, { versionId });
	const { id } = await create(parent);
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

function filledIn(
	node: INode,
	credentialIds: ReadonlyMap<string, string>,
	source: DeviceSource,
): INode {
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
	} as INode;
}
