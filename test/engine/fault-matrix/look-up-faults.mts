import type { Fault } from '../../simulator/tenant.mts';
import { AT_ONCE, CONNECTIONS, html, LOGINS, status, type MatrixFault } from './faults.mts';

/** One row of the matrix of look-ups. */
export interface LookUpFault extends MatrixFault {
	/** The answer is well formed and says something else than the tenant knows: it cannot be told from the truth. */
	readonly lies?: true;
}

const nql = (httpStatus: number, code: number): Fault =>
	status(httpStatus, { body: { message: 'Refused.', code, source: 'nql-api' } });
const found = (rows: number, ...data: unknown[]): Fault =>
	status(200, { body: { queryId: '#find_device_by_name', rows, data } });

const OTHER = { 'device.uid': '00000000-0000-4000-8000-000000000000', 'device.name': 'ANOTHER' };

export const QUERY_REFUSALS: readonly LookUpFault[] = [
	{ name: '400, code 5', play: nql(400, 5) },
	{ name: '400 without a body', play: status(400) },
	{ name: '401, though the token is good', play: { kind: 'unauthorized' } },
	{ name: '401, the tokens have expired', play: { kind: 'expireTokens' } },
	{ name: '403, code 40', play: nql(403, 40) },
	{ name: '403, page of a gateway', play: html(403) },
	{ name: '404, code 100: no such query', play: nql(404, 100) },
	{ name: '406', play: nql(406, 6) },
	{ name: '413, page of a gateway', play: html(413) },
	{ name: '429, Retry-After: 0', play: status(429, { headers: AT_ONCE }) },
	{ name: '429 without Retry-After', play: nql(429, 29) },
];

export const QUERY_FAILURES: readonly LookUpFault[] = [
	{ name: '307', play: { kind: 'redirect', status: 307, location: '/elsewhere' } },
	{ name: '408', play: status(408) },
	{ name: '499', play: status(499) },
	{ name: '500, code 1', play: nql(500, 1) },
	{ name: '502, page of a gateway', play: html(502) },
	{ name: '503, Retry-After: 0', play: status(503, { headers: AT_ONCE }) },
	{ name: '504, page of a gateway', play: html(504) },
];

const ODD_SUCCESSES: LookUpFault[] = [
	{ name: '200, page of a gateway', play: html(200) },
	{ name: '200 without a body', play: status(200) },
	{ name: '200 with half of its JSON', play: status(200, { body: '{"rows": 1, "data": [{"dev' }) },
	{ name: '200 without rows', play: status(200, { body: { queryId: '#find_device_by_name' } }) },
	{ name: '200 with a row that is none', play: found(1, 'PC-1') },
	{ name: '200 without the columns', play: found(1, { 'device.type': 'laptop' }), lies: true },
	{ name: '200 with another device', play: found(1, OTHER), lies: true },
	{ name: '200 with two devices', play: found(2, OTHER, OTHER), lies: true },
	{ name: '200 with no device', play: found(0), lies: true },
];

/** What can become of a look-up. */
export const LOOK_UP_FAULTS: readonly LookUpFault[] = [
	...QUERY_REFUSALS,
	...QUERY_FAILURES,
	...ODD_SUCCESSES,
	...CONNECTIONS,
	...LOGINS,
];
