import type { KnownErrorCode } from '../../api/errorCodes';
import { failureWithoutAnswer, type Failure } from '../../api/failure';
import type { Evidence } from '../../deletion/evidence';
import type { DeletionPlan, PlannedEntry } from '../../deletion/plan';
import type { Attempt, DeviceOutcome } from '../../deletion/outcomes';
import type { DeletionResult } from '../../deletion/run';
import { restInWords, sentenceOf, stopFailure } from '../failures';

/** The closed set of statuses that workflows see; what each means stands in the README. */
export type DeviceStatus = Exclude<Evidence, 'NOT_TAKEN'> | 'DRY_RUN';

/** A run as it ended, whatever way: the one thing that items, hints, logs and errors are made of. */
export interface DeletionReport {
	plan: DeletionPlan;
	dryRun: boolean;
	/** `INVALID` and `FAILED` devices go the way of those that were not sent. */
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
	reason?: string;
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
	const areScheduled = one.status === 'SCHEDULED' && other.status === 'SCHEDULED';
	return areScheduled && one.last === other.last && one.attempts === other.attempts;
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
	if (report.dryRun) return { status: 'DRY_RUN', attempts: 0 };
	return deviceOutcomeOf(result!.outcomes[entry.device!]!, result!);
}

function deviceOutcomeOf(outcome: DeviceOutcome, result: DeletionResult): EntryOutcome {
	const { evidence, attempts, last, apiStatus } = outcome;
	const status = evidence === 'NOT_TAKEN' ? 'INVALID' : evidence;
	const known = { status, attempts, last, apiStatus };
	if (status === 'SCHEDULED') return known;
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
	const failure = last.failure ?? decisive?.failure;
	if (failure !== undefined) return failure;
	return deviceFailure(status === 'FAILED' ? 'DEVICE_FAILED' : 'UNEXPECTED_RESPONSE', reason, last);
}

function reasonOf(outcome: DeviceOutcome, failure: Failure): string {
	const { evidence, last, decisive, reason } = outcome;
	if (last === undefined) return `Not sent, because the run ended before: ${sentenceOf(failure)}`;
	if (decisive === last || decisive?.failure === undefined) return reason ?? sentenceOf(failure);
	const fate = evidence === 'UNKNOWN' ? 'may have been carried out' : 'was refused';
	const earlier = `An earlier request with this device ${fate}: ${sentenceOf(decisive.failure)}`;
	return last.failure === undefined ? earlier : `${sentenceOf(last.failure)} ${earlier}`;
}

function deviceFailure(code: KnownErrorCode, reason?: string, last?: Attempt): Failure {
	return {
		...failureWithoutAnswer(code, 'UNKNOWN'),
		...(reason !== undefined && { message: reason.replace(/\.$/, '') }),
		...(last && {
			httpStatus: last.httpStatus,
			requestId: last.requestId,
			traceId: last.traceId,
		}),
	};
}

/** Which statuses take the way that On Error chooses. */
export function isOnErrorPath(status: DeviceStatus, failOnUnscheduled: boolean): boolean {
	if (status === 'INVALID' || status === 'FAILED') return failOnUnscheduled;
	return status === 'REJECTED' || status === 'NOT_SENT' || status === 'UNKNOWN';
}

/** How many devices ended how. Duplicates are counted apart: they follow the first entry with their UID. */
export interface Counts {
	entries: number;
	duplicates: number;
	scheduled: number;
	invalid: number;
	failed: number;
	rejected: number;
	notSent: number;
	unknown: number;
	dryRun: number;
}

const COUNTED_AS = {
	SCHEDULED: 'scheduled',
	INVALID: 'invalid',
	FAILED: 'failed',
	REJECTED: 'rejected',
	NOT_SENT: 'notSent',
	UNKNOWN: 'unknown',
	DRY_RUN: 'dryRun',
} as const satisfies Record<DeviceStatus, keyof Counts>;

export function countsOf(report: DeletionReport, outcomes: readonly EntryOutcome[]): Counts {
	const counts: Counts = {
		entries: outcomes.length,
		duplicates: 0,
		scheduled: 0,
		invalid: 0,
		failed: 0,
		rejected: 0,
		notSent: 0,
		unknown: 0,
		dryRun: 0,
	};
	outcomes.forEach((outcome, index) => {
		if (report.plan.entries[index]!.duplicateOf !== undefined) counts.duplicates++;
		else counts[COUNTED_AS[outcome.status]]++;
	});
	return counts;
}

/** The sums in words, for hints, errors and the answer to an AI Agent. */
export function sumsOf(counts: Counts, dryRun: boolean): string {
	const devices = counts.entries - counts.duplicates;
	const rest = restInWords([
		[counts.invalid, 'invalid'],
		[counts.failed, 'failed'],
		[counts.rejected, 'refused'],
		[counts.notSent, 'not sent'],
		[counts.unknown, 'unknown'],
	]);
	const duplicates =
		counts.duplicates === 0
			? ''
			: ` ${counts.duplicates} duplicate${counts.duplicates === 1 ? '' : 's'} left out.`;
	if (dryRun && counts.dryRun + counts.invalid === devices) {
		return `Dry run: ${counts.dryRun} of ${devices} would be sent${rest}.${duplicates} Nothing was sent.`;
	}
	const meaning = counts.scheduled > 0 ? ' Scheduled means queued, not yet removed.' : '';
	return `${counts.scheduled} of ${devices} device${devices === 1 ? '' : 's'} scheduled${rest}.${duplicates}${meaning}`;
}
