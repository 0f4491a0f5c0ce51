import { CsvError, parse } from 'csv-parse/sync';
import fc from 'fast-check';
import lodash from 'lodash';

import { CsvReader } from '../../nodes/Nexthink/queryExport/csv.ts';
import { csvFiles, type CsvFile } from './csv-files.mts';
import type { Breach } from './search.mts';

const { isEqual } = lodash;

/** What a reader made of a file. */
interface ReadCsv {
	rows: string[][];
	/** Where each of these rows begins. */
	lines: number[];
	refusal?: string;
}

export interface CsvCase {
	file: CsvFile;
	/** By this project, in pieces. */
	ours: ReadCsv;
	/** By this project, in one piece. */
	whole: ReadCsv;
	/** By csv-parse, as strict as it is by itself. */
	theirs: Omit<ReadCsv, 'lines'>;
}

export const FACTS_OF_CSV: Record<string, (csv: CsvCase) => boolean> = {
	'a file by RFC 4180 has the rows that were written, each in its line': ({ file, ours }) =>
		file.isMangled || isEqual(ours, { rows: file.table, lines: file.lines, refusal: undefined }),
	'what csv-parse refuses is refused': ({ ours, theirs }) =>
		theirs.refusal === undefined || ours.refusal !== undefined,
	'what is not refused has the rows that csv-parse reads': ({ ours, theirs }) =>
		ours.refusal !== undefined || isEqual(ours.rows, theirs.rows),
	'the rows before a refusal are the first ones that csv-parse reads': ({ ours, theirs }) =>
		isEqual(ours.rows, theirs.rows.slice(0, ours.rows.length)),
	'more than csv-parse refuses is refused only for another encoding, a NUL, or a carriage return without a line feed':
		({ file, ours, theirs }) =>
			ours.refusal === undefined || theirs.refusal !== undefined || isRefusedOnPurpose(file),
	'where the bytes are cut changes nothing': ({ ours, whole }) => isEqual(ours, whole),
};

/** csv-parse takes these for text. */
function isRefusedOnPurpose({ bytes }: CsvFile): boolean {
	const text = bytes.toString();
	return !Buffer.from(text).equals(bytes) || text.includes('\0') || /\r(?!\n)/.test(text);
}

export interface CsvSearch {
	cases: number;
	seed: number;
	onRead?: (csv: CsvCase) => void;
}

/** Reads random files, and looks for breaches of any fact. */
export function searchCsv({ cases, seed, onRead }: CsvSearch): Breach[] {
	const broken = new Map<string, number>();
	fc.check(
		fc.property(csvFiles, (file) => {
			const csv = readByAll(file);
			onRead?.(csv);
			for (const [fact, holds] of Object.entries(FACTS_OF_CSV)) {
				if (!holds(csv)) broken.set(fact, (broken.get(fact) ?? 0) + 1);
			}
		}),
		{ numRuns: cases, seed },
	);
	return [...broken].map(([fact, count]) => {
		const { counterexample } = fc.check(
			fc.property(csvFiles, (file) => FACTS_OF_CSV[fact]!(readByAll(file))),
			{ numRuns: cases, seed },
		);
		const { file, ours, theirs } = readByAll(counterexample![0]);
		const told = { file: file.bytes.toString('latin1'), pieces: file.pieces, ours, theirs };
		return { fact, cases: count, counterexample: JSON.stringify(told, null, 1) };
	});
}

function readByAll(file: CsvFile): CsvCase {
	return {
		file,
		ours: readByUs(file.bytes, file.pieces),
		whole: readByUs(file.bytes, [file.bytes.length]),
		theirs: readByThem(file.bytes),
	};
}

function readByUs(bytes: Buffer, pieces: readonly number[]): ReadCsv {
	const read: ReadCsv = { rows: [], lines: [] };
	const reader = new CsvReader((cells, line) => {
		read.rows.push(cells);
		read.lines.push(line);
		return undefined;
	});
	for (let at = 0, n = 0; at < bytes.length; n++) {
		const piece = pieces[n % pieces.length]!;
		reader.read(bytes.subarray(at, at + piece));
		at += piece;
	}
	return { ...read, refusal: reader.end() };
}

function readByThem(bytes: Buffer): CsvCase['theirs'] {
	const rows: string[][] = [];
	try {
		parse(bytes, {
			bom: true,
			record_delimiter: ['\n', '\r\n'],
			on_record: (row: string[]) => {
				rows.push(row);
				return null;
			},
		});
		return { rows };
	} catch (error) {
		if (!(error instanceof CsvError)) throw error;
		return { rows, refusal: error.message };
	}
}
