import { jsonOf } from '../input/jsonFault';
import { ownValue } from '../input/ownValue';
import type { Reading } from './settings/read';

/**
 * The list that a parameter has, as a list or as its JSON.
 *
 * @param what it is, as the beginning of a sentence
 * @param mustBe a sentence for what is no list
 * @param keys where an object may have the list
 * @returns the list, or a sentence that says why there is none
 */
export function listIn(
	{ value, unreadable }: Reading,
	what: string,
	mustBe: string,
	...keys: string[]
): unknown[] | string {
	if (unreadable !== undefined) return `${what} can't be read: ${unreadable}`;
	const parsed = jsonOf(value);
	if ('fault' in parsed) {
		const { line, column } = parsed.fault;
		return `${what} isn't valid JSON: see line ${line}, column ${column}.`;
	}
	const lists = [parsed.value, ...keys.map((key) => ownValue(parsed.value, key))];
	return lists.find((list): list is unknown[] => Array.isArray(list)) ?? mustBe;
}
