import type { RequestRecord, SubmittedDevice } from './request-log.mts';

/** One device that the tenant queued for deletion. */
export interface LedgerEntry {
	/** As submitted, letter case included. */
	readonly uid: string;
	/** As submitted. */
	readonly name: string;
	/** The `x-request-id` of the request that queued it. */
	readonly requestId: string;
	/** That request's `sequence` in the request log. */
	readonly request: number;
	/** Milliseconds since the epoch. */
	readonly at: number;
}

/**
 * What the tenant queued, in order: the truth that a client's report is compared with. A device
 * that is sent twice stands here twice, because what Nexthink does with the second is not
 * documented.
 */
export interface Ledger {
	readonly entries: readonly LedgerEntry[];
	/** Number of entries; a device queued twice counts twice. `uids().size` counts it once. */
	readonly size: number;
	/** In: a UID in any letter case. Out: whether it was ever queued. */
	has(uid: string): boolean;
	/** Out: every UID ever queued, in lower case; a new set that later entries do not change. */
	uids(): Set<string>;
	/** In: an `x-request-id`. Out: how many entries the requests with that id made. */
	countFor(requestId: string): number;
}

/** The ledger as the tenant keeps it: the only place that may write. */
export class TenantLedger implements Ledger {
	readonly entries: LedgerEntry[] = [];
	readonly #uids = new Set<string>();
	readonly #counts = new Map<string, number>();

	get size(): number {
		return this.entries.length;
	}

	has(uid: string): boolean {
		return this.#uids.has(uid.toLowerCase());
	}

	uids(): Set<string> {
		return new Set(this.#uids);
	}

	countFor(requestId: string): number {
		return this.#counts.get(requestId) ?? 0;
	}

	/** In: devices that one request queues, and the time. Adds them at the end. */
	queue(devices: readonly SubmittedDevice[], request: RequestRecord, at = Date.now()): void {
		const { requestId, sequence } = request;
		for (const { uid, name } of devices) {
			this.enter({ uid, name, requestId, request: sequence, at });
		}
	}

	/** In: one queued device. Adds it at the end. */
	enter(entry: LedgerEntry): void {
		this.entries.push(entry);
		this.#uids.add(entry.uid.toLowerCase());
		this.#counts.set(entry.requestId, this.countFor(entry.requestId) + 1);
	}

	/** Forgets everything; whoever holds `entries` sees it emptied. */
	clear(): void {
		this.entries.length = 0;
		this.#uids.clear();
		this.#counts.clear();
	}
}
