import type { Device } from '../../nodes/Nexthink/deletion/plan.ts';
import {
	runDeletion,
	type DeletionResult,
	type DeletionSettings,
} from '../../nodes/Nexthink/deletion/run.ts';
import { Connection, GOOD_ROAD, type Exchange, type Road } from './connection.mts';
import type { InProcessTenant } from './in-process-tenant.mts';
import type { VirtualTime } from './virtual-time.mts';

/** The settings of the editor. */
export const DEFAULT_SETTINGS: DeletionSettings = {
	batchSize: 100,
	concurrency: 4,
	maxRetries: 3,
	maxRetryWait: 300,
	stopOnFailure: false,
};

/** What a run is made with besides its devices. */
export interface RunOptions {
	settings?: Partial<DeletionSettings>;
	road?: Partial<Omit<Road, 'signal'>>;
	/** The run is cancelled so many milliseconds after its start. */
	cancelAfter?: number;
	/** Whether requests in flight end with it, as in n8n 2.41; else their answers come all the same. */
	cancelEndsRequests?: boolean;
}

/** A run as somebody saw it who watched n8n and the tenant. */
export interface WatchedRun {
	result: DeletionResult;
	/** Every request, in the order in which they left. */
	exchanges: readonly Exchange[];
	/** When the run began and ended, in milliseconds since time began. */
	startedAt: number;
	endedAt: number;
	/** When it was cancelled, if it was before its end, and how many requests had left by then. */
	cancelled?: { at: number; requests: number };
}

const LONG_AFTER = 3_600_000;

/** Runs a deletion against a tenant in virtual time. */
export async function watchRun(
	devices: readonly Device[],
	tenant: InProcessTenant,
	time: VirtualTime,
	{ settings, road, cancelAfter, cancelEndsRequests = true }: RunOptions = {},
): Promise<WatchedRun> {
	const cancelling = new AbortController();
	const { signal } = cancelling;
	const onRoad = { ...GOOD_ROAD, ...road, ...(cancelEndsRequests && { signal }) };
	const connection = new Connection(tenant, time, onRoad);
	const startedAt = time.elapsed();
	let cancelled: WatchedRun['cancelled'];
	const cancel = () => {
		cancelled = { at: time.elapsed(), requests: connection.exchanges.length };
		cancelling.abort();
	};
	if (cancelAfter === 0) cancel();
	else if (cancelAfter !== undefined) time.after(cancelAfter, cancel);
	const running = runDeletion(
		devices,
		{ ...DEFAULT_SETTINGS, ...settings },
		{ ...time, send: connection.send, signal },
	);
	const result = await time.until(running);
	const endedAt = time.elapsed();
	// Whatever still is to come, such as a token that nobody waits for any more, has come by then.
	await time.until(time.sleep(LONG_AFTER));
	return { result, exchanges: connection.exchanges, startedAt, endedAt, cancelled };
}
