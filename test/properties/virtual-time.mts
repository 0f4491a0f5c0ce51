import type { Clock } from '../../nodes/Nexthink/requests/pace.ts';

/** Where time begins, in milliseconds since 1970. Any moment would do; a full second, so that HTTP dates can say it. */
const BEGINNING = Date.UTC(2026, 0, 1);

interface Event {
	at: number;
	happen: () => void;
}

/** Time that passes only where somebody waits, and then at once. What is due at the same moment happens in the order of its asking. */
export class VirtualTime implements Clock {
	/** Milliseconds since time began: so small a number that adding a wait to it loses nothing that a wait could miss. */
	#elapsed = 0;

	#draws = 0;

	/** In the order in which they are due. */
	readonly #events: Event[] = [];

	/** @param jitter what `random` yields, one after the other and then from the start again: numbers from 0 up to 1, 1 excluded */
	constructor(private readonly jitter: readonly number[] = [0.5]) {}

	readonly now = (): number => BEGINNING + this.#elapsed;

	readonly random = (): number => this.jitter[this.#draws++ % this.jitter.length]!;

	readonly sleep = (milliseconds: number): Promise<void> =>
		new Promise((resolve) => this.after(milliseconds, resolve));

	after(milliseconds: number, happen: () => void): void {
		const at = this.#elapsed + milliseconds;
		const later = this.#events.findIndex((event) => event.at > at);
		this.#events.splice(later < 0 ? this.#events.length : later, 0, { at, happen });
	}

	/** Milliseconds since time began. */
	readonly elapsed = (): number => this.#elapsed;

	/** Lets time pass until a promise is settled. Throws where nothing is left that it could wait for. */
	async until<Value>(promise: Promise<Value>): Promise<Value> {
		let settled = false;
		const settle = () => {
			settled = true;
		};
		promise.then(settle, settle);
		for (;;) {
			// Whatever follows from the last event without waiting has happened by then.
			await new Promise(setImmediate);
			if (settled) return await promise;
			const event = this.#events.shift();
			if (event === undefined) throw new Error('Everybody waits, and nothing will ever happen.');
			this.#elapsed = event.at;
			event.happen();
		}
	}
}
