import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

/** A setting that cannot be used, as a sentence that names it and what it must be. */
export class UnusableSetting {
	constructor(readonly sentence: string) {}
}

/** n8n gives the node another type name where an AI Agent uses it as a tool (measured; `isToolExecution()` does not tell). */
export function isTool(context: IExecuteFunctions): boolean {
	return context.getNode().type.endsWith('Tool');
}

export function isExpression(parameter: unknown): parameter is string {
	return typeof parameter === 'string' && parameter.startsWith('=');
}

/** What an expression may refer to without coming out differently from item to item. */
const SAME_FOR_ALL_ITEMS = new Set([
	'$env',
	'$execution',
	'$prevNode',
	'$runIndex',
	'$secrets',
	'$vars',
	'$workflow',
]);

/** Whether a parameter, or any part of it, is an expression that may come out differently from item to item. */
export function mayDifferByItem(parameter: unknown): boolean {
	if (isExpression(parameter)) {
		return (parameter.match(/\$\w*/g) ?? []).some((name) => !SAME_FOR_ALL_ITEMS.has(name));
	}
	return (
		typeof parameter === 'object' &&
		parameter !== null &&
		Object.values(parameter).some(mayDifferByItem)
	);
}

/**
 * A parameter that holds for the whole run is read for the first item. Where it is an expression that differs by item, the others would
 * get what none of them says.
 *
 * @returns a sentence that names a parameter that differs, where one does
 */
export function whyNotTheSameForAll(
	context: IExecuteFunctions,
	names: readonly string[],
	properties: readonly INodeProperties[],
): string | undefined {
	const { parameters } = context.getNode();
	const itemCount = context.getInputData().length;
	const read = (name: string, item: number) =>
		JSON.stringify(context.getNodeParameter(name, item, null));
	for (const name of names.filter((each) => mayDifferByItem(parameters[each]))) {
		const first = read(name, 0);
		for (let item = 1; item < itemCount; item++) {
			if (read(name, item) === first) continue;
			const label = properties.find((each) => each.name === name)?.displayName ?? name;
			return `${label}: the value comes out differently for some items. It must be the same for all.`;
		}
	}
	return undefined;
}

/**
 * n8n writes a parameter that is left to the model as an expression with `$fromAI`.
 *
 * @param left the parameter that may be left to it
 * @returns the label of another parameter that is left to the model too, where there is one
 */
export function parameterSetByModel(
	parameters: Record<string, unknown>,
	left: string,
	properties: readonly INodeProperties[],
): string | undefined {
	const name = Object.keys(parameters).find(
		(each) => each !== left && JSON.stringify(parameters[each])?.includes('$fromAI'),
	);
	return properties.find((each) => each.name === name)?.displayName ?? name;
}

export function whyNoWholeNumber(
	label: string,
	value: unknown,
	least: number,
	most: number,
): string | undefined {
	return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
		? undefined
		: `${label} must be a whole number from ${least} to ${most.toLocaleString('en-US')}.`;
}

export function whyNoBoolean(label: string, value: unknown): string | undefined {
	return typeof value === 'boolean' ? undefined : `${label} must come out as true or false.`;
}
