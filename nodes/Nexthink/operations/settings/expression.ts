/** n8n marks a parameter that holds an expression with this first character. */
export function isExpression(parameter: unknown): parameter is string {
	return typeof parameter === 'string' && parameter.startsWith('=');
}

/** Whether a parameter, or any part of it, is a text that meets the condition. */
function holdsText(parameter: unknown, condition: (text: string) => boolean): boolean {
	if (typeof parameter === 'string') return condition(parameter);
	return (
		typeof parameter === 'object' &&
		parameter !== null &&
		Object.values(parameter).some((part) => holdsText(part, condition))
	);
}

export function hasExpression(parameter: unknown): boolean {
	return holdsText(parameter, isExpression);
}

/**
 * n8n looks for the call without regard to case, and its editor has offered several spellings. Where a parameter takes no expression n8n
 * has removed the `=` already (both measured).
 */
export function isLeftToModel(parameter: unknown): boolean {
	return holdsText(parameter, (text) => /\$fromAI/i.test(text));
}

/** Whether a parameter, or any part of it, is an expression that may come out differently from item to item. */
export function mayDifferByItem(parameter: unknown): boolean {
	return holdsText(parameter, (text) => isExpression(text) && !isSameForAllItems(text));
}

/**
 * Whether an expression certainly comes out the same for all items of a run, so that it need be evaluated only once. It knows few forms,
 * and takes whatever it doesn't know for one that may differ: that costs time, never truth.
 */
function isSameForAllItems(expression: string): boolean {
	const [, ...parts] = expression.split(/(\{\{|\}\})/);
	// Text, {{, code, }}, text, {{, … : braces of an object within the code make another sequence.
	for (let at = 0; at < parts.length; at += 4) {
		const [open, code = '', close, text = ''] = parts.slice(at, at + 4);
		if (open !== '{{' || close !== '}}' || text.includes('$')) return false;
		if (!isCodeSameForAllItems(code)) return false;
	}
	return !expression.slice(0, expression.indexOf('{{')).includes('$');
}

/** The first, the last or all items of a node: never the one at hand. */
const WHOLE_LIST = /\$(?:input|\((?:'[\w .:#-]*'|"[\w .:#-]*")\))\.(?:first|last|all)\(\)/g;

/** A text that can hide no code, wherever it really begins and ends. */
const HARMLESS_TEXT = /'[\w .:#-]*'|"[\w .:#-]*"/g;

const SAME_FOR_ALL_ITEMS = new Set([
	'$env',
	'$execution',
	'$if',
	'$ifEmpty',
	'$max',
	'$min',
	'$prevNode',
	'$runIndex',
	'$secrets',
	'$vars',
	'$workflow',
	'false',
	'null',
	'true',
	'undefined',
	'Boolean',
	'JSON',
	'Number',
	'String',
]);

function isCodeSameForAllItems(code: string): boolean {
	const rest = code.replace(WHOLE_LIST, '').replace(HARMLESS_TEXT, '');
	// A text or a pattern that was not recognised, and a method whose name is computed.
	if (/['"`\\/]|\]\s*(?:\?\.)?\s*\(/.test(rest)) return false;
	return [...rest.matchAll(/(\.\s*)?([$\p{L}_][$\w\p{L}]*)\s*(\()?/gu)].every(
		([, dot, name = '', call]) =>
			dot === undefined
				? SAME_FOR_ALL_ITEMS.has(name)
				: call === undefined || !/random|now|shuffle/i.test(name),
	);
}
