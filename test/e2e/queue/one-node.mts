import { createWorkflow, runInEditor } from '../harness/editor-runs.mts';
import type { SavedExecution } from '../harness/executions.mts';
import type { RestClient } from '../harness/rest.mts';
import { manualTrigger, nexthinkNode, workflowOf } from '../harness/workflows.mts';

/** The list in one node "Delete", without chunks: what the fan-out is to be compared with. */
export async function runInOneNode(
	rest: RestClient,
	credentialId: string,
	{ url, devices }: { url: string; devices: number },
): Promise<SavedExecution> {
	const list = {
		...manualTrigger('List'),
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: { url, options: {} },
	};
	const parameters = { maxDevices: devices };
	const nodes = [manualTrigger(), list, nexthinkNode('Delete', { credentialId, parameters })];
	const workflow = workflowOf('oneNode', nodes, [
		['Start', 'List'],
		['List', 'Delete'],
	]);
	const { id } = await createWorkflow(rest, workflow);
	return await runInEditor(rest, id, 'Start');
}
