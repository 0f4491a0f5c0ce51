/**
 * Takes a row and the line that it begins in, from 1. A cell may be a slice, which keeps the text around it in memory: copy what you keep.
 *
 * @returns why the file can't be used, a sentence; undefined if it can
 */
export type TakeRow = (cells: string[], line: number) => string | undefined;

/** In UTF-16 code units: an unclosed quote must not collect the rest of the file. */
const LONGEST_ROW = 1_000_000;

/** UTF-8 has at most three bytes for a UTF-16 code unit. */
const LONGEST_LINE_IN_BYTES = 3 * LONGEST_ROW;

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** In Latin-1, a character for each byte: a byte order mark, or half of a Latin character in the first line. */
const UTF_16 = /^(?:\xff\xfe|\xfe\xff|[^\n]*\0)/;

const LINE_FEED = '\n'.charCodeAt(0);
const QUOTE = '"'.charCodeAt(0);
const COMMA = ','.charCodeAt(0);

const UNCLOSED = "has a quote that isn't closed";

/**
 * Reads CSV as it arrives: RFC 4180 in UTF-8, with LF or CRLF at the end of a line. Anything else is refused, and then no more rows are
 * taken. The titles are taken like any other row. An empty file has no row.
 */
export class CsvReader {
	private refusal?: string;

	/** Begins with a line that hasn't ended: so no character is cut, and no CRLF. */
	private bytes = Buffer.alloc(0);

	/** Of that line, in bytes. */
	private length = 0;

	/** Whole lines of a row that has an open quote. */
	private openRow = '';

	/** Where that row begins, or else the next one. */
	private line = 1;

	/** How many the first row has; 0 before it. */
	private fields = 0;

	constructor(private readonly takeRow: TakeRow) {}

	/** Whether the last row ended with a line break. To be read after `end`. */
	get endsWithLineBreak(): boolean {
		return this.line > 1 && this.length === 0;
	}

	/**
	 * Takes the next bytes; the file may be cut anywhere.
	 *
	 * @returns why the file can't be used, a sentence; undefined if it can so far
	 */
	read(chunk: Uint8Array): string | undefined {
		if (this.refusal !== undefined) return this.refusal;
		const end = chunk.lastIndexOf(LINE_FEED) + 1;
		if (end > 0) {
			const lines = Buffer.concat([this.bytes.subarray(0, this.length), chunk.subarray(0, end)]);
			this.length = 0;
			this.takeLines(lines, false);
		}
		this.keep(chunk.subarray(end));
		if (this.length > LONGEST_LINE_IN_BYTES) this.refuseLongRow();
		return this.refusal;
	}

	/** To be called after the last byte. Returns the same as `read`. */
	end(): string | undefined {
		if (this.refusal === undefined) this.takeLines(this.bytes.subarray(0, this.length), true);
		return this.refusal;
	}

	/** Copies bytes: the memory of a chunk is the caller's. Room that grows twofold costs little, however small the chunks are. */
	private keep(chunk: Uint8Array): void {
		const length = this.length + chunk.length;
		if (length > this.bytes.length) {
			const more = Buffer.alloc(Math.max(length, 2 * this.bytes.length));
			this.bytes.copy(more, 0, 0, this.length);
			this.bytes = more;
		}
		this.bytes.set(chunk, this.length);
		this.length = length;
	}

	private takeLines(lines: Buffer, isEnd: boolean): void {
		const isBeginning = this.line === 1 && this.openRow === '';
		if (isBeginning && UTF_16.test(lines.toString('latin1'))) {
			this.refusal = 'The file is encoded in UTF-16, and only UTF-8 can be read.';
			return;
		}
		const { text, fault } = decoded(lines);
		const hasMark = isBeginning && text.startsWith('\uFEFF');
		this.takeRows(hasMark ? text.slice(1) : text, isEnd);
		if (fault !== undefined) this.refuse(fault, this.openRow.split('\n').length - 1);
	}

	private takeRows(lines: string, isEnd: boolean): void {
		const text = this.openRow + lines;
		// Nothing in these lines closes the quote: not to begin anew with the row for each of them.
		if (this.openRow !== '' && text.length <= LONGEST_ROW && !isEnd && !lines.includes('"')) {
			this.openRow = text;
			return;
		}
		this.openRow = '';
		for (let start = 0; start < text.length && this.refusal === undefined; ) {
			const row = rowAt(text, start);
			if (row.next - start > LONGEST_ROW) return this.refuseLongRow();
			if (row.fault === UNCLOSED && !isEnd) this.openRow = text.slice(start);
			else this.take(row);
			start = row.next;
		}
	}

	private take({ cells, breaks, fault }: Row): void {
		if (fault !== undefined) return this.refuse(fault, breaks);
		this.fields ||= cells.length;
		if (cells.length !== this.fields) return this.refuse(whyRagged(cells, this.fields), 0);
		this.refusal = this.takeRow(cells, this.line);
		this.line += breaks + 1;
	}

	private refuse(fault: string, breaks: number): void {
		this.refusal ??= `Line ${this.line + breaks} ${fault}.`;
	}

	private refuseLongRow(): void {
		const most = LONGEST_ROW.toLocaleString('en-US');
		this.refuse(`has a row that is longer than ${most} characters`, 0);
	}
}

interface Row {
	cells: string[];
	/** Where the next one begins. */
	next: number;
	/** How many line breaks its cells contain. */
	breaks: number;
	/** What is wrong with it, in the line so many line breaks later. */
	fault?: string;
}

function whyRagged(cells: readonly string[], fields: number): string {
	if (cells.length === 1)
		return cells[0] === '' ? 'is empty' : `has 1 field, and the first line has ${fields}`;
	return `has ${cells.length} fields, and the first line has ${fields}`;
}

function rowAt(text: string, start: number): Row {
	const cells: string[] = [];
	let breaks = 0;
	let lineEnd = placeOf('\n', text, start);
	for (let at = start; ; at++) {
		const begin = at;
		if (text.charCodeAt(begin) === QUOTE) {
			at = closingQuote(text, begin + 1);
			if (at === text.length) return { cells, next: at, breaks, fault: UNCLOSED };
			cells.push(text.slice(begin + 1, at).replaceAll('""', '"'));
			for (; lineEnd < at; lineEnd = placeOf('\n', text, lineEnd + 1)) breaks++;
			at++;
		} else {
			while (at < lineEnd && text.charCodeAt(at) !== COMMA) at++;
			if (text.startsWith('\r\n', at - 1)) at--;
			const cell = text.slice(begin, at);
			const fault = faultOfPlain(cell);
			if (fault !== undefined) return { cells, next: at, breaks, fault };
			cells.push(cell);
		}
		if (text.charCodeAt(at) === COMMA) continue;
		const next = at + (text.startsWith('\r\n', at) ? 2 : 1);
		if (next > lineEnd) return { cells, next, breaks };
		const found = JSON.stringify(String.fromCodePoint(text.codePointAt(at)!));
		return { cells, next: at, breaks, fault: `has ${found} after a closing quote` };
	}
}

function faultOfPlain(cell: string): string | undefined {
	if (cell.includes('"')) return 'has a quote in a field without quotes';
	return cell.includes('\r') ? 'has a carriage return without a line feed' : undefined;
}

/** A doubled quote is text. */
function closingQuote(text: string, from: number): number {
	let place = placeOf('"', text, from);
	while (text.charCodeAt(place + 1) === QUOTE) place = placeOf('"', text, place + 2);
	return place;
}

/** Of a character at or after a place; the end of the text if there is none. */
function placeOf(character: string, text: string, from: number): number {
	const place = text.indexOf(character, from);
	return place === -1 ? text.length : place;
}

/** @returns the text of all lines; or of those before the first that can't be read, and what is wrong with that one */
function decoded(lines: Uint8Array): { text: string; fault?: string } {
	const text = textOf(lines);
	if (text !== undefined) return { text };
	for (let start = 0; ; ) {
		const next = lines.indexOf(LINE_FEED, start) + 1 || lines.length;
		const line = lines.subarray(start, next);
		if (textOf(line) === undefined) {
			const fault = line.includes(0) ? 'has a NUL character' : "has bytes that aren't UTF-8";
			return { text: textOf(lines.subarray(0, start))!, fault };
		}
		start = next;
	}
}

function textOf(bytes: Uint8Array): string | undefined {
	try {
		const text = UTF_8.decode(bytes);
		return text.includes('\0') ? undefined : text;
	} catch {
		return undefined;
	}
}

const OTHER_DELIMITERS = { semicolons: ';', tabs: '\t', 'vertical bars': '|' };

/**
 * What a file has in place of commas, such as "semicolons".
 *
 * @param cells the titles, as commas divide them
 * @param needed the columns that must be among the titles
 * @returns undefined if commas give these columns, or none of the others does
 */
export function otherDelimiterOf(
	cells: readonly string[],
	needed: readonly string[],
): string | undefined {
	const hasAll = (titles: readonly string[]) => needed.every((title) => titles.includes(title));
	if (hasAll(cells)) return undefined;
	const titles = cells.join(',');
	return Object.entries(OTHER_DELIMITERS).find(([, other]) => hasAll(titles.split(other)))?.[0];
}
