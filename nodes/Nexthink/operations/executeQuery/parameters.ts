import type { INodeProperties } from 'n8n-workflow';

import {
	authorsOwn,
	CONCURRENCY,
	MAXIMUM_RETRIES,
	MAXIMUM_RETRY_WAIT,
	optionsOf,
	QUERY_ID,
	TIMEOUT,
} from '../parameters';
import { QUERY_PARAMETERS } from '../queryParameters';

const FOR_EXECUTE = { resource: ['nqlQuery'], operation: ['execute'] };

/** What the editor shows for NQL Query > Execute. A model may set the values of the query's parameters and nothing else. */
export const executeQueryParameters: INodeProperties[] = [
	...authorsOwn(QUERY_ID, FOR_EXECUTE),
	{ ...QUERY_PARAMETERS, displayOptions: { show: FOR_EXECUTE } },
	...optionsOf([CONCURRENCY, MAXIMUM_RETRIES, MAXIMUM_RETRY_WAIT, TIMEOUT], FOR_EXECUTE),
];
