import { describe, expect, it } from 'vitest';

import { quoted, shown } from '../../../nodes/Nexthink/input/quoted.ts';

describe('a value in a reason', () => {
	it.each<[value: unknown, text: string]>([
		['PC-1', '"PC-1"'],
		['say "hi"', '"say "hi""'],
		[7, '"7"'],
		[0, '"0"'],
		[-1.5, '"-1.5"'],
		[true, '"true"'],
		[false, '"false"'],
		[undefined, 'nothing'],
		[null, 'nothing'],
		['', 'nothing'],
		[{}, 'an object'],
		[{ a: 1 }, 'an object'],
		[[], 'a list'],
		[['PC-1'], 'a list'],
	])('%j is shown as %s', (value, text) => {
		expect(quoted(value)).toBe(text);
		expect(shown(value)).toBe(text.replace(/^"(.*)"$/s, '$1'));
	});

	it.each([
		['PC-1 ', '"PC-1[U+0020]"'],
		['  PC-1', '"[U+0020][U+0020]PC-1"'],
		['PC-1\u00a0', '"PC-1[U+00A0]"'],
		['PC\t1', '"PC[U+0009]1"'],
		['\ufeffPC-1', '"[U+FEFF]PC-1"'],
		['PC\u200b-1', '"PC[U+200B]-1"'],
		['PC\n1', '"PC[U+000A]1"'],
		[' ', '"[U+0020]"'],
		['PC 1', '"PC 1"'],
		['ПК-1', '"ПК-1"'],
	])('what cannot be seen in %j is written out', (value, text) => {
		expect(quoted(value)).toBe(text);
		expect(shown(value)).toBe(text.replace(/^"(.*)"$/s, '$1'));
	});

	it('is cut behind 100 characters', () => {
		expect(quoted('x'.repeat(100))).toBe(`"${'x'.repeat(100)}"`);
		expect(quoted('x'.repeat(101))).toBe(`"${'x'.repeat(100)}…"`);
	});

	it('is no half of a character where it is cut', () => {
		expect(quoted(`${'x'.repeat(99)}😀`)).toMatch(/^"x{99}[ -~]*…"$/);
	});
});
