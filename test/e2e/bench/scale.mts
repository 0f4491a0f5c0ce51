import type { Bound } from './ratios.mts';

/** How much of everything is measured. */
export interface Scale {
	/** Of what is sent; nowhere is the round for warming up counted. */
	readonly rounds: number;
	/** Of the node against the bare loop, of which the bound is a narrow one. */
	readonly closeRounds: number;
	/** Of what is only read: expressions take long, and the ratio is a large one. */
	readonly readRounds: number;
	/** Of lists that grow. */
	readonly growthRounds: number;
	/** What memory holds hardly differs from round to round. */
	readonly memoryRounds: number;
	/** Of the lists that are sent. */
	readonly devices: number;
	/** Of the lists that are only read. */
	readonly readDevices: number;
	/** Of the lists that are looked up. */
	readonly names: number;
	/** Of lists that are looked up: a request for each name takes long. */
	readonly lookUpRounds: number;
	/** Than queries in a bare loop; so many times by an export from ten times as many devices. */
	readonly exportFaster: Bound;
	/** Of lists that are looked up by an export. */
	readonly exported: {
		readonly names: number;
		/** In the export. */
		readonly fewestDevices: number;
		readonly mostDevices: number;
		/** Of a long list, in `mostDevices`. */
		readonly longNames: number;
		/** How much more memory may be in use with `mostDevices`: half of the file, which rows that are no copies would keep. */
		readonly mostMegabytes: number;
	};
	/** Sizes of lists, from the smallest to the largest. */
	readonly growth: readonly number[];
	/** Of the CSV files that are read. */
	readonly csvMegabytes: number;
	readonly csvRounds: number;
}

export const FULL: Scale = {
	rounds: 4,
	closeRounds: 12,
	readRounds: 2,
	growthRounds: 2,
	memoryRounds: 1,
	devices: 10_000,
	readDevices: 10_000,
	names: 10_000,
	lookUpRounds: 2,
	exportFaster: { atLeast: 10, aim: 20 },
	exported: {
		names: 10_000,
		fewestDevices: 10_000,
		mostDevices: 999_999,
		longNames: 100_000,
		mostMegabytes: 64,
	},
	growth: [1_000, 10_000, 100_000],
	csvMegabytes: 100,
	csvRounds: 7,
};

/** For every change: the same ratios, less sure of themselves. */
export const SHORT: Scale = {
	rounds: 3,
	closeRounds: 10,
	readRounds: 2,
	growthRounds: 2,
	memoryRounds: 1,
	devices: 10_000,
	readDevices: 1_000,
	names: 1_500,
	lookUpRounds: 2,
	// The second of the export weighs more here: it takes that long for any list.
	exportFaster: { atLeast: 5 },
	exported: {
		names: 10_000,
		fewestDevices: 10_000,
		mostDevices: 300_000,
		longNames: 20_000,
		mostMegabytes: 19,
	},
	growth: [1_000, 20_000],
	csvMegabytes: 20,
	csvRounds: 7,
};
