import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isSameText, looseKey, questionKey } from '../../../nodes/Nexthink/input/sameText.ts';
import { cpuMillisecondsOf } from '../cpu-time.mts';

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

/** Those that change their length, their kind or their form, and some that do not. */
const ODD_LETTERS = [
	...'\u200b\u00ad\u2060\u034f',
	...'aAkKsSiIİıßẞſ\u212aåÅ\u212bµμΜσςΣﬁﬀＡａ１1①²éÉŉǰǆǅΐ \u00a0\u3000\u2009\ufeff-.',
];

const oddText = fc.string({
	unit: fc.constantFrom(...ODD_LETTERS, 'e\u0301', 'i\u0307', '\u0307'),
	maxLength: 8,
});

/** What may be done to a text before it is compared. */
const COMPARISONS: Array<(text: string) => string> = [
	(text) => text.toLowerCase(),
	(text) => text.toUpperCase(),
	(text) => text.normalize('NFKC'),
	(text) => text.normalize('NFC'),
	(text) => text.normalize('NFKD'),
	(text) => text.trim(),
	(text) => text.replace(/\p{Default_Ignorable_Code_Point}/gu, ''),
	(text) => ` ${text}\u3000`,
];

describe('the loose key', () => {
	it.each([
		['PC-1', 'pc-1', 'PC-1 ', '\tpc-1', 'ＰＣ-１', 'PC-1\u00a0', 'PC－1'],
		['PC-1', `pc-1${' '.repeat(5000)}`, `${'\u3000\u200b'.repeat(5000)}pc-1`],
		['straße', 'STRASSE', 'STRAẞE', 'strasse', 'Straſſe'],
		['ı', 'i', 'I', 'İ', 'i\u0307', 'I\u0307', 'ｉ'],
		['K', '\u212a', 'k'],
		['ΟΔΟΣ', 'οδος', 'οδοσ'],
		['ﬁx', 'FIX', 'fix'],
		['é', 'É', 'e\u0301', 'E\u0301'],
		['PC-1', 'PC-1\u200b', 'PC\u00ad-1', '\u2060pc-1', 'PC\u034f-1', 'PC-1 \u200b', '\ufeffPC-1'],
	])('is the same for %j and whatever might be taken for it', (text, ...others) => {
		for (const other of others) expect([other, looseKey(other)]).toEqual([other, looseKey(text)]);
	});

	it('is the same for texts that either folding, another form or spaces at the ends bring together', () => {
		const steps = fc.array(fc.constantFrom(...COMPARISONS), { minLength: 1, maxLength: 4 });
		fc.assert(
			fc.property(oddText, steps, (text, compare) => {
				const other = compare.reduce((each, step) => step(each), text);
				expect(looseKey(other)).toBe(looseKey(text));
			}),
			{ numRuns: 5_000 },
		);
	});

	it('is the same for any two texts that are equal in any of these ways', () => {
		fc.assert(
			fc.property(oddText, oddText, (one, other) => {
				const isAlike = COMPARISONS.some((compare) => compare(one) === compare(other));
				if (isAlike || isSameText(one, other) || questionKey(one) === questionKey(other)) {
					expect(looseKey(one)).toBe(looseKey(other));
				}
			}),
			{ numRuns: 5_000 },
		);
	});

	it('is the same for every character of the planes in use, whichever way it is compared', () => {
		const differing: string[] = [];
		for (let code = 0x80; code < 0x20000; code++) {
			// Half of a pair is no character.
			if (code >= 0xd800 && code < 0xe000) continue;
			const text = `PC${String.fromCodePoint(code)}1`;
			const key = looseKey(text);
			if (COMPARISONS.some((compare) => looseKey(compare(text)) !== key)) differing.push(text);
		}
		expect(differing).toEqual([]);
	});

	it.each([
		['a long name', `a${'\u0301\u0323'.repeat(60_000)}`],
		['a long name that cannot be seen', '\u200b'.repeat(1_000_000)],
		['a long name of spaces', '\u3000'.repeat(1_000_000)],
		[
			'a name with much that cannot be seen',
			`${'a\u200b'.repeat(500)}${'\u00ad'.repeat(1_000_000)}`,
		],
	])('of %s is made in no time', async (_, text) => {
		const took = await cpuMillisecondsOf(() => {
			looseKey(text);
		});
		expect(took).toBeLessThan(2000);
	});

	it('of a name as long as may be looked up is one with whatever might be taken for it', () => {
		const name = 'ﬁᾂé'.repeat(341);
		for (const compare of COMPARISONS) expect(looseKey(compare(name))).toBe(looseKey(name));
	});

	it.each([
		['PC-1', 'PC-2'],
		['PC1', 'PC 1'],
		['PC-1', 'PC_1'],
		['e', 'é'],
		['0', 'O'],
		['', '-'],
	])('is another one for %j and %j', (one, other) => {
		expect(looseKey(one)).not.toBe(looseKey(other));
	});
});
