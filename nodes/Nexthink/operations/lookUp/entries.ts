import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { LookUpEntry } from '../../lookUp/questions';
import { fieldReader, isSoleEmptyItem, isText, refusedField } from '../fields';
import { listIn } from '../listIn';
import { isTool, type ItemReader, type SettingsOf } from '../settings/read';
import type { Refusal } from '../settings/refusal';
import { lookUpParameters } from './parameters';

type LookUpSettings = SettingsOf<typeof lookUpParameters>;

/** What the input names, before any check. */
export interface ReadNames {
	entries: LookUpEntry[];
	/** The json behind each entry; none as a tool. */
	inputs: IDataObject[];
	/** Why the run is refused, where a field cannot be the one that was meant. */
	refusal?: Refusal;
}

/** An agent's own fields, and those of a chat, are never taken for names. Never throws. */
export function readNames(
	context: IExecuteFunctions,
	{ lookupField, lookupValues, checks }: LookUpSettings,
	items: readonly INodeExecutionData[],
): ReadNames {
	if (isTool(context)) return readList(lookupValues);
	if (isSoleEmptyItem(items)) return { entries: [], inputs: [] };
	const inputs = items.map(({ json }) => json);
	const { parameters } = context.getNode();
	const options = (parameters.options ?? {}) as { checks?: { check?: Array<{ field?: unknown }> } };
	const { shown, adviceOnExpression } = lookUpParameters.top.lookupField;
	const named = [
		{
			label: shown.displayName,
			raw: parameters.lookupField,
			field: lookupField,
			isUsable: isText,
		},
		...checks.map(({ field }, position) => ({
			label: 'Checks > Field',
			raw: options.checks?.check?.[position]?.field,
			field,
			isUsable: isComparable,
		})),
	].map((each) => {
		const values = inputs.map(fieldReader(each.field));
		return { ...each, values, firstItem: inputs[0], adviceOnExpression };
	});
	const [names, ...checked] = named;
	const entries = inputs.map(
		(_, itemIndex): LookUpEntry => ({
			itemIndex,
			value: names!.values[itemIndex],
			checks: checked.map(({ values }) => values[itemIndex]),
		}),
	);
	const refusal = named.map(refusedField).find((refused) => refused !== undefined);
	return { entries, inputs, refusal };
}

/** Numbers are compared, too, and an item without a value is one of its own; an object or a list never equals a column. */
function isComparable(value: unknown): boolean {
	return typeof value !== 'object' || value === null;
}

function readList(listOf: ItemReader): ReadNames {
	const list = listIn(
		listOf(0),
		'The list of names',
		'Names must be a list such as ["LAPTOP-0042"].',
	);
	const entries =
		typeof list === 'string'
			? [{ itemIndex: 0, unreadable: list }]
			: list.map((value): LookUpEntry => ({ itemIndex: 0, value }));
	return { entries, inputs: [] };
}
