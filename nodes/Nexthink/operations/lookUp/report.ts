import { uniqBy } from 'lodash';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Failure } from '../../api/failure';
import { inWordsOfQueries, queryFailure } from '../../api/queryAnswer';
import { questionKey } from '../../input/sameText';
import type { Inventory } from '../../lookUp/inventory';
import {
	findingOf,
	together,
	type Finding,
	type Gathered,
	type Match,
	type MatchRules,
} from '../../lookUp/match';
import type { LookUpPlan, PlannedLookUp } from '../../lookUp/questions';
import type { Replies, Reply } from '../../requests/askEach';
import { counted, countedAs } from '../counted';
import type { MadeExport } from '../exporting';
import {
	itemOnErrorPath,
	messageOf,
	restInWords,
	sentenceOf,
	stopFailure,
	type ErrorPath,
} from '../failures';

/** A run as it ended, whatever way: the one thing that items, hints, logs and errors are made of. */
export interface LookUpReport {
	plan: LookUpPlan;
	rules: MatchRules;
	/** Why nothing at all was asked. */
	refusal?: Failure;
	/** Why nothing that was answered can be relied on. */
	voidBy?: Failure;
	/** Absent where nothing was to be asked, or the export gave nothing. */
	result?: Pick<Replies<Gathered>, 'replies' | 'stoppedBy'> & { requests?: number };
	/** The export, where there was one. */
	made?: MadeExport<Inventory>;
}

/** What is known of one entry. */
export type LookUpOutcome = Finding & {
	/** Absent unless `UNKNOWN`. */
	failure?: Failure;
	/** When the query or the export was started, in milliseconds since 1970. */
	startedAt?: number;
};

export function outcomeOf(report: LookUpReport, entry: PlannedLookUp): LookUpOutcome {
	const { refusal, voidBy, result, rules } = report;
	if (refusal !== undefined) return unknown(refusal, sentenceOf(refusal));
	if (entry.unasked !== undefined) return { ...entry.unasked, rows: null };
	if (voidBy !== undefined) return unknown(voidBy, sentenceOf(voidBy));
	const reply = replyTo(entry, result!.replies);
	if (reply === undefined) {
		const failure = inWordsOfQueries(stopFailure(result!));
		return unknown(failure, `Not looked up, because the run ended before: ${sentenceOf(failure)}`);
	}
	if ('failure' in reply) return unknown(reply.failure, sentenceOf(reply.failure));
	const { startedAt } = reply.answer;
	const finding = findingOf(entry, reply.answer, rules);
	if (finding.match !== 'UNKNOWN') return { ...finding, startedAt };
	return {
		...finding,
		startedAt,
		failure: {
			...queryFailure('UNEXPECTED_RESPONSE'),
			message: finding.reason.replace(/\.$/, ''),
			advice:
				'Run the saved query in Nexthink with this value, and compare its columns with those of the node.',
		},
	};
}

/** One answer, or all of them as one where a host name was asked for with domains, too. */
function replyTo(
	{ questions = [] }: PlannedLookUp,
	replies: Replies<Gathered>['replies'],
): Reply<Gathered> | undefined {
	const answers: Gathered[] = [];
	for (const question of questions) {
		const reply = replies[question];
		if (reply === undefined || 'failure' in reply) return reply;
		answers.push(reply.answer);
	}
	const [ofHost, ofAnyDomain, ...ofNames] = answers;
	return { answer: ofAnyDomain ? together(ofHost!, ofAnyDomain, ...ofNames) : ofHost! };
}

function unknown(failure: Failure, reason: string): LookUpOutcome {
	return { match: 'UNKNOWN', rows: null, reason, failure };
}

/**
 * The one place that turns outcomes into items: one for each entry, in input order. A UID is in them only where the device was found.
 *
 * @param inputs the json behind each entry where the output is to carry it
 */
export function makeItems(
	{ plan }: LookUpReport,
	outcomes: readonly LookUpOutcome[],
	errorPath: ErrorPath,
	inputs: ReadonlyArray<IDataObject | undefined> | undefined,
): INodeExecutionData[] {
	return plan.entries.map(({ itemIndex, lookup }, index): INodeExecutionData => {
		const outcome = outcomes[index]!;
		const pairedItem = { item: itemIndex };
		const json = jsonOf(outcome, lookup, index, inputs?.[index]);
		const { failure } = outcome;
		if (failure === undefined) return { json, pairedItem };
		const message = messageOf(failure, json.reason as string);
		return itemOnErrorPath(
			errorPath,
			failure,
			message,
			{ json, atError: { device: json } },
			pairedItem,
		);
	});
}

/** Always in this order: a table shows the first columns without scrolling. */
function jsonOf(
	outcome: LookUpOutcome,
	lookup: string | null,
	index: number,
	input: IDataObject | undefined,
): IDataObject {
	const { match, reason, rows, startedAt } = outcome;
	const found = outcome.match === 'FOUND' ? outcome : undefined;
	const candidates = outcome.match === 'FOUND' ? undefined : outcome.candidates;
	return {
		...{ lookup, match, reason, uid: found?.uid ?? null, name: found?.name ?? null, rows, index },
		...(found && { device: found.device as IDataObject }),
		...(candidates && { candidates }),
		...(startedAt !== undefined && { asOf: new Date(startedAt).toISOString() }),
		...(input && { input }),
	};
}

const COUNTED_AS = {
	FOUND: 'found',
	NOT_FOUND: 'notFound',
	AMBIGUOUS: 'ambiguous',
	VALUE_MISMATCH: 'valueMismatch',
	CHECK_MISMATCH: 'checkMismatch',
	RECENTLY_SEEN: 'recentlySeen',
	REFUSED: 'refused',
	UNKNOWN: 'unknown',
} as const satisfies Record<Match, string>;

/** How many devices ended how. Entries that name the same device as an earlier one with the same end are counted apart. */
export type LookUpCounts = Record<'entries' | 'duplicates' | (typeof COUNTED_AS)[Match], number>;

export function countsOf({ plan }: LookUpReport, outcomes: readonly LookUpOutcome[]): LookUpCounts {
	const devices = uniqBy(
		outcomes.map((outcome, index) => ({ outcome, index })),
		({ outcome, index }) => deviceKey(outcome, plan.entries[index]!) ?? index,
	).map(({ outcome }) => outcome.match);
	return {
		entries: outcomes.length,
		duplicates: outcomes.length - devices.length,
		...countedAs(devices, COUNTED_AS),
	};
}

/** The same for entries that name one device: by its UID where it was found, else by what they say of it. */
function deviceKey(outcome: LookUpOutcome, entry: PlannedLookUp): string | undefined {
	const { lookup, checks } = entry;
	if (outcome.match === 'FOUND') return `FOUND ${outcome.uid.toLowerCase()}`;
	return lookup === null ? undefined : JSON.stringify([outcome.match, questionKey(lookup), checks]);
}

/** The sums in words, for hints, errors and the answer to an AI Agent. They count devices, and say so where the items are more. */
export function sumsOf(counts: LookUpCounts): string {
	const devices = counts.entries - counts.duplicates;
	const rest = restInWords([
		[counts.notFound, 'not found'],
		[counts.ambiguous, 'ambiguous'],
		[counts.valueMismatch, 'with another value'],
		[counts.checkMismatch, 'with another check value'],
		[counts.recentlySeen, 'seen too recently'],
		[counts.refused, 'refused'],
		[counts.unknown, 'unknown'],
	]);
	const all = counted(devices, 'device');
	return counts.duplicates === 0
		? `${counts.found} of ${all} found${rest}.`
		: `${all} in ${counted(counts.entries, 'item')}: ${counts.found} found${rest}.`;
}
