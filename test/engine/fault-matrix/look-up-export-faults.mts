import type { FileDamage } from '../../simulator/csv-file.mts';
import { columnsOfDevices } from '../../simulator/device-rows.mts';
import type { Fault } from '../../simulator/tenant.mts';
import { at, EXPORT_FAULTS, type ExportFault } from './export-faults.mts';

/** One row of the matrix of look-ups by export. */
export interface LookUpExportFault extends ExportFault {
	/** The file that comes might lack a device: nothing may be found in it. */
	readonly hides?: true;
}

type FileFault = Extract<Fault, { kind: 'file' }>;

const file = (changes: Omit<FileFault, 'kind'>): Fault => ({ kind: 'file', ...changes });
const damaged = (damage: FileDamage): Fault => file({ damage });

/** Bytes: behind the titles, in the second field of the first row. */
const WITHIN_A_ROW = 150;

const NAME = 'device.name';
const TITLES = columnsOfDevices([]).join();

/** Files by which a device might be hidden, as only whoever reads them can see. */
const HIDING: Array<[name: string, play: Fault]> = [
	['cut in a row, connection reset', file({ cut: { afterBytes: WITHIN_A_ROW, ending: 'reset' } })],
	[
		'cut in a row, shorter than its Content-Length',
		file({ framing: 'length', cut: { afterBytes: WITHIN_A_ROW, ending: 'close' } }),
	],
	[
		'cut in a row, its last chunk missing',
		file({ framing: 'chunked', cut: { afterBytes: WITHIN_A_ROW, ending: 'close' } }),
	],
	[
		'cut in a row, chunked to its end',
		file({ framing: 'chunked', cut: { afterBytes: WITHIN_A_ROW, ending: 'proper' } }),
	],
	[
		'cut in a row, with the Content-Length of what is left',
		file({ framing: 'length', cut: { afterBytes: WITHIN_A_ROW, ending: 'proper' } }),
	],
	['complete, without Content-Length and not chunked', file({ framing: 'close' })],
	[
		'complete, chunked, without its last line break',
		file({ framing: 'chunked', style: { finalLineEnd: false } }),
	],
	[
		'packed on its way, with the length of the packed file',
		file({ framing: 'length', contentEncoding: 'gzip' }),
	],
	[
		'packed on its way, cut, its last chunk missing',
		file({
			...{ framing: 'chunked', contentEncoding: 'gzip' },
			cut: { afterBytes: WITHIN_A_ROW, ending: 'close' },
		}),
	],
	[
		'packed on its way, cut, chunked to its end',
		file({
			...{ framing: 'chunked', contentEncoding: 'gzip' },
			cut: { afterBytes: WITHIN_A_ROW, ending: 'proper' },
		}),
	],
	['a row with one field less', damaged({ kind: 'raggedRow', row: 2, cells: 'fewer' })],
	['a row with one field more', damaged({ kind: 'raggedRow', row: 2, cells: 'more' })],
	['its titles twice', damaged({ kind: 'replacedRow', row: 2, text: TITLES })],
	['an empty line', damaged({ kind: 'replacedRow', row: 2, text: '' })],
	["a quote that isn't closed", damaged({ kind: 'unclosedQuote', row: 2 })],
	['a column missing', damaged({ kind: 'missingColumn', column: NAME })],
	['a column twice', damaged({ kind: 'doubledColumn', column: NAME })],
	['semicolons instead of commas', file({ style: { delimiter: 'semicolon' } })],
	['UTF-16', file({ style: { encoding: 'utf-16le' } })],
	['nothing in it', { kind: 'status', status: 200, body: '' }],
];

/** Files that lack devices, and are as whole as a file can be: nothing tells. */
const LYING: Array<[name: string, play: Fault]> = [
	['only its titles', { kind: 'status', status: 200, body: `${TITLES}\n` }],
];

/** Files that are written in another way, and lack nothing. */
const SOUND: Array<[name: string, play: Fault]> = [
	[
		'every cell in quotes, CRLF, a byte order mark',
		file({ style: { quoting: 'all', lineEnd: 'CRLF', byteOrderMark: true } }),
	],
	['packed on its way, chunked', file({ framing: 'chunked', contentEncoding: 'gzip' })],
	[
		'without its last line break, with its Content-Length',
		file({ framing: 'length', style: { finalLineEnd: false } }),
	],
];

const files = (
	faults: Array<[name: string, play: Fault]>,
	more: Partial<LookUpExportFault>,
): LookUpExportFault[] =>
	at(
		'file',
		'file',
		faults.map(([name, play]) => ({ name: `200, ${name}`, play })),
	).map((fault) => ({
		...fault,
		...more,
	}));

const CUT_BY_LICENCE: LookUpExportFault = {
	name: 'status: 206: the licence cut the result',
	play: { kind: 'delay', milliseconds: 0 },
	at: { route: 'nqlStatus', from: 1 },
	setUp: { exportCutByLicence: true },
	hides: true,
};

/** Of the faults of start and status one of each kind: the matrix of exports plays all of them. */
const OF_EACH_KIND: ReadonlySet<string> = new Set([
	...['400, code 5', '401, though the token is good', '403, page of a gateway'],
	...['404, code 100: no such query', '429, Retry-After: 0', '307', '503, Retry-After: 0'],
	...['reset', 'no answer', 'body cut off', '401, then from the login: 401'],
	...['200, page of a gateway', '200 without an id', '200, COMPLETED without an address'],
	'200, ERROR',
]);

const ofExports = EXPORT_FAULTS.filter(
	({ name, at: where }) => where?.route === 'file' || OF_EACH_KIND.has(name.replace(/^\w+: /, '')),
);

/** What can become of a look-up by export: of its start, of the question how far it is, and of its file. */
export const LOOK_UP_EXPORT_FAULTS: readonly LookUpExportFault[] = [
	// Another file lacks the columns that are needed.
	...ofExports.map(({ lies, ...fault }) => ({
		...fault,
		...(lies && { hides: true as const }),
	})),
	CUT_BY_LICENCE,
	...files(HIDING, { hides: true }),
	...files(LYING, { lies: true }),
	...files(SOUND, {}),
];
