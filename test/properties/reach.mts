import type { FailureEvidence } from '../../nodes/Nexthink/api/failure.ts';
import { isUnmade, type Exchange } from './connection.mts';
import { isBlocked, MISHAPS, NO_CONNECTION } from './mishaps.mts';
import type { Played } from './play.mts';

/** What random runs must come across, so that facts that hold in all of them mean something. */
export const PLACES: readonly string[] = [
	...['SCHEDULED', 'INVALID', 'FAILED', 'REJECTED', 'NOT_SENT', 'UNKNOWN'].map(statusPlace),
	...['INVALID_UID', 'MAX_DEVICES_EXCEEDED'].map(refusalPlace),
	...[
		'nothing',
		'BATCH_SIZE_EXCEEDED',
		'CANCELLED',
		'CIRCUIT_OPEN',
		'EMPTY_REQUEST',
		'EMPTY_TENANT',
		'FEATURE_NOT_ENABLED',
		'FORBIDDEN',
		'INVALID_REQUEST',
		'NOT_FOUND',
		'RATE_LIMITED',
		'SERVICE_UNAVAILABLE',
		'TIMEOUT',
		'UNAUTHORIZED',
		'UNEXPECTED_RESPONSE',
	].map(stopPlace),
	...[...MISHAPS.keys()].map(mishapPlace),
	'an empty list',
	'a list of more than 1,000 entries',
	'a duplicate',
	'a request that is sent again',
	'ten requests in flight',
	'a device refused alone',
	'requests in flight that are cancelled',
	'a token that comes too late',
	'a renewed token that comes too late',
	'a request that waits for its token when the run ends',
	'a run of more than 100 requests',
];

function statusPlace(status: string): string {
	return `a device that is ${status}`;
}

function refusalPlace(code: string): string {
	return `a list refused as ${code}`;
}

function stopPlace(code: string): string {
	return `a run stopped by ${code}`;
}

function mishapPlace(what: string): string {
	return `mishap: ${what}`;
}

export function placesOf(played: Played): string[] {
	const { scenario, report, plan, outcomes, exchanges, tenant, run } = played;
	const { result, refusal } = report;
	const stoppedBy = result?.stoppedBy ?? 'nothing';
	const ids = new Set(exchanges.map(({ requestId }) => requestId));
	const blocked = exchanges.some((_, position) => isBlocked(scenario.mishaps, position + 1));
	const places: Array<string | false | undefined> = [
		...outcomes.map(({ status }) => statusPlace(status)),
		refusal && refusalPlace(refusal.code),
		result && stopPlace(typeof stoppedBy === 'string' ? stoppedBy : stoppedBy.code),
		...[...MISHAPS].map(
			([what, fault]) => fault && tenant.playedFaults.has(fault) && mishapPlace(what),
		),
		blocked && mishapPlace(NO_CONNECTION),
		outcomes.length === 0 && 'an empty list',
		outcomes.length > 1000 && 'a list of more than 1,000 entries',
		plan.entries.some(({ duplicateOf }) => duplicateOf !== undefined) && 'a duplicate',
		ids.size < exchanges.length && 'a request that is sent again',
		exchanges.some(({ others }) => others === 9) && 'ten requests in flight',
		result?.outcomes.some(({ evidence }) => evidence === 'NOT_TAKEN') && 'a device refused alone',
		run?.cancelled !== undefined &&
			exchanges.some(({ answeredAt, answer }) => {
				const isCancelled = !answer!.accepted && answer!.failure.row === 'CANCELLED';
				return isCancelled && answeredAt === run.cancelled!.at;
			}) &&
			'requests in flight that are cancelled',
		exchanges.some(isLate('NOT_SENT')) && 'a token that comes too late',
		exchanges.some(isLate('REJECTED')) && 'a renewed token that comes too late',
		exchanges.some(isUnmade) && 'a request that waits for its token when the run ends',
		exchanges.length > 100 && 'a run of more than 100 requests',
	];
	return places.filter((place) => typeof place === 'string');
}

const isLate =
	(evidence: FailureEvidence) =>
	({ answer, sentAt, answeredAt }: Exchange): boolean =>
		!answer!.accepted &&
		answer!.failure.row === 'TOKEN_UNAVAILABLE' &&
		answer!.failure.evidence === evidence &&
		answeredAt! > sentAt;
