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

	it('may be as long as is allowed, and not longer', () => {
		const megabyte = 1024 * 1024;
		expect(whyRefused('x'.repeat(megabyte), 'NONE')).toBeUndefined();
		expect(whyRefused('x'.repeat(megabyte + 1), 'NONE')).toMatchObject({ code: 'FILE_NOT_STORED' });
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
