import type { TenantSettings } from '../../simulator/settings.mts';
import type { Fault, FaultRule } from '../../simulator/tenant.mts';
import { json } from '../fault-cases.mts';

/** One row of a matrix. */
export interface MatrixFault {
	readonly name: string;
	/** What the route plays. */
	readonly play: Fault;
	/** Default: the route of the run, from its second request on. */
	readonly at?: { readonly route: FaultRule['route']; readonly from: number };
	/** How the tenant is set up besides. */
	readonly setUp?: Partial<TenantSettings>;
	/** What the login plays when n8n asks for another token. */
	readonly login?: Fault;
	/** The request is refused for its size, so that the node may cut all further ones. */
	readonly isTooLarge?: true;
	/** Seconds; where it is left out, the fault has an end of its own and Timeout its default. */
	readonly timeout?: number;
}

export const AT_ONCE = { 'Retry-After': '0' };
export const status = (code: number, more: object = {}): Fault => ({
	kind: 'status',
	status: code,
	...more,
});
export const html = (code: number, queued = false): Fault => ({
	kind: 'html',
	status: code,
	queued,
});
const answer = (change: Extract<Fault, { kind: 'answer' }>['change']): Fault => ({
	kind: 'answer',
	change,
});
const STRANGER = {
	uid: '00000000-0000-4000-8000-000000000000',
	name: 'STRANGER',
	status: 'SCHEDULED' as const,
};

/** Answers that refuse a request. */
const REFUSALS: MatrixFault[] = [
	{ name: '400 EMPTY_REQUEST', play: json(400, 'EMPTY_REQUEST', 'No devices.') },
	{ name: '400 INVALID_REQUEST', play: json(400, 'INVALID_REQUEST', 'A name is not allowed.') },
	{
		name: '400 BATCH_SIZE_EXCEEDED',
		play: json(400, 'BATCH_SIZE_EXCEEDED', 'Too many.'),
		isTooLarge: true,
	},
	{ name: '400 EMPTY_TENANT', play: json(400, 'EMPTY_TENANT', 'No tenant.') },
	{ name: '400 with an unfamiliar code', play: json(400, 'DEVICE_LOCKED', 'Locked.') },
	{ name: '400 without a body', play: status(400) },
	{ name: '401, though the token is good', play: { kind: 'unauthorized' } },
	{ name: '401, the tokens have expired', play: { kind: 'expireTokens' } },
	{ name: '403 FEATURE_NOT_ENABLED', play: json(403, 'FEATURE_NOT_ENABLED', 'Not enabled.') },
	{ name: '403 without a code', play: json(403, undefined, 'Access denied.') },
	{ name: '404', play: json(404, undefined, 'No route.') },
	{ name: '413, page of a gateway', play: html(413), isTooLarge: true },
	{ name: '415', play: status(415) },
	{ name: '429, Retry-After: 0', play: status(429, { headers: AT_ONCE }) },
	{ name: '429 without Retry-After', play: status(429) },
];

/** Answers that leave it open whether the devices are queued. */
const DOUBTS: MatrixFault[] = [
	{ name: '307', play: { kind: 'redirect', status: 307, location: '/elsewhere' } },
	{ name: '302, queued', play: { kind: 'redirect', status: 302, location: '/', queued: true } },
	{ name: '408', play: status(408) },
	{ name: '408, queued', play: status(408, { queued: true }) },
	{ name: '499, queued', play: status(499, { queued: true }) },
	{ name: '500 INTERNAL_ERROR', play: json(500, 'INTERNAL_ERROR', 'Unexpected.') },
	{ name: '500, queued', play: status(500, { queued: true }) },
	{ name: '502, page of a gateway', play: html(502) },
	{ name: '502, page of a gateway, queued', play: html(502, true) },
	{ name: '503, Retry-After: 0', play: status(503, { headers: AT_ONCE }) },
	{ name: '503, queued', play: status(503, { queued: true }) },
	{ name: '504, page of a gateway, queued', play: html(504, true) },
];

/** Answers that call themselves a success. */
const ODD_SUCCESSES: MatrixFault[] = [
	{ name: '202, page of a gateway', play: html(202) },
	{ name: '202, page of a gateway, queued', play: html(202, true) },
	{ name: '202 without a body, queued', play: status(202, { queued: true }) },
	{
		name: '202 without a list of devices, queued',
		play: answer(({ status: word }) => ({ status: word })),
	},
	{
		name: '202 with half of its JSON, queued',
		play: answer((body) => JSON.stringify(body).slice(0, 40)),
	},
	{
		name: '202 without the last device, queued',
		play: answer((body) => ({ ...body, devices: body.devices.slice(0, -1) })),
	},
	{
		name: "202 with a device that wasn't in the request",
		play: answer((body) => ({ ...body, devices: [STRANGER, ...body.devices] })),
	},
	{
		name: '202 in another order',
		play: answer((body) => ({ ...body, devices: body.devices.reverse() })),
	},
	{
		name: '202 with an unfamiliar status',
		play: answer((body) => ({
			...body,
			devices: body.devices.map((device) => ({ ...device, status: 'PENDING' })),
		})),
	},
	{ name: '202 with all devices FAILED', play: { kind: 'failDevices', uids: () => true } },
	{
		name: '202 with all devices FAILED, queued',
		play: { kind: 'failDevices', uids: () => true, queued: true },
	},
];

/** Connections that do not carry a whole answer, or carry it late. */
export const CONNECTIONS: readonly MatrixFault[] = [
	{ name: 'answer half a second late', play: { kind: 'delay', milliseconds: 500 } },
	{ name: 'reset', play: { kind: 'reset', queued: false } },
	{ name: 'no answer', play: { kind: 'silence' }, timeout: 2 },
	{ name: 'body cut off', play: { kind: 'cutOff', queued: false } },
	{ name: 'body byte by byte, too slow', play: { kind: 'drip', bytesPerSecond: 20 }, timeout: 2 },
	{ name: 'body without an end', play: { kind: 'huge', bytes: Infinity } },
];

/** The same, after the devices were queued. */
const CONNECTIONS_AFTER_QUEUING: MatrixFault[] = [
	{ name: 'reset, queued', play: { kind: 'reset', queued: true } },
	{ name: 'no answer, queued', play: { kind: 'silence', queued: true }, timeout: 2 },
	{ name: 'body cut off, queued', play: { kind: 'cutOff' } },
	{ name: 'body without an end, queued', play: { kind: 'huge', bytes: Infinity, queued: true } },
];

/** The tokens expire, and the login gives no other at first. */
export const LOGINS: readonly MatrixFault[] = (
	[
		['401', status(401, { body: { error: 'invalid_client' } })],
		['403, page of a proxy', html(403)],
		['429', status(429)],
		['503, page of a gateway', html(503)],
		['200 without a token', status(200, { body: {} })],
		['reset', { kind: 'reset', queued: false }],
	] satisfies Array<[string, Fault]>
).map(([name, login]) => ({
	name: `401, then from the login: ${name}`,
	play: { kind: 'expireTokens' },
	login,
}));

/** Every kind of fault that the simulated tenant plays, for Device > Delete. */
export const MATRIX_FAULTS: readonly MatrixFault[] = [
	...REFUSALS,
	...DOUBTS,
	...ODD_SUCCESSES,
	...CONNECTIONS,
	...CONNECTIONS_AFTER_QUEUING,
	...LOGINS,
];

/** How often a fault plays. */
export const SPANS = { once: 1, lasting: Infinity } as const;

export type Span = keyof typeof SPANS;

/** In: where the fault plays unless it says so itself. */
export function rulesOf(
	route: FaultRule['route'],
	{ play, login, at = { route, from: 2 } }: MatrixFault,
	span: Span,
): FaultRule[] {
	const times = SPANS[span];
	return [
		{ ...at, times, play },
		...(login === undefined ? [] : [{ route: 'token' as const, from: 2, times, play: login }]),
	];
}
