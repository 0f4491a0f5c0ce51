import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { jsonFault, jsonOf } from '../../../nodes/Nexthink/input/jsonFault.ts';

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

describe('a value that may be JSON', () => {
	it.each<[value: unknown, expected: unknown]>([
		['[{"uid": "a"}]', [{ uid: 'a' }]],
		['\uFEFF[1]', [1]],
		['"\uFEFF"', '\uFEFF'],
		['7', 7],
		[' null ', null],
		[7, 7],
		[null, null],
		[undefined, undefined],
	])('is read where it is a text, and else stays what it is: %j', (value, expected) => {
		expect(jsonOf(value)).toEqual({ value: expected });
		const list = [value];
		expect(jsonOf(list)).toStrictEqual({ value: list });
	});

	it.each([
		['', 1, 1],
		['[1,]', 1, 4],
		['\uFEFF[1,]', 1, 4],
		['[1]\uFEFF', 1, 4],
		['\uFEFF\uFEFF[1]', 1, 1],
	])('has a fault where it is a text that is no JSON: %j', (text, line, column) => {
		expect(jsonOf(text)).toEqual({ fault: { line, column } });
	});
});

describe('the place of a fault in JSON', () => {
	it.each([
		['[{"uid": "a"},]', 1, 15],
		['[\n  {"uid": "a"}\n  {"uid": "b"}\n]', 3, 3],
		['{"uid" "a"}', 1, 8],
		['[1, 2', 1, 6],
		['', 1, 1],
		['[1}', 1, 3],
		['{"a": 1,}', 1, 9],
		['[01]', 1, 3],
		["['a']", 1, 2],
		['["\\u00e"]', 1, 2],
		['["\\u00eg"]', 1, 2],
		['["\\x41"]', 1, 2],
		['[1] x', 1, 5],
		['[1] \t x', 1, 7],
		['[1]x y', 1, 4],
		['["a\u0001"]', 1, 2],
		['[1]\u00a0', 1, 4],
	])('of %j is line %i, column %i', (text, line, column) => {
		expect(jsonFault(text)).toEqual({ line, column });
	});

	it('is none for characters that are written out', () => {
		expect(jsonFault(String.raw`["\u00e9\uD83D\ude00\n\"\\\/"]`)).toBeUndefined();
	});

	it('is found behind a text of any length', () => {
		const length = 16_000_000;
		expect(jsonFault(`["${'a'.repeat(length)}",]`)).toEqual({ line: 1, column: length + 5 });
		const escaped = 'a\\n'.repeat(5_000_000);
		expect(jsonFault(`["${escaped}",]`)).toEqual({ line: 1, column: escaped.length + 5 });
	});

	it('is found if and only if the text is not JSON', () => {
		const almost = fc
			.tuple(
				fc.json(),
				fc.nat(),
				fc.constantFrom('', ',', '"', '}', ']', '0', ' ', '\\', 'e', '\t'),
			)
			.map(([json, at, extra]) => {
				const place = at % (json.length + 1);
				return json.slice(0, place) + extra + json.slice(extra === '' ? place + 1 : place);
			});
		fc.assert(
			fc.property(fc.oneof(fc.json(), almost, fc.string()), (text) => {
				expect(jsonFault(text) === undefined).toBe(isJson(text));
			}),
			{ numRuns: 5_000 },
		);
	});

	it('lies behind everything that could still become JSON', () => {
		fc.assert(
			fc.property(fc.json(), fc.nat(), (json, at) => {
				const part = json.slice(0, at % json.length);
				const fault = jsonFault(part);
				if (fault !== undefined) expect(part.length).toBeGreaterThanOrEqual(fault.column - 1);
			}),
		);
	});
});
