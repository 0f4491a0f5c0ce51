import { text, trueOrFalse, wholeNumber } from './settings/parameter';

/** The options that mean the same wherever they are. */
export const COMMON_OPTIONS = {
	concurrency: wholeNumber({
		displayName: 'Concurrency',
		default: 4,
		from: 1,
		to: 10,
		description: 'Maximum parallel requests',
	}),
	includeInputFields: trueOrFalse({
		displayName: 'Include Input Fields',
		default: false,
		description:
			'Whether to add the input of each item under "input", for example to write the result back to a CMDB',
	}),
	maxRetryWait: wholeNumber({
		displayName: 'Maximum Retry Wait (Seconds)',
		default: 300,
		from: 0,
		to: 1_000_000,
		description: 'Maximum time that one run waits for retries, all waits together',
	}),
	timeout: wholeNumber({
		displayName: 'Timeout (Seconds)',
		default: 60,
		from: 1,
		to: 1_000_000,
		description: 'Maximum time for one request, with its token and its whole response',
	}),
};

export const MAXIMUM_EXPORT_WAIT = {
	displayName: 'Maximum Wait (Seconds)',
	default: 900,
	from: 1,
	to: 1_000_000,
	description: 'Maximum time from the start of an export until its file is here',
};

export const MAXIMUM_RETRIES = {
	displayName: 'Maximum Retries',
	default: 3,
	from: 0,
	to: 10,
	description: 'Maximum retries per request',
};

export const QUERY_ID = {
	displayName: 'Query ID',
	default: '',
	required: true,
	placeholder: 'e.g. #find_device_by_name',
	description: 'ID of a saved query, from Administration > NQL API queries in Nexthink',
	// Documented: a #, then 2 to 255 lower-case letters, digits and underscores.
	pattern: /^#[a-z0-9_]{2,255}$/,
	mustBe:
		'the ID of a saved query: # and then lower-case letters, digits and underscores, such as #find_device_by_name',
};

/** The query of an operation that takes any saved query. */
export const SAVED_QUERY = text(QUERY_ID);
