import type { RequestRecord } from '../simulator/tenant.mts';

const QUIET_MILLISECONDS = 1_500;

/**
 * A line that says how far a long run is, made from the tenant's own request log. A terminal has it
 * rewritten in place; a file or a CI log gets a new line every few seconds.
 */
export class Progress {
	readonly #stream: NodeJS.WriteStream;
	#start = 0;
	#lastShown = 0;
	/** A device that is sent again still counts once. */
	readonly #answered = new Set<string>();
	#requests = 0;
	#total = 0;
	#isShown = false;

	constructor(stream: NodeJS.WriteStream) {
		this.#stream = stream;
	}

	/** In: how many devices a run is going to send. */
	begin(devices: number): void {
		this.#start = Date.now();
		this.#lastShown = 0;
		this.#answered.clear();
		this.#requests = 0;
		this.#total = devices;
	}

	/** In: a request that has ended. */
	note({ route, devices, status }: RequestRecord): void {
		if (this.#total === 0 || route !== 'deletions' || devices === undefined || status === null)
			return;
		this.#requests += 1;
		for (const { uid } of devices) this.#answered.add(uid);
		const now = Date.now();
		const pause = this.#stream.isTTY ? 100 : 3_000;
		if (now - this.#start < QUIET_MILLISECONDS || now - this.#lastShown < pause) return;
		this.#lastShown = now;
		this.#show(now);
	}

	/** Takes the line away; nothing is shown until the next run begins. */
	end(): void {
		if (this.#isShown && this.#stream.isTTY) this.#stream.write('\r\u001b[K');
		this.#isShown = false;
		this.#total = 0;
	}

	#show(now: number): void {
		const seconds = ((now - this.#start) / 1000).toFixed(1);
		const [answered, total, requests] = [this.#answered.size, this.#total, this.#requests].map(
			(number) => number.toLocaleString('en-US'),
		);
		const line = `   … ${answered} of ${total} devices answered, ${requests} requests, ${seconds} s`;
		this.#stream.write(this.#stream.isTTY ? `\r${line}\u001b[K` : `${line}\n`);
		this.#isShown = true;
	}
}
