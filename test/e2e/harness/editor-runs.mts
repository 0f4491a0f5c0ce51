import { setTimeout as wait } from 'node:timers/promises';
import { SavedExecution } from './executions.mts';
import { RestError, type RestClient } from './rest.mts';
import type { WorkflowFile } from './workflows.mts';

/** A workflow as the server has it. */
export interface StoredWorkflow {
	readonly id: string;
	readonly versionId: string;
}

/** Creates a workflow as the editor does on saving; the server gives it an id of its own. */
export async function createWorkflow(
	rest: RestClient,
	{ name, nodes, connections, pinData, settings }: WorkflowFile,
): Promise<StoredWorkflow> {
	const body = { name, nodes, connections, settings, active: false, ...(pinData && { pinData }) };
	return await rest.post<StoredWorkflow>('/workflows', body);
}

/** Starts a run as the editor's button does, with pinned data. Out: id of the execution. */
export async function startRun(
	rest: RestClient,
	workflowId: string,
	trigger: string,
): Promise<string> {
	// n8n 1.123 wants the workflow, n8n 2 takes it from its database.
	const workflowData = await rest.get<object>(`/workflows/${workflowId}`);
	const { executionId } = await rest.post<{ executionId?: string }>(
		`/workflows/${workflowId}/run`,
		{ workflowData, triggerToStartFrom: { name: trigger } },
	);
	if (executionId === undefined) throw new Error(`n8n waits for a call of "${trigger}"`);
	return executionId;
}

const UNDER_WAY = ['new', 'running'];

/** Waits until an execution is over, or waits for somebody. */
export async function executionOver(rest: RestClient, id: string): Promise<SavedExecution> {
	for (;;) {
		const execution = await readExecution(rest, id);
		if (execution !== undefined && !UNDER_WAY.includes(execution.status)) return execution;
		await wait(100);
	}
}

// An execution that has just been started is not there yet.
async function readExecution(rest: RestClient, id: string): Promise<SavedExecution | undefined> {
	try {
		return new SavedExecution(await rest.get(`/executions/${id}`));
	} catch (error) {
		if (error instanceof RestError && error.status === 404) return undefined;
		throw error;
	}
}

/** Runs a workflow from the editor and waits for it. */
export async function runInEditor(
	rest: RestClient,
	workflowId: string,
	trigger: string,
): Promise<SavedExecution> {
	return await executionOver(rest, await startRun(rest, workflowId, trigger));
}
