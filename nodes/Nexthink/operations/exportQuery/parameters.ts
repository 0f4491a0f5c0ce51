import type { INodeProperties } from 'n8n-workflow';

import { AS_TOOL, MAXIMUM_RETRIES, MAXIMUM_RETRY_WAIT, QUERY_ID, TIMEOUT } from '../parameters';
import { QUERY_PARAMETERS } from '../queryParameters';

const FOR_EXPORT = { show: { resource: ['nqlQuery'], operation: ['export'] }, hide: AS_TOOL };

const OPTION_FIELDS: INodeProperties[] = [
	{
		displayName: 'Compression',
		name: 'compression',
		type: 'options',
		default: 'NONE',
		description:
			'How Nexthink packs the file. Leave None for Extract From File, which does not unpack.',
		options: [
			{ name: 'GZIP', value: 'GZIP' },
			{ name: 'None', value: 'NONE' },
			{ name: 'ZSTD', value: 'ZSTD' },
		],
	},
	{
		displayName: 'Maximum File Size (MB)',
		name: 'maxFileSize',
		type: 'number',
		default: 512,
		typeOptions: { minValue: 1, maxValue: 1_000_000, numberPrecision: 0 },
		description: 'Maximum size of the exported file. The node stops a transfer that exceeds it.',
	},
	{
		displayName: 'Maximum Wait (Seconds)',
		name: 'maxExportWait',
		type: 'number',
		default: 900,
		typeOptions: { minValue: 1, numberPrecision: 0 },
		description:
			'How long the node waits at most from the start of an export until its file is here',
	},
	MAXIMUM_RETRIES,
	MAXIMUM_RETRY_WAIT,
	{
		displayName: 'Put Output File in Field',
		name: 'binaryPropertyName',
		type: 'string',
		default: 'data',
		placeholder: 'e.g. data',
		hint: 'The name of the output binary field to put the file in',
	},
	TIMEOUT,
];

/** What the editor shows for NQL Query > Export. It is no tool: exports are few in a day, and no model could read the file. */
export const exportQueryParameters: INodeProperties[] = [
	{ ...QUERY_ID, displayOptions: FOR_EXPORT },
	{ ...QUERY_PARAMETERS, displayOptions: FOR_EXPORT },
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: FOR_EXPORT,
		options: OPTION_FIELDS,
	},
];
