/** Long enough for any message that helps, short enough that a hostile answer can't fill n8n's database. */
const LONGEST_MESSAGE = 500;

/**
 * What looks like a credential: with its scheme, a JSON Web Token, or 40 and more characters as random tokens have them. Nothing tells
 * this node the bearer that n8n adds, so an answer that repeats it can only be known by its looks.
 */
const CREDENTIAL =
	/\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC)\s+[\w.~+/=-]{20,}|\beyJ[\w-]{8,}(?:\.[\w-]*)*|(?<![\w+=-])(?=[a-zA-Z+=_-]*\d)(?=[\dA-Z+=_-]*[a-z])(?=[\da-z+=_-]*[A-Z])[\w+=-]{40,}/g;

/**
 * Makes text from outside fit for a message, an item or a log: control characters (line breaks included), bidirectional controls
 * and lone surrogates become spaces, what looks like a credential is taken out, the length is capped.
 *
 * @param longest the cap in UTF-16 code units
 */
export function plainText(text: string, longest = LONGEST_MESSAGE): string {
	const cleaned = text
		.slice(0, 4 * longest)
		.replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]+/gu, ' ')
		.replace(CREDENTIAL, '[removed]')
		.trim();
	if (cleaned.length <= longest) return cleaned;
	const cut = cleaned.slice(0, longest - 1).replace(/\p{Cs}$/u, '');
	return `${cut.trimEnd()}…`;
}
