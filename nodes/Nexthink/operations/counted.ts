import { countBy, invert, mapValues } from 'lodash';

/** A count with its noun: "1 query", "2 queries". */
export function counted(count: number, one: string, many = `${one}s`): string {
	return `${count} ${count === 1 ? one : many}`;
}

/** How many there are of each word, none of it included, under the names that the output has for them. */
export function countedAs<Word extends string, Name extends string>(
	words: readonly Word[],
	names: Record<Word, Name>,
): Record<Name, number> {
	const counts = countBy(words);
	return mapValues(invert(names), (word) => counts[word] ?? 0) as Record<Name, number>;
}
