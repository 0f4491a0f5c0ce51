import type { IExecuteFunctions } from 'n8n-workflow';

import type { Failure } from '../../api/failure';
import type { Hosts } from '../../api/hosts';
import { plainText } from '../../api/plainText';
import { planDeletion, type DeletionPlan } from '../../deletion/plan';
import { readAccess } from '../access';
import { refusalOf } from '../failures';
import { UnusableSetting } from '../settings';
import { readEntries, type ReadEntries } from './entries';
import { DEFAULT_SETTINGS, readDeviceSource, readSettings, type DeleteSettings } from './settings';

/** Everything that is known before the first request. */
export interface Preparation {
	settings: DeleteSettings;
	/** The json behind each entry. */
	inputs: ReadEntries['inputs'];
	plan: DeletionPlan;
	/** Whether all entries come from a list in a single input item. */
	isListOfOneItem: boolean;
	/** Absent where the run is refused. */
	hosts?: Hosts;
	/** Why nothing at all may be sent. */
	refusal?: Failure;
}

/**
 * Reads input, parameters and credential, and decides whether anything may be sent. Sends nothing and never throws: in two of the
 * three On Error modes a throw would make n8n pass all items on as successes.
 */
export async function prepare(context: IExecuteFunctions): Promise<Preparation> {
	const items = context.getInputData();
	let settings = DEFAULT_SETTINGS;
	let isListOfOneItem = false;
	let read: ReadEntries = { entries: items.map((_, itemIndex) => ({ itemIndex })), inputs: [] };
	const prepared = (plan: DeletionPlan, decision: { hosts: Hosts } | { refusal: Failure }) => ({
		settings,
		inputs: read.inputs,
		plan,
		isListOfOneItem,
		...decision,
	});
	const refuse = (sentence: string, advice?: string) =>
		prepared(planDeletion(read.entries, settings.uidValidation), {
			refusal: refusalOf('INVALID_PARAMETER', sentence, advice),
		});

	try {
		const source = readDeviceSource(context);
		if (source instanceof UnusableSetting) return refuse(source.sentence);
		isListOfOneItem = source === 'jsonList' && items.length === 1;
		read = readEntries(context, source, items);
		const chosen = readSettings(context, items.length);
		if (chosen instanceof UnusableSetting) return refuse(chosen.sentence);
		settings = chosen;
		if (read.refused !== undefined) return refuse(read.refused.sentence, read.refused.advice);
		const access = await readAccess(context);
		if (access instanceof UnusableSetting) return refuse(access.sentence);
		const { hosts } = access;
		const plan = planDeletion(read.entries, settings.uidValidation);
		const refusal = whyRefused(plan, settings);
		return prepared(plan, refusal === undefined ? { hosts } : { refusal });
	} catch (error) {
		return refuse(
			`A setting of the node or its credential cannot be read: ${plainText(error instanceof Error ? error.message : String(error))}`,
		);
	}
}

/** The two guards that look at the whole list. */
export function whyRefused(
	plan: DeletionPlan,
	settings: Pick<DeleteSettings, 'maxDevices' | 'uidValidation'>,
): Failure | undefined {
	if (settings.uidValidation === 'strict' && plan.malformedUids > 0) {
		const those = plan.malformedUids === 1 ? 'One UID is' : `${plan.malformedUids} UIDs are`;
		return refusalOf(
			'INVALID_UID',
			`${those} malformed, and UID Validation is set to Strict, so nothing was sent`,
		);
	}
	if (plan.devices.length > settings.maxDevices) {
		return refusalOf(
			'MAX_DEVICES_EXCEEDED',
			`The list holds ${plan.devices.length} devices and Maximum Devices allows ${settings.maxDevices}, so nothing was sent`,
		);
	}
	return undefined;
}
