import { createHash } from 'node:crypto';

/** One device of the tenant: its `device.uid` (UUID, lower case) and its `device.name`. */
export interface InventoryDevice {
	readonly uid: string;
	readonly name: string;
}

const SITES = ['PAR', 'LAU', 'BOS', 'MAD', 'BLR'] as const;
const KINDS = ['LT', 'WS', 'VD'] as const;

/**
 * Makes the inventory. In: how many devices. Out: that many, each UID and each name once. The nth
 * device is the same in every run, so that a list written down today still fits tomorrow.
 */
export function generateInventory(size: number): readonly InventoryDevice[] {
	return Object.freeze(Array.from({ length: size }, (_, position) => inventoryDevice(position)));
}

function inventoryDevice(position: number): InventoryDevice {
	const site = SITES[position % SITES.length];
	const kind = KINDS[position % KINDS.length];
	const serial = String(position + 1).padStart(6, '0');
	const uid = identifierFor(`simulated device ${position}`);
	return Object.freeze({ uid, name: `${site}-${kind}-${serial}` });
}

/** In: any text. Out: the same UUID for it every time, with version and variant as in RFC 9562, because stricter checks look at them. */
export function identifierFor(text: string): string {
	const hex = createHash('sha256').update(text).digest('hex');
	const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
	return [
		hex.slice(0, 8),
		hex.slice(8, 12),
		`4${hex.slice(13, 16)}`,
		`${variant}${hex.slice(17, 20)}`,
		hex.slice(20, 32),
	].join('-');
}
