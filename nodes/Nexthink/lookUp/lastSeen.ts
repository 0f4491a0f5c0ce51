/** Date, optionally time and offset, as ISO 8601 and as Nexthink writes it, with a blank for the T. */
const TIME_PATTERN =
	/^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/;

const DAY = 86_400_000;

/**
 * The latest moment that a text may stand for, in milliseconds since 1970. A date alone is taken for the end of its day. Without an
 * offset a time is UTC, which the request asked for.
 *
 * @returns undefined where the text is no such time
 */
export function latestMomentOf(value: unknown): number | undefined {
	if (typeof value !== 'string') return undefined;
	const parts = TIME_PATTERN.exec(value.trim());
	if (parts === null) return undefined;
	const [, date, time, offset = 'Z'] = parts;
	const moment = Date.parse(`${date}T${time ?? '00:00:00'}${offset}`);
	if (Number.isNaN(moment)) return undefined;
	return time === undefined ? moment + DAY - 1 : moment;
}

/** Whole days from the latest moment that a text may stand for until now; undefined where it is no time. */
export function daysSince(value: unknown, now: number): number | undefined {
	const moment = latestMomentOf(value);
	return moment === undefined ? undefined : Math.floor((now - moment) / DAY);
}
