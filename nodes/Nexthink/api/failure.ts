import { z } from 'zod';

import { ERROR_CODES, rowOf, type KnownErrorCode, type NextStep } from './errorCodes';
import { plainText } from './plainText';
import { retryAfterOf } from './retryAfter';

/** What a request that did not succeed says about every device in it. */
export type FailureEvidence =
	/** The request certainly never reached Nexthink. */
	| 'NOT_SENT'
	/** Nexthink refused it: nothing of it is queued. */
	| 'REJECTED'
	/** It might have been carried out, although no readable answer says so. */
	| 'UNKNOWN';

/** A request that did not succeed, or a run that this node ended itself. Holds neither bearer nor secret. */
export interface Failure {
	/** A code of the table, or the API's own where it is unfamiliar. */
	code: string;
	/** The row of the table that decides what follows. */
	row: KnownErrorCode;
	/** What happened, a sentence without its full stop. */
	message: string;
	/** How to get on. */
	advice: string;
	/** The API's own words, cleaned. */
	apiMessage?: string;
	/** The API's own code where it is a number, as with queries. */
	apiCode?: number;
	/** Node's code for why a connection failed, such as DEPTH_ZERO_SELF_SIGNED_CERT. */
	causeCode?: string;
	httpStatus: number | null;
	requestId: string | null;
	traceId: string | null;
	/** When to try again, as an ISO date, where the answer says so. */
	retryAfter: string | null;
	/** The same from the moment of the answer on, in milliseconds: a clock that is set in between does no harm. */
	retryIn?: number;
	/** Whether the same request may succeed later. */
	retryable: boolean;
	/** What the run does next. */
	then: NextStep;
	evidence: FailureEvidence;
}

/** One answer over HTTP, whatever its status. Header names are in lower case. */
export interface HttpAnswer {
	httpStatus: number;
	headers: Record<string, unknown>;
	/** Parsed JSON, or the text of a body that is none. */
	body: unknown;
}

/** Ids by which Nexthink's support finds a request. Without an answer's own word the id that was sent stands. */
export interface CorrelationIds {
	requestId: string;
	traceId: string | null;
}

export function correlationIdsOf(answer: HttpAnswer, sentRequestId: string): CorrelationIds {
	return {
		requestId: headerId(answer, 'x-request-id') ?? sentRequestId,
		traceId: headerId(answer, 'x-trace-id') ?? null,
	};
}

/** What is no id, or looks like a credential, is left out: a server may repeat whatever it was sent. */
function headerId({ headers }: HttpAnswer, name: string): string | undefined {
	const value = headers[name];
	const isId = typeof value === 'string' && /^[\w.:-]{1,100}$/.test(value);
	return isId && plainText(value) === value ? value : undefined;
}

/** A failure that has no HTTP answer behind it. */
export function failureWithoutAnswer(
	row: KnownErrorCode,
	evidence: FailureEvidence,
	requestId: string | null = null,
): Failure {
	const { message, advice, retryable, then } = ERROR_CODES[row];
	return {
		code: row,
		row,
		message,
		advice,
		retryable,
		then,
		httpStatus: null,
		requestId,
		traceId: null,
		retryAfter: null,
		evidence,
	};
}

/**
 * Says of a failure what caused it, as far as that is known.
 *
 * @param happened what the cause is said of, without a full stop
 */
export function withCause(
	failure: Failure,
	{ code, words, advice }: { code?: string; words?: string; advice?: string },
	happened = failure.message,
): Failure {
	return {
		...failure,
		...(words !== undefined && { message: `${happened}: ${words}` }),
		...(advice !== undefined && { advice: `${advice} Run the workflow again.` }),
		...(code !== undefined && { causeCode: code }),
	};
}

/** Nexthink documents `{code, message}` and marks neither as required; a code is an upper-case name. */
const errorBodySchema = z.object({
	code: z
		.string()
		.regex(/^[A-Z][A-Z0-9_]{0,63}$/)
		.optional()
		.catch(undefined),
	message: z.string().optional().catch(undefined),
});

/**
 * Reads an answer outside 2xx, and one within 2xx whose body says nothing about the devices.
 *
 * @param now milliseconds since 1970, for a `Retry-After` in seconds
 */
export function failureOfAnswer(answer: HttpAnswer, sentRequestId: string, now: number): Failure {
	const { httpStatus } = answer;
	const body = errorBodySchema.safeParse(answer.body);
	const said = httpStatus < 300 || !body.success ? {} : body.data;
	const row = rowOf(httpStatus, said.code);
	const failure = failureWithoutAnswer(row, evidenceOf(httpStatus));
	const apiMessage = said.message ? plainText(said.message) : '';
	const unfamiliar = said.code !== undefined && said.code !== row && row !== 'UNAUTHORIZED';
	return {
		...failure,
		...(unfamiliar && { code: said.code! }),
		...(unfamiliar &&
			apiMessage !== '' && { message: `Nexthink responded: ${apiMessage.replace(/\.$/, '')}` }),
		...(apiMessage !== '' && { apiMessage }),
		httpStatus,
		...correlationIdsOf(answer, sentRequestId),
		...retryAfterOf(answer.headers, now),
	};
}

/** A request that was queued can be answered with 2xx, 3xx, 408, 499 or 5xx, by Nexthink or by a gateway in between. */
function evidenceOf(httpStatus: number): FailureEvidence {
	return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 && httpStatus !== 499
		? 'REJECTED'
		: 'UNKNOWN';
}
