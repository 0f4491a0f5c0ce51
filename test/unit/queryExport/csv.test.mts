import { describe, expect, it } from 'vitest';

import { CsvReader, otherDelimiterOf } from '../../../nodes/Nexthink/queryExport/csv.ts';
import { cpuClock } from '../cpu-time.mts';

/** Reads a file that comes in pieces of so many bytes. */
function read(file: string | Uint8Array, piece: number) {
	const bytes = Buffer.from(file);
	const rows: string[][] = [];
	const lines: number[] = [];
	const reader = new CsvReader((cells, line) => {
		rows.push(cells);
		lines.push(line);
		return undefined;
	});
	for (let at = 0; at < bytes.length; at += piece) reader.read(bytes.subarray(at, at + piece));
	const refusal = reader.end();
	return { rows, lines, refusal, endsWithLineBreak: reader.endsWithLineBreak };
}

const LARGE = 1024 * 1024;

describe.each([1, 2, 3, 7, LARGE])('a file in pieces of %i bytes', (piece) => {
	const rowsOf = (file: string) => {
		const { rows, refusal } = read(file, piece);
		expect(refusal).toBeUndefined();
		return rows;
	};

	it.each<[what: string, file: string, rows: string[][]]>([
		[
			'lines that end with LF',
			'a,b\nc,d\n',
			[
				['a', 'b'],
				['c', 'd'],
			],
		],
		[
			'lines that end with CRLF',
			'a,b\r\nc,d\r\n',
			[
				['a', 'b'],
				['c', 'd'],
			],
		],
		[
			'both ends of lines',
			'a,b\r\nc,d\n"e",f\r\ng,"h"\n',
			[
				['a', 'b'],
				['c', 'd'],
				['e', 'f'],
				['g', 'h'],
			],
		],
		[
			'no line break at its end',
			'a,b\nc,d',
			[
				['a', 'b'],
				['c', 'd'],
			],
		],
		[
			'a quoted cell at its end',
			'a,b\nc,"d"',
			[
				['a', 'b'],
				['c', 'd'],
			],
		],
		[
			'empty cells',
			',\n"",\n,""\n',
			[
				['', ''],
				['', ''],
				['', ''],
			],
		],
		[
			'an empty cell at its end',
			'a,b\nc,',
			[
				['a', 'b'],
				['c', ''],
			],
		],
		['commas in quotes', '"a,b",c\n', [['a,b', 'c']]],
		['doubled quotes', '"a""b","""","""c"""\n', [['a"b', '"', '"c"']]],
		[
			'line breaks in quotes',
			'"a\nb\r\nc",d\r\n"\n",e\n',
			[
				['a\nb\r\nc', 'd'],
				['\n', 'e'],
			],
		],
		['a carriage return in quotes', '"a\rb",c\n', [['a\rb', 'c']]],
		['delimiters of others', 'a;b,c\td\n', [['a;b', 'c\td']]],
		['spaces, which are kept', ' a , b \n', [[' a ', ' b ']]],
		[
			'characters of two, three and four bytes',
			'ä,€\n😀,"ß\n漢"\n',
			[
				['ä', '€'],
				['😀', 'ß\n漢'],
			],
		],
		['a replacement character of its own', 'a,\uFFFD\n', [['a', '\uFFFD']]],
		['a byte order mark', '\uFEFFa,b\n', [['a', 'b']]],
		['a byte order mark and quotes', '\uFEFF"a",b\n', [['a', 'b']]],
		['a byte order mark in a cell', '\uFEFF\uFEFFa\n\uFEFFb\n', [['\uFEFFa'], ['\uFEFFb']]],
		[
			'a byte order mark in a later line of its first row',
			'"a\n\uFEFFb",c\n',
			[['a\n\uFEFFb', 'c']],
		],
		['one column', 'a\nb\n', [['a'], ['b']]],
		['one column and empty cells', 'a\n\n""\r\n\r\nb\n', [['a'], [''], [''], [''], ['b']]],
		['nothing', '', []],
		['nothing but a byte order mark', '\uFEFF', []],
	])('may have %s', (_, file, rows) => {
		expect(rowsOf(file)).toEqual(rows);
	});

	it.each<[what: string, file: string | Uint8Array, refusal: string, rows?: number]>([
		[
			'a row of more fields',
			'a,b\nc,d\ne,f,g\n',
			'Line 3 has 3 fields, and the first line has 2.',
			2,
		],
		['a row of fewer fields', 'a,b,c\nd\n', 'Line 2 has 1 field, and the first line has 3.', 1],
		[
			'a row of fewer quoted fields',
			'a,b\n"c"\n',
			'Line 2 has 1 field, and the first line has 2.',
			1,
		],
		['a cut last row', 'a,b\nc', 'Line 2 has 1 field, and the first line has 2.', 1],
		['an empty line', 'a,b\n\nc,d\n', 'Line 2 is empty.', 1],
		['an empty line that ends with CRLF', 'a,b\r\n\r\nc,d\r\n', 'Line 2 is empty.', 1],
		['an empty line at its end', 'a,b\nc,d\n\n', 'Line 3 is empty.', 2],
		['an unclosed quote', 'a,b\n"c,d\ne,f\n', "Line 2 has a quote that isn't closed.", 1],
		['an unclosed quote in its last line', 'a,b\nc,"d', "Line 2 has a quote that isn't closed.", 1],
		[
			'an unclosed quote in a later line of a row',
			'a,b\n"\n","\n\n',
			"Line 3 has a quote that isn't closed.",
			1,
		],
		['a doubled quote where one closes', 'a\n"b""\n', "Line 2 has a quote that isn't closed.", 1],
		[
			'a quote in a field without quotes',
			'a,b\nc,d"e"\n',
			'Line 2 has a quote in a field without quotes.',
			1,
		],
		['a space before a quote', 'a,b\n "c",d\n', 'Line 2 has a quote in a field without quotes.', 1],
		['text after a closing quote', 'a,b\n"c"d,e\n', 'Line 2 has "d" after a closing quote.', 1],
		['a space after a closing quote', 'a,b\n"c" ,e\n', 'Line 2 has " " after a closing quote.', 1],
		[
			'text at its end after a closing quote',
			'a\n"b"😀',
			'Line 2 has "😀" after a closing quote.',
			1,
		],
		[
			'text after a cell of several lines',
			'a\n"\n\n";\n',
			'Line 4 has ";" after a closing quote.',
			1,
		],
		[
			'a carriage return alone',
			'a,b\nc\rd,e\n',
			'Line 2 has a carriage return without a line feed.',
			1,
		],
		[
			'a carriage return before a comma',
			'a,b\nc\r,d\n',
			'Line 2 has a carriage return without a line feed.',
			1,
		],
		[
			'two carriage returns and a line feed',
			'a,b\nc,d\r\r\n',
			'Line 2 has a carriage return without a line feed.',
			1,
		],
		[
			'a carriage return at its end',
			'a,b\r',
			'Line 1 has a carriage return without a line feed.',
			0,
		],
		[
			'lines that end with carriage returns',
			'a,b\rc,d\r',
			'Line 1 has a carriage return without a line feed.',
			0,
		],
		[
			'a carriage return after a closing quote',
			'a\n"b"\rc\n',
			'Line 2 has "\\r" after a closing quote.',
			1,
		],
		[
			'a carriage return after a closing quote at its end',
			'a\n"b"\r',
			'Line 2 has "\\r" after a closing quote.',
			1,
		],
		['a NUL character', 'a,b\nc,d\ne\0,f\n', 'Line 3 has a NUL character.', 2],
		['a NUL character in quotes', 'a,b\n"c\n\0",d\n', 'Line 3 has a NUL character.', 1],
		[
			'bytes that are not UTF-8',
			Buffer.from('a,b\nM\xfcller,c\nd,e\n', 'latin1'),
			"Line 2 has bytes that aren't UTF-8.",
			1,
		],
		[
			'bytes that are not UTF-8 in quotes',
			Buffer.from('a\nb\n"\n\xfc"\n', 'latin1'),
			"Line 4 has bytes that aren't UTF-8.",
			2,
		],
		[
			'a character that is cut',
			Buffer.from('a\n€').subarray(0, -1),
			"Line 2 has bytes that aren't UTF-8.",
			1,
		],
		[
			'half of a surrogate pair',
			Buffer.from([0x61, 0x0a, 0xed, 0xa0, 0x80, 0x0a]),
			"Line 2 has bytes that aren't UTF-8.",
			1,
		],
	])('may not have %s', (_, file, refusal, count) => {
		const result = read(file, piece);
		expect(result.refusal).toBe(refusal);
		expect(result.rows).toHaveLength(count!);
	});

	it.each<[what: string, file: Buffer]>([
		['with its byte order mark, little-endian', Buffer.from('\uFEFFname,uid\nä,b\n', 'utf16le')],
		[
			'with its byte order mark, big-endian',
			Buffer.from('\uFEFFname,uid\nä,b\n', 'utf16le').swap16(),
		],
		['without one, little-endian', Buffer.from('name,uid\nä,b\n', 'utf16le')],
		['without one, big-endian', Buffer.from('name,uid\nä,b\n', 'utf16le').swap16()],
		['without a Latin character, little-endian', Buffer.from('\uFEFF漢字', 'utf16le')],
		['without a Latin character, big-endian', Buffer.from('\uFEFF漢字', 'utf16le').swap16()],
	])('may not be UTF-16 %s', (_, file) => {
		expect(read(file, piece)).toMatchObject({
			refusal: 'The file is encoded in UTF-16, and only UTF-8 can be read.',
			rows: [],
		});
	});

	it.each<[file: string, lines: number[]]>([
		['a,b\nc,d\ne,f\n', [1, 2, 3]],
		['a,b\r\n"c\r\nd","\n"\r\ne,f\r\n"\n",g\nh,i', [1, 2, 5, 6, 8]],
	])('tells the line that each row begins in (%#)', (file, lines) => {
		expect(read(file, piece).lines).toEqual(lines);
	});

	it.each<[file: string, ends: boolean]>([
		['a,b\n', true],
		['a,b\r\n', true],
		['a,b\n"c\n",d\n', true],
		['a,b\n"c\n",d', false],
		['a,b', false],
		['', false],
	])('tells whether its last row ended with a line break (%#)', (file, ends) => {
		expect(read(file, piece)).toMatchObject({ endsWithLineBreak: ends, refusal: undefined });
	});
});

describe('a row', () => {
	const longest = 'ä'.repeat(1_000_000 - 1);

	it.each([LARGE, 8 * LARGE])('may have 1,000,000 characters, in pieces of %i bytes', (piece) => {
		expect(read(`${longest}\n`, piece)).toMatchObject({ rows: [[longest]], refusal: undefined });
	});

	it.each([LARGE, 8 * LARGE])('may not have more, in pieces of %i bytes', (piece) => {
		expect(read(`a\n${longest}b\nc\n`, piece)).toMatchObject({
			rows: [['a']],
			refusal: 'Line 2 has a row that is longer than 1,000,000 characters.',
		});
	});

	it.each([
		['with an open quote', 'a\n"b\n', 'c\n'],
		['without a line break', 'a\n', 'c'],
	])('%s is refused before all of the file is held', (_, begin, piece) => {
		const reader = new CsvReader(() => undefined);
		let [length, refusal] = [0, reader.read(Buffer.from(begin))];
		for (; refusal === undefined && length < 100 * LARGE; length += LARGE) {
			refusal = reader.read(Buffer.alloc(LARGE, piece));
		}
		expect(refusal).toBe('Line 2 has a row that is longer than 1,000,000 characters.');
		expect(length).toBeLessThanOrEqual(3 * LARGE);
	});
});

describe('a file in many small pieces', () => {
	/** Milliseconds of the processor for reading these pieces, and what came of them. */
	function timed(begin: string, pieces: string[], end: string) {
		const rows: string[][] = [];
		const reader = new CsvReader((cells) => {
			rows.push(cells);
			return undefined;
		});
		const worked = cpuClock();
		reader.read(Buffer.from(begin));
		for (const piece of pieces) reader.read(Buffer.from(piece));
		reader.read(Buffer.from(end));
		const refusal = reader.end();
		return { refusal, rows, milliseconds: worked() };
	}

	it('may have a cell of many lines, which is read once', () => {
		const readLines = (count: number) => {
			const lines = Array<string>(count).fill('xxxxxxxxx\n');
			const { refusal, rows, milliseconds } = timed('a,b\n"', lines, '",c\nd,e\n');
			expect(refusal).toBeUndefined();
			expect(rows).toEqual([
				['a', 'b'],
				[lines.join(''), 'c'],
				['d', 'e'],
			]);
			return milliseconds;
		};
		const fastest = (count: number) => Math.min(...[1, 2, 3].map(() => readLines(count)));
		// Three times as many lines take three times as long. Read anew with each piece, they would take nine times as long.
		expect(fastest(90_000)).toBeLessThan(6 * fastest(30_000));
	});

	it('may not have a row of too many lines, and says where it begins', () => {
		const lines = Array<string>(110_000).fill('xxxxxxxxx\n');
		expect(timed('a\nb\n"', lines, '"\n').refusal).toBe(
			'Line 3 has a row that is longer than 1,000,000 characters.',
		);
	});

	it('tells the line of what is wrong in a cell of many lines', () => {
		const lines = Array<string>(1000).fill('x\n');
		expect(timed('a\n"', lines, '"x\n').refusal).toBe('Line 1002 has "x" after a closing quote.');
		expect(timed('a\n"', [...lines, '\0\n'], '"\n').refusal).toBe('Line 1002 has a NUL character.');
		expect(timed('a\n"', lines, '').refusal).toBe("Line 2 has a quote that isn't closed.");
	});

	it('keeps of a line that has not ended little more than its bytes', () => {
		const reader = new CsvReader(() => undefined);
		const held = () => process.memoryUsage().heapUsed + process.memoryUsage().external;
		const before = held();
		const piece = new Uint8Array([97]);
		for (let read = 0; read < 2_900_000; read++) reader.read(piece);
		expect(held() - before).toBeLessThan(100 * LARGE);
		expect(reader.end()).toBe('Line 1 has a row that is longer than 1,000,000 characters.');
	});
});

describe('a file that was refused', () => {
	it('stays so, and no more rows are taken', () => {
		const rows: string[][] = [];
		const reader = new CsvReader((cells) => {
			rows.push(cells);
			return undefined;
		});
		const refusal = reader.read(Buffer.from('a,b\nc\nd,e\n'));
		expect(refusal).toBe('Line 2 has 1 field, and the first line has 2.');
		expect(reader.read(Buffer.from('f,g\n'))).toBe(refusal);
		expect(reader.end()).toBe(refusal);
		expect(rows).toEqual([['a', 'b']]);
	});

	it('because of a row stays so as well', () => {
		const rows: string[][] = [];
		const reader = new CsvReader((cells, line) => {
			rows.push(cells);
			return line === 2 ? 'The device of line 2 is unfit.' : undefined;
		});
		expect(reader.read(Buffer.from('a\nb\nc\n'))).toBe('The device of line 2 is unfit.');
		expect(reader.read(Buffer.from('d\n'))).toBe('The device of line 2 is unfit.');
		expect(reader.end()).toBe('The device of line 2 is unfit.');
		expect(rows).toEqual([['a'], ['b']]);
	});
});

describe('a file without any line break', () => {
	it('is refused for its length, whatever follows', () => {
		const refusal = 'Line 1 has a row that is longer than 1,000,000 characters.';
		const reader = new CsvReader(() => undefined);
		expect(reader.read(Buffer.from('a\0'.repeat(3 * LARGE)))).toBe(refusal);
		expect(reader.read(Buffer.from('\n'))).toBe(refusal);
		expect(reader.end()).toBe(refusal);
	});
});

describe('a chunk', () => {
	it('may be overwritten once it was read', () => {
		const rows: string[][] = [];
		const reader = new CsvReader((cells) => {
			rows.push(cells);
			return undefined;
		});
		const chunk = Buffer.alloc(5);
		for (const part of ['abc,d', 'ef\ngh', 'i,jkl']) {
			chunk.write(part);
			reader.read(chunk);
		}
		reader.end();
		expect(rows).toEqual([
			['abc', 'def'],
			['ghi', 'jkl'],
		]);
	});
});

describe('another delimiter', () => {
	const needed = ['device.name', 'device.uid'];

	it.each<[titles: string, delimiter: string | undefined]>([
		['device.uid;device.name', 'semicolons'],
		['device.uid\tdevice.name\tx', 'tabs'],
		['device.uid|device.name', 'vertical bars'],
		['device.uid;device.name;a,b', 'semicolons'],
		['device.uid,device.name', undefined],
		['device.uid,device.name;a', undefined],
		['a;device.uid;device.name;a,device.uid,device.name', undefined],
		['device.uid;name', undefined],
		['device.uid', undefined],
	])('is told by the titles: %j', (titles, delimiter) => {
		expect(otherDelimiterOf(titles.split(','), needed)).toBe(delimiter);
	});

	it('is told where a title has a comma in it', () => {
		const cells = 'serial, if any;device.uid'.split(',');
		expect(otherDelimiterOf(cells, ['serial, if any'])).toBe('semicolons');
	});
});
