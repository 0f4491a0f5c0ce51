import type { Failure } from './failure';
import { plainText } from './plainText';
import { queryFailure, type Compression } from './queryAnswer';

const MEGABYTE = 1024 * 1024;

/** So many bytes tell what a file is, and hold the title of a web page. */
const BEGINNING = 1024;

/** The first bytes of packed files (RFC 1952 and RFC 8878). */
const SIGNATURES = { GZIP: [0x1f, 0x8b], ZSTD: [0x28, 0xb5, 0x2f, 0xfd] };

/**
 * Looks at the file of an export while it passes. What comes with 200 may be the page of a proxy, or a file that n8n has unpacked on the
 * way without saying so, or have no end.
 */
export class ArrivingFile {
	/** Why this is not the file that was asked for, once that is seen; the transfer has ended then. */
	refusal?: Failure;

	/** How it is packed, once it is seen that it was to be packed otherwise. */
	packing?: Compression;

	private length = 0;

	/** On the clock that nobody can set. */
	private lastArrival = performance.now();

	private beginning: Buffer = Buffer.alloc(0);

	/** @param maxFileSize in MB of 1,024 × 1,024 bytes */
	constructor(
		private readonly compression: Compression,
		private readonly maxFileSize: number,
	) {}

	/** Takes the next bytes and hands them on; throws where they show that this is not the file. */
	passOn(chunk: Uint8Array): Uint8Array {
		this.length += chunk.length;
		this.lastArrival = performance.now();
		if (this.length > this.maxFileSize * MEGABYTE) this.refusal = tooLarge(this.maxFileSize);
		const missing = BEGINNING - this.beginning.length;
		if (missing > 0) {
			this.beginning = Buffer.concat([this.beginning, chunk.subarray(0, missing)]);
			if (chunk.length >= missing) this.refusal ??= this.whyNotAsAsked();
		}
		if (this.refusal !== undefined) throw new Error(this.refusal.message);
		return chunk;
	}

	/**
	 * Ends the transfer once nothing has arrived for some time.
	 *
	 * @param milliseconds how long that is
	 * @param ended tells that it has ended otherwise
	 */
	endIfSilent(milliseconds: number, end: () => void, ended: AbortSignal): void {
		const left = this.lastArrival + milliseconds - performance.now();
		if (left <= 0) return end();
		AbortSignal.timeout(Math.ceil(left)).addEventListener(
			'abort',
			() => this.endIfSilent(milliseconds, end, ended),
			// Else the listener keeps the whole run in memory until then.
			{ signal: ended },
		);
	}

	/** To be called when no more bytes pass: a short file is known by its end only. */
	end(): void {
		this.refusal ??= this.whyNotAsAsked();
	}

	private whyNotAsAsked(): Failure | undefined {
		const { compression, beginning } = this;
		const text = beginning.toString('utf8').trimStart();
		if (text.startsWith('<')) return unlike(`sent ${markupOf(text)} in its place`);
		const packing = packingOf(beginning);
		if (packing === compression) return undefined;
		this.packing = packing;
		const came = packing === 'NONE' ? 'without compression' : `packed with ${packing}`;
		const asked = compression === 'NONE' ? 'None' : compression;
		return {
			...unlike(`sent it ${came}, and Compression is set to ${asked}`),
			advice:
				'Choose another Compression. If the file comes unpacked whatever you choose, something on the way unpacks it: choose None.',
			retryable: false,
			then: 'stop',
		};
	}
}

function packingOf(beginning: Buffer): Compression {
	const isSignedBy = (packing: keyof typeof SIGNATURES) =>
		SIGNATURES[packing].every((byte, position) => beginning[position] === byte);
	return (['GZIP', 'ZSTD'] as const).find(isSignedBy) ?? 'NONE';
}

/** A page has a title by which people know whose it is. What may be the address of the file, with its signature, is left out. */
function markupOf(text: string): string {
	const what = /^<\?xml/i.test(text) ? 'XML' : 'a web page';
	const title = /<title[^>]*>([^<]+)/i.exec(text)?.[1];
	return title === undefined ? what : `${what} ("${plainText(title.replace(/\?\S+/g, ''), 100)}")`;
}

function unlike(sent: string): Failure {
	return {
		...queryFailure('FILE_UNAVAILABLE'),
		httpStatus: 200,
		message: `The host of the export's file ${sent}`,
	};
}

function tooLarge(maxFileSize: number): Failure {
	return {
		...queryFailure('FILE_NOT_STORED'),
		message: `The file of the export is larger than ${maxFileSize.toLocaleString('en-US')} MB, so its transfer was ended`,
		advice: 'Narrow down the query, or raise Maximum File Size in the options.',
	};
}
