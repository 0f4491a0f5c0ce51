import { compact } from 'lodash';

import type { QueryResult } from '../api/queryAnswer';
import { ownValue } from '../input/ownValue';
import { daysSince } from './lastSeen';
import { isSameText } from '../input/sameText';

/** What a lookup may come out as; a closed set that workflows see. */
export const MATCHES = [
	/** Exactly one device, and nothing speaks against it. */
	'FOUND',
	'NOT_FOUND',
	/** Several devices. */
	'AMBIGUOUS',
	/** One device, but with another name. */
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

/** The columns that decide, by their names in the result. */
export interface MatchRules {
	uidColumn: string;
	nameColumn: string;
	/** Each must have what the item says, in this order. */
	checkColumns: readonly string[];
	/** Must be at least so many days old. */
	lastSeen?: { column: string; minDays: number };
}

/** What one look-up came out as. Nothing to delete but where it is `FOUND`. */
export type Finding =
	| { match: 'FOUND'; rows: 1; uid: string; name: string; device: Row }
	| {
			match: Exclude<Match, 'FOUND'>;
			/** How many rows the answer has; null without an answer. */
			rows: number | null;
			/** A sentence. */
			reason: string;
			/** For a person to look at. */
			candidates?: Row[];
	  };

const MOST_CANDIDATES = 5;

/**
 * Decides whether a result names the wanted device with certainty.
 *
 * @param checks what each check column must have
 * @param now milliseconds since 1970
 */
export function findingOf(
	wanted: string,
	checks: readonly unknown[],
	result: QueryResult,
	rules: MatchRules,
	now: number,
): Finding {
	const { rows } = result;
	const count = Math.max(result.count ?? 0, rows.length);
	if (count > 1) {
		const candidates = rows.filter((row) => row !== null).slice(0, MOST_CANDIDATES);
		const reason = `Nexthink has ${count} devices for this name, and nothing says which one is meant.`;
		return { match: 'AMBIGUOUS', rows: count, reason, candidates };
	}
	if (result.count !== null && result.count !== rows.length) {
		const reason = `The answer states a row count of ${result.count} and contains ${rows.length}.`;
		return { match: 'UNKNOWN', rows: count, reason };
	}
	const [row] = rows;
	if (row === undefined) {
		return { match: 'NOT_FOUND', rows: 0, reason: 'Nexthink has no device with this name.' };
	}
	return row === null
		? { match: 'UNKNOWN', rows: 1, reason: 'The row of the answer cannot be read.' }
		: findingOfRow(wanted, checks, row, rules, now);
}

function findingOfRow(
	wanted: string,
	checks: readonly unknown[],
	row: Row,
	rules: MatchRules,
	now: number,
): Finding {
	const instead = (match: Exclude<Match, 'FOUND'>, reason: string): Finding => ({
		match,
		rows: 1,
		reason,
		candidates: [row],
	});
	const name = ownValue(row, rules.nameColumn);
	if (typeof name !== 'string' || !isSameText(name, wanted)) {
		return instead('VALUE_MISMATCH', 'The device that Nexthink found has another name.');
	}
	const uid = ownValue(row, rules.uidColumn);
	if (typeof uid !== 'string' || uid.trim() === '') {
		return instead('UNKNOWN', 'The device that Nexthink found has no UID in the result.');
	}
	for (const [position, column] of rules.checkColumns.entries()) {
		const [check, found] = [checks[position], ownValue(row, column)];
		if (!isEqualCheck(check, found)) {
			return instead('CHECK_MISMATCH', whyCheckFails(column, check, found));
		}
	}
	const tooRecent = rules.lastSeen && whyTooRecent(row, rules.lastSeen, now);
	if (tooRecent !== undefined) return instead('RECENTLY_SEEN', tooRecent);
	return { match: 'FOUND', rows: 1, uid, name, device: row };
}

/** Two blank serial numbers are not the same one, and a number is not compared with text: 001234 is not 1234. */
function isEqualCheck(wanted: unknown, found: unknown): boolean {
	// Beyond the safe integers different numbers are read as the same one.
	if (typeof wanted === 'number') return Number.isSafeInteger(wanted) && wanted === found;
	if (typeof wanted !== 'string' || typeof found !== 'string') return false;
	return wanted.trim() !== '' && isSameText(wanted.trim(), found.trim());
}

function whyCheckFails(column: string, wanted: unknown, found: unknown): string {
	if (isBlank(wanted)) return `The item has no value to compare with the column ${column}.`;
	if (isBlank(found)) return `The device has no value in the column ${column}.`;
	return `The device has another value in the column ${column} than the item.`;
}

function isBlank(value: unknown): boolean {
	return (
		value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
	);
}

function whyTooRecent(
	row: Row,
	{ column, minDays }: NonNullable<MatchRules['lastSeen']>,
	now: number,
): string | undefined {
	const days = daysSince(ownValue(row, column), now);
	if (days === undefined) {
		return 'It cannot be told when the device was last seen, so it counts as seen recently.';
	}
	if (days >= minDays) return undefined;
	const ago = Math.max(0, days);
	return `The device was last seen ${ago} day${ago === 1 ? '' : 's'} ago. Last Seen asks for at least ${minDays}.`;
}

/** What a look-up needs of an answer: thousands of them are held until the run is over. */
export function abridged({ count, rows }: QueryResult): QueryResult {
	if (rows.length <= MOST_CANDIDATES) return { count, rows };
	return { count: Math.max(count ?? 0, rows.length), rows: rows.slice(0, MOST_CANDIDATES) };
}

/** A column that no row has: most likely a wrong name, which every other answer would lack as well. */
export function missingColumn({ rows }: QueryResult, rules: MatchRules): string | undefined {
	const readable = rows.filter((row) => row !== null);
	const needed = [rules.uidColumn, rules.nameColumn, ...rules.checkColumns, rules.lastSeen?.column];
	const isMissing = (column: string) => !readable.some((row) => Object.hasOwn(row, column));
	return readable.length === 0 ? undefined : compact(needed).find(isMissing);
}
