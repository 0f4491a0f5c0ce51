import { countBy } from 'lodash';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Failure } from '../../api/failure';
import { plainText } from '../../api/plainText';
import type { PlannedEntry } from '../../deletion/plan';
import { itemOnErrorPath, messageOf } from '../failures';
import { isOnErrorPath, outcomesOf, type DeletionReport, type EntryOutcome } from './report';

export interface MadeItems {
	items: INodeExecutionData[];
	/** One for each entry, in their order. */
	outcomes: EntryOutcome[];
}

/** What items are made with besides the report. */
export interface ItemOptions {
	/** The json behind each entry, where the output is to have it. */
	inputs?: ReadonlyArray<IDataObject | undefined>;
	/** Whether several entries may come from one input item. */
	areEntriesOfLists: boolean;
}

/** The one place that turns outcomes into items: one for each entry, in input order. */
export function makeItems(report: DeletionReport, options: ItemOptions): MadeItems {
	const { plan, errorPath } = report;
	const outcomes = outcomesOf(report);
	const messageFor = sharedMessages();
	const isLinked = options.areEntriesOfLists ? linkOfLists(plan.entries) : () => true;
	const items = plan.entries.map((entry, index): INodeExecutionData => {
		const outcome = outcomes[index]!;
		const pairedItem = { item: entry.itemIndex };
		const json = statusJson(report, outcome, index, options.inputs?.[index]);
		if (outcome.failure === undefined || !isOnErrorPath(outcome.status, report)) {
			return { json, pairedItem };
		}
		const message = messageFor(outcome.failure, outcome.reason);
		return itemOnErrorPath(
			errorPath,
			outcome.failure,
			errorPath === 'errorOutput' ? `${outcome.status} ${shownName(entry)}: ${message}` : message,
			{ json, atError: { device: json } },
			errorPath === 'errorOutput' && !isLinked(entry) ? undefined : pairedItem,
		);
	});
	return { items, outcomes };
}

/** n8n copies the whole input into each linked item of the error output, and the input of a list is the list. */
function linkOfLists(entries: readonly PlannedEntry[]): (entry: PlannedEntry) => boolean {
	if (entries.length > MOST_LINKED_ENTRIES) return () => false;
	const lengths = countBy(entries, ({ itemIndex }) => itemIndex);
	return ({ itemIndex }) => lengths[itemIndex]! <= LONGEST_LINKED_LIST;
}

const LONGEST_LINKED_LIST = 100;
const MOST_LINKED_ENTRIES = 1000;

/** The device as the first column of the error output names it. */
function shownName({ name, uid }: PlannedEntry): string {
	return plainText(name ?? '', 100) || plainText(uid ?? '', 100) || 'without UID and name';
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
	const same = duplicateOf === undefined ? '' : `Same UID as the item with index ${duplicateOf}. `;
	return {
		...{ uid, name, status, reason: `${same}${reason}` },
		// null says that nobody knows: a workflow that tests for false must not take it for "not queued".
		scheduled: status === 'UNKNOWN' ? null : status === 'SCHEDULED',
		index,
		...(duplicateOf !== undefined && { duplicateOf }),
		...(apiStatus !== undefined && { apiStatus: plainText(apiStatus, 100) }),
		...(last && {
			batch: last.batch,
			attempts,
			...(last.httpStatus !== null && { httpStatus: last.httpStatus }),
			...(last.requestId !== null && { requestId: last.requestId }),
			...(last.traceId !== null && { traceId: last.traceId }),
		}),
		...(input && { input }),
	};
}
