import { describe, expect, it } from 'vitest';

import { ownValue } from '../../../nodes/Nexthink/input/ownValue.ts';

describe('the value of a field', () => {
	it.each<[key: string, value: unknown, expected: unknown]>([
		['uid', { uid: 'u-1' }, 'u-1'],
		['uid', { uid: null }, null],
		['0', ['u-1'], 'u-1'],
	])('%j is what %j has there', (key, value, expected) => {
		expect(ownValue(value, key)).toBe(expected);
	});

	it.each<[key: string, value: unknown]>([
		['uid', {}],
		['uid', Object.create({ uid: 'u-1' })],
		['constructor', {}],
		['__proto__', {}],
		['length', 'PC-1'],
		['0', 'PC-1'],
		['toFixed', 7],
		['uid', null],
		['uid', undefined],
	])('%j is nothing in %j', (key, value) => {
		expect(ownValue(value, key)).toBeUndefined();
	});
});
