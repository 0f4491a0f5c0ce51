import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

export const CREDENTIAL_TYPE = 'nexthinkOAuth2Api';

/** n8n's own request function with the options of the Nexthink node. Out: the answer, parsed; nothing of it is checked. */
export async function postOnce(
	context: IExecuteFunctions,
	url: string,
	body: object,
): Promise<unknown> {
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
	return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
