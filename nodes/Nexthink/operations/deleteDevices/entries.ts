import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { plainText } from '../../api/plainText';
import type { DeviceEntry } from '../../deletion/plan';
import { fieldReader, keysOf, parameterReader, sentenceOfError, whyNoDevice } from '../fields';
import type { DeviceSource } from './settings';

/** What the input says, before any check. */
export interface ReadEntries {
	entries: DeviceEntry[];
	/** The json behind each entry: the input item's, or the entry of a list. */
	inputs: Array<IDataObject | undefined>;
	/** Why the run is refused, where no entry at all has a UID or a name. */
	refused?: { sentence: string; advice: string };
}

export function readEntries(
	context: IExecuteFunctions,
	source: DeviceSource,
	items: readonly INodeExecutionData[],
): ReadEntries {
	if (source === 'inputFields') return readInputFields(context, items);
	return source === 'expressions' ? readExpressions(context, items) : readLists(context, items);
}

function readInputFields(
	context: IExecuteFunctions,
	items: readonly INodeExecutionData[],
): ReadEntries {
	const uidField = context.getNodeParameter('uidField', 0) as string;
	const nameField = context.getNodeParameter('nameField', 0) as string;
	const uidOf = fieldReader(uidField);
	const nameOf = fieldReader(nameField);
	const inputs = items.map(({ json }) => json);
	const entries = inputs.map((json, itemIndex) => entryOfFields(json, itemIndex, uidOf, nameOf));
	const missing = missingIn(entries);
	if (missing === undefined) return { entries, inputs };
	const [label, field] = missing === 'uid' ? ['UID Field', uidField] : ['Name Field', nameField];
	return {
		entries,
		inputs,
		refused: {
			sentence: `No input item has a field "${plainText(String(field), 100)}", which ${label} names. ${keysOf(inputs[0])}`,
			advice: `Set ${label} to one of these fields. A field that was dragged from an earlier node than the last one has lost the name of that node: drag it from the node in front of this one.`,
		},
	};
}

/** The device that an item names in two of its fields. */
export function entryOfFields(
	json: IDataObject,
	itemIndex: number,
	uidOf: (json: IDataObject) => unknown,
	nameOf: (json: IDataObject) => unknown,
): DeviceEntry {
	const unreadable = whyNoDevice(json);
	return unreadable === undefined
		? { itemIndex, uid: uidOf(json), name: nameOf(json) }
		: { itemIndex, unreadable };
}

function readExpressions(
	context: IExecuteFunctions,
	items: readonly INodeExecutionData[],
): ReadEntries {
	const uidOf = parameterReader(context, 'deviceUid');
	const nameOf = parameterReader(context, 'deviceName');
	const entries = items.map(({ json }, itemIndex): DeviceEntry => {
		const unreadable = whyNoDevice(json);
		if (unreadable !== undefined) return { itemIndex, unreadable };
		try {
			return { itemIndex, uid: uidOf(itemIndex), name: nameOf(itemIndex) };
		} catch (error) {
			return { itemIndex, unreadable: `An expression cannot be read: ${sentenceOfError(error)}` };
		}
	});
	const inputs = items.map(({ json }) => json);
	const missing = missingIn(entries);
	if (missing === undefined) return { entries, inputs };
	const label = missing === 'uid' ? 'Device UID' : 'Device Name';
	return {
		entries,
		inputs,
		refused: {
			sentence: `The expression in ${label} yields nothing for any input item. ${keysOf(inputs[0])}`,
			advice: `Correct the expression in ${label}: its preview must show a value.`,
		},
	};
}

function readLists(context: IExecuteFunctions, items: readonly INodeExecutionData[]): ReadEntries {
	const entries: DeviceEntry[] = [];
	const inputs: ReadEntries['inputs'] = [];
	const listOf = parameterReader(context, 'devicesJson');
	items.forEach((_, itemIndex) => {
		const list = readList(listOf, itemIndex);
		if (typeof list === 'string') {
			entries.push({ itemIndex, unreadable: list });
			inputs.push(undefined);
			return;
		}
		for (const element of list) {
			const isDevice = typeof element === 'object' && element !== null && !Array.isArray(element);
			const device = isDevice ? (element as IDataObject) : undefined;
			entries.push(device ? entryOf(device, itemIndex) : { itemIndex, unreadable: NO_DEVICE });
			inputs.push(device);
		}
	});
	const missing = missingIn(entries);
	if (missing === undefined) return { entries, inputs };
	return {
		entries,
		inputs,
		refused: {
			sentence: `No entry of the list has "${missing}". ${keysOf(inputs.find((input) => input !== undefined))}`,
			advice: 'Give each entry of the list a "uid" and a "name".',
		},
	};
}

const NO_DEVICE = 'This entry of the list is not an object with uid and name.';
const NO_LIST = 'Devices must be a list such as [{ "uid": "…", "name": "…" }].';

/** The device that an entry of a list names. */
export function entryOf(device: IDataObject, itemIndex: number): DeviceEntry {
	const unreadable = whyNoDevice(device);
	if (unreadable !== undefined) return { itemIndex, unreadable };
	return {
		itemIndex,
		uid: Object.hasOwn(device, 'uid') ? device.uid : undefined,
		name: Object.hasOwn(device, 'name') ? device.name : undefined,
	};
}

/** @returns the list, or a sentence that says why there is none. */
function readList(listOf: (itemIndex: number) => unknown, itemIndex: number): unknown[] | string {
	try {
		const value = listOf(itemIndex);
		const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
		if (Array.isArray(parsed)) return parsed as unknown[];
		const inner =
			typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, 'devices')
				? (parsed as IDataObject).devices
				: undefined;
		return Array.isArray(inner) ? inner : NO_LIST;
	} catch (error) {
		return `The list of devices cannot be read: ${sentenceOfError(error)}`;
	}
}

/** The field that no readable entry has at all: most likely a wrong name, not hundreds of incomplete items. */
function missingIn(entries: readonly DeviceEntry[]): 'uid' | 'name' | undefined {
	const readable = entries.filter((entry) => entry.unreadable === undefined);
	if (readable.length === 0) return undefined;
	if (readable.every((entry) => entry.uid === undefined)) return 'uid';
	return readable.every((entry) => entry.name === undefined) ? 'name' : undefined;
}
