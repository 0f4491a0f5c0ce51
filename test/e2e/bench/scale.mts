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
	names: 1_000,
	lookUpRounds: 3,
	growth: [1_000, 20_000],
	csvMegabytes: 20,
	csvRounds: 7,
};
