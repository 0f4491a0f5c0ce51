import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { INode, JsonObject } from 'n8n-workflow';

import { errorCodeEntry } from '../api/errorCodes';
import type { Failure } from '../api/failure';
import { failureJson, sentenceOf, wordsOf } from './failures';

export interface RunEnd {
	/** The sums of the run. */
	summary: string;
	/** What is known besides the failure; shown as one block. */
	data: object;
	/** Whether any request was made. */
	anyRequest: boolean;
	/** What n8n's Retry On Fail does then. */
	onRetryOnFail: string;
}

/**
 * The one error of a run under On Error: Stop Workflow. Message and description are complete without the data: an AI Agent is given the
 * message alone.
 */
export function runErrorOf(
	node: INode,
	failure: Failure,
	{ summary, data, anyRequest, onRetryOnFail }: RunEnd,
): NodeApiError | NodeOperationError {
	const message = [sentenceOf(failure), summary].filter(Boolean).join(' ');
	const description = [
		failure.advice,
		wordsOf(failure),
		failure.requestId && `Request ID: ${failure.requestId}.`,
		failure.retryAfter && `Try again after ${failure.retryAfter}.`,
		node.retryOnFail === true && onRetryOnFail,
	]
		.filter(Boolean)
		.join(' ');
	const whole = { ...failureJson(failure), ...data } as JsonObject;

	const cause = errorCodeEntry(failure.row)?.cause;
	const options = { message, description, ...(cause && { failure: { cause } }) };
	const error = anyRequest
		? new NodeApiError(node, whole, {
				...options,
				httpCode: failure.httpStatus === null ? undefined : String(failure.httpStatus),
			})
		: new NodeOperationError(node, message, options);
	error.context.data = whole;
	return error;
}
