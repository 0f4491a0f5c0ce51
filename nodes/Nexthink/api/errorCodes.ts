/** What follows from a request that did not succeed. How often and after which wait it is repeated is the run's business. */
export type NextStep =
	/** Every further request would end the same way: the run stops. */
	| 'stop'
	/** The same request may succeed later. */
	| 'repeat'
	/** The same, and Nexthink is flooded: one request at a time from now on. */
	| 'slowDown'
	/** The devices are sent in smaller batches. */
	| 'halve'
	/** One device is at fault, and smaller batches find it. */
	| 'split'
	/** Repeating it would not help; the other devices are sent. */
	| 'goOn';

/**
 * Every code that a run can end with, in one table: what happened, how to get on, whether the same request may succeed later, and
 * what the run does next.
 *
 * Codes of Nexthink are documented by Nexthink; the others are this node's own. Messages avoid words such as ENOTFOUND or EPERM,
 * which n8n would replace by texts of its own wherever they occur.
 */
export interface ErrorCodeEntry {
	/** What happened, as a sentence without its full stop. */
	message: string;
	/** How to get on. */
	advice: string;
	/** Whether the same request may succeed later without a change to the workflow, the credential or the tenant. */
	retryable: boolean;
	/** What the run does next; see `NextStep`. */
	then: NextStep;
	/** n8n's own word for the cause (its `failure` field, n8n 2.41), where one fits. */
	cause?:
		| 'rate-limited'
		| 'temporarily-unavailable'
		| 'credential-invalid'
		| 'configuration-invalid';
	/** What is said and done otherwise where it was a query that was asked for, not a deletion. */
	forQueries?: Partial<Pick<ErrorCodeEntry, 'message' | 'advice' | 'then'>>;
}

const OTHER_TENANT =
	'If the credential was changed to another tenant, create a new credential instead: n8n continues to use the token of the old one until it expires.';

export const ERROR_CODES = {
	UNAUTHORIZED: {
		message: "Nexthink didn't accept the credential",
		advice:
			'Open the credential, check Client ID, Client Secret, Region and Instance, and test it. In Nexthink, Administration > API credentials shows whether it still exists.',
		retryable: false,
		then: 'stop',
		cause: 'credential-invalid',
	},
	TOKEN_UNAVAILABLE: {
		message: "Nexthink didn't return an access token",
		advice:
			"Check that n8n can reach the login host of your tenant. Run the workflow again for the devices that weren't scheduled.",
		retryable: true,
		then: 'repeat',
		cause: 'temporarily-unavailable',
		forQueries: {
			advice: 'Check that n8n can reach the login host of your tenant. Run the workflow again.',
		},
	},
	FEATURE_NOT_ENABLED: {
		message: "The Data management API isn't enabled for this Nexthink tenant",
		advice: 'Ask Nexthink support to enable the Data management API for your tenant.',
		retryable: false,
		then: 'stop',
		cause: 'configuration-invalid',
	},
	FORBIDDEN: {
		message: "The credential doesn't have permission to delete devices",
		advice: `In Nexthink, open Administration > API credentials and select Data management for this credential. If it's selected, check that no proxy responds instead of Nexthink. ${OTHER_TENANT}`,
		retryable: false,
		then: 'stop',
		cause: 'credential-invalid',
		forQueries: {
			message: "The credential doesn't have permission to run queries",
			advice: `In Nexthink, open Administration > API credentials and select NQL API for this credential. If it's selected, check that no proxy responds instead of Nexthink. ${OTHER_TENANT}`,
		},
	},
	EMPTY_TENANT: {
		message: "Nexthink couldn't tell which tenant the credential belongs to",
		advice: `Check that Region and Instance of the credential are those of the tenant that issued it. ${OTHER_TENANT}`,
		retryable: false,
		then: 'stop',
		cause: 'credential-invalid',
	},
	NOT_FOUND: {
		message: "Nexthink doesn't recognize the address of its Data management API",
		advice:
			'Check Region and Instance of the credential, or API Base URL if Region is Custom: it must not contain a part of the path.',
		retryable: false,
		then: 'stop',
		cause: 'configuration-invalid',
		forQueries: {
			message: 'Nexthink has no saved query with this ID',
			advice:
				'In Nexthink, open Administration > NQL API queries and copy the ID of the query, with its #, into Query ID. If it is there, check Region and Instance of the credential.',
		},
	},
	EMPTY_REQUEST: {
		message: 'Nexthink received a request without devices',
		advice:
			'Something between n8n and Nexthink took the body out of the request. Check proxies, and API Base URL if Region is Custom.',
		retryable: false,
		then: 'stop',
		cause: 'configuration-invalid',
	},
	BATCH_SIZE_EXCEEDED: {
		message: 'Nexthink rejected even a request with a single device as too large',
		advice:
			'Something between n8n and Nexthink limits the size of requests. Check proxies, or give the request ID to Nexthink support.',
		retryable: false,
		then: 'halve',
		cause: 'configuration-invalid',
	},
	INVALID_REQUEST: {
		message: 'Nexthink rejected a request because of its devices',
		advice:
			"One invalid device makes Nexthink reject the whole request. The node stopped because it found too many of them, or because they don't seem to be the cause. Check the UIDs and names of the rejected devices. If they're correct, give the request ID to Nexthink support.",
		retryable: false,
		then: 'split',
	},
	REQUEST_REFUSED: {
		message: 'Nexthink, or another server on the way to it, rejected the request',
		advice:
			'Check that no proxy responds instead of Nexthink. If the response is from Nexthink, give the request ID to Nexthink support.',
		retryable: false,
		then: 'goOn',
		forQueries: {
			message: 'Nexthink rejected the query',
			advice:
				'Check that the names of the parameters are those that the saved query declares, without their $. If they are, run the query in Nexthink to see whether it still works.',
		},
	},
	RATE_LIMITED: {
		message: 'Nexthink received too many requests',
		advice: "Wait. Run the workflow again for the devices that weren't scheduled.",
		retryable: true,
		then: 'slowDown',
		cause: 'rate-limited',
		forQueries: {
			advice:
				'Wait, then run the workflow again, with a lower Concurrency if it happens often. Nexthink allows 50 exports a day.',
		},
	},
	SERVICE_UNAVAILABLE: {
		message: "Nexthink isn't available at the moment",
		advice:
			"Run the workflow again later for the devices that weren't scheduled. Sending a device again soon after does no harm.",
		retryable: true,
		then: 'repeat',
		cause: 'temporarily-unavailable',
		forQueries: {
			advice: 'Run the workflow again later.',
		},
	},
	INTERNAL_ERROR: {
		message: "Nexthink couldn't process the request",
		advice:
			"Run the workflow again for the devices that weren't scheduled. Sending a device again soon after does no harm. If it happens again, give the request ID to Nexthink support.",
		retryable: true,
		then: 'repeat',
		cause: 'temporarily-unavailable',
		forQueries: {
			message: "Nexthink couldn't run the query",
			advice:
				'Run the workflow again. If it happens again, run the query in Nexthink: export one that takes more than a few seconds.',
		},
	},
	TIMEOUT: {
		message: "Nexthink didn't respond in time",
		advice:
			'The devices of that request might be queued. Run the workflow again for them. Sending a device again soon after does no harm. Options > Timeout sets how long the node waits.',
		retryable: true,
		then: 'repeat',
		cause: 'temporarily-unavailable',
		forQueries: {
			advice:
				'Run the workflow again. Options > Timeout sets how long the node waits; export a query that takes more than a few seconds.',
		},
	},
	NETWORK_ERROR: {
		message: "Couldn't connect to Nexthink, or the connection was lost",
		advice:
			"Check that n8n can reach the API host of your tenant. Run the workflow again for the devices that weren't scheduled. Sending a device again soon after does no harm.",
		retryable: true,
		then: 'repeat',
		cause: 'temporarily-unavailable',
		forQueries: {
			advice: 'Check that n8n can reach the API host of your tenant. Run the workflow again.',
		},
	},
	UNEXPECTED_RESPONSE: {
		message: "Nexthink's response doesn't say what happened to the devices",
		advice:
			'They might be queued. Check that the API host in the credential belongs to Nexthink. Check that no proxy responds instead of Nexthink. Sending a device again soon after does no harm.',
		retryable: false,
		then: 'goOn',
		forQueries: {
			message: "The response to the query can't be read",
			advice:
				'Check that the API host in the credential belongs to Nexthink. Check that no proxy responds instead of Nexthink.',
		},
	},
	DEVICE_INVALID: {
		message: "The device was skipped because its UID or name can't be used",
		advice: 'Correct the UID or the name at its source.',
		retryable: false,
		then: 'goOn',
	},
	DEVICE_FAILED: {
		message: "Nexthink couldn't schedule the device because of a fault on its own side",
		advice: 'Run the workflow again for these devices.',
		retryable: true,
		then: 'goOn',
	},
	COLUMN_MISSING: {
		message: 'The result of the query lacks a column',
		advice:
			'List the column in the saved query, or correct its name in the node. The names are those of the result, such as device.uid.',
		retryable: false,
		then: 'stop',
		cause: 'configuration-invalid',
	},
	QUERY_HIDES_DEVICES: {
		message: 'The saved query hides devices',
		advice:
			'Remove limit and the time range from the saved query in Nexthink: a device with the same name might be missing from its result.',
		retryable: false,
		then: 'stop',
		cause: 'configuration-invalid',
	},
	EXPORT_FAILED: {
		message: "Nexthink couldn't complete the export",
		advice: 'Run the query in Nexthink to see whether it works and how many rows it returns.',
		retryable: false,
		then: 'stop',
	},
	EXPORT_UNFINISHED: {
		message: "The export wasn't complete in time",
		advice:
			'Nexthink might still complete it, but its file can only be fetched by a new export. Raise Maximum Wait, or narrow down the query.',
		retryable: true,
		then: 'stop',
		cause: 'temporarily-unavailable',
	},
	FILE_UNAVAILABLE: {
		message: "The file of the export couldn't be fetched",
		advice:
			"Check that n8n can reach the host of the file, which isn't the API host of your tenant. Run the workflow again.",
		retryable: true,
		then: 'repeat',
		cause: 'temporarily-unavailable',
	},
	FILE_UNUSABLE: {
		message: "The file of the export can't be used",
		advice:
			'Export the saved query once with NQL Query > Export and look at its file. The node needs a complete CSV file in UTF-8, separated by commas.',
		retryable: false,
		then: 'stop',
	},
	FILE_NOT_STORED: {
		message: "The file of the export arrived, but n8n couldn't store it",
		advice:
			'Ask your n8n administrator to check the free space and the largest file that n8n accepts as binary data, or narrow down the query.',
		retryable: false,
		then: 'stop',
		cause: 'configuration-invalid',
	},
	MAX_DEVICES_EXCEEDED: {
		message: 'The device list contains more devices than Maximum Devices allows',
		advice:
			'Check that the list is the one you meant. If it is, raise Maximum Devices in the node.',
		retryable: false,
		then: 'stop',
		cause: 'configuration-invalid',
	},
	INVALID_UID: {
		message: 'The device list contains a malformed UID, and UID Validation is set to Strict',
		advice:
			'A UID has the form 8-4-4-4-12 hexadecimal digits. Correct the list, or choose another UID Validation in the options.',
		retryable: false,
		then: 'stop',
		cause: 'configuration-invalid',
	},
	INVALID_PARAMETER: {
		message: "A setting of the node or its credential can't be used",
		advice: 'Correct the setting and run the workflow again.',
		retryable: false,
		then: 'stop',
		cause: 'configuration-invalid',
	},
	CIRCUIT_OPEN: {
		message: "Three batches in a row didn't succeed, so the node sent no more",
		advice:
			"Wait until Nexthink is available again. Run the workflow again for the devices that weren't scheduled.",
		retryable: true,
		then: 'stop',
		cause: 'temporarily-unavailable',
		forQueries: {
			message: "Three queries in a row didn't succeed, so the node sent no more",
			advice: 'Wait until Nexthink is available again. Run the workflow again.',
		},
	},
	CANCELLED: {
		message: 'The execution was cancelled',
		advice: "Run the workflow again for the devices that weren't scheduled.",
		retryable: true,
		then: 'stop',
		forQueries: {
			advice: 'Run the workflow again.',
		},
	},
} as const satisfies Record<string, ErrorCodeEntry>;

/** The texts and the next step of a row where a query was asked for. */
export function entryForQueries(code: KnownErrorCode): ErrorCodeEntry {
	const entry: ErrorCodeEntry = ERROR_CODES[code];
	return { ...entry, ...entry.forQueries };
}

/** The codes of the table. Nexthink may add codes later: those pass through as they came. */
export type KnownErrorCode = keyof typeof ERROR_CODES;

/** @returns the row of a code, or undefined for a code that the table does not hold. */
export function errorCodeEntry(code: string): ErrorCodeEntry | undefined {
	return Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as KnownErrorCode] : undefined;
}

/** The codes that Nexthink documents, and the first digit of the HTTP status each comes with. */
const DOCUMENTED_CODES: Partial<Record<string, 4 | 5>> = {
	EMPTY_REQUEST: 4,
	INVALID_REQUEST: 4,
	BATCH_SIZE_EXCEEDED: 4,
	EMPTY_TENANT: 4,
	FEATURE_NOT_ENABLED: 4,
	INTERNAL_ERROR: 5,
} satisfies Partial<Record<KnownErrorCode, 4 | 5>>;

/** 413 comes from gateways that cap the size of a body; 408 and 499 say that the request found no answer. */
const CODES_OF_STATUS: Partial<Record<number, KnownErrorCode>> = {
	401: 'UNAUTHORIZED',
	403: 'FORBIDDEN',
	404: 'NOT_FOUND',
	408: 'TIMEOUT',
	413: 'BATCH_SIZE_EXCEEDED',
	429: 'RATE_LIMITED',
	499: 'TIMEOUT',
	500: 'INTERNAL_ERROR',
};

/**
 * The row that decides what follows from an answer that is no success.
 *
 * @param httpStatus a status outside 2xx
 * @param code the code in the body, where there is one; an unfamiliar one is treated by its HTTP status
 */
export function rowOf(httpStatus: number, code: string | undefined): KnownErrorCode {
	const ofStatus = CODES_OF_STATUS[httpStatus];
	// A status that asks for another attempt speaks of the moment, whatever is said of the devices.
	if (ofStatus !== undefined && ERROR_CODES[ofStatus].retryable) return ofStatus;
	if (code !== undefined && DOCUMENTED_CODES[code] === Math.floor(httpStatus / 100)) {
		return code as KnownErrorCode;
	}
	if (httpStatus < 400) return 'UNEXPECTED_RESPONSE';
	if (httpStatus > 500) return 'SERVICE_UNAVAILABLE';
	return ofStatus ?? 'REQUEST_REFUSED';
}
