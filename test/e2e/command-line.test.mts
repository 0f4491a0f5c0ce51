import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Tenant } from '../simulator/tenant.mts';
import { runCommand, type CommandResult } from './harness/command.mts';
import { expectDryRun } from './harness/dry-run.mts';
import {
	asLive,
	breakLineOfFile,
	credentialsOfExamples,
	EXAMPLES_TO_RUN,
	forCommandLine,
	isInPinnedData,
	LARGE_LIST,
	LOOKUP_EXAMPLES,
	needsServer,
	nexthinkNodes,
	UID_EXAMPLES,
} from './harness/examples.mts';
import { lastExecution, type SavedExecution } from './harness/executions.mts';
import { compareWithLedger, outcomesOf, sumsOf } from './harness/outcomes.mts';
import { credentialFor, startTenantOfRun } from './harness/tenant.mts';
import { createUserFolder } from './harness/user-folders.mts';
import {
	importFile,
	listNode,
	manualTrigger,
	nexthinkNode,
	workflowOf,
	type NexthinkNodeOptions,
	type WorkflowFile,
} from './harness/workflows.mts';

const run = inject('run');
const CREDENTIAL_ID = 'commandLine00001';
const EXAMPLES = EXAMPLES_TO_RUN.filter((example) => !needsServer(example));

let tenant: Tenant;
let userFolder: string;

beforeAll(async () => {
	tenant = await startTenantOfRun(run);
	userFolder = await createUserFolder(run, 'command-line', 'newest');
	const credentials = [
		...credentialsOfExamples(tenant),
		credentialFor(tenant, { id: CREDENTIAL_ID }),
	];
	const workflows = [
		...[...EXAMPLES.map(asLive), ...LOOKUP_EXAMPLES, ...UID_EXAMPLES].map(forCommandLine),
		...ownWorkflows(),
	];
	const imports = [
		['import:credentials', importFile(userFolder, 'credentials', credentials)],
		['import:workflow', importFile(userFolder, 'workflows', workflows)],
	];
	for (const args of imports) expect((await command(args)).exitCode).toBe(0);
});

afterAll(async () => await tenant.close());

/** Start, a list of 250 devices of the tenant, and the node with a credential of its own. */
function ownWorkflows(): WorkflowFile[] {
	const workflow = (id: string, options: Omit<NexthinkNodeOptions, 'credentialId'>) =>
		workflowOf(
			id,
			[
				manualTrigger(),
				listNode('Devices', tenant.inventory.slice(0, 250)),
				nexthinkNode('Delete', { credentialId: CREDENTIAL_ID, ...options }),
			],
			[
				['Start', 'Devices'],
				['Devices', 'Delete'],
			],
		);
	return [
		workflow('stop', {}),
		workflow('errorOutput', { onError: 'continueErrorOutput' }),
		workflow('smallBatches', { parameters: { options: { batchSize: 25 } } }),
	];
}

/** Runs a command in a new process. `prepare` sets the tenant up for it, once more should n8n crash and the command be repeated. */
async function command(args: readonly string[], prepare = () => {}): Promise<CommandResult> {
	const setUp = () => {
		tenant.reset();
		prepare();
	};
	setUp();
	return await runCommand(args, { version: 'newest', userFolder, beforeRepeat: setUp });
}

async function execute(
	id: string,
	prepare?: () => void,
): Promise<{ exitCode: number | null; execution: SavedExecution }> {
	const { exitCode } = await command(['execute', `--id=${id}`, '--rawOutput'], prepare);
	return { exitCode, execution: await lastExecution(userFolder) };
}

function switchFeatureOff(): void {
	tenant.settings.featureEnabled = false;
}

function requestsTo(route: 'token' | 'deletions') {
	return tenant.requests.filter((request) => request.route === route);
}

describe('a ready workflow on the command line', () => {
	it.each(EXAMPLES)('$file says of each device what the tenant did', async (example) => {
		const { exitCode, execution } = await execute(example.workflow.id);
		expect([exitCode, execution.status, execution.error?.message]).toEqual([
			0,
			'success',
			undefined,
		]);
		for (const { name } of nexthinkNodes(example)) {
			const outcomes = outcomesOf(execution, name);
			expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);
			expect(outcomes.map(({ index }) => index)).toEqual(outcomes.map((_, index) => index));
			expect(sumsOf(outcomes).SCHEDULED).toBeGreaterThan(0);
			expect(execution.hints(name).join()).toContain('devices scheduled');
		}
		for (const entry of tenant.ledger.entries) {
			expect([entry.name, isInPinnedData(example, entry)]).toEqual([entry.name, true]);
		}
	});

	it.each(UID_EXAMPLES)(
		'$file as imported has a line for each device of its list, and sends no deletion',
		async ({ workflow }) => {
			const { exitCode, execution } = await execute(workflow.id);
			expect([exitCode, execution.status, execution.error?.message]).toEqual([
				0,
				'success',
				undefined,
			]);
			expectDryRun(execution, tenant);
		},
	);

	it.each(LOOKUP_EXAMPLES)(
		'$file as imported says of each row what would become of it, and sends no deletion',
		async ({ workflow }) => {
			const { exitCode, execution } = await execute(workflow.id);
			expect([exitCode, execution.status, execution.error?.message]).toEqual([
				0,
				'success',
				undefined,
			]);
			const lines = execution.output('Outcome');
			const wouldGo = lines.filter(({ status }) => status === 'DRY_RUN').map(({ name }) => name);
			expect(new Set(wouldGo)).toEqual(new Set(['PAR-WS-000041', 'LAU-VD-000042']));
			expect(execution.runs('Manual review')).toHaveLength(1);
			expect(execution.output('Manual review')).toHaveLength(lines.length - wouldGo.length);
			expect(execution.output('Manual review')).toHaveLength(4);
			expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
		},
	);

	it('large-list-by-export.json has every row for manual review where a line of the file is broken', async () => {
		const { workflow } = LARGE_LIST;
		const { exitCode, execution } = await execute(workflow.id, () => breakLineOfFile(tenant));
		expect([exitCode, execution.status]).toEqual([0, 'success']);
		const routes = tenant.requests.map(({ route }) => route);
		expect(routes).toContain('file');
		expect(routes).not.toContain('deletions');
		const review = execution.output('Manual review');
		expect(review).toHaveLength(workflow.pinData!['Retired computers']!.length);
		expect(new Set(review.map(({ match }) => match))).toEqual(new Set(['UNKNOWN']));
	});
});

describe('n8n execute', () => {
	it('prints the execution, and 250 devices come out as the ledger has them', async () => {
		const { exitCode, log } = await command(['execute', '--id=stop', '--rawOutput']);
		expect(exitCode).toBe(0);
		const outcomes = outcomesOf(await lastExecution(userFolder), 'Delete');
		expect(outcomes).toHaveLength(250);
		expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);
		for (const { uid } of outcomes) expect(log).toContain(uid);
	});

	it('ends with 1 and says how to get on where the tenant refuses, with On Error = Stop', async () => {
		const { exitCode, execution } = await execute('stop', switchFeatureOff);
		expect([exitCode, execution.status]).toEqual([1, 'error']);
		expect(execution.error?.message).toContain("Data management API isn't enabled");
		expect(execution.error?.description).toContain('Ask Nexthink support');
		expect(execution.error?.context?.data).toMatchObject({
			code: 'FEATURE_NOT_ENABLED',
			httpStatus: 403,
		});
		expect(tenant.ledger.size).toBe(0);
	});

	it('ends with 0 and every device on the error branch there, with the error output', async () => {
		const { exitCode, execution } = await execute('errorOutput', switchFeatureOff);
		expect([exitCode, execution.status]).toEqual([0, 'success']);
		expect(execution.output('Delete', 0)).toEqual([]);
		const outcomes = outcomesOf(execution, 'Delete');
		expect(outcomes).toHaveLength(250);
		expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);
		const [first] = execution.output('Delete', 1);
		expect(first).toMatchObject({ ...tenant.inventory[0], error: { code: 'FEATURE_NOT_ENABLED' } });
	});
});

describe('the access token', () => {
	it('is stored: a second, cold process asks for none', async () => {
		await execute('stop');
		const { execution } = await execute('stop');
		expect(sumsOf(outcomesOf(execution, 'Delete'))).toEqual({ SCHEDULED: 250 });
		expect(requestsTo('token')).toHaveLength(0);
	});

	it('is asked for exactly once by a cold process whose stored one has expired', async () => {
		await execute('stop');
		const { exitCode, execution } = await execute('smallBatches', () => tenant.expireTokens());
		expect(exitCode).toBe(0);
		const outcomes = outcomesOf(execution, 'Delete');
		expect(sumsOf(outcomes)).toEqual({ SCHEDULED: 250 });
		expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);
		expect(requestsTo('token')).toHaveLength(1);
	});

	it('is replaced once when it expires in mid-run, and no device is lost', async () => {
		await execute('stop');
		const { exitCode, execution } = await execute('smallBatches', () =>
			tenant.faults.add({ route: 'deletions', from: 5, play: { kind: 'expireTokens' } }),
		);
		expect(exitCode).toBe(0);
		const outcomes = outcomesOf(execution, 'Delete');
		expect(sumsOf(outcomes)).toEqual({ SCHEDULED: 250 });
		expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);
		expect(requestsTo('token')).toHaveLength(1);
		expect(requestsTo('deletions').filter(({ status }) => status === 401)).not.toHaveLength(0);
	});
});
