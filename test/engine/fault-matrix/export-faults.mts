import type { FaultRule } from '../../simulator/tenant.mts';
import { CONNECTIONS, html, LOGINS, status, type MatrixFault } from './faults.mts';
import { QUERY_FAILURES, QUERY_REFUSALS } from './look-up-faults.mts';

/** One row of the matrix of exports. */
export interface ExportFault extends MatrixFault {
	/** What is fetched is another file than the tenant has: it cannot be told from the truth. */
	readonly lies?: true;
}

const ODD_STARTS: readonly MatrixFault[] = [
	{ name: '200, page of a gateway', play: html(200) },
	{ name: '200 without an id', play: status(200, { body: {} }) },
];

const ODD_STATES: readonly MatrixFault[] = [
	{ name: '200, page of a gateway', play: html(200) },
	{ name: '200 without a status', play: status(200, { body: {} }) },
	{ name: '200 with an unfamiliar status', play: status(200, { body: { status: 'PAUSED' } }) },
	{
		name: '200, COMPLETED without an address',
		play: status(200, { body: { status: 'COMPLETED' } }),
	},
	{
		name: '200, COMPLETED with the address of a local file',
		play: status(200, { body: { status: 'COMPLETED', resultsFileUrl: 'file:///etc/hostname' } }),
	},
	{ name: '200, ERROR', play: status(200, { body: { status: 'ERROR' } }) },
];

const FILES: readonly ExportFault[] = [
	{ name: '403', play: status(403) },
	{ name: '404', play: status(404) },
	{ name: '503, page of a gateway', play: html(503) },
	{ name: '302', play: { kind: 'redirect', status: 302, location: '/elsewhere' } },
	{ name: '200, page of a gateway', play: html(200) },
	{ name: '200, another file', play: status(200, { body: 'a,b\n1,2\n' }), lies: true },
	// A file may be large and slow: nothing but Maximum Wait ends one that keeps coming.
	...CONNECTIONS.filter(({ play }) => play.kind !== 'huge' && play.kind !== 'drip'),
];

/** In: a route, what it is called, and faults. Out: the same faults on that route, from its first request on. */
export const at = (
	route: FaultRule['route'],
	where: string,
	faults: readonly ExportFault[],
): ExportFault[] =>
	faults.map((fault) => ({ ...fault, name: `${where}: ${fault.name}`, at: { route, from: 1 } }));

const ANSWERS = [...QUERY_REFUSALS, ...QUERY_FAILURES, ...CONNECTIONS, ...LOGINS];

/** What can become of an export: of its start, of the question how far it is, and of its file. */
export const EXPORT_FAULTS: readonly ExportFault[] = [
	...at('nqlExport', 'start', [...ANSWERS, ...ODD_STARTS]),
	...at('nqlStatus', 'status', [...ANSWERS, ...ODD_STATES]),
	...at('file', 'file', FILES),
];
