import { pick } from 'lodash';

import type { KnownErrorCode } from '../../api/errorCodes';
import { failureWithoutAnswer, type Failure } from '../../api/failure';
import type { Evidence } from '../../deletion/evidence';
import type { DeletionPlan, PlannedEntry } from '../../deletion/plan';
import type { Attempt, DeviceOutcome } from '../../deletion/outcomes';
import type { DeletionResult } from '../../deletion/run';
import { counted, countedAs } from '../counted';
import { restInWords, sentenceOf, stopFailure, type ErrorPath } from '../failures';

/** The closed set of statuses that workflows see; what each means stands in the README. */
export type DeviceStatus = Exclude<Evidence, 'NOT_TAKEN'> | 'DRY_RUN';

/** A run as it ended, whatever way: the one thing that items, hints, logs and errors are made of. */
export interface DeletionReport {
	plan: DeletionPlan;
	dryRun: boolean;
	errorPath: ErrorPath;
	/** Under On Error: Stop Workflow, `INVALID` and `FAILED` devices end the execution, too. */
	failOnUnscheduled: boolean;
	/** Why nothing at all was sent. */
	refusal?: Failure;
	/** Absent where nothing was to be sent. */
	result?: DeletionResult;
}

/** What is known of one entry. */
export interface EntryOutcome {
	status: DeviceStatus;
	attempts: number;
	last?: Attempt;
	/** A sentence. */
	reason: string;
	apiStatus?: string;
	/** What stood in the way; absent where the device was scheduled or would have been sent. */
	failure?: Failure;
}

/** One for each entry, in their order. Neighbours that one request scheduled share theirs, which long lists are glad of. */
export function outcomesOf(report: DeletionReport): EntryOutcome[] {
	let previous: EntryOutcome | undefined;
	return report.plan.entries.map((entry) => {
		const outcome = outcomeOf(report, entry);
		if (previous === undefined || !isScheduledAlike(previous, outcome)) previous = outcome;
		return previous;
	});
}

function isScheduledAlike(one: EntryOutcome, other: EntryOutcome): boolean {
	return (
		one.status === 'SCHEDULED' &&
		other.status === 'SCHEDULED' &&
		one.last === other.last &&
		one.attempts === other.attempts
	);
}

export function outcomeOf(report: DeletionReport, entry: PlannedEntry): EntryOutcome {
	const { refusal, result } = report;
	if (refusal !== undefined) {
		return { status: 'NOT_SENT', attempts: 0, reason: sentenceOf(refusal), failure: refusal };
	}
	if (entry.refused !== undefined) {
		const failure = deviceFailure('DEVICE_INVALID', entry.refused);
		return { status: 'INVALID', attempts: 0, reason: entry.refused, failure };
	}
	if (report.dryRun) {
		const reason =
			entry.isMalformed === undefined
				? 'Would be sent for deletion.'
				: 'Would be sent, although its UID is malformed: Nexthink decides whether to accept it.';
		return { status: 'DRY_RUN', attempts: 0, reason };
	}
	return deviceOutcomeOf(result!.outcomes[entry.device!]!, result!);
}

function deviceOutcomeOf(outcome: DeviceOutcome, result: DeletionResult): EntryOutcome {
	const { evidence, attempts, last, apiStatus } = outcome;
	const status = evidence === 'NOT_TAKEN' ? 'INVALID' : evidence;
	const known = { status, attempts, last, apiStatus };
	if (status === 'SCHEDULED') return { ...known, reason: 'Queued for deletion, not yet removed.' };
	const failure = failureBehind(status, outcome, result);
	return { ...known, failure, reason: reasonOf(outcome, failure) };
}

/** The last request's failure, or that of an earlier one that outweighs it. */
function failureBehind(
	status: DeviceStatus,
	{ last, decisive, reason }: DeviceOutcome,
	result: DeletionResult,
): Failure {
	if (status === 'INVALID') return deviceFailure('DEVICE_INVALID', reason, last);
	if (last === undefined) return stopFailure(result);
	const code = status === 'FAILED' ? 'DEVICE_FAILED' : 'UNEXPECTED_RESPONSE';
	return last.failure ?? decisive?.failure ?? deviceFailure(code, reason, last);
}

function reasonOf(outcome: DeviceOutcome, failure: Failure): string {
	const { evidence, last, decisive, reason } = outcome;
	if (last === undefined) return `Not sent, because the run ended before: ${sentenceOf(failure)}`;
	if (decisive === last || decisive?.failure === undefined) return reason ?? sentenceOf(failure);
	const fate = evidence === 'UNKNOWN' ? 'might have been carried out' : 'was refused';
	const earlier = `An earlier request with this device ${fate}: ${sentenceOf(decisive.failure)}`;
	return last.failure === undefined ? earlier : `${sentenceOf(last.failure)} ${earlier}`;
}

function deviceFailure(code: KnownErrorCode, reason?: string, last?: Attempt): Failure {
	return {
		...failureWithoutAnswer(code, 'UNKNOWN'),
		...(reason !== undefined && { message: reason.replace(/\.$/, '') }),
		...pick(last, ['httpStatus', 'requestId', 'traceId']),
	};
}

/** Which statuses take the way that On Error chooses. With an error output, success means scheduled (or a dry run). */
export function isOnErrorPath(
	status: DeviceStatus,
	{ errorPath, failOnUnscheduled }: Pick<DeletionReport, 'errorPath' | 'failOnUnscheduled'>,
): boolean {
	if (status === 'INVALID' || status === 'FAILED') {
		return errorPath === 'errorOutput' || (errorPath === 'stop' && failOnUnscheduled);
	}
	return status === 'REJECTED' || status === 'NOT_SENT' || status === 'UNKNOWN';
}

const COUNTED_AS = {
	SCHEDULED: 'scheduled',
	INVALID: 'invalid',
	FAILED: 'failed',
	REJECTED: 'rejected',
	NOT_SENT: 'notSent',
	UNKNOWN: 'unknown',
	DRY_RUN: 'dryRun',
} as const satisfies Record<DeviceStatus, string>;

/** How many devices ended how. Duplicates are counted apart: they follow the first entry with their UID. */
export type Counts = Record<'entries' | 'duplicates' | (typeof COUNTED_AS)[DeviceStatus], number>;

export function countsOf({ plan }: DeletionReport, outcomes: readonly EntryOutcome[]): Counts {
	const devices = outcomes.filter((_, index) => plan.entries[index]!.duplicateOf === undefined);
	return {
		entries: outcomes.length,
		duplicates: outcomes.length - devices.length,
		...countedAs(
			devices.map(({ status }) => status),
			COUNTED_AS,
		),
	};
}

/** The sums in words, for hints, errors and the answer to an AI Agent. They count devices, and say so where the items are more. */
export function sumsOf(counts: Counts, dryRun: boolean): string {
	const devices = counts.entries - counts.duplicates;
	const rest = restInWords([
		[counts.invalid, 'invalid'],
		[counts.failed, 'failed'],
		[counts.rejected, 'rejected'],
		[counts.notSent, 'not sent'],
		[counts.unknown, 'unknown'],
	]);
	const isDry = dryRun && counts.dryRun + counts.invalid === devices;
	const [count, what] = isDry ? [counts.dryRun, 'would be sent'] : [counts.scheduled, 'scheduled'];
	const all = counted(devices, 'device');
	const sums =
		counts.duplicates === 0
			? `${count} of ${all} ${what}${rest}.`
			: `${all} in ${counted(counts.entries, 'item')}: ${count} ${what}${rest}.`;
	if (isDry) return `Dry run: ${sums} Nothing was sent.`;
	return counts.scheduled > 0 ? `${sums} Scheduled means queued, not yet removed.` : sums;
}
