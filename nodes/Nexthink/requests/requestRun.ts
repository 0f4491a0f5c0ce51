import type { Failure } from '../api/failure';
import { backOff, Pace, waitOfFlood, type Clock } from './pace';

/** What one request carries; repeats of it carry the same. */
export interface Load {
	/** How many attempts were made. */
	attempts: number;
}

/** What is still to be sent, in order. */
export interface LoadQueue<Sent extends Load> {
	/** Repeats come first. */
	next: () => Sent | undefined;
	/** Whether the next load was sent before. */
	readonly isNextARepeat: boolean;
	/** Puts a load back to be sent again as it is. */
	putBack: (load: Sent) => void;
}

export interface RequestRunSettings {
	/** Requests in flight at most. */
	concurrency: number;
	/** How often one load is sent again at most. */
	maxRetries: number;
	/** Seconds that the run may wait for retries, all waits together. */
	maxRetryWait: number;
	/** Start no request after one that did not succeed for good (On Error: Stop Workflow). */
	stopOnFailure: boolean;
}

/** What the run needs of the world. */
export interface Surroundings extends Clock {
	/** Cancels the run. */
	signal?: AbortSignal;
}

/** What is done with each load, and with its answer. */
export interface Errand<Sent extends Load, Answer> {
	queue: LoadQueue<Sent>;
	/** Never throws. Once it is halted, nothing that waits for its token leaves any more. */
	send: (load: Sent, halted: AbortSignal) => Promise<Answer>;
	/** Keeps what the answer says, and tells the run what follows. */
	settle: (load: Sent, answer: Answer) => Promise<void> | void;
}

/** Why no further request was started: the failure at fault, or a reason of the run's own. */
export type StopReason = Failure | 'CIRCUIT_OPEN' | 'CANCELLED';

/** So many loads in a row without success end the run: the tenant is not well, and more requests would not help it. */
const CIRCUIT_THRESHOLD = 3;

/** What repeats one run may make: without this bound, an outage would be answered with a multiple of the requests. */
const RETRIES_OF_ANY_RUN = 10;
const RETRIES_PER_LOAD = 0.1;

/**
 * Sends loads at the pace that the tenant bears, repeats what may be repeated, and ends when going on makes no sense. It knows nothing of
 * what is sent: who runs it says what an answer means. Never throws.
 */
export class RequestRun<Sent extends Load, Answer> {
	/** Absent while the run goes on, and after one that came to its end. */
	stoppedBy?: StopReason;

	/** Repeats that the run may still make. */
	retriesLeft: number;

	/** Whether Nexthink took any request yet. */
	anyAccepted = false;

	private readonly pace: Pace;

	private readonly halt = new AbortController();

	private unsuccessfulInARow = 0;

	/** Loads in flight, and those that wait for their repeat. */
	private readonly underWay = new Set<Sent>();

	/** @param loads how many there are to send, as far as is known before the first */
	constructor(
		private readonly errand: Errand<Sent, Answer>,
		private readonly settings: RequestRunSettings,
		private readonly surroundings: Surroundings,
		loads: number,
	) {
		this.pace = new Pace(surroundings, settings.concurrency, 1000 * settings.maxRetryWait);
		this.retriesLeft = RETRIES_OF_ANY_RUN + Math.floor(RETRIES_PER_LOAD * loads);
	}

	/** Does the work; when the execution is cancelled meanwhile, nothing leaves any more and all waiting ends. */
	async unlessCancelled(work: () => Promise<void>): Promise<void> {
		const { signal } = this.surroundings;
		const cancel = () => this.stop('CANCELLED');
		if (signal?.aborted === true) cancel();
		signal?.addEventListener('abort', cancel);
		try {
			await work();
		} finally {
			signal?.removeEventListener('abort', cancel);
		}
	}

	/** Sends until the queue is empty or the run has ended. */
	async drainQueue(): Promise<void> {
		const lanes = Array.from({ length: this.settings.concurrency }, () => this.lane());
		await Promise.all(lanes);
	}

	/** Nexthink took a request: from now on as many at once as the settings allow. */
	accepted(): void {
		this.anyAccepted = true;
		this.pace.widen();
	}

	/** A load has its last word. */
	completed(successfully: boolean): void {
		this.unsuccessfulInARow = successfully ? 0 : this.unsuccessfulInARow + 1;
		if (this.unsuccessfulInARow >= CIRCUIT_THRESHOLD) this.stop('CIRCUIT_OPEN');
	}

	/** What the table of error codes says comes next, as far as it is the same for all loads. */
	async followUp(load: Sent, failure: Failure): Promise<void> {
		if (failure.then === 'stop') return this.stop(failure);
		if (failure.then === 'repeat' || failure.then === 'slowDown') {
			return await this.repeatOrGiveUp(load, failure);
		}
		this.giveUp(failure);
	}

	giveUp(failure: Failure): void {
		if (this.settings.stopOnFailure) return this.stop(failure);
		this.completed(!failure.retryable && failure.evidence !== 'UNKNOWN');
	}

	/** Waits before the given repeat; false where the run may not wait so long. */
	async backOff(repeat: number): Promise<boolean> {
		return await this.pace.waitAlone(backOff(repeat, this.surroundings.random));
	}

	/** The first reason stands; nothing leaves any more, and all waiting ends. */
	stop(reason: StopReason): void {
		this.stoppedBy ??= reason;
		this.halt.abort();
		this.pace.end();
	}

	/** One of the ways by which loads leave, one after the other. */
	private async lane(): Promise<void> {
		for (;;) {
			const load = await this.pace.enter(() => this.nextLoad());
			if (load === undefined) return;
			load.attempts++;
			const answer = await this.errand.send(load, this.halt.signal);
			this.pace.leave();
			this.underWay.delete(load);
			await this.errand.settle(load, answer);
		}
	}

	/** @returns null while those under way may yet open the circuit: each further load would add requests to an outage */
	private nextLoad(): Sent | null | undefined {
		const { queue } = this.errand;
		const most = Math.max(this.settings.concurrency, CIRCUIT_THRESHOLD);
		const mayBegin = this.underWay.size + this.unsuccessfulInARow < most;
		if (!mayBegin && !queue.isNextARepeat) return null;
		const load = queue.next();
		if (load !== undefined) this.underWay.add(load);
		return load;
	}

	private async repeatOrGiveUp(load: Sent, failure: Failure): Promise<void> {
		if (failure.then === 'slowDown') this.pace.slowDown();
		if (load.attempts > this.settings.maxRetries || this.retriesLeft <= 0) {
			return this.giveUp(failure);
		}
		this.retriesLeft--;
		this.underWay.add(load);
		const { now, random } = this.surroundings;
		const isFlooded = failure.then === 'slowDown';
		const wait = failure.retryIn ?? (isFlooded ? waitOfFlood : backOff)(load.attempts, random);
		// A tenant that names a time, or is flooded, speaks to all requests; and until it took one, there is one load at a time.
		const concernsAll = failure.retryIn !== undefined || isFlooded || !this.anyAccepted;
		const mayWait = concernsAll ? this.pace.pauseAll(wait) : await this.pace.waitAlone(wait);
		if (mayWait) return this.errand.queue.putBack(load);
		const retryAfter = failure.retryAfter ?? new Date(now() + wait).toISOString();
		this.stop({ ...failure, retryAfter });
	}
}
