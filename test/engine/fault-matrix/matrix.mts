import { fileURLToPath } from 'node:url';
import { startTenant } from '../../simulator/tenant.mts';
import {
	type Deletion,
	type DeviceStatus,
	ON_ERROR_MODES,
	type OnError,
	TestBench,
} from '../delete-workflow.mts';
import { type Engine, loadEngine } from '../harness/engine.mts';
import { MATRIX_FAULTS, rulesOf, type MatrixFault, type Span, SPANS } from './faults.mts';
import { brokenInvariants, saidBy } from './invariants.mts';

/** What a run of the matrix is set to; what is not named here has its default. */
export const MATRIX_RUN = { devices: 12, batchSize: 2, concurrency: 1 } as const;

/** Repeats that wait are left to faults that pass: there one wait of up to a second suffices. */
export const RETRIES: Record<Span, number> = { once: 3, lasting: 0 };

/** One run: a fault, how long it lasts, and a way of On Error. */
export interface Cell {
	readonly fault: MatrixFault;
	readonly span: Span;
	readonly onError: OnError;
	/** Deletion requests that reached the tenant. */
	readonly requests: number;
	/** How many devices ended how. */
	readonly outcomes: Partial<Record<DeviceStatus, number>>;
	/** The code of the error that was thrown, if one was. */
	readonly thrown: string | undefined;
	/** Invariants that do not hold; sentences. */
	readonly broken: readonly string[];
}

const RUNS_AT_ONCE = 12;

/** Plays every fault, once and lasting, in every way of On Error, each against a tenant of its own. */
export async function playMatrix(): Promise<Cell[]> {
	const packageFolder = fileURLToPath(new URL('../../..', import.meta.url));
	const engine = await loadEngine({ packageFolder });
	const spans = Object.keys(SPANS) as Span[];
	const waiting = spans.flatMap((span) =>
		MATRIX_FAULTS.flatMap((fault) => ON_ERROR_MODES.map((onError) => ({ fault, span, onError }))),
	);
	const cells = new Array<Cell>(waiting.length);
	const left = waiting.entries();
	const lane = async () => {
		for (const [position, { fault, span, onError }] of left) {
			cells[position] = await playCell(engine, fault, span, onError);
		}
	};
	await Promise.all(Array.from({ length: RUNS_AT_ONCE }, lane));
	return cells;
}

async function playCell(
	engine: Engine,
	fault: MatrixFault,
	span: Span,
	onError: OnError,
): Promise<Cell> {
	const bench = new TestBench();
	bench.engine = engine;
	bench.tenant = await startTenant({ devices: MATRIX_RUN.devices });
	try {
		for (const rule of rulesOf(fault, span)) bench.tenant.faults.add(rule);
		const { devices, ...options } = MATRIX_RUN;
		const { timeout = 60 } = fault;
		const asked = bench.devices(devices);
		const credential = { ...bench.credential(), id: bench.tenant.origin };
		const deletion = await bench.run({
			items: asked,
			credential,
			// n8n renews the token of a credential once for all who wait for it: each tenant needs its own.
			node: { credentials: { [credential.type]: { id: credential.id, name: credential.name } } },
			options: { ...options, timeout, maxRetries: RETRIES[span] },
			onError,
		});
		return { fault, span, onError, ...findings(fault, bench, deletion, asked) };
	} finally {
		await bench.tenant.close();
	}
}

function findings(
	{ isTooLarge }: MatrixFault,
	{ tenant: { ledger } }: TestBench,
	deletion: Deletion,
	asked: ReturnType<TestBench['devices']>,
): Omit<Cell, 'fault' | 'span' | 'onError'> {
	const { requests } = deletion;
	const said = saidBy(deletion, asked);
	const outcomes: Partial<Record<DeviceStatus, number>> = {};
	for (const { status } of said) outcomes[status] = (outcomes[status] ?? 0) + 1;
	const { batchSize } = MATRIX_RUN;
	const tooLarge = requests.flatMap(({ status, devices = [] }) =>
		isTooLarge === true && (status === 400 || status === 413) ? [devices.length] : [],
	);
	return {
		requests: requests.length,
		outcomes,
		thrown: deletion.error && deletion.errorData.code,
		broken: brokenInvariants({ asked, batchSize, tooLarge, said, requests, ledger }),
	};
}

/** Out: "4 SCHEDULED, 2 UNKNOWN". */
export function outcomeText({ outcomes }: Cell): string {
	return Object.entries(outcomes)
		.map(([status, count]) => `${count} ${status}`)
		.join(', ');
}
