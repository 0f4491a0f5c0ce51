import { join } from 'node:path';
import { formatted, table } from '../../documentation/format.mts';
import { REPOSITORY } from '../harness/folders.mts';
import type { Figures } from './bench.mts';
import { LATENCY } from './comparisons.mts';
import { costsOfParts } from './costs.mts';
import { machineText } from './machine.mts';
import type { ProfileSums } from './profile.mts';
import { EXPORT_SECONDS } from './saved-queries.mts';
import type { Scale } from './scale.mts';
import { exportSummaryOf, summaryOf } from './summary.mts';
import { memoryTable, ratiosTable, timesTable, type Table } from './tables.mts';

export const PERFORMANCE_PAGE = join(REPOSITORY, 'docs', 'performance.md');

export interface Measured {
	readonly figures: Figures;
	readonly scale: Scale;
	readonly profile: ProfileSums;
}

/** Out: docs/performance.md as prettier keeps it. */
export async function performancePage({ figures, scale, profile }: Measured): Promise<string> {
	const { times, memory, ratios } = figures;
	const { rounds, closeRounds, lookUpRounds, readRounds, growthRounds, memoryRounds, csvRounds } =
		scale;
	const page = `# Performance

${summaryOf(figures)}

What Device > Delete, Device > Look Up and NQL Query > Export take in a real n8n, measured by \`npm run bench -- --write\`: ${machineText()}. On another machine the times differ; the ratios should not, much.

## Ratios

Each ratio is of two figures of the same round. The table shows the median and, in brackets, the smallest and the largest: of ${rounds} rounds for lists that are sent, ${closeRounds} for the node and the bare loop with latency, ${lookUpRounds} for look-ups, ${readRounds} for expressions, ${growthRounds} for the time of long lists, ${csvRounds} for CSV files and ${memoryRounds} for memory. What misses a bound is measured again, twice at most, and all of its rounds count. \`npm run bench\` ends with exit code 1 where a ratio is not what it must be.

${markdown(ratiosTable(ratios))}

Where a list is sent with latency, the tenant takes ${LATENCY} ms for each answer. The longer that is, the closer the node comes to its Concurrency.

## Look Up by export

${exportSummaryOf(figures, scale)}

The simulated tenant completes the export after ${EXPORT_SECONDS} s, and a real one might take minutes: that time is the same for any list. The node reads the file as it arrives and keeps the rows of the devices that the list names.

## Times

From the end of the node that makes the items to the beginning of the node behind the measured part, so that n8n's own work between nodes counts. CPU is that of n8n's whole process, or of the client's.

${markdown(timesTable(times))}

Where the time goes beyond that of the keep-alive client: the difference in CPU per request between the two clients is what a new connection costs, the difference between the client and the bare loop is n8n's request function, and the difference between the bare loop and the node is the node. All of it runs on one core, because n8n is one process; with enough latency it disappears behind the waiting, as far as Concurrency allows.

## Memory

The whole process is the most that n8n held at any moment, as a container's limit counts it; most of that it holds before the first item. Items and work is what was in use on the heap, the items of the input and all that n8n keeps of them included and garbage left out. It is looked at after each collection of garbage, about every 16 MB, so that a short peak between two of them may be higher. Left with the result is what is in use after the node, on the heap and outside of it, while n8n still has its items.

${markdown(memoryTable(memory))}

## Where the CPU goes

V8's profiler, 100,000 devices in 1,000 requests, no latency: the CPU was at work for ${(profile.busyMilliseconds / 1000).toFixed(1)} s.

${markdown(costsTableOf(profile))}

The functions of this node that take most, with everything that they call:

${markdown(oursTableOf(profile))}

## How it is measured

- n8n runs as \`n8n start\` with its usual settings, the packed package installed as n8n installs it. Each workflow is called by its webhook; executions are not saved.
- The simulated tenant runs in a process of its own. Its ledger is compared after every run: a figure counts only if every device was queued once, in requests of 100, and every distinct name was asked once.
- In each round everything is measured once, every second round backwards, after a round that does not count. Garbage is collected in front of each measurement.
- The bare loop is a node that calls n8n's \`httpRequestWithAuthentication\` with the options that this node uses, the first batch alone, and parses the answers: nothing else.
- For look-ups the bare loop asks a query for each distinct name. So many are in flight that n8n's one core has work for most of the time.
- The exported files have rows of 1 MB, and n8n keeps binary data as files, its own setting outside of queue mode.
- Of each hundred names that are looked up by export, one isn't in the file, and one has a namesake there that differs in case. A figure counts only if these are NOT_FOUND and AMBIGUOUS, all others FOUND with their own UIDs, and one export was started.
- CSV files are read by the reader of this node and by [csv-parse](https://csv.js.org/parse/) as the bytes come from the disk, in one process without n8n. A figure counts only if all cells of the file were found.
- The clients without n8n are Node.js's own \`http\` with and without a keep-alive agent.
- For memory every collection of garbage is a full one, so times are not taken there.

## Run it again

\`\`\`
npm run bench
npm run bench -- --write
npm run bench -- --short
npm run bench -- --profile
\`\`\`

\`--write\` writes this page, \`--short\` takes five minutes, \`--profile\` shows more of where the CPU goes.
`;
	return await formatted(page, PERFORMANCE_PAGE);
}

function markdown({ head, rows }: Table): string {
	return table(head, rows);
}

function costsTableOf(profile: ProfileSums): Table {
	return {
		head: ['Cost', 'Share', 'What was done about it'],
		rows: costsOfParts(profile).map(({ what, share, about }) => [what, percent(share), about]),
	};
}

function oursTableOf({ ours }: ProfileSums): Table {
	return {
		head: ['Function', 'ms', 'Share'],
		rows: ours
			.filter(({ where }) => !where.startsWith('(anonymous)'))
			.slice(0, 6)
			.map(({ where, milliseconds, share }) => [
				`\`${where.replace(/^(\S+) .*\/dist\/(.*)$/, '$1 $2')}\``,
				milliseconds.toFixed(0),
				percent(share),
			]),
	};
}

function percent(share: number): string {
	return `${(100 * share).toFixed(1)} %`;
}
