import { describe, expect, it } from 'vitest';

import { daysUntil, latestMomentOf } from '../../../nodes/Nexthink/lookUp/lastSeen.ts';

describe('a time', () => {
	it.each([
		['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.000Z'],
		['2026-03-01T12:00:00.123456Z', '2026-03-01T12:00:00.123Z'],
		['2026-03-01T12:00Z', '2026-03-01T12:00:00.000Z'],
		['2026-03-01 12:00:00', '2026-03-01T12:00:00.000Z'],
		['2026-03-01T12:00:00', '2026-03-01T12:00:00.000Z'],
		['2026-03-01T12:00:00+02:00', '2026-03-01T10:00:00.000Z'],
		['2026-03-01T12:00:00-0530', '2026-03-01T17:30:00.000Z'],
		[' 2026-03-01T12:00:00Z ', '2026-03-01T12:00:00.000Z'],
		['2026-03-01', '2026-03-01T23:59:59.999Z'],
	])('%j is read as %s', (text, moment) => {
		expect(new Date(latestMomentOf(text, false)!).toISOString()).toBe(moment);
	});

	it.each([
		['2026-03-01 12:00:00', '2026-03-02T00:00:00.000Z'],
		['2026-03-01T12:00:00.5', '2026-03-02T00:00:00.500Z'],
		['2026-03-01', '2026-03-02T11:59:59.999Z'],
		['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.000Z'],
		['2026-03-01T12:00:00-12:00', '2026-03-02T00:00:00.000Z'],
	])('%j may be as late as %s where it may be of any time zone', (text, moment) => {
		expect(new Date(latestMomentOf(text, true)!).toISOString()).toBe(moment);
	});

	it.each([
		['1999-12-31T23:59:59Z', undefined],
		['1999-12-31', undefined],
		['1970-01-01T00:00:00Z', undefined],
		['0001-01-01 00:00:00', undefined],
		['2000-01-01T00:00:00+00:01', undefined],
		['2000-01-01T00:00:00Z', '2000-01-01T00:00:00.000Z'],
		['2000-01-01', '2000-01-01T23:59:59.999Z'],
	])('%s is %s, because before 2000 it stands for never', (text, moment) => {
		const read = latestMomentOf(text, false);
		expect(read && new Date(read).toISOString()).toBe(moment);
		// No time zone makes a time of it.
		if (moment === undefined) expect(latestMomentOf(text, true)).toBeUndefined();
	});

	it.each([
		undefined,
		null,
		0,
		1_700_000_000_000,
		'',
		'never',
		'1',
		'2026',
		'2026-03',
		'01/02/2026',
		'2026-13-01',
		'2026-00-01',
		'2025-06-31',
		'2025-02-29',
		'2026-02-30T12:00:00Z',
		'2026-02-00',
		'2026-13-01T00:00:00Z',
		'2026-03-01T25:00:00Z',
		'March 1, 2026',
		'2026-03-01T12:00:00 Europe/Paris',
		'-002026-03-01T12:00:00Z',
		'2026-03-01T12:00:00Z (estimated)',
		'2026-03-01 (estimated)',
		{},
	])('is not %j', (value) => {
		expect(latestMomentOf(value, false)).toBeUndefined();
		expect(latestMomentOf(value, true)).toBeUndefined();
		expect(daysUntil(Date.now(), value, false)).toBeUndefined();
	});

	it.each([
		['2026-02-28T12:00:00Z', 1, 1],
		['2026-02-28T12:00:01Z', 0, 0],
		['2026-03-01T12:00:00Z', 0, 0],
		['2026-03-02T12:00:00Z', -1, -1],
		['2026-02-28T12:00:00', 1, 0],
		['2026-02-28T00:00:00', 1, 1],
		['2026-02-28', 0, 0],
		['2026-02-27', 1, 1],
		['2026-02-26', 2, 2],
	])('%s is %i whole days before, and %i if it may be of any time zone', (text, days, least) => {
		const until = Date.parse('2026-03-01T12:00:00Z');
		expect(daysUntil(until, text, false)).toBe(days);
		expect(daysUntil(until, text, true)).toBe(least);
	});
});
