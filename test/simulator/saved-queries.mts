import { columnsOfDevices, type Row } from './device-rows.mts';
import type { KnownDevice } from './known-devices.mts';
import { queryOf } from './nql-text.mts';
import type { NqlEquality } from './settings.mts';

export { rowOf, type Row } from './device-rows.mts';
export { equalityWith, queryOf } from './nql-text.mts';

/** A query as an administrator saves it in Nexthink. Only saved queries can be run. `queryOf` makes one from its text. */
export interface SavedQuery {
	/** With its `#`. */
	readonly id: string;
	/** In NQL, for `executedQuery`; it need not say the same as `rows`. */
	readonly text?: string;
	/** Declared parameters, without their `$`. */
	readonly parameters?: readonly string[];
	/** In: all devices. Out: columns that the file of an export has although no row may tell them; default none. */
	readonly columns?: (devices: readonly KnownDevice[]) => readonly string[];
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
	/** When it was asked; milliseconds since the epoch. */
	readonly at: number;
	readonly equality: NqlEquality;
	/** Makes the devices that exports find behind the known ones. */
	readonly extraDevices: () => Iterable<KnownDevice>;
}

/** The look-up query of docs/look-up.md. */
export const LOOK_UP_QUERY = '#find_device_by_name';

/** The same by UID: what is left of devices that were scheduled. */
export const LOOK_UP_BY_UID_QUERY = '#find_device_by_uid';

/** The same by serial number. */
export const LOOK_UP_BY_SERIAL_NUMBER_QUERY = '#find_device_by_serial_number';

/** Every device, without a parameter: for exports. */
export const ALL_DEVICES_QUERY = '#all_devices';

/** What is saved in every simulated tenant. Further columns of the devices stand in the rows, too. */
export const SAVED_QUERIES: readonly SavedQuery[] = [
	saved(LOOK_UP_QUERY, 'where device.name == $device_name'),
	saved(LOOK_UP_BY_UID_QUERY, 'where device.uid == $device_uid'),
	saved(
		LOOK_UP_BY_SERIAL_NUMBER_QUERY,
		'where device.hardware.machine_serial_number == $serial_number',
	),
	saved(ALL_DEVICES_QUERY),
];

function saved(id: string, ...where: string[]): SavedQuery {
	const list = `list ${columnsOfDevices([]).join(', ')}`;
	return queryOf(id, ['devices', ...where, list].join(' | '), { furtherColumns: true });
}
