import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Tenant } from '../simulator/tenant.mts';
import { runCommand } from './harness/command.mts';
import { createWorkflow, executionOver } from './harness/editor-runs.mts';
import {
	formOf,
	resumed,
	runFromTrigger,
	runOnEarlierNights,
	runToItsEnd,
} from './harness/example-runs.mts';
import {
	addressOf,
	asLive,
	credentialsOfExamples,
	EXAMPLES_TO_RUN,
	FAN_OUT,
	FORM_LOGIN,
	holdsNode,
	isByName,
	isInPinnedData,
	needsServer,
	nexthinkNodes,
	NIGHTLY,
	onNight,
	postingTo,
	takingChunks,
	WEBHOOK,
	WEBHOOK_KEY,
	type Example,
} from './harness/examples.mts';
import { lastExecution, type SavedExecution } from './harness/executions.mts';
import { fillInForm, openForm, postForm } from './harness/form.mts';
import { compareWithLedger, outcomesOf, sumsOf } from './harness/outcomes.mts';
import { PROOF } from './harness/proof.mts';
import { freePort } from '../ports.mts';
import { startServer, type N8nServer } from './harness/server.mts';
import { startTenantOfRun } from './harness/tenant.mts';
import { createUserFolder } from './harness/user-folders.mts';
import { importFile, type WorkflowFile } from './harness/workflows.mts';

const run = inject('run');
const WAIT = 'n8n-nodes-base.wait';
// The proof on one device asks in more than one form, and has tests of its own.
const EXAMPLES = EXAMPLES_TO_RUN.filter((example) => needsServer(example) && example !== PROOF);
const holds = (type: string) => (example: Example) =>
	example.workflow.nodes.some((node) => node.type === type);
const STARTED = EXAMPLES.filter((example) => example !== WEBHOOK && example !== FAN_OUT);
const WITH_APPROVAL = STARTED.filter(holds(WAIT));
const WITH_SECOND_LOOKUP = WITH_APPROVAL.filter((example) => holdsNode(example, 'Look up again'));

let tenant: Tenant;
let server: N8nServer;
/** Id of the workflow that is at the address of the webhook. */
let published: string | undefined;

beforeAll(async () => {
	tenant = await startTenantOfRun(run);
	const options = {
		version: 'newest',
		userFolder: await createUserFolder(run, 'server', 'newest'),
	} as const;
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

const TABLE = 'nexthink_deletion_audit';

/** The example with a Data Table that no other run has written to. */
function withNewTable(example: Example): Example {
	return JSON.parse(JSON.stringify(example).replaceAll(TABLE, `audit_${++tables}`)) as Example;
}

/** The name of its Data Table, and where the server has the tables. */
async function tableOf(example: Example): Promise<{ path: string; name: string }> {
	const { id } = await server.rest.get<{ id: string }>('/projects/personal');
	const name = /audit_\d+/.exec(JSON.stringify(example))![0];
	return { path: `/projects/${id}/data-tables`, name };
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
	expect(notApproved.length).toBeGreaterThan(0);
	expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
}

describe('a ready workflow in the server', () => {
	it.each(STARTED)('$file says of each device what the tenant did', async (example) => {
		await runOnEarlierNights(server.rest, example);
		const { id } = await createWorkflow(server.rest, asLive(example).workflow);
		expectAgreement(example, await runToItsEnd(server.rest, example, id));
	});

	it.each(WITH_APPROVAL)('$file sends nothing if the answer is no', async (example) => {
		const { id } = await createWorkflow(server.rest, asLive(example).workflow);
		const execution = await runToItsEnd(server.rest, example, id, 'last');
		expectRefused(execution);
	});

	it.each(WITH_SECOND_LOOKUP)(
		'$file shows what it is about, and sends nothing that has changed by the time of the answer',
		async (example) => {
			const { id } = await createWorkflow(server.rest, asLive(example).workflow);
			const waiting = await runFromTrigger(server.rest, example, id);
			const url = formOf(example, waiting);
			const form = await (await openForm(url, FORM_LOGIN)).text();
			const devices = new Map(waiting.output('Certain?').map((device) => [device.uid, device]));
			expect(form).toContain(
				`choose Delete them to schedule these ${devices.size} devices for deletion`,
			);
			expect(form).toContain('Your decision is about all of them.');
			for (const { uid, name } of devices.values()) {
				expect(form).toMatch(new RegExp(`<td>${String(name)}</td>.*<td>${String(uid)}</td>`));
			}

			const [changed, ...unchanged] = devices.keys();
			const position = tenant.knownDevices.findIndex((device) => device.uid === changed);
			const uid = '00000000-0000-4000-8000-000000000001';
			tenant.knownDevices[position] = { ...tenant.knownDevices[position]!, uid };
			await fillInForm(url, 'first', FORM_LOGIN);
			const execution = await resumed(server.rest, waiting.id);
			expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
			expect([...tenant.ledger.uids()].sort()).toEqual(unchanged.sort());
			expect(matchesIn(execution)).toContain(isByName(example) ? 'ANOTHER_DEVICE' : 'NOT_FOUND');
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

	it(`${WEBHOOK.file} answers its caller with the outcome of each device`, async () => {
		const { workflow } = asLive(WEBHOOK);
		await publish(workflow);
		const { status, body } = await callWebhook(workflow);
		expect([status, body.live]).toEqual([200, true]);
		expect(body.devices.map(({ uid }) => uid)).toEqual([...tenant.ledger.uids()]);
		// The answer leaves before the execution has ended.
		const last = await lastExecution(server.userFolder);
		expectAgreement(WEBHOOK, await executionOver(server.rest, last.id));
	});

	it.each([
		['with another word than true', true, 'true'],
		['while live is false in Settings', false, true],
	])(`${WEBHOOK.file} makes a dry run %s`, async (_, isLive, live) => {
		const { workflow } = isLive ? asLive(WEBHOOK) : WEBHOOK;
		await publish(workflow);
		const { status, body } = await callWebhook(workflow, { live });
		expect([status, body.live]).toEqual([200, false]);
		expect(body.devices.map((device) => device.status)).toEqual(Array(3).fill('DRY_RUN'));
		expect(tenant.requests).toEqual([]);
	});

	it.each([
		[true, 'SCHEDULED'],
		[false, 'DRY_RUN'],
	])(
		`${FAN_OUT.file} hands its chunks to the webhook with live = %s, and has each device as %s`,
		async (isLive, status) => {
			const webhook = takingChunks(asLive(WEBHOOK));
			await publish(webhook);
			const example = isLive ? asLive(FAN_OUT) : FAN_OUT;
			const url = addressOf(server.origin, webhook);
			const { id } = await createWorkflow(server.rest, postingTo(url, example));
			const execution = await runFromTrigger(server.rest, example, id);
			expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
			const outcomes = outcomesOf(execution, 'Outcome of each device');
			expect(outcomes.map((outcome) => outcome.status)).toEqual(Array(3).fill(status));
			expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);
		},
	);

	it.each([
		[true, 'UNKNOWN'],
		[false, 'NOT_SENT'],
	])(
		`${FAN_OUT.file} with live = %s has the devices of a chunk that is not answered as %s`,
		async (isLive, status) => {
			const example = isLive ? asLive(FAN_OUT) : FAN_OUT;
			const nowhere = `http://127.0.0.1:${await freePort()}`;
			const { id } = await createWorkflow(server.rest, postingTo(nowhere, example));
			const execution = await runFromTrigger(server.rest, example, id);
			expect(execution.output('Outcome of each device')).toMatchObject(
				Array(3).fill({ status, reason: expect.stringMatching(/^Its chunk wasn't answered: /) }),
			);
		},
	);
});

describe(`${NIGHTLY.file}, night after night,`, () => {
	/** Those of its list that are stale; the fifth was seen two weeks ago. */
	const STALE = ['BLR-WS-000020', 'LAU-LT-000022', 'MAD-VD-000024', 'PAR-VD-000021'];
	const [SOME, ...OTHERS] = STALE;
	let example: Example;
	beforeEach(() => {
		example = withNewTable(NIGHTLY);
	});

	/** Runs the example as on that night, -1 being tomorrow. */
	async function run(daysAgo: number, isLive = true): Promise<SavedExecution> {
		const settled = onNight(isLive ? asLive(example) : example, daysAgo);
		const { id } = await createWorkflow(server.rest, settled.workflow);
		const execution = await runFromTrigger(server.rest, settled, id);
		expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
		const outcomes = outcomesOf(execution, 'Schedule deletions');
		const sent = new Set(
			outcomes.filter((each) => each.status === 'SCHEDULED').map(({ uid }) => uid),
		);
		expect(sent.size).toBe(isLive ? outcomes.length : 0);
		return execution;
	}

	const queued = () => tenant.ledger.entries.map(({ name }) => name).sort();

	/** The names of the lines that have a status. */
	function having(status: string, execution: SavedExecution): unknown[] {
		const lines = execution.output('Outcome').filter((line) => line.status === status);
		return lines.map(({ name }) => name).sort();
	}

	/** The lines of the table, oldest first. */
	async function table(): Promise<Array<Record<string, unknown>>> {
		const { path, name } = await tableOf(example);
		const filter = encodeURIComponent(JSON.stringify({ name }));
		const found = await server.rest.get<{ data: Array<{ id: string; name: string }> }>(
			`${path}?filter=${filter}`,
		);
		const { id } = found.data.find((each) => each.name === name)!;
		const rows = await server.rest.get<{ data: Array<Record<string, unknown>> }>(
			`${path}/${id}/rows?take=100&sortBy=id:asc`,
		);
		return rows.data;
	}

	/** Sets when a device of the list was last seen. */
	function seen(name: string, daysAgo: number): void {
		const position = tenant.knownDevices.findIndex((device) => device.name === name);
		const lastSeen = Date.now() - daysAgo * 86_400_000;
		tenant.knownDevices[position] = { ...tenant.knownDevices[position]!, lastSeen };
	}

	it('sends nothing on two nights, all that is still stale on the third, and none of it again', async () => {
		for (const daysAgo of [3, 2]) {
			expect(having('WAITING', await run(daysAgo))).toEqual(STALE);
			expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
		}
		const third = await run(1);
		expect(having('SCHEDULED', third)).toEqual(STALE);
		expect(queued()).toEqual(STALE);
		const outcomes = outcomesOf(third, 'Schedule deletions');
		expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);

		const requests = tenant.requests.filter(({ route }) => route === 'deletions').length;
		for (const daysAgo of [1, 0]) {
			const later = await run(daysAgo);
			expect(having('STILL_PRESENT', later)).toEqual(STALE);
			expect(later.output('Manual review').map(({ status }) => status)).toContain('STILL_PRESENT');
		}
		tenant.carryOutDeletions();
		const last = await run(-1);
		expect(having('GONE', last)).toEqual(STALE);
		expect(last.output('Manual review')).toMatchObject([{ match: 'RECENTLY_SEEN' }]);
		expect(tenant.requests.filter(({ route }) => route === 'deletions')).toHaveLength(requests);

		const lines = await table();
		expect(lines).toHaveLength(6 * (STALE.length + 1));
		const ofSome = lines.filter(({ name }) => name === SOME);
		expect(ofSome.map(({ nights, status }) => [nights, status])).toEqual([
			[1, 'WAITING'],
			[2, 'WAITING'],
			[3, 'SCHEDULED'],
			[3, 'STILL_PRESENT'],
			[3, 'STILL_PRESENT'],
			[0, 'GONE'],
		]);
		expect(new Set(ofSome.map(({ night }) => night)).size).toBe(5);
	});

	it('sends no device that came back on the second night', async () => {
		await run(2);
		seen(SOME!, 0);
		expect(having('', await run(1))).toContain(SOME);
		seen(SOME!, 60);
		expect(having('WAITING', await run(0))).toEqual([SOME]);
		expect(queued()).toEqual(OTHERS);
	});

	it('sends nothing after a night without a run', async () => {
		for (const daysAgo of [4, 3, 1, 0]) {
			expect(having('WAITING', await run(daysAgo))).toEqual(STALE);
		}
		expect(queued()).toEqual([]);
	});

	it('counts two runs in one night as one', async () => {
		for (const daysAgo of [1, 1, 0, 0]) {
			expect(having('WAITING', await run(daysAgo))).toEqual(STALE);
		}
		expect(queued()).toEqual([]);
	});

	it('starts to count again after a night on which Nexthink answered no query', async () => {
		for (const daysAgo of [3, 2]) await run(daysAgo);
		tenant.settings.nqlPermissionGranted = false;
		const unanswered = await run(1);
		const review = unanswered.output('Manual review');
		expect(review.map(({ match }) => match)).toEqual(Array(5).fill('UNKNOWN'));
		tenant.settings.nqlPermissionGranted = true;
		expect(having('WAITING', await run(0))).toEqual(STALE);
		expect(queued()).toEqual([]);
		const nights = (await table()).filter(({ name }) => name === SOME);
		expect(nights.map(({ match }) => match)).toEqual(['FOUND', 'FOUND', 'UNKNOWN', 'FOUND']);
	});

	it('sends nothing while live is false, and counts those nights', async () => {
		for (const daysAgo of [4, 3])
			expect(having('WAITING', await run(daysAgo, false))).toEqual(STALE);
		for (const daysAgo of [2, 1])
			expect(having('DRY_RUN', await run(daysAgo, false))).toEqual(STALE);
		expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
		expect((await table()).map(({ status }) => status)).not.toContain('SCHEDULED');
		expect(having('SCHEDULED', await run(0))).toEqual(STALE);
		expect(queued()).toEqual(STALE);
	});

	it('sends nothing if more devices are due than Maximum Devices, and says so of each', async () => {
		const text = JSON.stringify(example);
		example = JSON.parse(text.replace('"maxDevices":500', '"maxDevices":3')) as Example;
		for (const daysAgo of [2, 1]) await run(daysAgo);
		const settled = asLive(example);
		const { id } = await createWorkflow(server.rest, settled.workflow);
		const execution = await runFromTrigger(server.rest, settled, id);
		expect(having('NOT_SENT', execution)).toEqual(STALE);
		expect(execution.output('Manual review')).toHaveLength(5);
		expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
	});

	it.each(['_2025', '_copy'])(
		'sends nothing, and says which, while another table has its name and %j, until that is renamed',
		async (ending) => {
			for (const daysAgo of [2, 1]) await run(daysAgo);
			const { path, name } = await tableOf(example);
			const other = await server.rest.post<{ id: string }>(path, {
				name: `${name}${ending}`,
				columns: [{ name: 'night', type: 'string' }],
			});
			const settled = asLive(example);
			const { id } = await createWorkflow(server.rest, settled.workflow);
			const stopped = await runFromTrigger(server.rest, settled, id);
			expect(stopped.status).toBe('error');
			expect(stopped.error?.message).toContain(`n8n found: ${name}, ${name}${ending}`);
			expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
			expect(await table()).toHaveLength(10);

			await server.rest.patch(`${path}/${other.id}`, { name: `other${ending}` });
			expect(having('SCHEDULED', await run(0))).toEqual(STALE);
		},
	);

	it('drops lines after 90 days, but not that a device was scheduled', async () => {
		for (const daysAgo of [94, 93, 92, 1]) await run(daysAgo);
		const left = await table();
		expect(
			left
				.filter(({ status }) => status === 'SCHEDULED')
				.map(({ name }) => name)
				.sort(),
		).toEqual(STALE);
		expect(left).toHaveLength(4 + 5);
		expect(left.slice(-5).map(({ status }) => status)).toContain('STILL_PRESENT');
		expect(queued()).toEqual(STALE);
	});
});

describe('the form of csv-export.json, published', () => {
	const CSV = EXAMPLES_TO_RUN.find(({ file }) => file === 'csv-export.json')!;
	const FILE = '\uFEFFdevice.name,device.uid\n"=1+1;""x""",UID-1\nPC-2,UID-2\n';

	/** Publishes the example, and uploads the file in its form. Out: what came of it. */
	async function upload(isLive: boolean): Promise<SavedExecution> {
		const [first, second] = tenant.inventory;
		const { workflow } = isLive ? asLive(CSV) : CSV;
		await publish(workflow);
		const trigger = workflow.nodes.find(({ name }) => name === 'Upload the export');
		const url = `${server.origin}/form/${trigger!.webhookId}`;
		while ((await openForm(url)).status === 404) await wait(100);
		expect((await openForm(url)).status).toBe(401);
		expect((await openForm(url, FORM_LOGIN)).status).toBe(200);
		const body = new FormData();
		const text = FILE.replace('UID-1', first!.uid).replace('UID-2', second!.uid);
		body.set('field-0', new Blob([text], { type: 'text/csv' }), 'export.csv');
		const answer = await postForm(url, body, FORM_LOGIN);
		expect(answer.status).toBe(200);
		const { id } = await lastExecution(server.userFolder);
		return await executionOver(server.rest, id);
	}

	it.each([
		[false, 'DRY_RUN'],
		[true, 'SCHEDULED'],
	])(
		'reads the uploaded file, and with live = %s has its devices as %s',
		async (isLive, status) => {
			const execution = await upload(isLive);
			expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
			const outcomes = outcomesOf(execution, 'Schedule deletions');
			expect(outcomes).toMatchObject([
				{ uid: tenant.inventory[0]!.uid, name: '=1+1;"x"', status },
				{ uid: tenant.inventory[1]!.uid, name: 'PC-2', status },
			]);
			expect(tenant.ledger.size).toBe(isLive ? 2 : 0);
		},
	);

	it('makes a file that a spreadsheet runs no formula of', async () => {
		const execution = await upload(true);
		const [item] = execution.runs('Outcome as CSV').at(-1)?.data?.main?.[0] ?? [];
		const id = encodeURIComponent(item?.binary?.data?.id ?? '');
		const file = await server.rest.get<string>(`/binary-data?id=${id}&action=download`);
		const [titles, first] = file.replace('\uFEFF', '').split(/\r?\n/);
		expect(titles).toBe('uid,name,status,reason,requestId');
		expect(first).toContain(`${tenant.inventory[0]!.uid},"'=1+1;""x""",SCHEDULED,`);
	});
});

/** Creates a workflow and activates it, in place of the one that has had its address. */
async function publish(workflow: WorkflowFile): Promise<void> {
	if (published !== undefined) await server.rest.post(`/workflows/${published}/deactivate`);
	const { id, versionId } = await createWorkflow(server.rest, workflow);
	await server.rest.post(`/workflows/${id}/activate`, { versionId });
	published = id;
}

interface AnswerOfWebhook {
	readonly live: boolean;
	readonly devices: ReadonlyArray<{ readonly uid: string; readonly status: string }>;
}

/** Sends what the workflow has pinned, changed as said, as soon as n8n listens there. */
async function callWebhook(
	workflow: WorkflowFile,
	change: object = {},
): Promise<{ status: number; body: AnswerOfWebhook }> {
	const [pinned] = Object.values(workflow.pinData ?? {}).flat();
	for (;;) {
		const response = await fetch(addressOf(server.origin, workflow), {
			method: 'POST',
			headers: { 'content-type': 'application/json', [WEBHOOK_KEY.name]: WEBHOOK_KEY.value },
			body: JSON.stringify({ ...(pinned?.json.body as object), ...change }),
		});
		const body = (await response.json()) as AnswerOfWebhook;
		if (response.status !== 404) return { status: response.status, body };
		await wait(100);
	}
}
