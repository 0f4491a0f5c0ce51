import lodash from 'lodash';
import { mostRepeats } from '../../properties/request-bound.mts';
import { LOOK_UP_QUERY } from '../../simulator/saved-queries.mts';
import type { RequestRecord, Tenant } from '../../simulator/tenant.mts';
import { findings, runQuery, type LookUpItem, type QueryResult } from '../query-workflow.mts';
import { LOOK_UP_FAULTS, type LookUpFault } from './look-up-faults.mts';
import { playCells, thrownCode, type Cell, type Play } from './play.mts';

/** What a run of the matrix is set to; what is not named here has its default. */
export const LOOK_UP_RUN = { names: 12, concurrency: 1 } as const;

/** Plays every fault for Device > Look Up. */
export async function playLookUpMatrix(): Promise<Cell[]> {
	return await playCells('nqlExecute', LOOK_UP_FAULTS, LOOK_UP_RUN.names, playLookUp);
}

const playLookUp: Play = async (bench, credential, { fault, onError, maxRetries }) => {
	const { names, concurrency } = LOOK_UP_RUN;
	const { timeout = 60 } = fault;
	const result = await runQuery(bench, {
		items: bench.devices(names).map(({ name }) => ({ name })),
		parameters: { operation: 'lookUp', queryId: LOOK_UP_QUERY },
		...credential,
		options: { concurrency, timeout, maxRetries },
		onError,
	});
	const said = saidBy(result, bench.tenant);
	return {
		requests: result.requests.length,
		outcomes: lodash.countBy(said, ({ match }) => match),
		thrown: thrownCode(result.execution),
		broken: brokenByLookUp({ fault, said, requests: result.requests, tenant: bench.tenant }),
	};
};

interface ErrorData {
	readonly counts: Readonly<Record<string, number>>;
	readonly unknown: ReadonlyArray<{ readonly index: number }>;
}

/** What a run says of one name. */
export type Said = Pick<LookUpItem, 'lookup' | 'match' | 'index'> & Partial<LookUpItem>;

export function saidBy(result: QueryResult, tenant: Tenant): Said[] {
	return result.execution.error === undefined ? findings(result) : saidByError(result, tenant);
}

/** After a throw the error names what is unknown and counts the rest, of which nothing is passed on. */
function saidByError({ execution }: QueryResult, { inventory }: Tenant): Said[] {
	const { counts, unknown } = execution.error!.context!.data as ErrorData;
	const words = lodash.omit(counts, 'entries');
	const others = Object.entries(words).flatMap(([word, count]) =>
		word === 'unknown' ? [] : Array.from({ length: count }, () => wordOf(word)),
	);
	const areUnknown = new Set(unknown.map(({ index }) => index));
	return inventory.map(({ name, uid }, index) => {
		if (areUnknown.has(index)) return { lookup: name, match: 'UNKNOWN', index };
		const match = others.shift() ?? 'NOT COUNTED';
		return { lookup: name, match, index, ...(match === 'FOUND' && { uid, name }) };
	});
}

function wordOf(count: string): string {
	return lodash.snakeCase(count).toUpperCase();
}

export interface LookUpEvidence {
	readonly fault: LookUpFault;
	readonly said: readonly Said[];
	readonly requests: readonly RequestRecord[];
	readonly tenant: Pick<Tenant, 'inventory' | 'ledger'>;
}

/** Out: the invariants that do not hold, as sentences. */
export function brokenByLookUp({ fault, said, requests, tenant }: LookUpEvidence): string[] {
	const { inventory, ledger } = tenant;
	const names = inventory.map(({ name }) => name);
	const asked = requests.map(nameIn);
	const answered = new Set(asked.filter((_, position) => requests[position]!.status === 200));
	// After a 401 n8n sends the same request once more, with a new token.
	const made = requests.filter(({ status }) => status !== 401).length;
	const most = names.length + mostRepeats(names.length, 1);
	return [
		...(lodash.isEqual(lodash.map(said, 'lookup'), names)
			? []
			: ['Not exactly one outcome for each name, in the order of the input.']),
		...said.flatMap(({ index, match, uid, name }) => {
			const device = inventory[index]!;
			if (match !== 'FOUND') {
				const isTrue = match === 'UNKNOWN' || fault.lies === true;
				return [
					...(isTrue ? [] : [`Name ${index} is called ${match} and is not.`]),
					...(uid == null ? [] : [`Name ${index} is not found and has a UID.`]),
				];
			}
			const isTrue = uid === device.uid && name === device.name && answered.has(device.name);
			return isTrue ? [] : [`Name ${index} is called FOUND and is not.`];
		}),
		...asked.filter((name) => !names.includes(name)).map((name) => `Nobody asked for ${name}.`),
		...(made > most ? [`${made} requests where ${most} are the most.`] : []),
		...(ledger.size === 0 ? [] : ['A look-up queued a device.']),
	];
}

function nameIn({ body }: RequestRecord): string {
	return (JSON.parse(body) as { parameters: { device_name: string } }).parameters.device_name;
}
