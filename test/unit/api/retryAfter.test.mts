import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { retryAfterOf } from '../../../nodes/Nexthink/api/retryAfter.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

const dateOf = (headers: Record<string, unknown>) => retryAfterOf(headers, NOW).retryAfter;

describe('the time at which an answer asks to be tried again', () => {
	it.each([
		['0', '2026-03-01T12:00:00.000Z'],
		['30', '2026-03-01T12:00:30.000Z'],
		[' 30 ', '2026-03-01T12:00:30.000Z'],
		['007', '2026-03-01T12:00:07.000Z'],
		['86400', '2026-03-02T12:00:00.000Z'],
		['1.5', '2026-03-01T12:00:01.500Z'],
		['299.997', '2026-03-01T12:04:59.997Z'],
		['0.0001', '2026-03-01T12:00:00.001Z'],
	])('is so many seconds from now: %s', (value, expected) => {
		expect(dateOf({ 'retry-after': value })).toBe(expected);
	});

	it.each([
		['an HTTP date', 'Sun, 01 Mar 2026 12:00:30 GMT'],
		['an HTTP date of RFC 850', 'Sunday, 01-Mar-26 12:00:30 GMT'],
		['an ISO date', '2026-03-01T12:00:30Z'],
		['an ISO date with fractions of a second', '2026-03-01T12:00:30.000Z'],
		['an ISO date of another time zone', '2026-03-01T14:00:30+02:00'],
	])('is read from %s', (_, value) => {
		expect(dateOf({ 'retry-after': value })).toBe('2026-03-01T12:00:30.000Z');
	});

	describe.each(['America/New_York', 'Asia/Tokyo'])('on a machine in the zone of %s', (zone) => {
		const { TZ } = process.env;
		beforeAll(() => void (process.env.TZ = zone));
		afterAll(() => void (TZ === undefined ? delete process.env.TZ : (process.env.TZ = TZ)));

		it.each(['2026-03-01T12:00:30', '2026-03-01 12:00:30', '2026-03-01T12:00:30.000'])(
			'is read as UTC where it names no zone: %s',
			(value) => {
				expect(new Date(NOW).getHours()).not.toBe(new Date(NOW).getUTCHours());
				expect(dateOf({ 'retry-after': value })).toBe('2026-03-01T12:00:30.000Z');
			},
		);
	});

	it("counts from the answer's own clock where the answer states it", () => {
		const headers = {
			'retry-after': 'Sun, 01 Mar 2026 09:00:30 GMT',
			date: 'Sun, 01 Mar 2026 09:00:00 GMT',
		};
		expect(dateOf(headers)).toBe('2026-03-01T12:00:30.000Z');
		expect(dateOf({ ...headers, 'retry-after': '30' })).toBe('2026-03-01T12:00:30.000Z');
	});

	it.each([['no date'], [''], [5], [null], [['Sun, 01 Mar 2026 09:00:00 GMT']]])(
		'counts from the own clock where the answer gives %j for its own',
		(date) => {
			const headers = { 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT', date };
			expect(dateOf(headers)).toBe('2026-03-01T12:00:30.000Z');
		},
	);

	it.each([
		[undefined],
		[null],
		[30],
		[['30']],
		[{}],
		[''],
		[' '],
		['soon'],
		['-1'],
		['+30'],
		['1.'],
		['.5'],
		['1.5.5'],
		['1,5'],
		['1e3'],
		['0x10'],
		['30s'],
		['30, 60'],
		['Infinity'],
		['NaN'],
		['tomorrow 5'],
		['after Sun, 01 Mar 2026 12:01:00 GMT'],
		['2026-03-02'],
		['2026-99-99T00:00:00Z'],
		['Sun, 99 Foo 2026 12:00:30 GMT'],
		['Sun, 01 Mar 2026 11:59:59 GMT'],
		['2026-03-01T11:59:59Z'],
	])('is unknown for %j', (value) => {
		expect(dateOf({ 'retry-after': value })).toBeNull();
	});

	it('is unknown without the header', () => {
		expect(dateOf({})).toBeNull();
	});

	it.each([['99999999999999'], ['9'.repeat(400)]])(
		'is a date even where the seconds go beyond the calendar (%#)',
		(value) => {
			const date = dateOf({ 'retry-after': value })!;
			expect(new Date(date).toISOString()).toBe(date);
		},
	);

	it.each([
		['30', undefined, 30_000],
		['0.5', undefined, 500],
		['Sun, 01 Mar 2026 12:00:30 GMT', undefined, 30_000],
		['Sun, 01 Mar 2026 09:00:30 GMT', 'Sun, 01 Mar 2026 09:00:00 GMT', 30_000],
		['soon', undefined, undefined],
	])('comes with the milliseconds until then (%s, %s)', (value, date, milliseconds) => {
		expect(retryAfterOf({ 'retry-after': value, date }, NOW).retryIn).toBe(milliseconds);
	});
});
