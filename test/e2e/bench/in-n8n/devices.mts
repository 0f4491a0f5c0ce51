/** A device as a workflow's items and a request's body name it. */
export interface BenchDevice {
	readonly uid: string;
	readonly name: string;
}

/** The first devices of a list that is the same each time, each UID once. */
export function deviceList(count: number): BenchDevice[] {
	return Array.from({ length: count }, (_, position) => ({
		uid: `${position.toString(16).padStart(8, '0')}-5eed-4bad-8cab-0123456789ab`,
		name: `BENCH-${String(position + 1).padStart(7, '0')}`,
	}));
}

/** In: the list and how many devices a part holds at most. Out: the parts, in order. */
export function batchesOf<Element>(list: readonly Element[], size: number): Element[][] {
	return Array.from({ length: Math.ceil(list.length / size) }, (_, position) =>
		list.slice(position * size, (position + 1) * size),
	);
}
