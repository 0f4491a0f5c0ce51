import type { IExecuteFunctions, INodeExecutionData, INodePropertyOptions } from 'n8n-workflow';

import type { Parameters } from './settings/parameter';

/** The resources of the node, as the editor offers them. */
export const RESOURCES = {
	device: { name: 'Device', value: 'device' },
	nqlQuery: { name: 'NQL Query', value: 'nqlQuery' },
} as const satisfies Record<string, INodePropertyOptions>;

/** One thing that the node can do: all that the editor shows of it, and what carries it out. */
export interface Operation {
	resource: (typeof RESOURCES)[keyof typeof RESOURCES];
	value: string;
	name: string;
	action: string;
	description: string;
	/** Whether an AI Agent may use it as a tool. */
	isTool: boolean;
	parameters: Parameters;
	/** In the two modes of On Error that continue it never throws: n8n would pass all input items on as successes (measured). */
	execute: (context: IExecuteFunctions) => Promise<INodeExecutionData[][]>;
}
