import { compact } from 'lodash';

const REMOVED = '[removed]';

const JSON_WEB_TOKEN = /\beyJ[\w-]{8,}(?:\.[\w-]*)*/g;

/** Prose has these words, too: what follows them is looked at. */
const AFTER_SCHEME = /\b(?:bearer|basic)(?:\s|%20)+([\w.~+/=%-]+)/gi;

/** Groups: the name, what leads from it to its value, the value. Quotes may be escaped, and all of it percent-encoded. */
const AFTER_NAME =
	/\b(authorization|\w*(?:token|secret|password|passwd|pwd|assertion|api[_-]?key))((?:\\*["']|%22)?\s*(?:[:=]|%3A|%3D)\s*(?:\\*["']|%22)?)((?:(?:bearer|basic)\s+)?[^\s"'&,;<>[\]\\]+)/gi;

/** As forms, addresses and JSON name a value; in prose a colon alone doesn't. */
const IS_ASSIGNMENT = /=|%3D|(?:["']|%22)\s*(?::|%3A)/i;

/** As long as 24 random bytes are in base64. A full stop and a colon end it. */
const OPAQUE = /[\w+/=~%-]{32,}/g;

/** UUIDs, and hexadecimal IDs of requests, traces and records. */
const ID =
	/(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,32})(?![0-9a-z])/gi;

/**
 * Takes out of a text from outside what looks like a credential: nothing tells this node the bearer that n8n adds, so an answer that
 * repeats it can only be known by its looks. It may take out too much, such as a random name, rather than leave a credential in.
 */
export function withoutCredentials(text: string): string {
	return text
		.replace(JSON_WEB_TOKEN, REMOVED)
		.replace(AFTER_SCHEME, (whole, value: string) => (isShortSecret(value) ? REMOVED : whole))
		.replace(AFTER_NAME, (whole, name: string, link: string, value: string) => {
			const isSecret = IS_ASSIGNMENT.test(link) || isShortSecret(value) || /\s/.test(value);
			return isSecret ? `${name}${link}${REMOVED}` : whole;
		})
		.replace(OPAQUE, (whole) => (whole.split(ID).some(isRandom) ? REMOVED : whole));
}

/** Whether a text that stands where a credential may stand is one, and no word of a sentence. */
function isShortSecret(text: string): boolean {
	return (
		(text.length >= 6 && /\d|[a-z][A-Z]|[A-Z]{2}[a-z]/.test(text)) || /[a-z0-9]{20,}/i.test(text)
	);
}

/**
 * Whether a text without spaces is made of random letters and digits. Names differ in that they have more separators, that their digits
 * stand together, and that their capitals begin words.
 */
function isRandom(text: string): boolean {
	const parts = text.split(/%[0-9a-f]{2}|[^a-z0-9]/i);
	const runs = compact(parts).join(' ');
	if (text.length < 32 || (parts.length - 1) * 8 >= text.length) return false;
	const changes = runs.split(/(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])/i).length - 1;
	const words = runs.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g)!;
	return (
		changes >= 4 ||
		runs.length / words.length < 4.5 ||
		// Longer than any word, and no repetition.
		(words.some(({ length }) => length >= 60) && new Set(runs).size >= 10)
	);
}
