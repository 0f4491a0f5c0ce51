import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { CsvReader } from '../../../nodes/Nexthink/queryExport/csv.ts';
import type { Comparison } from './comparisons.mts';
import { EXPORTED_COLUMNS, strangerAt } from './exported-inventory.mts';
import { beginTime, readTime, type TimeReading } from './in-n8n/stopwatch.mts';
import { ratioOf } from './ratios.mts';
import { interleaved } from './rounds.mts';
import type { Scale } from './scale.mts';

/** What is in a file, by whoever wrote or read it. */
interface Content {
	rows: number;
	/** Of all cells. */
	characters: number;
}

/** How the text of a cell is written. */
const WRITTEN = {
	'no cell quoted': (text: string) => text,
	'every cell quoted': (text: string) => `"${text}"`,
};

/** This project's reader against csv-parse, both as the bytes come from the disk, in this very process: n8n takes no part. */
export async function compareCsv({ csvMegabytes, csvRounds }: Scale): Promise<Comparison> {
	const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-nexthink-csv-'));
	try {
		const comparisons = [];
		for (const [how, written] of Object.entries(WRITTEN)) {
			const file = join(folder, `${how}.csv`);
			const content = await writeExport(file, csvMegabytes * 1_000_000, written);
			const what = `CSV of ${csvMegabytes} MB, ${how}`;
			comparisons.push(await compareReaders(file, content, what, csvRounds));
		}
		return {
			times: comparisons.flatMap(({ times }) => times),
			ratios: comparisons.flatMap(({ ratios }) => ratios),
		};
	} finally {
		await rm(folder, { recursive: true });
	}
}

async function compareReaders(
	file: string,
	content: Content,
	what: string,
	rounds: number,
): Promise<Comparison> {
	const { ours, theirs } = await interleaved(
		{
			ours: () => time(() => readByUs(file), content),
			theirs: () => time(() => readByCsvParse(file), content),
		},
		rounds,
	);
	const times = [
		{ what: `${what}, read as by Look Up`, devices: content.rows, readings: ours },
		{ what: `${what}, read by csv-parse`, devices: content.rows, readings: theirs },
	];
	const milliseconds = (readings: readonly TimeReading[]) =>
		readings.map((reading) => reading.milliseconds);
	const ratio = ratioOf(
		`${what}: csv-parse takes so many times as long`,
		milliseconds(theirs),
		milliseconds(ours),
		{ atLeast: 0.9 },
	);
	return { times, ratios: [ratio] };
}

async function time(read: () => Promise<Content>, content: Content): Promise<TimeReading> {
	await beginTime(false);
	const found = await read();
	const reading = readTime();
	if (found.rows !== content.rows || found.characters !== content.characters) {
		throw new Error(`A file with ${told(content)} was read as one with ${told(found)}.`);
	}
	return reading;
}

function told({ rows, characters }: Content): string {
	return `${rows} rows and ${characters} characters`;
}

async function readByUs(file: string): Promise<Content> {
	const content = { rows: 0, characters: 0 };
	const reader = new CsvReader((cells) => count(content, cells));
	for await (const chunk of createReadStream(file)) reader.read(chunk as Buffer);
	reader.end();
	return content;
}

async function readByCsvParse(file: string): Promise<Content> {
	const content = { rows: 0, characters: 0 };
	const parser = parse({ bom: true, record_delimiter: ['\n', '\r\n'] });
	parser.on('readable', () => {
		for (let cells; (cells = parser.read() as string[] | null) !== null; ) count(content, cells);
	});
	await pipeline(createReadStream(file), parser);
	return content;
}

function count(content: Content, cells: readonly string[]): undefined {
	content.rows++;
	for (const cell of cells) content.characters += cell.length;
}

/** Writes the titles, and devices until the file is that long. */
async function writeExport(
	file: string,
	bytes: number,
	written: (text: string) => string,
): Promise<Content> {
	const content = { rows: 0, characters: 0 };
	await pipeline(function* () {
		for (let length = 0, block = ''; length < bytes; length += block.length) {
			block = '';
			for (let row = 0; row < ROWS_OF_BLOCK; row++) {
				const cells = content.rows === 0 ? EXPORTED_COLUMNS : strangerAt(content.rows);
				count(content, cells);
				block += `${cells.map(written).join(',')}\n`;
			}
			yield block;
		}
	}, createWriteStream(file));
	return content;
}

const ROWS_OF_BLOCK = 1_000;
