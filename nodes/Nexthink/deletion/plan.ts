import { truncate } from 'lodash';

import { isSameText } from '../input/sameText';
import { whyUnusable } from '../input/usableText';
import { isUuid } from '../input/uuid';
import { visibleText } from '../input/visibleText';

/**
 * From what the input says to what will be sent: every entry gets a verdict before the first request leaves, the same in a dry run.
 */

/** One device as an input item or list entry names it, before any check. */
export interface DeviceEntry {
	/** Position of the input item that it comes from. */
	itemIndex: number;
	/** Absent where the item does not have the field at all. */
	uid?: unknown;
	name?: unknown;
	/** Why the entry could not be read, where it could not: a sentence. */
	unreadable?: string;
}

/** A device that may be sent. The UID is trimmed, the name untouched. */
export interface Device {
	uid: string;
	name: string;
}

export interface PlannedEntry {
	itemIndex: number;
	/** null where the entry names none, or something that is not text. */
	uid: string | null;
	name: string | null;
	/** Why the entry is `INVALID` without asking Nexthink: a sentence. */
	refused?: string;
	/** Position in `DeletionPlan.devices` of the device that decides this entry's outcome. */
	device?: number;
	/** Position of the first entry with the same UID. */
	duplicateOf?: number;
	/** The UID is sent although it is malformed: Nexthink decides. */
	isMalformed?: true;
}

export interface DeletionPlan {
	/** One for each entry, in their order. */
	entries: PlannedEntry[];
	/** The distinct devices to send, in the order of their first entries. */
	devices: Device[];
	/** How many distinct UIDs of the list are malformed, whatever else is wrong with their entries. */
	malformedUids: number;
}

/** How malformed UIDs are treated; design, section 3. `strict` is decided by the caller, from `malformedUids`. */
export type UidValidation = 'strict' | 'skip' | 'warn' | 'permissive';

/** All entries that share one UID, compared without case. */
interface Namesakes {
	first: number;
	/** The first entry's name, and another one that an entry gives the same UID. */
	name: string;
	otherName?: string;
	device?: number;
}

export function planDeletion(
	entries: readonly DeviceEntry[],
	uidValidation: UidValidation,
): DeletionPlan {
	const byUid = new Map<string, Namesakes>();
	const planned = entries.map((entry, index) => {
		const checked = checkEntry(entry);
		if (checked.refused === undefined) addToNamesakes(byUid, checked, index);
		return checked;
	});

	const devices: Device[] = [];
	const malformedUids = new Set<string>();
	planned.forEach((entry, index) => {
		const key = entry.uid?.toLowerCase() ?? '';
		const isMalformed = key !== '' && !isUuid(key);
		if (isMalformed) malformedUids.add(key);
		if (entry.refused !== undefined) return;
		const namesakes = byUid.get(key)!;
		if (namesakes.otherName !== undefined) {
			entry.refused = `The device list has this UID under different names, ${inQuotes(namesakes.name)} and ${inQuotes(namesakes.otherName)}, so it isn't certain which device is meant.`;
			return;
		}
		if (namesakes.first !== index) entry.duplicateOf = namesakes.first;
		if (isMalformed && uidValidation === 'skip') {
			entry.refused = 'The UID is malformed: it must be 8-4-4-4-12 hexadecimal digits.';
			return;
		}
		if (isMalformed) entry.isMalformed = true;
		if (namesakes.first === index) {
			// The entry itself, not a copy: lists reach 100,000 devices.
			namesakes.device = devices.push(entry as PlannedEntry & Device) - 1;
		}
		entry.device = namesakes.device;
	});
	return { entries: planned, devices, malformedUids: malformedUids.size };
}

function checkEntry(entry: DeviceEntry): PlannedEntry {
	const uid = typeof entry.uid === 'string' ? entry.uid.trim() : null;
	const name = typeof entry.name === 'string' ? entry.name : null;
	const refused =
		entry.unreadable ?? whyUnusable('UID', entry.uid) ?? whyUnusable('name', entry.name);
	return { itemIndex: entry.itemIndex, uid, name, refused };
}

function addToNamesakes(byUid: Map<string, Namesakes>, entry: PlannedEntry, index: number): void {
	const key = entry.uid!.toLowerCase();
	const name = entry.name!;
	const namesakes = byUid.get(key);
	if (namesakes === undefined) {
		byUid.set(key, { first: index, name });
		// Names are sent as they are; whether two are the same, spaces at the ends don't decide.
	} else if (!isSameText(namesakes.name.trim(), name.trim())) {
		namesakes.otherName ??= name;
	}
}

/** Two names that differ must not look the same. */
function inQuotes(name: string): string {
	return `"${truncate(visibleText(name.trim()), { length: 61, omission: '…' })}"`;
}
