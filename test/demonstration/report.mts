import type { Tenant } from '../simulator/tenant.mts';
import type { LedgerComparison } from './ledger-comparison.mts';
import { STATUSES, type KeptBack, type Outcome, type Status } from './outcomes.mts';
import { indented, table, type Cell, type Column } from './tables.mts';

const MEANING: Record<Status, string> = {
	SCHEDULED: 'queued for deletion, not yet removed',
	DRY_RUN: 'would have been sent',
	INVALID: 'malformed or incomplete, left out',
	FAILED: 'Nexthink could not schedule it at the moment',
	REJECTED: 'Nexthink refused every request with it: not queued',
	NOT_SENT: 'no request with it ever left: not queued',
	UNKNOWN: 'no answer that can be relied on: may be queued',
};

const TELLING_SHOWN = 20;
const WELL_SHOWN = 5;

const DEVICE_COLUMNS: readonly Column[] = [
	{ title: 'Index', width: 7, align: 'right' },
	{ title: 'Device', width: 14 },
	{ title: 'UID', width: 14 },
	{ title: 'Status', width: 9 },
	{ title: 'Reason' },
];

/** Out: a table of devices, those that need a look first and a sample of the others; or all, in input order. */
export function devicesReport(outcomes: readonly Outcome[], all: boolean): string {
	if (all) return table(DEVICE_COLUMNS, outcomes.map(deviceRow));
	const telling = byStatus(outcomes.filter((outcome) => !isWell(outcome)));
	const well = outcomes.filter(isWell);
	const shown = [...telling.slice(0, TELLING_SHOWN), ...well.slice(0, WELL_SHOWN)];
	const hidden = outcomes.length - shown.length;
	const printed = table(DEVICE_COLUMNS, shown.map(deviceRow));
	return hidden === 0 ? printed : `${printed}\n${indented(andMore(hidden))}`;
}

/** Out: a table of the devices that a lookup keeps for manual review. */
export function keptBackReport(keptBack: readonly KeptBack[], all: boolean): string {
	const shown = all ? keptBack : keptBack.slice(0, TELLING_SHOWN);
	const printed = table(
		[
			{ title: 'Index', width: 7, align: 'right' },
			{ title: 'UID', width: 14 },
			{ title: 'Match', width: 14 },
			{ title: 'Reason' },
		],
		shown.map(({ index, lookup, match, reason }) => [
			String(index),
			shortUid(orWord(lookup)),
			match,
			reason,
		]),
	);
	const hidden = keptBack.length - shown.length;
	return hidden === 0 ? printed : `${printed}\n${indented(andMore(hidden))}`;
}

/** Out: how many items ended with which status, and what that status means. */
export function sumsReport(outcomes: readonly Outcome[]): string {
	const rows = STATUSES.map((status) => [
		status,
		outcomes.filter((outcome) => outcome.status === status).length,
		MEANING[status],
	]);
	return table(
		[
			{ title: 'Status', width: 9 },
			{ title: 'Items', width: 7, align: 'right' },
			{ title: 'Meaning' },
		],
		rows.filter(([, count]) => count !== 0),
	);
}

/**
 * Out: every deletion request that reached the tenant, what it held and what each side says came of
 * it; of many, those not scheduled as a whole first.
 */
export function batchesReport(outcomes: readonly Outcome[], tenant: Tenant, all: boolean): string {
	const scheduled = new Map<string, number>();
	for (const { requestId, status, duplicateOf } of outcomes) {
		if (requestId === undefined || status !== 'SCHEDULED' || duplicateOf !== undefined) continue;
		scheduled.set(requestId, (scheduled.get(requestId) ?? 0) + 1);
	}
	const requests = tenant.requests.filter(({ route }) => route === 'deletions');
	const rows = requests.map((request, position): Cell[] => [
		position + 1,
		request.requestId,
		request.devices?.length ?? 0,
		String(request.status ?? '-'),
		scheduled.get(request.requestId) ?? 0,
		tenant.ledger.countFor(request.requestId),
	]);
	const isWhole = (row: Cell[]) => row[2] === row[4] && row[4] === row[5];
	const shown =
		all || rows.length <= TELLING_SHOWN
			? rows
			: [
					...rows.filter((row) => !isWhole(row)).slice(0, TELLING_SHOWN),
					...rows.filter(isWhole).slice(0, WELL_SHOWN),
				];
	const printed = table(
		[
			{ title: 'Batch', width: 7, align: 'right' },
			{ title: 'Request ID', width: 36 },
			{ title: 'Devices', width: 7, align: 'right' },
			{ title: 'HTTP', width: 4, align: 'right' },
			{ title: 'Scheduled', width: 9, align: 'right' },
			{ title: 'In ledger', width: 9, align: 'right' },
		],
		shown,
	);
	const hidden = rows.length - shown.length;
	return hidden === 0 ? printed : `${printed}\n${indented(andMore(hidden))}`;
}

/** Out: whether node and tenant agree, and about which devices they do not. */
export function ledgerReport({ devices, queued, disagreements }: LedgerComparison): string {
	if (disagreements.length === 0) {
		const others = devices - queued;
		return `agrees for all ${number(devices)} UIDs: ${number(queued)} queued as the node says, ${number(others)} not`;
	}
	const shown = disagreements.slice(0, 10);
	const more = disagreements.length - shown.length;
	return [
		`DISAGREES about ${number(disagreements.length)} of ${number(devices)} UIDs:`,
		...shown.map((line) => `- ${line}`),
		...(more === 0 ? [] : [`- and ${number(more)} more`]),
	].join('\n');
}

function deviceRow(outcome: Outcome): string[] {
	const { index, uid, name, status, reason, attempts = 1 } = outcome;
	const tries = attempts > 1 ? `Sent ${attempts} times.` : undefined;
	return [
		String(index),
		orWord(name),
		shortUid(orWord(uid)),
		status,
		[reason, tries].filter((part) => part !== undefined).join(' '),
	];
}

function isWell({ status, duplicateOf }: Outcome): boolean {
	return (status === 'SCHEDULED' || status === 'DRY_RUN') && duplicateOf === undefined;
}

function byStatus(outcomes: readonly Outcome[]): Outcome[] {
	return [...outcomes].sort(
		(one, other) => STATUSES.indexOf(one.status) - STATUSES.indexOf(other.status),
	);
}

function orWord(text: string | null): string {
	if (text === null) return '(none)';
	return text.trim() === '' ? '(blank)' : text;
}

/** The beginning and the end tell devices apart; whole UIDs would leave no room for the reasons. */
function shortUid(uid: string): string {
	return uid.length <= 14 ? uid : `${uid.slice(0, 8)}…${uid.slice(-4)}`;
}

function andMore(count: number): string {
	return `… and ${number(count)} more (--all prints them)`;
}

function number(value: number): string {
	return value.toLocaleString('en-US');
}
