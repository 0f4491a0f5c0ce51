import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Answer } from './answers.mts';
import type { Reaction } from './reactions.mts';
import type { OpenRequest } from './request-log.mts';

const HUGE_BEGINNING = '{"scheduledCount":0,"status":"ACCEPTED","devices":[],"padding":"';
const HUGE_CHUNK = 'x'.repeat(65_536);

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
			sendHead(response, request, reaction.answer, Buffer.byteLength(reaction.answer.body));
			response.end(reaction.answer.body);
			return;
		case 'cutOff':
			return cutOff(response, request, reaction.answer);
		case 'drip':
			if (reaction.head) return dripHead(response, reaction.answer, reaction.bytesPerSecond);
			return drip(response, request, reaction.answer, reaction.bytesPerSecond);
		case 'huge':
			sendHead(response, request, reaction.answer);
			return stream(response, reaction.bytes);
	}
}

function sendHead(
	response: ServerResponse,
	request: OpenRequest,
	answer: Answer,
	contentLength?: number,
): void {
	// 204 and 304 have no body, and so no length (RFC 9110 section 8.6).
	const bodiless = answer.status === 204 || answer.status === 304;
	response.writeHead(answer.status, {
		'x-request-id': request.requestId,
		'x-trace-id': request.traceId,
		...(contentLength === undefined || bodiless ? {} : { 'content-length': contentLength }),
		...answer.headers,
	});
	request.status = answer.status;
}

function cutOff(response: ServerResponse, request: OpenRequest, answer: Answer): void {
	const body = Buffer.from(answer.body);
	sendHead(response, request, answer, body.length);
	// An answer without a body, such as the 401, cannot be cut.
	if (body.length === 0) {
		response.end();
		return;
	}
	response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.end());
}

async function drip(
	response: ServerResponse,
	request: OpenRequest,
	answer: Answer,
	bytesPerSecond: number,
): Promise<void> {
	const body = Buffer.from(answer.body);
	sendHead(response, request, answer, body.length);
	response.flushHeaders();
	await inPieces(response, body, bytesPerSecond, (piece) => response.write(piece));
	response.end();
}

// Past Node's own writing of heads, which sends one at once. The record gets no status: no client sees it.
async function dripHead(
	response: ServerResponse,
	answer: Answer,
	bytesPerSecond: number,
): Promise<void> {
	const head = `HTTP/1.1 ${answer.status} Slow\r\nContent-Length: ${Buffer.byteLength(answer.body)}\r\n\r\n`;
	const whole = Buffer.concat([Buffer.from(head), Buffer.from(answer.body)]);
	await inPieces(response, whole, bytesPerSecond, (piece) => response.socket?.write(piece));
	response.socket?.end();
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

async function stream(response: ServerResponse, bytes: number): Promise<void> {
	try {
		await pipeline(hugeBody(bytes), response);
	} catch (error) {
		// Most clients hang up long before the end; that is what this answer is for.
		if (!isGone(response)) throw error;
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
