import { describe, expect, it } from 'vitest';

import { plainText } from '../../../nodes/Nexthink/api/plainText.ts';

const CASES: Array<[what: string, text: string, expected: string]> = [
	['plain words', 'The device was not found', 'The device was not found'],
	['spaces around', '  hello \t', 'hello'],
	['line breaks', 'one\r\ntwo\nthree\u2028four\u2029five', 'one two three four five'],
	['a forged log line', 'fine\n2026-03-01 | admin logged in', 'fine 2026-03-01 | admin logged in'],
	['terminal escapes', '\u001b[31mred\u001b[0m', '[31mred [0m'],
	['null bytes', 'a\u0000b', 'a b'],
	['the C1 block', 'a\u0085b\u009fc', 'a b c'],
	['bidirectional overrides', 'gpj.\u202eexe\u202c', 'gpj. exe'],
	['bidirectional isolates', '\u2066a\u2069 b', 'a  b'],
	['lone surrogates', 'a\ud800b\udc00c', 'a b c'],
	['names of any script', 'Zürich 東京 القاهرة 💻', 'Zürich 東京 القاهرة 💻'],
	['an emoji of several parts', '👩‍💻', '👩‍💻'],
	['nothing but control characters', '\n\r\t\u0000', ''],
	['nothing', '', ''],
];

describe('text from outside', () => {
	it.each(CASES)('with %s comes out on one line and harmless', (_, text, expected) => {
		expect(plainText(text)).toBe(expected);
	});

	it.each([
		[499, 499],
		[500, 500],
		[501, 500],
		[1_000_000, 500],
	])('of %i characters has %i', (length, expected) => {
		const text = plainText('x'.repeat(length));
		expect(text).toHaveLength(expected);
		expect(text.endsWith('…')).toBe(length > expected);
	});

	it('is cut to the length asked for, with no space before the dots', () => {
		expect(plainText('one two three', 9)).toBe('one two…');
	});

	it('is never cut through the middle of a character', () => {
		for (let before = 0; before < 6; before++) {
			const text = plainText(`${'x'.repeat(before)}${'💻'.repeat(20)}`, 10);
			expect(text).not.toMatch(/\p{Cs}/u);
			expect(text).toMatch(/💻…$/u);
			expect(text.length).toBeLessThanOrEqual(10);
		}
	});

	it('takes no longer than a moment, however long it is', () => {
		const started = performance.now();
		plainText('\n'.repeat(10_000_000));
		plainText('x\n'.repeat(5_000_000));
		expect(performance.now() - started).toBeLessThan(2000);
	});
});
