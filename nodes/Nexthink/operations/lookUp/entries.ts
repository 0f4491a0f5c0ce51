import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { plainText } from '../../api/plainText';
import type { LookUpEntry } from '../../lookUp/questions';
import { fieldReader, keysOf, sentenceOfError } from '../fields';
import { isTool } from '../settings';

/** What the input names, before any check. */
export interface ReadNames {
	entries: LookUpEntry[];
	/** The json behind each entry; none as a tool. */
	inputs: IDataObject[];
	/** Why the run is refused, where no item at all has the field. */
	refused?: Refused;
}

interface Refused {
	sentence: string;
	advice: string;
}

/** An agent's own fields, and those of a chat, are never taken for names. */
export function readNames(
	context: IExecuteFunctions,
	items: readonly INodeExecutionData[],
): ReadNames {
	if (isTool(context)) return readList(context);
	const field = String(context.getNodeParameter('lookupField', 0));
	const valueOf = fieldReader(field);
	const inputs = items.map(({ json }) => json);
	const entries = inputs.map(
		(json, itemIndex): LookUpEntry => ({ itemIndex, value: valueOf(json) }),
	);
	return entries.length > 0 && entries.every(({ value }) => value === undefined)
		? { entries, inputs, refused: refusedFor('Lookup Field', field, inputs) }
		: { entries, inputs };
}

/** Adds what the check column must hold. */
export function withChecks({ entries, inputs }: ReadNames, checkField: string): ReadNames {
	const checkOf = fieldReader(checkField);
	const checked = entries.map((entry, index) => ({
		...entry,
		check: inputs[index] && checkOf(inputs[index]),
	}));
	return checked.length > 0 && checked.every(({ check }) => check === undefined)
		? { entries: checked, inputs, refused: refusedFor('Check Field', checkField, inputs) }
		: { entries: checked, inputs };
}

function refusedFor(label: string, field: string, inputs: readonly IDataObject[]): Refused {
	return {
		sentence: `No input item has a field "${plainText(field, 100)}", which ${label} names. ${keysOf(inputs[0])}`,
		advice: `Set ${label} to one of these fields. A field that was dragged from an earlier node than the last one has lost the name of that node: drag it from the node in front of this one.`,
	};
}

function readList(context: IExecuteFunctions): ReadNames {
	const list = parsedList(context);
	const entries =
		typeof list === 'string'
			? [{ itemIndex: 0, unreadable: list }]
			: list.map((value): LookUpEntry => ({ itemIndex: 0, value }));
	return { entries, inputs: [] };
}

/** @returns the list, or a sentence that says why there is none. */
function parsedList(context: IExecuteFunctions): unknown[] | string {
	try {
		const value = context.getNodeParameter('lookupValues', 0) as unknown;
		const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
		return Array.isArray(parsed)
			? (parsed as unknown[])
			: 'Names must be a list such as ["LAPTOP-0042"].';
	} catch (error) {
		return `The list of names cannot be read: ${sentenceOfError(error)}`;
	}
}
