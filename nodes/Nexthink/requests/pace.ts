/** Time as the run needs it, so that tests need not wait. */
export interface Clock {
	/** Milliseconds since 1970, for moments that people read: this clock may be set. */
	now: () => number;
	/** Milliseconds on a clock that nobody can set, for waits. */
	elapsed: () => number;
	/** Resolves after that many milliseconds. */
	sleep: (milliseconds: number) => Promise<void>;
	/** A number from 0 up to 1, 1 excluded. */
	random: () => number;
}

/** Clock and chance of the machine, all but the sleep, which n8n provides. */
export const MACHINE_CLOCK: Omit<Clock, 'sleep'> = {
	now: () => Date.now(),
	elapsed: () => performance.now(),
	random: () => Math.random(),
};

const FIRST_BACK_OFF = 1_000;
const LONGEST_BACK_OFF = 30_000;

/**
 * Exponential back-off with full jitter: anything up to the ceiling, so that workflows that failed together do not come back together.
 *
 * @param repeat which repeat it is for, from 1
 * @returns milliseconds
 */
export function backOff(repeat: number, random: () => number): number {
	return random() * Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** (repeat - 1));
}

const FIRST_WAIT_OF_FLOOD = 5_000;
const LONGEST_WAIT_OF_FLOOD = 60_000;

/**
 * The wait after an answer that Nexthink is receiving too many requests, where it does not say how long: 5 to 10 s, and twice as much each
 * further time.
 *
 * @param repeat which repeat it is for, from 1
 * @returns milliseconds
 */
export function waitOfFlood(repeat: number, random: () => number): number {
	const least = FIRST_WAIT_OF_FLOOD * 2 ** (repeat - 1);
	return Math.min(LONGEST_WAIT_OF_FLOOD, least * (1 + random()));
}

/**
 * When a request may leave: how many at a time, when all must wait, and how long the run may wait altogether. It ends at once when told
 * to, whoever is waiting.
 */
export class Pace {
	private width = 1;

	private inFlight = 0;

	private pausedUntil = -Infinity;

	private hasEnded = false;

	private readonly entrance: Array<() => void> = [];

	private readonly ended: Promise<void>;

	private resolveEnded: () => void = () => {};

	/**
	 * @param concurrency requests in flight once the first was accepted: until then one tests the ground, and n8n would fetch a token for
	 * each of several first requests (measured)
	 * @param waitLeft milliseconds of waiting that the run may spend
	 */
	constructor(
		private readonly clock: Clock,
		private concurrency: number,
		private waitLeft: number,
	) {
		this.ended = new Promise((resolve) => {
			this.resolveEnded = resolve;
		});
	}

	/**
	 * Waits for a place, and takes what leaves from there in the same moment.
	 *
	 * @param take null: nothing may leave yet, and it is asked again when something came back; undefined: nothing is left
	 * @returns undefined where nothing is left, and once the run has ended
	 */
	async enter<Load>(take: () => Load | null | undefined): Promise<Load | undefined> {
		while (!this.hasEnded) {
			const pause = this.pausedUntil - this.clock.elapsed();
			if (pause > 0) {
				await this.sleep(pause);
				continue;
			}
			const load = this.inFlight < this.width ? take() : null;
			if (load !== null) {
				if (load !== undefined) this.inFlight++;
				return load;
			}
			await new Promise<void>((resolve) => this.entrance.push(resolve));
		}
		return undefined;
	}

	leave(): void {
		this.inFlight--;
		this.wakeAll();
	}

	/** The ground holds: from now on as many requests as the settings allow. */
	widen(): void {
		this.width = this.concurrency;
		this.wakeAll();
	}

	/** Nexthink is receiving too many requests: one at a time from now on. */
	slowDown(): void {
		this.concurrency = 1;
		this.width = 1;
	}

	/**
	 * Lets nobody enter for a while.
	 *
	 * @returns false where the run may not wait so long
	 */
	pauseAll(milliseconds: number): boolean {
		const now = this.clock.elapsed();
		const until = Math.max(this.pausedUntil, now + milliseconds);
		if (!this.spend(until - Math.max(this.pausedUntil, now))) return false;
		this.pausedUntil = until;
		return true;
	}

	/**
	 * Waits before one load is sent again; the others go on.
	 *
	 * @returns false, at once, where the run may not wait so long
	 */
	async waitAlone(milliseconds: number): Promise<boolean> {
		if (!this.spend(milliseconds)) return false;
		await this.sleep(milliseconds);
		return true;
	}

	/** Ends all waiting; nobody enters any more. */
	end(): void {
		this.hasEnded = true;
		this.resolveEnded();
		this.wakeAll();
	}

	private spend(milliseconds: number): boolean {
		if (milliseconds > this.waitLeft) return false;
		this.waitLeft -= milliseconds;
		return true;
	}

	private async sleep(milliseconds: number): Promise<void> {
		await Promise.race([this.clock.sleep(milliseconds), this.ended]);
	}

	private wakeAll(): void {
		for (const wake of this.entrance.splice(0)) wake();
	}
}
