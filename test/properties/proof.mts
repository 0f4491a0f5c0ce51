import type { DeviceStatus } from '../../nodes/Nexthink/operations/deleteDevices/report.ts';
import type { Exchange } from './connection.mts';
import type { Played } from './play.mts';
import type { Word } from './words.mts';

/** Everything that was said of one device, in the order in which its requests left. */
export interface Testimony {
	words: readonly Word[];
	/** Whether the tenant refused a request that held this device and no other as invalid. */
	refusedAlone: boolean;
}

/** What all requests say of each device, by UID. */
export function testimonies(exchanges: readonly Exchange[]): Map<string, Testimony> {
	const all = new Map<string, { words: Word[]; refusedAlone: boolean }>();
	for (const exchange of exchanges) {
		exchange.devices.forEach(({ uid }, position) => {
			const known = all.get(uid) ?? { words: [], refusedAlone: false };
			known.words.push(exchange.words[position]!);
			if (isRefusedAlone(exchange)) known.refusedAlone = true;
			all.set(uid, known);
		});
	}
	return all;
}

/**
 * What the requests prove of a device, after the evidence rule of the design. Two statuses where both are true: a device that is refused
 * alone is not taken, and is not queued; which of the two is said depends on when the run ended.
 */
export function provenStatuses(
	uid: string,
	{ words, refusedAlone }: Testimony = { words: [], refusedAlone: false },
	{ run }: Pick<Played, 'run'>,
): DeviceStatus[] {
	const was = (word: Word) => words.includes(word);
	if (was('SCHEDULED')) return ['SCHEDULED'];
	if (was('INVALID') && (!was('LOST') || uid.startsWith('malformed'))) return ['INVALID'];
	if (was('LOST')) return ['UNKNOWN'];
	const weaker = was('FAILED') ? 'FAILED' : was('REFUSED') ? 'REJECTED' : 'NOT_SENT';
	if (!refusedAlone) return [weaker];
	return run?.result.stoppedBy === undefined ? ['INVALID'] : ['INVALID', weaker];
}

export function isRefusedAlone({ devices, answer }: Exchange): boolean {
	return devices.length === 1 && !answer!.accepted && answer!.failure.row === 'INVALID_REQUEST';
}
