import { createHash, randomUUID } from 'node:crypto';
import { emptyAnswer, htmlAnswer, streamedAnswer, textAnswer, type Answer } from './answers.mts';
import type { Chunks } from './chunks.mts';
import { columnsOf, csvPieces, encoded, type FileDamage } from './csv-file.mts';
import { gzipped, packedChunks, type Compression } from './packing.mts';
import type { Row } from './saved-queries.mts';
import {
	PLAIN_FILE_STYLE,
	type ExportFileFraming,
	type ExportFileStyle,
	type TenantSettings,
} from './settings.mts';

export { csvOf } from './csv-file.mts';
export { packed, type Compression } from './packing.mts';

/** What an export's status route says. */
export interface ExportStatus {
	status: 'SUBMITTED' | 'IN_PROGRESS' | 'ERROR' | 'COMPLETED';
	resultsFileUrl?: string;
	errorDescription?: string;
}

/** What an export writes down. */
export interface ExportContent {
	/** Columns that the file has in any case, in front of those that only rows tell. */
	readonly columns: readonly string[];
	/** Finds the rows, each time the same. */
	readonly rows: () => Iterable<Row>;
}

/** How one answer with a file is to differ from what the settings say; by default not at all. */
export interface FileChanges {
	readonly style?: Partial<ExportFileStyle>;
	readonly damage?: FileDamage;
	/** Packs the file on the way, and says so in `Content-Encoding`. */
	readonly contentEncoding?: 'gzip';
	readonly framing?: ExportFileFraming;
}

interface Export extends ExportContent {
	readonly compression: Compression;
	readonly startedAt: number;
	asked: number;
}

interface FileAddress {
	readonly of: Export;
	readonly expiresAt: number;
}

/** Documented: 1,000,000 rows at most. */
const MOST_ROWS = 1_000_000;

const DAY = 86_400_000;

/** The exports of a tenant, and the store from which their files are fetched. It has an address of its own, as the real one. */
export class ExportOffice {
	readonly #exports = new Map<string, Export>();
	readonly #files = new Map<string, FileAddress>();
	#started = 0;
	/** The day on which the latest exports were started, and how many. */
	#day = 0;
	#startedToday = 0;

	constructor(private readonly settings: Readonly<TenantSettings>) {}

	/** How many exports were started. */
	get started(): number {
		return this.#started;
	}

	/** In: the time. Out: when the next export may be started, if none may now. */
	closedUntil(now: number): Date | undefined {
		if (Math.floor(now / DAY) !== this.#day) return undefined;
		return this.#startedToday < this.settings.exportsPerDay
			? undefined
			: new Date((this.#day + 1) * DAY);
	}

	/** In: what the query found, and how its file is to be packed. Out: the id of the export. */
	start(content: ExportContent, compression: Compression, now: number): string {
		const day = Math.floor(now / DAY);
		this.#startedToday = day === this.#day ? this.#startedToday + 1 : 1;
		this.#day = day;
		const id = randomUUID();
		this.#exports.set(id, { ...content, compression, startedAt: now, asked: 0 });
		this.#started += 1;
		return id;
	}

	/** In: an id, and the origin of the store. Out: how far the export is; undefined if there is none. */
	statusOf(id: string, fileOrigin: string, now: number): ExportStatus | undefined {
		const found = this.#exports.get(id);
		if (found === undefined) return undefined;
		found.asked += 1;
		const { exportStates, exportSeconds, exportErrorDescription, fileLifetimeSeconds } =
			this.settings;
		if (found.asked <= exportStates || now - found.startedAt < 1000 * exportSeconds) {
			return { status: found.asked === 1 ? 'SUBMITTED' : 'IN_PROGRESS' };
		}
		if (exportErrorDescription !== undefined) {
			return { status: 'ERROR', errorDescription: exportErrorDescription };
		}
		const signature = createHash('sha256').update(randomUUID()).digest('hex');
		const path = `/results/${id}.csv?signature=${signature}`;
		const expiresAt = now + 1000 * fileLifetimeSeconds;
		this.#files.set(path, { of: found, expiresAt });
		return { status: 'COMPLETED', resultsFileUrl: `${fileOrigin}${path}` };
	}

	/** In: method, and path with its signature. Out: the file, or the store's refusal. */
	file(method: string, path: string, now: number, changes: FileChanges = {}): Answer {
		const found = this.#files.get(path);
		if (method !== 'GET') return emptyAnswer(405);
		if (found === undefined) return htmlAnswer(404);
		if (now >= found.expiresAt) return textAnswer(403, 'Request has expired');
		const { exportFileFraming, exportFileStyle } = this.settings;
		const { framing = exportFileFraming, contentEncoding, damage } = changes;
		const style = { ...PLAIN_FILE_STYLE, ...exportFileStyle, ...changes.style };
		const chunks = () => fileOf(found.of, style, damage);
		if (contentEncoding === undefined) return streamedAnswer(200, { chunks, framing });
		const answer = streamedAnswer(200, { chunks: () => gzipped(chunks()), framing });
		return { ...answer, headers: { ...answer.headers, 'content-encoding': contentEncoding } };
	}

	clear(): void {
		this.#exports.clear();
		this.#files.clear();
		this.#startedToday = 0;
		this.#started = 0;
	}
}

function fileOf(
	{ columns, rows, compression }: Export,
	style: ExportFileStyle,
	damage?: FileDamage,
): Chunks {
	const listed = rows();
	// Of rows that are made as they are asked for, the first must do.
	const seen = Array.isArray(listed) ? (listed as Row[]) : firstOf(rows(), 1);
	const all = [...new Set([...columns, ...columnsOf(seen)])];
	const pieces = csvPieces(all, firstOf(listed, MOST_ROWS), style, damage);
	return packedChunks(encoded(pieces, style.encoding), compression);
}

/** In: rows. Out: so many of them at most, each taken when it is asked for. */
export function* firstOf(rows: Iterable<Row>, most: number): Generator<Row> {
	let taken = 0;
	for (const row of rows) {
		yield row;
		taken += 1;
		if (taken === most) return;
	}
}
