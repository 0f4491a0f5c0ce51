/** In bytes: far more than 100 devices with the longest names take. What is longer is no answer of Nexthink. */
export const LONGEST_BODY = 4 * 1024 * 1024;

/** The part of a readable stream that is needed here. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
	destroy: () => void;
}

/** A body, as parsed JSON or as the text of a body that is none; or why it could not be read to its end. */
export type ReadBody = { body: unknown } | { unread: 'ENDED' | 'TOO_LONG' | 'BROKEN_OFF' };

export function isByteStream(body: unknown): body is ByteStream {
	return (
		typeof body === 'object' &&
		body !== null &&
		Symbol.asyncIterator in body &&
		'destroy' in body &&
		typeof body.destroy === 'function'
	);
}

/**
 * Reads a body to its end, unless it is longer than any answer of Nexthink or does not end in time: then the connection is closed.
 * Never throws.
 */
export async function readBody(
	body: ByteStream,
	end: AbortSignal,
	longest = LONGEST_BODY,
): Promise<ReadBody> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	const close = () => body.destroy();
	end.addEventListener('abort', close);
	try {
		for await (const chunk of body) {
			chunks.push(chunk);
			length += chunk.length;
			if (length > longest) return { unread: 'TOO_LONG' };
		}
	} catch {
		return { unread: end.aborted ? 'ENDED' : 'BROKEN_OFF' };
	} finally {
		end.removeEventListener('abort', close);
		close();
	}
	return end.aborted
		? { unread: 'ENDED' }
		: { body: jsonOrText(Buffer.concat(chunks).toString('utf8')) };
}

function jsonOrText(text: string): unknown {
	try {
		return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
	} catch {
		return text;
	}
}
