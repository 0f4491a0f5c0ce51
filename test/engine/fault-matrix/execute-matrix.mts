import lodash from 'lodash';
import { mostRepeats } from '../../properties/request-bound.mts';
import { LOOK_UP_QUERY, rowOf } from '../../simulator/saved-queries.mts';
import type { RequestRecord, Tenant } from '../../simulator/tenant.mts';
import { runQuery, type QueryResult } from '../query-workflow.mts';
import { LOOK_UP_FAULTS, type LookUpFault } from './look-up-faults.mts';
import { playCells, thrownCode, type Cell, type Play } from './play.mts';

/** What a run of the matrix is set to; what is not named here has its default. */
export const EXECUTE_RUN = { items: 6, concurrency: 1 } as const;

/** Plays every fault for NQL Query > Execute. */
export async function playExecuteMatrix(): Promise<Cell[]> {
	return await playCells('nqlExecute', LOOK_UP_FAULTS, EXECUTE_RUN.items, playExecute);
}

const playExecute: Play = async (bench, credential, { fault, onError, maxRetries }) => {
	const { items, concurrency } = EXECUTE_RUN;
	const { timeout = 60 } = fault;
	const parameters = [{ name: 'device_name', value: '={{ $json.name }}' }];
	const result = await runQuery(bench, {
		items: bench.devices(items).map(({ name }) => ({ name })),
		parameters: {
			resource: 'nqlQuery',
			operation: 'execute',
			queryId: LOOK_UP_QUERY,
			queryParameters: { parameter: parameters },
		},
		...credential,
		options: { concurrency, timeout, maxRetries },
		onError,
	});
	const thrown = thrownCode(result.execution);
	const said = saidBy(result);
	return {
		requests: result.requests.length,
		outcomes: thrown === undefined ? lodash.countBy(said, ({ word }) => word) : {},
		thrown,
		broken: brokenByExecute({ fault, said, thrown, ...result, tenant: bench.tenant }),
	};
};

/** A row, or why there is none, and the input item that it is for. */
interface Said {
	readonly item: number;
	/** `ROW`, or a code. */
	readonly word: string;
	readonly row?: object;
}

function saidBy({ execution }: QueryResult): Said[] {
	if (execution.error !== undefined) return [];
	const items = execution.outputs('Nexthink').flat();
	return items.map(({ json, pairedItem }): Said => {
		const { item } = pairedItem as { item: number };
		const failure = (json.apiError ?? json.error) as { code: string } | undefined;
		return failure === undefined ? { item, word: 'ROW', row: json } : { item, word: failure.code };
	});
}

export interface ExecuteEvidence {
	readonly fault: LookUpFault;
	readonly said: readonly Said[];
	readonly thrown: string | undefined;
	readonly hints: readonly string[];
	readonly requests: readonly RequestRecord[];
	readonly tenant: Pick<Tenant, 'knownDevices' | 'ledger'>;
}

/** Out: the invariants that do not hold, as sentences. */
export function brokenByExecute(evidence: ExecuteEvidence): string[] {
	const { fault, said, thrown, hints, requests, tenant } = evidence;
	const { items } = EXECUTE_RUN;
	const areRowsLeftOut = hints.some((hint) => hint.startsWith('The output lacks '));
	const isWhole = thrown === undefined && fault.lies !== true && !areRowsLeftOut;
	const wanted = isWhole ? lodash.range(items) : [];
	const answers = new Set(said.map(({ item }) => item));
	const made = requests.filter(({ status }) => status !== 401).length;
	const most = items + mostRepeats(items, 1);
	return [
		...wanted.filter((item) => !answers.has(item)).map((item) => `Item ${item} has no outcome.`),
		...said.flatMap(({ item, row }) => {
			const isTrue =
				row === undefined ||
				fault.lies === true ||
				lodash.isEqual(row, rowOf(tenant.knownDevices[item]!));
			return isTrue ? [] : [`The row of item ${item} is not the one that the tenant has.`];
		}),
		...(fault.lies === true || said.length === answers.size ? [] : ['An item has two outcomes.']),
		...(made > most ? [`${made} requests where ${most} are the most.`] : []),
		...(tenant.ledger.size === 0 ? [] : ['A query queued a device.']),
	];
}
