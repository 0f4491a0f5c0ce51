import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

import { ArrivingFile } from '../../../nodes/Nexthink/api/exportedFile.ts';
import type { Compression } from '../../../nodes/Nexthink/api/queryAnswer.ts';
import { packed } from '../../simulator/exports.mts';

/** What is said of a file that comes in pieces of so many bytes; undefined where it is the one that was asked for. */
function whyRefused(file: string | Buffer, compression: Compression, piece = 64 * 1024) {
	const arriving = new ArrivingFile(compression, 1);
	const bytes = Buffer.from(file);
	try {
		for (let at = 0; at < bytes.length; at += piece) {
			const chunk = bytes.subarray(at, at + piece);
			expect(arriving.passOn(chunk)).toBe(chunk);
		}
		arriving.end();
	} catch (error) {
		expect((error as Error).message).toBe(arriving.refusal?.message);
	}
	return arriving.refusal;
}

const CSV = 'device.name,device.uid\nPC-1,1\n';
const LONG_CSV = CSV.repeat(1000);
const LONG_PAGE = `<html>${'<p>x</p>'.repeat(1000)}`;

describe.each([1, 7, 64 * 1024])('a file in pieces of %i bytes', (piece) => {
	it.each<[file: string | Buffer, compression: Compression]>([
		[CSV, 'NONE'],
		[LONG_CSV, 'NONE'],
		['', 'NONE'],
		['\n', 'NONE'],
		[`\uFEFF${CSV}`, 'NONE'],
		['"<html>",a\n', 'NONE'],
		['a\n<html>\n', 'NONE'],
		[packed(CSV, 'GZIP'), 'GZIP'],
		[packed(LONG_CSV, 'ZSTD'), 'ZSTD'],
	])('is what was asked for (%#)', (file, compression) => {
		expect(whyRefused(file, compression, piece)).toBeUndefined();
	});

	it.each<[file: string | Buffer, compression: Compression, said: string]>([
		['<!doctype html>', 'NONE', 'a web page'],
		['<HTML>', 'NONE', 'a web page'],
		[`\uFEFF \r\n\t${LONG_PAGE}`, 'NONE', 'a web page'],
		['<?xml version="1.0"?><Error>', 'NONE', 'XML'],
		[LONG_PAGE, 'GZIP', 'a web page'],
		['<', 'ZSTD', 'a web page'],
		[CSV, 'GZIP', 'without compression'],
		[LONG_CSV, 'ZSTD', 'without compression'],
		['', 'ZSTD', 'without compression'],
		[Buffer.from([0x1f]), 'GZIP', 'without compression'],
		[packed(LONG_CSV, 'GZIP'), 'NONE', 'packed with GZIP'],
		[packed(CSV, 'ZSTD'), 'NONE', 'packed with ZSTD'],
		[packed(CSV, 'GZIP'), 'ZSTD', 'packed with GZIP'],
	])('is not what was asked for (%#)', (file, compression, said) => {
		const refusal = whyRefused(file, compression, piece);
		expect(refusal).toMatchObject({ code: 'FILE_UNAVAILABLE', httpStatus: 200 });
		expect(refusal!.message).toContain(said);
	});
});

describe('a file', () => {
	it.each<[file: string | Buffer, asked: Compression, packing: Compression | undefined]>([
		[CSV, 'NONE', undefined],
		[packed(CSV, 'GZIP'), 'GZIP', undefined],
		[packed(CSV, 'GZIP'), 'NONE', 'GZIP'],
		[packed(LONG_CSV, 'ZSTD'), 'NONE', 'ZSTD'],
		[CSV, 'ZSTD', 'NONE'],
		// A page is no file at all, however it may be packed.
		[LONG_PAGE, 'GZIP', undefined],
	])('says how it is packed where that is not as asked (%#)', (file, asked, packing) => {
		const arriving = new ArrivingFile(asked, 1);
		try {
			arriving.passOn(Buffer.from(file));
		} catch {
			expect(arriving.refusal).toBeDefined();
		}
		arriving.end();
		expect(arriving.packing).toBe(packing);
	});

	it('that is a web page is given up with the bytes that show it, however long the page is', () => {
		const arriving = new ArrivingFile('NONE', 1);
		const pieces = LONG_PAGE.match(/.{1,512}/g)!.map((piece) => Buffer.from(piece));
		arriving.passOn(pieces[0]!);
		expect(arriving.refusal).toBeUndefined();
		expect(() => arriving.passOn(pieces[1]!)).toThrow('a web page');
	});

	it('that is packed otherwise is not fetched again: it would be the same', () => {
		const told = (file: string | Buffer, asked: Compression) => {
			const { message, advice, retryable, then } = whyRefused(file, asked)!;
			expect([retryable, then]).toEqual([false, 'stop']);
			expect(advice).toBe(
				'Choose another Compression. If the file comes unpacked whatever you choose, something on the way unpacks it: choose None.',
			);
			return message;
		};
		const host = "The host of the export's file sent it";
		expect(told(CSV, 'GZIP')).toBe(`${host} without compression, and Compression is set to GZIP`);
		expect(told(packed(CSV, 'ZSTD'), 'NONE')).toBe(
			`${host} packed with ZSTD, and Compression is set to None`,
		);
	});

	it.each([
		['<?xml version="1.0"?><Error>', 'XML'],
		['<!-- <?xml version="1.0"?> -->', 'a web page'],
		['<title lang="en">Sign in</title>', 'a web page ("Sign in")'],
	])('that is %s is called %s', (file, what) => {
		expect(whyRefused(file, 'NONE')!.message).toBe(
			`The host of the export's file sent ${what} in its place`,
		);
	});

	it('may be as long as is allowed, and not longer', () => {
		const megabyte = 1024 * 1024;
		expect(whyRefused('x'.repeat(megabyte), 'NONE')).toBeUndefined();
		expect(whyRefused('x'.repeat(megabyte + 1), 'NONE')).toMatchObject({
			code: 'FILE_NOT_STORED',
			message: 'The file of the export is larger than 1 MB, so its transfer was ended',
			advice: 'Narrow down the query, or raise Maximum File Size in the options.',
		});
		const incompressible = gzipSync('x'.repeat(megabyte + 1), { level: 0 });
		expect(whyRefused(incompressible, 'GZIP')).toMatchObject({ code: 'FILE_NOT_STORED' });
	});

	it('is not repeated whole, nor is its address, where the title of a page holds it', () => {
		const secret = 'a1'.repeat(32);
		const title = `404 /results/1.csv?signature=${secret} not found${'!'.repeat(500)}`;
		const refusal = whyRefused(`<title>${title}</title>`, 'NONE');
		expect(refusal!.message).toContain('("404 /results/1.csv not found!!!');
		expect(refusal!.message).not.toContain(secret);
		expect(refusal!.message.length).toBeLessThan(200);
	});
});

describe.concurrent('a file that falls silent', () => {
	/** Milliseconds until it is given up; undefined if it isn't before `over`. */
	async function givenUpAfter(silence: number, over: number, arrivals: number[], ended?: number) {
		const arriving = new ArrivingFile('NONE', 1);
		const began = performance.now();
		const transfer = new AbortController();
		let givenUp: number | undefined;
		const end = () => {
			givenUp = performance.now() - began;
			transfer.abort();
		};
		arriving.endIfSilent(silence, end, transfer.signal);
		for (const moment of arrivals) setTimeout(() => arriving.passOn(Buffer.from('x')), moment);
		if (ended !== undefined) setTimeout(() => transfer.abort(), ended);
		await new Promise((resolve) => {
			setTimeout(resolve, over);
			if (ended === undefined) transfer.signal.addEventListener('abort', resolve);
		});
		return givenUp;
	}

	it('is given up once nothing has arrived for as long as is said', async () => {
		const silent = [givenUpAfter(300, 10_000, []), givenUpAfter(300, 10_000, [200])];
		const [atOnce, later] = await Promise.all(silent);
		expect(atOnce).toBeGreaterThanOrEqual(299);
		expect(later).toBeGreaterThanOrEqual(499);
	});

	it('is not given up as long as some of it arrives in time', async () => {
		const arrivals = Array.from({ length: 10 }, (_, number) => 90 * number);
		expect(await givenUpAfter(700, 1_000, arrivals)).toBeUndefined();
	});

	it('is not given up after its end', async () => {
		expect(await givenUpAfter(300, 700, [], 100)).toBeUndefined();
	});
});

describe('a file whose silence is watched', () => {
	setFlagsFromString('--expose-gc');
	const collectGarbage = runInNewContext('gc') as () => void;

	/** What ends a transfer has hold of the run that it belongs to. */
	function watched(ended: AbortSignal): WeakRef<object> {
		const run = { names: ['PC-1'] };
		const arriving = new ArrivingFile('NONE', 1);
		arriving.endIfSilent(60_000, () => run.names.pop(), ended);
		return new WeakRef(run);
	}

	it('keeps the run in memory until the transfer has ended, and no longer', async () => {
		const transfer = new AbortController();
		const run = watched(transfer.signal);
		await setImmediate();
		collectGarbage();
		expect(run.deref()).toBeDefined();
		transfer.abort();
		await setImmediate();
		collectGarbage();
		expect(run.deref()).toBeUndefined();
	});
});
