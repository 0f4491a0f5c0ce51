import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { rowOf } from '../../simulator/saved-queries.mts';
import type { Tenant } from '../../simulator/tenant.mts';
import { executionOver } from '../harness/editor-runs.mts';
import type { SavedExecution } from '../harness/executions.mts';
import { outcomesOf, sumsOf } from '../harness/outcomes.mts';
import { credentialFor, startTenantOfRun } from '../harness/tenant.mts';
import { apart, startCluster, type Cluster, type Worker } from './cluster.mts';
import { DELETE, distinct, findingsOf, namesFor, startLookUp, truthOf } from './look-up.mts';
import { fileOf, rowsOf, runExport } from './query-export.mts';
import { devicesQueuedBy, expectQueued, requestsTo } from './tenant-record.mts';

const run = inject('run');
const DEVICES = 1600;

let tenant: Tenant;
let names: readonly string[];
let cluster: Cluster;
let workers: Worker[];
let credentialId: string;

beforeAll(async () => {
	// More devices than are on the list, so that a stranger in the ledger would be seen.
	tenant = await startTenantOfRun(run, { devices: DEVICES + 500, latencyMilliseconds: 20 });
	names = namesFor(tenant.inventory.slice(0, DEVICES));
	// One execution at a time, so that two of them need both workers.
	cluster = await startCluster(run, { name: 'look-up', concurrency: 1 });
	workers = await Promise.all(['worker-1', 'worker-2'].map(cluster.startWorker));
	const { name, type, data } = credentialFor(tenant);
	const credential = { name, type, data };
	({ id: credentialId } = await cluster.main.rest.post<{ id: string }>('/credentials', credential));
});

beforeEach(() => tenant.reset());

afterAll(async () => {
	await cluster?.stop();
	await tenant?.close();
});

it('a list that one worker looks up has the right answer for each entry, each distinct name asked for once with one token for each lifetime, and exactly what was found is queued by a deletion behind it', async () => {
	const truth = truthOf(names, tenant.knownDevices);
	const kinds = new Set(truth.map(({ match }) => match));
	expect([...kinds].sort()).toEqual(['AMBIGUOUS', 'FOUND', 'NOT_FOUND']);
	const id = await start({ names, deleteFound: true });
	for (const part of [1 / 3, 2 / 3]) {
		await asked(part * distinct(names).length);
		tenant.expireTokens();
	}
	const execution = await over(id);

	expect(findingsOf(execution)).toEqual(truth);
	expect(answeredNames()).toEqual(distinct(names));
	expect(requestsTo(tenant, 'token')).toHaveLength(3);

	const found = truth.flatMap(({ uid }) => uid ?? []);
	expect(sumsOf(outcomesOf(execution, DELETE))).toEqual({ SCHEDULED: found.length });
	const devices = [...new Set(found)].map((uid) => ({ uid }));
	expectQueued(tenant, devices);
	expect(tenant.ledger.size).toBe(devices.length);
	const [, worker] = await apart(workers, id);
	await expect.poll(() => devicesQueuedBy(tenant, worker)).toBe(devices.length);
});

it('a list that one worker looks up by one export has the same right answers, and exactly what was found is queued by a deletion behind it', async () => {
	tenant.settings.exportStates = 3;
	const truth = truthOf(names, tenant.knownDevices);
	const id = await start({ names, by: 'export', deleteFound: true });
	while (requestsTo(tenant, 'nqlStatus').length === 0) await wait(10);
	tenant.expireTokens();
	const execution = await over(id);

	expect(findingsOf(execution)).toEqual(truth);
	expect(requestsTo(tenant, 'nqlExecute')).toEqual([]);
	expect(tenant.exportsStarted).toBe(1);
	expect(requestsTo(tenant, 'token').length).toBeLessThanOrEqual(2);
	const [fetched, ...others] = requestsTo(tenant, 'file');
	expect(others).toEqual([]);
	expect(fetched?.headers).not.toHaveProperty('authorization');

	const found = truth.flatMap(({ uid }) => uid ?? []);
	expect(sumsOf(outcomesOf(execution, DELETE))).toEqual({ SCHEDULED: found.length });
	const devices = [...new Set(found)].map((uid) => ({ uid }));
	expectQueued(tenant, devices);
	const [, worker] = await apart(workers, id);
	await expect.poll(() => devicesQueuedBy(tenant, worker)).toBe(devices.length);
});

it('two look-ups at once take a worker each, and both are right', async () => {
	const middle = Math.floor(names.length / 2);
	const halves = [names.slice(0, middle), names.slice(middle)];
	const ids = await Promise.all(halves.map(async (half) => await start({ names: half })));
	const holders = await Promise.all(ids.map(async (id) => (await apart(workers, id))[1]));
	expect(new Set(holders).size).toBe(2);
	await asked(distinct(names).length / 2);
	tenant.expireTokens();
	const executions = await Promise.all(ids.map(over));

	expect(executions.map(findingsOf)).toEqual(
		halves.map((half) => truthOf(half, tenant.knownDevices)),
	);
	expect(answeredNames()).toEqual(halves.flatMap(distinct).sort());
	expect(requestsTo(tenant, 'token').length).toBeLessThanOrEqual(workers.length);
	expect(tenant.ledger.size).toBe(0);
});

it('an export arrives whole on a worker, main hands out the file that the worker stored, and no bearer goes to the address of the file', async () => {
	tenant.settings.exportStates = 1;
	const { rest } = cluster.main;
	const execution = await runExport(rest, credentialId);
	await apart(workers, execution.id);
	const rows = tenant.knownDevices.map(rowOf);
	expect(rowsOf(execution)).toEqual(rows);

	const file = fileOf(execution);
	expect(file).toMatchObject({ fileName: 'all_devices.csv', mimeType: 'text/csv' });
	// What n8n's queue mode has unless somebody sets it otherwise: files in the database.
	expect(file?.id).toMatch(/^database:/);
	const lines = [Object.keys(rows[0] ?? {}), ...rows.map(Object.values)];
	for (const action of ['view', 'download']) {
		const query = new URLSearchParams({ id: file?.id ?? '', action });
		expect(await rest.get(`/binary-data?${query}`)).toBe(
			lines.map((cells) => `${cells.join()}\n`).join(''),
		);
	}

	const [fetched, ...others] = requestsTo(tenant, 'file');
	expect(others).toEqual([]);
	expect(fetched).not.toHaveProperty('bearer');
	expect(fetched?.headers).not.toHaveProperty('authorization');
	const asking = [...requestsTo(tenant, 'nqlExport'), ...requestsTo(tenant, 'nqlStatus')];
	expect(asking.map(({ bearer }) => bearer)).toEqual(
		Array.from({ length: 3 }, () => tenant.issuedTokens.at(-1)),
	);
});

it('a worker killed in the middle of a look-up leaves an execution that claims nothing, and the next run on the other worker is complete', async () => {
	const id = await start({ names });
	const [survivor, victim] = await apart(workers, id);
	await asked(distinct(names).length / 4);
	await victim.kill();
	const before = await requestsSoFar();
	expect(answeredNames().length).toBeLessThan(distinct(names).length);
	const next = await start({ names });
	const again = await over(next);
	expect(survivor.taken()).toContain(next);
	expect(findingsOf(again)).toEqual(truthOf(names, tenant.knownDevices));
	expect(answeredNames(before)).toEqual(distinct(names));

	const killed = await over(id);
	expect(killed.status).not.toBe('success');
	expect(findingsOf(killed)).toEqual([]);
	expect(killed.text).not.toContain('FOUND');
	expect(survivor.taken()).not.toContain(id);
	expect(tenant.ledger.size).toBe(0);
});

async function start(lookUp: Parameters<typeof startLookUp>[2]): Promise<string> {
	return await startLookUp(cluster.main.rest, credentialId, lookUp);
}

async function over(id: string): Promise<SavedExecution> {
	return await executionOver(cluster.main.rest, id);
}

/** Waits until so many look-ups have reached the tenant. */
async function asked(lookUps: number): Promise<void> {
	while (requestsTo(tenant, 'nqlExecute').length < lookUps) await wait(10);
}

/** Their number, once none is on its way any more. */
async function requestsSoFar(): Promise<number> {
	for (;;) {
		const { length } = tenant.requests;
		await wait(500);
		if (tenant.requests.length === length) return length;
	}
}

/** The names that the tenant was asked for with a good token, behind the first so many requests, sorted. */
function answeredNames(from = 0): string[] {
	return requestsTo(tenant, 'nqlExecute')
		.filter(({ sequence, status }) => sequence > from && status === 200)
		.map(({ body }) => (JSON.parse(body) as ExecuteBody).parameters.device_name.toUpperCase())
		.sort();
}

interface ExecuteBody {
	readonly parameters: { readonly device_name: string };
}
