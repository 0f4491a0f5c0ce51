import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Failure } from '../../api/failure';
import { plainText } from '../../api/plainText';
import { itemOnErrorPath, messageOf, type ErrorPath } from '../failures';
import { isOnErrorPath, outcomesOf, type DeletionReport, type EntryOutcome } from './report';

export interface MadeItems {
	items: INodeExecutionData[];
	/** One for each entry, in their order. */
	outcomes: EntryOutcome[];
}

/**
 * The one place that turns outcomes into items: one for each entry, in input order.
 *
 * @param inputs the json behind each entry where the output is to carry it
 * @param isListOfOneItem whether all entries come from a list in a single input item
 */
export function makeItems(
	report: DeletionReport,
	errorPath: ErrorPath,
	inputs: ReadonlyArray<IDataObject | undefined> | undefined,
	isListOfOneItem: boolean,
): MadeItems {
	const outcomes = outcomesOf(report);
	const messageFor = sharedMessages();
	const items = report.plan.entries.map((entry, index): INodeExecutionData => {
		const outcome = outcomes[index]!;
		const pairedItem = { item: entry.itemIndex };
		const json = statusJson(report, outcome, index, inputs?.[index]);
		if (outcome.failure === undefined || !isOnErrorPath(outcome.status, report.failOnUnscheduled)) {
			return { json, pairedItem };
		}
		// n8n copies the whole input into each item of the error output, and the input of a list is the list.
		const isLeftUnlinked = errorPath === 'errorOutput' && isListOfOneItem;
		return itemOnErrorPath(
			errorPath,
			outcome.failure,
			messageFor(outcome.failure, outcome.reason),
			{ json, atError: { device: json } },
			isLeftUnlinked ? undefined : pairedItem,
		);
	});
	return { items, outcomes };
}

/** The devices of a request share its failure and reason: one text serves them all, however many they are. */
function sharedMessages(): typeof messageOf {
	let last: { failure: Failure; reason?: string; message: string } | undefined;
	return (failure, reason) => {
		if (last?.failure !== failure || last.reason !== reason) {
			last = { failure, reason, message: messageOf(failure, reason) };
		}
		return last.message;
	};
}

function statusJson(
	{ plan }: DeletionReport,
	{ status, attempts, last, reason, apiStatus }: EntryOutcome,
	index: number,
	input: IDataObject | undefined,
): IDataObject {
	const { uid, name, duplicateOf } = plan.entries[index]!;
	const json: IDataObject = { uid, name, status, scheduled: isScheduled(status), index };
	if (reason !== undefined) json.reason = reason;
	if (apiStatus !== undefined) json.apiStatus = plainText(apiStatus, 100);
	if (duplicateOf !== undefined) json.duplicateOf = duplicateOf;
	if (last !== undefined) {
		json.batch = last.batch;
		json.attempts = attempts;
		if (last.httpStatus !== null) json.httpStatus = last.httpStatus;
		if (last.requestId !== null) json.requestId = last.requestId;
		if (last.traceId !== null) json.traceId = last.traceId;
	}
	if (input !== undefined) json.input = input;
	return json;
}

/** null says that nobody knows: a workflow that tests for false must not take it for "not queued". */
function isScheduled(status: EntryOutcome['status']): boolean | null {
	return status === 'UNKNOWN' ? null : status === 'SCHEDULED';
}
