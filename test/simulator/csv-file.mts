import type { Row } from './saved-queries.mts';

/** Fewer characters than this are not written at once. */
const LEAST_IN_A_PIECE = 64 * 1024;

/** In: rows. Out: the file that an export of them gives, as text. */
export function csvOf(rows: readonly Row[]): string {
	return [...csvPieces(columnsOf(rows), rows)].join('');
}

/** In: rows. Out: every column that one of them has, in the order in which they turn up. */
export function columnsOf(rows: Iterable<Row>): string[] {
	const columns = new Set<string>();
	for (const row of rows) for (const column of Object.keys(row)) columns.add(column);
	return [...columns];
}

/** In: columns and rows. Out: the file, a header and a line for each row; each piece is made when it is asked for. */
export function* csvPieces(columns: readonly string[], rows: Iterable<Row>): Generator<string> {
	yield lineOf(columns);
	for (const row of rows) {
		let line = '';
		for (let n = 0; n < columns.length; n += 1) {
			line += n === 0 ? cellOf(row[columns[n]!]) : `,${cellOf(row[columns[n]!])}`;
		}
		yield `${line}\n`;
	}
}

/** In: a file as text. Out: its bytes, in pieces that are worth sending. */
export function* encoded(pieces: Iterable<string>): Generator<Buffer> {
	let gathered = '';
	for (const piece of pieces) {
		gathered += piece;
		if (gathered.length < LEAST_IN_A_PIECE) continue;
		yield Buffer.from(gathered);
		gathered = '';
	}
	if (gathered !== '') yield Buffer.from(gathered);
}

function lineOf(cells: readonly unknown[]): string {
	return `${cells.map(cellOf).join(',')}\n`;
}

function cellOf(value: unknown): string {
	const text = value === null || value === undefined ? '' : String(value);
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
