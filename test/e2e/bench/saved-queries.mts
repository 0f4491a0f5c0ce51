import type { SavedQuery } from '../../simulator/saved-queries.mts';

/** Finds one device of any name, and looks nowhere for it: what the tenant takes must not be measured. */
export const BY_NAME_QUERY = '#bench_by_name';

/** Hardly any rows, for an export. */
export const SMALL_FILE_QUERY = '#bench_small_file';

/** The same columns, but so many rows that its file has `LARGE_FILE_MEGABYTES`. */
export const LARGE_FILE_QUERY = '#bench_large_file';

export const LARGE_FILE_MEGABYTES = 256;

const A_MEGABYTE = 'x'.repeat(1_000_000);

const rowsOf = (count: number) => Array.from({ length: count }, () => ({ notes: A_MEGABYTE }));

export const BENCH_QUERIES: readonly SavedQuery[] = [
	{
		id: BY_NAME_QUERY,
		parameters: ['device_name'],
		rows: (_, { device_name: name }) => [{ 'device.uid': `uid of ${name}`, 'device.name': name }],
	},
	{ id: SMALL_FILE_QUERY, rows: () => rowsOf(1) },
	{ id: LARGE_FILE_QUERY, rows: () => rowsOf(LARGE_FILE_MEGABYTES) },
];
