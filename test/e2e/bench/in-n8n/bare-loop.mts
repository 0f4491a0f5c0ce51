import type {
	IExecuteFunctions,
	IHttpRequestOptions,
	INodeExecutionData,
	INodeType,
} from 'n8n-workflow';
import { description } from './description.mts';
import { batchesOf, type BenchDevice } from './devices.mts';
import { inLanes } from './lanes.mts';

const CREDENTIAL_TYPE = 'nexthinkOAuth2Api';

/** n8n's own request function in a loop, with the options of the Nexthink node, and nothing around it. */
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
			return await sendOnce(this, url, body);
		});
		return [answers.flat().map((device) => ({ json: { ...device } }))];
	}
}

async function sendOnce(
	context: IExecuteFunctions,
	url: string,
	body: object,
): Promise<BenchDevice[]> {
	const request: IHttpRequestOptions = {
		method: 'POST',
		url,
		headers: { 'x-request-id': crypto.randomUUID() },
		body,
		json: true,
		timeout: 60_000,
		returnFullResponse: true,
		encoding: 'stream',
		disableFollowRedirect: true,
		ignoreHttpStatusErrors: { ignore: true, except: [401] },
	};
	const answer = (await context.helpers.httpRequestWithAuthentication.call(
		context,
		CREDENTIAL_TYPE,
		request,
	)) as { body: AsyncIterable<Uint8Array> };
	const chunks: Uint8Array[] = [];
	for await (const chunk of answer.body) chunks.push(chunk);
	const text = Buffer.concat(chunks).toString('utf8');
	return (JSON.parse(text) as { devices: BenchDevice[] }).devices;
}
