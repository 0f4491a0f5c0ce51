import type { IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { readDeletionAnswer, type SendDeletion } from './deletionAnswer';
import {
	correlationIdsOf,
	failureOfAnswer,
	failureWithoutAnswer,
	type Failure,
	type HttpAnswer,
} from './failure';
import {
	DELETIONS_PATH,
	EXECUTE_QUERY_PATH,
	EXPORT_QUERY_PATH,
	EXPORT_STATUS_PATH,
	type Hosts,
} from './hosts';
import {
	inWordsOfQueries,
	queryFailure,
	readExecuted,
	readExportStart,
	readExportStatus,
	type Compression,
	type ExportStatus,
	type Query,
	type QueryResult,
	type Read,
	type ReadAnswer,
} from './queryAnswer';
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

/** One request to the API. */
interface ApiRequest {
	method: 'GET' | 'POST';
	path: string;
	body?: object;
	headers?: Record<string, string>;
	requestId: string;
	/** Bytes that the answer may have; default: more than any answer to a deletion. */
	longestBody?: number;
}

/** Sends one request and never throws. */
type Sender = (request: ApiRequest) => Promise<HttpAnswer | Failure>;

/** Sends deletion requests with the node's credential. */
export function deletionSender(context: IExecuteFunctions, options: SenderOptions): SendDeletion {
	const sendRequest = senderOf(context, options);
	return async (devices, requestId) => {
		// Only what is documented goes out, whatever else an entry holds.
		const body = { devices: devices.map(({ uid, name }) => ({ uid, name })) };
		const answer = await sendRequest({ method: 'POST', path: DELETIONS_PATH, body, requestId });
		if ('evidence' in answer) return { accepted: false, failure: answer };
		return readDeletionAnswer(answer, requestId, Date.now());
	};
}

/** What may be asked about saved queries. Nothing of it throws. */
export interface QuerySender {
	execute: (query: Query, requestId: string) => Promise<Read<QueryResult>>;
	startExport: (
		query: Query & { compression: Compression },
		requestId: string,
	) => Promise<Read<string>>;
	exportStatus: (exportId: string, requestId: string) => Promise<Read<ExportStatus>>;
}

/** Sends saved queries with the node's credential. */
export function querySender(context: IExecuteFunctions, options: SenderOptions): QuerySender {
	const sendRequest = senderOf(context, options);
	const ask = async <Answer>(request: ApiRequest, read: ReadAnswer<Answer>) => {
		const answer = await sendRequest({
			...request,
			// Documented: without it times come in the time zone of the tenant.
			headers: { 'x-utc-times': 'true' },
			longestBody: LONGEST_RESULT,
		});
		if ('evidence' in answer) return { failure: inWordsOfQueries(answer) };
		return read(answer, request.requestId, Date.now());
	};
	return {
		execute: async (body, requestId) =>
			await ask({ method: 'POST', path: EXECUTE_QUERY_PATH, body, requestId }, readExecuted),
		startExport: async (body, requestId) =>
			await ask({ method: 'POST', path: EXPORT_QUERY_PATH, body, requestId }, readExportStart),
		exportStatus: async (exportId, requestId) => {
			const path = `${EXPORT_STATUS_PATH}/${encodeURIComponent(exportId)}`;
			return await ask({ method: 'GET', path, requestId }, readExportStatus);
		},
	};
}

/** In bytes. Documented are 1,000 rows; a row has as many columns as the query lists. */
const LONGEST_RESULT = 32 * 1024 * 1024;

/** Keeps in mind whether n8n has a token, which tells what an error that it throws may mean. */
function senderOf(context: IExecuteFunctions, options: SenderOptions): Sender {
	let { hasToken } = options;
	return async (request) => {
		const answer = await send(context, { ...options, hasToken }, request);
		// n8n keeps the token that it fetched for a request, whatever became of the request.
		hasToken ||= !('evidence' in answer) || answer.row !== 'TOKEN_UNAVAILABLE';
		return answer;
	};
}

/**
 * The one function that sends requests to the API. Never throws: whatever n8n throws comes back as the failure that it means.
 *
 * n8n adds the bearer, fetches a token where none is stored and replaces it once after a 401.
 */
async function send(
	context: IExecuteFunctions,
	{ hosts, hasToken, timeout }: SenderOptions,
	{ method, path, body, headers, requestId, longestBody }: ApiRequest,
): Promise<HttpAnswer | Failure> {
	const milliseconds = Math.ceil(1000 * timeout);
	const request: IHttpRequestOptions = {
		method,
		url: `${hosts.apiBaseUrl}${path}`,
		headers: { ...headers, 'x-request-id': requestId },
		...(body !== undefined && { body }),
		json: true,
		timeout: milliseconds,
		returnFullResponse: true,
		// n8n would wait for the end of any body, however long it is and however slowly it comes (measured).
		encoding: 'stream',
		// A redirect would carry the bearer to another host.
		disableFollowRedirect: true,
		// Every status is an answer to read. Only a 401 must be thrown, or n8n would not renew the token.
		ignoreHttpStatusErrors: { ignore: true, except: [401] },
	};
	const { httpRequestWithAuthentication } = context.helpers;
	const exchangeOf = async (options: IHttpRequestOptions) =>
		await exchange(
			httpRequestWithAuthentication.call(context, CREDENTIAL_TYPE, options),
			{ deadline, longestBody },
			requestId,
		);
	const deadline = AbortSignal.timeout(milliseconds);
	let isRepeat = false;
	try {
		const answer = await exchangeOf(request);
		// n8n 1.123 takes the object above for a plain `true` and hands out the 401: without the option it renews the token.
		if ('evidence' in answer || answer.httpStatus !== 401) return answer;
		isRepeat = true;
		const repeat = { ...request, encoding: undefined, ignoreHttpStatusErrors: false };
		return await exchangeOf(repeat);
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

/** A file that arrives, or why it does not. */
export type FetchedFile = { body: FileStream } | { failure: Failure };

/** What n8n stores as binary data. */
type FileStream = Exclude<
	Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0],
	Uint8Array
>;

/**
 * Begins to fetch a file from an address that needs no credential, and gets none: it was signed for whoever knows it. No redirect is
 * followed. Never throws.
 *
 * @param timeout seconds until the answer must have begun
 * @param deadline ends the transfer, too
 */
export async function fetchFile(
	context: IExecuteFunctions,
	url: string,
	timeout: number,
	deadline: AbortSignal,
): Promise<FetchedFile> {
	try {
		const answer = await beforeDeadline(
			context.helpers.httpRequest({
				url,
				// n8n would unpack what a store has packed for the way, whatever the name of the file says.
				headers: { 'accept-encoding': 'identity' },
				encoding: 'stream',
				returnFullResponse: true,
				disableFollowRedirect: true,
				ignoreHttpStatusErrors: true,
				timeout: Math.ceil(1000 * timeout),
			}) as Promise<IN8nHttpFullResponse>,
			deadline,
		);
		const { statusCode, body } = answer;
		if (!isByteStream(body)) return { failure: queryFailure('FILE_UNAVAILABLE') };
		const close = () => body.destroy();
		if (statusCode !== 200) {
			close();
			return { failure: { ...queryFailure('FILE_UNAVAILABLE'), httpStatus: statusCode } };
		}
		deadline.addEventListener('abort', close);
		return { body: body as unknown as FileStream };
	} catch {
		return { failure: queryFailure('FILE_UNAVAILABLE') };
	}
}

/** One call of n8n's request function, from its start to the end of the answer's body. */
async function exchange(
	call: Promise<IN8nHttpFullResponse>,
	{ deadline, longestBody }: { deadline: AbortSignal; longestBody?: number },
	requestId: string,
): Promise<HttpAnswer | Failure> {
	const { statusCode, headers, body } = await beforeDeadline(call, deadline);
	const httpStatus = statusCode;
	if (!isByteStream(body)) return { httpStatus, headers, body };
	const read = await readBody(body, deadline, longestBody);
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
