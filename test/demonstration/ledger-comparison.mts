import type { Ledger } from '../simulator/tenant.mts';
import type { Outcome } from './outcomes.mts';

export interface LedgerComparison {
	/** How many different UIDs were compared. */
	readonly devices: number;
	/** How many of them the tenant queued. */
	readonly queued: number;
	/** A sentence for each device about which the two disagree. */
	readonly disagreements: readonly string[];
}

type Entry = Ledger['entries'][number];

/**
 * Compares, device by device, what the node said with what the tenant queued. `SCHEDULED` must
 * stand in the ledger, under the request that the node names; `UNKNOWN` may; every other device must
 * not, nor any device that was not on the list.
 */
export function compareWithLedger(
	outcomes: readonly Outcome[],
	entries: readonly Entry[],
): LedgerComparison {
	const said = byUid(outcomes);
	const queued = byUid(entries);
	const disagreements = [...said].flatMap(([uid, about]) => {
		const disagreement = disagreementAbout(about, queued.get(uid));
		return disagreement === undefined ? [] : [`${uid}: ${disagreement}`];
	});
	for (const [uid, [entry]] of queued) {
		if (said.has(uid)) continue;
		disagreements.push(`${uid}: queued by request ${entry!.requestId}, but not on the list`);
	}
	const both = [...said.keys()].filter((uid) => queued.has(uid));
	return { devices: said.size, queued: both.length, disagreements };
}

function byUid<Subject extends { readonly uid: string | null }>(
	subjects: readonly Subject[],
): Map<string, Subject[]> {
	const grouped = new Map<string, Subject[]>();
	for (const subject of subjects) {
		if (subject.uid === null) continue;
		const uid = subject.uid.toLowerCase();
		const group = grouped.get(uid);
		if (group === undefined) grouped.set(uid, [subject]);
		else group.push(subject);
	}
	return grouped;
}

function disagreementAbout(
	about: readonly Outcome[],
	entries: readonly Entry[] | undefined,
): string | undefined {
	const scheduled = about.filter(({ status }) => status === 'SCHEDULED');
	if (scheduled.length === 0) {
		if (entries === undefined || about.some(({ status }) => status === 'UNKNOWN')) return undefined;
		return `the node says ${about[0]!.status}, but the tenant queued it`;
	}
	if (entries === undefined) return 'the node says SCHEDULED, but the tenant did not queue it';
	const named = scheduled.find(
		({ requestId }) => !entries.some((entry) => entry.requestId === requestId),
	);
	return named === undefined
		? undefined
		: `the node names request ${named.requestId}, but request ${entries[0]!.requestId} queued it`;
}
