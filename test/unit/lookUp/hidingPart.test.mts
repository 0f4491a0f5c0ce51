import { describe, expect, it } from 'vitest';

import { hidingPart } from '../../../nodes/Nexthink/lookUp/match.ts';

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
		["devices /* don't change */ | limit 1 | where device.name == 'PC-1'", 'limit 1'],
		[`/* all */ devices /* but the old ones */ during past 90d ${LIST}`, 'during past 90d'],
		[`/* all */ devices /* but */ on /* this */ 2026-07-15 ${LIST}`, 'on   2026-07-15'],
		[`devices | with web.events on Jul 15, 2026 ${LIST}`, 'on Jul 15, 2026'],
		[`devices | include web.events from 2d ago to 1d ago ${LIST}`, 'from 2d ago to 1d ago'],
		// What is left open may hide anything.
		[`devices | where device.name == "PC-1 | limit 1`, 'limit 1'],
		[`devices /* | limit 1 ${LIST}`, 'limit 1'],
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
		`devices | where device.name == "PC-1" /* | limit 1 during past 7d */ ${LIST}`,
		`devices | where device.limit == 5 ${LIST}, limit, device.limit`,
		`devices | where device.name == "PC-1" and device.on == true ${LIST}, during, past`,
		`devices | where device.name == "on" or device.name == "from" ${LIST}`,
		'#find_device_by_name with {"device_name":"PC-1"}',
	])('%j hides none', (query) => {
		expect(hidingPart(query)).toBeUndefined();
	});

	it('far longer than any saved query is taken for one that hides devices', () => {
		const query = `devices ${' '.repeat(200_000)}${LIST}`;
		expect(hidingPart(query)).toBe(query.slice(0, 100));
	});

	it.each([
		['from ', 20_000],
		['| from ', 14_000],
		['with a ', 14_000],
		['"', 100_000],
		['/*', 50_000],
		['\\"', 50_000],
		['| limit ', 12_000],
		['devices on ', 9_000],
	])('of many times %j is read at once', (part, times) => {
		const began = performance.now();
		hidingPart(part.repeat(times));
		expect(performance.now() - began).toBeLessThan(2_000);
	});
});
