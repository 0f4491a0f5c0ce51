import type { IExecuteFunctions } from 'n8n-workflow';

import type { Failure } from '../../api/failure';
import { planDeletion, type DeletionPlan } from '../../deletion/plan';
import { readAccess, type Access } from '../access';
import { refusalOf } from '../failures';
import { readSettings, type SettingsOf } from '../settings/read';
import { readEntries, type ReadEntries } from './entries';
import { deleteDevicesParameters } from './parameters';

/** Everything that is known before the first request. */
export interface Preparation {
	settings: SettingsOf<typeof deleteDevicesParameters>;
	/** The json behind each entry. */
	inputs: ReadEntries['inputs'];
	plan: DeletionPlan;
	/** Absent where the run is refused. */
	access?: Access;
	/** Why nothing at all may be sent. */
	refusal?: Failure;
}

/** Reads input, parameters and credential, and decides whether anything may be sent. Sends nothing and never throws. */
export async function prepare(context: IExecuteFunctions): Promise<Preparation> {
	const { settings, refusal: unusable } = readSettings(context, deleteDevicesParameters);
	const read = readEntries(context, settings, context.getInputData());
	const plan = planDeletion(read.entries, settings.uidValidation);
	const { access, refusal } = await readAccess(context, unusable ?? read.refusal);
	const guarded = refusal ?? whyRefused(plan, settings);
	return {
		...{ settings, inputs: read.inputs, plan },
		...(guarded === undefined ? { access } : { refusal: guarded }),
	};
}

/** The two guards that look at the whole list. */
export function whyRefused(
	plan: DeletionPlan,
	settings: Pick<Preparation['settings'], 'maxDevices' | 'uidValidation'>,
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
			`The device list has ${plan.devices.length} devices and Maximum Devices allows ${settings.maxDevices}, so nothing was sent`,
		);
	}
	return undefined;
}
