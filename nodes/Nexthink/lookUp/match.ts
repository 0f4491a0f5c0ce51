import { compact, sumBy, uniq } from 'lodash';

import type { QueryResult } from '../api/queryAnswer';
import { ownValue } from '../input/ownValue';
import { quoted, shown } from '../input/quoted';
import { isSameText, looseKey } from '../input/sameText';
import { isVisible } from '../input/usableText';
import { containsUuid } from '../input/uuid';
import { isFiller } from './fillers';
import { looseHostKey } from './hostName';
import { daysUntil } from './lastSeen';
import type { PlannedLookUp } from './questions';

/** What a lookup may come out as; a closed set that workflows see. */
export const MATCHES = [
	/** Exactly one device, and nothing speaks against it. */
	'FOUND',
	'NOT_FOUND',
	/** Several devices. */
	'AMBIGUOUS',
	/** One device, but with another value in the match column. */
	'VALUE_MISMATCH',
	/** One device, but a column does not have what the item says. */
	'CHECK_MISMATCH',
	/** One device, but it was seen too recently, or it cannot be told. */
	'RECENTLY_SEEN',
	/** Not asked: the value could fit any device, or none. */
	'REFUSED',
	/** No answer, or none that can be read. */
	'UNKNOWN',
] as const;

export type Match = (typeof MATCHES)[number];

export type Row = Record<string, unknown>;

/** What decides, with columns by their names in the result. */
export interface MatchRules {
	/** Must equal the value that is looked up. */
	matchColumn: string;
	uidColumn: string;
	nameColumn: string;
	/** Each must have what the item says, in this order. */
	checkColumns: readonly string[];
	/** Must be at least so many days old. */
	lastSeen?: { column: string; minDays: number };
	/** Whether a name is looked up without its domain. */
	hostNameOnly: boolean;
	/** Whether a time without an offset may be of any time zone. */
	mayBeLocal: boolean;
}

/** What Nexthink has for one value: all rows that it might stand for, as many as a person looks at. */
export interface Gathered extends QueryResult {
	/** When the query or the export was started, in milliseconds since 1970. */
	startedAt: number;
}

/** What one look-up came out as. Nothing to delete but where it is `FOUND`. */
export type Finding = {
	/** A sentence or two. */
	reason: string;
} & (
	| { match: 'FOUND'; rows: 1; uid: string; name: string; device: Row }
	| {
			match: Exclude<Match, 'FOUND'>;
			/** How many rows there are; null without an answer. */
			rows: number | null;
			/** For a person to look at: lines of text without a UID, which no Delete can take for a device. */
			candidates?: string[];
	  }
);

type NotFound = Exclude<Match, 'FOUND'>;

const MOST_CANDIDATES = 5;

/** Decides whether the rows name the wanted device with certainty: the one code for all ways to come by them. */
export function findingOf(
	entry: PlannedLookUp,
	{ count: stated, rows, startedAt }: Gathered,
	rules: MatchRules,
): Finding {
	const { wanted, lookup } = entry;
	const { matchColumn } = rules;
	const count = mostOf({ count: stated, rows });
	if (count > 1) {
		const candidates = linesOf(rows, rules);
		return {
			match: 'AMBIGUOUS',
			rows: count,
			reason: `Nexthink has ${count} devices with ${whatOfHost(rules)}${quoted(wanted)} in ${matchColumn}. ${whereListed(candidates.length, count)}Compare them in Nexthink to find out which one is meant.${ifCut(entry)}`,
			candidates,
		};
	}
	if (stated !== null && stated !== rows.length) {
		const reason = `The response states a row count of ${stated} and contains ${rows.length}.`;
		return { match: 'UNKNOWN', rows: count, reason };
	}
	const [row] = rows;
	if (row === undefined) {
		const isWhole = matchColumn === rules.nameColumn && !rules.hostNameOnly;
		const tryHost = isWhole && lookup!.includes('.');
		const advice = tryHost
			? 'If Nexthink has it without its domain, turn on Host Name Only.'
			: 'Check the spelling, or whether the device is already gone.';
		const reason = `Nexthink has no device with ${quoted(wanted)} in ${matchColumn}. ${advice}`;
		return { match: 'NOT_FOUND', rows: 0, reason };
	}
	return row === null
		? { match: 'UNKNOWN', rows: 1, reason: "The row of the response can't be read." }
		: findingOfRow(entry, row, startedAt, rules);
}

/** A response may state rows that it doesn't contain, or that can't be read. */
function whereListed(listed: number, count: number): string {
	if (listed === 0) return '';
	return `The lookup lists ${listed === count ? 'them' : `${listed} of them`} in the field "candidates". `;
}

function whatOfHost({ hostNameOnly }: MatchRules): string {
	return hostNameOnly ? 'the host name ' : '';
}

/** With its domain, the name may be that of one device. */
function ifCut({ lookup, wanted }: PlannedLookUp): string {
	return lookup === wanted ? '' : ` To look up ${quoted(lookup)} itself, turn off Host Name Only.`;
}

function findingOfRow(
	{ wanted, lookup, checks }: PlannedLookUp,
	row: Row,
	startedAt: number,
	rules: MatchRules,
): Finding {
	const { matchColumn, uidColumn, nameColumn, checkColumns, lastSeen } = rules;
	const instead = (match: NotFound, reason: string): Finding => ({
		match,
		rows: 1,
		reason,
		candidates: linesOf([row], rules),
	});
	const matched = ownValue(row, matchColumn);
	const value = comparable(matched) ?? '';
	if (!isSameText(value, wanted!)) {
		const advice = isSameText(value, lookup!)
			? 'If this is the device, turn off Host Name Only.'
			: 'Correct the list if this is the device.';
		const reason = `The device that Nexthink found has ${told(matched)} in ${matchColumn}, not ${quoted(wanted)}. ${ifOnlySpaces(matched, wanted)}${ifInexact(matched)}${advice}`;
		return instead('VALUE_MISMATCH', reason);
	}
	const uid = ownValue(row, uidColumn);
	if (typeof uid !== 'string' || isFiller(uid)) {
		return instead('UNKNOWN', 'The device that Nexthink found has no UID in the result.');
	}
	const name = comparable(ownValue(row, nameColumn)) ?? '';
	if (!isVisible(name)) {
		return instead('UNKNOWN', 'The device that Nexthink found has no name in the result.');
	}
	for (const [position, column] of checkColumns.entries()) {
		const isName = column === nameColumn;
		const mismatch = whyCheckFails(column, checks[position], ownValue(row, column), isName);
		if (mismatch !== undefined) return instead('CHECK_MISMATCH', mismatch);
	}
	const tooRecent = lastSeen && whyTooRecent(row, lastSeen, startedAt, rules.mayBeLocal);
	if (tooRecent !== undefined) return instead('RECENTLY_SEEN', tooRecent);
	const passed =
		checkColumns.length > 0 || lastSeen !== undefined ? ', and every check passed' : '';
	const reason = `Exactly one device has this value in ${matchColumn}${passed}.`;
	return { match: 'FOUND', rows: 1, reason, uid, name, device: row };
}

/**
 * The text by which a value is compared: the file of an export has nothing but texts, an answer has numbers, too. Beyond the safe
 * integers different numbers are read as the same one, and 001234 is not 1234.
 */
function comparable(value: unknown): string | undefined {
	if (typeof value === 'string') return value;
	const isExact = Number.isSafeInteger(value) || typeof value === 'boolean';
	return isExact ? String(value) : undefined;
}

/** @param isName a device may be called like a placeholder of serial numbers, such as "AAAA" */
function whyCheckFails(
	column: string,
	ofItem: unknown,
	ofDevice: unknown,
	isName: boolean,
): string | undefined {
	const [wanted, found] = [ofItem, ofDevice].map((value) => comparable(value)?.trim());
	if (isBlank(ofItem)) {
		return `The item has no value to compare with ${told(ofDevice)} in ${column}. Fill in its field.`;
	}
	if (isBlank(ofDevice)) {
		return `The device has no value in ${column} to compare with ${quoted(ofItem)} of the item. Check the device by hand.`;
	}
	if (wanted === undefined || found === undefined || !isSameText(wanted, found)) {
		return `The device has ${told(ofDevice)} in ${column}, and the item has ${quoted(ofItem)}. ${ifOnlySpaces(found, wanted)}${ifInexact(ofItem, ofDevice)}Check which one is right.`;
	}
	return !isName && isFiller(wanted)
		? `${quoted(ofItem)} in ${column} is a placeholder that many devices share. Check the device by hand.`
		: undefined;
}

function isBlank(value: unknown): boolean {
	return (
		value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
	);
}

/** A value of a device that isn't certain. Its UIDs are left out: a Delete could be given them. */
function told(value: unknown): string {
	return hasUid(value) ? 'another UID' : quoted(value);
}

function hasUid(value: unknown): boolean {
	return typeof value === 'string' && containsUuid(value);
}

/** Two such numbers may look the same. */
function ifInexact(...values: readonly unknown[]): string {
	const isInexact = values.some(
		(value) => typeof value === 'number' && comparable(value) === undefined,
	);
	return isInexact ? 'The node compares whole numbers of up to 15 digits only. ' : '';
}

/** People can't see it. */
function ifOnlySpaces(one: unknown, other: unknown): string {
	const [first, second] = [one, other].map((value) => comparable(value)?.replace(/\s/g, ''));
	const isOnlySpaces = first !== undefined && second !== undefined && isSameText(first, second);
	return isOnlySpaces ? 'They differ only in spaces. ' : '';
}

function whyTooRecent(
	row: Row,
	{ column, minDays }: NonNullable<MatchRules['lastSeen']>,
	startedAt: number,
	mayBeLocal: boolean,
): string | undefined {
	const value = ownValue(row, column);
	const days = daysUntil(startedAt, value, mayBeLocal);
	if (days === undefined) {
		return `The device has ${told(value)} in ${column}, so the node can't tell when it was last seen. Check the device by hand.`;
	}
	if (days >= minDays) return undefined;
	if (days < 0) {
		return `The device might have been seen since this lookup began (${told(value)} in ${column}). Check the device by hand.`;
	}
	return `The device was last seen ${days} day${days === 1 ? '' : 's'} ago (${told(value)} in ${column}). Last Seen requires at least ${minDays}.`;
}

/** What a person is told of a device that isn't certain. */
export function toldColumns(rules: MatchRules): string[] {
	const { nameColumn, matchColumn, checkColumns, lastSeen, uidColumn } = rules;
	const columns = compact([nameColumn, matchColumn, ...checkColumns, lastSeen?.column]);
	return uniq(columns).filter((column) => column !== uidColumn);
}

/** Devices as lines of text. No UID is in them: dragged into a Delete, it would schedule a device that nobody has confirmed. */
function linesOf(rows: QueryResult['rows'], rules: MatchRules): string[] {
	const told = toldColumns(rules);
	return compact(rows)
		.slice(0, MOST_CANDIDATES)
		.map((row) =>
			told
				.map((column) => [column, ownValue(row, column)] as const)
				.filter(([, value]) => !hasUid(value))
				.map(([column, value]) => `${column}: ${shown(value)}`)
				.join(', '),
		);
}

/**
 * The answers to a host name, to the same with any domain, and to its names in the list, as one. Where Nexthink takes the wildcard for
 * one, the last are a part of the one before.
 */
export function together(
	ofHost: Gathered,
	ofAnyDomain: Gathered,
	...ofNames: readonly Gathered[]
): Gathered {
	const parts = [ofHost, ...(mostOf(ofAnyDomain) > 0 ? [ofAnyDomain] : ofNames)];
	const most = sumBy(parts, mostOf);
	const stated = sumBy(parts, ({ count, rows }) => count ?? rows.length);
	return {
		// One that states another count than it has says nothing for certain, unless there are several.
		count: most > 1 ? most : stated,
		rows: parts.flatMap(({ rows }) => rows).slice(0, MOST_CANDIDATES),
		startedAt: Math.min(...[ofHost, ofAnyDomain, ...ofNames].map(({ startedAt }) => startedAt)),
	};
}

function mostOf({ count, rows }: QueryResult): number {
	return Math.max(count ?? 0, rows.length);
}

/** What a look-up needs of an answer: thousands of them are held until the run is over. */
export function abridged({ count, rows }: QueryResult): QueryResult {
	return {
		// Of one row or none, the count that the answer states may contradict it.
		count: rows.length > 1 ? Math.max(count ?? 0, rows.length) : count,
		rows: rows.slice(0, MOST_CANDIDATES),
	};
}

/** The same for all values of the match column that could stand for one device. */
export function looseKeyOf({
	hostNameOnly,
}: Pick<MatchRules, 'hostNameOnly'>): (value: string) => string {
	return hostNameOnly ? looseHostKey : looseKey;
}

/** The columns without which nothing can be told. */
export function neededColumns(rules: MatchRules): string[] {
	const { matchColumn, uidColumn, nameColumn, checkColumns, lastSeen } = rules;
	return uniq(compact([matchColumn, uidColumn, nameColumn, ...checkColumns, lastSeen?.column]));
}

/** A column that no row has: most likely a wrong name, which every other answer would lack as well. */
export function missingColumn({ rows }: QueryResult, rules: MatchRules): string | undefined {
	const readable = compact(rows);
	const isMissing = (column: string) => !readable.some((row) => Object.hasOwn(row, column));
	return readable.length === 0 ? undefined : neededColumns(rules).find(isMissing);
}

/** In UTF-16 code units: a longer text is no saved query. */
const LONGEST_QUERY = 100_000;

/** Each has one group, the part. */
const HIDING = [
	/\|\s*(limit\s+\d+)/i,
	/\b(during\s+past\s+\w+)/i,
	// From the first "from" behind a bar: a pattern that begins with it would try each of them.
	/(?:^|\|)(?:(?!\bfrom\s)[^|])*(\bfrom\s[^|]*\bto\b[^|]*)/i,
	// Documented: the other ways to select a time follow the table.
	/^\s*[\w.]+\s+((?:from|on)\s[^|]+)/i,
	/\b(?:with|include)\s+[\w.]+\s+((?:from|on)\s[^|]+)/i,
];

/**
 * The part of a query that keeps devices from its result, such as `limit 1`: a namesake might be among them. Texts in quotes and comments
 * are no part of the query.
 */
export function hidingPart(executedQuery: string): string | undefined {
	if (executedQuery.length > LONGEST_QUERY) return executedQuery.slice(0, 100);
	const bare = withoutTexts(executedQuery);
	const [found] = compact(HIDING.map((pattern) => pattern.exec(bare)));
	return found?.[1]!.trim();
}

/** What begins a comment, and what ends it. That NQL has comments of a line isn't documented. */
const COMMENTS: Partial<Record<string, string>> = { '/*': '*/', '//': '\n' };

/** One that leaves a quote or a comment open is returned as it is. */
function withoutTexts(query: string): string {
	let [bare, end] = ['', ''];
	for (let at = 0; at < query.length; at++) {
		const character = query[at]!;
		if (end === '') {
			end = COMMENTS[query.slice(at, at + 2)] ?? (/["']/.test(character) ? character : '');
			bare += end === '' ? character : ' ';
			if (end === '*/') at++;
		} else if (character === '\\' && /["']/.test(end)) {
			at++;
		} else if (query.startsWith(end, at)) {
			at += end.length - 1;
			end = '';
		}
	}
	return end === '' || end === '\n' ? bare : query;
}
