import { readFile } from 'node:fs/promises';

import type { Span } from '../engine/fault-matrix/faults.mts';
import { EXECUTE_RUN } from '../engine/fault-matrix/execute-matrix.mts';
import { EXPORT_RUN } from '../engine/fault-matrix/export-matrix.mts';
import { LOOK_UP_EXPORT_RUN } from '../engine/fault-matrix/look-up-export-matrix.mts';
import { LOOK_UP_RUN } from '../engine/fault-matrix/look-up-matrix.mts';
import { MATRIX_RUN } from '../engine/fault-matrix/matrix.mts';
import { type Cell, outcomeText, RETRIES } from '../engine/fault-matrix/play.mts';
import { ON_ERROR_MODES } from '../engine/delete-workflow.mts';
import { table } from './format.mts';

/** What the two long measures printed when they last ran. */
const RANDOM_RUNS =
	'On 26 November 2026, with `--cases 1000000 --seed 20261126`: 1,000,000 deletion runs and 1,000,000 lookups by each method, 16,956,176 requests, 1,000,000 settings and 1,000,000 CSV files, and no fact broken.';
const CHANGED_CODE =
	'On 27 November 2026: of 3,339 changes, tests noticed 98.32 %. 56 went unnoticed, and no changed line was without a test.';

/** What each operation showed in all runs. */
export interface Matrices {
	readonly deletions: readonly Cell[];
	readonly lookUps: readonly Cell[];
	readonly lookUpsByExport: readonly Cell[];
	readonly queries: readonly Cell[];
	readonly exports: readonly Cell[];
}

/** What the matrices show, as the page docs/reliability.md. Throws where an invariant does not hold. */
export async function reliabilityPage(matrices: Matrices): Promise<string> {
	const { deletions, lookUps, lookUpsByExport, queries, exports } = matrices;
	const cells = [...deletions, ...lookUps, ...lookUpsByExport, ...queries, ...exports];
	const broken = cells.filter((cell) => cell.broken.length > 0);
	if (broken.length > 0) throw new Error(`Invariants broken in ${broken.length} runs.`);
	const { devices, batchSize, concurrency } = MATRIX_RUN;
	const faultsOf = (cells: readonly Cell[]) => new Set(cells.map(({ fault }) => fault.name)).size;
	return `# Reliability

In ${cells.length.toLocaleString('en-US')} runs with a fault of the network or of Nexthink, each device, query and export had exactly one outcome, and it agreed with what the simulated tenant had done. \`SCHEDULED\` was never said of a device that wasn't queued, nor \`NOT_SENT\` of one that had arrived. Lookups returned no wrong UID, and exports no wrong file, unless a response was well formed and untrue.

\`npm run docs\` measures this page: it runs all four operations, Look Up by each of its methods, in n8n's own engine (n8n-core ${await n8nVersion()}) over real HTTP against a simulated Nexthink tenant. The tenant keeps a ledger of what it queued, and the page compares what the node says with it.

## Delete: what holds

In all ${deletions.length} runs below (${faultsOf(deletions)} faults, passing and lasting, in each of the three ways of On Error):

- Each device of the input has exactly one outcome, in the order of the input. A run that ends with an error names the devices in the data of that error.
- \`SCHEDULED\` devices are in the ledger, and a successful response said so.
- \`NOT_SENT\` devices were in no request.
- \`REJECTED\` and \`INVALID\` devices were in a request and aren't in the ledger.
- \`UNKNOWN\` devices were in a request. n8n can't tell whether they are queued.
- No device was sent that was not in the input, and no request held more devices than Batch Size.
- No run made more requests than [How a run works](how-a-run-works.md#when-the-tenant-is-down) allows.

Each run sends ${devices} devices in ${devices / batchSize} batches, one request at a time. The first request goes well; the fault meets the second. A cell shows how many requests reached the tenant, how many devices ended how and, if the run ends with an error, its code. "Queued" means that the tenant queued the devices before it responded, or failed to respond, as the row says.

${faultTables('Delete', deletions)}

## Look Up by query: what holds

In all ${lookUps.length} runs below (${faultsOf(lookUps)} faults, passing and lasting, in each of the three ways of On Error):

- Each name of the input has exactly one outcome, in the order of the input. A run that ends with an error says in its data which names are unknown, and how many ended in which other way.
- \`FOUND\` names have the UID and the name that the tenant has for them, from a successful answer. Nothing else has a UID.
- Any other match than \`FOUND\` and \`UNKNOWN\` comes from a response that is well formed and untrue.
- No name was asked for that was not in the input, and no run made more than one request for each name and the retries that [How a run works](how-a-run-works.md#when-the-tenant-is-down) allows.
- Nothing was queued.

Each run looks up ${LOOK_UP_RUN.names} names, one request at a time. The first request goes well; the fault meets the second.

${faultTables('Look Up by query', lookUps)}

## Look Up by export: what holds

In all ${lookUpsByExport.length} runs below (${faultsOf(lookUpsByExport)} faults of the start, of the status and of the file, passing and lasting, in each of the three ways of On Error):

- Each name of the input has exactly one outcome, in the order of the input. All names of a run have the same outcome, because one export finds all of them or none.
- \`FOUND\` names have the UID and the name that the tenant has for them, from a complete file. Nothing else has a UID.
- Nothing is \`FOUND\` if the file might lack a device. A file without rows can be complete, so its names are \`NOT_FOUND\`.
- No second export was started, unless the answer to the first start was lost, and no run made more requests than an export.
- The access token wasn't sent to the address of the file, and no other address was requested than the one that Nexthink named.
- Nothing was queued.

Each run looks up the names of all ${LOOK_UP_EXPORT_RUN.names} devices of the tenant. The requests for the start and the status are those of Export, whose tables below contain all of their faults. The tables of Look Up by export contain one of each kind.

${faultTables('Look Up by export', lookUpsByExport, 'every request of its kind')}

## Execute: what holds

In all ${queries.length} runs below (${faultsOf(queries)} faults, passing and lasting, in each of the three ways of On Error):

- Each input item has its rows or its error, and nothing else; if a row can't be read, a hint says that the output lacks it.
- Each row is the one that the tenant has, unless the response is well formed and untrue.
- No run made more requests than [How a run works](how-a-run-works.md#when-the-tenant-is-down) allows, and nothing was queued.

Each run asks for ${EXECUTE_RUN.items} devices, one query at a time. The first request goes well; the fault meets the second.

${faultTables('Execute', queries)}

## Export: what holds

In all ${exports.length} runs below (${faultsOf(exports)} faults of the start, of the status and of the file, passing and lasting, in each of the three ways of On Error):

- There is a file or an error, never both and never neither.
- The file is the one that the tenant has, to the last byte, unless its host sends another file with 200.
- No second export was started, unless the answer to the first start was lost.
- The start was asked for at most Maximum Retries times more than once, and so was the file; the status once before each fetch of the file, and each time at most Maximum Retries times more.
- The access token wasn't sent to the address of the file, and no other address was requested than the one that Nexthink named.

${faultTables('Export', exports, 'every request of its kind')}

## Settings

Batch Size is ${batchSize}, Concurrency ${concurrency}, and Maximum Wait ${EXPORT_RUN.maxExportWait} seconds. Timeout is 2 seconds where a row has no answer or one that comes too slowly. All other options but Maximum Retries have their defaults.

## Random runs and changed code

Two measures take longer than a test may. Both run each night (\`.github/workflows/nightly.yml\`).

- **Random runs**: \`npm run test:fuzz\` plays random lists, settings and faults through deletion runs and lookups, and looks for breaches of what must always hold. ${RANDOM_RUNS}
- **Changed code**: \`npm run test:mutation\` changes the code that needs no n8n around it, one place at a time, and looks whether a test notices. ${CHANGED_CODE}

## Run it again

\`\`\`
npm run docs
\`\`\`

writes this page anew. \`npm test\` plays the same runs, prints their table and fails if this page is outdated. The faults are in \`test/engine/fault-matrix\`, the simulated tenant in \`test/simulator\`.
`;
}

function faultTables(
	operation: string,
	cells: readonly Cell[],
	meets = 'every request from the second on',
): string {
	return `## ${operation}: a fault that passes

It meets one request. All retry options have their defaults, Maximum Retries ${RETRIES.once} among them.

${faultTable(cells, 'once')}

## ${operation}: a fault that lasts

It meets ${meets}. Maximum Retries is ${RETRIES.lasting}, so that no run waits for a repeat.

${faultTable(cells, 'lasting')}`;
}

function faultTable(cells: readonly Cell[], span: Span): string {
	const played = cells.filter((cell) => cell.span === span);
	return table(
		['Fault', 'Stop Workflow', 'Continue', 'Continue (using error output)'],
		[...new Set(played.map(({ fault }) => fault))].map((fault) => {
			const row = played.filter((cell) => cell.fault === fault);
			return [
				fault.name,
				...ON_ERROR_MODES.map((mode) => cellText(row.find(({ onError }) => onError === mode)!)),
			];
		}),
	);
}

function cellText(cell: Cell): string {
	const end = cell.thrown === undefined ? '' : `; ends with \`${cell.thrown}\``;
	const outcomes = outcomeText(cell);
	const requests = `${cell.requests} request${cell.requests === 1 ? '' : 's'}`;
	return `${requests}${outcomes === '' ? '' : `: ${outcomes}`}${end}`;
}

async function n8nVersion(): Promise<string> {
	const manifest = new URL('../../package.json', import.meta.url);
	const { devDependencies } = JSON.parse(await readFile(manifest, 'utf8')) as {
		devDependencies: Record<string, string>;
	};
	return devDependencies['n8n-core']!;
}
