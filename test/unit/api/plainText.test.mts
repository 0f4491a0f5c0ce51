import { describe, expect, it } from 'vitest';

import { plainText } from '../../../nodes/Nexthink/api/plainText.ts';
import { cpuMillisecondsOf } from '../cpu-time.mts';

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
	['bidirectional marks', 'a\u200fb\u061cc', 'a b c'],
	['a bearer', 'Bearer c29tZS1vcGFxdWUtdG9rZW4 is dead', '[removed] is dead'],
	['a client and its secret', 'got Basic Y2xpZW50OnNlY3JldC1wYXJ0', 'got [removed]'],
	['a JSON Web Token', 'token=eyJhbGciOiJSUzI1NiJ9.e30.c2ln!', 'token=[removed]!'],
	['an opaque token', '"kG3v_Zq0-tYb7nLx2PwEr9sUaHdCf4MjQi6oWg1e" expired', '"[removed]" expired'],
	['words on schemes', 'Basic authentication is off', 'Basic authentication is off'],
	[
		'UIDs',
		'0f8fad5b-d9cb-469f-a165-70867728950e, 0F8FAD5B-D9CB-469F-A165-70867728950E',
		'0f8fad5b-d9cb-469f-a165-70867728950e, 0F8FAD5B-D9CB-469F-A165-70867728950E',
	],
	[
		'long names in code',
		'SERVICE_UNAVAILABLE_BECAUSE_OF_MAINTENANCE_2026 /api/v1/data-management/device/deletions',
		'SERVICE_UNAVAILABLE_BECAUSE_OF_MAINTENANCE_2026 /api/v1/data-management/device/deletions',
	],
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

	it('takes no longer than a moment, however long it is', async () => {
		const took = await cpuMillisecondsOf(() => {
			plainText('\n'.repeat(10_000_000));
			plainText('x\n'.repeat(5_000_000));
		});
		expect(took).toBeLessThan(2000);
	});
});
