import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Failure } from '../../api/failure';
import { inWordsOfQueries, queryFailure, type QueryResult } from '../../api/queryAnswer';
import { findingOf, type Finding, type Match, type MatchRules } from '../../lookUp/match';
import type { LookUpPlan, PlannedLookUp } from '../../lookUp/questions';
import type { Replies } from '../../requests/askEach';
import { counted, countedAs } from '../counted';
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
	/** When the answers are judged, in milliseconds since 1970. */
	now: number;
	/** Why nothing at all was asked. */
	refusal?: Failure;
	/** Absent where nothing was to be asked. */
	result?: Replies<QueryResult>;
}

/** What is known of one entry. */
export type LookUpOutcome = Finding & {
	/** Absent unless `UNKNOWN`. */
	failure?: Failure;
};

export function outcomeOf(report: LookUpReport, entry: PlannedLookUp): LookUpOutcome {
	const { refusal, result, rules, now } = report;
	if (refusal !== undefined) return unknown(refusal, sentenceOf(refusal));
	if (entry.refused !== undefined) return { match: 'REFUSED', rows: null, reason: entry.refused };
	const reply = result!.replies[entry.question!];
	if (reply === undefined) {
		const failure = inWordsOfQueries(stopFailure(result!));
		return unknown(failure, `Not asked, because the run ended before: ${sentenceOf(failure)}`);
	}
	if ('failure' in reply) return unknown(reply.failure, sentenceOf(reply.failure));
	const finding = findingOf(entry.lookup!, entry.checks, reply.answer, rules, now);
	if (finding.match !== 'UNKNOWN') return finding;
	return {
		...finding,
		failure: {
			...queryFailure('UNEXPECTED_RESPONSE'),
			message: finding.reason.replace(/\.$/, ''),
			advice:
				'Run the saved query in Nexthink with this name, and compare its columns with those of the node.',
		},
	};
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
		// n8n merges the input's own fields into items of the error output. These nulls say that none of them is the device.
		const atError = { device: { ...json, uid: null, name: null } };
		const message = messageOf(failure, json.reason as string);
		return itemOnErrorPath(errorPath, failure, message, { json, atError }, pairedItem);
	});
}

function jsonOf(
	outcome: LookUpOutcome,
	lookup: string | null,
	index: number,
	input: IDataObject | undefined,
): IDataObject {
	const { match, rows } = outcome;
	return {
		...{ lookup, match, rows, index },
		...(outcome.match === 'FOUND'
			? { uid: outcome.uid, name: outcome.name, device: outcome.device as IDataObject }
			: {
					...(outcome.candidates && { candidates: outcome.candidates as IDataObject[] }),
					reason: outcome.reason,
				}),
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

/** How many entries ended how. */
export type LookUpCounts = Record<'entries' | (typeof COUNTED_AS)[Match], number>;

export function countsOf(outcomes: readonly LookUpOutcome[]): LookUpCounts {
	const matches = outcomes.map(({ match }) => match);
	return { entries: outcomes.length, ...countedAs(matches, COUNTED_AS) };
}

/** The sums in words, for hints, errors and the answer to an AI Agent. */
export function sumsOf(counts: LookUpCounts): string {
	const rest = restInWords([
		[counts.notFound, 'not found'],
		[counts.ambiguous, 'ambiguous'],
		[counts.valueMismatch, 'under another name'],
		[counts.checkMismatch, 'with another check value'],
		[counts.recentlySeen, 'seen too recently'],
		[counts.refused, 'refused'],
		[counts.unknown, 'unknown'],
	]);
	return `${counts.found} of ${counted(counts.entries, 'device')} found${rest}.`;
}
