import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import type { InventoryDevice, Tenant } from '../../simulator/tenant.mts';
import { compareWithLedger, outcomesOf, sumsOf, type Outcome } from '../harness/outcomes.mts';
import { startTenantOfRun } from '../harness/tenant.mts';
import { apart, startCluster, type Cluster, type Worker } from './cluster.mts';
import { startDeviceSource, type DeviceSource } from './device-source.mts';
import { publishFanOut, type FanOut } from './fan-out.mts';
import { printFigures, startMeter } from './figures.mts';
import { runInOneNode } from './one-node.mts';
import { runInSubWorkflows } from './sub-workflows.mts';
import { devicesQueuedBy, expectQueued, requestsTo, uidsOf } from './tenant-record.mts';

const run = inject('run');
const DEVICES = 20_000;
const CHUNK = 1000;

let tenant: Tenant;
let list: readonly InventoryDevice[];
let source: DeviceSource;
let cluster: Cluster;
let workers: Worker[];
let fanOut: FanOut;

beforeAll(async () => {
	// More devices than are on the list, so that a stranger in the ledger would be seen.
	tenant = await startTenantOfRun(run, { devices: DEVICES + 1000, latencyMilliseconds: 50 });
	list = tenant.inventory.slice(0, DEVICES);
	source = await startDeviceSource();
	// The parent takes one place, and 8 chunks are handed out at a time.
	cluster = await startCluster(run, { name: 'fan-out', concurrency: 5 });
	workers = await Promise.all(['worker-1', 'worker-2'].map(cluster.startWorker));
	fanOut = await publishFanOut(cluster.main, tenant, source);
});

beforeEach(() => tenant.reset());

afterAll(async () => {
	await cluster?.stop();
	await source?.close();
	await tenant?.close();
});

it('a list of 20,000 devices over two workers has every device queued exactly once, and says so of each', async () => {
	const meter = startMeter([cluster.main, ...workers]);
	const id = await fanOut.start(list);
	const [, parentWorker] = await apart(workers, id);
	await queued(CHUNK);
	// The first chunk goes alone: until it is queued, one worker has asked for one token.
	expect(tenant.issuedTokens).toHaveLength(1);
	await queued(DEVICES / 2);
	tenant.expireTokens();
	const execution = await fanOut.over(id);
	meter.stop();
	const outcomes = fanOut.outcomes(execution);

	expect(outcomes.map(({ uid }) => uid)).toEqual(uidsOf(list));
	expect(sumsOf(outcomes)).toEqual({ SCHEDULED: DEVICES });
	expectTruth(outcomes);
	expect(tenant.ledger.size).toBe(DEVICES);
	expectQueued(tenant, list);

	await expect.poll(() => sum(sharesOfWorkers())).toBe(DEVICES);
	for (const share of sharesOfWorkers()) expect(share).toBeGreaterThanOrEqual(DEVICES / 10);
	// The first token and one expiry.
	expect(requestsTo(tenant, 'token').length).toBeLessThanOrEqual(2 * workers.length);
	printFigures(tenant, meter, { execution, ended: await parentWorker.finishedAt(id) });
});

it('devices that stand in two chunks, or cannot be sent, are settled before the list is cut', async () => {
	const [first] = list;
	if (first === undefined) throw new Error('The inventory is too small');
	const sendable = list.slice(0, CHUNK + 500);
	const again = { uid: first.uid.toUpperCase(), name: first.name };
	const blank = { uid: list[CHUNK + 600]?.uid ?? '', name: ' ' };
	const id = await fanOut.start([...sendable, again, blank]);
	const outcomes = fanOut.outcomes(await fanOut.over(id));

	expect(sumsOf(outcomes)).toEqual({ SCHEDULED: sendable.length + 1, INVALID: 1 });
	expect(outcomes.slice(-2)).toMatchObject([
		{ status: 'SCHEDULED', duplicateOf: 0, index: sendable.length },
		{ status: 'INVALID', index: sendable.length + 1 },
	]);
	expect(tenant.ledger.size).toBe(sendable.length);
	expectQueued(tenant, sendable);
});

it('a list longer than the guard of the parent is refused as a whole', async () => {
	const execution = await fanOut.over(await fanOut.start(tenant.inventory.slice(0, DEVICES + 1)));
	expect(execution.output('Left out')).toHaveLength(DEVICES + 1);
	expect(fanOut.outcomes(execution)).toEqual([]);
	expect(tenant.requests).toEqual([]);
});

it('sub-workflows of Execute Sub-workflow stay with one worker, which is why the example does not use it', async () => {
	const chunks = Array.from({ length: 4 }, (_, n) => list.slice(n * 100, (n + 1) * 100));
	const { status } = await runInSubWorkflows(
		cluster.main.rest,
		fanOut.nexthinkCredentialId,
		chunks,
	);
	expect(status).toBe('success');
	expect(tenant.ledger.size).toBe(400);
	await expect.poll(() => sharesOfWorkers().sort()).toEqual([0, 400]);
});

it('one node on one worker schedules the same list by itself', async () => {
	source.devices = list;
	const meter = startMeter([cluster.main, ...workers]);
	const execution = await runInOneNode(cluster.main.rest, fanOut.nexthinkCredentialId, {
		url: source.url,
		devices: DEVICES,
	});
	meter.stop();
	const [, worker] = await apart(workers, execution.id);
	expect(sumsOf(outcomesOf(execution, 'Delete'))).toEqual({ SCHEDULED: DEVICES });
	expectQueued(tenant, list);
	printFigures(tenant, meter, { execution, ended: await worker.finishedAt(execution.id) });
});

it('a worker killed in the middle leaves the devices of its chunks UNKNOWN, and the next run completes the list', async () => {
	tenant.settings.latencyMilliseconds = 200;
	const id = await fanOut.start(list);
	const [victim, survivor] = await apart(workers, id);
	await queued(DEVICES / 4);
	await busy(victim);
	await victim.kill();
	expect(tenant.ledger.size).toBeLessThan(DEVICES);
	const execution = await fanOut.over(id);
	const outcomes = fanOut.outcomes(execution);

	expect(outcomes.map(({ uid }) => uid)).toEqual(uidsOf(list));
	const { UNKNOWN = 0, SCHEDULED } = sumsOf(outcomes);
	expect(UNKNOWN).toBeGreaterThanOrEqual(CHUNK);
	expect(SCHEDULED).toBe(DEVICES - UNKNOWN);
	expectTruth(outcomes);

	const rest = list.filter((_, n) => outcomes[n]?.status !== 'SCHEDULED');
	const second = await fanOut.over(await fanOut.start(rest));
	expect(sumsOf(fanOut.outcomes(second))).toEqual({ SCHEDULED: UNKNOWN });
	expectQueued(tenant, list);
	workers = [survivor, await cluster.startWorker('worker-3')];
});

it('a worker killed with the parent on it leaves an execution that claims nothing, and the next run completes the list', async () => {
	tenant.settings.latencyMilliseconds = 200;
	const id = await fanOut.start(list);
	const [survivor, victim] = await apart(workers, id);
	await queued(DEVICES / 4);
	await busy(survivor);
	await victim.kill();
	const execution = await fanOut.over(id);
	expect(execution.status).not.toBe('success');
	expect(fanOut.outcomes(execution)).toEqual([]);

	const again = await fanOut.over(await fanOut.start(list));
	const outcomes = fanOut.outcomes(again);
	expect(sumsOf(outcomes)).toEqual({ SCHEDULED: DEVICES });
	expectTruth(outcomes);
	expectQueued(tenant, list);
});

/** Waits until the tenant has queued so many devices. */
async function queued(devices: number): Promise<void> {
	while (tenant.ledger.size < devices) await wait(10);
}

/** Waits until a worker has taken one more chunk. */
async function busy(worker: Worker): Promise<void> {
	const before = worker.taken().length;
	while (worker.taken().length === before) await wait(10);
}

/** How many devices each worker has queued. */
function sharesOfWorkers(): number[] {
	return workers.map((worker) => devicesQueuedBy(tenant, worker));
}

function expectTruth(outcomes: readonly Outcome[]): void {
	expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}
