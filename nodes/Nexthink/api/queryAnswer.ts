import { z } from 'zod';

import { entryForQueries, ERROR_CODES, type KnownErrorCode } from './errorCodes';
import { failureOfAnswer, failureWithoutAnswer, type Failure, type HttpAnswer } from './failure';
import { isObject } from './isObject';
import { plainText } from './plainText';

/** A saved query and what its parameters stand for. */
export interface Query {
	/** With its `#`. */
	queryId: string;
	/** By the declared names, without their `$`. */
	parameters: Record<string, string>;
}

/** What a query found. */
export interface QueryResult {
	/** How many rows the answer says there are; null where it does not say. */
	count: number | null;
	/** The rows that it holds, as they came; what is no object stands as null. */
	rows: Array<Record<string, unknown> | null>;
	/** The text of the query, where the answer has it. */
	executedQuery?: string;
}

export type Compression = 'NONE' | 'GZIP' | 'ZSTD';

/** How far an export is. */
export interface ExportStatus {
	status: 'SUBMITTED' | 'IN_PROGRESS' | 'COMPLETED' | 'ERROR';
	fileUrl?: string;
	/** Nexthink's own words, cleaned. */
	description?: string;
	/** Whether the licence cut the result (documented: HTTP 206). */
	isCutByLicence: boolean;
}

/** An answer to a query, read; or what its failure means. */
export type Read<Answer> = { answer: Answer } | { failure: Failure };

/** Rows are not copied field by field: a column may have any name. */
const executedSchema = z.object({
	executedQuery: z.string().optional().catch(undefined),
	rows: z.number().int().nonnegative().nullable().optional(),
	data: z.array(z.unknown()),
});

const startedSchema = z.object({ exportId: z.string().regex(/^[\w.:-]{1,200}$/) });

const statusSchema = z.object({
	status: z.enum(['SUBMITTED', 'IN_PROGRESS', 'COMPLETED', 'ERROR']),
	resultsFileUrl: z.string().optional().catch(undefined),
	errorDescription: z.string().optional().catch(undefined),
});

/** Reads one answer; `now` is in milliseconds since 1970. */
export type ReadAnswer<Answer> = (
	answer: HttpAnswer,
	sentRequestId: string,
	now: number,
) => Read<Answer>;

export const readExecuted: ReadAnswer<QueryResult> = (answer, requestId, now) => {
	const body = executedSchema.safeParse(answer.body);
	// No other success is documented. A 206 says of exports that not everything is there: a namesake may be missing.
	if (answer.httpStatus !== 200 || !body.success) return unread(answer, requestId, now);
	const rows = body.data.data.map((row) => (isObject(row) ? row : null));
	const { rows: count = null, executedQuery } = body.data;
	return { answer: { count, rows, ...(executedQuery !== undefined && { executedQuery }) } };
};

export const readExportStart: ReadAnswer<string> = (answer, requestId, now) => {
	const body = startedSchema.safeParse(answer.body);
	if (isSuccess(answer) && body.success) return { answer: body.data.exportId };
	const { failure } = unread(answer, requestId, now);
	// Nexthink counts the exports of a day, and tells when the next one may start (documented).
	const isDated = failure.code === 'RATE_LIMITED' && failure.retryAfter !== null;
	const message = `Nexthink starts no other export before ${failure.retryAfter}`;
	return { failure: { ...failure, ...(isDated && { message }) } };
};

export const readExportStatus: ReadAnswer<ExportStatus> = (answer, requestId, now) => {
	const body = statusSchema.safeParse(answer.body);
	if (!isSuccess(answer) || !body.success) {
		const { failure } = unread(answer, requestId, now);
		// Everywhere else a 404 speaks of the query.
		const lost = answer.httpStatus === 404 && {
			message: "Nexthink doesn't recognize the export that it started",
			advice: 'Run the workflow again: a lost export can only be started anew.',
		};
		return { failure: { ...failure, ...lost } };
	}
	const { status, resultsFileUrl, errorDescription } = body.data;
	return {
		answer: {
			status,
			...(resultsFileUrl !== undefined && { fileUrl: resultsFileUrl }),
			...(errorDescription !== undefined && { description: plainText(errorDescription) }),
			isCutByLicence: answer.httpStatus === 206,
		},
	};
};

function isSuccess({ httpStatus }: HttpAnswer): boolean {
	return httpStatus < 300;
}

/** Documented: `{message, code, source?}` with a number as code. */
const errorBodySchema = z.object({
	code: z.number().finite().optional().catch(undefined),
	message: z.unknown(),
});

function unread(answer: HttpAnswer, sentRequestId: string, now: number): { failure: Failure } {
	const body = errorBodySchema.safeParse(answer.body);
	const { code, message } = isSuccess(answer) || !body.success ? {} : body.data;
	// The codes of queries are numbers that nobody documents, so the HTTP status decides.
	const failure = failureOfAnswer({ ...answer, body: { message } }, sentRequestId, now);
	return {
		failure: { ...inWordsOfQueries(failure), ...(code !== undefined && { apiCode: code }) },
	};
}

/** A failure of the table, said of a query. */
export function queryFailure(row: KnownErrorCode): Failure {
	return inWordsOfQueries(failureWithoutAnswer(row, 'UNKNOWN'));
}

/** A failure that was met on the way, where it was said of a deletion. */
export function inWordsOfQueries(failure: Failure): Failure {
	const row = OF_DELETIONS[failure.row] ?? failure.row;
	const { message, advice, retryable, then } = entryForQueries(row);
	const said = ERROR_CODES[failure.row];
	return {
		...failure,
		code: failure.code === failure.row ? row : failure.code,
		row,
		message: failure.message === said.message ? message : failure.message,
		advice: failure.advice === said.advice ? advice : failure.advice,
		retryable,
		then,
	};
}

/** Rows that speak of devices; a query that meets them was simply refused. */
const OF_DELETIONS: Partial<Record<KnownErrorCode, KnownErrorCode>> = {
	BATCH_SIZE_EXCEEDED: 'REQUEST_REFUSED',
	EMPTY_REQUEST: 'REQUEST_REFUSED',
	FEATURE_NOT_ENABLED: 'FORBIDDEN',
	INVALID_REQUEST: 'REQUEST_REFUSED',
};
