import type { DeletionAnswer, SendDeletion } from '../api/deletionAnswer';
import type { Failure } from '../api/failure';
import { BatchQueue, type Batch } from './batchQueue';
import {
	addTestimony,
	nothingKnown,
	weigh,
	type Attempt,
	type DeviceOutcome,
	type Testimony,
} from './outcomes';
import { backOff, Pace, type Clock } from './pace';
import type { Device } from './plan';
import { readStatuses } from './readStatuses';
import { requestIdSource } from './requestIds';

export interface DeletionSettings {
	/** Devices per request, 1 to 100. */
	batchSize: number;
	/** Requests in flight at most. */
	concurrency: number;
	/** How often one batch, or a `FAILED` device, is sent again at most. */
	maxRetries: number;
	/** Seconds that the run may wait for retries, all waits together. */
	maxRetryWait: number;
	/** Start no request after one that did not succeed for good (On Error: Stop Workflow). */
	stopOnFailure: boolean;
	/** The id of the first request, from which the others are derived. */
	requestId?: string;
}

/** What the run needs of the world. */
export interface DeletionDependencies extends Clock {
	/** Never throws. */
	send: SendDeletion;
	/** Cancels the run. */
	signal?: AbortSignal;
}

/** Why no further request was started: the failure at fault, or a reason of the run's own. */
export type StopReason = Failure | 'CIRCUIT_OPEN' | 'CANCELLED';

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

/** So many batches in a row without success end the run: the tenant is not well, and more requests would not help it. */
const CIRCUIT_THRESHOLD = 3;

/** What repeats one run may make: without this bound, an outage would be answered with a multiple of the requests. */
const RETRIES_OF_ANY_RUN = 10;
const RETRIES_PER_BATCH = 0.1;

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
	const run = new DeletionRun(devices, settings, dependencies);
	return await run.toTheEnd();
}

class DeletionRun {
	private readonly result: DeletionResult;

	private readonly queue: BatchQueue;

	private readonly pace: Pace;

	private retriesLeft: number;

	private extraRequestsLeft = EXTRA_REQUESTS_FOR_SPLITTING;

	private unsuccessfulInARow = 0;

	/** Batches in flight, and those that wait for their repeat. */
	private readonly underWay = new Set<Batch>();

	private anyAccepted = false;

	/** Devices whose last word is `FAILED`. */
	private failedDevices: number[] = [];

	/** Batches of one device that Nexthink refused as invalid, before it accepted anything. */
	private refusedAlone: Array<{ device: number; attempt: Attempt; failure: Failure }> = [];

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
		this.pace = new Pace(dependencies, settings.concurrency, 1000 * settings.maxRetryWait);
		this.retriesLeft =
			RETRIES_OF_ANY_RUN +
			Math.floor(RETRIES_PER_BATCH * Math.ceil(devices.length / settings.batchSize));
	}

	async toTheEnd(): Promise<DeletionResult> {
		const { signal } = this.dependencies;
		const cancel = () => this.stop('CANCELLED');
		if (signal?.aborted === true) cancel();
		signal?.addEventListener('abort', cancel);
		try {
			await this.drainQueue();
			await this.sendFailedDevicesAgain();
		} finally {
			signal?.removeEventListener('abort', cancel);
		}
		this.believeRefusedAlone();
		return this.result;
	}

	private async drainQueue(): Promise<void> {
		const lanes = Array.from({ length: this.settings.concurrency }, () => this.lane());
		await Promise.all(lanes);
	}

	/** One of the ways by which batches leave, one after the other. */
	private async lane(): Promise<void> {
		for (;;) {
			const batch = await this.pace.enter(() => this.nextBatch());
			if (batch === undefined) return;
			batch.attempts++;
			const devices = this.devicesAt(batch.devices);
			const answer = await this.dependencies.send(devices, batch.requestId);
			this.pace.leave();
			await this.settle(batch, devices, answer);
		}
	}

	/** @returns null while those under way may yet open the circuit: each further batch would add requests to an outage */
	private nextBatch(): Batch | null | undefined {
		const most = Math.max(this.settings.concurrency, CIRCUIT_THRESHOLD);
		const mayBegin = this.underWay.size + this.unsuccessfulInARow < most;
		if (!mayBegin && !this.queue.isNextARepeat) return null;
		const batch = this.queue.next();
		if (batch !== undefined) this.underWay.add(batch);
		return batch;
	}

	private async settle(
		batch: Batch,
		devices: readonly Device[],
		answer: DeletionAnswer,
	): Promise<void> {
		this.underWay.delete(batch);
		if (answer.accepted) {
			const attempt = this.record(batch, answer);
			this.readAccepted(batch, devices, answer, attempt);
			return;
		}
		const { failure } = answer;
		const attempt = this.record(batch, failure, failure);
		this.testify(batch, attempt, () => ({ evidence: failure.evidence }));
		if (failure.row === 'CANCELLED') this.stop('CANCELLED');
		if (this.result.stoppedBy === undefined) await this.followUp(batch, attempt, failure);
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

	private readAccepted(
		batch: Batch,
		devices: readonly Device[],
		answer: Extract<DeletionAnswer, { accepted: true }>,
		attempt: Attempt,
	): void {
		const { answers, strangers } = readStatuses(devices, answer.devices);
		this.testify(batch, attempt, (position) => answers[position]!);
		attempt.scheduled = answers.filter(({ evidence }) => evidence === 'SCHEDULED').length;
		this.result.strangers += strangers;
		if (answer.scheduledCount !== undefined && answer.scheduledCount !== attempt.scheduled) {
			this.result.miscounts++;
		}
		const failed = batch.devices.filter((_, position) => answers[position]!.evidence === 'FAILED');
		this.failedDevices.push(...failed);
		this.anyAccepted = true;
		this.pace.widen();
		this.believeRefusedAlone();
		// In the second pass, devices that fail for good are expected to come together.
		this.completed(failed.length < batch.devices.length || batch.isSecondPass);
	}

	/** What the table of error codes says comes next. */
	private async followUp(batch: Batch, attempt: Attempt, failure: Failure): Promise<void> {
		switch (failure.then) {
			case 'stop':
				return this.stop(failure);
			case 'halve':
				return this.queue.halve(batch) ? undefined : this.stop(failure);
			case 'split':
				return this.splitOrGiveUp(batch, attempt, failure);
			case 'slowDown':
			case 'repeat':
				return await this.repeatOrGiveUp(batch, failure);
			case 'goOn':
				return this.giveUp(failure);
		}
	}

	private async repeatOrGiveUp(batch: Batch, failure: Failure): Promise<void> {
		if (failure.then === 'slowDown') this.pace.slowDown();
		if (batch.attempts > this.settings.maxRetries || this.retriesLeft <= 0) {
			return this.giveUp(failure);
		}
		this.retriesLeft--;
		this.underWay.add(batch);
		const { now, random } = this.dependencies;
		const asked = failure.retryAfter === null ? null : Date.parse(failure.retryAfter) - now();
		const wait = Math.max(0, asked ?? backOff(batch.attempts, random));
		// A tenant that names a time, or is flooded, speaks to all requests; and until it took one, there is one batch at a time.
		const concernsAll = asked !== null || failure.then === 'slowDown' || !this.anyAccepted;
		const mayWait = concernsAll ? this.pace.pauseAll(wait) : await this.pace.waitAlone(wait);
		if (mayWait) return this.queue.putBack(batch);
		const retryAfter = failure.retryAfter ?? new Date(now() + wait).toISOString();
		this.stop({ ...failure, retryAfter });
	}

	private giveUp(failure: Failure): void {
		if (this.settings.stopOnFailure) return this.stop(failure);
		this.completed(!failure.retryable && failure.evidence !== 'UNKNOWN');
	}

	/** Nexthink refuses a whole request for one device; halves of it find that device in a few requests. */
	private splitOrGiveUp(batch: Batch, attempt: Attempt, failure: Failure): void {
		if (batch.devices.length === 1) {
			this.refusedAlone.push({ device: batch.devices[0]!, attempt, failure });
			if (this.anyAccepted) return this.believeRefusedAlone();
			return this.refusedAlone.length < 2 ? undefined : this.stop(failure);
		}
		if (this.extraRequestsLeft < 2) return this.giveUp(failure);
		this.extraRequestsLeft -= 2;
		this.queue.split(batch);
	}

	/** Unless Nexthink refuses everything, a device that is refused alone is itself at fault. */
	private believeRefusedAlone(): void {
		if (!this.anyAccepted && this.refusedAlone.length > 1) return;
		for (const { device, attempt, failure } of this.refusedAlone.splice(0)) {
			const said = failure.apiMessage === undefined ? '' : `: ${failure.apiMessage}`;
			weigh(this.result.outcomes[device]!, attempt, {
				evidence: 'REFUSED_ALONE',
				reason: `Nexthink does not take this device${said.replace(/\.$/, '')}.`,
			});
		}
	}

	private completed(successfully: boolean): void {
		this.unsuccessfulInARow = successfully ? 0 : this.unsuccessfulInARow + 1;
		if (this.unsuccessfulInARow >= CIRCUIT_THRESHOLD) this.stop('CIRCUIT_OPEN');
	}

	private async sendFailedDevicesAgain(): Promise<void> {
		for (let pass = 1; pass <= this.settings.maxRetries; pass++) {
			const devices = this.failedDevices.splice(0).sort((a, b) => a - b);
			const isOver = this.retriesLeft <= 0 || this.result.stoppedBy !== undefined;
			if (devices.length === 0 || isOver) return;
			if (!(await this.pace.waitAlone(backOff(pass, this.dependencies.random)))) return;
			this.retriesLeft -= this.queue.sendAgain(devices, this.retriesLeft);
			await this.drainQueue();
		}
	}

	/** The first reason stands; nothing leaves any more, and all waiting ends. */
	private stop(reason: StopReason): void {
		this.result.stoppedBy ??= reason;
		this.pace.end();
	}

	private devicesAt(positions: readonly number[]): Device[] {
		return positions.map((position) => this.devices[position]!);
	}
}
