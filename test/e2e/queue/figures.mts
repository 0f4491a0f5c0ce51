import type { Tenant } from '../../simulator/tenant.mts';
import type { SavedExecution } from '../harness/executions.mts';
import type { Worker } from './cluster.mts';

export interface MeasuredRun {
	readonly execution: SavedExecution;
	readonly tenant: Tenant;
	/** When the parent was started; milliseconds since the epoch. */
	readonly begun: number;
	/** When it was seen to be over. */
	readonly ended: number;
	readonly workers?: readonly Worker[];
	/** Devices that each worker had queued. */
	readonly shares?: readonly number[];
}

/** Prints what docs/large-lists.md computes with. */
export function printFigures(run: MeasuredRun): void {
	const { execution, tenant, begun, ended, workers = [], shares = [] } = run;
	const deletions = tenant.requests.filter(({ route }) => route === 'deletions');
	const first = Math.min(...deletions.map(({ at }) => at));
	const last = Math.max(...deletions.map(({ endedAt }) => endedAt ?? 0));
	const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
	const lines = [
		`${tenant.ledger.size} devices in ${deletions.length} requests, ${tenant.settings.latencyMilliseconds} ms latency`,
		`${seconds(begun, ended)} s until the outcome of each device was saved, of which ${seconds(begun, first)} s before the first request`,
		`${seconds(first, last)} s from the first request to the last answer`,
		`${tenant.requests.length - deletions.length} token requests`,
		...workers.map(
			(worker, n) => `${worker.name}: ${shares[n]} devices, peak memory ${worker.peakMemory()} MiB`,
		),
		`${(execution.text.length / 2 ** 20).toFixed(1)} MiB of data saved with it`,
	];
	console.log(lines.join('\n'));
}
