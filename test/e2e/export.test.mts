import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { ALL_DEVICES_QUERY } from '../simulator/saved-queries.mts';
import type { Tenant } from '../simulator/tenant.mts';
import { runCommand } from './harness/command.mts';
import { lastExecution } from './harness/executions.mts';
import { credentialFor, startTenantOfRun } from './harness/tenant.mts';
import { createUserFolder } from './harness/user-folders.mts';
import { importFile, manualTrigger, nexthinkNode, workflowOf } from './harness/workflows.mts';

const run = inject('run');
const WORKFLOW = 'export';

let tenant: Tenant;
let userFolder: string;

beforeAll(async () => {
	// Its file has 1.4 MB.
	tenant = await startTenantOfRun(run, { devices: 10_000 });
	userFolder = await createUserFolder(run, 'export', 'newest');
	const parameters = { resource: 'nqlQuery', operation: 'export', queryId: ALL_DEVICES_QUERY };
	const node = nexthinkNode('Export', {
		credentialId: 'tenant',
		parameters,
		onError: 'continueErrorOutput',
	});
	const workflow = workflowOf(WORKFLOW, [manualTrigger(), node], [['Start', 'Export']]);
	for (const args of [
		[
			'import:credentials',
			importFile(userFolder, 'credentials', [credentialFor(tenant, { id: 'tenant' })]),
		],
		['import:workflow', importFile(userFolder, 'workflows', [workflow])],
	]) {
		const { exitCode } = await runCommand(args, { version: 'newest', userFolder });
		expect(exitCode).toBe(0);
	}
});

afterAll(async () => await tenant.close());

it('a file that n8n does not store is fetched once, and the reason is n8n’s own', async () => {
	const { exitCode } = await runCommand(['execute', `--id=${WORKFLOW}`], {
		version: 'newest',
		userFolder,
		env: {
			N8N_DEFAULT_BINARY_DATA_MODE: 'database',
			N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE: '1',
		},
		beforeRepeat: () => tenant.reset(),
	});
	const execution = await lastExecution(userFolder);
	expect([exitCode, execution.output('Export', 0)]).toEqual([0, []]);
	const [item] = execution.output('Export', 1);
	expect(item).toMatchObject({ error: { code: 'FILE_NOT_STORED', retryable: false } });
	expect(item?.message).toMatch(
		/^The file of the export arrived, but n8n couldn't store it: .+exceeds.+ Ask your n8n administrator/,
	);
	expect(tenant.requests.filter(({ route }) => route === 'file')).toHaveLength(1);
});
