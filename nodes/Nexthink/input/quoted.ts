import { visibleText } from './visibleText';

const LONGEST = 100;

/** A value as people read it: characters that can't be seen are written out, a long text is cut, and what is no text is named. */
export function shown(value: unknown): string {
	if (value === undefined || value === null || value === '') return 'nothing';
	if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
	const text = String(value);
	const whole = visibleText(text.slice(0, LONGEST));
	return text.length > LONGEST ? `${whole}…` : whole;
}

/** The same for a sentence: a text stands in quotes. */
export function quoted(value: unknown): string {
	const isText = value !== '' && !['undefined', 'object'].includes(typeof value);
	return isText ? `"${shown(value)}"` : shown(value);
}
