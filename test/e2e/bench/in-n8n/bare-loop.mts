import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';
import { CREDENTIAL_TYPE, postOnce } from './bare-request.mts';
import { description } from './description.mts';
import { batchesOf, type BenchDevice } from './devices.mts';
import { inLanes } from './lanes.mts';

/** Deletions, 100 in a request, and nothing around it. */
export class BenchBareLoop implements INodeType {
	description = description('Bench Bare Loop', {
		name: 'benchBareLoop',
		credentials: [{ name: CREDENTIAL_TYPE, required: true }],
		properties: [
			{ displayName: 'URL', name: 'url', type: 'string', default: '' },
			{ displayName: 'Concurrency', name: 'concurrency', type: 'number', default: 4 },
		],
	});

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const url = this.getNodeParameter('url', 0) as string;
		const concurrency = this.getNodeParameter('concurrency', 0) as number;
		const devices = this.getInputData().map(({ json }) => json as unknown as BenchDevice);
		const answers = await inLanes(batchesOf(devices, 100), concurrency, async (batch) => {
			const body = { devices: batch.map(({ uid, name }) => ({ uid, name })) };
			return ((await postOnce(this, url, body)) as { devices: BenchDevice[] }).devices;
		});
		return [answers.flat().map((device) => ({ json: { ...device } }))];
	}
}
