import { describe, expect, it } from 'vitest';

import { planLookUps } from '../../../nodes/Nexthink/lookUp/questions.ts';

const planOf = (...values: unknown[]) =>
	planLookUps(values.map((value, itemIndex) => ({ itemIndex, value })));

describe('the plan of look-ups', () => {
	it('asks each distinct name once, in the order of their first entries', () => {
		const { entries, questions } = planOf('B', 'A', 'b', 'B', ' B');
		expect(questions).toEqual(['B', 'A', ' B']);
		expect(entries.map(({ question }) => question)).toEqual([0, 1, 0, 0, 2]);
		expect(entries.map(({ lookup }) => lookup)).toEqual(['B', 'A', 'b', 'B', ' B']);
	});

	it.each<[value: unknown, refused: string]>([
		['PC-*', 'The name contains * or ?'],
		['?', 'The name contains * or ?'],
		['', 'The name is empty.'],
		[' \n', 'The name is empty.'],
		[undefined, 'The item has no name.'],
		[null, 'The name is empty.'],
		[7, 'The name is not text but a number.'],
		[{}, 'The name is not text but an object.'],
		[[], 'The name is not text but a list.'],
		['x'.repeat(1025), 'The name has 1025 characters; 1024 are the most.'],
	])('asks nothing for %j', (value, refused) => {
		const { entries, questions } = planOf(value);
		expect(questions).toEqual([]);
		expect(entries[0]!.refused).toContain(refused);
		expect(entries[0]!.question).toBeUndefined();
		expect(entries[0]!.lookup).toBe(typeof value === 'string' ? value : null);
	});

	it('asks nothing for an entry that cannot be read', () => {
		const { entries, questions } = planLookUps([{ itemIndex: 3, unreadable: 'No list.' }]);
		expect(questions).toEqual([]);
		expect(entries).toEqual([{ itemIndex: 3, lookup: null, checks: [], refused: 'No list.' }]);
	});

	it('keeps what each entry is checked against', () => {
		const { entries } = planLookUps([
			{ itemIndex: 0, value: 'A', checks: ['S1', 'M1'] },
			{ itemIndex: 1, value: 'A', checks: ['S2', ''] },
		]);
		expect(entries.map(({ checks, question }) => [checks, question])).toEqual([
			[['S1', 'M1'], 0],
			[['S2', ''], 0],
		]);
	});
});
