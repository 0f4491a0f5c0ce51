import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isObject } from '../../api/isObject';
import type { DeviceEntry } from '../../deletion/plan';
import { ownValue } from '../../input/ownValue';
import { fieldReader, holdersOf, isSoleEmptyItem, isText, keysOf, refusedField } from '../fields';
import { listIn } from '../listIn';
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
	if (isSoleEmptyItem(items)) return { entries: [], inputs: [] };
	const uidOf = fieldReader(uidField);
	const nameOf = fieldReader(nameField);
	const holders = holdersOf(uidField);
	const inputs = items.map(({ json }) => json);
	const entries = inputs.map((json, itemIndex) =>
		entryOfFields(json, itemIndex, uidOf, nameOf, holders(json)),
	);
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
			isUsable: isText,
		}),
	);
	return { entries, inputs, refusal: refusals.find((refusal) => refusal !== undefined) };
}

/**
 * The device that two fields of an input item name.
 *
 * @param holders the objects in which an item of a look-up may stand: a webhook has it below `body`
 */
export function entryOfFields(
	json: IDataObject,
	itemIndex: number,
	uidOf: ReturnType<typeof fieldReader>,
	nameOf: ReturnType<typeof fieldReader>,
	holders: readonly unknown[] = [json],
): DeviceEntry {
	const entry = { itemIndex, uid: uidOf(json), name: nameOf(json) };
	return holders.map(lookedUp).reduce(heldAgainstLookup, entry);
}

function isReadable({ unreadable }: DeviceEntry): boolean {
	return unreadable === undefined;
}

/** An item of a look-up names the device that was found, whatever else stands in it; where it names none, whatever can't be read of it. */
function heldAgainstLookup(entry: DeviceEntry, found: LookedUp | undefined): DeviceEntry {
	const { itemIndex, uid } = entry;
	if (found?.refused !== undefined) {
		return { itemIndex, unreadable: found.refused, name: found.name };
	}
	if (found === undefined || entry.unreadable !== undefined) return entry;
	return typeof uid === 'string' && uid.trim() !== '' && !found.uids.has(uid.trim().toLowerCase())
		? {
				itemIndex,
				uid,
				name: entry.name,
				unreadable:
					"This UID isn't the one that the lookup found. Use uid of the lookup's item, or another UID in its device.",
			}
		: entry;
}

function readExpressions(
	{ deviceUid, deviceName }: DeleteSettings,
	items: readonly INodeExecutionData[],
): ReadEntries {
	const inputs = items.map(({ json }) => json);
	const read = inputs.map((_, itemIndex): DeviceEntry => {
		const [uid, name] = [deviceUid(itemIndex), deviceName(itemIndex)];
		const why = uid.unreadable ?? name.unreadable;
		const unreadable = why && `An expression can't be read: ${why}`;
		return { itemIndex, uid: uid.value, name: name.value, unreadable };
	});
	const unread = read.map(({ unreadable }) => unreadable);
	const found = inputs.map(lookedUp);
	const entries = read.map((entry, item) => heldAgainstLookup(entry, found[item]));
	return {
		entries,
		inputs,
		refusal:
			refusedReading(unread, found, 'Correct the expressions in the node.') ??
			refusedValues(entries, (key) => {
				const { deviceUid: ofUid, deviceName: ofName } = deleteDevicesParameters.top;
				const { displayName } = (key === 'uid' ? ofUid : ofName).shown;
				return new Refusal(
					`The expression in ${displayName} returns no text for any input item. ${keysOf(inputs[0])}`,
					`Correct the expression in ${displayName}: its preview must show a text.`,
				);
			}),
	};
}

/** Where nothing can be read for any item, it is not the items that are at fault. Of a look-up that found no device nothing need be read. */
function refusedReading(
	unread: ReadonlyArray<string | undefined>,
	found: ReadonlyArray<LookedUp | undefined>,
	advice: string,
): Refusal | undefined {
	const needed = unread.filter((_, item) => found[item]?.refused === undefined);
	const [first] = needed;
	return first === undefined || needed.includes(undefined) ? undefined : new Refusal(first, advice);
}

/** Where no readable entry has text in one of the two: most likely a wrong expression or key, not hundreds of incomplete entries. */
function refusedValues(
	entries: readonly DeviceEntry[],
	refusalOf: (key: 'uid' | 'name') => Refusal,
): Refusal | undefined {
	const readable = entries.filter(isReadable);
	const missing = (['uid', 'name'] as const).find((key) =>
		readable.every((entry) => typeof entry[key] !== 'string'),
	);
	return missing === undefined || readable.length === 0 ? undefined : refusalOf(missing);
}

function readLists(
	context: IExecuteFunctions,
	listOf: ItemReader,
	items: readonly INodeExecutionData[],
): ReadEntries {
	const lists = items.map((_, item) => listIn(listOf(item), 'The device list', NO_LIST, 'devices'));
	const unread = lists.map((list) => {
		if (typeof list === 'string') return list;
		return list.length > 0 && !list.some(isObject) ? NO_LIST : undefined;
	});
	const found = items.map(({ json }) => lookedUp(json));
	const read = lists.flatMap((list, item) => entriesOfList(list, item, found[item]));
	const entries = read.map(({ entry }) => entry);
	const inputs = read.map(({ input }) => input);
	// A model made the list, and learns from the entry what is wrong with it.
	const unreadable = isTool(context)
		? undefined
		: refusedReading(unread, found, 'Correct the list in Devices.');
	const refusal =
		unreadable ??
		refusedValues(
			entries,
			(key) =>
				new Refusal(
					`No entry of the list has text in "${key}". ${keysOf(inputs.find((input) => input !== undefined))}`,
					'Give each entry of the list a "uid" and a "name".',
				),
		);
	return { entries, inputs, refusal };
}

/** @param list or a sentence that says why there is none */
function entriesOfList(
	list: readonly unknown[] | string,
	itemIndex: number,
	found: LookedUp | undefined,
): Array<{ entry: DeviceEntry; input?: IDataObject }> {
	const unreadable = (why: string) => ({
		entry: heldAgainstLookup({ itemIndex, unreadable: why }, found),
	});
	if (typeof list === 'string') return [unreadable(list)];
	return list.map((element) =>
		isObject(element)
			? {
					entry: heldAgainstLookup(entryOf(element as IDataObject, itemIndex), found),
					input: element as IDataObject,
				}
			: unreadable("This entry of the list isn't an object with uid and name."),
	);
}

const NO_LIST = 'Devices must be a list such as [{ "uid": "…", "name": "…" }].';

/** The device that an entry of a list names. */
export function entryOf(device: IDataObject, itemIndex: number): DeviceEntry {
	const entry = { itemIndex, uid: ownValue(device, 'uid'), name: ownValue(device, 'name') };
	return heldAgainstLookup(entry, lookedUp(device));
}
