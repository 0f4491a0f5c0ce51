import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Tenant } from '../simulator/tenant.mts';
import { createWorkflow, runInEditor, startRun } from './harness/editor-runs.mts';
import { compareWithLedger, outcomesOf, sumsOf } from './harness/outcomes.mts';
import { startServer, type N8nServer } from './harness/server.mts';
import { credentialData, CREDENTIAL_TYPE, startTenantOfRun } from './harness/tenant.mts';
import { createUserFolder } from './harness/user-folders.mts';
import { listNode, manualTrigger, nexthinkNode, workflowOf } from './harness/workflows.mts';

const run = inject('run');
const BATCHES = 50;
const BATCH_SIZE = 20;

let tenant: Tenant;
let server: N8nServer | undefined;

beforeAll(async () => {
	// More devices than are on the list, so that a stranger in the ledger would be seen.
	tenant = await startTenantOfRun(run, { devices: 2000, latencyMilliseconds: 100 });
});

afterAll(async () => {
	await server?.stop();
	await tenant.close();
});

it('n8n killed in the middle of 50 batches and started again sends nothing of its own, and the next run reports truthfully', async () => {
	const options = {
		version: 'newest',
		userFolder: await createUserFolder(run, 'death', 'newest'),
	} as const;
	const list = tenant.inventory.slice(0, BATCHES * BATCH_SIZE);
	server = await startServer(options);
	const credentialId = await saveCredential(server);
	const workflow = workflowOf('death', deletionNodes(credentialId, list), [
		['Start', 'Devices'],
		['Devices', 'Delete'],
	]);
	const { id } = await createWorkflow(server.rest, workflow);

	await startRun(server.rest, id, 'Start');
	while (deletions().length < BATCHES / 2) await wait(5);
	await server.kill();
	const sentBeforeDeath = deletions().length;
	expect(sentBeforeDeath).toBeLessThan(BATCHES);
	const queuedBeforeDeath = tenant.ledger.uids();
	expect(queuedBeforeDeath.size).toBeGreaterThan(0);

	server = await startServer(options);
	const { results } = await server.rest.get<{ results: Array<{ status: string }> }>('/executions');
	expect(results.map(({ status }) => status)).toEqual(['crashed']);
	expect(deletions()).toHaveLength(sentBeforeDeath);
	expectNoStranger(list);

	// Nobody documents what a device that is queued already gets. Here every second one gets the answer that misleads most.
	const failed = [...queuedBeforeDeath].filter((_, index) => index % 2 === 0);
	const play = { kind: 'failDevices', uids: failed } as const;
	tenant.faults.add({ route: 'deletions', times: Infinity, play });
	const entriesBefore = tenant.ledger.size;
	const execution = await runInEditor(server.rest, id, 'Start');
	const outcomes = outcomesOf(execution, 'Delete');
	expect(outcomes.map(({ uid }) => uid)).toEqual(list.map(({ uid }) => uid));
	expect(sumsOf(outcomes)).toEqual({
		FAILED: failed.length,
		SCHEDULED: list.length - failed.length,
	});
	const entriesOfThisRun = tenant.ledger.entries.slice(entriesBefore);
	expect(compareWithLedger(outcomes, entriesOfThisRun).disagreements).toEqual([]);
	expectNoStranger(list);
	expect(tenant.ledger.uids().size).toBe(list.length);
});

async function saveCredential({ rest }: N8nServer): Promise<string> {
	const data = credentialData(tenant);
	const body = { name: 'Nexthink account', type: CREDENTIAL_TYPE, data };
	return (await rest.post<{ id: string }>('/credentials', body)).id;
}

function deletionNodes(credentialId: string, list: readonly object[]) {
	const options = { batchSize: BATCH_SIZE, maxRetries: 0 };
	return [
		manualTrigger(),
		listNode('Devices', list),
		nexthinkNode('Delete', { credentialId, parameters: { options } }),
	];
}

function deletions() {
	return tenant.requests.filter(({ route }) => route === 'deletions');
}

function expectNoStranger(list: ReadonlyArray<{ uid: string }>): void {
	const wanted = new Set(list.map(({ uid }) => uid));
	for (const uid of tenant.ledger.uids()) expect(wanted).toContain(uid);
}
