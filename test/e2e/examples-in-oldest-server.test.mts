import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Tenant } from '../simulator/tenant.mts';
import { runCommand } from './harness/command.mts';
import { createWorkflow } from './harness/editor-runs.mts';
import { runToItsEnd } from './harness/example-runs.mts';
import { asLive, credentialsOfExamples, LOOKUP_EXAMPLES } from './harness/examples.mts';
import { installedN8n } from './harness/installation.mts';
import { compareWithLedger, outcomesOf } from './harness/outcomes.mts';
import { failedLive, retried } from './harness/retries.mts';
import { startServer, type N8nServer } from './harness/server.mts';
import { startTenantOfRun } from './harness/tenant.mts';
import { createUserFolder } from './harness/user-folders.mts';
import { importFile } from './harness/workflows.mts';

const run = inject('run');
const CERTAIN = ['PAR-WS-000041', 'LAU-VD-000042'];

let tenant: Tenant;
let server: N8nServer;

beforeAll(async () => {
	tenant = await startTenantOfRun(run);
	const userFolder = await createUserFolder(run, 'oldest-server', 'oldest');
	const options = { version: 'oldest', userFolder } as const;
	const credentials = importFile(userFolder, 'credentials', credentialsOfExamples(tenant));
	expect((await runCommand(['import:credentials', credentials], options)).exitCode).toBe(0);
	server = await startServer(options);
});

beforeEach(() => tenant.reset());

afterAll(async () => {
	await server?.stop();
	await tenant.close();
});

describe(`in the server of n8n ${installedN8n('oldest')}`, () => {
	it.each(LOOKUP_EXAMPLES)('$file sends the certain devices once approved', async (example) => {
		const { id } = await createWorkflow(server.rest, asLive(example).workflow);
		const execution = await runToItsEnd(server.rest, example, id);
		expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
		const outcomes = outcomesOf(execution, 'Schedule deletions');
		expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);
		expect(tenant.ledger.entries.map(({ name }) => name)).toEqual(CERTAIN);
		expect(execution.runs('Manual review')).toHaveLength(1);
		expect(execution.output('Manual review')).toHaveLength(4);
	});

	it.each(LOOKUP_EXAMPLES)('$file sends nothing if the answer is no', async (example) => {
		const { id } = await createWorkflow(server.rest, asLive(example).workflow);
		const execution = await runToItsEnd(server.rest, example, id, 'last');
		expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
		expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
		const lines = execution.output('Outcome');
		expect(execution.output('Manual review')).toHaveLength(lines.length);
	});

	it.each(LOOKUP_EXAMPLES)(
		'$file, begun with live true, sends nothing if it is retried with a saved workflow whose live is false',
		async (example) => {
			const failed = await failedLive(server.rest, example, 'Start by hand');
			expect([failed.status, failed.error?.message]).toEqual([
				'error',
				expect.stringContaining('Once') as string,
			]);
			const retry = await retried(server.rest, failed, 'saved now');
			const statuses = outcomesOf(retry, 'Schedule deletions').map(({ status }) => status);
			expect(new Set(statuses)).toEqual(new Set(['DRY_RUN']));
			expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
		},
	);
});
