import { visibleText } from './visibleText';

const LONGEST = 100;

/** A value as a reason shows it: characters that can't be seen are written out, a long text is cut, and what is no text is named. */
export function quoted(value: unknown): string {
	if (value === undefined || value === null || value === '') return 'nothing';
	if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
	const text = String(value);
	const shown = visibleText(text.slice(0, LONGEST));
	return `"${text.length > LONGEST ? `${shown}…` : shown}"`;
}
