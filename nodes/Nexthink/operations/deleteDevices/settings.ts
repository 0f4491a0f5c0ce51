import type { IExecuteFunctions } from 'n8n-workflow';

import type { UidValidation } from '../../deletion/plan';
import { isUuid } from '../../deletion/requestIds';
import {
	isExpression,
	isTool,
	mayDifferByItem,
	parameterSetByModel,
	UnusableSetting,
	whyNoBoolean,
	whyNoWholeNumber,
} from '../settings';
import { deleteDevicesParameters } from './parameters';

export type DeviceSource = 'inputFields' | 'expressions' | 'jsonList';

/** Every parameter that holds for the whole run, read once. Seconds as in the editor. */
export interface DeleteSettings {
	dryRun: boolean;
	maxDevices: number;
	batchSize: number;
	concurrency: number;
	failOnUnscheduled: boolean;
	includeInputFields: boolean;
	maxRetries: number;
	maxRetryWait: number;
	requestId?: string;
	timeout: number;
	uidValidation: UidValidation;
}

/** The defaults of the editor; also what a refused run is reported with. */
export const DEFAULT_SETTINGS: DeleteSettings = {
	dryRun: false,
	maxDevices: 1000,
	batchSize: 100,
	concurrency: 4,
	failOnUnscheduled: false,
	includeInputFields: false,
	maxRetries: 3,
	maxRetryWait: 300,
	timeout: 60,
	uidValidation: 'warn',
};

/** A tool takes a list from the model and nothing else: fields of a chat or webhook must never turn into devices. */
export function readDeviceSource(context: IExecuteFunctions): DeviceSource | UnusableSetting {
	const source = context.getNodeParameter('deviceSource', 0);
	if (source !== 'inputFields' && source !== 'expressions' && source !== 'jsonList') {
		return new UnusableSetting(
			'Device Source must be one of Input Fields, Expressions and JSON List.',
		);
	}
	if (isTool(context) && source !== 'jsonList') {
		return new UnusableSetting(
			'As a tool of an AI Agent the node takes its devices from a JSON list only. Set Device Source to JSON List.',
		);
	}
	return source;
}

export function readSettings(
	context: IExecuteFunctions,
	itemCount: number,
): DeleteSettings | UnusableSetting {
	const parameters = context.getNode().parameters;
	const fromModel = isTool(context)
		? parameterSetByModel(parameters, 'devicesJson', deleteDevicesParameters)
		: undefined;
	if (fromModel !== undefined) {
		return new UnusableSetting(
			`The model of an AI Agent may set the list of devices only, and ${fromModel} is left to it too. Give it a fixed value.`,
		);
	}
	if (isTool(context) && context.getNode().onError === 'continueErrorOutput') {
		return new UnusableSetting(
			'As a tool of an AI Agent the node has no error output: n8n would give the model an empty answer, whatever became of the devices. Set On Error to Stop Workflow or Continue.',
		);
	}
	if (isExpression(parameters.maxDevices)) {
		return new UnusableSetting('Maximum Devices must be a fixed number, not an expression.');
	}
	const dryRun = readDryRun(context, parameters.dryRun, itemCount);
	if (dryRun instanceof UnusableSetting) return dryRun;
	const maxDevices = context.getNodeParameter('maxDevices', 0) as unknown;
	const options = context.getNodeParameter('options', 0, {}) as Record<string, unknown>;
	const settings = {
		...DEFAULT_SETTINGS,
		dryRun,
		maxDevices,
		...options,
		requestId: options.requestId === '' ? undefined : options.requestId,
	};
	const refused = whyUnusable(settings);
	return refused === undefined ? (settings as DeleteSettings) : new UnusableSetting(refused);
}

function readDryRun(
	context: IExecuteFunctions,
	parameter: unknown,
	itemCount: number,
): boolean | UnusableSetting {
	const values = new Set<unknown>();
	for (let item = 0; item < (mayDifferByItem(parameter) ? itemCount : 1); item++) {
		values.add(context.getNodeParameter('dryRun', item));
	}
	if ([...values].some((value) => typeof value !== 'boolean')) {
		return new UnusableSetting('Dry Run must come out as true or false.');
	}
	if (values.size > 1) {
		return new UnusableSetting(
			'Dry Run comes out as true for some items and as false for others. It must be the same for all.',
		);
	}
	return values.has(true);
}

function whyUnusable(settings: Record<keyof DeleteSettings, unknown>): string | undefined {
	return (
		whyNoWholeNumber('Maximum Devices', settings.maxDevices, 1, 1_000_000) ??
		whyNoWholeNumber('Batch Size', settings.batchSize, 1, 100) ??
		whyNoWholeNumber('Concurrency', settings.concurrency, 1, 10) ??
		whyNoWholeNumber('Maximum Retries', settings.maxRetries, 0, 10) ??
		whyNoWholeNumber('Maximum Retry Wait', settings.maxRetryWait, 0, 1_000_000) ??
		whyNoWholeNumber('Timeout', settings.timeout, 1, 1_000_000) ??
		whyNoBoolean('Fail on Unscheduled Devices', settings.failOnUnscheduled) ??
		whyNoBoolean('Include Input Fields', settings.includeInputFields) ??
		whyNoRequestId(settings.requestId) ??
		whyNoUidValidation(settings.uidValidation)
	);
}

/** Also what keeps line breaks out of the header. */
function whyNoRequestId(value: unknown): string | undefined {
	return value === undefined || (typeof value === 'string' && isUuid(value))
		? undefined
		: 'Request ID must be a UUID, such as 0f8fad5b-d9cb-469f-a165-70867728950e.';
}

function whyNoUidValidation(value: unknown): string | undefined {
	return ['strict', 'skip', 'warn', 'permissive'].includes(value as string)
		? undefined
		: 'UID Validation must be one of Permissive, Skip, Strict and Warn.';
}
