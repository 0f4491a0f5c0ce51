import type { Row } from './saved-queries.mts';
import { PLAIN_FILE_STYLE, type ExportFileStyle } from './settings.mts';

/** What is wrong with a file. Rows are counted from 1, without the header; a row that the file hasn't is refused when it is read. */
export type FileDamage =
	/** A row with one cell fewer or more than the header. */
	| { readonly kind: 'raggedRow'; readonly row: number; readonly cells: 'fewer' | 'more' }
	/** The last cell of the row begins with a quote that nothing closes, so that a reader takes what follows for its text. */
	| { readonly kind: 'unclosedQuote'; readonly row: number }
	/** The row's line is this text. */
	| { readonly kind: 'replacedRow'; readonly row: number; readonly text: string }
	/** The column stands at the end once more, its cells as well. */
	| { readonly kind: 'doubledColumn'; readonly column: string }
	| { readonly kind: 'missingColumn'; readonly column: string };

const LINE_ENDS = { LF: '\n', CRLF: '\r\n' } as const;
const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t' } as const;

/** Fewer characters than this are not written at once. */
const LEAST_IN_A_PIECE = 64 * 1024;

const BYTE_ORDER_MARK = '\uFEFF';

/** In: rows. Out: the file that an export of them gives, as text. */
export function csvOf(rows: readonly Row[], style: Partial<ExportFileStyle> = {}): string {
	return [...csvPieces(columnsOf(rows), rows, { ...PLAIN_FILE_STYLE, ...style })].join('');
}

/** In: rows. Out: every column that one of them has, in the order in which they turn up. */
export function columnsOf(rows: Iterable<Row>): string[] {
	const columns = new Set<string>();
	for (const row of rows) for (const column of Object.keys(row)) columns.add(column);
	return [...columns];
}

/**
 * In: columns and rows, and how they are to be written. Out: the file as text, a header and a line for each row, in pieces that are made
 * when they are asked for. Throws a RangeError where there is nothing to damage.
 */
export function* csvPieces(
	columns: readonly string[],
	rows: Iterable<Row>,
	style: ExportFileStyle,
	damage?: FileDamage,
): Generator<string> {
	const lineEnd = LINE_ENDS[style.lineEnd];
	const delimiter = DELIMITERS[style.delimiter];
	const cell = cellWriter(style);
	const listed = damagedColumns(columns, damage);
	const damagedRow = damage !== undefined && 'row' in damage ? damage.row : 0;
	yield (style.byteOrderMark ? BYTE_ORDER_MARK : '') + listed.map(cell).join(delimiter);
	let number = 0;
	for (const row of rows) {
		number += 1;
		const cells = listed.map((column) => cell(row[column]));
		const line = number === damagedRow ? damagedLine(cells, delimiter, damage!) : undefined;
		yield lineEnd + (line ?? cells.join(delimiter));
	}
	if (number < damagedRow) {
		throw new RangeError(`There is no row ${damagedRow} to damage, only ${number}.`);
	}
	if (style.finalLineEnd) yield lineEnd;
}

/** In: a file as text. Out: its bytes, in pieces that are worth sending. */
export function* encoded(
	pieces: Iterable<string>,
	encoding: ExportFileStyle['encoding'],
): Generator<Buffer> {
	const bytesOf = (text: string) => Buffer.from(text, encoding === 'utf-8' ? 'utf8' : 'utf16le');
	let gathered = '';
	for (const piece of pieces) {
		gathered += piece;
		if (gathered.length < LEAST_IN_A_PIECE) continue;
		yield bytesOf(gathered);
		gathered = '';
	}
	if (gathered !== '') yield bytesOf(gathered);
}

function damagedColumns(columns: readonly string[], damage?: FileDamage): readonly string[] {
	if (damage === undefined || !('column' in damage)) return columns;
	const { kind, column } = damage;
	if (!columns.includes(column)) throw new RangeError(`There is no column ${column} to damage.`);
	if (kind === 'doubledColumn') return [...columns, column];
	return columns.filter((each) => each !== column);
}

function damagedLine(cells: readonly string[], delimiter: string, damage: FileDamage): string {
	const written = (ofLine: readonly string[]) => ofLine.join(delimiter);
	switch (damage.kind) {
		case 'raggedRow':
			return written(damage.cells === 'fewer' ? cells.slice(0, -1) : [...cells, 'surplus']);
		case 'unclosedQuote':
			return written([...cells.slice(0, -1), '"unclosed']);
		case 'replacedRow':
			return damage.text;
		default:
			return written(cells);
	}
}

function cellWriter({ quoting, delimiter, timeZone }: ExportFileStyle): (value: unknown) => string {
	const needsQuotes =
		quoting === 'all'
			? /^/
			: { comma: /[",\r\n]/, semicolon: /[";\r\n]/, tab: /["\t\r\n]/ }[delimiter];
	const textOf = timeZone === undefined ? String : localTimes(timeZone);
	return (value) => {
		const text = value === null || value === undefined ? '' : textOf(value);
		return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
	};
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** In: a time zone. Out: what writes times in UTC as that zone's clock shows them, and everything else as it is. */
function localTimes(timeZone: string): (value: unknown) => string {
	// Swedish times are "2026-11-26 05:48:21".
	const format = new Intl.DateTimeFormat('sv-SE', {
		...{ timeZone, dateStyle: 'short', timeStyle: 'medium' },
	});
	return (value) => {
		const text = String(value);
		return TIME.test(text) ? format.format(new Date(text)) : text;
	};
}
