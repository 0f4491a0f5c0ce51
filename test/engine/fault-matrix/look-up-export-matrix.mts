import lodash from 'lodash';
import { ALL_DEVICES_QUERY } from '../../simulator/saved-queries.mts';
import type { RequestRecord, Tenant } from '../../simulator/tenant.mts';
import { runQuery } from '../query-workflow.mts';
import { brokenByRequests, EXPORT_RUN } from './export-matrix.mts';
import { LOOK_UP_EXPORT_FAULTS, type LookUpExportFault } from './look-up-export-faults.mts';
import { saidBy, type Said } from './look-up-matrix.mts';
import { playCells, thrownCode, type Cell, type Play } from './play.mts';

/** What a run of the matrix is set to; what is not named here has its default. */
export const LOOK_UP_EXPORT_RUN = { names: 6, maxExportWait: EXPORT_RUN.maxExportWait } as const;

/** Plays every fault for Device > Look Up by export. */
export async function playLookUpExportMatrix(): Promise<Cell[]> {
	return await playCells('nqlExport', LOOK_UP_EXPORT_FAULTS, LOOK_UP_EXPORT_RUN.names, playLookUp);
}

const playLookUp: Play = async (bench, credential, { fault, onError, maxRetries }) => {
	const { names, maxExportWait } = LOOK_UP_EXPORT_RUN;
	const { timeout = 60 } = fault;
	bench.tenant.settings.exportStates = 0;
	const result = await runQuery(bench, {
		items: bench.devices(names).map(({ name }) => ({ name })),
		parameters: { operation: 'lookUp', lookupMethod: 'export', queryId: ALL_DEVICES_QUERY },
		...credential,
		options: { timeout, maxRetries, maxExportWait },
		onError,
	});
	const said = saidBy(result, bench.tenant);
	const { requests } = result;
	return {
		requests: requests.length,
		outcomes: lodash.countBy(said, ({ match }) => match),
		thrown: thrownCode(result.execution),
		broken: brokenByLookUpExport({ fault, said, maxRetries, requests, tenant: bench.tenant }),
	};
};

export interface LookUpExportEvidence {
	readonly fault: LookUpExportFault;
	readonly said: readonly Said[];
	readonly maxRetries: number;
	readonly requests: readonly RequestRecord[];
	readonly tenant: Pick<Tenant, 'inventory' | 'ledger'>;
}

/** Out: the invariants that do not hold, as sentences. */
export function brokenByLookUpExport(evidence: LookUpExportEvidence): string[] {
	const { fault, said, requests, tenant } = evidence;
	const { inventory } = tenant;
	const files = requests.filter(({ route, status }) => route === 'file' && status === 200);
	// A fault that passes spares the file that is fetched anew.
	const isHidden = fault.hides === true && files.length < 2;
	return [
		...(lodash.isEqual(lodash.map(said, 'lookup'), lodash.map(inventory, 'name'))
			? []
			: ['Not exactly one outcome for each name, in the order of the input.']),
		...said.flatMap(({ index, match, uid, name }) => {
			const device = inventory[index]!;
			if (match === 'FOUND') {
				const isTrue = uid === device.uid && name === device.name;
				return isTrue && files.length > 0 && !isHidden
					? []
					: [`Name ${index} is called FOUND and is not.`];
			}
			return [
				...(match === 'UNKNOWN' || (fault.lies === true && match === 'NOT_FOUND')
					? []
					: [`Name ${index} is called ${match} and is not.`]),
				...(uid == null ? [] : [`Name ${index} is not found and has a UID.`]),
			];
		}),
		...(new Set(said.map(({ match }) => match)).size === 1
			? []
			: ['One export says of some names that they are found, and not of others.']),
		...brokenByRequests(evidence),
	];
}
