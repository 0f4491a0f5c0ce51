import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { Failure as DeclaredFailure, INode, JsonObject, TimedCause } from 'n8n-workflow';

import { errorCodeEntry, type ErrorCodeEntry } from '../api/errorCodes';
import { escapeHtml } from '../api/escapeHtml';
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
	/** n8n's word for the cause where that of the table is too general. */
	cause?: TimedCause;
}

/**
 * The one error of a run under On Error: Stop Workflow. Message and description are complete without the data: an AI Agent is given the
 * message alone.
 */
export function runErrorOf(
	node: INode,
	failure: Failure,
	{ summary, data, anyRequest, onRetryOnFail, cause }: RunEnd,
): NodeApiError | NodeOperationError {
	const message = withoutTags([sentenceOf(failure), summary].filter(Boolean).join(' '));
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
	const options = {
		message,
		// n8n shows it as HTML.
		description: escapeHtml(description),
		failure: declared(failure, cause),
	};
	// n8n wraps what a tool throws in a NodeOperationError, unless it is one already, and would replace its message then.
	const error =
		anyRequest && !node.type.endsWith('Tool')
			? new NodeApiError(node, whole, {
					...options,
					httpCode: failure.httpStatus === null ? undefined : String(failure.httpStatus),
				})
			: new NodeOperationError(node, message, options);
	error.context.data = whole;
	// A message with a word such as EACCES in it, even within "deviceAccess", has become n8n's own text for that code by now.
	error.message = message;
	error.messages = [];
	return error;
}

/** n8n shows a message as text in the panel of the node and as HTML in the notification, so it must be fit for both. */
function withoutTags(text: string): string {
	return text.replace(/<(?=[a-z/!?])/gi, '< ');
}

/** The typed field by which n8n 2.41 tells why a node ended; older versions leave it out. */
function declared(
	{ row, retryAfter }: Failure,
	cause: TimedCause | ErrorCodeEntry['cause'] = errorCodeEntry(row)?.cause,
): DeclaredFailure | undefined {
	if (cause === undefined) return undefined;
	if (cause === 'credential-invalid' || cause === 'configuration-invalid' || retryAfter === null) {
		return { cause };
	}
	return { cause, retryAfterMs: Math.max(0, Date.parse(retryAfter) - Date.now()) };
}
