/** A place in a text, both from 1. */
export interface Place {
	line: number;
	column: number;
}

/** A value of JSON, where it is a text; a byte order mark before it is no part of it. Any other value stays what it is. */
export function jsonOf(value: unknown): { value: unknown } | { fault: Place } {
	if (typeof value !== 'string') return { value };
	const text = value.replace(/^\uFEFF/, '');
	try {
		return { value: JSON.parse(text) };
	} catch {
		return { fault: jsonFault(text)! };
	}
}

/** One token of JSON (RFC 8259) behind its white space; the groups tell what it is. Of a text it is the first quote. */
const TOKEN =
	/[ \t\n\r]*(?:(?<text>")|(?<plain>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|(?<open>[[{])|(?<close>[\]}])|(?<comma>,)|(?<colon>:))/y;

/** A part of a text. One pattern for a whole text of some megabytes would exhaust the stack (measured). */
const PART_OF_TEXT = /[ !#-[\]-\uffff]{1,1000}|\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

type Token = 'text' | 'plain' | 'open' | 'close' | 'comma' | 'colon';

/** What may come next, by what has been read. */
const NEXT: Record<string, readonly Token[]> = {
	value: ['text', 'plain', 'open'],
	valueOrClose: ['text', 'plain', 'open', 'close'],
	key: ['text'],
	keyOrClose: ['text', 'close'],
	colon: ['colon'],
	commaOrClose: ['comma', 'close'],
	nothing: [],
};

/** What comes behind a token that is no value, in an object and elsewhere. */
const AFTER: Partial<Record<Token, readonly [inObject: string, elsewhere: string]>> = {
	open: ['keyOrClose', 'valueOrClose'],
	comma: ['key', 'value'],
	colon: ['value', 'value'],
};

/**
 * Where a text stops being JSON. The engine's own message gives the place for some faults only, and not in all versions of Node.js.
 *
 * @returns undefined where all of it is JSON
 */
export function jsonFault(text: string): Place | undefined {
	const open: string[] = [];
	let expected = 'value';
	let position = 0;
	for (;;) {
		TOKEN.lastIndex = position;
		const match = TOKEN.exec(text);
		const [kind, token] = Object.entries(match?.groups ?? {}).find(([, part]) => part) ?? [];
		const isFit = NEXT[expected]!.includes(kind as Token);
		const end = kind === 'text' ? endOfText(text, TOKEN.lastIndex) : TOKEN.lastIndex;
		const closes = kind !== 'close' || open.at(-1) === (token === ']' ? '[' : '{');
		if (!isFit || !closes || end === undefined) break;
		position = end;
		if (kind === 'open') open.push(token!);
		if (kind === 'close') open.pop();
		expected = nextAfter(kind as Token, expected, open.at(-1));
	}
	const rest = text.slice(position).replace(/^[ \t\n\r]+/, '');
	return expected === 'nothing' && rest === ''
		? undefined
		: placeOf(text, text.length - rest.length);
}

/** @returns the position behind its second quote; undefined where it has none */
function endOfText(text: string, start: number): number | undefined {
	PART_OF_TEXT.lastIndex = start;
	let end = start;
	while (PART_OF_TEXT.test(text)) end = PART_OF_TEXT.lastIndex;
	return text[end] === '"' ? end + 1 : undefined;
}

function nextAfter(kind: Token, expected: string, within: string | undefined): string {
	if (kind === 'text' && expected.startsWith('key')) return 'colon';
	const behindValue = within === undefined ? 'nothing' : 'commaOrClose';
	const [inObject, elsewhere] = AFTER[kind] ?? [behindValue, behindValue];
	return within === '{' ? inObject : elsewhere;
}

function placeOf(text: string, position: number): Place {
	const before = text.slice(0, position).split('\n');
	return { line: before.length, column: before.at(-1)!.length + 1 };
}
