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

/** Whether a parameter, or any part of it, is an expression that may come out differently from item to item. */
export function mayDifferByItem(parameter: unknown): boolean {
	return holdsText(parameter, (text) => isExpression(text) && !isSameForAllItems(text));
}

/**
 * Whether a parameter, or any part of it, holds code. Where a parameter takes no expression n8n removes the mark and leaves the code as
 * text (measured).
 */
export function holdsCode(parameter: unknown): boolean {
	return holdsText(parameter, (text) => text.includes('{{') || isExpression(text));
}

/**
 * Whether an expression certainly comes out the same for all items of a run, so that it need be evaluated only once. It knows few forms,
 * and takes whatever it doesn't know for one that may differ: that costs time, never truth.
 */
function isSameForAllItems(expression: string): boolean {
	// A backslash may hide where code or a text within it ends.
	if (expression.includes('\\')) return false;
	// n8n, too, takes the first closing braces for the end of the code, wherever they are.
	const parts = /\{\{(.*?)\}\}/gs;
	const isKnown = ([, code]: RegExpMatchArray) => code!.replace(KNOWN_CODE, '') === '';
	return (
		!expression.replace(parts, '').includes('{{') && [...expression.matchAll(parts)].every(isKnown)
	);
}

/**
 * The tokens of code that reads nothing of the item at hand, of the clock or of chance, changes nothing, and calls nothing but what is
 * named here. Comments, patterns, templates, assignments and functions are not among them.
 */
const KNOWN_CODE = new RegExp(
	[
		// The first, the last or all items of a node.
		/\$(?:input|\((?:'[^'\r\n]*'|"[^"\r\n]*")\))\.(?:first|last|all)\(\)/u,
		/'[^'\r\n]*'|"[^"\r\n]*"|\d+(?:\.\d+)?|\s+/u,
		/\??\.\s*(?:at|endsWith|first|includes|isEmpty|isNotEmpty|join|last|parse|slice|split|startsWith|stringify|substring|toBoolean|toFixed|toFloat|toInt|toLowerCase|toNumber|toString|toUpperCase|trim)\s*\(/u,
		/\??\.\s*[$_\p{L}][$\w\p{L}]*/u,
		/(?:\$if|\$ifEmpty|\$max|\$min|Boolean|Number|String|parseFloat|parseInt)\s*\(/u,
		/(?:\$env|\$execution|\$prevNode|\$runIndex|\$secrets|\$vars|\$workflow|JSON|false|null|true|undefined)(?![$\w\p{L}])/u,
		/[!=]==?|[<>]=?|&&|\|\||\?\?|\+(?!\+)|-(?!-)|[*%!?:,[\])]/u,
		// A bracket that calls nothing.
		/(?<![$\w\p{L})\]'"]\s*)\(/u,
	]
		.map(({ source }) => source)
		.join('|'),
	'gu',
);
