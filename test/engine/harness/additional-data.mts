import type { ICredentialsHelper, IWorkflowExecuteAdditionalData } from 'n8n-workflow';
import type { Core } from './core.mts';

const baseUrl = 'http://localhost:5678';

// getBase in packages/cli/src/workflow-execute-additional-data.ts. `currentNodeParameters` stays
// undefined as in a run: with a value, n8n-core looks there instead of into the node for whether a
// credential is shown.
export function createAdditionalData(
	{ core, container }: Core,
	credentialsHelper: ICredentialsHelper,
	executionId: string,
): IWorkflowExecuteAdditionalData {
	const notHere = (what: string) => async () => {
		throw new Error(`The harness cannot run ${what}`);
	};
	return {
		credentialsHelper,
		executionId,
		currentNodeExecutionIndex: 0,
		restApiUrl: `${baseUrl}/rest`,
		instanceBaseUrl: `${baseUrl}/`,
		formWaitingBaseUrl: `${baseUrl}/form-waiting`,
		formBaseUrl: `${baseUrl}/form`,
		formTestBaseUrl: `${baseUrl}/form-test`,
		webhookBaseUrl: `${baseUrl}/webhook`,
		webhookWaitingBaseUrl: `${baseUrl}/webhook-waiting`,
		webhookTestBaseUrl: `${baseUrl}/webhook-test`,
		mcpBaseUrl: `${baseUrl}/mcp`,
		mcpTestBaseUrl: `${baseUrl}/mcp-test`,
		variables: {},
		externalSecretsProxy: container.get(core.ExternalSecretsProxy),
		setExecutionStatus: () => {},
		logAiEvent: () => {},
		executeWorkflow: notHere('another workflow'),
		startRunnerTask: notHere('a task runner'),
		getRunExecutionData: async () => undefined,
		getRunnerStatus: () => ({ available: false }),
	} as unknown as IWorkflowExecuteAdditionalData;
}
