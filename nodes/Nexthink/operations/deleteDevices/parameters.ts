import { UUID_PATTERN } from '../../input/uuid';
import { COMMON_OPTIONS, MAXIMUM_RETRIES } from '../commonParameters';
import { WHICH_UID } from '../documentation';
import {
	choice,
	fieldPath,
	ofEachItem,
	text,
	trueOrFalse,
	wholeNumber,
	type Parameters,
} from '../settings/parameter';

const JSON_LIST = {
	name: 'JSON List',
	value: 'jsonList',
	description: 'A list of devices in each input item, for AI agents and webhooks',
} as const;

const SWITCH_TO_FIXED =
	'This parameter needs the name of a field: switch it to Fixed and drag the field in, or set Device Source to Expressions.';

/** What the editor shows for Device > Delete, and what each parameter must be. A model may set the list of devices and nothing else. */
export const deleteDevicesParameters = {
	top: {
		deviceSource: choice({
			displayName: 'Device Source',
			scope: 'fixed',
			default: 'inputFields',
			options: [
				{
					name: 'Expressions',
					value: 'expressions',
					description: 'One device per input item, from two expressions. Slower for long lists.',
				},
				{
					name: 'Input Fields',
					value: 'inputFields',
					description: 'One device per input item, read from two of its fields. The fastest way.',
				},
				JSON_LIST,
			],
			description: 'Where the devices come from',
			forTool: {
				shown: {
					default: 'jsonList',
					options: [{ ...JSON_LIST, description: 'A list of devices, from you or from the model' }],
					description:
						"Where the devices come from. The node never reads the agent's own fields as devices.",
				},
			},
		}),
		uidField: fieldPath({
			displayName: 'UID Field',
			default: 'uid',
			required: true,
			placeholder: 'e.g. device.uid',
			hint: WHICH_UID,
			shownFor: { deviceSource: ['inputFields'] },
			forTool: { offered: 'never' },
			adviceOnExpression: SWITCH_TO_FIXED,
			description:
				'Name of the field with the device UID (normally device.uid of Nexthink, not device.collector.uid). Drag it from the input, or type a path such as row.uid.',
		}),
		nameField: fieldPath({
			displayName: 'Name Field',
			default: 'name',
			required: true,
			placeholder: 'e.g. device.name',
			shownFor: { deviceSource: ['inputFields'] },
			forTool: { offered: 'never' },
			adviceOnExpression: SWITCH_TO_FIXED,
			description:
				'Name of the field with the device name as Nexthink shows it. Drag it from the input, or type a path such as row.name.',
		}),
		deviceUid: ofEachItem('string', {
			displayName: 'Device UID',
			default: '={{ $json.uid }}',
			required: true,
			placeholder: 'e.g. 4c9d2f0e-1b7a-4e55-9c3d-8a6f0b1e2d34',
			hint: WHICH_UID,
			shownFor: { deviceSource: ['expressions'] },
			forTool: { offered: 'never' },
			description: 'UID of the device (normally device.uid of Nexthink, not device.collector.uid)',
		}),
		deviceName: ofEachItem('string', {
			displayName: 'Device Name',
			default: '={{ $json.name }}',
			required: true,
			placeholder: 'e.g. LAPTOP-0042',
			shownFor: { deviceSource: ['expressions'] },
			forTool: { offered: 'never' },
			description: 'Name of the device as Nexthink shows it',
		}),
		devicesJson: ofEachItem('json', {
			displayName: 'Devices',
			default: '[]',
			required: true,
			placeholder:
				'e.g. [{ "uid": "4c9d2f0e-1b7a-4e55-9c3d-8a6f0b1e2d34", "name": "LAPTOP-0042" }]',
			shownFor: { deviceSource: ['jsonList'] },
			description:
				'List of devices, each with uid and name: [{ "uid": "…", "name": "…" }]. The lists of all input items make one run.',
			forTool: {
				leftToModel: true,
				shown: {
					description: 'List of devices, each with uid and name: [{ "uid": "…", "name": "…" }]',
					hint: 'The button on the right leaves this to the model. Describe it then, e.g. "List of devices, each with uid and name".',
				},
			},
		}),
		dryRun: trueOrFalse({
			displayName: 'Dry Run',
			default: false,
			description:
				'Whether to check the device list and show what would be sent, without any request to Nexthink',
			forTool: { shown: { default: true } },
		}),
		maxDevices: wholeNumber({
			displayName: 'Maximum Devices',
			scope: 'fixed',
			default: 1000,
			from: 1,
			to: 1_000_000,
			required: true,
			description:
				'If the device list has more distinct devices than this, nothing is sent. Counts per run of this node: if n8n runs it again, in a loop or for a second branch, the count starts anew.',
			forTool: {
				shown: {
					default: 10,
					description:
						'If the model names more distinct devices than this in one call, nothing is sent. Counts per call.',
				},
			},
		}),
	},
	options: {
		batchSize: wholeNumber({
			displayName: 'Batch Size',
			default: 100,
			from: 1,
			to: 100,
			description: 'Maximum devices per request. Nexthink accepts up to 100.',
		}),
		concurrency: COMMON_OPTIONS.concurrency,
		includeInputFields: COMMON_OPTIONS.includeInputFields,
		maxRetries: wholeNumber({
			...MAXIMUM_RETRIES,
			description: 'Maximum retries per request, and per FAILED device',
		}),
		maxRetryWait: COMMON_OPTIONS.maxRetryWait,
		requestId: text({
			displayName: 'Request ID',
			default: '',
			placeholder: 'e.g. 0f8fad5b-d9cb-469f-a165-70867728950e',
			description:
				'UUID for the correlation header of the first request, for Nexthink support. The other requests get IDs derived from it. Without it, all IDs are random.',
			// Also what keeps line breaks out of the header.
			pattern: UUID_PATTERN,
			mustBe: 'a UUID, such as 0f8fad5b-d9cb-469f-a165-70867728950e',
			mayBeLeftEmpty: true,
		}),
		failOnUnscheduled: trueOrFalse({
			displayName: 'Stop on Unscheduled Devices',
			default: false,
			description:
				'Whether INVALID and FAILED devices also end the execution when On Error is Stop Workflow. The other modes ignore this option.',
		}),
		timeout: COMMON_OPTIONS.timeout,
		uidValidation: choice({
			displayName: 'UID Validation',
			default: 'warn',
			description: "What to do with a UID that doesn't have the form 8-4-4-4-12 hexadecimal digits",
			options: [
				{
					name: 'Permissive',
					value: 'permissive',
					description: 'Send it and let Nexthink decide',
				},
				{
					name: 'Skip',
					value: 'skip',
					description: 'Mark it as INVALID and send the others',
				},
				{
					name: 'Strict',
					value: 'strict',
					description: 'Send nothing at all',
				},
				{
					name: 'Warn',
					value: 'warn',
					description: 'Send it, let Nexthink decide, and show a hint',
				},
			],
		}),
	},
} satisfies Parameters;
