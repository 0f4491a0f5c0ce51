import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';

import { isByteStream, readBody, type ByteStream } from '../../../nodes/Nexthink/api/readBody.ts';

const MEBIBYTE = 1024 * 1024;

const never = new AbortController().signal;

const streamOf = (...chunks: Array<string | Uint8Array>) =>
	Readable.from(
		chunks.map((chunk) => Buffer.from(chunk)),
		{ objectMode: false },
	) as Readable & ByteStream;

/** A stream that begins and then stays silent. */
const silentStream = (beginning: string) =>
	new Readable({
		read() {
			this.push(beginning);
			this._read = () => {};
		},
	}) as Readable & ByteStream;

describe('a body', () => {
	it.each<[what: string, chunks: Array<string | Uint8Array>, expected: unknown]>([
		['JSON', ['{"devices":[]}'], { devices: [] }],
		['JSON behind a byte order mark', ['\uFEFF{"devices":[]}'], { devices: [] }],
		['JSON in pieces', ['{"dev', 'ices":', '[]}'], { devices: [] }],
		[
			'a character in two pieces',
			['"Z', Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1), '"'],
			'Zü',
		],
		['HTML', ['<html>', '</html>'], '<html></html>'],
		['JSON that is cut off', ['{"devices":[{'], '{"devices":[{'],
		['nothing', [], ''],
		['null', ['null'], null],
	])('of %s is read whole', async (_, chunks, expected) => {
		expect(await readBody(streamOf(...chunks), never)).toEqual({ body: expected });
	});

	it('of four mebibytes is read', async () => {
		const body = `"${'x'.repeat(4 * MEBIBYTE - 2)}"`;
		expect(await readBody(streamOf(body), never)).toEqual({ body: 'x'.repeat(4 * MEBIBYTE - 2) });
	});

	it('of more is not read to its end, and its connection is closed', async () => {
		let sent = 0;
		const endless = new Readable({
			read() {
				sent += MEBIBYTE;
				this.push(Buffer.alloc(MEBIBYTE));
			},
		}) as Readable & ByteStream;
		expect(await readBody(endless, never)).toEqual({ unread: 'TOO_LONG' });
		expect(endless.destroyed).toBe(true);
		expect(sent).toBeLessThan(8 * MEBIBYTE);
	});

	it('that breaks off is told from one that ends', async () => {
		const stream = silentStream('{"devices":[]}');
		const read = readBody(stream, never);
		stream.destroy(new Error('aborted'));
		expect(await read).toEqual({ unread: 'BROKEN_OFF' });
	});

	it('that does not end in time is given up, and its connection is closed', async () => {
		const stream = silentStream('{"devices":[]}');
		const deadline = new AbortController();
		const read = readBody(stream, deadline.signal);
		deadline.abort();
		expect(await read).toEqual({ unread: 'ENDED' });
		expect(stream.destroyed).toBe(true);
	});

	it('that ends too late is given up too, although nothing of it is missing', async () => {
		const deadline = new AbortController();
		const late: ByteStream = {
			async *[Symbol.asyncIterator]() {
				yield Buffer.from('{}');
				deadline.abort();
			},
			destroy: () => {},
		};
		expect(await readBody(late, deadline.signal)).toEqual({ unread: 'ENDED' });
	});

	it.each<[what: string, stream: () => Readable & ByteStream]>([
		['was read', () => streamOf('{}')],
		['is too long', () => streamOf('x'.repeat(10))],
	])('that %s leaves nothing behind that waits for its deadline', async (_, stream) => {
		const { signal } = new AbortController();
		await readBody(stream(), signal, 9);
		expect(getEventListeners(signal, 'abort')).toEqual([]);
	});

	it('is no stream where n8n hands it out read', () => {
		const parsed = ['', 'text', null, undefined, {}, { devices: [] }, [], { destroy: 1 }];
		const endless = { destroy: 1, [Symbol.asyncIterator]: () => undefined };
		for (const body of [...parsed, endless]) expect(isByteStream(body)).toBe(false);
		expect(isByteStream(streamOf(''))).toBe(true);
	});
});
