import {
	devicesText,
	LATENCY,
	NAMES,
	seriesOf,
	timesOf,
	type Comparison,
	type MemorySeries,
	type TimedSeries,
} from './comparisons.mts';
import { distinctNames } from './in-n8n/devices.mts';
import type { MemoryReading } from './in-n8n/memory.mts';
import type { TimeReading } from './in-n8n/stopwatch.mts';
import type { MeasuredN8n } from './measured-n8n.mts';
import { ratioOf } from './ratios.mts';
import { interleaved } from './rounds.mts';
import type { Scale } from './scale.mts';

/** Names against the same queries without the node, and names for which nothing is asked against a list for which nothing is sent. */
export async function compareLookUps(
	n8n: MeasuredN8n,
	{ names, lookUpRounds, devices, exportFaster }: Scale,
): Promise<Comparison> {
	const inventory = devicesInExport(names);
	const { 'look-up-export': exported, ...asked } = await interleaved(
		{
			'look-up': () => n8n.time('look-up', names, LATENCY),
			'bare-queries': () => n8n.time('bare-queries', names, LATENCY),
			'look-up-export': () => n8n.time('look-up-export', names, LATENCY, inventory),
		},
		lookUpRounds,
	);
	const read = await interleaved(
		{
			'look-up-refused': () => n8n.time('look-up-refused', devices),
			'Dry run with Input Fields': () => n8n.time('dry-run-fields', devices),
		},
		lookUpRounds,
	);
	const requests = distinctNames(names);
	const list = { devices: names, requests, latencyMilliseconds: LATENCY };
	const namesText = `${names.toLocaleString('en-US')} names, ${requests.toLocaleString('en-US')} of them distinct, at ${LATENCY} ms latency`;
	return {
		times: [
			...seriesOf(asked, list),
			byExport(names, inventory, exported),
			...seriesOf(read, { devices }),
		],
		ratios: [
			ratioOf(
				`Look Up by bare loop of queries, ${namesText}`,
				timesOf(asked['look-up']),
				timesOf(asked['bare-queries']),
				{ atMost: 1.15 },
			),
			ratioOf(
				`By export of ${devicesText(inventory)}: the bare loop of queries takes so many times as long, ${namesText}`,
				timesOf(asked['bare-queries']),
				timesOf(exported),
				exportFaster,
			),
			ratioOf(
				'Look Up where nothing is asked by Delete where nothing is sent: no expression for each item',
				timesOf(read['look-up-refused']),
				timesOf(read['Dry run with Input Fields']),
				{ atMost: 3 },
			),
		],
	};
}

/** How long a long list takes whose export is as long as one can be. */
export async function compareLongLookUps(
	n8n: MeasuredN8n,
	{ exported: { longNames, mostDevices }, growthRounds }: Scale,
): Promise<Comparison> {
	const { readings } = await interleaved(
		{ readings: () => n8n.time('look-up-export', longNames, LATENCY, mostDevices) },
		growthRounds,
	);
	return { times: [byExport(longNames, mostDevices, readings)], ratios: [] };
}

/** Whether n8n's memory grows with the inventory, for one list; and what a long list takes. */
export async function compareInventories(
	n8n: MeasuredN8n,
	{
		exported: { names, fewestDevices, mostDevices, longNames, mostMegabytes },
		memoryRounds,
	}: Scale,
): Promise<Comparison> {
	const { fewest, most, long } = await interleaved(
		{
			fewest: () => n8n.memory('look-up-export', names, fewestDevices),
			most: () => n8n.memory('look-up-export', names, mostDevices),
			long: () => n8n.memory('look-up-export', longNames, mostDevices),
		},
		memoryRounds,
	);
	const series = (
		devices: number,
		inventory: number,
		readings: readonly MemoryReading[],
	): MemorySeries => ({ what: byExportOf(inventory), devices, readings });
	const more = most.map(({ left }, round) => (left - fewest[round]!.left) / 1_000_000);
	return {
		times: [],
		memory: [
			series(names, fewestDevices, fewest),
			series(names, mostDevices, most),
			series(longNames, mostDevices, long),
		],
		ratios: [
			{
				what: `Memory in use after Look Up by export, more of ${devicesText(mostDevices)} than of ${devicesText(fewestDevices)}, in MB`,
				values: more,
				bound: { atMost: mostMegabytes },
			},
		],
	};
}

/** Of which a list of names is looked up for the comparison with queries. */
export function devicesInExport(names: number): number {
	return 10 * names;
}

function byExport(names: number, inventory: number, readings: readonly TimeReading[]): TimedSeries {
	const list = { devices: names, requests: 0, latencyMilliseconds: LATENCY };
	return { what: byExportOf(inventory), ...list, readings };
}

export function byExportOf(inventory: number): string {
	return `${NAMES['look-up-export']} of ${devicesText(inventory)}`;
}
