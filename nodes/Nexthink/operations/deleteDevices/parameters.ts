import type { INodeProperties } from 'n8n-workflow';

import {
	AS_TOOL,
	CONCURRENCY,
	INCLUDE_INPUT_FIELDS,
	MAXIMUM_RETRIES,
	MAXIMUM_RETRY_WAIT,
	optionsOf,
	TIMEOUT,
} from '../parameters';

const FOR_DELETE = { resource: ['device'], operation: ['delete'] };

const JSON_LIST = {
	name: 'JSON List',
	value: 'jsonList',
	description: 'A list of devices in each input item, for AI agents and webhooks',
};

const JSON_LIST_OF_TOOL = {
	...JSON_LIST,
	description: 'A list of devices, from you or from the model',
};

const DRY_RUN = {
	displayName: 'Dry Run',
	name: 'dryRun',
	type: 'boolean',
	default: false,
	description:
		'Whether to check the list and show what would be sent, without any request to Nexthink',
} satisfies INodeProperties;

const DEVICES = {
	displayName: 'Devices',
	name: 'devicesJson',
	type: 'json',
	default: '[]',
	required: true,
	placeholder: 'e.g. [{ "uid": "4c9d2f0e-1b7a-4e55-9c3d-8a6f0b1e2d34", "name": "LAPTOP-0042" }]',
} satisfies INodeProperties;

const OPTION_FIELDS: INodeProperties[] = [
	{
		displayName: 'Batch Size',
		name: 'batchSize',
		type: 'number',
		default: 100,
		typeOptions: { minValue: 1, maxValue: 100, numberPrecision: 0 },
		description: 'How many devices one request holds at most. Nexthink takes up to 100.',
	},
	CONCURRENCY,
	{
		displayName: 'Fail on Unscheduled Devices',
		name: 'failOnUnscheduled',
		type: 'boolean',
		default: false,
		description:
			'Whether INVALID and FAILED devices go the way that On Error chooses, as REJECTED, NOT_SENT and UNKNOWN ones do',
	},
	INCLUDE_INPUT_FIELDS,
	{
		...MAXIMUM_RETRIES,
		description: 'How often one request, or a FAILED device, is sent again at most',
	},
	MAXIMUM_RETRY_WAIT,
	{
		displayName: 'Request ID',
		name: 'requestId',
		type: 'string',
		default: '',
		placeholder: 'e.g. 0f8fad5b-d9cb-469f-a165-70867728950e',
		description:
			'UUID that the first request carries in its correlation header, for Nexthink support; the other requests get IDs derived from it. Random IDs without it.',
	},
	TIMEOUT,
	{
		displayName: 'UID Validation',
		name: 'uidValidation',
		type: 'options',
		default: 'warn',
		description: 'What happens to a UID that is not of the form 8-4-4-4-12 hexadecimal digits',
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
	},
];

/**
 * What the editor shows for Device > Delete. What differs for a tool stands twice: there the editor offers to leave every parameter that
 * takes an expression to the model, and that is meant for the list of devices only.
 */
export const deleteDevicesParameters: INodeProperties[] = [
	{
		displayName: 'Device Source',
		name: 'deviceSource',
		type: 'options',
		noDataExpression: true,
		default: 'inputFields',
		options: [
			{
				name: 'Input Fields',
				value: 'inputFields',
				description: 'One device per input item, read from two of its fields. The fastest way.',
			},
			{
				name: 'Expressions',
				value: 'expressions',
				description: 'One device per input item, from two expressions. Slower for long lists.',
			},
			JSON_LIST,
		],
		displayOptions: { show: FOR_DELETE, hide: AS_TOOL },
		description: 'Where the devices come from',
	},
	{
		displayName: 'Device Source',
		name: 'deviceSource',
		type: 'options',
		noDataExpression: true,
		default: 'jsonList',
		options: [JSON_LIST_OF_TOOL],
		displayOptions: { show: { ...FOR_DELETE, ...AS_TOOL } },
		description: "Where the devices come from. An agent's own fields are never taken for devices.",
	},
	{
		displayName: 'UID Field',
		name: 'uidField',
		type: 'string',
		default: 'uid',
		required: true,
		placeholder: 'e.g. device.uid',
		requiresDataPath: 'single',
		hint: 'Normally device.uid, not device.collector.uid. Prove it on one device.',
		displayOptions: { show: { ...FOR_DELETE, deviceSource: ['inputFields'] } },
		description:
			'Name of the field that holds the device UID (normally device.uid of Nexthink, not device.collector.uid). Drag it from the input, or type a path such as row.uid.',
	},
	{
		displayName: 'Name Field',
		name: 'nameField',
		type: 'string',
		default: 'name',
		required: true,
		placeholder: 'e.g. device.name',
		requiresDataPath: 'single',
		displayOptions: { show: { ...FOR_DELETE, deviceSource: ['inputFields'] } },
		description:
			'Name of the field that holds the device name as Nexthink shows it. Drag it from the input, or type a path such as row.name.',
	},
	{
		displayName: 'Device UID',
		name: 'deviceUid',
		type: 'string',
		default: '={{ $json.uid }}',
		required: true,
		placeholder: 'e.g. 4c9d2f0e-1b7a-4e55-9c3d-8a6f0b1e2d34',
		hint: 'Normally device.uid, not device.collector.uid. Prove it on one device.',
		displayOptions: { show: { ...FOR_DELETE, deviceSource: ['expressions'] } },
		description: 'UID of the device (normally device.uid of Nexthink, not device.collector.uid)',
	},
	{
		displayName: 'Device Name',
		name: 'deviceName',
		type: 'string',
		default: '={{ $json.name }}',
		required: true,
		placeholder: 'e.g. LAPTOP-0042',
		displayOptions: { show: { ...FOR_DELETE, deviceSource: ['expressions'] } },
		description: 'Name of the device as Nexthink shows it',
	},
	{
		...DEVICES,
		displayOptions: { show: { ...FOR_DELETE, deviceSource: ['jsonList'] }, hide: AS_TOOL },
		description:
			'List of devices, each with uid and name: [{ "uid": "…", "name": "…" }]. The lists of all input items make one run.',
	},
	{
		...DEVICES,
		displayOptions: { show: { ...FOR_DELETE, ...AS_TOOL, deviceSource: ['jsonList'] } },
		description: 'List of devices, each with uid and name: [{ "uid": "…", "name": "…" }]',
		hint: 'The button on the right leaves this to the model. Describe it then, e.g. "List of devices, each with uid and name".',
	},
	{ ...DRY_RUN, displayOptions: { show: FOR_DELETE, hide: AS_TOOL } },
	{
		...DRY_RUN,
		noDataExpression: true,
		displayOptions: { show: { ...FOR_DELETE, ...AS_TOOL } },
	},
	{
		displayName: 'Maximum Devices',
		name: 'maxDevices',
		type: 'number',
		default: 1000,
		required: true,
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 1_000_000, numberPrecision: 0 },
		displayOptions: { show: FOR_DELETE },
		description: 'If the list holds more distinct devices than this, nothing at all is sent',
	},
	...optionsOf(OPTION_FIELDS, FOR_DELETE),
];
