import type { Failure } from '../api/failure';
import { weighEvidence, type Evidence } from './evidence';

/** One request as it went; shared by the outcomes of its devices. */
export interface Attempt {
	/** Number of the batch, from 1, in the order in which the batches were first sent. */
	batch: number;
	/** Which attempt of this batch it was, from 1. */
	attempt: number;
	devices: number;
	scheduled: number;
	httpStatus: number | null;
	requestId: string | null;
	traceId: string | null;
	failure?: Failure;
}

/** What is known of one device. */
export interface DeviceOutcome {
	evidence: Evidence;
	/** How many requests with it may have reached Nexthink. */
	attempts: number;
	/** The last request it was in. */
	last?: Attempt;
	/** The request that decided what is known: the last one that says the most. */
	decisive?: Attempt;
	reason?: string;
	apiStatus?: string;
}

/** What one attempt says of one device. */
export type Testimony = Pick<DeviceOutcome, 'evidence' | 'reason' | 'apiStatus'>;

/** Names every field: V8 gives an object that gets some of them later a second one to keep them in, which long lists pay for. */
export function nothingKnown(): DeviceOutcome {
	return {
		evidence: 'NOT_SENT',
		attempts: 0,
		last: undefined,
		decisive: undefined,
		reason: undefined,
		apiStatus: undefined,
	};
}

/** Adds what one more attempt says of a device to what is known of it. */
export function addTestimony(outcome: DeviceOutcome, attempt: Attempt, said: Testimony): void {
	outcome.last = attempt;
	if (said.evidence !== 'NOT_SENT') outcome.attempts++;
	weigh(outcome, attempt, said);
}

/** Lets an attempt that was counted before say more than it did at first. */
export function weigh(outcome: DeviceOutcome, attempt: Attempt, said: Testimony): void {
	if (weighEvidence(outcome.evidence, said.evidence) !== said.evidence) return;
	outcome.evidence = said.evidence;
	outcome.decisive = attempt;
	outcome.reason = said.reason;
	outcome.apiStatus = said.apiStatus;
}
