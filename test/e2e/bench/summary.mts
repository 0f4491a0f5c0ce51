import { median } from 'simple-statistics';
import type { Figures } from './bench.mts';
import { LATENCY, NAMES } from './comparisons.mts';

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

const LONG_LIST = 100_000;

function middle(values: readonly number[] | undefined, what: string): number {
	if (values === undefined) throw new Error(`The benchmark has no figure that begins: ${what}`);
	return median([...values]);
}
