import { ALL_DEVICES_QUERY } from '../../simulator/saved-queries.mts';
import { createWorkflow, runInEditor } from '../harness/editor-runs.mts';
import type { SavedExecution, SavedFile } from '../harness/executions.mts';
import type { RestClient } from '../harness/rest.mts';
import { manualTrigger, nexthinkNode, workflowOf } from '../harness/workflows.mts';

const EXPORT = 'Export';
const ROWS = 'Rows of the file';

/** NQL Query > Export of all devices, and Extract From File behind it. */
export async function runExport(rest: RestClient, credentialId: string): Promise<SavedExecution> {
	const parameters = { resource: 'nqlQuery', operation: 'export', queryId: ALL_DEVICES_QUERY };
	const nodes = [
		manualTrigger(),
		nexthinkNode(EXPORT, { credentialId, parameters }),
		{
			...manualTrigger(ROWS),
			type: 'n8n-nodes-base.extractFromFile',
			typeVersion: 1,
			parameters: { options: {} },
		},
	];
	const workflow = workflowOf('export', nodes, [
		['Start', EXPORT],
		[EXPORT, ROWS],
	]);
	const { id } = await createWorkflow(rest, workflow);
	return await runInEditor(rest, id, 'Start');
}

export function rowsOf(
	execution: SavedExecution,
): ReadonlyArray<Readonly<Record<string, unknown>>> {
	return execution.output(ROWS);
}

/** Where n8n keeps the exported file. */
export function fileOf(execution: SavedExecution): SavedFile | undefined {
	return execution.runs(EXPORT).at(-1)?.data?.main?.[0]?.[0]?.binary?.data;
}
