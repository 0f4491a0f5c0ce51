/** A device as a workflow's items and a request's body name it. */
export interface BenchDevice {
	readonly uid: string;
	readonly name: string;
}

/** The first devices of a list that is the same each time, each UID once. */
export function deviceList(count: number): BenchDevice[] {
	return Array.from({ length: count }, (_, position) => deviceAt(position));
}

/** In: a position in the list, from 0. */
export function deviceAt(position: number): BenchDevice {
	return {
		uid: `${position.toString(16).padStart(8, '0')}-5eed-4bad-8cab-0123456789ab`,
		name: `BENCH-${String(position + 1).padStart(7, '0')}`,
	};
}

/** In: the name of a device of the list. Out: its UID. */
export function uidOf(name: string): string {
	return deviceAt(Number(name.replace('BENCH-', '')) - 1).uid;
}

/** What the items of a list name. */
export type ListOf =
	/** Devices, each once. */
	| 'devices'
	/** Names of devices; every tenth is the one before it. */
	| 'names'
	/** Names that no look-up asks for. */
	| 'wildcards';

/** In: how many items, and what they name. Out: their json. */
export function itemList(count: number, listOf: ListOf): BenchDevice[] {
	const devices = deviceList(count);
	if (listOf === 'devices') return devices;
	if (listOf === 'wildcards') return devices.map(({ uid, name }) => ({ uid, name: `${name}*` }));
	return devices.map((device, position) =>
		position % 10 === 9 ? (devices[position - 1] ?? device) : device,
	);
}

/** How many of the names of such a list differ. */
export function distinctNames(count: number): number {
	return count - Math.floor(count / 10);
}

/** In: the list and how many devices a part holds at most. Out: the parts, in order. */
export function batchesOf<Element>(list: readonly Element[], size: number): Element[][] {
	return Array.from({ length: Math.ceil(list.length / size) }, (_, position) =>
		list.slice(position * size, (position + 1) * size),
	);
}
