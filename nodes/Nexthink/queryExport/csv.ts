/**
 * Takes the cells of a row, and the line that it begins in, from 1. A cell may be a slice that keeps the text around it in memory: to keep
 * a cell, copy it.
 *
 * @returns why the file can't be used, a sentence; undefined if it can
 */
export type TakeRow = (cells: string[], line: number) => string | undefined;

/** In UTF-16 code units: an unclosed quote must not collect the rest of the file. */
const LONGEST_ROW = 1_000_000;

/** UTF-8 has at most three bytes for a UTF-16 code unit. */
const LONGEST_LINE_IN_BYTES = 3 * LONGEST_ROW;

const [LINE_FEED, CARRIAGE_RETURN, QUOTE, COMMA] = [0x0a, 0x0d, 0x22, 0x2c];

/** A byte order mark of UTF-16, or a NUL in the first line: half of each Latin character. As Latin-1, a character for each byte. */
const UTF_16 = /^(?:\xff\xfe|\xfe\xff|[^\n]*\0)/;

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const UNCLOSED = "a quote that isn't closed";
const STRAY_QUOTE = 'a quote in a field without quotes';
const BARE_CARRIAGE_RETURN = 'a carriage return without a line feed';

/**
 * Reads CSV as it arrives: RFC 4180 in UTF-8, lines that end with LF or CRLF. What is something else is refused, and no more rows are
 * taken. The row of titles is taken like any other; an empty file has none.
 */
export class CsvReader {
	private refusal?: string;

	/** Of a line whose end hasn't arrived, so that no character and no CRLF is cut. */
	private bytes: Uint8Array[] = [];

	private length = 0;

	/** The lines so far of a row with an open quote. */
	private openRow = '';

	/** Where that row begins, or else the next one. */
	private line = 1;

	/** How many the first row has; 0 before it. */
	private fields = 0;

	constructor(private readonly takeRow: TakeRow) {}

	/** Whether the last row ended with a line break: known when the file has ended. */
	get endsWithLineBreak(): boolean {
		return this.line > 1 && this.length === 0;
	}

	/**
	 * Takes the next bytes. The file may be cut anywhere.
	 *
	 * @returns why the file can't be used, a sentence; undefined if it can so far
	 */
	read(chunk: Uint8Array): string | undefined {
		if (this.refusal !== undefined) return this.refusal;
		const end = chunk.lastIndexOf(LINE_FEED) + 1;
		if (end > 0) {
			const lines = Buffer.concat([...this.bytes, chunk.subarray(0, end)]);
			this.bytes = [];
			this.length = 0;
			this.takeLines(lines, false);
		}
		if (end < chunk.length) this.bytes.push(new Uint8Array(chunk.subarray(end)));
		this.length += chunk.length - end;
		if (this.length > LONGEST_LINE_IN_BYTES) this.refuseLongRow();
		return this.refusal;
	}

	/** To be called after the last byte. Returns the same as `read`. */
	end(): string | undefined {
		if (this.refusal === undefined) this.takeLines(Buffer.concat(this.bytes), true);
		return this.refusal;
	}

	private takeLines(bytes: Buffer, isEnd: boolean): void {
		const isBeginning = this.line === 1 && this.openRow === '';
		if (isBeginning && UTF_16.test(bytes.toString('latin1'))) {
			this.refusal = 'The file is encoded in UTF-16, and only UTF-8 can be read.';
			return;
		}
		const hasMark = isBeginning && bytes.indexOf('\uFEFF') === 0;
		const lines = hasMark ? bytes.subarray(3) : bytes;
		const text = textOf(lines);
		if (text !== undefined) return this.takeRows(text, isEnd);
		const { start, has } = faultyLine(lines);
		this.takeRows(textOf(lines.subarray(0, start)) ?? '', false);
		this.refuse(has, breaksIn(this.openRow));
	}

	private takeRows(lines: string, isEnd: boolean): void {
		const text = this.openRow + lines;
		this.openRow = '';
		for (let start = 0; start < text.length && this.refusal === undefined; ) {
			const row = rowAt(text, start);
			if (row.next - start > LONGEST_ROW) return this.refuseLongRow();
			if (row.fault === UNCLOSED && !isEnd) {
				this.openRow = text.slice(start);
				return;
			}
			this.take(row);
			start = row.next;
		}
	}

	private take({ cells, breaks, fault }: Row): void {
		if (fault !== undefined) return this.refuse(fault, breaks);
		this.fields ||= cells.length;
		if (cells.length !== this.fields) {
			const count = cells.length === 1 ? '1 field' : `${cells.length} fields`;
			return this.refuse(`${count}, and the first line has ${this.fields}`);
		}
		this.refusal = this.takeRow(cells, this.line);
		this.line += 1 + breaks;
	}

	private refuse(has: string, breaks = 0): void {
		this.refusal ??= `Line ${this.line + breaks} has ${has}.`;
	}

	private refuseLongRow(): void {
		const most = LONGEST_ROW.toLocaleString('en-US');
		this.refusal ??= `Line ${this.line} begins a row of more than ${most} characters.`;
	}
}

interface Row {
	cells: string[];
	/** Where the next row begins. */
	next: number;
	/** Line breaks inside its cells. */
	breaks: number;
	/** What its line has, that many line breaks further. */
	fault?: string;
}

function rowAt(text: string, start: number): Row {
	const row: Row = { cells: [], next: text.length, breaks: 0 };
	let lineEnd = placeOf('\n', text, start);
	for (let at = start; ; at++) {
		if (text.charCodeAt(at) === QUOTE) {
			let close = text.indexOf('"', at + 1);
			while (close !== -1 && text.charCodeAt(close + 1) === QUOTE) {
				close = text.indexOf('"', close + 2);
			}
			if (close === -1) return { ...row, fault: UNCLOSED };
			row.cells.push(text.slice(at + 1, close).replaceAll('""', '"'));
			for (; lineEnd < close; lineEnd = placeOf('\n', text, lineEnd + 1)) row.breaks++;
			at = close + 1;
		} else {
			let end = at;
			for (; end < lineEnd; end++) {
				const code = text.charCodeAt(end);
				if (code === COMMA) break;
				if (code === QUOTE) return { ...row, next: at, fault: STRAY_QUOTE };
				if (code === CARRIAGE_RETURN) break;
			}
			row.cells.push(text.slice(at, end));
			at = end;
		}
		const after = text.charCodeAt(at);
		if (after === COMMA) continue;
		row.next = at + (text.startsWith('\r\n', at) ? 2 : 1);
		if (row.next > lineEnd) return row;
		const found = JSON.stringify(String.fromCodePoint(text.codePointAt(at)!));
		return { ...row, next: at, fault: `${found} after a closing quote` };
	}
}

/** Of a character at or after a place, or else the end. */
function placeOf(character: string, text: string, from: number): number {
	const place = text.indexOf(character, from);
	return place === -1 ? text.length : place;
}

function breaksIn(text: string): number {
	return text.split('\n').length - 1;
}

/** Undefined for bytes that aren't UTF-8, or with a NUL in them. */
function textOf(bytes: Uint8Array): string | undefined {
	try {
		const text = UTF_8.decode(bytes);
		return text.includes('\0') ? undefined : text;
	} catch {
		return undefined;
	}
}

/** In: lines that have no text. Out: where the first such line begins, and what it has. */
function faultyLine(bytes: Uint8Array): { start: number; has: string } {
	for (let start = 0; ; ) {
		const next = bytes.indexOf(LINE_FEED, start) + 1 || bytes.length;
		const line = bytes.subarray(start, next);
		if (textOf(line) === undefined) {
			return { start, has: line.includes(0) ? 'a NUL character' : "bytes that aren't UTF-8" };
		}
		start = next;
	}
}

const OTHER_DELIMITERS = { semicolons: ';', tabs: '\t', 'vertical bars': '|' };

/**
 * Which delimiter a file has in place of commas.
 *
 * @param cells of the row of titles
 * @param needed the columns that must be among the titles
 * @returns a word such as "semicolons"; undefined if no other delimiter gives these columns, or if commas do
 */
export function otherDelimiterOf(
	cells: readonly string[],
	needed: readonly string[],
): string | undefined {
	const haveAll = (titles: readonly string[]) => needed.every((title) => titles.includes(title));
	if (haveAll(cells)) return undefined;
	const line = cells.join(',');
	const found = Object.entries(OTHER_DELIMITERS).find(([, delimiter]) =>
		haveAll(line.split(delimiter)),
	);
	return found?.[0];
}
