import type { IExecuteFunctions, IN8nHttpFullResponse } from 'n8n-workflow';

import { Attempt, type AttemptOptions } from './attempt';
import { chainOf, CHECK_HOST, connectionFaultOf } from './connectionFault';
import { readDeletionAnswer, type SendDeletion } from './deletionAnswer';
import { withCause, type Failure, type HttpAnswer } from './failure';
import { PATHS, type Hosts } from './hosts';
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
import { isByteStream } from './readBody';

export interface SenderOptions {
	hosts: Hosts;
	/** Seconds for one whole request, the end of the answer included. */
	timeout: number;
}

/** One request to the API. */
type ApiRequest = Omit<AttemptOptions, 'timeout' | 'tokenUrl' | 'url'> & { path: string };

/** Sends deletion requests with the node's credential. */
export function deletionSender(context: IExecuteFunctions, options: SenderOptions): SendDeletion {
	return async (devices, requestId, halted) => {
		const answer = await send(context, options, {
			...{ method: 'POST', path: PATHS.deletions, requestId, halted },
			// Only what is documented goes out, whatever else an entry holds.
			body: { devices: devices.map(({ uid, name }) => ({ uid, name })) },
		});
		if ('evidence' in answer) return { accepted: false, failure: answer };
		return readDeletionAnswer(answer, requestId, Date.now());
	};
}

/** What may be asked about saved queries. Nothing of it throws. */
export interface QuerySender {
	execute: (query: Query, requestId: string, halted: AbortSignal) => Promise<Read<QueryResult>>;
	startExport: (
		query: Query & { compression: Compression },
		requestId: string,
	) => Promise<Read<string>>;
	exportStatus: (exportId: string, requestId: string) => Promise<Read<ExportStatus>>;
}

/** Sends saved queries with the node's credential. */
export function querySender(context: IExecuteFunctions, options: SenderOptions): QuerySender {
	const ask = async <Answer>(request: ApiRequest, read: ReadAnswer<Answer>) => {
		const answer = await send(context, options, {
			...request,
			// Documented: without it times come in the time zone of the tenant.
			headers: { 'x-utc-times': 'true' },
			longestBody: LONGEST_RESULT,
		});
		if ('evidence' in answer) return { failure: inWordsOfQueries(answer) };
		return read(answer, request.requestId, Date.now());
	};
	return {
		execute: async (body, requestId, halted) =>
			await ask(
				{ method: 'POST', path: PATHS.executeQuery, body, requestId, halted },
				readExecuted,
			),
		startExport: async (body, requestId) =>
			await ask({ method: 'POST', path: PATHS.exportQuery, body, requestId }, readExportStart),
		exportStatus: async (exportId, requestId) => {
			const path = `${PATHS.exportStatus}/${encodeURIComponent(exportId)}`;
			return await ask({ method: 'GET', path, requestId }, readExportStatus);
		},
	};
}

/** In bytes. Documented are 1,000 rows; a row has as many columns as the query lists. */
const LONGEST_RESULT = 32 * 1024 * 1024;

/** The one function that sends requests to the API. Never throws. */
async function send(
	context: IExecuteFunctions,
	{ hosts: { apiBaseUrl, tokenUrl }, timeout }: SenderOptions,
	{ path, ...request }: ApiRequest,
): Promise<HttpAnswer | Failure> {
	return await new Attempt(context, {
		...request,
		url: `${apiBaseUrl}${path}`,
		tokenUrl,
		timeout: Math.ceil(1000 * timeout),
	}).outcome();
}

/** A file that arrives, or why it does not. */
export type FetchedFile = ArrivedFile | { failure: Failure };

export interface ArrivedFile {
	body: FileStream;
	/** Bytes that it has, where its host says so. */
	length?: number;
	/** Whether the connection shows where it ends, even without a length. */
	isChunked: boolean;
	/** Milliseconds without a byte after which no more is to be expected. */
	longestSilence: number;
	/** Ends the transfer. To destroy the body doesn't: axios may have put another stream around it, which waits for the next bytes. */
	end: () => void;
}

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
 * @param transfer ends the transfer, too
 */
export async function fetchFile(
	context: IExecuteFunctions,
	url: string,
	timeout: number,
	transfer: { ended: AbortSignal; end: () => void },
): Promise<FetchedFile> {
	const failure = queryFailure('FILE_UNAVAILABLE');
	try {
		const { statusCode, headers, body } = (await context.helpers.httpRequest({
			url,
			// n8n would unpack what a store has packed for the way, whatever the name of the file says.
			headers: { 'accept-encoding': 'identity' },
			encoding: 'stream',
			returnFullResponse: true,
			disableFollowRedirect: true,
			ignoreHttpStatusErrors: true,
			timeout: Math.ceil(1000 * timeout),
			abortSignal: transfer.ended,
		})) as IN8nHttpFullResponse;
		if (!isByteStream(body)) return { failure };
		if (statusCode !== 200) {
			body.destroy();
			return { failure: { ...failure, httpStatus: statusCode } };
		}
		const file = body as unknown as FileStream;
		// It ends with an error where it is ended, perhaps before anybody reads it.
		file.on('error', () => {});
		const { 'content-length': length, 'transfer-encoding': coding } = headers;
		return {
			body: file,
			...(/^\d+$/.test(String(length)) && { length: Number(length) }),
			isChunked: /\bchunked\b/i.test(String(coding)),
			longestSilence: 1000 * timeout,
			end: transfer.end,
		};
	} catch (error) {
		const fault = connectionFaultOf(chainOf(error), url);
		const advice = fault.advice?.replace(CHECK_HOST, CHECK_HOST_OF_FILE);
		return { failure: withCause(failure, { ...fault, advice }) };
	}
}

/** Nexthink names it, not the credential. */
const CHECK_HOST_OF_FILE =
	"Check that n8n can reach the host of the file, which isn't the API host of your tenant.";
