import { gzipSync } from 'node:zlib';
import fc from 'fast-check';

/** How the file of an export is written, and how it arrives. */
export interface ScenarioFile {
	quoting: 'where needed' | 'everywhere' | 'here and there';
	lineEnd: '\n' | '\r\n';
	hasByteOrderMark: boolean;
	/** Of its last line; it may lack only where the file's length is told. */
	endsWithLineBreak: boolean;
	isChunked: boolean;
	/** The position of the column that comes first. */
	firstColumn: number;
	/** Bytes in each piece that arrives, one after the other and then from the start again. */
	pieces: readonly number[];
	fault: FileFault | null;
	/** Where in the file the fault is: 0 its beginning, 1 its end. */
	faultAt: number;
}

/** A file on its way. */
export interface WrittenFile {
	bytes: Buffer;
	/** Only so many of them arrive before the connection breaks. */
	brokenAt?: number;
	length?: number;
	isChunked: boolean;
	/** Whether the time for it is over when it ends. */
	isLate: boolean;
	/** Comes instead of a file. */
	httpStatus?: 403 | 503;
}

type Cells = string[][];

/** What is wrong with a file before it is written: titles and rows, a needed column, and a position in the file. */
const IN_CELLS = {
	'a row with a field more': (cells: Cells, _: string, at: number) => lineAt(cells, at).push('x'),
	'a row with a field less': (cells: Cells, _: string, at: number) => lineAt(cells, at).pop(),
	'its titles once more': (cells: Cells, _: string, at: number) =>
		cells.splice(placeOf(cells, at), 0, cells[0]!),
	'a column missing': (cells: Cells, needed: string) => {
		const position = cells[0]!.indexOf(needed);
		for (const row of cells) row.splice(position, 1);
	},
	'a column twice': (cells: Cells, needed: string) => {
		const position = cells[0]!.indexOf(needed);
		for (const row of cells) row.push(row[position]!);
	},
} satisfies Record<string, (cells: Cells, needed: string, at: number) => unknown>;

/** The same of the lines that are written, their line ends left out. */
const IN_LINES = {
	'a quote that is not closed': (lines: string[], at: number) => (lines[placeOf(lines, at)] = '"x'),
	'a quote in a bare cell': (lines: string[], at: number) => {
		lines[placeOf(lines, at)] = `a"b${lines[placeOf(lines, at)]}`;
	},
	'a carriage return in a bare cell': (lines: string[], at: number) => {
		lines[placeOf(lines, at)] = `a\rb${lines[placeOf(lines, at)]}`;
	},
	'an empty line': (lines: string[], at: number) => lines.splice(placeOf(lines, at), 0, ''),
} satisfies Record<string, (lines: string[], at: number) => unknown>;

/** The same of the bytes, and of how they arrive; `at` counts bytes. */
const IN_BYTES = {
	'semicolons for commas': ({ text }) => ({ bytes: Buffer.from(text.replaceAll(',', ';')) }),
	'UTF-16': ({ text }) => ({ bytes: Buffer.from(text, 'utf16le') }),
	'UTF-16 with its mark': ({ text }) => ({ bytes: Buffer.from(`\uFEFF${text}`, 'utf16le') }),
	'a byte that is not UTF-8': ({ bytes, at }) => ({
		bytes: Buffer.concat([bytes.subarray(0, at), Buffer.of(0xff), bytes.subarray(at)]),
	}),
	'a NUL': ({ bytes, at }) => ({
		bytes: Buffer.concat([bytes.subarray(0, at), Buffer.of(0), bytes.subarray(at)]),
	}),
	'a page of HTML': () => ({ bytes: Buffer.from('<!doctype html><title>Sign in</title>') }),
	'packed with gzip': ({ bytes }) => ({ bytes: gzipSync(bytes) }),
	'nothing in it': () => ({ bytes: Buffer.alloc(0) }),
	// n8n unpacks it, and keeps the length that the packed one has.
	'packed for its way': ({ bytes }) => ({
		length: Math.min(gzipSync(bytes).length, bytes.length - 1),
		isChunked: false,
	}),
	'its time over': () => ({ isLate: true }),
	'broken off': ({ at }) => ({ brokenAt: at }),
	'fewer bytes than announced': ({ bytes, at }) => ({
		bytes: bytes.subarray(0, at),
		length: bytes.length,
		isChunked: false,
	}),
	'no end that can be told': () => ({ length: undefined, isChunked: false }),
	'a last line without its line break, and no length': ({ text }) => ({
		bytes: Buffer.from(text.replace(/[\r\n]+$/, '')),
		length: undefined,
		isChunked: true,
	}),
	'status 403': () => ({ httpStatus: 403 }),
	'status 503': () => ({ httpStatus: 503 }),
} satisfies Record<
	string,
	(written: { text: string; bytes: Buffer; at: number }) => Partial<WrittenFile>
>;

export type FileFault = keyof typeof IN_CELLS | keyof typeof IN_LINES | keyof typeof IN_BYTES;

/** Whatever could hide a device, or makes a file another one than was asked for. */
export const FILE_FAULTS = [
	...Object.keys(IN_CELLS),
	...Object.keys(IN_LINES),
	...Object.keys(IN_BYTES),
] as FileFault[];

function placeOf(lines: readonly unknown[], at: number): number {
	return Math.min(lines.length - 1, Math.floor(at * lines.length));
}

function lineAt(cells: Cells, at: number): string[] {
	return cells[placeOf(cells, at)]!;
}

/**
 * Writes the file of an export.
 *
 * @param table the titles, and the cells of each row
 * @param needed the columns without which nothing can be told
 */
export function writtenFile(
	file: ScenarioFile,
	table: readonly (readonly string[])[],
	needed: readonly string[],
): WrittenFile {
	const { fault, faultAt, firstColumn } = file;
	const turn = firstColumn % table[0]!.length;
	const cells = table.map((row) => [...row.slice(turn), ...row.slice(0, turn)]);
	const faultIn = <Kind extends object>(kind: Kind) =>
		fault !== null && fault in kind ? kind[fault as keyof Kind] : undefined;
	const column = needed[Math.floor(faultAt * needed.length) % needed.length]!;
	faultIn(IN_CELLS)?.(cells, column, faultAt);
	const lines = cells.map((row, line) => row.map((cell, n) => quoted(cell, file, line + n)).join());
	faultIn(IN_LINES)?.(lines, faultAt);
	const { lineEnd, isChunked, hasByteOrderMark } = file;
	const end = file.endsWithLineBreak || isChunked ? lineEnd : '';
	const text = `${hasByteOrderMark ? '\uFEFF' : ''}${lines.join(lineEnd)}${end}`;
	const bytes = Buffer.from(text);
	const written = { bytes, isChunked, isLate: false };
	const at = Math.floor(faultAt * bytes.length);
	const faulty = { ...written, ...faultIn(IN_BYTES)?.({ text, bytes, at }) };
	return {
		...faulty,
		...(!faulty.isChunked && !('length' in faulty) && { length: faulty.bytes.length }),
	};
}

function quoted(cell: string, { quoting }: ScenarioFile, number: number): string {
	const isQuoted =
		quoting === 'everywhere' ||
		(quoting === 'here and there' && number % 3 === 0) ||
		/[",\r\n]/.test(cell);
	return isQuoted ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** In: a file. Out: its bytes in pieces, as they arrive. Throws where the connection breaks. */
export function* arriving({ pieces }: ScenarioFile, written: WrittenFile): Generator<Buffer> {
	const { bytes, brokenAt = bytes.length } = written;
	for (let [from, piece] = [0, 0]; from < brokenAt; piece++) {
		const to = Math.min(brokenAt, from + pieces[piece % pieces.length]!);
		yield bytes.subarray(from, to);
		from = to;
	}
	if (written.brokenAt !== undefined) throw new Error('aborted');
}

export const scenarioFiles: fc.Arbitrary<ScenarioFile> = fc.record({
	quoting: fc.constantFrom('where needed', 'everywhere', 'here and there'),
	lineEnd: fc.constantFrom('\n', '\r\n'),
	hasByteOrderMark: fc.boolean(),
	endsWithLineBreak: fc.boolean(),
	isChunked: fc.boolean(),
	firstColumn: fc.nat(10),
	pieces: fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(100_000)), {
		minLength: 1,
		maxLength: 5,
	}),
	fault: fc.oneof(
		{ weight: 12, arbitrary: fc.constant(null) },
		{ weight: 4, arbitrary: fc.constantFrom(...FILE_FAULTS) },
		// After which the file is fetched anew.
		{ weight: 1, arbitrary: fc.constant('broken off') },
	),
	faultAt: fc.nat(999).map((thousandths) => thousandths / 1000),
});
