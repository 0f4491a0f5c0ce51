import {
	devicesText,
	NAMES,
	timesOf,
	type Comparison,
	type MemorySeries,
	type TimedSeries,
} from './comparisons.mts';
import type { MemoryReading } from './in-n8n/memory.mts';
import type { MeasuredN8n } from './measured-n8n.mts';
import { ratioOf, type Ratio } from './ratios.mts';
import { LARGE_FILE_MEGABYTES } from './saved-queries.mts';
import { interleaved } from './rounds.mts';
import type { Scale } from './scale.mts';

const FLAT = { atMost: 1.2 } as const;
const LITTLE_MORE = { atMost: 1.3 } as const;

/** Whether a device of a long list takes as long as one of a short list. */
export async function compareTimeBySize(
	n8n: MeasuredN8n,
	{ growth, growthRounds }: Scale,
): Promise<Comparison> {
	const readings = await interleaved(
		bySize(growth, (devices) => n8n.time('nexthink-4', devices)),
		growthRounds,
	);
	const times = growth.map(
		(devices): TimedSeries => ({
			what: NAMES['nexthink-4'],
			devices,
			latencyMilliseconds: 0,
			readings: readings[devices] ?? [],
		}),
	);
	const perDevice = times.map(({ devices, readings }) =>
		timesOf(readings).map((milliseconds) => milliseconds / devices),
	);
	return { times, ratios: [lastByFirst('Time per device', growth, perDevice)] };
}

/** The same for memory, and against a node that does nothing but return the same items. */
export async function compareMemory(
	n8n: MeasuredN8n,
	{ growth, memoryRounds }: Scale,
): Promise<Comparison> {
	const most = Math.max(...growth);
	const readings: Record<string, MemoryReading[]> = await interleaved(
		{
			...bySize(growth, (devices) => n8n.memory('nexthink-4', devices)),
			same: () => n8n.memory('same-output', most),
		},
		memoryRounds,
	);
	const series = (what: string, devices: number, key: string): MemorySeries => ({
		...{ what, devices },
		readings: readings[key] ?? [],
	});
	const memory = growth.map((devices) => series(NAMES['nexthink-4'], devices, String(devices)));
	const same = series(NAMES['same-output'], most, 'same');
	const perDevice = memory.map((each, position) =>
		liveOf(each).map((bytes) => bytes / (growth[position] ?? NaN)),
	);
	const longest = memory.at(-1) ?? same;
	const than = `with ${devicesText(most)}, by that of a node that only returns the same items`;
	return {
		times: [],
		memory: [...memory, same],
		ratios: [
			lastByFirst('Peak memory per device', growth, perDevice),
			ratioOf(`Peak memory of n8n ${than}`, residentOf(longest), residentOf(same), LITTLE_MORE),
			ratioOf(`Peak of what is in use on the heap ${than}`, liveOf(longest), liveOf(same)),
		],
	};
}

/** Whether n8n holds an exported file in memory. */
export async function compareExports(
	n8n: MeasuredN8n,
	{ memoryRounds }: Scale,
): Promise<Comparison> {
	const readings = await interleaved(
		{
			'export-small': () => n8n.memory('export-small', 1),
			'export-large': () => n8n.memory('export-large', 1),
		},
		memoryRounds,
	);
	const small = { what: NAMES['export-small'], readings: readings['export-small'] };
	const large = { what: NAMES['export-large'], readings: readings['export-large'] };
	const than = `an export of ${LARGE_FILE_MEGABYTES} MB, by that with one of 1 MB`;
	return {
		times: [],
		memory: [small, large],
		ratios: [
			ratioOf(`Peak memory of n8n with ${than}`, residentOf(large), residentOf(small), {
				atMost: 1.1,
			}),
		],
	};
}

function bySize<Value>(
	growth: readonly number[],
	measure: (devices: number) => Promise<Value>,
): Record<string, () => Promise<Value>> {
	return Object.fromEntries(growth.map((devices) => [devices, () => measure(devices)]));
}

function lastByFirst(
	what: string,
	growth: readonly number[],
	perDevice: ReadonlyArray<readonly number[]>,
): Ratio {
	const [last = 0, first = 0] = [growth.at(-1), growth[0]];
	const sizes = `${devicesText(last)} by ${devicesText(first)}`;
	return ratioOf(`${what}, ${sizes}`, perDevice.at(-1) ?? [], perDevice[0] ?? [], FLAT);
}

function liveOf({ readings }: MemorySeries): number[] {
	return readings.map(({ live }) => live);
}

function residentOf({ readings }: MemorySeries): number[] {
	return readings.map(({ resident }) => resident);
}
