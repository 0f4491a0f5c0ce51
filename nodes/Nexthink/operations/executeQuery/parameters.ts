import { COMMON_OPTIONS, MAXIMUM_RETRIES, SAVED_QUERY } from '../commonParameters';
import { QUERY_PARAMETERS } from '../queryParameters';
import { wholeNumber, type Parameters } from '../settings/parameter';

/** NQL Query > Execute. A model may set the values of the query's parameters and nothing else. */
export const executeQueryParameters = {
	top: { queryId: SAVED_QUERY, queryParameters: QUERY_PARAMETERS },
	options: {
		concurrency: COMMON_OPTIONS.concurrency,
		maxRetries: wholeNumber(MAXIMUM_RETRIES),
		maxRetryWait: COMMON_OPTIONS.maxRetryWait,
		timeout: COMMON_OPTIONS.timeout,
	},
} satisfies Parameters;
