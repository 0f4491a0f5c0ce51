import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';
import { CREDENTIAL_TYPE, postOnce } from './bare-request.mts';
import { description } from './description.mts';
import { inLanes } from './lanes.mts';

interface Answer {
	readonly data: readonly IDataObject[];
}

/** One query for each distinct name, an item for each name, and nothing around it. */
export class BenchBareQueries implements INodeType {
	description = description('Bench Bare Queries', {
		name: 'benchBareQueries',
		credentials: [{ name: CREDENTIAL_TYPE, required: true }],
		properties: [
			{ displayName: 'URL', name: 'url', type: 'string', default: '' },
			{ displayName: 'Query ID', name: 'queryId', type: 'string', default: '' },
			{ displayName: 'Concurrency', name: 'concurrency', type: 'number', default: 4 },
		],
	});

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const url = this.getNodeParameter('url', 0) as string;
		const queryId = this.getNodeParameter('queryId', 0) as string;
		const concurrency = this.getNodeParameter('concurrency', 0) as number;
		const names = this.getInputData().map(({ json }) => json.name as string);
		const found = new Map<string, IDataObject | undefined>();
		await inLanes([...new Set(names)], concurrency, async (name) => {
			const body = { queryId, parameters: { device_name: name } };
			found.set(name, ((await postOnce(this, url, body)) as Answer).data[0]);
		});
		return [names.map((name) => ({ json: { match: 'FOUND', device: found.get(name) } }))];
	}
}
