/**
 * In UTF-16 code units. Host names have at most 255 characters; a text far beyond that is no device, and would make gateways refuse the
 * whole request, with the other devices in it.
 */
const LONGEST_TEXT = 1024;

/**
 * Whether any character of a text can be seen. Whatever compares without the others would take all texts for the same that have only those.
 */
export function isVisible(text: string): boolean {
	return /[^\s\p{Default_Ignorable_Code_Point}]/u.test(text);
}

/**
 * Why a value of the input cannot stand for a device: a sentence. Numbers are never turned into text: 001234 and 1234 would become one
 * device.
 */
export function whyUnusable(what: 'UID' | 'name' | 'value', value: unknown): string | undefined {
	if (value === undefined) return `The item has no ${what}.`;
	if (value === null) return `The ${what} is empty.`;
	if (typeof value !== 'string') {
		const kind = Array.isArray(value) ? 'list' : typeof value;
		const which = typeof value === 'object' ? '' : ` (${String(value)})`;
		return `The ${what} isn't text but ${kind === 'object' ? 'an' : 'a'} ${kind}${which}.`;
	}
	if (value.length > LONGEST_TEXT) {
		return `The ${what} has ${value.length} characters; ${LONGEST_TEXT} are the most.`;
	}
	if (isVisible(value)) return undefined;
	return value.trim() === ''
		? `The ${what} is empty.`
		: `The ${what} contains only characters that can't be seen.`;
}
