import { setImmediate } from 'node:timers/promises';

/** Bytes in order, each piece made when it is asked for. */
export type Chunks = Iterable<Buffer> | AsyncIterable<Buffer>;

/** In: bytes, and how many of them matter. Out: how many there are; more than `most` if it is not known how many more. */
export async function bytesIn(chunks: Chunks, most = Infinity): Promise<number> {
	let bytes = 0;
	for await (const chunk of chunks) {
		bytes += chunk.length;
		if (bytes > most) break;
		// A million rows keep the processor busy for seconds; others are to be served meanwhile.
		await setImmediate();
	}
	return bytes;
}

/** In: bytes, and how many of them are wanted. Out: so many from the beginning, fewer where there are no more. */
export async function* beginningOf(chunks: Chunks, bytes: number): AsyncGenerator<Buffer> {
	let left = bytes;
	for await (const chunk of chunks) {
		yield chunk.subarray(0, left);
		left -= chunk.length;
		if (left <= 0) return;
	}
}
