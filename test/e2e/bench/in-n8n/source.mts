import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';
import { description } from './description.mts';
import { itemList, type ListOf } from './devices.mts';
import { beginMemory } from './memory.mts';
import { beginTime } from './stopwatch.mts';

/** What the call of a measured workflow says, in the body of its webhook. */
export interface BenchCall {
	/** How many items. */
	readonly devices: number;
	readonly listOf: ListOf;
	/** Each costs time that the others must not show. */
	readonly measure: 'time' | 'memory' | 'profile';
}

/** Makes the items of the list; what is measured begins there. */
export class BenchSource implements INodeType {
	description = description('Bench Source', { name: 'benchSource', properties: [] });

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { devices, listOf, measure } = this.getInputData()[0]?.json.body as unknown as BenchCall;
		if (measure === 'memory') beginMemory();
		const items = itemList(devices, listOf).map((device) => ({
			json: { ...device },
			pairedItem: { item: 0 },
		}));
		if (measure !== 'memory') await beginTime(measure === 'profile');
		return [items];
	}
}
