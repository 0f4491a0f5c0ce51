import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * How long the pauses take that a node makes by n8n's `sleep`: as long as it says, or a fiftieth, for tests that are not about time. The
 * clock goes as ever, and so do timeouts, the network and whatever waits until a moment.
 */
export type Pauses = 'real' | 'short';

const SHORTER = 50;

const pausesOfRun = new AsyncLocalStorage<Pauses>();

export function withPauses<Result>(pauses: Pauses, run: () => Result): Result {
	return pausesOfRun.run(pauses, run);
}

type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** In: the module that has the `sleep` which n8n-workflow hands to nodes. From now on it heeds what is said of the run that calls it. */
export function heedPauses(module: { sleep: Sleep }): void {
	const { sleep } = module;
	module.sleep = async (milliseconds, signal) => {
		const isShort = pausesOfRun.getStore() === 'short';
		await sleep(isShort ? milliseconds / SHORTER : milliseconds, signal);
	};
}
