import { describe, expect, it } from 'vitest';

import { progressLog } from '../../../../nodes/Nexthink/operations/deleteDevices/progress.ts';

/** In: seconds at which answers come, each with 100 devices scheduled. Out: the lines of the log, with their seconds. */
function linesOf(seconds: readonly number[]): Array<[second: number, line: string]> {
	let now = 0;
	const lines: Array<[number, string]> = [];
	const logger = { info: (line: string) => void lines.push([now, line]) };
	const tell = progressLog(logger, 100_000, { elapsed: () => 1000 * now });
	for (const second of seconds) {
		now = second;
		tell(100);
	}
	return lines;
}

describe('the log of a long run', () => {
	it('has no line before 30 seconds are over', () => {
		expect(linesOf([0, 1, 29.9])).toEqual([]);
	});

	it('says how many devices are scheduled so far, at most every 30 seconds', () => {
		const answers = Array.from({ length: 123 }, (_, number) => number);
		expect(linesOf(answers)).toEqual([
			[30, 'Nexthink: 3,100 of 100,000 devices scheduled'],
			[60, 'Nexthink: 6,100 of 100,000 devices scheduled'],
			[90, 'Nexthink: 9,100 of 100,000 devices scheduled'],
			[120, 'Nexthink: 12,100 of 100,000 devices scheduled'],
		]);
	});
});
