import { afterEach, describe, expect, it, vi } from 'vitest';

import { MACHINE_CLOCK } from '../../../nodes/Nexthink/requests/pace.ts';

const HOUR = 3_600_000;

describe('the clock of the machine', () => {
	afterEach(() => {
		vi.useRealTimers();
	});

	it('goes on as before for waits when somebody sets the time', () => {
		vi.useFakeTimers({ toFake: ['Date'], now: HOUR });
		const { now, elapsed } = MACHINE_CLOCK;
		const before = elapsed();
		vi.setSystemTime(5 * HOUR);
		expect(now()).toBe(5 * HOUR);
		expect(elapsed()).toBeGreaterThanOrEqual(before);
		expect(elapsed()).toBeLessThan(before + HOUR);
	});

	it('draws each number anew, from 0 up to 1', () => {
		const drawn = Array.from({ length: 100 }, () => MACHINE_CLOCK.random());
		expect(new Set(drawn).size).toBe(100);
		expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
		expect(Math.max(...drawn)).toBeLessThan(1);
	});
});
