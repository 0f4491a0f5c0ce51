import { createHash } from 'node:crypto';
import { identifierFor, type InventoryDevice } from './inventory.mts';

/** A device as queries see it, with the columns that a look-up needs. */
export interface KnownDevice extends InventoryDevice {
	/** Its `device.collector.uid`: a UUID as well, and another one than `uid`. */
	readonly collectorUid: string;
	readonly serialNumber: string;
	/** Milliseconds since the epoch. */
	readonly lastSeen: number;
	/**
	 * Further columns: values as they are typed in Nexthink, such as 2, true, null or text. The queries of `SAVED_QUERIES` list them for
	 * every device (null for those without a value); executed queries answer them typed, files as text.
	 */
	readonly columns?: Readonly<Record<string, unknown>>;
}

const DAY = 86_400_000;

/** One device in so many was set up anew and stands there twice: same name, same serial number, another UID. */
const RE_IMAGED = 100;

/**
 * In: the inventory, and the time. Out: what queries find. Every device of the inventory, last seen up to 200 days ago, and behind it,
 * for each hundredth of them, the entry of its earlier life.
 */
export function knownDevices(inventory: readonly InventoryDevice[], now: number): KnownDevice[] {
	return inventory.flatMap(({ uid, name }, position) => {
		const device: KnownDevice = {
			uid,
			name,
			collectorUid: identifierFor(`collector of device ${position}`),
			serialNumber: serialNumberOf(position),
			lastSeen: now - ((position * 37) % 200) * DAY - 60_000,
		};
		if (position % RE_IMAGED !== RE_IMAGED - 1) return [device];
		const earlier: KnownDevice = {
			...device,
			uid: identifierFor(`earlier life of device ${position}`),
			collectorUid: identifierFor(`earlier collector of device ${position}`),
			lastSeen: device.lastSeen - 90 * DAY,
		};
		return [device, earlier];
	});
}

function serialNumberOf(position: number): string {
	return createHash('sha256').update(`serial ${position}`).digest('hex').slice(0, 10).toUpperCase();
}
