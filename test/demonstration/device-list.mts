import type { InventoryDevice } from '../simulator/tenant.mts';

/** How many devices of the inventory a list takes besides the good ones. */
export const ODD_DEVICES = 3;

export interface DeviceList {
	readonly devices: readonly InventoryDevice[];
	/** The device that the tenant is to fail. */
	readonly failing: InventoryDevice;
	/** The device that the tenant is to have seen an hour ago. */
	readonly inUse: InventoryDevice;
	/** How many different UIDs may be sent: the good ones and the failing one. */
	readonly distinct: number;
	/** In words, for the reader. */
	readonly description: string;
}

/**
 * A list as people have them. In: the inventory of a tenant, and how many good devices the list is
 * to hold. Out: these, with a duplicate, a malformed UID, a blank name and a failing device spread
 * among them.
 */
export function makeDeviceList(inventory: readonly InventoryDevice[], good: number): DeviceList {
	const devices = inventory.slice(0, good);
	const first = devices[0];
	const [failing, nameless, inUse] = inventory.slice(good);
	if (!first || !failing || !nameless || !inUse) {
		throw new RangeError(`An inventory of ${inventory.length} is too small for ${good} devices.`);
	}
	const unknown = { uid: '4711-not-a-uid', name: 'PAR-LT-TYPO' };
	devices.splice(Math.floor(good / 4), 0, unknown, inUse);
	devices.splice(Math.floor(good / 2) + 1, 0, { ...nameless, name: ' ' });
	devices.splice(Math.floor((3 * good) / 4) + 2, 0, failing);
	devices.push({ uid: first.uid.toUpperCase(), name: first.name });
	return {
		devices,
		failing,
		inUse,
		distinct: good + 1,
		description: `${good.toLocaleString('en-US')} good device${good === 1 ? '' : 's'}, a duplicate, a UID that Nexthink doesn't have, a blank name, a device in use and a device that the tenant fails`,
	};
}
