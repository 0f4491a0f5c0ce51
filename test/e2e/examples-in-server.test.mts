import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Tenant } from '../simulator/tenant.mts';
import { runCommand } from './harness/command.mts';
import { createWorkflow, executionOver } from './harness/editor-runs.mts';
import { formOf, resumed, runFromTrigger, runToItsEnd } from './harness/example-runs.mts';
import {
	asLive,
	credentialsOfExamples,
	EXAMPLES_TO_RUN,
	isInPinnedData,
	needsServer,
	nexthinkNodes,
	WEBHOOK_KEY,
	type Example,
} from './harness/examples.mts';
import { lastExecution, type SavedExecution } from './harness/executions.mts';
import { fillInForm } from './harness/form.mts';
import { compareWithLedger, outcomesOf, sumsOf } from './harness/outcomes.mts';
import { createUserFolder } from './harness/run.mts';
import { startServer, type N8nServer } from './harness/server.mts';
import { startTenantOfRun } from './harness/tenant.mts';
import { importFile } from './harness/workflows.mts';

const run = inject('run');
const WEBHOOK = 'n8n-nodes-base.webhook';
const WAIT = 'n8n-nodes-base.wait';
const EXAMPLES = EXAMPLES_TO_RUN.filter(needsServer);
const holds = (type: string) => (example: Example) =>
	example.workflow.nodes.some((node) => node.type === type);
const CALLED = EXAMPLES.filter(holds(WEBHOOK));
const STARTED = EXAMPLES.filter((example) => !holds(WEBHOOK)(example));
const WITH_APPROVAL = STARTED.filter(holds(WAIT));
const named = (node: string) => (example: Example) =>
	example.workflow.nodes.some(({ name }) => name === node);
const WITH_SETTINGS = STARTED.filter(named('Settings'));
const WITH_SECOND_LOOKUP = WITH_APPROVAL.filter(named('Look up again'));
const WITH_DATA_TABLE = STARTED.filter(holds('n8n-nodes-base.dataTable'));

let tenant: Tenant;
let server: N8nServer;

beforeAll(async () => {
	tenant = await startTenantOfRun(run);
	const options = { version: 'newest', userFolder: await createUserFolder(run, 'server') } as const;
	const credentials = importFile(options.userFolder, 'credentials', credentialsOfExamples(tenant));
	expect((await runCommand(['import:credentials', credentials], options)).exitCode).toBe(0);
	server = await startServer(options);
});

beforeEach(() => tenant.reset());

afterAll(async () => {
	await server?.stop();
	await tenant.close();
});

/** Why each device is for manual review; n8n must have run its node once. */
function matchesIn(execution: SavedExecution): unknown[] {
	expect(execution.runs('Manual review')).toHaveLength(1);
	return execution.output('Manual review').map(({ match }) => match);
}

let tables = 0;

/** The example with a Data Table that no other run has written to. */
function withNewTable(example: Example): Example {
	const name = `audit_${++tables}`;
	return JSON.parse(JSON.stringify(example).replaceAll('nexthink_deletion_audit', name)) as Example;
}

/** The nodes that are set to really delete. */
function deletingNodes(example: Example): string[] {
	const nodes = nexthinkNodes(example).filter(({ parameters }) => parameters.dryRun !== true);
	return nodes.map(({ name }) => name);
}

function expectAgreement(example: Example, execution: SavedExecution): void {
	expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
	for (const node of deletingNodes(example)) {
		const outcomes = outcomesOf(execution, node);
		expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);
		expect(outcomes.map(({ index }) => index)).toEqual(outcomes.map((_, index) => index));
		expect(sumsOf(outcomes).SCHEDULED).toBeGreaterThan(0);
	}
	for (const entry of tenant.ledger.entries) {
		expect([entry.name, isInPinnedData(example, entry)]).toEqual([entry.name, true]);
	}
}

/** Starts an example that waits for its answer for a second at most. Out: id of the execution. */
async function runUntilItAsks(example: Example): Promise<string> {
	const { workflow } = asLive(example);
	const nodes = workflow.nodes.map((node) =>
		node.type === WAIT
			? { ...node, parameters: { ...node.parameters, resumeAmount: 1, resumeUnit: 'seconds' } }
			: node,
	);
	const { id } = await createWorkflow(server.rest, { ...workflow, nodes });
	return (await runFromTrigger(server.rest, example, id)).id;
}

function expectRefused(execution: SavedExecution): void {
	expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
	const review = execution.output('Manual review');
	const notApproved = review.filter(({ reason }) => String(reason).startsWith('Not approved'));
	expect(execution.runs('Not approved').length + notApproved.length).toBeGreaterThan(0);
	expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
}

describe('a ready workflow in the server', () => {
	it.each(STARTED)('$file says of each device what the tenant did', async (example) => {
		const { id } = await createWorkflow(server.rest, asLive(example).workflow);
		expectAgreement(example, await runToItsEnd(server.rest, example, id));
	});

	it.each(WITH_DATA_TABLE)(
		'$file sends what a dry run has written down, and no device a second time',
		async (file) => {
			const example = withNewTable(file);
			const asImported = await createWorkflow(server.rest, example.workflow);
			const dryRun = await runToItsEnd(server.rest, example, asImported.id);
			expect(dryRun.output('Outcome').map(({ status }) => status)).not.toContain('SCHEDULED');
			const { id } = await createWorkflow(server.rest, asLive(example).workflow);
			const live = await runToItsEnd(server.rest, example, id);
			expectAgreement(example, live);
			const [all, scheduled] = [live.output('Outcome').length, tenant.ledger.size];
			tenant.reset();
			const again = await runToItsEnd(server.rest, example, id);
			expect([again.status, again.output('Outcome').length]).toEqual(['success', all - scheduled]);
			expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
		},
	);

	it.each(WITH_APPROVAL)('$file sends nothing if the answer is no', async (example) => {
		const { id } = await createWorkflow(server.rest, asLive(example).workflow);
		const execution = await runToItsEnd(server.rest, example, id, 'last');
		expectRefused(execution);
	});

	it.each(WITH_SETTINGS)(
		'$file as imported comes to its end and sends no deletion',
		async (example) => {
			const { id } = await createWorkflow(server.rest, withNewTable(example).workflow);
			const execution = await runFromTrigger(server.rest, example, id);
			expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
			for (const node of deletingNodes(example)) {
				expect(sumsOf(outcomesOf(execution, node)).DRY_RUN).toBeGreaterThan(0);
			}
			expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
		},
	);

	it.each(WITH_SECOND_LOOKUP)(
		'$file shows what it is about, and sends nothing that has changed by the time of the answer',
		async (example) => {
			const { id } = await createWorkflow(server.rest, asLive(example).workflow);
			const waiting = await runFromTrigger(server.rest, example, id);
			const form = await (await fetch(formOf(example, waiting))).text();
			expect(form).toContain('2 devices would be scheduled for deletion');
			expect(form).toContain('Your decision is about all of them.');
			const [changed, unchanged] = waiting.output('Certain?');
			for (const { uid, name } of [changed!, unchanged!]) {
				expect(form).toMatch(new RegExp(`<td>${String(name)}</td>.*<td>${String(uid)}</td>`));
			}

			const position = tenant.knownDevices.findIndex(({ uid }) => uid === changed?.uid);
			const uid = '00000000-0000-4000-8000-000000000001';
			tenant.knownDevices[position] = { ...tenant.knownDevices[position]!, uid };
			await fillInForm(formOf(example, waiting));
			const execution = await resumed(server.rest, waiting.id);
			expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
			expect([...tenant.ledger.uids()]).toEqual([unchanged?.uid]);
			expect(matchesIn(execution)).toEqual(
				expect.arrayContaining(['ANOTHER_DEVICE', 'AMBIGUOUS', 'NOT_FOUND', 'CHECK_MISMATCH']),
			);
		},
	);

	// n8n looks for waits that are over once a minute, so all of them wait at the same time.
	it('nothing is sent by those that ask a person if nobody answers in time', async () => {
		const waiting: string[] = [];
		for (const example of WITH_APPROVAL) waiting.push(await runUntilItAsks(example));
		expect(waiting).not.toEqual([]);
		for (const execution of await Promise.all(waiting.map((id) => resumed(server.rest, id))))
			expectRefused(execution);
	});

	it.each(CALLED)('$file answers its caller with the outcome of each device', async (example) => {
		const { id, versionId } = await createWorkflow(server.rest, example.workflow);
		await server.rest.post(`/workflows/${id}/activate`, { versionId });
		const { status, body } = await callWebhook(example);
		// The answer leaves before the execution has ended.
		const last = await lastExecution(server.userFolder);
		const execution = await executionOver(server.rest, last.id);
		expectAgreement(example, execution);
		const told = JSON.stringify(body);
		for (const node of deletingNodes(example)) {
			const outcomes = outcomesOf(execution, node);
			for (const { uid } of outcomes) expect(told).toContain(JSON.stringify(uid));
			const everyOne = outcomes.every((outcome) => outcome.status === 'SCHEDULED');
			expect(status).toBe(everyOne ? 200 : 207);
		}
	});
});

/** Sends what the example has pinned, as soon as n8n listens there. */
async function callWebhook({ workflow }: Example): Promise<{ status: number; body: unknown }> {
	const webhook = workflow.nodes.find(({ type }) => type === WEBHOOK);
	const pinned = workflow.pinData?.[webhook?.name ?? '']?.[0]?.json.body;
	for (;;) {
		const response = await fetch(`${server.origin}/webhook/${String(webhook?.parameters.path)}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', [WEBHOOK_KEY.name]: WEBHOOK_KEY.value },
			body: JSON.stringify(pinned),
		});
		const body: unknown = await response.json();
		if (response.status !== 404) return { status: response.status, body };
		await wait(100);
	}
}
