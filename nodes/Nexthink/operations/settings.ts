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
