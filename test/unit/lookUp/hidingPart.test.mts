import { describe, expect, it } from 'vitest';

import { hidingPart } from '../../../nodes/Nexthink/lookUp/match.ts';
import { cpuMillisecondsOf } from '../cpu-time.mts';

const LIST = '| list device.uid, device.name';

describe('a query', () => {
	it.each([
		['devices | where device.name == "PC-1" | limit 1', 'limit 1'],
		['devices\n| where device.name == "PC-1"\n|limit   100\n', 'limit   100'],
		['devices | LIMIT 5 | list device.uid', 'LIMIT 5'],
		[`devices during past 7d ${LIST}`, 'during past 7d'],
		[`devices\n  during\n  past 30d\n${LIST}`, 'during\n  past 30d'],
		[`devices | with execution.crashes DURING PAST 24h ${LIST}`, 'DURING PAST 24h'],
		[`devices from 30d ago to 1d ago ${LIST}`, 'from 30d ago to 1d ago'],
		[`device.devices on Jul 15, 2026 ${LIST}`, 'on Jul 15, 2026'],
		["devices | where device.name == 'PC-1' | limit 1", 'limit 1'],
		['devices | where device.name == "PC-\\"1" | limit 1', 'limit 1'],
		// A quote in the value itself, if Nexthink does not mark it.
		['devices | where device.name == "PC"1" | limit 1', 'limit 1'],
		["devices // don't change\n| limit 1 // isn't needed", 'limit 1'],
		["devices /* don't change */ | limit 1 | where device.name == 'PC-1'", 'limit 1'],
		[`/* all */ devices /* but the old ones */ during past 90d ${LIST}`, 'during past 90d'],
		[`/* all */ devices /* but */ on /* this */ 2026-07-15 ${LIST}`, 'on   2026-07-15'],
		[
			`devices | with execution.crashes from 7d ago to now | where device.name == "PC-1" ${LIST}`,
			'from 7d ago to now',
		],
		[
			`devices | with web.errors from 2026-07-01 00:00:00 to 2026-07-15 23:59:59\n${LIST}`,
			'from 2026-07-01 00:00:00 to 2026-07-15 23:59:59',
		],
		[`devices\n| include web.errors FROM 3h ago TO 1h ago ${LIST}`, 'FROM 3h ago TO 1h ago'],
		[`devices | with execution.crashes on Jul 15, 2026 ${LIST}`, 'on Jul 15, 2026'],
		[`devices | include web.errors on 2026-07-15 ${LIST}`, 'on 2026-07-15'],
		[`devices | with execution.crashes from 2026-07-15 ${LIST}`, 'from 2026-07-15'],
		[`devices from 30d ago ${LIST}`, 'from 30d ago'],
		[`devices during past   7d ${LIST}`, 'during past   7d'],
		[`devices | with  execution.crashes  on 2026-07-15 ${LIST}`, 'on 2026-07-15'],
		['devices on 2026-07-15', 'on 2026-07-15'],
		// Not documented, so for all that is known it selects a time, too.
		[`devices d from 7d ago to now ${LIST}`, 'from 7d ago to now'],
		[`devices | with execution.crashes as crash from 7d ago to now ${LIST}`, 'from 7d ago to now'],
		// A quote or a comment that nothing closes may have taken the rest for its text.
		['devices | where device.name == "PC-1 | limit 1', 'limit 1'],
		["devices | where device.name == 'PC-1 | limit 1", 'limit 1'],
		['devices | where device.name == "PC-1\\" | limit 1', 'limit 1'],
		['devices /* all of them | limit 1', 'limit 1'],
	])('%j hides devices: %j', (query, part) => {
		expect(hidingPart(query)).toBe(part);
	});

	it.each([
		'',
		`devices ${LIST}`,
		`devices | where device.name == "PC-1" ${LIST}, device.last_seen`,
		`devices | where device.name == "| limit 1" ${LIST}`,
		`devices | where device.name == '| limit 1' ${LIST}`,
		`devices | where device.name == "during past 7d" ${LIST}`,
		`devices | where device.name == "it's | limit 1" ${LIST}`,
		`devices | where device.name == 'say "hi" | limit 1' ${LIST}`,
		`devices | where device.name == "PC-\\"1 | limit 1" ${LIST}`,
		`devices // | limit 1\n${LIST}`,
		`devices ${LIST} // | limit 1`,
		`devices | where device.name == "https://PC-1" ${LIST}`,
		`devices | where device.name == "PC-1" /* | limit 1 during past 7d */ ${LIST}`,
		`devices /*/ | limit 1 */ ${LIST}`,
		`devices | where device.limit == 5 ${LIST}, limit, device.limit`,
		`devices | where device.name == "PC-1" and device.on == true ${LIST}, during, past`,
		`devices | where device.name == "on" or device.name == "from" ${LIST}`,
		`devices | where device.name == "PC-1" and device.from == "a" ${LIST}, to`,
		`devices | where device.name == "from a to b" ${LIST}`,
		`devices | with execution.crashes | where from == 1 ${LIST} | sort to`,
		'devices | where device.name == "it is open',
		'devices /* and so is this',
		'#find_device_by_name with {"device_name":"PC-1"}',
	])('%j hides none', (query) => {
		expect(hidingPart(query)).toBeUndefined();
	});
});

describe('a query that is too long to be one', () => {
	const long = (length: number) => `devices | where device.name == "${'a'.repeat(length)}"`;

	it.each([16_000_000, 100_000])('hides devices, for all that is known (%i)', (length) => {
		const query = long(length);
		expect(hidingPart(query)).toBe(query.slice(0, 100));
	});

	it('hides none if it has 100,000 characters', () => {
		const query = long(100_000 - long(0).length);
		expect(query).toHaveLength(100_000);
		expect(hidingPart(query)).toBeUndefined();
	});

	it.each([
		...['"\\', '/*', "'", '"', '*/', '| ', '\n', 'from ', 'from to', 'with from ', 'with a.b '],
		...['devices on', 'limit ', '| limit', 'during past ', 'during ', 'to ', 'a', '\\'],
	])('is read in no time, even if it is nothing but %j', async (piece) => {
		const query = piece.repeat(100_000 / piece.length);
		const took = await cpuMillisecondsOf(() => {
			for (const text of [query, `devices ${query.slice(8)}`, `${query.slice(1)}"`])
				hidingPart(text);
		});
		expect(took).toBeLessThan(2000);
	});
});
