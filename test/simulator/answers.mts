import type { Chunks } from './chunks.mts';
import type { ExportFileFraming } from './settings.mts';

/** What is said to one request. Request id and trace id are added where it is put on the wire. */
export interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	/** Empty text for an answer without a body; bytes for one that is no text. */
	readonly body: string | Buffer;
	/** What is sent in place of `body`, which is empty then. */
	readonly streamed?: StreamedBody;
}

/** A body that may be longer than what fits into memory. */
export interface StreamedBody {
	/** Makes it from its beginning, each time the same. */
	readonly chunks: () => Chunks;
	readonly framing: ExportFileFraming | undefined;
}

/** In: status and the value of the body. Out: a JSON answer. */
export function jsonAnswer(status: number, value: unknown): Answer {
	return rawJsonAnswer(status, JSON.stringify(value));
}

/** In: status and text, which need not be valid JSON. Out: an answer that calls itself JSON. */
export function rawJsonAnswer(status: number, body: string): Answer {
	return { status, headers: { 'content-type': 'application/json' }, body };
}

/** In: status and headers. Out: an answer without a body, as Nexthink gives with 401. */
export function emptyAnswer(
	status: number,
	headers: Readonly<Record<string, string>> = {},
): Answer {
	return { status, headers, body: '' };
}

/** In: status and text. Out: a plain text answer. */
export function textAnswer(status: number, body: string): Answer {
	return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

/** In: status and bytes. Out: an answer that says nothing of what they are. */
export function bytesAnswer(status: number, body: string | Buffer): Answer {
	return { status, headers: { 'content-type': 'application/octet-stream' }, body };
}

/** In: status, and a body that is made as it is sent. Out: an answer that says nothing of what it is. */
export function streamedAnswer(status: number, streamed: StreamedBody): Answer {
	return { ...bytesAnswer(status, ''), streamed };
}

/** In: status. Out: the page that a gateway in front of the API would show a browser. */
export function htmlAnswer(status: number): Answer {
	const title = `${status} Gateway`;
	const page = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
	return {
		status,
		headers: { 'content-type': 'text/html; charset=utf-8' },
		body: `<!DOCTYPE html>\n${page}\n`,
	};
}
