import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { DeviceEntry } from '../../deletion/plan';
import { jsonOf } from '../../input/jsonFault';
import { fieldReader, keysOf, ownValue, refusedField } from '../fields';
import { lookedUp, type LookedUp } from '../lookedUp';
import { isTool, type ItemReader, type SettingsOf } from '../settings/read';
import { Refusal } from '../settings/refusal';
import { deleteDevicesParameters } from './parameters';

type DeleteSettings = SettingsOf<typeof deleteDevicesParameters>;

/** What the input says, before any check. */
export interface ReadEntries {
	entries: DeviceEntry[];
	/** The json behind each entry: the input item's, or the entry of a list. */
	inputs: Array<IDataObject | undefined>;
	/** Why the run is refused, where the list as a whole cannot be what was meant. */
	refusal?: Refusal;
}

/** Reads one device for each item, or for each entry of its list. Never throws. */
export function readEntries(
	context: IExecuteFunctions,
	settings: DeleteSettings,
	items: readonly INodeExecutionData[],
): ReadEntries {
	if (settings.deviceSource === 'inputFields') return readInputFields(context, settings, items);
	return settings.deviceSource === 'expressions'
		? readExpressions(settings, items)
		: readLists(context, settings.devicesJson, items);
}

function readInputFields(
	context: IExecuteFunctions,
	{ uidField, nameField }: DeleteSettings,
	items: readonly INodeExecutionData[],
): ReadEntries {
	// n8n makes such an item where a node before has none (its setting Always Output Data).
	if (items.length === 1 && isEmpty(items[0]!)) return { entries: [], inputs: [] };
	const uidOf = fieldReader(uidField);
	const nameOf = fieldReader(nameField);
	const inputs = items.map(({ json }) => json);
	const entries = inputs.map((json, itemIndex) => entryOfFields(json, itemIndex, uidOf, nameOf));
	const { parameters } = context.getNode();
	const readable = entries.filter(isReadable);
	const fields = [
		['uid', 'uidField', uidField],
		['name', 'nameField', nameField],
	] as const;
	const refusals = fields.map(([key, name, field]) =>
		refusedField({
			label: deleteDevicesParameters.top[name].shown.displayName,
			raw: parameters[name],
			field,
			values: readable.map((entry) => entry[key]),
			firstItem: inputs[readable[0]?.itemIndex ?? 0],
			adviceOnExpression: deleteDevicesParameters.top[name].adviceOnExpression,
			needsText: true,
		}),
	);
	return { entries, inputs, refusal: refusals.find((refusal) => refusal !== undefined) };
}

/** The device that two fields of an input item name. */
export function entryOfFields(
	json: IDataObject,
	itemIndex: number,
	uidOf: ReturnType<typeof fieldReader>,
	nameOf: ReturnType<typeof fieldReader>,
): DeviceEntry {
	const entry = { itemIndex, uid: uidOf(json), name: nameOf(json) };
	return heldAgainstLookup(entry, lookedUp(json));
}

function isEmpty({ json, binary }: INodeExecutionData): boolean {
	return Object.keys(json).length === 0 && binary === undefined;
}

function isReadable({ unreadable }: DeviceEntry): boolean {
	return unreadable === undefined;
}

/** An item of a look-up names the device that was found, whatever else stands in it. */
function heldAgainstLookup(entry: DeviceEntry, found: LookedUp | undefined): DeviceEntry {
	if (found === undefined || entry.unreadable !== undefined) return entry;
	const { itemIndex, uid } = entry;
	if (found.refused !== undefined) {
		return { itemIndex, unreadable: found.refused, name: found.name };
	}
	return typeof uid === 'string' && uid.trim() !== '' && !found.uids.has(uid.trim().toLowerCase())
		? {
				itemIndex,
				uid,
				name: entry.name,
				unreadable:
					'This UID is not the one that the lookup found. Take uid, or another UID out of device, of its item.',
			}
		: entry;
}

function readExpressions(
	{ deviceUid, deviceName }: DeleteSettings,
	items: readonly INodeExecutionData[],
): ReadEntries {
	const inputs = items.map(({ json }) => json);
	const unread: string[] = [];
	const entries = inputs.map((json, itemIndex): DeviceEntry => {
		const uid = deviceUid(itemIndex);
		const name = deviceName(itemIndex);
		const entry: DeviceEntry = { itemIndex };
		for (const reading of [uid, name]) {
			if ('unreadable' in reading) {
				entry.unreadable ??= `An expression cannot be read: ${reading.unreadable}`;
			}
		}
		if (entry.unreadable !== undefined) unread.push(entry.unreadable);
		if ('value' in uid) entry.uid = uid.value;
		if ('value' in name) entry.name = name.value;
		return heldAgainstLookup(entry, lookedUp(json));
	});
	const refusal = refusedReading(unread, items, 'Correct the expressions in the node.');
	const missing = missingIn(entries);
	if (missing === undefined) return { entries, inputs, refusal };
	const label =
		deleteDevicesParameters.top[missing === 'uid' ? 'deviceUid' : 'deviceName'].shown.displayName;
	return {
		entries,
		inputs,
		refusal: new Refusal(
			`The expression in ${label} returns no text for any input item. ${keysOf(inputs[0])}`,
			`Correct the expression in ${label}: its preview must show a text.`,
		),
	};
}

/** Where nothing can be read for any item, it is not the items that are at fault. */
function refusedReading(
	unread: readonly string[],
	items: readonly INodeExecutionData[],
	advice: string,
): Refusal | undefined {
	return unread.length === items.length ? new Refusal(unread[0]!, advice) : undefined;
}

function readLists(
	context: IExecuteFunctions,
	listOf: ItemReader,
	items: readonly INodeExecutionData[],
): ReadEntries {
	const entries: DeviceEntry[] = [];
	const inputs: ReadEntries['inputs'] = [];
	const unread: string[] = [];
	items.forEach(({ json }, itemIndex) => {
		const list = readList(listOf, itemIndex);
		if (typeof list === 'string') {
			unread.push(list);
			entries.push({ itemIndex, unreadable: list });
			inputs.push(undefined);
			return;
		}
		if (list.length > 0 && !list.some(isObject)) unread.push(NO_LIST);
		const ofItem = lookedUp(json);
		for (const element of list) {
			const device = isObject(element) ? element : undefined;
			const entry = device ? entryOf(device, itemIndex) : { itemIndex, unreadable: NO_DEVICE };
			entries.push(heldAgainstLookup(entry, ofItem));
			inputs.push(device);
		}
	});
	// A model made the list, and learns from the entry what is wrong with it.
	const refusal = isTool(context)
		? undefined
		: refusedReading(unread, items, 'Correct the list in Devices.');
	const missing = missingIn(entries);
	if (missing === undefined) return { entries, inputs, refusal };
	return {
		entries,
		inputs,
		refusal: new Refusal(
			`No entry of the list has text in "${missing}". ${keysOf(inputs.find((input) => input !== undefined))}`,
			'Give each entry of the list a "uid" and a "name".',
		),
	};
}

const NO_DEVICE = 'This entry of the list is not an object with uid and name.';
const NO_LIST = 'Devices must be a list such as [{ "uid": "…", "name": "…" }].';

/** The device that an entry of a list names. */
export function entryOf(device: IDataObject, itemIndex: number): DeviceEntry {
	const entry = { itemIndex, uid: ownValue(device, 'uid'), name: ownValue(device, 'name') };
	return heldAgainstLookup(entry, lookedUp(device));
}

/** @returns the list, or a sentence that says why there is none. */
function readList(listOf: ItemReader, itemIndex: number): unknown[] | string {
	const reading = listOf(itemIndex);
	if ('unreadable' in reading) {
		return `The device list cannot be read: ${reading.unreadable}`;
	}
	const parsed = jsonOf(reading.value);
	if ('fault' in parsed) {
		const { line, column } = parsed.fault;
		return `The device list is not valid JSON: see line ${line}, column ${column}.`;
	}
	const { value } = parsed;
	const list = Array.isArray(value) ? (value as unknown[]) : ownValue(value, 'devices');
	return Array.isArray(list) ? list : NO_LIST;
}

function isObject(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What no readable entry has as text: most likely a wrong expression or key, not hundreds of incomplete entries. */
function missingIn(entries: readonly DeviceEntry[]): 'uid' | 'name' | undefined {
	const readable = entries.filter(isReadable);
	if (readable.length === 0) return undefined;
	return (['uid', 'name'] as const).find((key) =>
		readable.every((entry) => typeof entry[key] !== 'string'),
	);
}
