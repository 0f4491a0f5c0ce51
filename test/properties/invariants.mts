import lodash from 'lodash';

import type { ErrorPath } from '../../nodes/Nexthink/operations/failures.ts';
import { makeItems } from '../../nodes/Nexthink/operations/deleteDevices/items.ts';
import {
	countsOf,
	isOnErrorPath,
	type DeviceStatus,
} from '../../nodes/Nexthink/operations/deleteDevices/report.ts';
import { isUnmade, type Exchange } from './connection.mts';
import { isHonest } from './mishaps.mts';
import { refusedDevices, type Played } from './play.mts';
import { isRefusedAlone, provenStatuses } from './proof.mts';
import { mostRepeats, mostRequests, mostRequestsOfAnOutage, sizeAfter } from './request-bound.mts';
import type { Word } from './words.mts';

/** What must hold of every run: a fact, and what is seen where it does not hold. */
export interface Invariant {
	fact: string;
	/** @returns one text for each breach */
	breaches: (played: Played) => string[];
}

const STATUSES: ReadonlySet<unknown> = new Set<DeviceStatus>([
	'SCHEDULED',
	'FAILED',
	'INVALID',
	'DRY_RUN',
	'NOT_SENT',
	'REJECTED',
	'UNKNOWN',
]);

/** In milliseconds: what sums of fractions may be off. */
const ROUNDING = 0.001;

const PATHS: readonly ErrorPath[] = ['stop', 'sameOutput', 'errorOutput'];

export const INVARIANTS: readonly Invariant[] = [
	{
		fact: 'every entry has exactly one item, in the order of the input and linked to its input item',
		breaches: (played) =>
			PATHS.flatMap((path, number) =>
				// Long lists take their time: one of the ways is enough for each of them.
				played.entries.length < 100 || played.entries.length % PATHS.length === number
					? breachesOfItems(played, path)
					: [],
			),
	},
	{
		fact: 'the sums count every distinct device once',
		breaches: ({ report, plan, outcomes }) => {
			const { entries, duplicates, ...sums } = countsOf(report, outcomes);
			const total = Object.values(sums).reduce((sum, count) => sum + count, 0);
			return total === entries - duplicates && entries === plan.entries.length
				? []
				: [`${total} devices are counted of ${entries} entries with ${duplicates} duplicates`];
		},
	},
	{
		fact: 'a device is SCHEDULED only if an answer said so, and an honest tenant has queued it',
		breaches: (played) =>
			ofDevices(played, 'SCHEDULED', ({ uid, words }) => {
				if (!words.includes('SCHEDULED')) return 'no answer said so';
				const isHonestTenant = played.scenario.mishaps.every(isHonest);
				return isHonestTenant && !played.tenant.ledger.has(uid) && 'it is not queued';
			}),
	},
	{
		fact: 'a device is NOT_SENT only if the tenant never saw it',
		breaches: (played) => {
			const seen = seenUids(played);
			return ofDevices(played, 'NOT_SENT', ({ uid }) => seen.has(uid) && 'the tenant saw it');
		},
	},
	{
		fact: 'a device is REJECTED only if the tenant saw it and did not queue it',
		breaches: (played) => {
			const seen = seenUids(played);
			return ofDevices(played, 'REJECTED', ({ uid }) => {
				if (!seen.has(uid)) return 'the tenant never saw it';
				return played.tenant.ledger.has(uid) && 'it is queued';
			});
		},
	},
	{
		fact: 'a device that is INVALID or FAILED is not queued by an honest tenant',
		breaches: (played) =>
			played.scenario.mishaps.every(isHonest)
				? (['INVALID', 'FAILED'] as const).flatMap((status) =>
						ofDevices(played, status, ({ uid }) => played.tenant.ledger.has(uid) && 'it is queued'),
					)
				: [],
	},
	{
		fact: 'the status of a device is what all its requests together prove',
		breaches: (played) =>
			played.devices.flatMap(({ uid, status }) => {
				const said = played.said.get(uid);
				return provenStatuses(uid, said, played).includes(status)
					? []
					: [`${uid} is ${status}; what was said of it: ${said?.words.join(', ')}`];
			}),
	},
	{
		fact: 'nothing is sent that was not in the input, and nothing that was refused before',
		breaches: breachesOfContent,
	},
	{
		fact: 'no request holds more devices than Batch Size, or than half of what was refused as too large',
		breaches: breachesOfSize,
	},
	{
		fact: 'a run makes no more requests than its batches, repeats and splitting allow',
		breaches: ({ plan, scenario, exchanges }) => {
			const { batchSize } = scenario.settings;
			const tooLarge = exchanges.filter(isTooLarge).map(({ devices }) => devices.length);
			const most = mostRequests(plan.devices.length, batchSize, tooLarge);
			return exchanges.length <= most ? [] : [`${exchanges.length} requests; ${most} are the most`];
		},
	},
	{
		fact: 'repeats of a run are at most 10 plus a tenth of its batches, and Maximum Retries each',
		breaches: breachesOfRepeats,
	},
	{
		fact: 'a run that went well ends, once a tenant is down, after three batches and those under way',
		breaches: breachesOfOutage,
	},
	{
		fact: 'a repeat keeps its id and body, and no two bodies share an id',
		breaches: breachesOfIds,
	},
	{
		fact: 'never two requests are in flight before the first 202, nor ever more than Concurrency, nor two after a 429',
		breaches: breachesOfConcurrency,
	},
	{
		fact: 'a run waits no longer than Maximum Retry Wait, and as long as it is asked to',
		breaches: breachesOfWaits,
	},
	{
		fact: 'a cancelled run sends nothing more, and ends at once where its requests do',
		breaches: ({ run, scenario }) => {
			if (run?.cancelled === undefined) return [];
			const { cancelled, exchanges, endedAt } = run;
			const late = exchanges.length - cancelled.requests;
			return [
				...(late > 0 ? [`${late} requests left after it was cancelled`] : []),
				...(scenario.cancelEndsRequests && endedAt > cancelled.at
					? [`it went on for ${endedAt - cancelled.at} ms`]
					: []),
			];
		},
	},
	{
		fact: 'nothing arrives after the run has ended',
		breaches: ({ run, tenant }) => {
			if (run === undefined) return [];
			const end = Date.UTC(2026, 0, 1) + run.endedAt;
			const late = tenant.requests.filter(({ route, at }) => route === 'deletions' && at > end);
			return late.map(({ at }) => `a request arrived ${at - end} ms after the end`);
		},
	},
	{
		fact: 'a tenant that is well but for some devices schedules all others, and these are INVALID',
		breaches: breachesOfHealth,
	},
	{
		fact: 'nothing leaves after an answer that ends the run',
		breaches: breachesOfStop,
	},
	{
		fact: 'the run keeps every request, by batch and attempt, and each device its last one',
		breaches: breachesOfRecords,
	},
];

function ofDevices(
	{ devices, said }: Played,
	status: DeviceStatus,
	wrong: (device: { uid: string; words: readonly Word[] }) => string | false,
): string[] {
	return devices.flatMap((device) => {
		if (device.status !== status) return [];
		const what = wrong({ uid: device.uid, words: said.get(device.uid)?.words ?? [] });
		return what === false ? [] : [`${device.uid} is ${status}, but ${what}`];
	});
}

function seenUids({ tenant }: Played): Set<string> {
	return new Set(tenant.requests.flatMap(({ devices = [] }) => devices.map(({ uid }) => uid)));
}

function isTooLarge({ answer }: Exchange): boolean {
	return !answer!.accepted && answer!.failure.row === 'BATCH_SIZE_EXCEEDED';
}

function breachesOfItems(played: Played, errorPath: ErrorPath): string[] {
	const { plan, entries } = played;
	const report = { ...played.report, errorPath };
	const { items } = makeItems(report, { areEntriesOfLists: false });
	if (items.length !== entries.length)
		return [`${items.length} items for ${entries.length} entries`];
	return items.flatMap(({ json, pairedItem }, index) => {
		const onErrorOutput = errorPath === 'errorOutput' && 'error' in json;
		const shown = onErrorOutput ? (json.error as { device: typeof json }).device : json;
		const { uid, name } = plan.entries[index]!;
		const { itemIndex } = entries[index]!;
		const isRight =
			shown.index === index &&
			shown.uid === uid &&
			shown.name === name &&
			STATUSES.has(shown.status) &&
			shown.scheduled === (shown.status === 'UNKNOWN' ? null : shown.status === 'SCHEDULED') &&
			Object.keys(shown).slice(0, 6).join() === 'uid,name,status,reason,scheduled,index' &&
			typeof shown.reason === 'string' &&
			shown.reason.endsWith('.') &&
			(errorPath === 'errorOutput') >= onErrorOutput &&
			isOnErrorPath(shown.status as DeviceStatus, report) ===
				(onErrorOutput || 'apiError' in json) &&
			JSON.stringify(pairedItem) === JSON.stringify({ item: itemIndex });
		return isRight ? [] : [`item ${index} (${errorPath}): ${JSON.stringify(json)}`];
	});
}

function breachesOfContent({ entries, plan, exchanges, report }: Played): string[] {
	if (report.refusal !== undefined && exchanges.length > 0) return ['a refused list was sent'];
	const key = ({ uid, name }: { uid: string; name: string }) => `${uid}\n${name}`;
	const usable = new Set<string>();
	entries.forEach(({ uid, name }, index) => {
		if (plan.entries[index]!.refused !== undefined) return;
		usable.add(key({ uid: (uid as string).trim(), name: name as string }));
	});
	const unusable = new Set<string>();
	plan.entries.forEach(({ uid, refused }, index) => {
		const { name } = entries[index]!;
		if (refused !== undefined && uid !== null && typeof name === 'string') {
			unusable.add(key({ uid, name }));
		}
	});
	return exchanges.flatMap(({ devices }, position) => {
		const uids = new Set(devices.map(({ uid }) => uid.toLowerCase()));
		const wrong = devices.filter((device) => !usable.has(key(device)) || unusable.has(key(device)));
		return [
			...(uids.size < devices.length ? [`request ${position + 1} holds a device twice`] : []),
			...wrong.map((device) => `request ${position + 1} holds ${JSON.stringify(device)}`),
		];
	});
}

function breachesOfSize({ scenario, exchanges }: Played): string[] {
	const ids = new Set<string>();
	const tooLarge = exchanges.filter(isTooLarge);
	return exchanges.flatMap(({ devices, requestId }, position) => {
		const isRepeat = ids.has(requestId);
		ids.add(requestId);
		const known = tooLarge.filter((other) => other.leftByThen! <= position);
		const refused = known.map((other) => other.devices.length);
		const most = sizeAfter(scenario.settings.batchSize, isRepeat ? [] : refused);
		return devices.length <= most
			? []
			: [`request ${position + 1} holds ${devices.length} devices; ${most} are the most`];
	});
}

function breachesOfRepeats({ scenario, plan, exchanges }: Played): string[] {
	const { batchSize, maxRetries, requestId: givenId } = scenario.settings;
	const repeats = exchanges.length - new Set(exchanges.map(({ requestId }) => requestId)).size;
	const sendings = new Map<string, number>();
	let mostSendings = 0;
	const answered = new Set<string>();
	let ofFailed = 0;
	const failures = new Map<string, number>();
	const bodies = new Set<string>();
	for (const exchange of exchanges) {
		const { devices, requestId, answer, words } = exchange;
		// Every device that was in a 202 and is sent once more came back as FAILED.
		if (!bodies.has(requestId) && devices.some(({ uid }) => answered.has(uid))) ofFailed++;
		bodies.add(requestId);
		const sending = (sendings.get(requestId) ?? 0) + 1;
		sendings.set(requestId, endsItsBody(exchange) ? 0 : sending);
		mostSendings = Math.max(mostSendings, sending);
		devices.forEach(({ uid }, position) => {
			if (answer!.accepted) answered.add(uid);
			if (words[position] === 'FAILED') failures.set(uid, (failures.get(uid) ?? 0) + 1);
		});
	}
	// A request with FAILED devices that is cut or split makes more requests, which are no repeats. With a given Request ID the id of a
	// body follows from its devices, so that such a request may have the id of one that was sent before.
	const madeByDivision = exchanges.reduce((sum, exchange) => {
		const isDivided = isTooLarge(exchange) || isSplit(exchange);
		return isDivided ? sum + exchange.devices.length : sum;
	}, 0);
	const all = madeByDivision > 0 ? repeats : repeats + ofFailed;
	const most =
		mostRepeats(plan.devices.length, batchSize) + (givenId === undefined ? 0 : madeByDivision);
	return [
		...(all > most ? [`${all} repeats; ${most} are the most`] : []),
		...(mostSendings > 1 + maxRetries ? [`a request was sent ${mostSendings} times`] : []),
		...[...failures].flatMap(([uid, count]) =>
			count > 1 + maxRetries ? [`${uid} was sent and FAILED ${count} times`] : [],
		),
	];
}

function isSplit({ answer, devices }: Exchange): boolean {
	return !answer!.accepted && answer!.failure.row === 'INVALID_REQUEST' && devices.length > 1;
}

/** Whether the same devices, if they leave together again, are a new batch: with a given Request ID it has the id of the one before. */
function endsItsBody(exchange: Exchange): boolean {
	return exchange.answer!.accepted || isTooLarge(exchange) || isSplit(exchange);
}

/** Whether an answer tells a known status of none of its devices. */
function isSilent(words: readonly Word[]): boolean {
	return words.every((word) => word === 'LOST');
}

function countBy(keys: readonly string[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
	return counts;
}

function breachesOfOutage({ scenario, exchanges }: Played): string[] {
	const { concurrency, maxRetries } = scenario.settings;
	const isDown = ({ answer, words }: Exchange) => {
		if (answer!.accepted) return isSilent(words) || words.every((word) => word === 'FAILED');
		const { row, retryable, evidence } = answer!.failure;
		return row !== 'CANCELLED' && (retryable || evidence === 'UNKNOWN');
	};
	const lastWell = exchanges.reduce(
		(latest, exchange) => (isDown(exchange) ? latest : Math.max(latest, exchange.answeredAt!)),
		-1,
	);
	const since = exchanges.filter(({ answeredAt }) => answeredAt! > lastWell);
	// FAILED devices that are sent once more are expected to fail together.
	const isSecondPass = since.some(({ devices, sentAt }) =>
		exchanges.some(
			(earlier) =>
				earlier.answer!.accepted &&
				earlier.answeredAt! <= sentAt &&
				earlier.devices.some(({ uid }) => devices.some((device) => device.uid === uid)),
		),
	);
	const most = mostRequestsOfAnOutage(concurrency, maxRetries);
	return isSecondPass || since.length <= most
		? []
		: [`${since.length} requests to a tenant that was down; ${most} are the most`];
}

function breachesOfIds({ scenario, exchanges }: Played): string[] {
	const bodies = new Map<string, string>();
	const wrong = exchanges.flatMap(({ requestId, devices }) => {
		const body = JSON.stringify(devices);
		const before = bodies.get(requestId) ?? body;
		bodies.set(requestId, body);
		return before === body ? [] : [`${requestId} stands for ${before} and for ${body}`];
	});
	const { requestId } = scenario.settings;
	const first = exchanges[0]?.requestId;
	return requestId !== undefined && first !== undefined && first !== requestId
		? [...wrong, `the first request has the id ${first}`]
		: wrong;
}

function breachesOfConcurrency({ scenario, exchanges }: Played): string[] {
	/** How many requests had left when an answer of this kind came for the first time. */
	const leftBefore = (isOfKind: (exchange: Exchange) => boolean) =>
		Math.min(...exchanges.filter(isOfKind).map(({ leftByThen }) => leftByThen!));
	const tried = leftBefore(({ answer, words }) => answer!.accepted && !isSilent(words));
	const limited = leftBefore(
		({ answer }) => !answer!.accepted && answer!.failure.row === 'RATE_LIMITED',
	);
	return exchanges.flatMap(({ others }, position) => {
		const isWide = position >= tried && position < limited;
		const most = isWide ? scenario.settings.concurrency : 1;
		return others < most ? [] : [`request ${position + 1} left beside ${others} others`];
	});
}

function breachesOfWaits({ scenario, exchanges, run }: Played): string[] {
	if (run === undefined) return [];
	const most = 1000 * scenario.settings.maxRetryWait;
	let idle = 0;
	let busyUntil = run.startedAt;
	for (const { sentAt, answeredAt } of exchanges) {
		idle += Math.max(0, sentAt - busyUntil);
		busyUntil = Math.max(busyUntil, answeredAt!);
	}
	idle += Math.max(0, run.endedAt - busyUntil);
	const tooEarly = exchanges.flatMap((exchange, position) => {
		const { answer, answeredAt, requestId, leftByThen } = exchange;
		if (answer!.accepted || answer!.failure.retryAfter === null) return [];
		const isRepeated = exchanges.slice(position + 1).some((other) => other.requestId === requestId);
		if (!isRepeated) return [];
		const asked = Date.parse(answer!.failure.retryAfter) - Date.UTC(2026, 0, 1) - answeredAt!;
		const next = exchanges[leftByThen!]?.sentAt ?? Infinity;
		return next + ROUNDING >= answeredAt! + asked
			? []
			: [`a request left after ${next - answeredAt!} ms, though ${asked} ms were asked for`];
	});
	return [
		// Parts of milliseconds are lost in adding.
		...(idle > most + 1 ? [`${idle} ms passed without a request; ${most} ms are the most`] : []),
		...tooEarly,
	];
}

function breachesOfHealth(played: Played): string[] {
	const { scenario, run, devices, exchanges } = played;
	// The first request of a run has to wait for its token.
	const longest = Math.max(...scenario.latencies) + Math.max(...scenario.tokenDelays);
	const isWell = scenario.mishaps.length === 0 && longest < 1000 * scenario.timeout;
	if (run === undefined || run.cancelled !== undefined || !isWell) return [];
	if (exchanges.filter(isSplit).length > MOST_SPLITS) return [];
	const { stoppedBy } = run.result;
	if (stoppedBy !== undefined) {
		// Two devices that are refused alone, and nothing was accepted in between: it is not the devices.
		const isSuspect = typeof stoppedBy === 'object' && stoppedBy.code === 'INVALID_REQUEST';
		return isSuspect && refusedInARow(exchanges) > 1 ? [] : ['the run was stopped'];
	}
	const refused = refusedDevices(played);
	return devices.flatMap(({ uid, status }) => {
		const expected = refused.has(uid) || uid.startsWith('malformed') ? 'INVALID' : 'SCHEDULED';
		return status === expected ? [] : [`${uid} is ${status} and not ${expected}`];
	});
}

/** How many devices were refused alone at most without an acceptance in between. */
function refusedInARow(exchanges: readonly Exchange[]): number {
	let row = 0;
	let most = 0;
	for (const exchange of lodash.sortBy([...exchanges], 'answeredAt')) {
		if (exchange.answer!.accepted) row = 0;
		else if (isRefusedAlone(exchange)) row++;
		most = Math.max(most, row);
	}
	return most;
}

/** Each takes two of the 100 extra requests. */
const MOST_SPLITS = 50;

function breachesOfStop({ scenario, exchanges }: Played): string[] {
	const { stopOnFailure, maxRetries } = scenario.settings;
	const attempts = new Map<string, number>();
	return exchanges.flatMap((exchange, position) => {
		const { answer, requestId, leftByThen, words } = exchange;
		const attempt = (attempts.get(requestId) ?? 0) + 1;
		attempts.set(requestId, endsItsBody(exchange) ? 0 : attempt);
		if (answer!.accepted && !isSilent(words)) return [];
		const { row, then } = answer!.accepted ? answer!.silence : answer!.failure;
		const isForGood =
			then === 'goOn' || ((then === 'repeat' || then === 'slowDown') && attempt > maxRetries);
		const later = exchanges.length - leftByThen!;
		return later > 0 && (then === 'stop' || (stopOnFailure && isForGood))
			? [`${later} requests left after the ${row} of request ${position + 1}`]
			: [];
	});
}

function breachesOfRecords({ run, plan, exchanges, scenario }: Played): string[] {
	if (run === undefined) return [];
	const { requests, outcomes } = run.result;
	const made = exchanges.filter((exchange) => !isUnmade(exchange));
	const attempts = countBy(requests.map(({ batch, attempt }) => `${batch}.${attempt}`));
	const numbers = new Set(requests.map(({ batch }) => batch));
	const bodies = new Set(made.map(({ requestId }) => requestId));
	const wrong: string[] = [];
	if (requests.length !== made.length) {
		wrong.push(`${requests.length} requests are kept of ${made.length}`);
	}
	if (attempts.size !== requests.length) wrong.push('two requests are kept as the same attempt');
	// With a given id a device that FAILED alone leaves each time with the same derived one.
	const isOneIdEach = scenario.settings.requestId === undefined;
	const isFirstMade = made.length > 0 && made[0] === exchanges[0];
	if ((isOneIdEach && numbers.size !== bodies.size) || isFirstMade !== numbers.has(1)) {
		wrong.push(`the batches are numbered ${[...numbers].join(', ')}`);
	}
	const lastOf = new Map<string, Exchange>();
	const sendings = new Map<string, number>();
	for (const exchange of made) {
		exchange.devices.forEach(({ uid }, position) => {
			lastOf.set(uid, exchange);
			const arrived = exchange.words[position] === 'NEVER_ARRIVED' ? 0 : 1;
			sendings.set(uid, (sendings.get(uid) ?? 0) + arrived);
		});
	}
	outcomes.forEach(({ last, attempts: counted }, device) => {
		const { uid } = plan.devices[device]!;
		const answer = lastOf.get(uid)?.answer;
		const shown = answer?.accepted === false ? answer.failure : answer;
		if (last?.httpStatus !== shown?.httpStatus || last?.requestId !== shown?.requestId) {
			wrong.push(`${uid} has another last request than its own`);
		}
		const left = sendings.get(uid) ?? 0;
		if (counted !== left) wrong.push(`${uid} has ${counted} attempts of ${left}`);
	});
	return wrong;
}
