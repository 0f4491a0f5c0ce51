import type { DeviceEntry } from '../../nodes/Nexthink/deletion/plan.ts';
import { generateInventory } from '../simulator/inventory.mts';

/** What stands at one place of a list. Devices are numbered in the order in which they first appear, from 0. */
export type ListEntry =
	| 'device'
	| 'malformed UID'
	| { copyOf: number; how: keyof typeof COPIES }
	| keyof typeof UNUSABLE;

const INVENTORY = generateInventory(2_000);

/** Ways in which one device can stand in a list twice; the last one makes all its copies unusable. */
export const COPIES = {
	'as it is': (device: DeviceEntry) => device,
	'in upper case': ({ uid, name }: DeviceEntry) => ({
		uid: (uid as string).toUpperCase(),
		name: (name as string).toUpperCase(),
	}),
	'with spaces around its UID': ({ uid, name }: DeviceEntry) => ({
		uid: ` ${uid as string}\t`,
		name,
	}),
	'under another name': ({ uid }: DeviceEntry) => ({ uid, name: 'ANOTHER-PC' }),
} satisfies Record<string, (device: DeviceEntry) => { uid?: unknown; name?: unknown }>;

/** Entries that are no device at all. */
export const UNUSABLE = {
	'blank UID': { uid: ' \t', name: 'PC' },
	'blank name': { uid: INVENTORY[0]!.uid, name: '' },
	'no UID': { name: 'PC' },
	'no name': { uid: INVENTORY[1]!.uid },
	'UID null': { uid: null, name: 'PC' },
	'UID a number': { uid: 1234, name: 'PC' },
	'name a list': { uid: INVENTORY[2]!.uid, name: ['PC'] },
	'endless name': { uid: INVENTORY[3]!.uid, name: 'x'.repeat(1025) },
	unreadable: { unreadable: 'The expression cannot be read.' },
} satisfies Record<string, Partial<DeviceEntry>>;

/** Turns a list into what the node reads from its input. */
export function entriesOf(list: readonly ListEntry[]): DeviceEntry[] {
	const devices: DeviceEntry[] = [];
	return list.map((entry, itemIndex): DeviceEntry => {
		if (typeof entry === 'object') {
			const original = devices[entry.copyOf % Math.max(1, devices.length)];
			if (original !== undefined) return { itemIndex, ...COPIES[entry.how](original) };
		} else if (entry in UNUSABLE) {
			return { itemIndex, ...UNUSABLE[entry as keyof typeof UNUSABLE] };
		}
		const device = { itemIndex, ...INVENTORY[devices.length]! };
		if (entry === 'malformed UID') device.uid = `malformed-${devices.length}`;
		devices.push(device);
		return device;
	});
}

/** A list in words, equal neighbours counted: "3 × device, blank UID, device 1 again in upper case". */
export function describeList(list: readonly ListEntry[]): string {
	const parts: Array<{ text: string; count: number }> = [];
	let devices = 0;
	for (const entry of list) {
		const isCopy = typeof entry === 'object' && devices > 0;
		const text = isCopy
			? `device ${entry.copyOf % devices} again ${entry.how}`
			: typeof entry === 'object'
				? 'device'
				: entry;
		if (text === 'device' || text === 'malformed UID') devices++;
		const last = parts.at(-1);
		if (last?.text === text) last.count++;
		else parts.push({ text, count: 1 });
	}
	const words = parts.map(({ text, count }) => (count === 1 ? text : `${count} × ${text}`));
	return words.length === 0 ? 'nothing' : words.join(', ');
}
