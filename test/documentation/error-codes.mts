import {
	entryForQueries,
	ERROR_CODES,
	type ErrorCodeEntry,
	type KnownErrorCode,
	type NextStep,
} from '../../nodes/Nexthink/api/errorCodes.ts';
import { table } from './format.mts';

const CODES = Object.keys(ERROR_CODES) as KnownErrorCode[];

/** Codes that speak of devices: no lookup, query or export ends with one of them. */
const OF_DELETIONS_ALONE: readonly KnownErrorCode[] = [
	'FEATURE_NOT_ENABLED',
	'EMPTY_TENANT',
	'EMPTY_REQUEST',
	'BATCH_SIZE_EXCEEDED',
	'INVALID_REQUEST',
	'DEVICE_INVALID',
	'DEVICE_FAILED',
	'MAX_DEVICES_EXCEEDED',
	'INVALID_UID',
];

const OF_QUERIES_ALONE = /^(?:COLUMN|EXPORT|FILE|QUERY)_/;

/** The codes that a deletion can end with. */
export const CODES_OF_DELETIONS = CODES.filter((code) => !OF_QUERIES_ALONE.test(code));

/** The codes that a lookup, a query or an export can end with. */
export const CODES_OF_QUERIES = CODES.filter((code) => !OF_DELETIONS_ALONE.includes(code));

export function deletionCodeTable(): string {
	return codeTable(CODES_OF_DELETIONS, (code) => ERROR_CODES[code]);
}

export function queryCodeTable(): string {
	return codeTable(CODES_OF_QUERIES, entryForQueries);
}

const NEXT_STEPS: Readonly<Record<NextStep, string>> = {
	stop: 'ends the run',
	repeat: 'retries',
	slowDown: 'waits, then retries, one request at a time',
	halve: 'sends smaller batches',
	split: 'searches for the device',
	goOn: 'continues',
};

function codeTable(
	codes: readonly KnownErrorCode[],
	entryOf: (code: KnownErrorCode) => ErrorCodeEntry,
): string {
	return table(
		['Code', 'What happened', 'What to do', 'The node', '`retryable`'],
		codes.map((code) => {
			const { message, advice, then, retryable } = entryOf(code);
			return [`\`${code}\``, message, advice, NEXT_STEPS[then], `\`${retryable}\``];
		}),
	);
}
