import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isSameText, questionKey } from '../../../nodes/Nexthink/input/sameText.ts';

describe('two names', () => {
	it.each([
		['PC-1', 'pc-1'],
		['Zürich', 'ZÜRICH'],
		['ДОМ', 'дом'],
		['', ''],
	])('%j and %j are equal but for case', (one, other) => {
		expect(isSameText(one, other)).toBe(true);
	});

	it.each([
		['PC-1', 'PC-11'],
		['PC-1', 'PC-1 '],
		['PC-I', 'PC-ı'],
		['PC-i', 'PC-İ'],
		['PC-K', 'PC-\u212a'],
		['STRASSE', 'straße'],
		['ﬁx', 'fix'],
		['é', 'e\u0301'],
		['PC‑1', 'PC-1'],
	])('%j and %j are not', (one, other) => {
		expect(isSameText(one, other)).toBe(false);
		expect(isSameText(other, one)).toBe(false);
	});

	it('that are asked for in one request are equal but for case', () => {
		const name = fc.string({ unit: fc.constantFrom(...'aAbBkKıİiIſsSß\u212a-1é') });
		fc.assert(
			fc.property(name, name, (one, other) => {
				if (questionKey(one) === questionKey(other)) expect(isSameText(one, other)).toBe(true);
			}),
			{ numRuns: 2_000 },
		);
	});

	it('that differ in other letters than A to Z are asked for one by one', () => {
		expect(questionKey('PC-ä')).toBe(questionKey('pc-ä'));
		expect(questionKey('PC-Ä')).not.toBe(questionKey('PC-ä'));
	});
});
