import type {
	IConnections,
	IDataObject,
	INode,
	IPinData,
	IRun,
	IWorkflowSettings,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { createAdditionalData } from './additional-data.mts';
import { agentType, createAgent } from './agent.mts';
import type { ToolCall, ToolRoute } from './agent.mts';
import { builtInNodes, describe } from './built-in-nodes.mts';
import { loadCore } from './core.mts';
import type { Core, ExpressionEngine } from './core.mts';
import { testCredential } from './credential-test.mts';
import type { CredentialTestResult } from './credential-test.mts';
import { createCredentialsHelper } from './credentials.mts';
import type { StoredCredential } from './credentials.mts';
import { ExecutionResult, flatten } from './execution-result.mts';
import { captureLogs } from './log-capture.mts';
import type { LogEntry } from './log-capture.mts';
import { NodeTypes } from './node-types.mts';
import type { NodeTypeDefinition } from './node-types.mts';
import { loadPackageTypes } from './package-types.mts';
import type { PackageTypes } from './package-types.mts';
import { withPauses } from './pauses.mts';
import type { Pauses } from './pauses.mts';

export type { CredentialTestResult } from './credential-test.mts';
export type { StoredCredential } from './credentials.mts';
export type { ExecutionResult, SavedError } from './execution-result.mts';
export type { LogEntry } from './log-capture.mts';
export type { ToolCall, ToolRoute } from './agent.mts';
export type { Pauses } from './pauses.mts';

export interface EngineOptions {
	/**
	 * The folder with the package.json whose n8n.nodes and n8n.credentials list the built files.
	 */
	packageFolder: string;
	/** One for the whole process: the first call decides, and whoever wants another one then gets an error. */
	expressionEngine?: ExpressionEngine;
	/** Node types besides those of the package, by their full names. */
	nodes?: Record<string, NodeTypeDefinition>;
}

/** n8n's export format. */
export interface WorkflowJson {
	id?: string;
	name?: string;
	nodes: INode[];
	connections: IConnections;
	pinData?: IPinData;
	settings?: IWorkflowSettings;
}

export interface RunOptions {
	credentials?: StoredCredential[];
	mode?: Extract<WorkflowExecuteMode, 'manual' | 'trigger'>;
	/** Cancels the execution as the Stop button does. */
	cancelWhen?: Promise<void>;
	startNode?: string;
	/** What the models of the workflow's AI Agents decide to call, by the agent's node name. */
	toolCalls?: Record<string, ToolCall[]>;
	toolRoute?: ToolRoute;
	/** Default: `real`. */
	pauses?: Pauses;
}

export interface ToolRunOptions extends Pick<RunOptions, 'credentials' | 'cancelWhen' | 'mode'> {
	/** The node as a workflow file has it; its type ends in `Tool`. */
	node: Pick<INode, 'type' | 'parameters'> & Partial<INode>;
	/** The arguments that the model gave. */
	arguments: IDataObject;
	/** The json of the agent's own input item. */
	agentItem?: IDataObject;
	route?: ToolRoute;
}

export interface ToolResult {
	execution: ExecutionResult;
	/** The text that the model reads. */
	response: string;
}

export interface Engine {
	readonly expressionEngine: ExpressionEngine;
	run(workflow: WorkflowJson, options?: RunOptions): Promise<ExecutionResult>;
	runAsTool(options: ToolRunOptions): Promise<ToolResult>;
	testCredential(credential: StoredCredential): Promise<CredentialTestResult>;
}

let executions = 0;

export async function loadEngine({
	packageFolder,
	expressionEngine,
	nodes = {},
}: EngineOptions): Promise<Engine> {
	const loaded = await loadCore(expressionEngine);
	const types = await loadPackageTypes(loaded, packageFolder);
	const builtIn = { ...builtInNodes(loaded), ...nodes };

	const run: Engine['run'] = async (workflow, options = {}) => {
		const logs: LogEntry[] = [];
		return await captureLogs(
			logs,
			async () =>
				await withPauses(options.pauses ?? 'real', () =>
					execute(loaded, types, builtIn, workflow, options, logs),
				),
		);
	};
	return {
		expressionEngine: loaded.expressionEngine,
		run,
		async runAsTool({ node, agentItem = {}, route, arguments: toolArguments, ...options }) {
			const tool: INode = {
				id: 'tool',
				name: 'Tool',
				typeVersion: 1,
				position: [0, 0],
				...node,
			};
			const execution = await run(agentWorkflow(tool, agentItem), {
				...options,
				toolCalls: { Agent: [{ node: tool.name, arguments: toolArguments }] },
				...(route ? { toolRoute: route } : {}),
			});
			const [response = ''] = (execution.outputs('Agent')[0]?.[0]?.json.observations ??
				[]) as string[];
			return { execution, response };
		},
		testCredential: async (credential) =>
			await captureLogs(
				[],
				async () => await testCredential(loaded, types.credentials, credential),
			),
	};
}

function agentWorkflow(tool: INode, agentItem: IDataObject): WorkflowJson {
	const node = (name: string, type: string, typeVersion: number): INode => ({
		id: name,
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters: {},
	});
	return {
		nodes: [node('Start', 'n8n-nodes-base.manualTrigger', 1), node('Agent', agentType, 3), tool],
		connections: {
			Start: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
			[tool.name]: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
		},
		pinData: { Start: [{ json: agentItem }] },
		settings: { executionOrder: 'v1' },
	};
}

async function execute(
	loaded: Core,
	types: PackageTypes,
	builtIn: Record<string, NodeTypeDefinition>,
	json: WorkflowJson,
	options: RunOptions,
	logs: LogEntry[],
): Promise<ExecutionResult> {
	const { core, workflow: n8nWorkflow } = loaded;
	const mode = options.mode ?? 'manual';
	const executionId = String(++executions);
	const startedAt = new Date();
	// n8n itself forgets pinned data when a trigger starts a workflow. Here it stays, so that
	// workflows which need foreign nodes can be run the way a trigger does.
	const pinData = json.pinData ?? {};
	try {
		const workflow = new n8nWorkflow.Workflow({
			id: json.id ?? 'harness',
			name: json.name ?? 'Harness',
			nodes: n8nWorkflow.deepCopy(json.nodes),
			connections: n8nWorkflow.deepCopy(json.connections),
			active: mode === 'trigger',
			nodeTypes: new NodeTypes(loaded, {
				...placeholders(json, pinData, types.nodes),
				...builtIn,
				[agentType]: createAgent(options.toolCalls ?? {}, options.toolRoute ?? 'engine'),
				...types.nodes,
			}),
			settings: { ...json.settings },
			pinData,
		});
		const additionalData = createAdditionalData(
			loaded,
			createCredentialsHelper(loaded, types.credentials, options.credentials ?? []),
			executionId,
		);
		additionalData.workflowId = workflow.id;
		additionalData.hooks = new core.ExecutionLifecycleHooks(mode, executionId, {
			id: workflow.id,
			name: workflow.name ?? '',
			active: workflow.active,
			isArchived: false,
			createdAt: startedAt,
			updatedAt: startedAt,
			nodes: json.nodes,
			connections: json.connections,
			activeVersionId: null,
		} as unknown as ConstructorParameters<typeof core.ExecutionLifecycleHooks>[2]);
		// On a cancel n8n saves what there is at that moment; what the node still gives afterwards
		// is lost to it.
		let savedAtCancel: string | undefined;
		additionalData.hooks.addHandler('workflowExecuteAfter', async (run) => {
			if (run.status === 'canceled') savedAtCancel = flatten(run.data);
		});
		const startNode = options.startNode ? workflow.getNode(options.startNode) : undefined;
		if (startNode === null) throw new Error(`No node is called "${options.startNode}"`);
		const execution = new core.WorkflowExecute(additionalData, mode).run({
			workflow,
			...(startNode ? { startNode } : {}),
			pinData: n8nWorkflow.deepCopy(pinData),
		});
		void options.cancelWhen?.then(() => {
			// ActiveExecutions.stopExecution
			execution.cancel(new n8nWorkflow.ManualExecutionCancelledError(executionId).message);
		});
		return new ExecutionResult(await execution, logs, savedAtCancel);
	} catch (error) {
		return new ExecutionResult(failedBeforeStart(loaded, error as Error, mode, startedAt), logs);
	}
}

// FailedRunFactory in packages/cli/src/executions/failed-run-factory.ts
function failedBeforeStart(
	{ workflow: { createRunExecutionData } }: Core,
	error: Error,
	mode: WorkflowExecuteMode,
	startedAt: Date,
): IRun {
	return {
		data: createRunExecutionData({
			resultData: {
				error: {
					...error,
					name: error.name,
					message: error.message,
					stack: error.stack,
				} as unknown as NonNullable<IRun['data']['resultData']['error']>,
				runData: {},
			},
		}),
		finished: false,
		mode,
		startedAt,
		stoppedAt: new Date(),
		status: 'error',
		storedAt: 'db',
	};
}

/**
 * Types that this process does not have: nodes with pinned data, and sub-nodes of an agent such
 * as its model.
 */
function placeholders(
	json: WorkflowJson,
	pinData: IPinData,
	known: Record<string, NodeTypeDefinition>,
): Record<string, NodeTypeDefinition> {
	const found: Record<string, NodeTypeDefinition> = {};
	for (const node of json.nodes) {
		if (node.type.replace(/Tool$/, '') in known) continue;
		const outputs = Object.keys(json.connections[node.name] ?? {});
		const isSubNode = outputs.length > 0 && !outputs.includes('main');
		if (pinData[node.name] === undefined && !isSubNode && !node.disabled) continue;
		found[node.type] = {
			description: {
				...describe(node.type.split('.').at(-1) ?? node.type, { version: [node.typeVersion] }),
				...(isSubNode ? { outputs: outputs as ['ai_tool'] } : {}),
			},
			async execute() {
				throw new Error(`The node type ${node.type} is a placeholder and cannot run`);
			},
		};
	}
	return found;
}
