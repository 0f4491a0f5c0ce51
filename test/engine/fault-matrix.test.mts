import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { table } from '../demonstration/tables.mts';
import { formatted } from '../documentation/format.mts';
import { reliabilityPage } from '../documentation/reliability.mts';
import type { Fault, SubmittedDevice } from '../simulator/tenant.mts';
import { type DeviceStatus, ON_ERROR_MODES } from './delete-workflow.mts';
import { MATRIX_FAULTS, SPANS, type Span } from './fault-matrix/faults.mts';
import { brokenInvariants, type Evidence } from './fault-matrix/invariants.mts';
import { playExecuteMatrix } from './fault-matrix/execute-matrix.mts';
import { EXPORT_FAULTS } from './fault-matrix/export-faults.mts';
import { playExportMatrix } from './fault-matrix/export-matrix.mts';
import { LOOK_UP_EXPORT_FAULTS } from './fault-matrix/look-up-export-faults.mts';
import { playLookUpExportMatrix } from './fault-matrix/look-up-export-matrix.mts';
import { LOOK_UP_FAULTS } from './fault-matrix/look-up-faults.mts';
import {
	brokenByLookUp,
	playLookUpMatrix,
	type LookUpEvidence,
} from './fault-matrix/look-up-matrix.mts';
import { playMatrix } from './fault-matrix/matrix.mts';
import { type Cell, outcomeText } from './fault-matrix/play.mts';

let cells: Cell[] = [];
let lookUps: Cell[] = [];
let lookUpsByExport: Cell[] = [];
let queries: Cell[] = [];
let exports: Cell[] = [];

beforeAll(async () => {
	cells = await playMatrix();
	lookUps = await playLookUpMatrix();
	lookUpsByExport = await playLookUpExportMatrix();
	queries = await playExecuteMatrix();
	exports = await playExportMatrix();
}, 480_000);

afterAll(() => {
	print('Device > Delete', cells);
	print('Device > Look Up by query', lookUps);
	print('Device > Look Up by export', lookUpsByExport);
	print('NQL Query > Execute', queries);
	print('NQL Query > Export', exports);
});

function print(operation: string, cells: readonly Cell[]): void {
	const broken = cells.reduce((sum, cell) => sum + cell.broken.length, 0);
	console.log(
		[
			`Fault matrix of ${operation}: ${cells.length} runs, ${broken} invariants broken.`,
			table(
				[
					{ title: 'Fault' },
					{ title: 'Span', width: 7 },
					{ title: 'On Error', width: 21 },
					{ title: 'Requests', width: 8, align: 'right' },
					{ title: 'Outcomes', width: 24 },
				],
				cells.map((cell) => [
					cell.fault.name,
					cell.span,
					cell.onError,
					cell.requests,
					outcomeText(cell),
				]),
			),
		].join('\n\n'),
	);
}

describe.each([
	{ operation: 'Device > Delete', faults: MATRIX_FAULTS, played: () => cells },
	{ operation: 'Device > Look Up by query', faults: LOOK_UP_FAULTS, played: () => lookUps },
	{
		operation: 'Device > Look Up by export',
		faults: LOOK_UP_EXPORT_FAULTS,
		played: () => lookUpsByExport,
	},
	{ operation: 'NQL Query > Execute', faults: LOOK_UP_FAULTS, played: () => queries },
	{ operation: 'NQL Query > Export', faults: EXPORT_FAULTS, played: () => exports },
])('$operation', ({ faults, played }) => {
	describe.each(faults)('$name', (fault) => {
		it.each(Object.keys(SPANS) as Span[])(
			'breaks no invariant in any On Error mode (%s)',
			(span) => {
				const runs = played().filter((cell) => cell.fault === fault && cell.span === span);
				expect(runs.map(({ onError, broken }) => ({ onError, broken }))).toEqual(
					ON_ERROR_MODES.map((onError) => ({ onError, broken: [] })),
				);
			},
		);
	});
});

describe('the matrix', () => {
	it('plays every kind of fault that the simulated tenant knows', () => {
		const kinds: Record<Fault['kind'], true> = {
			status: true,
			html: true,
			reset: true,
			silence: true,
			delay: true,
			cutOff: true,
			drip: true,
			huge: true,
			redirect: true,
			answer: true,
			failDevices: true,
			unauthorized: true,
			expireTokens: true,
			file: true,
		};
		const played = [...MATRIX_FAULTS, ...LOOK_UP_EXPORT_FAULTS].map(({ play }) => play.kind);
		expect(new Set(played)).toEqual(new Set(Object.keys(kinds)));
	});

	it('throws only under Stop Workflow', () => {
		const throwing = [...cells, ...lookUps, ...lookUpsByExport, ...queries, ...exports].filter(
			({ thrown }) => thrown !== undefined,
		);
		expect(new Set(throwing.map(({ onError }) => onError))).toEqual(new Set(['stopWorkflow']));
	});

	it('stands in docs/reliability.md as it was measured', async () => {
		const path = new URL('../../docs/reliability.md', import.meta.url).pathname;
		const matrices = { deletions: cells, lookUps, lookUpsByExport, queries, exports };
		const page = await formatted(await reliabilityPage(matrices), path);
		const written = await readFile(path, 'utf8');
		const lines = new Set(written.split('\n'));
		const changed = page.split('\n').filter((line) => !lines.has(line));
		const logs = Object.values(matrices)
			.flat()
			.filter(({ fault }) => changed.some((line) => line.startsWith(`| ${fault.name} `)))
			.map(({ fault, span, onError, log }) => [fault.name, span, onError, ...log].join('\n  '));
		expect(written, ['run: npm run docs', ...logs].join('\n')).toBe(page);
	});
});

describe('an invariant that does not hold', () => {
	const asked: SubmittedDevice[] = [
		{ uid: 'aaaaaaaa-0000-4000-8000-000000000001', name: 'ONE' },
		{ uid: 'aaaaaaaa-0000-4000-8000-000000000002', name: 'TWO' },
	];
	const request = (devices: readonly SubmittedDevice[], status: number | null) =>
		({ devices, status, requestId: '1' }) as unknown as Evidence['requests'][number];
	const evidence = (words: DeviceStatus[], more: Partial<Evidence> = {}): Evidence => ({
		asked,
		batchSize: 2,
		tooLarge: [],
		said: words.map((status, index) => ({ index, uid: asked[index]!.uid, status })),
		requests: [request(asked, 202)],
		ledger: { has: () => true },
		...more,
	});
	const nothingQueued = { ledger: { has: () => false } };
	const refused = { ...nothingQueued, requests: [request(asked, 400)] };

	it.each<[string, Evidence]>([
		['a device without an outcome', evidence(['SCHEDULED'])],
		['SCHEDULED, not queued', evidence(['SCHEDULED', 'SCHEDULED'], nothingQueued)],
		[
			'SCHEDULED, not answered',
			evidence(['SCHEDULED', 'SCHEDULED'], { requests: [request(asked, 500)] }),
		],
		['NOT_SENT, but sent', evidence(['SCHEDULED', 'NOT_SENT'])],
		['REJECTED, but queued', evidence(['SCHEDULED', 'REJECTED'])],
		['REJECTED, never sent', evidence(['REJECTED', 'REJECTED'], { ...refused, requests: [] })],
		['INVALID, but queued', evidence(['SCHEDULED', 'INVALID'])],
		['UNKNOWN, never sent', evidence(['UNKNOWN', 'NOT_SENT'], { ...nothingQueued, requests: [] })],
		[
			'a device nobody asked for',
			evidence(['SCHEDULED', 'SCHEDULED'], {
				requests: [request(asked, 202), request([{ ...asked[0]!, name: 'ONCE' }], 202)],
			}),
		],
		['a request over the size', evidence(['SCHEDULED', 'SCHEDULED'], { batchSize: 1 })],
		[
			'too many requests',
			evidence(['SCHEDULED', 'SCHEDULED'], {
				requests: Array.from({ length: 200 }, () => request(asked, 202)),
			}),
		],
	])('is found: %s', (_, broken) => {
		expect(brokenInvariants(broken)).not.toEqual([]);
	});

	const inventory = asked.map((device) => ({ ...device, collectorUid: '', serialNumber: '' }));
	const lookedUp = (name: string, status: number | null, requestId = name) =>
		({
			status,
			requestId,
			body: JSON.stringify({ parameters: { device_name: name } }),
		}) as unknown as LookUpEvidence['requests'][number];
	const lookUp = (more: object = {}): LookUpEvidence => ({
		fault: LOOK_UP_FAULTS[0]!,
		said: inventory.map(({ uid, name }, index) => ({
			lookup: name,
			match: 'FOUND',
			index,
			uid,
			name,
		})),
		requests: [lookedUp('ONE', 200), lookedUp('TWO', 200)],
		tenant: { inventory, ledger: { size: 0 } } as unknown as LookUpEvidence['tenant'],
		...more,
	});
	const { said } = lookUp();
	const [one, two] = said;

	it.each<[string, LookUpEvidence]>([
		['a name without an outcome', lookUp({ said: [one] })],
		['names in another order', lookUp({ said: [two, one] })],
		['FOUND, not answered', lookUp({ requests: [lookedUp('ONE', 200), lookedUp('TWO', 500)] })],
		['FOUND under another UID', lookUp({ said: [one, { ...two, uid: one!.uid }] })],
		['UNKNOWN with a UID', lookUp({ said: [one, { ...two, match: 'UNKNOWN' }] })],
		[
			'NOT_FOUND, though it is there',
			lookUp({ said: [one, { ...two, match: 'NOT_FOUND', uid: null }] }),
		],
		[
			'a name nobody asked for',
			lookUp({ requests: [...lookUp().requests, lookedUp('THREE', 200)] }),
		],
		[
			'too many requests',
			lookUp({ requests: Array.from({ length: 13 }, (_, id) => lookedUp('ONE', 200, String(id))) }),
		],
		['a device that is queued', lookUp({ tenant: { inventory, ledger: { size: 1 } } })],
	])('is found after a look-up: %s', (_, broken) => {
		expect(brokenByLookUp(broken)).not.toEqual([]);
	});

	it('is not found where all is well', () => {
		expect(brokenByLookUp(lookUp())).toEqual([]);
		expect(brokenInvariants(evidence(['SCHEDULED', 'SCHEDULED']))).toEqual([]);
		expect(brokenInvariants(evidence(['REJECTED', 'REJECTED'], refused))).toEqual([]);
	});
});
