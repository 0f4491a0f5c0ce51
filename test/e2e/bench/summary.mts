import { median } from 'simple-statistics';
import type { Figures } from './bench.mts';
import { devicesText, LATENCY, NAMES } from './comparisons.mts';
import { byExportOf, devicesInExport } from './look-ups.mts';
import type { Scale } from './scale.mts';

/** What most readers of the page want to know, in three sentences. Throws where the figures lack one of it. */
export function summaryOf({ ratios, times }: Figures): string {
	const ratio = (beginning: string) =>
		middle(ratios.find(({ what }) => what.startsWith(beginning))?.values, beginning);
	const longest = times.find(
		({ what, devices }) => what === NAMES['nexthink-4'] && devices === LONG_LIST,
	);
	const milliseconds = middle(
		longest?.readings.map((reading) => reading.milliseconds),
		NAMES['nexthink-4'],
	);
	const list = LONG_LIST.toLocaleString('en-US');
	const seconds = (milliseconds / 1000).toFixed(1);
	return `With its defaults, the node sends a list ${ratio('With defaults').toFixed(1)} times as fast as a loop with n8n's HTTP Request node does, if the tenant responds in ${LATENCY} ms. It takes ${ratio('Node by bare loop, at').toFixed(2)} times as long as a bare loop that makes the same requests and does nothing else. A list of ${list} devices takes ${seconds} s of the node and of n8n, and ${ratio('Peak memory of n8n with').toFixed(2)} times the memory of a node that only returns the same items.`;
}

/** What Look Up by export takes, in three sentences. Throws where the figures lack one of it. */
export function exportSummaryOf({ ratios, times }: Figures, { names, exported }: Scale): string {
	const ratio = (beginning: string) =>
		middle(ratios.find(({ what }) => what.startsWith(beginning))?.values, beginning);
	const taken = (count: number, inventory: number) => {
		const what = byExportOf(inventory);
		const series = times.find((each) => each.what === what && each.devices === count);
		const milliseconds = series?.readings.map((reading) => reading.milliseconds);
		const seconds = (middle(milliseconds, what) / 1000).toFixed(1);
		return `${seconds} s for ${count.toLocaleString('en-US')} names and an export of ${devicesText(inventory)}`;
	};
	const { names: sameNames, longNames, fewestDevices, mostDevices } = exported;
	const megabytes = ratio('Memory in use after Look Up by export');
	const more = megabytes < 1 ? 'no more' : `${megabytes.toFixed(0)} MB more`;
	return `Look Up by export takes ${taken(names, devicesInExport(names))}; a bare loop of queries takes ${ratio('By export').toFixed(0)} times as long. It takes ${taken(longNames, mostDevices)}. For the same ${sameNames.toLocaleString('en-US')} names, n8n uses ${more} memory with ${devicesText(mostDevices)} than with ${devicesText(fewestDevices)}.`;
}

const LONG_LIST = 100_000;

function middle(values: readonly number[] | undefined, what: string): number {
	if (values === undefined) throw new Error(`The benchmark has no figure that begins: ${what}`);
	return median([...values]);
}
