import { pipeline, Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';
import type { Chunks } from './chunks.mts';

/** How a file is packed, as documented. */
export type Compression = 'NONE' | 'GZIP' | 'ZSTD';

const MOST_IN_A_BLOCK = 128 * 1024;

/** In: a text, and how to pack it. Out: the file. */
export function packed(text: string, compression: Compression): string | Buffer {
	if (compression === 'NONE') return text;
	if (compression === 'GZIP') return gzipSync(text);
	return Buffer.concat([...zstdFrame([Buffer.from(text)])]);
}

/** In: a file's bytes, and how to pack them. Out: the packed file's bytes, made as they are asked for. */
export function packedChunks(chunks: Iterable<Buffer>, compression: Compression): Chunks {
	if (compression === 'NONE') return chunks;
	return compression === 'GZIP' ? gzipped(chunks) : zstdFrame(chunks);
}

/** In: bytes. Out: the same packed with gzip, made as they are asked for. */
export function gzipped(chunks: Chunks): AsyncIterable<Buffer> {
	// What goes wrong reaches whoever reads the outcome.
	return pipeline(Readable.from(chunks), createGzip(), () => {});
}

/** A frame of RFC 8878 whose blocks are raw: not every Node.js that this runs on packs with ZSTD. */
function* zstdFrame(chunks: Iterable<Buffer>): Generator<Buffer> {
	// The signature, a frame without size and checksum, and a window of 2 MB.
	yield Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]);
	for (const chunk of chunks) {
		for (let from = 0; from < chunk.length; from += MOST_IN_A_BLOCK) {
			yield* zstdBlock(chunk.subarray(from, from + MOST_IN_A_BLOCK), false);
		}
	}
	// The last block says that it is the last, which only the end tells; an empty one may.
	yield* zstdBlock(Buffer.alloc(0), true);
}

function* zstdBlock(content: Buffer, isLast: boolean): Generator<Buffer> {
	const head = Buffer.alloc(3);
	head.writeUIntLE(8 * content.length + (isLast ? 1 : 0), 0, 3);
	yield head;
	if (content.length > 0) yield content;
}
