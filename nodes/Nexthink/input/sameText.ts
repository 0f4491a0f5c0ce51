/**
 * Whether two texts are equal but for case. Both ways of folding must agree: one alone would take "ı" for "i", the Kelvin sign for "K"
 * or "ß" for "SS", which stand for different devices.
 */
export function isSameText(one: string, other: string): boolean {
	return one.toLowerCase() === other.toLowerCase() && one.toUpperCase() === other.toUpperCase();
}

/**
 * The same for texts that may be asked for in one request. Nexthink documents that it compares without case, but not how it does so
 * beyond the letters A to Z: texts that differ in other letters are asked for one by one.
 */
export function questionKey(text: string): string {
	return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** In UTF-16 code units. */
const LONGEST_KEY = 4096;

/**
 * The same for all texts that Nexthink might take for equal, however it compares: they differ in case by either way of folding, in
 * compatible forms of a character, in characters that can't be seen, or in spaces at the ends.
 */
export function looseKey(text: string): string {
	if (/^[!-~]*$/.test(text)) return text.toLowerCase();
	// One folding after the other brings together whatever either of them brings together, such as "ß", "ẞ" and "ss".
	const seen = text.replace(/\p{Default_Ignorable_Code_Point}/gu, '').trim();
	// Far longer than any name: to normalize thousands of marks of one letter takes minutes.
	if (seen.length > LONGEST_KEY) return seen;
	const folded = seen.normalize('NFKC').trim().toLowerCase().toUpperCase().toLowerCase();
	// Whoever folds character by character takes "İ" for "i", for which this folding has two characters.
	return folded.replace(/i\u0307+/g, 'i').normalize('NFKC');
}
