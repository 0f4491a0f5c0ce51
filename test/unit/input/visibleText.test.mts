import { describe, expect, it } from 'vitest';

import { plainText } from '../../../nodes/Nexthink/api/plainText.ts';
import { visibleText } from '../../../nodes/Nexthink/input/visibleText.ts';

const CASES: Array<[what: string, text: string, expected: string]> = [
	['a byte order mark', '\ufeffdevice.uid', '[U+FEFF]device.uid'],
	['a no-break space', 'device.name\u00a0', 'device.name[U+00A0]'],
	['ordinary spaces at the ends', ' device name  ', '[U+0020]device name[U+0020][U+0020]'],
	['nothing but a space', ' ', '[U+0020]'],
	['other spaces', 'a\u2003b\u3000c\u202fd', 'a[U+2003]b[U+3000]c[U+202F]d'],
	['a tab and a line end', 'a\tb\r\n', 'a[U+0009]b[U+000D][U+000A]'],
	['line and paragraph separators', 'a\u2028b\u2029', 'a[U+2028]b[U+2029]'],
	['a null', '\u0000a', '[U+0000]a'],
	['zero-width characters', 'u\u200bi\u200cd\u2060', 'u[U+200B]i[U+200C]d[U+2060]'],
	['a soft hyphen', 'de\u00advice', 'de[U+00AD]vice'],
	['changes of direction', '\u202eabc\u202c\u2066d\u200f', '[U+202E]abc[U+202C][U+2066]d[U+200F]'],
	['fillers', '\u3164a\u115f\uffa0\u2800', '[U+3164]a[U+115F][U+FFA0][U+2800]'],
	['a variation selector', 'a\ufe0f', 'a[U+FE0F]'],
	['a tag', 'a\u{e0041}', 'a[U+E0041]'],
	['half a character', 'a\ud83d', 'a[U+D83D]'],
	[
		'letters of any script',
		'Z\u00fcrich \u6771\u4eac \u0627\u0644\u0642\u0627 e\u0301 \ud83d\udcbb',
		'Z\u00fcrich \u6771\u4eac \u0627\u0644\u0642\u0627 e\u0301 \ud83d\udcbb',
	],
	['an ordinary name', 'device.collector.uid', 'device.collector.uid'],
	['nothing', '', ''],
];

describe('the name of a field in a message', () => {
	it.each(CASES)('shows %s', (_, text, expected) => {
		expect(visibleText(text)).toBe(expected);
		expect(plainText(visibleText(text))).toBe(expected);
	});

	it('differs for names that differ', () => {
		const names = ['uid', '\ufeffuid', 'uid\u00a0', 'uid ', 'u\u200bid'];
		expect(new Set(names.map(visibleText)).size).toBe(names.length);
	});
});
