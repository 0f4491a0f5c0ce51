import { createHash, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { bytesAnswer, emptyAnswer, htmlAnswer, textAnswer, type Answer } from './answers.mts';
import type { Row } from './saved-queries.mts';
import type { TenantSettings } from './settings.mts';

/** What an export's status route says. */
export interface ExportStatus {
	status: 'SUBMITTED' | 'IN_PROGRESS' | 'ERROR' | 'COMPLETED';
	resultsFileUrl?: string;
	errorDescription?: string;
}

/** How a file is packed, as documented. */
export type Compression = 'NONE' | 'GZIP' | 'ZSTD';

interface Export {
	readonly rows: readonly Row[];
	readonly compression: Compression;
	asked: number;
}

interface FileAddress extends Pick<Export, 'rows' | 'compression'> {
	readonly expiresAt: number;
}

/** Documented: 1,000,000 rows at most. */
const MOST_ROWS = 1_000_000;

const DAY = 86_400_000;

/** The exports of a tenant, and the store from which their files are fetched. It has an address of its own, as the real one. */
export class ExportOffice {
	readonly #exports = new Map<string, Export>();
	readonly #files = new Map<string, FileAddress>();
	/** The day on which the latest exports were started, and how many. */
	#day = 0;
	#startedToday = 0;

	constructor(private readonly settings: Readonly<TenantSettings>) {}

	/** In: the time. Out: when the next export may be started, if none may now. */
	closedUntil(now: number): Date | undefined {
		if (Math.floor(now / DAY) !== this.#day) return undefined;
		return this.#startedToday < this.settings.exportsPerDay
			? undefined
			: new Date((this.#day + 1) * DAY);
	}

	/** In: what the query found, and how its file is to be packed. Out: the id of the export. */
	start(rows: readonly Row[], compression: Compression, now: number): string {
		const day = Math.floor(now / DAY);
		this.#startedToday = day === this.#day ? this.#startedToday + 1 : 1;
		this.#day = day;
		const id = randomUUID();
		this.#exports.set(id, { rows: rows.slice(0, MOST_ROWS), compression, asked: 0 });
		return id;
	}

	/** In: an id, and the origin of the store. Out: how far the export is; undefined if there is none. */
	statusOf(id: string, fileOrigin: string, now: number): ExportStatus | undefined {
		const found = this.#exports.get(id);
		if (found === undefined) return undefined;
		found.asked += 1;
		const { exportStates, exportErrorDescription, fileLifetimeSeconds } = this.settings;
		if (found.asked <= exportStates) {
			return { status: found.asked === 1 ? 'SUBMITTED' : 'IN_PROGRESS' };
		}
		if (exportErrorDescription !== undefined) {
			return { status: 'ERROR', errorDescription: exportErrorDescription };
		}
		const signature = createHash('sha256').update(randomUUID()).digest('hex');
		const path = `/results/${id}.csv?signature=${signature}`;
		const expiresAt = now + 1000 * fileLifetimeSeconds;
		const { rows, compression } = found;
		this.#files.set(path, { rows, compression, expiresAt });
		return { status: 'COMPLETED', resultsFileUrl: `${fileOrigin}${path}` };
	}

	/** In: method, and path with its signature. Out: the file, or the store's refusal. */
	file(method: string, path: string, now: number): Answer {
		const found = this.#files.get(path);
		if (method !== 'GET') return emptyAnswer(405);
		if (found === undefined) return htmlAnswer(404);
		if (now >= found.expiresAt) return textAnswer(403, 'Request has expired');
		return bytesAnswer(200, packed(csvOf(found.rows), found.compression));
	}

	clear(): void {
		this.#exports.clear();
		this.#files.clear();
		this.#startedToday = 0;
	}
}

/** In: rows with the same columns. Out: the file that an export of them gives. */
export function csvOf(rows: readonly Row[]): string {
	const columns = Object.keys(rows[0] ?? {});
	const lines = rows.map((row) => columns.map((column) => cellOf(row[column])).join(','));
	return [columns.join(','), ...lines].map((line) => `${line}\n`).join('');
}

/** In: a text, and how to pack it. Out: the file. */
export function packed(text: string, compression: Compression): string | Buffer {
	if (compression === 'NONE') return text;
	return compression === 'GZIP' ? gzipSync(text) : zstdFrame(Buffer.from(text));
}

const MOST_IN_A_BLOCK = 128 * 1024;

/** A frame of RFC 8878 whose blocks are raw: not every Node.js that this runs on packs with ZSTD. */
function zstdFrame(content: Buffer): Buffer {
	// The signature, a frame without size and checksum, and a window of 2 MB.
	const parts = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])];
	let from = 0;
	do {
		const block = content.subarray(from, from + MOST_IN_A_BLOCK);
		from += MOST_IN_A_BLOCK;
		const head = Buffer.alloc(3);
		head.writeUIntLE(8 * block.length + (from >= content.length ? 1 : 0), 0, 3);
		parts.push(head, block);
	} while (from < content.length);
	return Buffer.concat(parts);
}

function cellOf(value: unknown): string {
	const text = value === null || value === undefined ? '' : String(value);
	return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
