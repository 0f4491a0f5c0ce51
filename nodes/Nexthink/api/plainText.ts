/** Long enough for any message that helps, short enough that a hostile answer can't fill n8n's database. */
const LONGEST_MESSAGE = 500;

/**
 * Makes text from outside fit for a message, an item or a log: control characters (line breaks included), bidirectional overrides
 * and lone surrogates become spaces, the length is capped.
 *
 * @param longest the cap in UTF-16 code units
 */
export function plainText(text: string, longest = LONGEST_MESSAGE): string {
	const cleaned = text
		.slice(0, 4 * longest)
		.replace(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ')
		.trim();
	if (cleaned.length <= longest) return cleaned;
	const cut = cleaned.slice(0, longest - 1).replace(/\p{Cs}$/u, '');
	return `${cut.trimEnd()}…`;
}
