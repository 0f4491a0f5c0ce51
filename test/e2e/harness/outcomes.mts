import { STATUSES, type Outcome } from '../../demonstration/outcomes.mts';
import type { SavedExecution } from './executions.mts';

export { compareWithLedger } from '../../demonstration/ledger-comparison.mts';
export type { Outcome } from '../../demonstration/outcomes.mts';

/** What a Nexthink node said of each device, in input order; on the error branch it stands in `error.device`. */
export function outcomesOf(execution: SavedExecution, node: string): Outcome[] {
	return [...execution.output(node, 0), ...execution.output(node, 1)]
		.map((json) => {
			const { error } = json as { error?: { device?: Outcome } };
			const outcome = error?.device ?? (json as unknown as Outcome);
			if (STATUSES.includes(outcome.status)) return outcome;
			throw new Error(`An item of "${node}" has no status: ${JSON.stringify(json)}`);
		})
		.sort((one, other) => one.index - other.index);
}

/** How many devices have which status. */
export function sumsOf(outcomes: readonly Outcome[]): Record<string, number> {
	const sums: Record<string, number> = {};
	for (const { status } of outcomes) sums[status] = (sums[status] ?? 0) + 1;
	return sums;
}
