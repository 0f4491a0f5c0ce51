import type { SavedQuery } from '../../simulator/saved-queries.mts';
import { exportedRows, type ExportedInventory } from './exported-inventory.mts';
import { uidOf } from './in-n8n/devices.mts';

/** Finds one device of any name, and looks nowhere for it: what the tenant takes must not be measured. */
export const BY_NAME_QUERY = '#bench_by_name';

/** Hardly any rows, for an export. */
export const SMALL_FILE_QUERY = '#bench_small_file';

/** The same columns, but so many rows that its file has `LARGE_FILE_MEGABYTES`. */
export const LARGE_FILE_QUERY = '#bench_large_file';

export const LARGE_FILE_MEGABYTES = 256;

/** All devices of an inventory, for an export. */
export const ALL_DEVICES_QUERY = '#bench_all_devices';

/** How long an export takes. */
export const EXPORT_SECONDS = 1;

const A_MEGABYTE = 'x'.repeat(1_000_000);

const rowsOf = (count: number) => Array.from({ length: count }, () => ({ notes: A_MEGABYTE }));

const BENCH_QUERIES: readonly SavedQuery[] = [
	{
		id: BY_NAME_QUERY,
		parameters: ['device_name'],
		rows: (_, { device_name: name }) => [{ 'device.uid': uidOf(name!), 'device.name': name }],
	},
	{ id: SMALL_FILE_QUERY, rows: () => rowsOf(1) },
	{ id: LARGE_FILE_QUERY, rows: () => rowsOf(LARGE_FILE_MEGABYTES) },
];

export function benchQueries(inventory: ExportedInventory): SavedQuery[] {
	return [...BENCH_QUERIES, { id: ALL_DEVICES_QUERY, rows: () => exportedRows(inventory) }];
}
