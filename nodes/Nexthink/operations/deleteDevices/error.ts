import { pick, sortBy } from 'lodash';
import type { INode, NodeApiError, NodeOperationError } from 'n8n-workflow';

import type { Failure } from '../../api/failure';
import { endOf } from '../failures';
import { runErrorOf } from '../runError';
import {
	isOnErrorPath,
	sumsOf,
	type Counts,
	type DeletionReport,
	type EntryOutcome,
} from './report';

/** n8n saves the error whole and shows its data as one block: enough to go on with, bounded for long lists. */
const MOST_DEVICES = 1000;
const MOST_BATCHES = 100;

/**
 * The one error of a run under On Error: Stop Workflow, or undefined where nothing is on the error path. Message and description are
 * complete without the data: an AI Agent is given the message alone.
 */
export function errorOf(
	node: INode,
	report: DeletionReport,
	outcomes: readonly EntryOutcome[],
	counts: Counts,
): NodeApiError | NodeOperationError | undefined {
	const failed = outcomes.filter(({ status }) => isOnErrorPath(status, report));
	if (failed.length === 0 && report.refusal === undefined) return undefined;
	const failure = mainFailure(report, failed);
	return runErrorOf(node, failure, {
		summary: sumsOf(counts, report.dryRun),
		data: { counts, ...detailsOf(report, outcomes) },
		anyRequest: report.result !== undefined && report.result.requests.length > 0,
		onRetryOnFail:
			'Retry On Fail makes n8n run the whole node again. That does no harm, but it sends scheduled devices once more.',
	});
}

/** What ended the run, or else the first thing that went wrong in it. */
function mainFailure(report: DeletionReport, failed: readonly EntryOutcome[]): Failure {
	const failure = endOf(report) ?? failed[0]!.failure!;
	const last = failure.row === 'CIRCUIT_OPEN' && report.result?.requests.at(-1);
	return {
		...failure,
		...(last && pick(last, ['httpStatus', 'requestId', 'traceId'])),
		...(last && pick(last.failure, ['retryAfter', 'apiMessage'])),
	};
}

function detailsOf({ plan, result }: DeletionReport, outcomes: readonly EntryOutcome[]) {
	const notScheduled = outcomes.flatMap(({ status, reason, last }, index) => {
		if (status === 'SCHEDULED') return [];
		const { uid, name } = plan.entries[index]!;
		return [{ index, uid, name, status, reason, requestId: last?.requestId ?? null }];
	});
	// The last attempt of each batch stands for it.
	const lastAttempts = new Map(result?.requests.map((request) => [request.batch, request]));
	const batches = sortBy(
		[...lastAttempts.values()],
		({ devices, scheduled }) => scheduled === devices,
	).map(({ failure, attempt, ...request }) => ({
		...request,
		attempts: attempt,
		code: failure?.code ?? null,
	}));
	return {
		notScheduled: notScheduled.slice(0, MOST_DEVICES),
		batches: batches.slice(0, MOST_BATCHES),
		omitted: {
			notScheduled: Math.max(0, notScheduled.length - MOST_DEVICES),
			batches: Math.max(0, batches.length - MOST_BATCHES),
		},
	};
}
