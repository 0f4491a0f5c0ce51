import type { DeletionAnswer, SendDeletion } from '../api/deletionAnswer';
import type { Failure } from '../api/failure';
import {
	RequestRun,
	type Errand,
	type RequestRunSettings,
	type StopReason,
	type Surroundings,
} from '../requests/requestRun';
import { BatchQueue, type Batch } from './batchQueue';
import {
	addTestimony,
	nothingKnown,
	weigh,
	type Attempt,
	type DeviceOutcome,
	type Testimony,
} from './outcomes';
import type { Device } from './plan';
import { readStatuses } from './readStatuses';
import { requestIdSource } from './requestIds';

export interface DeletionSettings extends RequestRunSettings {
	/** Devices per request, 1 to 100. */
	batchSize: number;
	/** The id of the first request, from which the others are derived. */
	requestId?: string;
}

/** What the run needs of the world. */
export interface DeletionDependencies extends Surroundings {
	/** Never throws. */
	send: SendDeletion;
	/** Is told of each answer how many devices it has scheduled. */
	progress?: (scheduled: number) => void;
}

export interface DeletionResult {
	/** One for each device, in their order. */
	outcomes: DeviceOutcome[];
	/** Every request, in the order in which they were answered. */
	requests: Attempt[];
	stoppedBy?: StopReason;
	/** How many devices the answers name that were not asked for. */
	strangers: number;
	/** How many answers state another number of scheduled devices than their statuses show. */
	miscounts: number;
}

/** What requests one run may spend on finding the devices that make Nexthink refuse a batch. */
const EXTRA_REQUESTS_FOR_SPLITTING = 100;

/**
 * Sends the devices in batches, repeats what may be repeated, and keeps what each answer says of each device. Never throws.
 *
 * @param devices distinct devices, none of them blank
 */
export async function runDeletion(
	devices: readonly Device[],
	settings: DeletionSettings,
	dependencies: DeletionDependencies,
): Promise<DeletionResult> {
	return await new DeletionRun(devices, settings, dependencies).toTheEnd();
}

class DeletionRun implements Errand<Batch, DeletionAnswer> {
	readonly queue: BatchQueue;

	private readonly result: DeletionResult;

	private readonly run: RequestRun<Batch, DeletionAnswer>;

	private extraRequestsLeft = EXTRA_REQUESTS_FOR_SPLITTING;

	/** Devices whose last word is `FAILED`. */
	private failedDevices: number[] = [];

	/** Batches of one device that Nexthink refused as invalid, since it last accepted anything; `sentBefore` is the last one sent by then. */
	private refusedAlone: Array<{
		device: number;
		attempt: Attempt;
		failure: Failure;
		sentBefore: number;
	}> = [];

	constructor(
		private readonly devices: readonly Device[],
		private readonly settings: DeletionSettings,
		private readonly dependencies: DeletionDependencies,
	) {
		this.result = {
			outcomes: devices.map(nothingKnown),
			requests: [],
			strangers: 0,
			miscounts: 0,
		};
		const requestIdOf = requestIdSource(settings.requestId);
		this.queue = new BatchQueue(devices.length, settings.batchSize, (positions) =>
			requestIdOf(this.devicesAt(positions)),
		);
		const batches = Math.ceil(devices.length / settings.batchSize);
		this.run = new RequestRun(this, settings, dependencies, batches);
	}

	async toTheEnd(): Promise<DeletionResult> {
		await this.run.unlessCancelled(async () => {
			await this.run.drainQueue();
			await this.sendFailedDevicesAgain();
		});
		const [first, second] = this.refusedAlone;
		if (second === undefined) this.believeRefusedAlone();
		else this.run.stop(first!.failure);
		return { ...this.result, ...(this.run.stoppedBy && { stoppedBy: this.run.stoppedBy }) };
	}

	async send(batch: Batch, halted: AbortSignal): Promise<DeletionAnswer> {
		return await this.dependencies.send(this.devicesAt(batch.devices), batch.requestId, halted);
	}

	async settle(batch: Batch, answer: DeletionAnswer): Promise<void> {
		if (answer.accepted) {
			return this.readAccepted(batch, answer);
		}
		const { failure } = answer;
		if (failure.row === 'CANCELLED') {
			this.run.stop('CANCELLED');
			// The run had ended before there was a token, so there was no request.
			if (failure.evidence === 'NOT_SENT') return;
		}
		const attempt = this.record(batch, failure, failure);
		this.testify(batch, attempt, () => ({ evidence: failure.evidence }));
		if (this.run.stoppedBy === undefined) await this.followUp(batch, attempt, failure);
	}

	private record(
		batch: Batch,
		{ httpStatus, requestId, traceId }: Pick<Attempt, 'httpStatus' | 'requestId' | 'traceId'>,
		failure?: Failure,
	): Attempt {
		const attempt: Attempt = {
			batch: batch.number,
			attempt: batch.attempts,
			devices: batch.devices.length,
			scheduled: 0,
			httpStatus,
			requestId,
			traceId,
			...(failure !== undefined && { failure }),
		};
		this.result.requests.push(attempt);
		return attempt;
	}

	private testify(
		batch: Batch,
		attempt: Attempt,
		testimonyOf: (position: number) => Testimony,
	): void {
		batch.devices.forEach((device, position) =>
			addTestimony(this.result.outcomes[device]!, attempt, testimonyOf(position)),
		);
	}

	private readAccepted(batch: Batch, answer: Extract<DeletionAnswer, { accepted: true }>): void {
		const { answers, strangers } = readStatuses(this.devicesAt(batch.devices), answer.devices);
		this.result.strangers += strangers;
		const isSilent = answers.every(({ evidence }) => evidence === 'UNKNOWN');
		const failure = isSilent ? answer.silence : undefined;
		const attempt = this.record(batch, answer, failure);
		this.testify(batch, attempt, (position) => answers[position]!);
		attempt.scheduled = answers.filter(({ evidence }) => evidence === 'SCHEDULED').length;
		this.dependencies.progress?.(attempt.scheduled);
		if (answer.scheduledCount !== undefined && answer.scheduledCount !== attempt.scheduled) {
			this.result.miscounts++;
		}
		if (failure !== undefined) return this.run.giveUp(failure);
		const failed = batch.devices.filter((_, position) => answers[position]!.evidence === 'FAILED');
		this.failedDevices.push(...failed);
		this.run.accepted();
		this.believeRefusedAlone();
		// In the second pass, devices that fail for good are expected to come together.
		this.run.completed(failed.length < batch.devices.length || batch.isSecondPass);
	}

	/** What the table of error codes says comes next. */
	private async followUp(batch: Batch, attempt: Attempt, failure: Failure): Promise<void> {
		if (failure.then === 'halve') {
			return this.queue.halve(batch) ? undefined : this.run.stop(failure);
		}
		if (failure.then === 'split') return this.splitOrGiveUp(batch, attempt, failure);
		await this.run.followUp(batch, failure);
	}

	/** Nexthink refuses a whole request for one device; halves of it find that device in a few requests. */
	private splitOrGiveUp(batch: Batch, attempt: Attempt, failure: Failure): void {
		if (batch.devices.length === 1) {
			const [first] = this.refusedAlone;
			const sentBefore = this.queue.lastNumber;
			this.refusedAlone.push({ device: batch.devices[0]!, attempt, failure, sentBefore });
			if (first === undefined) return this.queue.tryAnother();
			// What was under way at the first refusal says no more than that one.
			return batch.number > first.sentBefore ? this.run.stop(failure) : undefined;
		}
		if (this.extraRequestsLeft < 2) return this.run.giveUp(failure);
		this.extraRequestsLeft -= 2;
		// While a device that was refused alone is in doubt, its neighbours come first.
		this.queue.split(batch, this.refusedAlone.length === 0);
	}

	/** Where Nexthink takes another, or no second is refused so, a device that is refused alone is itself at fault. */
	private believeRefusedAlone(): void {
		for (const { device, attempt, failure } of this.refusedAlone.splice(0)) {
			const said = failure.apiMessage === undefined ? '' : `: ${failure.apiMessage}`;
			weigh(this.result.outcomes[device]!, attempt, {
				evidence: 'NOT_TAKEN',
				reason: `Nexthink doesn't accept this device${said.replace(/\.$/, '')}.`,
			});
		}
	}

	private async sendFailedDevicesAgain(): Promise<void> {
		const { run } = this;
		for (let pass = 1; pass <= this.settings.maxRetries; pass++) {
			const devices = this.failedDevices.splice(0).sort((a, b) => a - b);
			const isOver = run.retriesLeft <= 0 || run.stoppedBy !== undefined;
			if (devices.length === 0 || isOver) return;
			if (!(await run.backOff(pass))) return;
			run.retriesLeft -= this.queue.sendAgain(devices, run.retriesLeft);
			await run.drainQueue();
		}
	}

	private devicesAt(positions: readonly number[]): Device[] {
		return positions.map((position) => this.devices[position]!);
	}
}
