import { compact } from 'lodash';
import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { errorCodeEntry } from '../api/errorCodes';
import { failureWithoutAnswer, type Failure } from '../api/failure';
import type { StopReason } from '../requests/requestRun';

/** What becomes of what did not succeed, as On Error chooses. */
export type ErrorPath = 'stop' | 'sameOutput' | 'errorOutput';

export function errorPathOf(context: IExecuteFunctions): ErrorPath {
	if (!context.continueOnFail()) return 'stop';
	return context.getNode().onError === 'continueErrorOutput' ? 'errorOutput' : 'sameOutput';
}

/** Why the rest was never sent: the failure that ended the run, or the run's own reason. */
export function stopFailure({ stoppedBy = 'CANCELLED' }: { stoppedBy?: StopReason }): Failure {
	return typeof stoppedBy === 'string' ? failureWithoutAnswer(stoppedBy, 'NOT_SENT') : stoppedBy;
}

/** What ended a run before its end: what refused it, or what stopped it; undefined where it came to its end. */
export function endOf({
	refusal,
	result,
}: {
	refusal?: Failure;
	result?: { stoppedBy?: StopReason };
}): Failure | undefined {
	return refusal ?? (result?.stoppedBy && stopFailure(result));
}

/** A refusal by this node, with the sentence that says what is not right, and what to do where the table's advice is too general. */
export function refusalOf(
	code: 'INVALID_PARAMETER' | 'INVALID_UID' | 'MAX_DEVICES_EXCEEDED',
	sentence: string,
	advice?: string,
): Failure {
	return {
		...failureWithoutAnswer(code, 'NOT_SENT'),
		message: sentence.replace(/\.$/, ''),
		...(advice !== undefined && { advice }),
	};
}

/** What happened, in one sentence, with the API's own code or status for people who search for it. */
export function sentenceOf(failure: Failure): string {
	const { code, httpStatus, message, apiCode, causeCode = '' } = failure;
	// n8n replaces messages that hold a code of the system, such as ENOTFOUND; the words say what it means.
	const isSaid = causeCode !== '' && !/^E(?!RR_)/.test(causeCode);
	const isKnown = httpStatus === null && !isSaid && errorCodeEntry(code) !== undefined;
	const marks = [
		compact([httpStatus, !isKnown && code]).join(' '),
		apiCode !== undefined && `code ${apiCode}`,
		isSaid && causeCode,
	];
	const shown = compact(marks).join(', ');
	return shown === '' ? `${message}.` : `${message} (${shown}).`;
}

/**
 * All there is to say of a failure where an item has no second place for it: what happened, how to go on, Nexthink's own words, when.
 *
 * @param happened default: the sentence of the failure
 */
export function messageOf(failure: Failure, happened = sentenceOf(failure)): string {
	const { advice, retryAfter } = failure;
	const until = retryAfter !== null && `Try again after ${retryAfter}.`;
	return [happened, advice, wordsOf(failure), until].filter(Boolean).join(' ');
}

/** Nexthink's own words, unless the failure is told by them already. */
export function wordsOf({ message, apiMessage = '' }: Failure): string {
	const isTold = message.includes(apiMessage.replace(/\.$/, ''));
	return isTold ? '' : `Nexthink said: "${apiMessage}"`;
}

/** The typed part of a failure, as workflows read it. */
export function failureJson({
	code,
	httpStatus,
	requestId,
	traceId,
	retryable,
	retryAfter,
	apiCode,
	causeCode,
}: Failure): IDataObject {
	return {
		...{ code, httpStatus, requestId, traceId, retryable, retryAfter },
		...(apiCode !== undefined && { apiCode }),
		...(causeCode !== undefined && { causeCode }),
	};
}

/**
 * An item on the error path.
 *
 * @param json what is known, as on the success path
 * @param atError what stands beside the failure where the item goes to the error output
 * @param pairedItem absent where n8n is to link the item: it copies the whole input into items of the error output that are linked already
 */
export function itemOnErrorPath(
	errorPath: ErrorPath,
	failure: Failure,
	message: string,
	{ json, atError }: { json: IDataObject; atError: IDataObject },
	pairedItem: INodeExecutionData['pairedItem'],
): INodeExecutionData {
	const said = failureJson(failure);
	// n8n moves an item to the error output only if it has these two keys and no other.
	const own =
		errorPath === 'errorOutput'
			? { error: { ...said, ...atError }, message }
			: { ...json, apiError: { ...said, message } };
	return { json: own, ...(pairedItem !== undefined && { pairedItem }) };
}

/** Whatever there is of each kind, as a sentence goes on: ", 1 invalid, 2 failed". */
export function restInWords(kinds: ReadonlyArray<readonly [count: number, word: string]>): string {
	const present = kinds.filter(([count]) => count > 0);
	return present.map(([count, word]) => `, ${count} ${word}`).join('');
}

/** What a model reads before the items: the sums, and why nothing was done at all. */
export function summaryItem(
	sums: string,
	refusal: Failure | undefined,
	counts: Record<string, number>,
): INodeExecutionData {
	const summary = [sums, refusal && sentenceOf(refusal)].filter(Boolean).join(' ');
	return { json: { summary, counts: { ...counts } }, pairedItem: { item: 0 } };
}
