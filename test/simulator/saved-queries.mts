import type { KnownDevice } from './known-devices.mts';

/** One line of a result: column to value, as the query lists them. */
export type Row = Readonly<Record<string, unknown>>;

/** A query as an administrator saves it in Nexthink. Only saved queries can be run. */
export interface SavedQuery {
	/** With its `#`. */
	readonly id: string;
	/** Declared parameters, without their `$`. */
	readonly parameters?: readonly string[];
	/** Columns that the file of an export has although no row may tell them; default none. */
	readonly columns?: readonly string[];
	/**
	 * In: all devices, a text for each declared parameter, and what else matters. Out: what it finds, in order. Rows that are many can be
	 * made as they are asked for (by a generator); such a query is run again each time that its file is fetched.
	 */
	readonly rows: (
		devices: readonly KnownDevice[],
		parameters: Readonly<Record<string, string>>,
		circumstances?: QueryCircumstances,
	) => Iterable<Row>;
}

/** What a query depends on besides devices and parameters. */
export interface QueryCircumstances {
	/** Makes the devices that exports find behind the known ones. */
	readonly extraDevices: () => Iterable<KnownDevice>;
}

const ORDINARY_CIRCUMSTANCES: QueryCircumstances = { extraDevices: () => [] };

/** The look-up query of docs/look-up.md. */
export const LOOK_UP_QUERY = '#find_device_by_name';

/** The same by UID: what is left of devices that were scheduled. */
export const LOOK_UP_BY_UID_QUERY = '#find_device_by_uid';

/** Every device, without a parameter: for exports. */
export const ALL_DEVICES_QUERY = '#all_devices';

/** What is saved in every simulated tenant. */
export const SAVED_QUERIES: readonly SavedQuery[] = [
	{
		id: LOOK_UP_QUERY,
		parameters: ['device_name'],
		*rows(devices, { device_name: wanted = '' }, circumstances) {
			const matches = equalityWith(wanted);
			yield* rowsOf(devices, circumstances, ({ name }) => matches(name));
		},
	},
	{
		id: LOOK_UP_BY_UID_QUERY,
		parameters: ['device_uid'],
		*rows(devices, { device_uid: wanted = '' }, circumstances) {
			const matches = equalityWith(wanted);
			yield* rowsOf(devices, circumstances, ({ uid }) => matches(uid));
		},
	},
	{
		id: ALL_DEVICES_QUERY,
		rows: (devices, _, circumstances) => rowsOf(devices, circumstances, () => true),
	},
];

function* rowsOf(
	devices: readonly KnownDevice[],
	{ extraDevices } = ORDINARY_CIRCUMSTANCES,
	isWanted: (device: KnownDevice) => boolean,
): Generator<Row> {
	for (const device of devices) if (isWanted(device)) yield rowOf(device);
	for (const device of extraDevices()) if (isWanted(device)) yield rowOf(device);
}

/** In: a device. Out: its row, by the columns of the look-up query; the time as in UTC. */
export function rowOf({ uid, collectorUid, name, serialNumber, lastSeen }: KnownDevice): Row {
	return {
		'device.uid': uid,
		'device.collector.uid': collectorUid,
		'device.name': name,
		'device.hardware.machine_serial_number': serialNumber,
		'device.last_seen': new Date(lastSeen).toISOString(),
	};
}

/** NQL's `==` on text as documented: without case, `*` for any text, `?` for any one character. */
export function equalityWith(wanted: string): (value: string) => boolean {
	const pattern = wanted
		.replace(/[.+^${}()|[\]\\]/g, '\\$&')
		.replaceAll('*', '[^]*')
		.replaceAll('?', '[^]');
	const expression = new RegExp(`^${pattern}$`, 'iu');
	return (value) => expression.test(value);
}
