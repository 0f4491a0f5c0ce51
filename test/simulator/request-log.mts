import { createHash, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isJsonObject, parseJson } from './json.mts';

/** Path of the token endpoint, below the login host. */
export const TOKEN_PATH = '/oauth2/default/v1/token';
/** Path of the deletions endpoint, below the API host. */
export const DELETIONS_PATH = '/api/v1/data-management/device/deletions';
/** Path of the endpoint that executes a query, below the API host. */
export const NQL_EXECUTE_PATH = '/api/v2/nql/execute';

const EXPORT_ROUTES: ReadonlyArray<[start: RegExp, route: Route]> = [
	[/^\/api\/v1\/nql\/export$/, 'nqlExport'],
	[/^\/api\/v1\/nql\/status\/[^/]+$/, 'nqlStatus'],
];

/**
 * Which endpoint a request was for, by its path alone: a GET of the deletions path counts too. `file` is everything that came to the
 * store of exported files.
 */
export type Route =
	| 'token'
	| 'deletions'
	| 'nqlExecute'
	| 'nqlExport'
	| 'nqlStatus'
	| 'file'
	| 'other';

/** A device as a client sent it. */
export interface SubmittedDevice {
	readonly uid: string;
	readonly name: string;
}

/** One HTTP request that reached the tenant, whatever became of it. */
export interface RequestRecord {
	/** 1 for the first request since the start or the last reset. */
	readonly sequence: number;
	/** When its headers had arrived; milliseconds since the epoch. */
	readonly at: number;
	/** When its answer was out or its connection gone; null while it is open. */
	readonly endedAt: number | null;
	readonly route: Route;
	readonly method: string;
	/** As requested, query included. */
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	/** The body as text; what had arrived of it, if the client went away or sent over 10 MB. */
	readonly body: string;
	/** True if the body was larger than the tenant takes. */
	readonly oversized: boolean;
	/**
	 * The devices of a deletions request, in order. Absent if the body is not JSON with a list of
	 * devices whose UID and name are all text (blank text counts as text).
	 */
	readonly devices?: readonly SubmittedDevice[];
	/** Status of the answer as far as one was begun; null if there was none (yet). */
	readonly status: number | null;
	/** The client's `x-request-id`, else the generated one. */
	readonly requestId: string;
	/** 32 hexadecimal digits. */
	readonly traceId: string;
	/** Whether it had an Authorization header, of whatever scheme. Requests for files must have none. */
	readonly hasAuthorization: boolean;
	/** The token of the Authorization header, if it had one with the Bearer scheme. */
	readonly bearer?: string;
}

/** A record while its request is being served. */
export type OpenRequest = { -readonly [Field in keyof RequestRecord]: RequestRecord[Field] };

// The largest body is not documented. 10 MB is far over 100 devices with the longest of names.
const LARGEST_BODY_BYTES = 10_000_000;

/** What of a request arrives in front of its body. */
export type RequestHead = Pick<IncomingMessage, 'headers' | 'method' | 'url'>;

/**
 * In: a request whose headers arrived, its place in the log, and the time. Out: its record, the
 * body still missing.
 */
export function openRequest(head: RequestHead, sequence: number, at = Date.now()): OpenRequest {
	const { headers, method = '', url: path = '' } = head;
	const requestId = singleHeader(headers['x-request-id']) || randomUUID();
	const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
	return {
		sequence,
		at,
		endedAt: null,
		route: routeOf(path),
		method,
		path,
		headers,
		body: '',
		oversized: false,
		status: null,
		requestId,
		traceId: traceIdFor(singleHeader(headers.traceparent), requestId),
		hasAuthorization: headers.authorization !== undefined,
		...(bearer === undefined ? {} : { bearer }),
	};
}

/**
 * In: the request and its record. Completes the record with the body. Rejects if the client goes
 * away before all of it arrived.
 */
export async function readBody(incoming: IncomingMessage, request: OpenRequest): Promise<void> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	try {
		for await (const chunk of incoming as AsyncIterable<Buffer>) {
			bytes += chunk.length;
			// The rest is read and dropped, so that the client gets to see the 413 and not a reset.
			if (bytes <= LARGEST_BODY_BYTES) chunks.push(chunk);
		}
	} finally {
		request.body = Buffer.concat(chunks).toString('utf8');
		request.oversized = bytes > LARGEST_BODY_BYTES;
	}
	noteDevices(request);
}

/** In: a record with its whole body. Completes it with the devices in there, if any. */
export function noteDevices(request: OpenRequest): void {
	const devices = request.route === 'deletions' ? submittedDevices(request.body) : undefined;
	if (devices !== undefined) request.devices = devices;
}

function routeOf(path: string): Route {
	const pathname = path.split('?', 1)[0];
	if (pathname === TOKEN_PATH) return 'token';
	if (pathname === DELETIONS_PATH) return 'deletions';
	if (pathname === NQL_EXECUTE_PATH) return 'nqlExecute';
	return EXPORT_ROUTES.find(([pattern]) => pattern.test(pathname ?? ''))?.[1] ?? 'other';
}

function singleHeader(value: string | string[] | undefined): string | undefined {
	return Array.isArray(value) ? value[0] : value;
}

// "Derived from W3C traceparent, else the request id" (Nexthink). How an id that is no UUID is
// derived is not documented; a digest keeps the form.
function traceIdFor(traceparent: string | undefined, requestId: string): string {
	const parent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent ?? '');
	if (parent?.[1] !== undefined) return parent[1];
	const digits = requestId.replaceAll('-', '').toLowerCase();
	if (/^[0-9a-f]{32}$/.test(digits)) return digits;
	return createHash('md5').update(requestId).digest('hex');
}

function submittedDevices(body: string): SubmittedDevice[] | undefined {
	const parsed = parseJson(body);
	if (!isJsonObject(parsed) || !Array.isArray(parsed.devices)) return undefined;
	const devices: unknown[] = parsed.devices;
	const submitted = devices.flatMap((device) =>
		isJsonObject(device) && typeof device.uid === 'string' && typeof device.name === 'string'
			? [{ uid: device.uid, name: device.name }]
			: [],
	);
	return submitted.length === devices.length ? submitted : undefined;
}
