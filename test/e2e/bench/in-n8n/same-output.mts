import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';
import { description } from './description.mts';

/** Returns what the Nexthink node returns for a list that was scheduled whole, and does nothing else. */
export class BenchSameOutput implements INodeType {
	description = description('Bench Same Output', { name: 'benchSameOutput', properties: [] });

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		let requestId = '';
		let traceId = '';
		const items = this.getInputData().map(({ json: { uid, name } }, index) => {
			if (index % 100 === 0) {
				requestId = randomUUID();
				traceId = requestId.replaceAll('-', '');
			}
			const json = {
				uid,
				name,
				status: 'SCHEDULED',
				scheduled: true,
				index,
				batch: 1 + Math.floor(index / 100),
				attempts: 1,
				httpStatus: 202,
				requestId,
				traceId,
			};
			return { json, pairedItem: { item: index } };
		});
		return [items];
	}
}
