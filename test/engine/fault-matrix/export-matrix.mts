import lodash from 'lodash';
import { csvOf } from '../../simulator/exports.mts';
import { ALL_DEVICES_QUERY, rowOf } from '../../simulator/saved-queries.mts';
import type { RequestRecord, Tenant } from '../../simulator/tenant.mts';
import { runQuery, type QueryResult } from '../query-workflow.mts';
import { EXPORT_FAULTS, type ExportFault } from './export-faults.mts';
import { playCells, thrownCode, type Cell, type Play } from './play.mts';

/** What a run of the matrix is set to; what is not named here has its default. */
export const EXPORT_RUN = { devices: 3, maxExportWait: 120 } as const;

/** Plays every fault for NQL Query > Export. */
export async function playExportMatrix(): Promise<Cell[]> {
	return await playCells('nqlExport', EXPORT_FAULTS, EXPORT_RUN.devices, playExport);
}

const playExport: Play = async (bench, credential, { fault, onError, maxRetries }) => {
	const { timeout = 60 } = fault;
	bench.tenant.settings.exportStates = 0;
	const result = await runQuery(bench, {
		items: [{}],
		parameters: { resource: 'nqlQuery', operation: 'export', queryId: ALL_DEVICES_QUERY },
		...credential,
		options: { timeout, maxRetries, maxExportWait: EXPORT_RUN.maxExportWait },
		onError,
	});
	const thrown = thrownCode(result.execution);
	const ends = endsOf(result);
	return {
		requests: result.requests.length,
		outcomes:
			thrown === undefined
				? lodash.countBy(ends, (end) => ('file' in end ? 'FILE' : end.code))
				: {},
		thrown,
		broken: brokenByExport({
			fault,
			ends,
			thrown,
			maxRetries,
			requests: result.requests,
			tenant: bench.tenant,
		}),
	};
};

/** The text of a file, or the code of what there is instead. */
type End = { readonly file: string } | { readonly code: string };

function endsOf({ execution, success, failed }: QueryResult): End[] {
	if (execution.error !== undefined) return [];
	const [items = []] = execution.outputs('Nexthink');
	const files = items.flatMap(({ binary }) =>
		binary === undefined ? [] : [{ file: textOf(binary.data?.data) }],
	);
	const errors = success.flatMap(({ apiError }) =>
		apiError === undefined ? [] : [{ code: (apiError as { code: string }).code }],
	);
	return [...files, ...errors, ...failed.map(({ error }) => ({ code: error.code }))];
}

function textOf(base64 = ''): string {
	return Buffer.from(base64, 'base64').toString('utf8');
}

export interface ExportEvidence {
	readonly fault: ExportFault;
	readonly ends: readonly End[];
	readonly thrown: string | undefined;
	readonly maxRetries: number;
	readonly requests: readonly RequestRecord[];
	readonly tenant: Pick<Tenant, 'knownDevices' | 'ledger'>;
}

/** Out: the invariants that do not hold, as sentences. */
export function brokenByExport(evidence: ExportEvidence): string[] {
	const { fault, ends, thrown, requests, tenant } = evidence;
	const outcomes = ends.length + (thrown === undefined ? 0 : 1);
	const fetched = requests.some(({ route, status }) => route === 'file' && status === 200);
	return [
		...(outcomes === 1 ? [] : [`${outcomes} outcomes of one export.`]),
		...ends.flatMap((end) => {
			if (!('file' in end)) return [];
			const isTrue = fetched && (fault.lies === true || end.file === fileOf(tenant));
			return isTrue ? [] : ['The file is not the one that the tenant has.'];
		}),
		...brokenByRequests(evidence),
	];
}

/** The same of the requests alone, whoever makes the export. */
export function brokenByRequests({
	fault,
	maxRetries,
	requests,
	tenant,
}: Pick<ExportEvidence, 'fault' | 'maxRetries' | 'requests'> & {
	readonly tenant: Pick<Tenant, 'ledger'>;
}): string[] {
	const to = (route: RequestRecord['route']) =>
		requests.filter((request) => request.route === route);
	const started = to('nqlExport').filter(({ status }) => status === 200).length;
	// Where an answer may be lost on its way, the start is repeated.
	const isStartAnswered = fault.at?.route !== 'nqlExport';
	// After a 401 n8n sends the same request once more, with a new token.
	const made = (route: RequestRecord['route']) =>
		to(route).filter(({ status }) => status !== 401).length;
	const most = 1 + maxRetries;
	return [
		...(started > 1 && isStartAnswered ? [`${started} exports were started.`] : []),
		...(made('nqlExport') > most ? ['The start was repeated too often.'] : []),
		...(made('file') > most ? ['The file was fetched too often.'] : []),
		// Before each fetch of the file its address is asked for, and each of these questions may be repeated.
		...(made('nqlStatus') > most * most ? ['The status was asked for too often.'] : []),
		...to('file').flatMap(({ bearer }) =>
			bearer === undefined ? [] : ['The address of the file was sent a bearer.'],
		),
		...to('other').map(({ path }) => `Nobody asked for ${path}.`),
		...(tenant.ledger.size === 0 ? [] : ['An export queued a device.']),
	];
}

/** The file as the tenant has it. */
export function fileOf({ knownDevices }: Pick<Tenant, 'knownDevices'>): string {
	return csvOf(knownDevices.map(rowOf));
}
