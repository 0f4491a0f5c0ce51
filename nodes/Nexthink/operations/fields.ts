import { toPath } from 'lodash';
import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { plainText } from '../api/plainText';
import { isExpression } from './settings';

/**
 * Reads a field by its name: an own key of that very name first, because exports of Nexthink have keys such as "device.uid", else as a
 * path with dots and brackets, as the editor writes it. Inherited properties are no fields.
 */
export function fieldReader(field: unknown): (json: IDataObject) => unknown {
	const name = String(field);
	const path = toPath(name);
	return (json) => {
		if (Object.hasOwn(json, name)) return json[name];
		let value: unknown = json;
		for (const key of path) {
			if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
				return undefined;
			value = (value as IDataObject)[key];
		}
		return path.length === 0 ? undefined : value;
	};
}

/**
 * Why an item may not be read for a device at all: it is the error item of a look-up. n8n has merged the fields of that look-up's input
 * into it, and a UID among them is not the one that was looked for.
 */
export function whyNoDevice(json: unknown): string | undefined {
	const device = ownValue(ownValue(json, 'error'), 'device');
	return ownValue(device, 'match') !== undefined && ownValue(device, 'uid') === null
		? 'This item comes from the error output of a look-up that named no device.'
		: undefined;
}

function ownValue(value: unknown, key: string): unknown {
	return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
		? (value as IDataObject)[key]
		: undefined;
}

/** A parameter without an expression is the same for every item, and reading it once is some hundred times faster. */
export function parameterReader(
	context: IExecuteFunctions,
	name: string,
): (itemIndex: number) => unknown {
	if (isExpression(context.getNode().parameters[name])) {
		return (itemIndex) => context.getNodeParameter(name, itemIndex);
	}
	const value = context.getNodeParameter(name, 0);
	return () => value;
}

/** What an error says, as a sentence. */
export function sentenceOfError(error: unknown): string {
	const text = plainText(error instanceof Error ? error.message : String(error), 200);
	return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** The fields of an item or a row, for a message about one that it does not have. */
export function keysOf(fields: object | undefined, whose = 'The first item'): string {
	const keys = Object.keys(fields ?? {});
	if (keys.length === 0) return `${whose} has no fields at all.`;
	const shown = keys.slice(0, MOST_KEYS).map((key) => `"${plainText(key, 60)}"`);
	const more = keys.length > MOST_KEYS ? ` and ${keys.length - MOST_KEYS} more` : '';
	return `${whose} has these fields: ${shown.join(', ')}${more}.`;
}

const MOST_KEYS = 20;
