import CliTable from 'cli-table3';
import type { MemorySeries, TimedSeries } from './comparisons.mts';
import type { Cost } from './profile.mts';
import { boundText, holds, spread, type Ratio } from './ratios.mts';

export interface Table {
	readonly head: string[];
	readonly rows: string[][];
}

export function timesTable(times: readonly TimedSeries[]): Table {
	return {
		head: ['What', 'Items', 'Latency', 'Time in ms', 'CPU in ms', 'CPU per request'],
		rows: times.map(({ what, devices, requests, latencyMilliseconds, readings }) => {
			const cpu = readings.map(({ cpuMilliseconds }) => cpuMilliseconds);
			const sends = latencyMilliseconds !== undefined;
			const count = requests ?? Math.ceil(devices / 100);
			const perRequest = cpu.map((milliseconds) => milliseconds / count);
			return [
				what,
				devices.toLocaleString('en-US'),
				sends ? `${latencyMilliseconds} ms` : '',
				spread(
					readings.map(({ milliseconds }) => milliseconds),
					0,
				),
				spread(cpu, 0),
				sends && count > 0 ? spread(perRequest, 1) : '',
			];
		}),
	};
}

export function memoryTable(series: readonly MemorySeries[]): Table {
	const megabytes = (bytes: number) => bytes / 1_000_000;
	return {
		head: [
			'What',
			'Items',
			'Items and work, MB',
			'An item, bytes',
			'Left with the result, MB',
			'Whole process, MB',
		],
		rows: series.map(({ what, devices, readings }) => {
			const live = readings.map((reading) => reading.live);
			const resident = readings.map((reading) => megabytes(reading.resident));
			const left = readings.map((reading) => megabytes(reading.left));
			const perDevice = live.map((bytes) => bytes / (devices ?? NaN));
			return [
				what,
				devices?.toLocaleString('en-US') ?? '',
				spread(live.map(megabytes), 1),
				devices === undefined ? '' : spread(perDevice, 0),
				spread(left, 1),
				spread(resident, 0),
			];
		}),
	};
}

export function ratiosTable(ratios: readonly Ratio[]): Table {
	return {
		head: ['Ratio', 'Measured', 'Must be', ''],
		rows: ratios.map((ratio) => [
			ratio.what,
			spread(ratio.values, 2),
			boundText(ratio),
			ratio.bound === undefined ? '' : holds(ratio) ? 'holds' : 'MISSED',
		]),
	};
}

export function costsTable(costs: readonly Cost[], most: number): Table {
	return {
		head: ['Where', 'ms', 'Share'],
		rows: costs
			.slice(0, most)
			.map(({ where, milliseconds, share }) => [
				where,
				milliseconds.toFixed(0),
				`${(100 * share).toFixed(1)} %`,
			]),
	};
}

export function forTerminal({ head, rows }: Table): string {
	const table = new CliTable({ head, style: { head: [], border: [], compact: true } });
	table.push(...rows);
	return table.toString();
}
