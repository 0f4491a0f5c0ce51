import type { ExecutionResult } from '../engine/harness/engine.mts';

/** In the order in which they are worth reading: what may need a decision first. */
export const STATUSES = [
	'UNKNOWN',
	'FAILED',
	'REJECTED',
	'INVALID',
	'NOT_SENT',
	'DRY_RUN',
	'SCHEDULED',
] as const;

export type Status = (typeof STATUSES)[number];

/** What the node says of one input item, whichever branch it left on. */
export interface Outcome {
	readonly index: number;
	readonly uid: string | null;
	readonly name: string | null;
	readonly status: Status;
	readonly reason?: string;
	readonly duplicateOf?: number;
	/** How many requests it was in. */
	readonly attempts?: number;
	readonly requestId?: string;
}

/**
 * Reads what a Nexthink node gave. In: a run, and the node's name. Out: the outcome of every item,
 * in input order. On the error branch the status item stands in `error.device`.
 */
export function outcomesOf(run: ExecutionResult, node: string): Outcome[] {
	return run
		.outputs(node)
		.flat()
		.map(({ json }) => {
			const { error } = json as { error?: { device?: Outcome } };
			const outcome = error?.device ?? (json as unknown as Outcome);
			if (STATUSES.includes(outcome.status)) return outcome;
			throw new Error(`An item of "${node}" has no status: ${JSON.stringify(json)}`);
		})
		.sort((one, other) => one.index - other.index);
}

/** What a lookup says of a device that it did not find for certain. */
export interface KeptBack {
	readonly index: number;
	readonly lookup: string | null;
	readonly match: string;
	readonly reason: string;
}

/** In: a run, and the name of a node that looks devices up. Out: those that it keeps from being deleted, in input order. */
export function keptBackBy(run: ExecutionResult, node: string): KeptBack[] {
	return run
		.outputs(node)
		.flat()
		.map(({ json }) => {
			const { error } = json as { error?: { device?: KeptBack } };
			return error?.device ?? (json as unknown as KeptBack);
		})
		.filter(({ match }) => match !== 'FOUND')
		.sort((one, other) => one.index - other.index);
}
