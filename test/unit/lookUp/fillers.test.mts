import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isFiller } from '../../../nodes/Nexthink/lookUp/fillers.ts';

/** The whole list, but for the repetitions of one character. */
const FILLERS = [
	...['To Be Filled By O.E.M.', 'Default string', 'System Serial Number', 'Chassis Serial Number'],
	...['Serial Number', 'Not Specified', 'Not Applicable', 'Not Available', 'None', 'Null', 'N/A'],
	...['NA', 'Unknown', 'Invalid', 'OEM', 'Empty', 'Undefined', '-', '0123456789', '123456789'],
	'1234567890',
];

describe('a placeholder in place of a serial number', () => {
	it.each(FILLERS)('is %s, in any case and with spaces around it', (filler) => {
		expect(isFiller(filler)).toBe(true);
		expect(isFiller(filler.toUpperCase())).toBe(true);
		expect(isFiller(` \t${filler.toLowerCase()} \u00a0`)).toBe(true);
	});

	it('is any repetition of one character', () => {
		const character = fc.string({ unit: 'grapheme-composite', minLength: 1, maxLength: 1 });
		fc.assert(
			fc.property(character, fc.integer({ min: 1, max: 40 }), (one, times) => {
				fc.pre(one.trim() !== '' && [...one.trim().toLowerCase()].length === 1);
				expect(isFiller(one.repeat(times))).toBe(true);
			}),
		);
	});

	it.each([
		...[
			'Default  string',
			'To be filled by O.E.M',
			'To Be Filled By OEM',
			'0000-0000',
			'xxxx-xxxx',
		],
		...[
			'None.',
			'(none)',
			'n.a.',
			'#N/A',
			'Chassis Serial Number.',
			'Empty\u200b',
			'ｎｏｎｅ',
			'?!',
			'',
		],
	])('is %j, whatever stands around its letters and digits', (text) => {
		expect(isFiller(text)).toBe(true);
	});

	it.each(['0', '00000000', 'xxxx', 'XxXx', '........', '😀😀', '-----', ' 7 '])(
		'is %j',
		(text) => {
			expect(isFiller(text)).toBe(true);
		},
	);

	it.each([
		...['S1', '5CG1234XYZ', '00000001', 'PF0N0NE', '12345678', '123456789X'],
		...['Default string 1', 'To Be Filled', 'Serial', 'NA1', '1212', '12-12', '-12'],
		...['none of these', 'PC-None', '0f8fad5b-d9cb-469f-a165-70867728950e'],
	])('is not %j', (text) => {
		expect(isFiller(text)).toBe(false);
	});
});
