import { describe, expect, it } from 'vitest';

import { daysSince, latestMomentOf } from '../../../nodes/Nexthink/lookUp/lastSeen.ts';

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
		expect(new Date(latestMomentOf(text)!).toISOString()).toBe(moment);
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
		'2026-13-01T00:00:00Z',
		'2026-03-01T25:00:00Z',
		'March 1, 2026',
		'2026-03-01T12:00:00 Europe/Paris',
		'-002026-03-01T12:00:00Z',
		'2026-03-01T12:00:00Z (estimated)',
		'2026-03-01 (estimated)',
		{},
	])('is not %j', (value) => {
		expect(latestMomentOf(value)).toBeUndefined();
		expect(daysSince(value, Date.now())).toBeUndefined();
	});

	it.each([
		['2026-02-28T12:00:00Z', 1],
		['2026-02-28T12:00:01Z', 0],
		['2026-03-01T12:00:00Z', 0],
		['2026-03-02T12:00:00Z', -1],
		['2026-02-28', 0],
		['2026-02-27', 1],
	])('%s is so many whole days ago: %i', (text, days) => {
		expect(daysSince(text, Date.parse('2026-03-01T12:00:00Z'))).toBe(days);
	});
});
