import type { SubmittedDevice } from '../../simulator/tenant.mts';
import { createWorkflow, runInEditor } from '../harness/editor-runs.mts';
import type { SavedExecution } from '../harness/executions.mts';
import type { RestClient } from '../harness/rest.mts';
import { listNode, manualTrigger, nexthinkNode, workflowOf } from '../harness/workflows.mts';

/** What one would try first: Execute Sub-workflow, once for each chunk, instead of a call of a webhook. */
export async function runInSubWorkflows(
	rest: RestClient,
	credentialId: string,
	chunks: ReadonlyArray<readonly SubmittedDevice[]>,
): Promise<SavedExecution> {
	const deviceSource = { deviceSource: 'jsonList', devicesJson: '={{ $json.devices }}' };
	const subWorkflow = workflowOf(
		'chunk',
		[
			{
				...manualTrigger('Called'),
				type: 'n8n-nodes-base.executeWorkflowTrigger',
				typeVersion: 1.1,
				parameters: { inputSource: 'passthrough' },
			},
			nexthinkNode('Delete', { credentialId, parameters: deviceSource }),
		],
		[['Called', 'Delete']],
	);
	const parent = workflowOf(
		'parent',
		[
			manualTrigger(),
			listNode(
				'Chunks',
				chunks.map((devices) => ({ devices })),
			),
			{
				...manualTrigger('Call'),
				type: 'n8n-nodes-base.executeWorkflow',
				typeVersion: 1.2,
				parameters: {
					source: 'parameter',
					// Without an id n8n takes it for a part of its parent.
					workflowJson: JSON.stringify({ ...subWorkflow, id: undefined }),
					mode: 'each',
					options: {},
				},
			},
		],
		[
			['Start', 'Chunks'],
			['Chunks', 'Call'],
		],
	);
	const { id } = await createWorkflow(rest, parent);
	return await runInEditor(rest, id, 'Start');
}
