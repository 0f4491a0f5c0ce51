import type { Fault } from '../simulator/tenant.mts';
import type { DeviceStatus } from './delete-workflow.mts';

/** One request that does not succeed, and what the node has to say of it. */
export interface FaultCase {
	name: string;
	play: Fault;
	code: string;
	httpStatus: number | null;
	/** What becomes of the devices of the request. */
	status: Extract<DeviceStatus, 'REJECTED' | 'UNKNOWN'>;
	/** What happened: how the thrown message begins. */
	message: string;
	/** How to get on: a part of the description. */
	advice: string;
	retryable?: true;
	/** No other request would fare better, so none follows in any mode. */
	stopsRun?: true;
	/** Seconds from now. */
	retryAfter?: number;
	/** Nexthink's own words, where the answer has some. */
	apiMessage?: string;
	/** How often the second batch reaches Nexthink; twice where n8n renews the token in between. */
	sendings?: 2;
	/** Node's code for a connection that failed. */
	causeCode?: string;
	/** Seconds, where the case is about them. */
	timeout?: number;
}

export const json = (status: number, code?: string, message?: string): Fault => ({
	kind: 'status',
	status,
	body: { code, message },
});

const inSeconds = (seconds: number) => new Date(Date.now() + 1000 * seconds).toUTCString();

const limited = (retryAfter?: string): Fault => ({
	kind: 'status',
	status: 429,
	...(retryAfter !== undefined && { headers: { 'Retry-After': retryAfter } }),
});

const UNEXPECTED = "Nexthink's response doesn't say what happened to the devices";
const BROKEN = "Couldn't connect to Nexthink, or the connection was lost";
const UNAVAILABLE = "Nexthink isn't available at the moment";
const UNEXPECTED_ADVICE = 'no proxy responds instead of Nexthink';
const REPEATABLE = "for the devices that weren't scheduled";
const RESET = "Nexthink didn't respond: the connection was closed before the response was complete";

/** Answers that say: nothing of this request is queued. */
export const REFUSALS: FaultCase[] = [
	{
		name: '400 EMPTY_REQUEST',
		play: json(400, 'EMPTY_REQUEST', 'devices must not be empty.'),
		code: 'EMPTY_REQUEST',
		httpStatus: 400,
		status: 'REJECTED',
		message: 'Nexthink received a request without devices',
		advice: 'Check proxies',
		apiMessage: 'devices must not be empty.',
		stopsRun: true,
	},
	{
		name: '400 BATCH_SIZE_EXCEEDED',
		play: json(400, 'BATCH_SIZE_EXCEEDED', 'The maximum is 0.'),
		code: 'BATCH_SIZE_EXCEEDED',
		httpStatus: 400,
		status: 'REJECTED',
		message: 'Nexthink rejected even a request with a single device as too large (400',
		advice: 'limits the size of requests',
		apiMessage: 'The maximum is 0.',
		stopsRun: true,
	},
	{
		name: '400 EMPTY_TENANT',
		play: json(400, 'EMPTY_TENANT', 'No tenant found in the JWT claims.'),
		code: 'EMPTY_TENANT',
		httpStatus: 400,
		status: 'REJECTED',
		message: "Nexthink couldn't tell which tenant the credential belongs to",
		advice: 'create a new credential',
		apiMessage: 'No tenant found in the JWT claims.',
		stopsRun: true,
	},
	{
		name: '400 with a code of later days',
		play: json(400, 'DEVICE_LOCKED', 'The device is locked.'),
		code: 'DEVICE_LOCKED',
		httpStatus: 400,
		status: 'REJECTED',
		message: 'Nexthink responded: The device is locked (400 DEVICE_LOCKED).',
		advice: 'give the request ID to Nexthink support',
		apiMessage: 'The device is locked.',
	},
	{
		name: '400 without a body',
		play: { kind: 'status', status: 400 },
		code: 'REQUEST_REFUSED',
		httpStatus: 400,
		status: 'REJECTED',
		message: 'Nexthink, or another server on the way to it, rejected the request (400',
		advice: 'no proxy responds instead of Nexthink',
	},
	{
		name: '401 that a new token does not mend',
		play: { kind: 'unauthorized' },
		code: 'UNAUTHORIZED',
		httpStatus: 401,
		status: 'REJECTED',
		message: "Nexthink didn't accept the credential (401 UNAUTHORIZED).",
		advice: 'check Client ID, Client Secret, Region and Instance',
		stopsRun: true,
		sendings: 2,
	},
	{
		name: '403 FEATURE_NOT_ENABLED',
		play: json(403, 'FEATURE_NOT_ENABLED', 'Not enabled for this tenant.'),
		code: 'FEATURE_NOT_ENABLED',
		httpStatus: 403,
		status: 'REJECTED',
		message: "The Data management API isn't enabled for this Nexthink tenant (403",
		advice: 'Ask Nexthink support to enable the Data management API',
		apiMessage: 'Not enabled for this tenant.',
		stopsRun: true,
	},
	{
		name: '403 without a code',
		play: json(403, undefined, 'Access denied.'),
		code: 'FORBIDDEN',
		httpStatus: 403,
		status: 'REJECTED',
		message: "The credential doesn't have permission to delete devices (403 FORBIDDEN).",
		advice: 'select Data management for this credential',
		apiMessage: 'Access denied.',
		stopsRun: true,
	},
	{
		name: '403 page of a gateway',
		play: { kind: 'html', status: 403 },
		code: 'FORBIDDEN',
		httpStatus: 403,
		status: 'REJECTED',
		message: "The credential doesn't have permission to delete devices (403 FORBIDDEN).",
		advice: 'create a new credential',
		stopsRun: true,
	},
	{
		name: '404',
		play: json(404, undefined, 'No route'),
		code: 'NOT_FOUND',
		httpStatus: 404,
		status: 'REJECTED',
		message: "Nexthink doesn't recognize the address of its Data management API (404 NOT_FOUND).",
		advice: 'Check Region and Instance',
		apiMessage: 'No route',
		stopsRun: true,
	},
	{
		name: '413',
		play: { kind: 'html', status: 413 },
		code: 'BATCH_SIZE_EXCEEDED',
		httpStatus: 413,
		status: 'REJECTED',
		message: 'Nexthink rejected even a request with a single device as too large (413',
		advice: 'limits the size of requests',
		stopsRun: true,
	},
	{
		name: '415',
		play: { kind: 'status', status: 415 },
		code: 'REQUEST_REFUSED',
		httpStatus: 415,
		status: 'REJECTED',
		message: 'Nexthink, or another server on the way to it, rejected the request (415',
		advice: 'no proxy responds instead of Nexthink',
	},
	{
		name: '429 with Retry-After in seconds',
		play: limited('120'),
		code: 'RATE_LIMITED',
		httpStatus: 429,
		status: 'REJECTED',
		message: 'Nexthink received too many requests (429 RATE_LIMITED).',
		advice: REPEATABLE,
		retryable: true,
		retryAfter: 120,
	},
	{
		name: '429 with Retry-After as a date',
		get play() {
			return limited(inSeconds(600));
		},
		code: 'RATE_LIMITED',
		httpStatus: 429,
		status: 'REJECTED',
		message: 'Nexthink received too many requests (429 RATE_LIMITED).',
		advice: 'Try again after 20',
		retryable: true,
		retryAfter: 600,
	},
	{
		name: '429 with an unreadable Retry-After',
		play: limited('soon'),
		code: 'RATE_LIMITED',
		httpStatus: 429,
		status: 'REJECTED',
		message: 'Nexthink received too many requests (429 RATE_LIMITED).',
		advice: REPEATABLE,
		retryable: true,
	},
	{
		name: '429 without Retry-After',
		play: limited(),
		code: 'RATE_LIMITED',
		httpStatus: 429,
		status: 'REJECTED',
		message: 'Nexthink received too many requests (429 RATE_LIMITED).',
		advice: REPEATABLE,
		retryable: true,
	},
];

/** What leaves it open whether the devices are queued. */
export const DOUBTS: FaultCase[] = [
	{
		name: '302',
		play: { kind: 'redirect', status: 302, location: '/elsewhere', queued: true },
		code: 'UNEXPECTED_RESPONSE',
		httpStatus: 302,
		status: 'UNKNOWN',
		message: `${UNEXPECTED} (302 UNEXPECTED_RESPONSE).`,
		advice: UNEXPECTED_ADVICE,
	},
	{
		name: '408',
		play: { kind: 'status', status: 408, queued: true },
		code: 'TIMEOUT',
		httpStatus: 408,
		status: 'UNKNOWN',
		message: "Nexthink didn't respond in time (408 TIMEOUT).",
		advice: 'Sending a device again soon after does no harm',
		retryable: true,
	},
	{
		name: '499',
		play: { kind: 'status', status: 499, queued: true },
		code: 'TIMEOUT',
		httpStatus: 499,
		status: 'UNKNOWN',
		message: "Nexthink didn't respond in time (499 TIMEOUT).",
		advice: 'Sending a device again soon after does no harm',
		retryable: true,
	},
	{
		name: '500 INTERNAL_ERROR',
		play: json(500, 'INTERNAL_ERROR', 'An unexpected error occurred.'),
		code: 'INTERNAL_ERROR',
		httpStatus: 500,
		status: 'UNKNOWN',
		message: "Nexthink couldn't process the request (500 INTERNAL_ERROR).",
		advice: 'give the request ID to Nexthink support',
		apiMessage: 'An unexpected error occurred.',
		retryable: true,
	},
	{
		name: '500 after the devices were queued',
		play: { kind: 'status', status: 500, queued: true },
		code: 'INTERNAL_ERROR',
		httpStatus: 500,
		status: 'UNKNOWN',
		message: "Nexthink couldn't process the request (500 INTERNAL_ERROR).",
		advice: REPEATABLE,
		retryable: true,
	},
	{
		name: '502 page of a gateway',
		play: { kind: 'html', status: 502 },
		code: 'SERVICE_UNAVAILABLE',
		httpStatus: 502,
		status: 'UNKNOWN',
		message: `${UNAVAILABLE} (502 SERVICE_UNAVAILABLE).`,
		advice: 'Run the workflow again later',
		retryable: true,
	},
	{
		name: '503 with Retry-After',
		play: { kind: 'status', status: 503, headers: { 'Retry-After': '30' } },
		code: 'SERVICE_UNAVAILABLE',
		httpStatus: 503,
		status: 'UNKNOWN',
		message: `${UNAVAILABLE} (503 SERVICE_UNAVAILABLE).`,
		advice: 'Try again after 20',
		retryable: true,
		retryAfter: 30,
	},
	{
		name: '504 after the devices were queued',
		play: { kind: 'html', status: 504, queued: true },
		code: 'SERVICE_UNAVAILABLE',
		httpStatus: 504,
		status: 'UNKNOWN',
		message: `${UNAVAILABLE} (504 SERVICE_UNAVAILABLE).`,
		advice: 'Run the workflow again later',
		retryable: true,
	},
	{
		name: '202 with an HTML page',
		play: { kind: 'html', status: 202, queued: true },
		code: 'UNEXPECTED_RESPONSE',
		httpStatus: 202,
		status: 'UNKNOWN',
		message: `${UNEXPECTED} (202 UNEXPECTED_RESPONSE).`,
		advice: UNEXPECTED_ADVICE,
	},
	{
		name: '202 without a body',
		play: { kind: 'status', status: 202, queued: true },
		code: 'UNEXPECTED_RESPONSE',
		httpStatus: 202,
		status: 'UNKNOWN',
		message: `${UNEXPECTED} (202 UNEXPECTED_RESPONSE).`,
		advice: UNEXPECTED_ADVICE,
	},
	{
		name: '202 without a list of devices',
		play: { kind: 'answer', change: () => ({ status: 'ACCEPTED', scheduledCount: 1 }) },
		code: 'UNEXPECTED_RESPONSE',
		httpStatus: 202,
		status: 'UNKNOWN',
		message: `${UNEXPECTED} (202 UNEXPECTED_RESPONSE).`,
		advice: UNEXPECTED_ADVICE,
	},
	{
		name: '202 with a list of devices that is none',
		play: { kind: 'answer', change: () => ({ status: 'ACCEPTED', devices: 'all' }) },
		code: 'UNEXPECTED_RESPONSE',
		httpStatus: 202,
		status: 'UNKNOWN',
		message: `${UNEXPECTED} (202 UNEXPECTED_RESPONSE).`,
		advice: UNEXPECTED_ADVICE,
	},
	{
		name: '202 with half of its JSON',
		play: { kind: 'answer', change: (body) => JSON.stringify(body).slice(0, 40) },
		code: 'UNEXPECTED_RESPONSE',
		httpStatus: 202,
		status: 'UNKNOWN',
		message: `${UNEXPECTED} (202 UNEXPECTED_RESPONSE).`,
		advice: UNEXPECTED_ADVICE,
	},
	{
		name: '202 whose body is cut off',
		play: { kind: 'cutOff' },
		code: 'NETWORK_ERROR',
		httpStatus: 202,
		status: 'UNKNOWN',
		message: `${BROKEN} (202 NETWORK_ERROR).`,
		advice: REPEATABLE,
		retryable: true,
	},
	{
		name: '202 whose body comes so slowly that it passes the timeout',
		play: { kind: 'drip', bytesPerSecond: 20 },
		code: 'TIMEOUT',
		httpStatus: 202,
		status: 'UNKNOWN',
		message: "Nexthink didn't respond in time (202 TIMEOUT).",
		advice: 'Options > Timeout',
		timeout: 1,
		retryable: true,
	},
	{
		name: '202 whose body does not end',
		play: { kind: 'huge', bytes: Infinity, queued: true },
		code: 'UNEXPECTED_RESPONSE',
		httpStatus: 202,
		status: 'UNKNOWN',
		message: `${UNEXPECTED} (202 UNEXPECTED_RESPONSE).`,
		advice: UNEXPECTED_ADVICE,
	},
	{
		name: 'a connection reset before queuing',
		play: { kind: 'reset', queued: false },
		code: 'NETWORK_ERROR',
		httpStatus: null,
		status: 'UNKNOWN',
		message: `${RESET}.`,
		advice: REPEATABLE,
		retryable: true,
		causeCode: 'ECONNRESET',
	},
	{
		name: 'a connection reset after queuing',
		play: { kind: 'reset', queued: true },
		code: 'NETWORK_ERROR',
		httpStatus: null,
		status: 'UNKNOWN',
		message: `${RESET}.`,
		advice: REPEATABLE,
		retryable: true,
		causeCode: 'ECONNRESET',
	},
	{
		name: 'no answer within the timeout',
		play: { kind: 'silence', queued: true },
		code: 'TIMEOUT',
		httpStatus: null,
		status: 'UNKNOWN',
		message: "Nexthink didn't respond in time.",
		advice: 'Options > Timeout',
		timeout: 1,
		retryable: true,
	},
];
