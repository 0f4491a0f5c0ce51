import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { MAIN_EXAMPLE, triggerNodes, withLive } from '../demonstration/example-workflows.mts';
import type { Tenant } from '../simulator/tenant.mts';
import { runCommand } from './harness/command.mts';
import { createWorkflow, runInEditor } from './harness/editor-runs.mts';
import { answered, formOf, runFromTrigger, runOnEarlierNights } from './harness/example-runs.mts';
import {
	credentialsOfExamples,
	asLive,
	EXAMPLES_TO_RUN,
	FAN_OUT,
	FORM_LOGIN,
	nexthinkNodes,
	NIGHTLY,
	postingTo,
	type Example,
} from './harness/examples.mts';
import type { SavedExecution } from './harness/executions.mts';
import { openForm } from './harness/form.mts';
import { outcomesOf, sumsOf } from './harness/outcomes.mts';
import { PROOF } from './harness/proof.mts';
import { freePort } from '../ports.mts';
import { failedLive, failingOnce, retried } from './harness/retries.mts';
import { startServer, type N8nServer } from './harness/server.mts';
import { startTenantOfRun } from './harness/tenant.mts';
import { createUserFolder } from './harness/user-folders.mts';
import { importFile, type WorkflowFile } from './harness/workflows.mts';

const run = inject('run');

let tenant: Tenant;
let server: N8nServer;

beforeAll(async () => {
	tenant = await startTenantOfRun(run);
	const userFolder = await createUserFolder(run, 'first-click', 'newest');
	const options = { version: 'newest', userFolder } as const;
	const credentials = importFile(userFolder, 'credentials', credentialsOfExamples(tenant));
	expect((await runCommand(['import:credentials', credentials], options)).exitCode).toBe(0);
	server = await startServer(options);
});

beforeEach(() => tenant.reset());

afterAll(async () => {
	await server?.stop();
	await tenant.close();
});

// A click on the proof on one device opens its form: its own tests fill it in.
const EVERY = EXAMPLES_TO_RUN.filter((example) => example !== PROOF).flatMap((example) =>
	triggerNodes(example.workflow).map(({ name }) => [example.file, name, example] as const),
);

const DELETING = EVERY.filter(([, , example]) => nexthinkNodes(example).length > 0);

const MAIN = EXAMPLES_TO_RUN.find(({ file }) => file === MAIN_EXAMPLE)!;
const APPROVAL = EXAMPLES_TO_RUN.find(({ file }) => file === 'dry-run-approval-delete.json')!;

/** The chunks of the fan-out would leave this machine. */
async function asImported(example: Example): Promise<WorkflowFile> {
	return example === FAN_OUT ? postingTo(`http://127.0.0.1:${await freePort()}`) : example.workflow;
}

function expectNoDeletion(): void {
	expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
	expect(tenant.ledger.size).toBe(0);
}

function expectFailedBeforeDelete(execution: SavedExecution, example: Example): void {
	expect([execution.status, execution.error?.message]).toEqual([
		'error',
		expect.stringContaining('Once') as string,
	]);
	expect(execution.runs(nexthinkNodes(example)[0]!.name)).toEqual([]);
}

function expectDryRun(retry: SavedExecution, example: Example): void {
	expect(retry.mode).toBe('retry');
	const sums = sumsOf(outcomesOf(retry, nexthinkNodes(example)[0]!.name));
	expect(sums).toEqual({ DRY_RUN: expect.any(Number) as number });
	expectNoDeletion();
}

describe('a ready workflow as it is imported', () => {
	it(`${NIGHTLY.file} has nothing to delete on its first night`, async () => {
		const { id } = await createWorkflow(server.rest, NIGHTLY.workflow);
		const execution = await runInEditor(server.rest, id, 'Every night at 02:30');
		expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
		const statuses = execution.output('Outcome').map(({ status }) => status);
		expect(statuses.sort()).toEqual(['', 'WAITING', 'WAITING', 'WAITING', 'WAITING']);
		expect(execution.runs('Schedule deletions')).toEqual([]);
		expectNoDeletion();
	});

	it.each(EVERY)('%s, executed from "%s", sends no deletion', async (_, trigger, example) => {
		await runOnEarlierNights(server.rest, example);
		const { id } = await createWorkflow(server.rest, await asImported(example));
		const execution = await runInEditor(server.rest, id, trigger);
		expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
		expect(execution.mode).toBe('manual');
		for (const { name } of nexthinkNodes(example)) {
			const sums = sumsOf(outcomesOf(execution, name));
			expect([name, sums]).toEqual([name, { DRY_RUN: expect.any(Number) as number }]);
		}
		expectNoDeletion();
	});

	it.each(DELETING)(
		'%s, executed from "%s", failed and retried, sends no deletion',
		async (_, trigger, example) => {
			await runOnEarlierNights(server.rest, example);
			const workflow = failingOnce(await asImported(example));
			const { id } = await createWorkflow(server.rest, workflow);
			const failed = await runInEditor(server.rest, id, trigger);
			expectFailedBeforeDelete(failed, example);
			expectDryRun(await retried(server.rest, failed, 'original'), example);
		},
	);
});

describe('a ready workflow that began with live true and failed before its deletion', () => {
	async function failLive(trigger: string, example: Example): Promise<SavedExecution> {
		await runOnEarlierNights(server.rest, example);
		const imported = { ...example, workflow: await asImported(example) };
		const failed = await failedLive(server.rest, imported, trigger);
		expectFailedBeforeDelete(failed, example);
		return failed;
	}

	it.each(DELETING)(
		'sends no deletion if live is false in the saved workflow with which it is retried: %s from "%s"',
		async (_, trigger, example) => {
			const failed = await failLive(trigger, example);
			expectDryRun(await retried(server.rest, failed, 'saved now'), example);
		},
	);

	it('says in its form that nothing is sent, and sends nothing after a yes, if it is retried with live false', async () => {
		const failed = await failedLive(server.rest, APPROVAL, 'Start by hand', 'Wait for approval');
		expect(failed.error?.message).toContain('Once');
		const waiting = await retried(server.rest, failed, 'saved now');
		const form = await openForm(formOf(APPROVAL, waiting), FORM_LOGIN);
		expect(await form.text()).toContain('Dry run:</b> nothing is sent, whatever you choose.');
		expectDryRun(await answered(server.rest, APPROVAL, waiting), APPROVAL);
	});

	it('sends its deletions if it is retried with its original workflow, as n8n keeps that whole', async () => {
		const failed = await failLive('Start by hand', MAIN);
		const execution = await retried(server.rest, failed, 'original');
		const sums = sumsOf(outcomesOf(execution, 'Schedule deletions'));
		expect(sums).toEqual({ SCHEDULED: expect.any(Number) as number });
		expect(tenant.ledger.size).toBe(sums.SCHEDULED);
	});
});

describe('a ready workflow that waits for its approval', () => {
	it('keeps the live that it began with, whatever is saved meanwhile: a no is what stops it', async () => {
		const { workflow } = asLive(APPROVAL);
		const { id, versionId } = await createWorkflow(server.rest, workflow);
		const waiting = await runFromTrigger(server.rest, APPROVAL, id);
		const { nodes } = withLive(workflow, false);
		await server.rest.patch(`/workflows/${id}`, { nodes, versionId });
		const execution = await answered(server.rest, APPROVAL, waiting);
		const sums = sumsOf(outcomesOf(execution, 'Schedule deletions'));
		expect(sums).toEqual({ SCHEDULED: expect.any(Number) as number });
	});
});
