import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { table } from '../demonstration/tables.mts';
import { formatted } from '../documentation/format.mts';
import { reliabilityPage } from '../documentation/reliability.mts';
import type { Fault, SubmittedDevice } from '../simulator/tenant.mts';
import { type DeviceStatus, ON_ERROR_MODES } from './delete-workflow.mts';
import { MATRIX_FAULTS, SPANS, type Span } from './fault-matrix/faults.mts';
import { brokenInvariants, type Evidence } from './fault-matrix/invariants.mts';
import { type Cell, outcomeText, playMatrix } from './fault-matrix/matrix.mts';

let cells: Cell[] = [];
let milliseconds = 0;

beforeAll(async () => {
	const start = Date.now();
	cells = await playMatrix();
	milliseconds = Date.now() - start;
}, 180_000);

afterAll(() => {
	const broken = cells.reduce((sum, cell) => sum + cell.broken.length, 0);
	console.log(
		[
			`Fault matrix: ${cells.length} runs in ${Math.round(milliseconds / 1000)} s, ${broken} invariants broken.`,
			table(
				[
					{ title: 'Fault from the second request on' },
					{ title: 'Span', width: 7 },
					{ title: 'On Error', width: 21 },
					{ title: 'Requests', width: 8, align: 'right' },
					{ title: 'Devices', width: 24 },
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
});

describe.each(MATRIX_FAULTS)('$name', (fault) => {
	it.each(Object.keys(SPANS) as Span[])('breaks no invariant in any On Error mode (%s)', (span) => {
		const played = cells.filter((cell) => cell.fault === fault && cell.span === span);
		expect(played.map(({ onError, broken }) => ({ onError, broken }))).toEqual(
			ON_ERROR_MODES.map((onError) => ({ onError, broken: [] })),
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
		};
		expect(new Set(MATRIX_FAULTS.map(({ play }) => play.kind))).toEqual(
			new Set(Object.keys(kinds)),
		);
	});

	it('throws only under Stop Workflow', () => {
		const throwing = cells.filter(({ thrown }) => thrown !== undefined);
		expect(new Set(throwing.map(({ onError }) => onError))).toEqual(new Set(['stopWorkflow']));
	});

	it('stands in docs/reliability.md as it was measured', async () => {
		const path = new URL('../../docs/reliability.md', import.meta.url).pathname;
		const page = await formatted(await reliabilityPage(cells), path);
		expect(await readFile(path, 'utf8'), 'run: npm run docs').toBe(page);
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

	it('is not found where all is well', () => {
		expect(brokenInvariants(evidence(['SCHEDULED', 'SCHEDULED']))).toEqual([]);
		expect(brokenInvariants(evidence(['REJECTED', 'REJECTED'], refused))).toEqual([]);
	});
});
