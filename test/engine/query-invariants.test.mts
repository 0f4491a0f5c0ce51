import lodash from 'lodash';
import { describe, expect, it } from 'vitest';
import { generateInventory } from '../simulator/inventory.mts';
import { knownDevices } from '../simulator/known-devices.mts';
import { rowOf } from '../simulator/saved-queries.mts';
import type { RequestRecord, Route } from '../simulator/tenant.mts';
import {
	brokenByExecute,
	EXECUTE_RUN,
	type ExecuteEvidence,
} from './fault-matrix/execute-matrix.mts';
import { EXPORT_FAULTS } from './fault-matrix/export-faults.mts';
import { brokenByExport, fileOf, type ExportEvidence } from './fault-matrix/export-matrix.mts';
import { LOOK_UP_EXPORT_FAULTS } from './fault-matrix/look-up-export-faults.mts';
import {
	brokenByLookUpExport,
	type LookUpExportEvidence,
} from './fault-matrix/look-up-export-matrix.mts';
import { LOOK_UP_FAULTS } from './fault-matrix/look-up-faults.mts';

const known = knownDevices(generateInventory(EXECUTE_RUN.items), Date.now());
const tenant = (queued = 0) =>
	({ knownDevices: known, ledger: { size: queued } }) as unknown as ExportEvidence['tenant'];
const requestTo = (route: Route, more: Partial<RequestRecord> = {}) =>
	({ route, status: 200, path: `/${route}`, ...more }) as RequestRecord;

describe('after a query', () => {
	const rowFor = (item: number, row = rowOf(known[item]!)) => ({ item, word: 'ROW', row });
	const said = lodash.range(EXECUTE_RUN.items).map((item) => rowFor(item));
	const [first, second, ...others] = said;
	const query = (more: Partial<ExecuteEvidence> = {}): ExecuteEvidence => ({
		fault: LOOK_UP_FAULTS[0]!,
		said,
		thrown: undefined,
		hints: [],
		requests: said.map(() => requestTo('nqlExecute')),
		tenant: tenant(),
		...more,
	});

	it('nothing is found where all is well, or where the answer is not true', () => {
		const lying = LOOK_UP_FAULTS.find(({ lies }) => lies === true)!;
		const lie = rowFor(0, rowOf(known[1]!));
		expect(brokenByExecute(query())).toEqual([]);
		expect(brokenByExecute(query({ fault: lying, said: [lie, lie] }))).toEqual([]);
		expect(brokenByExecute(query({ thrown: 'FORBIDDEN', said: [] }))).toEqual([]);
	});

	it.each<[string, Partial<ExecuteEvidence>]>([
		['an item without an outcome', { said: [first!, ...others] }],
		['an item with a row and an error', { said: [...said, { item: 0, word: 'FORBIDDEN' }] }],
		['the row of another item', { said: [first!, { ...second!, row: first!.row }, ...others] }],
		[
			'too many requests',
			{
				requests: said
					.flatMap(() => [requestTo('nqlExecute'), requestTo('nqlExecute')])
					.concat(lodash.times(6, () => requestTo('nqlExecute'))),
			},
		],
		['a device that is queued', { tenant: tenant(1) }],
	])('it is found: %s', (_, more) => {
		expect(brokenByExecute(query(more))).not.toEqual([]);
	});
});

describe('after an export', () => {
	const requests = (['nqlExport', 'nqlStatus', 'file'] as const).map((route) => requestTo(route));
	const file = fileOf(tenant());
	const exported = (more: Partial<ExportEvidence> = {}): ExportEvidence => ({
		fault: EXPORT_FAULTS[0]!,
		ends: [{ file }],
		thrown: undefined,
		maxRetries: 0,
		requests,
		tenant: tenant(),
		...more,
	});
	const ofStatus = EXPORT_FAULTS.find(({ at }) => at?.route === 'nqlStatus')!;
	const again = (route: Route, more?: Partial<RequestRecord>) => ({
		requests: [...requests, requestTo(route, more)],
	});

	it('nothing is found where all is well, or where another file came in its place', () => {
		const lying = EXPORT_FAULTS.find(({ lies }) => lies === true)!;
		expect(brokenByExport(exported())).toEqual([]);
		expect(brokenByExport(exported({ fault: lying, ends: [{ file: 'a,b' }] }))).toEqual([]);
		expect(brokenByExport(exported({ ends: [], thrown: 'FORBIDDEN' }))).toEqual([]);
	});

	it.each<[string, Partial<ExportEvidence>]>([
		['no outcome', { ends: [] }],
		['a file and an error', { ends: [{ file }, { code: 'TIMEOUT' }] }],
		['half a file', { ends: [{ file: file.slice(0, -10) }] }],
		['a file that was never fetched', { requests: requests.slice(0, 2) }],
		['a second export', { ...again('nqlExport'), maxRetries: 1, fault: ofStatus }],
		['a start that is repeated too often', again('nqlExport', { status: 503 })],
		['a status that is asked for too often', again('nqlStatus')],
		['a file that is fetched too often', again('file')],
		[
			'a bearer for the file',
			{ requests: [...requests.slice(0, 2), requestTo('file', { bearer: 'b' })] },
		],
		['an address that nobody named', again('other')],
		['a device that is queued', { tenant: tenant(1) }],
	])('it is found: %s', (_, more) => {
		expect(brokenByExport(exported(more))).not.toEqual([]);
	});
});

describe('after a look-up by export', () => {
	const inventory = known.slice(0, 3);
	const requests = (['nqlExport', 'nqlStatus', 'file'] as const).map((route) => requestTo(route));
	const said = inventory.map(({ uid, name }, index) => ({
		...{ lookup: name, index, uid, name },
		match: 'FOUND',
	}));
	const all = (match: string) =>
		inventory.map(({ name }, index) => ({ lookup: name, match, index }));
	const [first, ...others] = said;
	const sound = LOOK_UP_EXPORT_FAULTS.find(({ name }) => name.includes('every cell in quotes'))!;
	const hiding = LOOK_UP_EXPORT_FAULTS.find(({ hides }) => hides === true)!;
	const lookUp = (more: object = {}): LookUpExportEvidence => ({
		...{ fault: sound, said, requests, maxRetries: 0 },
		tenant: { inventory, ledger: { size: 0 } } as unknown as LookUpExportEvidence['tenant'],
		...more,
	});

	it('nothing is found where all is well, nothing is told, or the file lacks devices and is whole', () => {
		const lying = LOOK_UP_EXPORT_FAULTS.find(({ lies }) => lies === true)!;
		expect(brokenByLookUpExport(lookUp())).toEqual([]);
		expect(brokenByLookUpExport(lookUp({ fault: hiding, said: all('UNKNOWN') }))).toEqual([]);
		expect(brokenByLookUpExport(lookUp({ fault: lying, said: all('NOT_FOUND') }))).toEqual([]);
		const again = [...requests, requestTo('nqlStatus'), requestTo('file')];
		expect(brokenByLookUpExport(lookUp({ fault: hiding, requests: again, maxRetries: 1 }))).toEqual(
			[],
		);
	});

	it.each<[string, object]>([
		['a name without an outcome', { said: others }],
		['names in another order', { said: [...others, first] }],
		['FOUND under another UID', { said: [{ ...first, uid: others[0]!.uid }, ...others] }],
		['FOUND under another name', { said: [{ ...first, name: 'OTHER' }, ...others] }],
		['FOUND in a file that never came', { requests: requests.slice(0, 2) }],
		['FOUND in a file that might lack a device', { fault: hiding }],
		['NOT_FOUND, though it is there', { said: all('NOT_FOUND') }],
		['UNKNOWN with a UID', { said: said.map((each) => ({ ...each, match: 'UNKNOWN' })) }],
		['FOUND and UNKNOWN', { said: [all('UNKNOWN')[0], ...others] }],
		['a second export', { requests: [...requests, requestTo('nqlExport')], maxRetries: 1 }],
		['a file that is fetched too often', { requests: [...requests, requestTo('file')] }],
		[
			'a bearer for the file',
			{ requests: [...requests.slice(0, 2), requestTo('file', { bearer: 'b' })] },
		],
		['a device that is queued', { tenant: { inventory, ledger: { size: 1 } } }],
	])('it is found: %s', (_, more) => {
		expect(brokenByLookUpExport(lookUp(more))).not.toEqual([]);
	});
});
