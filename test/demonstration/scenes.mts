import { createRequire } from 'node:module';
import type { INodeParameters } from 'n8n-workflow';
import type { Engine, ExecutionResult } from '../engine/harness/engine.mts';
import { ALL_DEVICES_QUERY } from '../simulator/saved-queries.mts';
import type { Tenant } from '../simulator/tenant.mts';
import type { DeviceList } from './device-list.mts';
import {
	credentialsFor,
	deletionNodes,
	lookUpNodes,
	MAIN_EXAMPLE,
	readExampleWorkflows,
	withDevices,
	withLive,
	withParameters,
	type ExampleWorkflow,
} from './example-workflows.mts';
import { NEEDS_SERVER, prepareExample } from './example-runs.mts';
import { compareWithLedger } from './ledger-comparison.mts';
import { keptBackBy, outcomesOf, type Outcome } from './outcomes.mts';
import type { Progress } from './progress.mts';
import {
	batchesReport,
	devicesReport,
	keptBackReport,
	ledgerReport,
	sumsReport,
} from './report.mts';
import { facts, heading, indented, table, type Cell } from './tables.mts';

/** What every scene needs. A scene prints itself and says whether node and tenant agreed. */
export interface Stage {
	readonly engine: Engine;
	readonly tenant: Tenant;
	readonly progress: Progress;
	/** Print every device and batch. */
	readonly all: boolean;
}

/** Prints what is going to run, and what of the workflow is changed for it. */
export function introduce(
	{ tenant }: Stage,
	example: ExampleWorkflow,
	list: DeviceList,
	{ maxDevices, options }: { maxDevices?: number; options: { maxRetries: number } },
): void {
	const require = createRequire(import.meta.url);
	const { version } = require('n8n-core/package.json') as { version: string };
	const changed = [
		'live set to true (but for the dry run)',
		'Lookup Method set to Export',
		...(maxDevices === undefined ? [] : [`Maximum Devices set to ${count(maxDevices)}`]),
		`Maximum Retries set to ${options.maxRetries}`,
	];
	print(
		facts([
			['Engine', `n8n-core ${version} in this process, with the built node and credential`],
			['Tenant', `${tenant.origin}, simulated: nothing real is touched`],
			['Workflow', `examples/${example.file}`],
			['List', list.description],
			['Changed', `${changed.join(', ')}, for this run only`],
		]),
	);
}

/** One export of all devices instead of a query for each: a list of the command line may be long. */
const BY_EXPORT = { lookupMethod: 'export', queryId: ALL_DEVICES_QUERY };

/** The example with the list in it, and its nodes changed as said. */
function staged(
	example: ExampleWorkflow,
	list: DeviceList,
	parameters: INodeParameters,
	live: boolean,
): ExampleWorkflow {
	const [deletions, lookUps] = [deletionNodes(example), lookUpNodes(example)];
	const withList = withLive(withDevices(example, list.devices), live);
	const byExport = withParameters(withList, (node) => lookUps.includes(node), BY_EXPORT);
	return withParameters(byExport, (node) => deletions.includes(node), parameters);
}

/** The list through the workflow: devices, sums, batches, and what the tenant's ledger says. */
export async function showRun(
	stage: Stage,
	title: string,
	example: ExampleWorkflow,
	list: DeviceList,
	parameters: INodeParameters,
	{ live = true } = {},
): Promise<boolean> {
	print(heading(title));
	const workflow = staged(example, list, parameters, live);
	const start = Date.now();
	const run = await runOnTenant(stage, workflow, list);
	const seconds = ((Date.now() - start) / 1000).toFixed(1);
	if (run.error !== undefined) return showUnexpected(run);

	const { tenant, all } = stage;
	const node = deletionNodes(workflow)[0]!.name;
	const outcomes = outcomesOf(run, node);
	const keptBack = keptBackBy(run, lookUpNodes(workflow)[0]!.name);
	const comparison = compareWithLedger(outcomes, tenant.ledger.entries);
	const deletions = tenant.requests.filter(({ route }) => route === 'deletions').length;
	print(indented('For manual review by the lookup:'), keptBackReport(keptBack, all), '');
	print(devicesReport(outcomes, all), '', sumsReport(outcomes), '');
	if (deletions > 0) print(batchesReport(outcomes, tenant, all), '');
	print(
		facts([
			[
				'Hint',
				run
					.hints(node)
					.map(({ message }) => message)
					.join('\n'),
			],
			['Ledger', ledgerReport(comparison)],
			[
				'Items',
				`${count(list.devices.length)} in, ${count(outcomes.length)} found, ${count(keptBack.length)} for manual review`,
			],
			['Requests', `${count(deletions)} with devices, ${count(tenant.requests.length)} in all`],
			['Time', `${seconds} s`],
		]),
	);
	const isQuiet = live || deletions === 0;
	const isComplete = outcomes.length + keptBack.length === list.devices.length;
	return comparison.disagreements.length === 0 && isComplete && isQuiet;
}

/** The list on a tenant that refuses everything: what n8n shows of a node that stops the workflow. */
export async function showRefusal(
	stage: Stage,
	title: string,
	example: ExampleWorkflow,
	list: DeviceList,
	parameters: INodeParameters,
): Promise<boolean> {
	print(heading(title));
	const workflow = staged(example, list, parameters, true);
	const deletions = deletionNodes(workflow);
	const nodes = workflow.nodes.map((node) =>
		deletions.includes(node) ? { ...node, onError: 'stopWorkflow' as const } : node,
	);
	const run = await runOnTenant(stage, { ...workflow, nodes }, list, { featureEnabled: false });
	if (run.error === undefined) {
		print(indented('The workflow ran through, although the tenant refused every request.'));
		return false;
	}
	const queued = stage.tenant.ledger.size;
	print(
		indented('On Error is set to Stop Workflow for this run only; n8n shows then:'),
		'',
		facts([
			['Message', run.error.message],
			['Description', run.error.description ?? ''],
			['Ledger', queued === 0 ? 'agrees: nothing is queued' : `DISAGREES: ${queued} are queued`],
		]),
	);
	return queued === 0;
}

/** Every other file of `examples/`, started as in production, with the devices that are pinned in it. */
export async function showOthers(stage: Stage, title: string): Promise<boolean> {
	print(heading(title));
	print(indented('Nodes that only a whole n8n has are stood in for; live is set to true.'), '');
	const others = readExampleWorkflows().filter(
		({ file }) => ![MAIN_EXAMPLE, NEEDS_SERVER].includes(file),
	);
	const rows: Cell[][] = [];
	let isFine = true;
	for (const other of others) {
		const { row, isFine: isThisFine } = await runOther(stage, other);
		rows.push(row);
		isFine &&= isThisFine;
	}
	print(
		table(
			[
				{ title: 'Workflow', width: 33 },
				{ title: 'Outcome', width: 12 },
				{ title: 'Ledger', width: 9 },
				{ title: 'Stood in for' },
			],
			rows,
		),
	);
	return isFine;
}

async function runOther(
	{ engine, tenant }: Stage,
	other: ExampleWorkflow,
): Promise<{ row: Cell[]; isFine: boolean }> {
	tenant.reset();
	const { workflow, startNode, stoodInFor } = prepareExample(other);
	const credentials = credentialsFor(workflow, tenant);
	const run = await engine.run(workflow, { credentials, startNode, mode: 'trigger' });
	if (run.error !== undefined) {
		return { row: [other.file, run.error.message, '', stoodInFor.join(', ')], isFine: false };
	}
	const outcomes = deletionNodes(workflow).flatMap(({ name }) => outcomesOf(run, name));
	const { disagreements } = compareWithLedger(outcomes, tenant.ledger.entries);
	const isFine = disagreements.length === 0;
	const ledger = isFine ? 'agrees' : 'DISAGREES';
	return { row: [other.file, sumsInWords(outcomes), ledger, stoodInFor.join(', ')], isFine };
}

/** Empties the tenant, sets it up as said and runs the workflow on it. */
async function runOnTenant(
	{ engine, tenant, progress }: Stage,
	workflow: ExampleWorkflow,
	list: DeviceList,
	settings: Partial<Tenant['settings']> = {},
): Promise<ExecutionResult> {
	tenant.reset();
	Object.assign(tenant.settings, settings);
	keepSilent(tenant, list);
	tenant.faults.add({
		route: 'deletions',
		times: Infinity,
		play: { kind: 'failDevices', uids: [list.failing.uid] },
	});
	progress.begin(list.distinct);
	const run = await engine.run(workflow, { credentials: credentialsFor(workflow, tenant) });
	progress.end();
	return run;
}

const HOUR = 3_600_000;
const LONG_AGO = 200 * 24 * HOUR;

/** No device has reported for long, but for the one in use. */
function keepSilent({ knownDevices }: Tenant, { inUse }: DeviceList): void {
	const now = Date.now();
	for (const [position, device] of knownDevices.entries()) {
		const lastSeen = now - (device.uid === inUse.uid ? HOUR : LONG_AGO);
		knownDevices[position] = { ...device, lastSeen };
	}
}

function showUnexpected({ error }: ExecutionResult): boolean {
	print(
		indented('The workflow failed:'),
		facts([
			['Message', error?.message ?? ''],
			['Description', error?.description ?? ''],
		]),
	);
	return false;
}

function sumsInWords(outcomes: readonly Outcome[]): string {
	const sums = new Map<string, number>();
	for (const { status } of outcomes) sums.set(status, (sums.get(status) ?? 0) + 1);
	return [...sums].map(([status, sum]) => `${sum} ${status}`).join('\n');
}

function count(number: number): string {
	return number.toLocaleString('en-US');
}

function print(...blocks: string[]): void {
	for (const block of blocks) console.log(block);
}
