import type { IConnections, INode } from 'n8n-workflow';
import { withLive } from '../../demonstration/example-workflows.mts';
import { createWorkflow, executionOver, runInEditor } from './editor-runs.mts';
import { answered } from './example-runs.mts';
import { asLive, nexthinkNodes, type Example } from './examples.mts';
import type { SavedExecution } from './executions.mts';
import type { RestClient } from './rest.mts';
import type { WorkflowFile } from './workflows.mts';

/**
 * Out: the workflow with a node before each of these, by default each Delete, that fails in a run by hand, and passes its items on in any
 * other. n8n calls what Retry starts a production run.
 */
export function failingOnce(
	workflow: WorkflowFile,
	names = nexthinkNodes({ file: '', workflow }).map(({ name }) => name),
): WorkflowFile {
	const obstacles = names.map(
		(name, position): INode => ({
			id: `obstacle-${position}`,
			name: obstacleBefore(name),
			type: 'n8n-nodes-base.code',
			typeVersion: 2,
			position: [0, -200],
			parameters: {
				jsCode: `if ($execution.mode === 'test') throw new Error('Once');\nreturn $input.all();`,
			},
		}),
	);
	const connections = Object.entries(workflow.connections).map(([from, { main = [] }]) => {
		const outputs = main.map((output) =>
			(output ?? []).map((end) =>
				names.includes(end.node) ? { ...end, node: obstacleBefore(end.node) } : end,
			),
		);
		return [from, { main: outputs }] as const;
	});
	const fromObstacles = names.map((node) => {
		const end = { node, type: 'main' as const, index: 0 };
		return [obstacleBefore(node), { main: [[end]] }] as const;
	});
	return {
		...workflow,
		nodes: [...workflow.nodes, ...obstacles],
		connections: Object.fromEntries([...connections, ...fromObstacles]) as IConnections,
	};
}

const obstacleBefore = (name: string) => `Before ${name}`;

/** Runs the example with `live` true until it fails before its Delete, or before the node that is named, and sets `live` to false then. */
export async function failedLive(
	rest: RestClient,
	example: Example,
	trigger: string,
	before?: string,
): Promise<SavedExecution> {
	const workflow = failingOnce(
		asLive(example).workflow,
		before === undefined ? undefined : [before],
	);
	const { id, versionId } = await createWorkflow(rest, workflow);
	const failed = await answered(rest, example, await runInEditor(rest, id, trigger));
	const { nodes } = withLive(workflow, false);
	await rest.patch(`/workflows/${id}`, { nodes, versionId });
	return failed;
}

/** Retries a failed execution as the list of executions does, with the workflow that it ran or with the one that is saved now. */
export async function retried(
	rest: RestClient,
	failed: SavedExecution,
	workflow: 'original' | 'saved now',
): Promise<SavedExecution> {
	const { id } = await rest.post<{ id: string }>(`/executions/${failed.id}/retry`, {
		loadWorkflow: workflow === 'saved now',
	});
	return await executionOver(rest, id);
}
