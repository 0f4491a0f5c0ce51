import type { KnownDevice } from './known-devices.mts';

/** One line of a result: column to value, as the query lists them. */
export type Row = Readonly<Record<string, unknown>>;

/** The columns that every device has, each with its value; the time as in UTC. */
const COLUMNS = {
	'device.uid': ({ uid }: KnownDevice) => uid,
	'device.collector.uid': ({ collectorUid }: KnownDevice) => collectorUid,
	'device.name': ({ name }: KnownDevice) => name,
	'device.hardware.machine_serial_number': ({ serialNumber }: KnownDevice) => serialNumber,
	'device.last_seen': ({ lastSeen }: KnownDevice) => new Date(lastSeen).toISOString(),
} as const;

/** In: a device. Out: its row, by the columns of the look-up query and those further ones that it has itself. */
export function rowOf(device: KnownDevice): Row {
	return rowWith(device, columnsOfDevices([device]));
}

/** In: a device and columns. Out: its row, with null where it has no value. */
export function rowWith(device: KnownDevice, columns: readonly string[]): Row {
	const row: Record<string, unknown> = {};
	for (const column of columns) row[column] = valueOf(device, column);
	return row;
}

/** In: devices. Out: the columns of the look-up query, and those further ones that a device has. */
export function columnsOfDevices(devices: readonly KnownDevice[]): string[] {
	const all = new Set(Object.keys(COLUMNS));
	for (const { columns } of devices) {
		if (columns !== undefined) for (const column of Object.keys(columns)) all.add(column);
	}
	return [...all];
}

/** In: a device and a column. Out: the value there, typed as the device has it; null if it has none. */
export function valueOf(device: KnownDevice, column: string): unknown {
	const { columns } = device;
	if (columns !== undefined && Object.hasOwn(columns, column)) return columns[column] ?? null;
	return isOrdinary(column) ? COLUMNS[column](device) : null;
}

function isOrdinary(column: string): column is keyof typeof COLUMNS {
	return Object.hasOwn(COLUMNS, column);
}
