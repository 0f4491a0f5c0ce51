import type {
	EngineResponse,
	IDataObject,
	IExecuteFunctions,
	INodeType,
	ITaskData,
} from 'n8n-workflow';
import { describe } from './built-in-nodes.mts';

export const agentType = '@n8n/n8n-nodes-langchain.agent';

/** A call that a model decided on. */
export interface ToolCall {
	/** The name of the tool's node in the workflow. */
	node: string;
	arguments: IDataObject;
}

/**
 * - `engine`: AI Agent from version 3 hands the call to the engine, which runs the tool as a node
 *   of its own.
 * - `invoke`: older agents and the MCP Server Trigger call the tool object inside their own run.
 */
export type ToolRoute = 'engine' | 'invoke';

export interface ToolDescription {
	name: string;
	description: string;
	schema: unknown;
}

interface Tool extends ToolDescription {
	metadata: { sourceNodeName: string };
	invoke(toolArguments: IDataObject): Promise<string>;
}

/**
 * AI Agents whose models make their calls, given by the agent's node name, at once and are done
 * when they have read the results.
 */
export function createAgent(toolCalls: Record<string, ToolCall[]>, route: ToolRoute): INodeType {
	return {
		description: describe('agent', {
			version: [1, 1.6, 1.7, 2, 2.1, 2.2, 3, 3.1],
			inputs: ['main', 'ai_tool', 'ai_languageModel', 'ai_memory', 'ai_outputParser'],
		}),
		async execute(this: IExecuteFunctions, response?: EngineResponse) {
			if (response && response.actionResponses.length > 0) {
				const observations = response.actionResponses.map(({ data }) => observation(data));
				return [[{ json: { observations }, pairedItem: { item: 0 } }]];
			}
			const calls = toolCalls[this.getNode().name] ?? [];
			const tools = (await this.getInputConnectionData('ai_tool', 0)) as Tool[];
			const findTool = (node: string) => {
				const tool = tools.find(({ metadata }) => metadata.sourceNodeName === node);
				if (!tool) throw new Error(`No tool of the agent is the node "${node}"`);
				return tool;
			};
			if (route === 'invoke' || calls.length === 0) {
				const observations = [];
				for (const call of calls) {
					observations.push(await invoke(findTool(call.node), call.arguments));
				}
				return [
					[
						{
							json: {
								observations,
								tools: tools.map(({ name, description }) => ({ name, description })),
							},
							pairedItem: { item: 0 },
						},
					],
				];
			}
			return {
				actions: calls.map((call, index) => ({
					actionType: 'ExecutionNodeAction' as const,
					nodeName: findTool(call.node).metadata.sourceNodeName,
					input: call.arguments,
					type: 'ai_tool' as const,
					id: `call_${index + 1}`,
					metadata: { itemIndex: 0 },
				})),
				metadata: {},
			};
		},
	};
}

// buildObservation in n8n-nodes-langchain/utils/agent-execution/buildSteps.ts
function observation(data: ITaskData): string {
	const items = data.data?.ai_tool?.[0]?.map(({ json }) => json);
	if (items && items.length > 0) return JSON.stringify(items);
	if (data.error) {
		return JSON.stringify({
			error: data.error.message,
			...(data.error.name ? { errorType: data.error.name } : {}),
		});
	}
	return JSON.stringify('');
}

// LangChain's agent executor gives a thrown message to the model.
async function invoke(tool: Tool, toolArguments: IDataObject): Promise<string> {
	try {
		return await tool.invoke(toolArguments);
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
