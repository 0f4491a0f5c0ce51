import type { Row } from '../../simulator/saved-queries.mts';
import { deviceAt, type BenchDevice } from './in-n8n/devices.mts';

/** What an export of all devices finds. */
export interface ExportedInventory {
	/** How many of its rows have a place in the list, spread evenly over the file. */
	readonly listed: number;
	/** All of them: no fewer. */
	readonly rows: number;
}

export const EXPORTED_COLUMNS = [
	'device.uid',
	'device.collector.uid',
	'device.name',
	'device.hardware.machine_serial_number',
	'device.last_seen',
] as const;

/** Makes each row when it is asked for. */
export function* exportedRows({ listed, rows }: ExportedInventory): Generator<Row> {
	for (let number = 0; number < rows; number++) {
		const isListed = (number * listed) % rows < listed;
		const device = isListed ? deviceOfList(Math.floor((number * listed) / rows)) : undefined;
		const [uid, collectorUid, name, serialNumber, lastSeen] = strangerAt(number);
		yield {
			'device.uid': device?.uid ?? uid,
			'device.collector.uid': collectorUid,
			'device.name': device?.name ?? name,
			'device.hardware.machine_serial_number': serialNumber,
			'device.last_seen': lastSeen,
		} satisfies Record<(typeof EXPORTED_COLUMNS)[number], string>;
	}
}

/** Of each hundred of the list one is missing, and one that no list of names has is a namesake of one that it has. */
function deviceOfList(position: number): BenchDevice | undefined {
	const device = deviceAt(position);
	if (position % 100 === 50) return undefined;
	if (position % 100 !== 99) return device;
	return { uid: device.uid, name: deviceAt(position - 9).name.toLowerCase() };
}

/** In: how many names are looked up in it, a multiple of 100. Out: how many of them come out as what. */
export function findingsIn(names: number): Record<string, number> {
	const hundreds = names / 100;
	return { FOUND: 98 * hundreds, NOT_FOUND: hundreds, AMBIGUOUS: hundreds };
}

const SECOND_OF_FIRST = Date.UTC(2025, 0, 1);

/** The cells of a device that no list names. */
export function strangerAt(number: number): [string, string, string, string, string] {
	return [
		uuidOf(number),
		uuidOf(-number),
		`PC-${String(number).padStart(7, '0')}`,
		`SN${mixed(number, 3)}`,
		new Date(SECOND_OF_FIRST + 1000 * number).toISOString(),
	];
}

function uuidOf(number: number): string {
	const digits = mixed(number, 1) + mixed(number, 2);
	return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13)}-8${digits.slice(1, 4)}-${mixed(number, 3)}${digits.slice(4, 8)}`;
}

/** Eight hexadecimal digits that hardly resemble those of the next number. */
function mixed(number: number, factor: number): string {
	return (Math.imul(number, 0x9e3779b1 * factor) >>> 0).toString(16).padStart(8, '0');
}
