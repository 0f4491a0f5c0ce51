import {
	CONCURRENCY,
	MAXIMUM_RETRIES,
	MAXIMUM_RETRY_WAIT,
	SAVED_QUERY,
	TIMEOUT,
} from '../commonParameters';
import { QUERY_PARAMETERS } from '../queryParameters';
import { wholeNumber, type Parameters } from '../settings/parameter';

/** NQL Query > Execute. A model may set the values of the query's parameters and nothing else. */
export const executeQueryParameters = {
	top: { queryId: SAVED_QUERY, queryParameters: QUERY_PARAMETERS },
	options: {
		concurrency: CONCURRENCY,
		maxRetries: wholeNumber(MAXIMUM_RETRIES),
		maxRetryWait: MAXIMUM_RETRY_WAIT,
		timeout: TIMEOUT,
	},
} satisfies Parameters;
