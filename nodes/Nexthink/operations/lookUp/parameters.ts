import type { INodeProperties } from 'n8n-workflow';

import {
	AS_TOOL,
	authorsOwn,
	CONCURRENCY,
	INCLUDE_INPUT_FIELDS,
	MAXIMUM_RETRIES,
	MAXIMUM_RETRY_WAIT,
	optionsOf,
	QUERY_ID,
	TIMEOUT,
} from '../parameters';

const FOR_LOOK_UP = { resource: ['device'], operation: ['lookUp'] };

const OPTION_FIELDS: INodeProperties[] = [
	{
		displayName: 'Check Column',
		name: 'checkColumn',
		type: 'string',
		default: '',
		placeholder: 'e.g. device.hardware.machine_serial_number',
		description:
			'Column of the result that must hold the same as Check Field, such as a serial number. Without case; blank is never the same.',
	},
	{
		displayName: 'Check Field',
		name: 'checkField',
		type: 'string',
		default: '',
		placeholder: 'e.g. serial_number',
		requiresDataPath: 'single',
		description: 'Name of the input field that Check Column must agree with',
	},
	CONCURRENCY,
	INCLUDE_INPUT_FIELDS,
	{
		displayName: 'Last Seen Column',
		name: 'lastSeenColumn',
		type: 'string',
		default: '',
		placeholder: 'e.g. device.last_seen',
		description:
			'Column of the result that says when the device was last seen. One that was seen too recently is not FOUND.',
	},
	MAXIMUM_RETRIES,
	MAXIMUM_RETRY_WAIT,
	{
		displayName: 'Minimum Days Since Last Seen',
		name: 'minDaysSinceLastSeen',
		type: 'number',
		default: 30,
		typeOptions: { minValue: 0, numberPrecision: 0 },
		description: 'How many days ago Last Seen Column must be at least',
	},
	TIMEOUT,
];

/** What the editor shows for Device > Look Up. A model may set the names to look up and nothing else. */
export const lookUpParameters: INodeProperties[] = [
	...authorsOwn(
		{
			...QUERY_ID,
			description:
				'ID of a saved query that finds a device by its name, from Administration > NQL API queries in Nexthink. The page docs/look-up.md of this node has one to copy.',
		},
		FOR_LOOK_UP,
	),
	{
		displayName: 'Lookup Field',
		name: 'lookupField',
		type: 'string',
		default: 'name',
		required: true,
		placeholder: 'e.g. name',
		requiresDataPath: 'single',
		displayOptions: { show: FOR_LOOK_UP, hide: AS_TOOL },
		description:
			'Name of the input field that holds the device name. Drag it from the input, or type a path such as row.name.',
	},
	{
		displayName: 'Names',
		name: 'lookupValues',
		type: 'json',
		default: '[]',
		required: true,
		placeholder: 'e.g. ["LAPTOP-0042"]',
		displayOptions: { show: { ...FOR_LOOK_UP, ...AS_TOOL } },
		description: 'List of device names: ["LAPTOP-0042", "LAPTOP-0043"]',
		hint: 'The button on the right leaves this to the model. Describe it then, e.g. "List of device names".',
	},
	...authorsOwn(
		{
			displayName: 'Parameter Name',
			name: 'parameterName',
			type: 'string',
			default: 'device_name',
			required: true,
			placeholder: 'e.g. device_name',
			description: 'Name of the parameter that the saved query declares, without its $',
		},
		FOR_LOOK_UP,
	),
	...authorsOwn(
		{
			displayName: 'UID Column',
			name: 'uidColumn',
			type: 'string',
			default: 'device.uid',
			required: true,
			placeholder: 'e.g. device.uid',
			hint: 'Normally device.uid, not device.collector.uid. Prove it on one device.',
			description: 'Column of the result that holds the device UID',
		},
		FOR_LOOK_UP,
	),
	...authorsOwn(
		{
			displayName: 'Name Column',
			name: 'nameColumn',
			type: 'string',
			default: 'device.name',
			required: true,
			placeholder: 'e.g. device.name',
			description:
				'Column of the result that holds the device name. It must equal the name wanted.',
		},
		FOR_LOOK_UP,
	),
	...optionsOf(OPTION_FIELDS, FOR_LOOK_UP),
];
