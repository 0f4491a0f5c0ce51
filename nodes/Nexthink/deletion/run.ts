import type { SendDeletion } from '../api/deletionAnswer';
import type { Failure } from '../api/failure';
import { weighEvidence, type Evidence } from './evidence';
import type { Device } from './plan';
import { readStatuses } from './readStatuses';
import { requestIdSource } from './requestIds';

export interface DeletionSettings {
	/** Devices per request, 1 to 100. */
	batchSize: number;
	/** Start no request after one that did not succeed (On Error: Stop Workflow). */
	stopOnFailure: boolean;
	/** The id of the first request, from which the others are derived. */
	requestId?: string;
}

/** What the run needs of the world. */
export interface DeletionDependencies {
	send: SendDeletion;
	isCancelled: () => boolean;
}

/** One request as it went; shared by the outcomes of its devices. */
export interface Attempt {
	/** Number of the batch, from 1. */
	batch: number;
	devices: number;
	scheduled: number;
	httpStatus: number | null;
	requestId: string | null;
	traceId: string | null;
	failure?: Failure;
}

/** What is known of one device at the end of the run. */
export interface DeviceOutcome {
	evidence: Evidence;
	/** How many requests it was in. */
	attempts: number;
	/** The last request it was in. */
	last?: Attempt;
	reason?: string;
	apiStatus?: string;
}

/** Why no further request was started: the failure at fault, or a reason of the run's own. */
export type StopReason = Failure | 'CIRCUIT_OPEN' | 'CANCELLED';

export interface DeletionResult {
	/** One for each device, in their order. */
	outcomes: DeviceOutcome[];
	/** Every request, in the order in which they were sent. */
	requests: Attempt[];
	stoppedBy?: StopReason;
	/** How many devices the answers name that were not asked for. */
	strangers: number;
	/** How many answers state another number of scheduled devices than their statuses show. */
	miscounts: number;
}

/** So many completions in a row without success end the run: the tenant is not well, and more requests would not help it. */
const CIRCUIT_THRESHOLD = 3;

/**
 * Sends the devices in batches and keeps what each answer says of each device. Never throws as long as `send` does not.
 *
 * @param devices distinct devices, none of them blank
 */
export async function runDeletion(
	devices: readonly Device[],
	settings: DeletionSettings,
	{ send, isCancelled }: DeletionDependencies,
): Promise<DeletionResult> {
	const outcomes: DeviceOutcome[] = devices.map(() => ({ evidence: 'NOT_SENT', attempts: 0 }));
	const result: DeletionResult = { outcomes, requests: [], strangers: 0, miscounts: 0 };
	const requestIdOf = requestIdSource(settings.requestId);
	let unsuccessfulInARow = 0;

	for (let start = 0; start < devices.length; start += settings.batchSize) {
		if (isCancelled()) {
			result.stoppedBy = 'CANCELLED';
			break;
		}
		const batch = devices.slice(start, start + settings.batchSize);
		const attempt = await sendBatch(batch, requestIdOf(batch), start, result, send);
		unsuccessfulInARow = wasUnsuccessful(attempt, outcomes, start) ? unsuccessfulInARow + 1 : 0;
		result.stoppedBy = whyStop(attempt, settings, unsuccessfulInARow);
		if (result.stoppedBy !== undefined) break;
	}
	return result;
}

/** Sends one batch and writes what is known of its devices, which begin at `start`, into the result. */
async function sendBatch(
	batch: readonly Device[],
	requestId: string,
	start: number,
	result: DeletionResult,
	send: SendDeletion,
): Promise<Attempt> {
	const answer = await send(batch, requestId);
	const { httpStatus, requestId: answeredId, traceId } = answer.accepted ? answer : answer.failure;
	const attempt: Attempt = {
		batch: result.requests.length + 1,
		devices: batch.length,
		scheduled: 0,
		httpStatus,
		requestId: answeredId,
		traceId,
		...(!answer.accepted && { failure: answer.failure }),
	};
	result.requests.push(attempt);

	if (!answer.accepted) {
		batch.forEach((_, position) =>
			record(result.outcomes[start + position]!, attempt, { evidence: answer.failure.evidence }),
		);
		return attempt;
	}
	const { answers, strangers } = readStatuses(batch, answer.devices);
	answers.forEach((said, position) => record(result.outcomes[start + position]!, attempt, said));
	attempt.scheduled = answers.filter((said) => said.evidence === 'SCHEDULED').length;
	result.strangers += strangers;
	if (answer.scheduledCount !== undefined && answer.scheduledCount !== attempt.scheduled) {
		result.miscounts++;
	}
	return attempt;
}

function record(
	outcome: DeviceOutcome,
	attempt: Attempt,
	said: Pick<DeviceOutcome, 'evidence' | 'reason' | 'apiStatus'>,
): void {
	outcome.evidence = weighEvidence(outcome.evidence, said.evidence);
	if (said.evidence !== 'NOT_SENT') outcome.attempts++;
	outcome.last = attempt;
	if (said.reason !== undefined) outcome.reason = said.reason;
	if (said.apiStatus !== undefined) outcome.apiStatus = said.apiStatus;
}

/** No answer, an unreadable one, a refusal that may pass, or an accepted request of which every device came back `FAILED`. */
function wasUnsuccessful(
	{ failure, devices }: Attempt,
	outcomes: readonly DeviceOutcome[],
	start: number,
): boolean {
	if (failure !== undefined) return failure.retryable || failure.evidence === 'UNKNOWN';
	return outcomes.slice(start, start + devices).every(({ evidence }) => evidence === 'FAILED');
}

function whyStop(
	{ failure }: Attempt,
	settings: DeletionSettings,
	unsuccessfulInARow: number,
): StopReason | undefined {
	if (failure?.row === 'CANCELLED') return 'CANCELLED';
	if (failure !== undefined && (failure.stopsRun || settings.stopOnFailure)) return failure;
	return unsuccessfulInARow >= CIRCUIT_THRESHOLD ? 'CIRCUIT_OPEN' : undefined;
}
