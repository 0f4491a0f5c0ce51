import type { IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { readDeletionAnswer, type SendDeletion } from './deletionAnswer';
import { failureWithoutAnswer, type Failure, type HttpAnswer } from './failure';
import { DELETIONS_PATH, type Hosts } from './hosts';
import { failureOfThrown } from './thrownError';

export const CREDENTIAL_TYPE = 'nexthinkOAuth2Api';

export interface SenderOptions {
	hosts: Hosts;
	/** Whether the credential holds a token at the start of the run. */
	hasToken: boolean;
	/** Seconds. n8n counts the time in which nothing arrives, not the whole request (measured). */
	timeout: number;
}

interface ApiRequest {
	path: string;
	body: object;
	requestId: string;
}

/** Sends deletion requests with the node's credential. */
export function deletionSender(context: IExecuteFunctions, options: SenderOptions): SendDeletion {
	let { hasToken } = options;
	return async (devices, requestId) => {
		// Only what is documented goes out, whatever else an entry holds.
		const body = { devices: devices.map(({ uid, name }) => ({ uid, name })) };
		const request = { path: DELETIONS_PATH, body, requestId };
		const answer = await send(context, { ...options, hasToken }, request);
		if (!('evidence' in answer)) {
			hasToken = true;
			return readDeletionAnswer(answer, requestId, Date.now());
		}
		// n8n keeps the token that it fetched for a request, whatever became of the request.
		hasToken ||= answer.row !== 'TOKEN_UNAVAILABLE';
		return { accepted: false, failure: answer };
	};
}

/**
 * The one function that sends. Never throws: whatever n8n throws comes back as the failure that it means for the devices.
 *
 * n8n adds the bearer, fetches a token where none is stored and replaces it once after a 401.
 */
async function send(
	context: IExecuteFunctions,
	{ hosts, hasToken, timeout }: SenderOptions,
	{ path, body, requestId }: ApiRequest,
): Promise<HttpAnswer | Failure> {
	const request: IHttpRequestOptions = {
		method: 'POST',
		url: `${hosts.apiBaseUrl}${path}`,
		headers: { 'x-request-id': requestId },
		body,
		json: true,
		timeout: 1000 * timeout,
		returnFullResponse: true,
		// A redirect would carry the bearer to another host.
		disableFollowRedirect: true,
		// Every status is an answer to read. Only a 401 must be thrown, or n8n would not renew the token.
		ignoreHttpStatusErrors: { ignore: true, except: [401] },
	};
	try {
		const answer = await exchange(context, request);
		// n8n 1.123 takes the object above for a plain `true` and hands out the 401: without the option it renews the token.
		if (answer.httpStatus !== 401) return answer;
		return await exchange(context, { ...request, ignoreHttpStatusErrors: false });
	} catch (error) {
		return context.getExecutionCancelSignal()?.aborted === true
			? failureWithoutAnswer('CANCELLED', 'UNKNOWN', requestId)
			: failureOfThrown(error, {
					tokenUrl: hosts.tokenUrl,
					hadToken: hasToken,
					requestId,
					now: Date.now(),
				});
	}
}

async function exchange(
	context: IExecuteFunctions,
	request: IHttpRequestOptions,
): Promise<HttpAnswer> {
	const answer = (await context.helpers.httpRequestWithAuthentication.call(
		context,
		CREDENTIAL_TYPE,
		request,
	)) as IN8nHttpFullResponse;
	return { httpStatus: answer.statusCode, headers: answer.headers, body: answer.body };
}
