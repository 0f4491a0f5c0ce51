/** Date, optionally time and offset, as ISO 8601 and as Nexthink writes it, with a blank for the T. */
const TIME_PATTERN =
	/^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

const DAY = 86_400_000;

/** Nexthink's own times are far later: what is earlier stands for "never", such as 1970-01-01. */
const FIRST_MOMENT = Date.UTC(2000, 0, 1);

/** The time zone farthest behind UTC. */
const FARTHEST_BEHIND = DAY / 2;

/**
 * The latest moment that a text may stand for, in milliseconds since 1970. A date alone is taken for the end of its day. Without an
 * offset a time is UTC, which the request asked for.
 *
 * @param mayBeLocal a time without an offset may be of any time zone instead
 * @returns undefined where the text is no such time, or one before 2000
 */
export function latestMomentOf(value: unknown, mayBeLocal: boolean): number | undefined {
	if (typeof value !== 'string') return undefined;
	const parts = TIME_PATTERN.exec(value.trim());
	if (parts === null) return undefined;
	const [, date, time, offset] = parts;
	const moment = Date.parse(`${date}T${time ?? '00:00:00'}${offset ?? 'Z'}`);
	if (Number.isNaN(moment) || moment < FIRST_MOMENT || !isDay(date!)) return undefined;
	const latest = time === undefined ? moment + DAY - 1 : moment;
	return offset === undefined && mayBeLocal ? latest + FARTHEST_BEHIND : latest;
}

/** Date.parse takes June 31 for July 1. */
function isDay(date: string): boolean {
	return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}

/** Whole days from the latest moment that a text may stand for until another moment; undefined where it is no time. */
export function daysUntil(until: number, value: unknown, mayBeLocal: boolean): number | undefined {
	const moment = latestMomentOf(value, mayBeLocal);
	return moment === undefined ? undefined : Math.floor((until - moment) / DAY);
}
