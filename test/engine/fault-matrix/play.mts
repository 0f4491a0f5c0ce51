import { fileURLToPath } from 'node:url';
import type { INode } from 'n8n-workflow';
import { startTenant, type FaultRule, type Tenant } from '../../simulator/tenant.mts';
import { ON_ERROR_MODES, type OnError, TestBench } from '../delete-workflow.mts';
import {
	type Engine,
	type ExecutionResult,
	loadEngine,
	type StoredCredential,
} from '../harness/engine.mts';
import { rulesOf, type MatrixFault, type Span, SPANS } from './faults.mts';

/** What a run of a matrix is given. */
export interface CellSettings {
	readonly fault: MatrixFault;
	readonly onError: OnError;
	readonly maxRetries: number;
}

/** What a run of a matrix shows. */
export interface CellFindings {
	/** Requests that reached the tenant, tokens left out. */
	readonly requests: number;
	/** How many devices, names, queries or exports ended how. */
	readonly outcomes: Readonly<Partial<Record<string, number>>>;
	/** The code of the error that was thrown, if one was. */
	readonly thrown: string | undefined;
	/** Invariants that do not hold; sentences. */
	readonly broken: readonly string[];
}

/** One run: a fault, how long it lasts, and a way of On Error. */
export interface Cell extends CellFindings {
	readonly fault: MatrixFault;
	readonly span: Span;
	readonly onError: OnError;
	/** All that reached the tenant, a line for each request. */
	readonly log: readonly string[];
}

/** A credential of its own for each run, and the node's reference to it. */
export interface OwnCredential {
	readonly credential: StoredCredential;
	readonly node: Partial<INode>;
}

/** Carries out one run against a tenant of its own. */
export type Play = (
	bench: TestBench,
	credential: OwnCredential,
	settings: CellSettings,
) => Promise<CellFindings>;

/** Repeats that wait are left to faults that pass: there one wait of up to a second suffices. */
export const RETRIES: Record<Span, number> = { once: 3, lasting: 0 };

const RUNS_AT_ONCE = 12;

/** Plays every fault, once and lasting, in every way of On Error, each against a tenant of its own with so many devices. */
export async function playCells(
	route: FaultRule['route'],
	faults: readonly MatrixFault[],
	devices: number,
	play: Play,
): Promise<Cell[]> {
	const packageFolder = fileURLToPath(new URL('../../..', import.meta.url));
	const engine = await loadEngine({ packageFolder });
	const spans = Object.keys(SPANS) as Span[];
	const waiting = spans.flatMap((span) =>
		faults.flatMap((fault) => ON_ERROR_MODES.map((onError) => ({ fault, span, onError }))),
	);
	const cells = new Array<Cell>(waiting.length);
	const left = waiting.entries();
	const lane = async () => {
		for (const [position, { fault, span, onError }] of left) {
			const bench = await benchOf(engine, devices);
			try {
				Object.assign(bench.tenant.settings, fault.setUp);
				for (const rule of rulesOf(route, fault, span)) bench.tenant.faults.add(rule);
				const settings = { fault, onError, maxRetries: RETRIES[span] };
				const findings = await play(bench, credentialOf(bench), settings);
				cells[position] = { fault, span, onError, ...findings, log: logOf(bench.tenant) };
			} finally {
				await bench.tenant.close();
			}
		}
	};
	await Promise.all(Array.from({ length: RUNS_AT_ONCE }, lane));
	return cells;
}

/** A request with a bearer that the tenant never issued is none of this run. */
function logOf({ requests, issuedTokens }: Tenant): string[] {
	return requests.map(({ at, method, path, status, bearer, requestId }) => {
		const whose = bearer === undefined || issuedTokens.includes(bearer) ? '' : ', of a stranger';
		return `${new Date(at).toISOString()} ${method} ${path}: ${status}, ${requestId}${whose}`;
	});
}

async function benchOf(engine: Engine, devices: number): Promise<TestBench> {
	const bench = new TestBench('short');
	bench.engine = engine;
	bench.tenant = await startTenant({ devices });
	return bench;
}

/** n8n renews the token of a credential once for all who wait for it: each tenant needs its own. */
function credentialOf(bench: TestBench): OwnCredential {
	const credential = { ...bench.credential(), id: bench.tenant.origin };
	const { id, name, type } = credential;
	return { credential, node: { credentials: { [type]: { id, name } } } };
}

/** The code of the error that a run ended with, if it did. */
export function thrownCode({ error }: ExecutionResult): string | undefined {
	return error && (error.context?.data as { code: string }).code;
}

/** Out: "4 SCHEDULED, 2 UNKNOWN". */
export function outcomeText({ outcomes }: Cell): string {
	return Object.entries(outcomes)
		.map(([status, count]) => `${count} ${status}`)
		.join(', ');
}
