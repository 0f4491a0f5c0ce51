import { withoutCredentials } from './withoutCredentials';

/** Long enough for any message that helps, short enough that a hostile answer can't fill n8n's database. */
const LONGEST_MESSAGE = 500;

/**
 * Makes text from outside fit for a message, an item or a log: control characters (line breaks included), bidirectional controls
 * and lone surrogates become spaces, what looks like a credential is taken out, the length is capped.
 *
 * @param longest the cap in UTF-16 code units
 */
export function plainText(text: string, longest = LONGEST_MESSAGE): string {
	const oneLine = text
		.slice(0, 4 * longest)
		.replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]+/gu, ' ');
	const cleaned = withoutCredentials(oneLine).trim();
	if (cleaned.length <= longest) return cleaned;
	const cut = cleaned.slice(0, longest - 1).replace(/\p{Cs}/u, '');
	return `${cut.trimEnd()}…`;
}
