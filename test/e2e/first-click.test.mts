import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { IConnections, INode } from 'n8n-workflow';
import { triggerNodes } from '../demonstration/example-workflows.mts';
import type { Tenant } from '../simulator/tenant.mts';
import { runCommand } from './harness/command.mts';
import { createWorkflow, executionOver, runInEditor } from './harness/editor-runs.mts';
import { runOnEarlierNights } from './harness/example-runs.mts';
import {
	credentialsOfExamples,
	EXAMPLES_TO_RUN,
	FAN_OUT,
	nexthinkNodes,
	NIGHTLY,
	postingTo,
	type Example,
} from './harness/examples.mts';
import { outcomesOf, sumsOf } from './harness/outcomes.mts';
import { PROOF } from './harness/proof.mts';
import { freePort } from './harness/ports.mts';
import { createUserFolder } from './harness/run.mts';
import { startServer, type N8nServer } from './harness/server.mts';
import { startTenantOfRun } from './harness/tenant.mts';
import { importFile, type WorkflowFile } from './harness/workflows.mts';

const run = inject('run');

let tenant: Tenant;
let server: N8nServer;

beforeAll(async () => {
	tenant = await startTenantOfRun(run);
	const userFolder = await createUserFolder(run, 'first-click');
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

/** The chunks of the fan-out would leave this machine. */
async function asImported(example: Example): Promise<WorkflowFile> {
	return example === FAN_OUT ? postingTo(`http://127.0.0.1:${await freePort()}`) : example.workflow;
}

/**
 * Out: the workflow with a node before each Delete that fails in a run by hand, and passes its items on in any other. n8n calls what
 * Retry starts a production run.
 */
function failingOnce(example: Example, workflow: WorkflowFile): WorkflowFile {
	const deletions = nexthinkNodes(example).map(({ name }) => name);
	const obstacles = deletions.map(
		(name, position): INode => ({
			id: `obstacle-${position}`,
			name: obstacleBefore(name),
			type: 'n8n-nodes-base.code',
			typeVersion: 2,
			position: [0, -200],
			parameters: {
				jsCode: `if ($execution.mode === 'test') throw new Error('Once');\nreturn $input.all();`,
			},
		}),
	);
	const connections = Object.entries(workflow.connections).map(([from, { main = [] }]) => {
		const outputs = main.map((output) =>
			(output ?? []).map((end) =>
				deletions.includes(end.node) ? { ...end, node: obstacleBefore(end.node) } : end,
			),
		);
		return [from, { main: outputs }] as const;
	});
	const fromObstacles = deletions.map((node) => {
		const end = { node, type: 'main' as const, index: 0 };
		return [obstacleBefore(node), { main: [[end]] }] as const;
	});
	return {
		...workflow,
		nodes: [...workflow.nodes, ...obstacles],
		connections: Object.fromEntries([...connections, ...fromObstacles]) as IConnections,
	};
}

const obstacleBefore = (name: string) => `Before ${name}`;

function expectNoDeletion(): void {
	expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
	expect(tenant.ledger.size).toBe(0);
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

	it.each(EVERY.filter(([, , example]) => nexthinkNodes(example).length > 0))(
		'%s, executed from "%s", failed and retried, sends no deletion',
		async (_, trigger, example) => {
			await runOnEarlierNights(server.rest, example);
			const workflow = failingOnce(example, await asImported(example));
			const { id } = await createWorkflow(server.rest, workflow);
			const failed = await runInEditor(server.rest, id, trigger);
			expect([failed.status, failed.error?.message]).toEqual([
				'error',
				expect.stringContaining('Once') as string,
			]);
			const [first] = nexthinkNodes(example);
			expect(failed.runs(first!.name)).toEqual([]);
			const retry = await server.rest.post<{ id: string }>(`/executions/${failed.id}/retry`, {
				loadWorkflow: false,
			});
			const retried = await executionOver(server.rest, retry.id);
			expect(retried.mode).toBe('retry');
			const sums = sumsOf(outcomesOf(retried, first!.name));
			expect(sums).toEqual({ DRY_RUN: expect.any(Number) as number });
			expectNoDeletion();
		},
	);
});
