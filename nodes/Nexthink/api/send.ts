import type { IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { readDeletionAnswer, type SendDeletion } from './deletionAnswer';
import {
	correlationIdsOf,
	failureOfAnswer,
	failureWithoutAnswer,
	type Failure,
	type HttpAnswer,
} from './failure';
import { DELETIONS_PATH, type Hosts } from './hosts';
import { isByteStream, readBody } from './readBody';
import { failureOfThrown } from './thrownError';

export const CREDENTIAL_TYPE = 'nexthinkOAuth2Api';

export interface SenderOptions {
	hosts: Hosts;
	/** Whether the credential holds a token at the start of the run. */
	hasToken: boolean;
	/** Seconds for one whole request, the end of the answer included. */
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
		// n8n would wait for the end of any body, however long it is and however slowly it comes (measured).
		encoding: 'stream',
		// A redirect would carry the bearer to another host.
		disableFollowRedirect: true,
		// Every status is an answer to read. Only a 401 must be thrown, or n8n would not renew the token.
		ignoreHttpStatusErrors: { ignore: true, except: [401] },
	};
	const deadline = AbortSignal.timeout(1000 * timeout);
	let isRepeat = false;
	try {
		const answer = await exchange(context, request, deadline, requestId);
		// n8n 1.123 takes the object above for a plain `true` and hands out the 401: without the option it renews the token.
		if ('evidence' in answer || answer.httpStatus !== 401) return answer;
		isRepeat = true;
		const repeat = { ...request, encoding: undefined, ignoreHttpStatusErrors: false };
		return await exchange(context, repeat, deadline, requestId);
	} catch (error) {
		if (context.getExecutionCancelSignal()?.aborted === true) {
			return failureWithoutAnswer('CANCELLED', 'UNKNOWN', requestId);
		}
		if (deadline.aborted) return failureWithoutAnswer('TIMEOUT', 'UNKNOWN', requestId);
		return failureOfThrown(error, {
			tokenUrl: hosts.tokenUrl,
			hadToken: hasToken || isRepeat,
			statusesAreAnswers: !isRepeat,
			requestId,
			now: Date.now(),
		});
	}
}

/** One call of n8n's request function, from its start to the end of the answer's body. */
async function exchange(
	context: IExecuteFunctions,
	request: IHttpRequestOptions,
	deadline: AbortSignal,
	requestId: string,
): Promise<HttpAnswer | Failure> {
	const { httpRequestWithAuthentication } = context.helpers;
	const { statusCode, headers, body } = await beforeDeadline(
		httpRequestWithAuthentication.call(context, CREDENTIAL_TYPE, request),
		deadline,
	);
	const httpStatus = statusCode;
	if (!isByteStream(body)) return { httpStatus, headers, body };
	const read = await readBody(body, deadline);
	return 'body' in read
		? { httpStatus, headers, body: read.body }
		: failureOfUnreadBody({ httpStatus, headers, body: undefined }, read.unread, requestId);
}

/** n8n's own timeout starts anew with every byte, and nothing ends a request from outside but the end of the execution. */
async function beforeDeadline(
	answer: Promise<IN8nHttpFullResponse>,
	deadline: AbortSignal,
): Promise<IN8nHttpFullResponse> {
	let giveUp = () => {};
	const tooLate = new Promise<never>((_, reject) => {
		giveUp = () => {
			reject(new Error('The deadline has passed'));
			answer.then(({ body }) => isByteStream(body) && body.destroy(), noMatter);
		};
		deadline.addEventListener('abort', giveUp);
	});
	try {
		return await Promise.race([answer, tooLate]);
	} finally {
		deadline.removeEventListener('abort', giveUp);
	}
}

/** What becomes of a request that was given up is known already: nobody knows. */
function noMatter(): void {}

/** A status that refuses the request says enough without its body; a success does not. */
function failureOfUnreadBody(
	answer: HttpAnswer,
	why: keyof typeof CODES_OF_UNREAD_BODIES,
	requestId: string,
): Failure {
	const { httpStatus } = answer;
	if (httpStatus < 200 || httpStatus > 299) return failureOfAnswer(answer, requestId, Date.now());
	return {
		...failureWithoutAnswer(CODES_OF_UNREAD_BODIES[why], 'UNKNOWN', requestId),
		httpStatus,
		...correlationIdsOf(answer, requestId),
	};
}

const CODES_OF_UNREAD_BODIES = {
	TIMEOUT: 'TIMEOUT',
	TOO_LONG: 'UNEXPECTED_RESPONSE',
	BROKEN_OFF: 'NETWORK_ERROR',
} as const;
