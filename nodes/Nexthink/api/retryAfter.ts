/** An HTTP or an ISO date. Without this check JavaScript would take almost any text with a digit in it for a date. */
const DATE_PATTERN = /^(?:[A-Z][a-z]{2,8}, \d|\d{4}-\d{2}-\d{2}[T ])/;

/** JavaScript would read it in the time zone of the machine that n8n runs on, which Nexthink does not know. */
const ISO_DATE_WITHOUT_ZONE = /^(\S{10})[T ]([\d:.]+)$/;

/** The latest time a JavaScript date can hold, in milliseconds since 1970. */
const LATEST_TIME = 8.64e15;

/**
 * When an answer asks to be tried again. Nexthink sends seconds on some routes and a date on others (documented for NQL); HTTP
 * allows both. A date is read against the answer's own `Date`, so that a clock that goes wrong does no harm.
 *
 * @param headers with names in lower case
 * @param now milliseconds since 1970
 * @returns the moment as an ISO date and the milliseconds until then; null alone where the header is missing, negative or unreadable
 */
export function retryAfterOf(
	headers: Record<string, unknown>,
	now: number,
): { retryAfter: string | null; retryIn?: number } {
	const value = headers['retry-after'];
	const retryIn = typeof value === 'string' ? waitOf(value.trim(), headers, now) : Number.NaN;
	if (!(retryIn >= 0)) return { retryAfter: null };
	return { retryAfter: new Date(Math.min(now + retryIn, LATEST_TIME)).toISOString(), retryIn };
}

function waitOf(value: string, headers: Record<string, unknown>, now: number): number {
	if (/^\d+(?:\.\d+)?$/.test(value)) return Math.ceil(1000 * Number(value));
	if (!DATE_PATTERN.test(value)) return Number.NaN;
	return Date.parse(value.replace(ISO_DATE_WITHOUT_ZONE, '$1T$2Z')) - serverTime(headers, now);
}

function serverTime(headers: Record<string, unknown>, now: number): number {
	const date = typeof headers.date === 'string' ? Date.parse(headers.date) : Number.NaN;
	return Number.isNaN(date) ? now : date;
}
