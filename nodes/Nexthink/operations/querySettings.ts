import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import {
	isTool,
	parameterSetByModel,
	UnusableSetting,
	whyNoBoolean,
	whyNoWholeNumber,
} from './settings';

/** The options that hold for every kind of query. Seconds as in the editor. */
export interface QueryOptions {
	concurrency: number;
	includeInputFields: boolean;
	maxRetries: number;
	maxRetryWait: number;
	timeout: number;
}

/** The defaults of the editor; also what a refused run is reported with. */
export const DEFAULT_QUERY_OPTIONS: QueryOptions = {
	concurrency: 4,
	includeInputFields: false,
	maxRetries: 3,
	maxRetryWait: 300,
	timeout: 60,
};

export function whyQueryOptionsUnusable(
	options: Record<keyof QueryOptions, unknown>,
): string | undefined {
	return (
		whyNoWholeNumber('Concurrency', options.concurrency, 1, 10) ??
		whyNoWholeNumber('Maximum Retries', options.maxRetries, 0, 10) ??
		whyNoWholeNumber('Maximum Retry Wait', options.maxRetryWait, 0, 1_000_000) ??
		whyNoWholeNumber('Timeout', options.timeout, 1, 1_000_000) ??
		whyNoBoolean('Include Input Fields', options.includeInputFields)
	);
}

/** Documented: a `#`, then 2 to 255 lower-case letters, digits and underscores. */
const QUERY_ID_PATTERN = /^#[a-z0-9_]{2,255}$/;

export function readQueryId(context: IExecuteFunctions): string | UnusableSetting {
	const queryId = context.getNodeParameter('queryId', 0) as unknown;
	return typeof queryId === 'string' && QUERY_ID_PATTERN.test(queryId)
		? queryId
		: new UnusableSetting(
				'Query ID must be that of a saved query: # and then lower-case letters, digits and underscores, such as #find_device_by_name.',
			);
}

/**
 * What keeps a query from running as a tool of an AI Agent.
 *
 * @param left the one parameter that may be left to the model
 * @param what that is, in words
 */
export function whyNoTool(
	context: IExecuteFunctions,
	left: string,
	what: string,
	properties: readonly INodeProperties[],
): string | undefined {
	if (!isTool(context)) return undefined;
	const { parameters, onError } = context.getNode();
	const fromModel = parameterSetByModel(parameters, left, properties);
	if (fromModel !== undefined) {
		return `The model of an AI Agent may set ${what} only, and ${fromModel} is left to it too. Give it a fixed value.`;
	}
	return onError === 'continueErrorOutput'
		? 'As a tool of an AI Agent the node has no error output: n8n would give the model an empty answer. Set On Error to Stop Workflow or Continue.'
		: undefined;
}
