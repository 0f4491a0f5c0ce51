/** Controls, formats such as a byte order mark, fillers, every space but the ordinary one, and ordinary ones at the ends. */
const INVISIBLE =
	/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}|^ +| +$/gu;

/**
 * Writes out what can't be seen, such as `[U+FEFF]device.uid`, so that two names that look alike can be told apart. For the names of
 * fields in a message, before any function that removes or trims such characters.
 */
export function visibleText(text: string): string {
	return text.replace(INVISIBLE, (characters) => [...characters].map(codeOf).join(''));
}

function codeOf(character: string): string {
	const digits = character.codePointAt(0)!.toString(16).toUpperCase();
	return `[U+${digits.padStart(4, '0')}]`;
}
