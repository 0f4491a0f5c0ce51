import type { INodeProperties } from 'n8n-workflow';

/** n8n's name for "the node is used as a tool of an AI Agent". */
export const AS_TOOL = { '@tool': [true] };

export const CONCURRENCY = {
	displayName: 'Concurrency',
	name: 'concurrency',
	type: 'number',
	default: 4,
	typeOptions: { minValue: 1, maxValue: 10, numberPrecision: 0 },
	description: 'How many requests are under way at once at most',
} satisfies INodeProperties;

export const INCLUDE_INPUT_FIELDS = {
	displayName: 'Include Input Fields',
	name: 'includeInputFields',
	type: 'boolean',
	default: false,
	description:
		'Whether each output item carries its input under "input", for example to write the outcome back to a CMDB',
} satisfies INodeProperties;

export const MAXIMUM_RETRIES = {
	displayName: 'Maximum Retries',
	name: 'maxRetries',
	type: 'number',
	default: 3,
	typeOptions: { minValue: 0, maxValue: 10, numberPrecision: 0 },
	description: 'How often one request is sent again at most',
} satisfies INodeProperties;

export const MAXIMUM_RETRY_WAIT = {
	displayName: 'Maximum Retry Wait (Seconds)',
	name: 'maxRetryWait',
	type: 'number',
	default: 300,
	typeOptions: { minValue: 0, numberPrecision: 0 },
	description: 'How long one run waits at most for retries, all waits together',
} satisfies INodeProperties;

export const TIMEOUT = {
	displayName: 'Timeout (Seconds)',
	name: 'timeout',
	type: 'number',
	default: 60,
	typeOptions: { minValue: 1, numberPrecision: 0 },
	description: 'How long the node waits for the answer to one request',
} satisfies INodeProperties;

export const QUERY_ID = {
	displayName: 'Query ID',
	name: 'queryId',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. #find_device_by_name',
	description: 'ID of a query that is saved in Nexthink under Administration > NQL API queries',
} satisfies INodeProperties;

/** The collection of options, in the two forms that a tool needs: there no option may be left to the model. */
export function optionsOf(options: INodeProperties[], show: object): INodeProperties[] {
	const collection = {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
	} satisfies INodeProperties;
	return [
		{ ...collection, options, displayOptions: { show: { ...show }, hide: AS_TOOL } },
		{
			...collection,
			options: options.map((option) => ({ ...option, noDataExpression: true })),
			displayOptions: { show: { ...show, ...AS_TOOL } },
		},
	];
}

/** A parameter that a person sets by expression if need be, and no model at all. */
export function authorsOwn(parameter: INodeProperties, show: object): INodeProperties[] {
	return [
		{ ...parameter, displayOptions: { show: { ...show }, hide: AS_TOOL } },
		{ ...parameter, noDataExpression: true, displayOptions: { show: { ...show, ...AS_TOOL } } },
	];
}
