import type { BareClient } from './bare-clients.mts';
import type { MemoryReading } from './in-n8n/memory.mts';
import type { TimeReading } from './in-n8n/stopwatch.mts';
import type { MeasuredN8n } from './measured-n8n.mts';
import { ratioOf, type Bound, type Ratio } from './ratios.mts';
import { interleaved } from './rounds.mts';
import { LARGE_FILE_MEGABYTES } from './saved-queries.mts';
import type { Scale } from './scale.mts';
import { LOOK_UPS_IN_FLIGHT } from './workflows.mts';

/** Something that was timed in each round. */
export interface TimedSeries {
	readonly what: string;
	readonly devices: number;
	/** Undefined: 100 devices in a request. 0: too few to tell anything of each. */
	readonly requests?: number;
	/** Undefined where nothing was sent. */
	readonly latencyMilliseconds?: number;
	readonly readings: readonly TimeReading[];
}

export interface MemorySeries {
	readonly what: string;
	/** Undefined where there is no list of them. */
	readonly devices?: number;
	readonly readings: readonly MemoryReading[];
}

export interface Comparison {
	readonly times: readonly TimedSeries[];
	readonly memory?: readonly MemorySeries[];
	readonly ratios: readonly Ratio[];
}

/** In: the same comparison, carried out twice. Out: one with the rounds of both. */
export function withMoreRounds(first: Comparison, second: Comparison): Comparison {
	const readings = <Series extends { readonly readings: readonly unknown[] }>(
		one: readonly Series[],
		other: readonly Series[],
	) =>
		one.map((series, n) => ({
			...series,
			readings: [...series.readings, ...(other[n]?.readings ?? [])],
		}));
	return {
		times: readings(first.times, second.times),
		memory: readings(first.memory ?? [], second.memory ?? []),
		ratios: first.ratios.map((ratio, n) => ({
			...ratio,
			values: [...ratio.values, ...(second.ratios[n]?.values ?? [])],
		})),
	};
}

export const LATENCY = 50;

const NODE = 'Nexthink node';

export const NAMES = {
	'http-loop': 'Loop Over Items + Aggregate + HTTP Request + Split Out',
	'nexthink-1': `${NODE}, 1 in flight`,
	'nexthink-4': `${NODE}, 4 in flight (default)`,
	'nexthink-8': `${NODE}, 8 in flight`,
	'bare-loop-4': "Bare loop of n8n's request function, 4 in flight",
	'client-new': 'Bare client without n8n, a connection for each request, 4 in flight',
	'client-alive': 'Bare client without n8n, keep-alive, 4 in flight',
	'same-output': 'Node that only returns the same items',
	'look-up': `${NODE}, Look Up, ${LOOK_UPS_IN_FLIGHT} in flight`,
	'bare-queries': `Bare loop of n8n's request function, a query for each distinct name, ${LOOK_UPS_IN_FLIGHT} in flight`,
	'look-up-refused': `${NODE}, Look Up of names with a wildcard`,
	'look-up-export': `${NODE}, Look Up by export`,
	'export-small': `${NODE}, Export of a file of 1 MB`,
	'export-large': `${NODE}, Export of a file of ${LARGE_FILE_MEGABYTES} MB`,
} as const;

/** Against what users would build. */
export async function compareSending(
	n8n: MeasuredN8n,
	{ devices, rounds }: Scale,
): Promise<Comparison> {
	const within = (part: Parameters<MeasuredN8n['time']>[0]) => () =>
		n8n.time(part, devices, LATENCY);
	const readings = await interleaved(
		{
			'http-loop': within('http-loop'),
			'nexthink-1': within('nexthink-1'),
			'nexthink-4': within('nexthink-4'),
			'nexthink-8': within('nexthink-8'),
		},
		rounds,
	);
	const faster = (part: keyof typeof readings, than: string, bound: Bound) =>
		ratioOf(
			`${than}: the HTTP Request loop takes so many times as long`,
			timesOf(readings['http-loop']),
			timesOf(readings[part]),
			bound,
		);
	return {
		times: seriesOf(readings, { devices, latencyMilliseconds: LATENCY }),
		ratios: [
			faster('nexthink-4', 'With defaults', { atLeast: 3.5 }),
			faster('nexthink-8', 'With 8 in flight', { atLeast: 5 }),
			faster('nexthink-1', 'With 1 in flight', { atLeast: 1 }),
		],
	};
}

/** Against n8n's own function and a client without n8n. The bound is a narrow one, so that it takes many rounds. */
export async function compareClosely(
	n8n: MeasuredN8n,
	client: BareClient,
	{ devices, closeRounds }: Scale,
): Promise<Comparison> {
	const readings = await interleaved(
		{
			'nexthink-4': () => n8n.time('nexthink-4', devices, LATENCY),
			'bare-loop-4': () => n8n.time('bare-loop-4', devices, LATENCY),
			'client-alive': () => client.time(devices, LATENCY, true),
		},
		closeRounds,
	);
	const { 'bare-loop-4': loop, 'client-alive': alive } = readings;
	return {
		times: seriesOf(
			{ 'bare-loop-4': loop, 'client-alive': alive },
			{ devices, latencyMilliseconds: LATENCY },
		),
		ratios: againstOthers(readings, LATENCY, { atMost: 1.1 }),
	};
}

/** With a tenant that answers at once, what is left is the work of the machine. */
export async function compareWork(
	n8n: MeasuredN8n,
	client: BareClient,
	{ devices, rounds }: Scale,
): Promise<Comparison> {
	const readings = await interleaved(
		{
			'nexthink-4': () => n8n.time('nexthink-4', devices),
			'bare-loop-4': () => n8n.time('bare-loop-4', devices),
			'client-new': () => client.time(devices, 0, false),
			'client-alive': () => client.time(devices, 0, true),
		},
		rounds,
	);
	return {
		times: seriesOf(readings, { devices, latencyMilliseconds: 0 }),
		ratios: [
			...againstOthers(readings, 0),
			ratioOf(
				'CPU of the node by that of the bare loop, without latency',
				cpuOf(readings['nexthink-4']),
				cpuOf(readings['bare-loop-4']),
			),
		],
	};
}

function againstOthers(
	readings: Record<'nexthink-4' | 'bare-loop-4' | 'client-alive', TimeReading[]>,
	latency: number,
	bound?: Bound,
): Ratio[] {
	const when = latency === 0 ? 'without latency' : `at ${latency} ms latency`;
	const node = timesOf(readings['nexthink-4']);
	const client = timesOf(readings['client-alive']);
	return [
		ratioOf(`Node by bare loop, ${when}`, node, timesOf(readings['bare-loop-4']), bound),
		ratioOf(`Node by bare keep-alive client outside n8n, ${when}`, node, client),
	];
}

/** Fields are read by their names, expressions by n8n, item by item. */
export async function compareSources(
	n8n: MeasuredN8n,
	{ readDevices, readRounds }: Scale,
): Promise<Comparison> {
	const readings = await interleaved(
		{
			'Dry run with Input Fields': () => n8n.time('dry-run-fields', readDevices),
			'Dry run with Expressions': () => n8n.time('dry-run-expr', readDevices),
		},
		readRounds,
	);
	const ratio = ratioOf(
		'Device Source: Expressions by Input Fields',
		timesOf(readings['Dry run with Expressions']),
		timesOf(readings['Dry run with Input Fields']),
	);
	return { times: seriesOf(readings, { devices: readDevices }), ratios: [ratio] };
}

/** Settings by expressions that come out the same for all items are read once, however long the list is. */
export async function compareSettings(
	n8n: MeasuredN8n,
	{ growth, rounds }: Scale,
): Promise<Comparison> {
	const devices = Math.max(...growth);
	const readings = await interleaved(
		{
			'Dry run with fixed settings': () => n8n.time('dry-run-fields', devices),
			'Dry run with every setting by an expression': () => n8n.time('dry-run-settings', devices),
		},
		rounds,
	);
	const fixed = timesOf(readings['Dry run with fixed settings']);
	const expressions = timesOf(readings['Dry run with every setting by an expression']);
	const longer = expressions.map((time, round) => (time - fixed[round]!) / 1000);
	return {
		times: seriesOf(readings, { devices }),
		ratios: [
			ratioOf(
				`Settings by expressions that cannot differ by fixed ones, ${devices.toLocaleString('en-US')} devices`,
				expressions,
				fixed,
			),
			{ what: 'The same in seconds that they take longer', values: longer, bound: { atMost: 1 } },
		],
	};
}

export function devicesText(devices: number): string {
	return `${devices.toLocaleString('en-US')} devices`;
}

export function timesOf(readings: readonly TimeReading[]): number[] {
	return readings.map(({ milliseconds }) => milliseconds);
}

function cpuOf(readings: readonly TimeReading[]): number[] {
	return readings.map(({ cpuMilliseconds }) => cpuMilliseconds);
}

export function seriesOf(
	readings: Readonly<Record<string, readonly TimeReading[]>>,
	list: Pick<TimedSeries, 'devices' | 'requests' | 'latencyMilliseconds'>,
): TimedSeries[] {
	return Object.entries(readings).map(([name, each]) => ({
		what: name in NAMES ? NAMES[name as keyof typeof NAMES] : name,
		...list,
		readings: each,
	}));
}
