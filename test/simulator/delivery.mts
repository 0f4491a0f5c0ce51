import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import type { Answer } from './answers.mts';
import { beginningOf, bytesIn, type Chunks } from './chunks.mts';
import type { Reaction } from './reactions.mts';
import type { OpenRequest } from './request-log.mts';

const HUGE_BEGINNING = '{"scheduledCount":0,"status":"ACCEPTED","devices":[],"padding":"';
const HUGE_CHUNK = 'x'.repeat(65_536);

/** A body that is no longer than this has its bytes counted, where nothing is said of its framing. */
const COUNTED_BYTES = 1024 * 1024;

/** For a client to read what was sent before its connection is reset. */
const BEFORE_RESET_MILLISECONDS = 50;

/** How a body is told from what follows it: its length, or how it ends. */
type Framing = number | 'chunked' | 'close';

/**
 * Puts a reaction on the wire, and the status into the record once the head is out. In: latency in
 * milliseconds, waited before anything is sent. Resolves when all is said, or the client is gone.
 */
export async function deliver(
	response: ServerResponse,
	request: OpenRequest,
	reaction: Reaction,
	latency: number,
): Promise<void> {
	if (reaction.kind === 'silence') return;
	const delay = reaction.kind === 'whole' ? (reaction.delay ?? 0) : 0;
	if (!(await stillThereAfter(response, latency + delay))) return;
	switch (reaction.kind) {
		case 'reset':
			response.socket?.resetAndDestroy();
			return;
		case 'whole':
			return whole(response, request, reaction.answer);
		case 'cutOff':
			return cutOff(response, request, reaction);
		case 'drip':
			if (reaction.head) return dripHead(response, reaction.answer, reaction.bytesPerSecond);
			return drip(response, request, reaction.answer, reaction.bytesPerSecond);
		case 'huge':
			sendHead(response, request, reaction.answer, 'chunked');
			return stream(response, hugeBody(reaction.bytes));
	}
}

function sendHead(
	response: ServerResponse,
	request: OpenRequest,
	answer: Answer,
	framing: Framing,
): void {
	// 204 and 304 have no body, and so no length (RFC 9110 section 8.6).
	const bodiless = answer.status === 204 || answer.status === 304;
	if (framing === 'close') {
		response.useChunkedEncodingByDefault = false;
		response.shouldKeepAlive = false;
	}
	response.writeHead(answer.status, {
		'x-request-id': request.requestId,
		'x-trace-id': request.traceId,
		...(typeof framing !== 'number' || bodiless ? {} : { 'content-length': framing }),
		...answer.headers,
	});
	request.status = answer.status;
}

async function whole(
	response: ServerResponse,
	request: OpenRequest,
	answer: Answer,
): Promise<void> {
	sendHead(response, request, answer, await framingOf(answer));
	if (answer.streamed === undefined) response.end(answer.body);
	else await stream(response, answer.streamed.chunks());
}

async function cutOff(
	response: ServerResponse,
	request: OpenRequest,
	{ answer, afterBytes, ending = 'close' }: Extract<Reaction, { kind: 'cutOff' }>,
): Promise<void> {
	const bytes = afterBytes ?? Math.floor((await bytesIn(chunksOf(answer))) / 2);
	sendHead(response, request, answer, await framingOf(answer));
	// An answer without a body, such as the 401, cannot be cut.
	if (answer.streamed === undefined && answer.body.length === 0) {
		response.end();
		return;
	}
	response.flushHeaders();
	await stream(response, beginningOf(chunksOf(answer), bytes), { end: false });
	if (ending === 'silence') return;
	if (ending === 'close') {
		response.socket?.end();
		return;
	}
	// A reset that comes along with the last bytes drops some of them, and is an ordinary end to Node.js.
	await stillThereAfter(response, BEFORE_RESET_MILLISECONDS);
	await setImmediate();
	response.socket?.resetAndDestroy();
}

async function drip(
	response: ServerResponse,
	request: OpenRequest,
	answer: Answer,
	bytesPerSecond: number,
): Promise<void> {
	sendHead(response, request, answer, await framingOf(answer));
	response.flushHeaders();
	for await (const chunk of chunksOf(answer)) {
		if (isGone(response)) return;
		await inPieces(response, chunk, bytesPerSecond, (piece) => response.write(piece));
	}
	response.end();
}

// Past Node's own writing of heads, which sends one at once. The record gets no status: no client sees it.
async function dripHead(
	response: ServerResponse,
	answer: Answer,
	bytesPerSecond: number,
): Promise<void> {
	const length = await bytesIn(chunksOf(answer));
	const head = Buffer.from(`HTTP/1.1 ${answer.status} Slow\r\nContent-Length: ${length}\r\n\r\n`);
	const send = (piece: Buffer) => response.socket?.write(piece);
	await inPieces(response, head, bytesPerSecond, send);
	for await (const chunk of chunksOf(answer)) {
		if (isGone(response)) return;
		await inPieces(response, chunk, bytesPerSecond, send);
	}
	response.socket?.end();
}

function chunksOf({ body, streamed }: Answer): Chunks {
	return streamed === undefined ? [Buffer.from(body)] : streamed.chunks();
}

async function framingOf({ body, streamed }: Answer): Promise<Framing> {
	if (streamed === undefined) return Buffer.byteLength(body);
	if (streamed.framing === 'chunked' || streamed.framing === 'close') return streamed.framing;
	const most = streamed.framing === 'length' ? Infinity : COUNTED_BYTES;
	const bytes = await bytesIn(streamed.chunks(), most);
	return bytes <= most ? bytes : 'chunked';
}

async function inPieces(
	response: ServerResponse,
	bytes: Buffer,
	bytesPerSecond: number,
	write: (piece: Buffer) => void,
): Promise<void> {
	const bytesAtOnce = Math.max(1, Math.round(bytesPerSecond / 100));
	const interval = (1000 * bytesAtOnce) / bytesPerSecond;
	for (let sent = 0; sent < bytes.length; sent += bytesAtOnce) {
		if (!(await stillThereAfter(response, interval))) return;
		write(bytes.subarray(sent, sent + bytesAtOnce));
	}
}

const CLIENT_IS_GONE: ReadonlySet<unknown> = new Set([
	'ERR_STREAM_PREMATURE_CLOSE',
	'ERR_STREAM_DESTROYED',
	'ERR_STREAM_UNABLE_TO_PIPE',
	'ECONNRESET',
	'EPIPE',
]);

// `end: false` leaves the answer unfinished, all that there is of it on its way.
async function stream(
	response: ServerResponse,
	chunks: Iterable<Buffer | string> | AsyncIterable<Buffer | string>,
	options: { end?: boolean } = {},
): Promise<void> {
	try {
		await pipeline(chunks, response, options);
	} catch (error) {
		// Most clients of an endless answer hang up long before the end; that is what it is for.
		if (!CLIENT_IS_GONE.has((error as NodeJS.ErrnoException).code)) throw error;
	}
}

function* hugeBody(bytes: number): Generator<string> {
	let chunk = HUGE_BEGINNING.slice(0, bytes);
	for (let left = bytes; left > 0; chunk = HUGE_CHUNK.slice(0, left)) {
		left -= chunk.length;
		yield chunk;
	}
}

function isGone(response: ServerResponse): boolean {
	return response.destroyed || (response.socket?.destroyed ?? true);
}

// Ends early when the client goes, so that no timer outlives the tenant.
async function stillThereAfter(response: ServerResponse, milliseconds: number): Promise<boolean> {
	if (milliseconds > 0 && !isGone(response)) {
		await new Promise<void>((resolve) => {
			const timer = setTimeout(done, milliseconds);
			response.once('close', done);
			function done(): void {
				clearTimeout(timer);
				response.off('close', done);
				resolve();
			}
		});
	}
	return !isGone(response);
}
