import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { KnownDevice, Tenant, TenantSettings } from '../simulator/tenant.mts';
import { runCommand } from './harness/command.mts';
import { createWorkflow, executionOver } from './harness/editor-runs.mts';
import { credentialsOfExamples, FORM_LOGIN } from './harness/examples.mts';
import type { SavedExecution } from './harness/executions.mts';
import { openForm, postForm } from './harness/form.mts';
import {
	addressOfForm,
	begin,
	executeInEditor,
	formWith,
	proofWith,
	withOwnAddress,
	type Ending,
	type ProofRun,
	type ProofSettings,
} from './harness/proof.mts';
import { failingOnce, retried } from './harness/retries.mts';
import { startServer, type N8nServer } from './harness/server.mts';
import { startTenantOfRun } from './harness/tenant.mts';
import { createUserFolder } from './harness/user-folders.mts';
import { importFile, type WorkflowFile } from './harness/workflows.mts';

const run = inject('run');

const SECOND = 1 / 3600;

/** As in the node Settings: a quarter of a second between lookups, and the end once the device is gone. */
const SHORT: ProofSettings = {
	...{ live: true, hoursBetweenLookups: 0.25 * SECOND, hoursAfterGone: 0 },
};

let tenant: Tenant;
let server: N8nServer;
let tables = 0;

/** A run that waits while n8n dies and is started again, with a tenant of its own. */
let restarted: { tenant: Tenant; device: KnownDevice; proof: ProofRun };

beforeAll(async () => {
	tenant = await startTenantOfRun(run);
	const ofRestart = await startTenantOfRun(run, { settings: { removalSeconds: 1 } });
	const options = {
		version: 'newest',
		userFolder: await createUserFolder(run, 'proof', 'newest'),
	} as const;
	const others = credentialsOfExamples(ofRestart).map((each) => ({ ...each, id: other(each.id) }));
	const contents = [...credentialsOfExamples(tenant), ...others];
	const credentials = importFile(options.userFolder, 'credentials', contents);
	expect((await runCommand(['import:credentials', credentials], options)).exitCode).toBe(0);
	server = await startServer(options);

	const device = ofRestart.knownDevices[1]!;
	const settings = { ...SHORT, hoursBetweenLookups: 8 * SECOND };
	const workflow = JSON.stringify(proofWith(settings, newTable()));
	const withOthers = JSON.parse(workflow.replace(/"your-[a-z-]+"/g, other)) as WorkflowFile;
	const proof = await begin(server, await executeInEditor(server, withOthers), device.name);
	await confirm(proof, device);
	await server.kill();
	// Its lookup is due as n8n starts: n8n resumes what waits before its data tables are ready.
	await wait(8000);
	server = await startServer({ ...options, port: Number(new URL(server.origin).port) });
	restarted = { tenant: ofRestart, device, proof };
});

beforeEach(() => tenant.reset());

afterAll(async () => {
	await server?.stop();
	await tenant.close();
	await restarted?.tenant.close();
});

const other = (id: string) => id.replace(/your-/, 'other-');
const asItIs = (workflow: WorkflowFile) => workflow;
const newTable = () => `proof_${++tables}`;
const deletions = () => tenant.requests.filter(({ route }) => route === 'deletions');

/** Publishes the workflow at an address of its own. Out: the address of its form, once n8n listens there. */
async function publish(
	settings: ProofSettings = SHORT,
	change: (workflow: WorkflowFile) => WorkflowFile = asItIs,
	table = newTable(),
): Promise<string> {
	const workflow = withOwnAddress(change(proofWith(settings, table)));
	const { id, versionId } = await createWorkflow(server.rest, workflow);
	await server.rest.post(`/workflows/${id}/activate`, { versionId });
	const url = addressOfForm(server, workflow);
	while ((await openForm(url)).status === 404) await wait(50);
	return url;
}

/** Out: the workflow as n8n imports it for a user who used this Nexthink credential last, but for one node. */
function withCredential(workflow: WorkflowFile, last: string, corrected: string): WorkflowFile {
	const id = `your-nexthink-${last}-credential`;
	const nodes = workflow.nodes.map((node) =>
		node.name === corrected || !node.credentials?.nexthinkOAuth2Api
			? node
			: { ...node, credentials: { nexthinkOAuth2Api: { id, name: id } } },
	);
	return { ...workflow, nodes };
}

let publication: Promise<string> | undefined;

/** One published workflow for all that sends nothing. */
const shared = async () => await (publication ??= publish());

async function confirm(
	proof: ProofRun,
	{ name }: Pick<KnownDevice, 'name'>,
	choice = 'device.uid',
): Promise<Response> {
	return await proof.answer({ Send: choice, 'Device name, to confirm': name });
}

/** One round of the proof, from its form to its report: until the device is gone, or for one lookup if it stays, after so many milliseconds. */
async function prove(
	url: string,
	device: KnownDevice,
	{ choice = 'device.uid', stays = false, atLeast = 0 } = {},
): Promise<Ending> {
	const proof = await begin(server, url, device.name);
	await confirm(proof, device, choice);
	await wait(atLeast);
	if (stays) await proof.stop();
	else await proof.lookUp();
	const ending = await proof.ending();
	expect([ending.title, ending.why]).toEqual(['The run is over', expect.any(String)]);
	return ending;
}

/** Out: an execution that has waited, by itself, as often as it needed to, once it has made its report. */
async function reported(id: string): Promise<SavedExecution> {
	for (;;) {
		const execution = await executionOver(server.rest, id);
		if (execution.output('Report').length > 0) return execution;
		await wait(500);
	}
}

/** Devices that Nexthink has once each, last seen days ago. */
const devices = () => tenant.knownDevices.slice(30, 40);

/** Out: what a report says of a question. */
function told({ report }: Ending, question: string): string {
	const line = report.split('\n').find((each) => each.startsWith(`${question}: `));
	if (line === undefined) throw new Error(`The report doesn't say "${question}":\n${report}`);
	return line.slice(question.length + 2);
}

const NQL_QUESTION = "NQL, asked by the credential for deleting for a query that isn't there";

const GONE = /^SCHEDULED \(HTTP 202\); gone between .* and .* after the answer$/;
const STILL_THERE = /^SCHEDULED \(HTTP 202\); still there .* after the answer$/;

describe('the report of the proof', () => {
	it('tells what a tenant does whose deletions mean device.uid, and that checks no name', async () => {
		const settings = { removalSeconds: 1, statusOfUnknown: 'FAILED', nqlPermissionFirst: false };
		Object.assign(tenant.settings, settings);
		const [one, two, three] = devices() as [KnownDevice, KnownDevice, KnownDevice];
		const url = await publish();
		const first = await prove(url, one);
		expect(told(first, '- device.uid')).toMatch(GONE);
		expect(told(first, '- device.collector.uid')).toBe('not tried');
		await prove(url, one, { choice: 'The same device again' });
		await prove(url, one, { choice: 'An unknown UID' });
		await prove(url, two, { choice: 'Another name' });
		const last = await prove(url, three, { choice: 'device.collector.uid' });
		expect(told(last, 'Which UID a deletion means')).toBe('device.uid');
		expect(told(last, '- device.collector.uid')).toBe('FAILED (HTTP 202)');
		expect(told(last, 'How long removal takes')).toMatch(
			/^gone between .* seconds? and .* seconds? after/,
		);
		expect(told(last, 'Does a device come back')).toMatch(/^not within .* after it was gone$/);
		expect(told(last, 'Is the name checked')).toMatch(/^no: SCHEDULED \(HTTP 202\); gone between/);
		expect(told(last, 'An unknown device gets')).toBe('FAILED (HTTP 202)');
		expect(told(last, 'A device that is gone gets')).toBe('FAILED (HTTP 202)');
		expect(told(last, 'A device that is queued already gets')).toBe('not tried');
		expect(told(last, 'Does device.uid == take a text parameter')).toBe('yes');
		expect(last.report).toContain("for a query that isn't there: HTTP 404");
		expect(tenant.ledger.entries.map(({ uid }) => uid)).toEqual([one.uid, two.uid]);
		for (const { name, uid } of [one, two, three]) {
			expect(last.report).not.toContain(name);
			expect(last.report).not.toContain(uid);
		}
	});

	it('tells what a tenant does whose deletions mean device.collector.uid, and that checks names', async () => {
		const settings: Partial<TenantSettings> = {
			...{ deletionMeans: 'collectorUid', removalSeconds: 1, nameChecked: true },
		};
		Object.assign(tenant.settings, settings);
		const byUid = tenant.queries.findIndex(({ id }) => id === '#find_device_by_uid');
		tenant.queries[byUid] = { ...tenant.queries[byUid]!, rows: () => [] };
		const [one, two, three] = devices() as [KnownDevice, KnownDevice, KnownDevice];
		const url = await publish();
		const first = await prove(url, one, { stays: true });
		expect(told(first, 'Which UID a deletion means')).toBe('not shown');
		expect(told(first, '- device.uid')).toMatch(STILL_THERE);
		await prove(url, one, { choice: 'The same device again', stays: true });
		const begun = Date.now();
		await prove(url, two, { choice: 'device.collector.uid' });
		const atLeast = Date.now() - begun;
		const last = await prove(url, three, { choice: 'Another name', stays: true, atLeast });
		expect(told(last, 'Which UID a deletion means')).toBe(
			'device.collector.uid, as it seems: the query by name alone looked for it, and to that a renamed device is gone too',
		);
		expect(told(last, '- device.collector.uid')).toMatch(GONE);
		expect(told(last, 'Is the name checked')).toMatch(
			/^yes, as it seems: SCHEDULED .*; still there/,
		);
		expect(told(last, 'A device that is queued already gets')).toMatch(STILL_THERE);
		expect(told(last, 'Does device.uid == take a text parameter')).toMatch(/^no: /);
		expect(last.report).toContain("for a query that isn't there: HTTP 403");
	});

	it.each([
		[true, 'the same UID'],
		[false, 'another UID'],
	])('tells that a device came back (same UID: %s)', async (returnsWithSameUid, words) => {
		Object.assign(tenant.settings, { removalSeconds: 0, returnsWithSameUid });
		const one = devices()[0]!;
		const proof = await begin(server, await publish({ ...SHORT, hoursAfterGone: 1 }), one.name);
		await confirm(proof, one);
		await proof.lookUp(1);
		expect((await proof.lookUp(1)).state).toBe('GONE');
		tenant.settings.returnSeconds = 0;
		await proof.lookUp();
		const ending = await proof.ending();
		expect(told(ending, 'Does a device come back')).toMatch(
			new RegExp(`^yes, .* seconds? after it was gone, under ${words}$`),
		);
		expect(told(ending, '- device.uid')).toMatch(GONE);
	});

	it('tells that a device was back in the first lookup without its UID', async () => {
		const one = devices()[0]!;
		const proof = await begin(server, await publish({ ...SHORT, hoursAfterGone: 1 }), one.name);
		await confirm(proof, one);
		replace(one, { uid: devices()[5]!.uid });
		await proof.lookUp();
		expect(told(await proof.ending(), 'Does a device come back')).toBe(
			'yes, in the first lookup without it, under another UID',
		);
	});

	it('is made in spite of a row with nothing in its cells', async () => {
		const table = newTable();
		const proof = await begin(server, await publish(SHORT, asItIs, table), devices()[0]!.name);
		const { id } = await server.rest.get<{ id: string }>('/projects/personal');
		const path = `/projects/${id}/data-tables`;
		const filter = encodeURIComponent(JSON.stringify({ name: table }));
		const { data } = await server.rest.get<{ data: Array<{ id: string; name: string }> }>(
			`${path}?filter=${filter}`,
		);
		const own = data.find(({ name }) => name === table)!;
		const row = { live: 'true', event: 'SENDING', question: 'Another name' };
		await server.rest.post(`${path}/${own.id}/insert`, { data: [row], returnType: 'all' });
		await confirm(proof, devices()[0]!);
		await proof.stop();
		expect(told(await proof.ending(), 'Is the name checked')).toMatch(/^not shown: /);
	});

	it('tells that a device is still there once the days of Settings are over', async () => {
		const url = await publish({ ...SHORT, daysAtMost: SECOND / 24 });
		const proof = await begin(server, url, devices()[0]!.name);
		await confirm(proof, devices()[0]!);
		await wait(1000);
		expect(await proof.lookUp()).toMatchObject({ state: 'PRESENT', over: 'days' });
		expect(told(await proof.ending(), '- device.uid')).toMatch(STILL_THERE);
	});
});

describe('what the report of the proof takes for shown', () => {
	it('is not the removal of a device that might be queued already: it is offered for no other question', async () => {
		const [one, two] = devices() as [KnownDevice, KnownDevice];
		const url = await publish();
		await prove(url, one, { stays: true });
		await confirm(await begin(server, url, two.name), two);
		expect(deletions()).toHaveLength(2);
		for (const device of [one, two]) {
			const proof = await begin(server, url, device.name);
			const page = await proof.page();
			expect(page).toContain('The other choices need another test device');
			expect(page).not.toMatch(/<b>(?:device\.uid|device\.collector\.uid|Another name)<\/b><br/);
			await confirm(proof, device, 'device.collector.uid');
			expect((await proof.ending()).title).toBe('Nothing was sent');
		}
		expect(deletions()).toHaveLength(2);
	});

	it('is nothing of names, if the UID with another name is not the one that counts', async () => {
		Object.assign(tenant.settings, { removalSeconds: 0, deletionMeans: 'collectorUid' });
		const [one, two, three] = devices() as [KnownDevice, KnownDevice, KnownDevice];
		const url = await publish();
		await prove(url, one, { stays: true });
		await prove(url, two, { choice: 'Another name', stays: true });
		const last = await prove(url, three, { choice: 'device.collector.uid' });
		expect(told(last, 'Which UID a deletion means')).toBe('device.collector.uid');
		expect(told(last, 'Is the name checked')).toMatch(/^not shown: SCHEDULED/);
	});

	it('is nothing of a deletion that Nexthink rejected: the device can be sent again', async () => {
		Object.assign(tenant.settings, { removalSeconds: 0, permissionGranted: false });
		const [one, two] = devices() as [KnownDevice, KnownDevice];
		const url = await publish();
		const rejected = await begin(server, url, one.name);
		await confirm(rejected, one);
		expect((await rejected.ending()).why).toMatch(/^It isn't queued: .*\(REJECTED\)/);
		tenant.settings.permissionGranted = true;
		const first = await prove(url, one);
		expect(told(first, '- device.uid')).toMatch(GONE);
		expect(told(first, 'A device that is queued already gets')).toBe('not tried');
		tenant.settings.permissionGranted = false;
		const another = await begin(server, url, two.name);
		await confirm(another, two, 'Another name');
		expect(told(await another.ending(), 'Is the name checked')).toBe(
			'not shown: REJECTED (HTTP 403)',
		);
	});

	it.each([
		['device.collector.uid', 'Which UID a deletion means', 'device.collector.uid'],
		['Another name', 'Is the name checked', 'no'],
	])(
		'is doubtful if the device had been sent before, and that might take longer than the days of Settings (%s)',
		async (choice, question, words) => {
			const one = devices()[0]!;
			const table = newTable();
			await prove(await publish({ ...SHORT, daysAtMost: SECOND / 24 }, asItIs, table), one, {
				atLeast: 1000,
			});
			const second = await begin(server, await publish(SHORT, asItIs, table), one.name);
			await confirm(second, one, choice);
			tenant.knownDevices.splice(tenant.knownDevices.indexOf(one), 1);
			await second.lookUp();
			expect(told(await second.ending(), question)).toContain(
				`${words}, as it seems: the same device was sent before, and that might have removed it`,
			);
		},
	);

	it('is nothing of names, if Nexthink failed', async () => {
		Object.assign(tenant.settings, { removalSeconds: 0 });
		const [one, two] = devices() as [KnownDevice, KnownDevice];
		const url = await publish();
		await prove(url, one);
		tenant.faults.add({ route: 'deletions', play: { kind: 'failDevices', uids: [two.uid] } });
		const proof = await begin(server, url, two.name);
		await confirm(proof, two, 'Another name');
		expect(told(await proof.ending(), 'Is the name checked')).toBe('not shown: FAILED (HTTP 202)');
	});

	it('is that Nexthink refuses the query by UID, if it does', async () => {
		const byUid = { ...tenant.queries.find(({ id }) => id === '#find_device_by_uid')! };
		const at = tenant.queries.findIndex(({ id }) => id === byUid.id);
		tenant.queries.splice(at, 1, { ...byUid, parameters: ['another_parameter'] });
		const one = devices()[0]!;
		const ending = await prove(await publish(), one, { stays: true });
		expect(told(ending, 'Does device.uid == take a text parameter')).toBe(
			'no, as it seems: Nexthink refuses the query by UID (HTTP 400)',
		);
	});

	it('is only what a lookup with an answer has seen', async () => {
		const [one, two] = devices() as [KnownDevice, KnownDevice];
		const start = async ({ name }: KnownDevice) =>
			await begin(server, await publish({ ...SHORT, hoursAfterGone: 1 }), name);
		const runs = [await start(one), await start(two)];
		await confirm(runs[0]!, one);
		await confirm(runs[1]!, two);
		await runs[1]!.lookUp(1);
		tenant.knownDevices.splice(tenant.knownDevices.indexOf(one), 1);
		await runs[0]!.lookUp(1);
		expect((await runs[0]!.lookUp(1)).state).toBe('GONE');
		tenant.settings.nqlPermissionGranted = false;
		await wait(10_000);
		for (const proof of runs) await proof.stop();
		const seconds = (words: string) => Number(/([\d.]+) seconds? after/.exec(words)![1]);
		for (const [proof, question, since] of [
			[runs[0]!, 'Does a device come back', 'goneAt'],
			[runs[1]!, '- device.uid', 'ANSWER'],
		] as const) {
			const ending = await proof.ending();
			const rows = (await proof.execution()).output('All rows');
			const last = rows.at(-1)!;
			expect(last).toMatchObject({ state: 'UNCLEAR', over: 'stopped' });
			const from = rows.find(({ event }) => event === since)?.at ?? last.goneAt;
			const untilStopped = (Date.parse(last.at as string) - Date.parse(from as string)) / 1000;
			expect(seconds(told(ending, question))).toBeLessThan(untilStopped - 9);
		}
	});

	it('stays so, whatever is asked next', async () => {
		Object.assign(tenant.settings, { removalSeconds: 0 });
		const one = devices()[0]!;
		const url = await publish();
		await prove(url, one);
		const last = await prove(url, one, { choice: 'An unknown UID' });
		expect(told(last, 'Does device.uid == take a text parameter')).toBe('yes');
	});
});

describe('the proof', () => {
	it('takes a device for gone only by the query by UID: a renamed one, which is in use, is not offered', async () => {
		const [one, two] = devices() as [KnownDevice, KnownDevice];
		const url = await publish();
		const byUid = tenant.queries.findIndex(({ id }) => id === '#find_device_by_uid');
		tenant.queries.splice(byUid, 1);
		await prove(url, one, { stays: true });
		replace(one, { name: 'RENAMED-1', lastSeen: Date.now() });
		const renamed = await begin(server, url, one.name);
		expect(await renamed.page()).not.toContain('<b>The same device again</b>');
		await confirm(renamed, one, 'The same device again');
		expect((await renamed.ending()).title).toBe('Nothing was sent');
		replace(two, { name: one.name });
		const another = await begin(server, url, one.name);
		expect(await another.page()).not.toContain('<b>The same device again</b>');
		expect(deletions()).toHaveLength(1);
	});

	it('takes a device for gone only if the watch has missed it twice', async () => {
		const one = devices()[0]!;
		const url = await publish();
		await prove(url, one, { stays: true });
		tenant.knownDevices.splice(tenant.knownDevices.indexOf(one), 1);
		const page = await (await begin(server, url, one.name)).page();
		expect(page).not.toContain('<b>The same device again</b>');
	});

	it('begins no second round while the first one watches, whatever the days of Settings are meanwhile', async () => {
		const one = devices()[0]!;
		const table = newTable();
		const first = await begin(server, await publish(SHORT, asItIs, table), one.name);
		await confirm(first, one);
		await wait(1000);
		const short = { ...SHORT, daysAtMost: (0.5 * SECOND) / 24 };
		const second = await begin(server, await publish(short, asItIs, table), one.name);
		expect((await second.ending()).why).toContain("its first round isn't over");
		await first.stop();
		expect(deletions()).toHaveLength(1);
	});

	it('looks whether a device comes back for as long as Settings say, even if the days are over', async () => {
		const one = devices()[0]!;
		// Long enough for two lookups on a busy machine.
		const seconds = 15;
		const settings = { ...SHORT, daysAtMost: (seconds * SECOND) / 24, hoursAfterGone: 1 };
		const proof = await begin(server, await publish(settings), one.name);
		await confirm(proof, one);
		const daysAreOver = wait(1000 * (seconds + 1));
		tenant.knownDevices.splice(tenant.knownDevices.indexOf(one), 1);
		await proof.lookUp(1);
		expect((await proof.lookUp(1)).state).toBe('GONE');
		await daysAreOver;
		expect(await proof.lookUp(1)).toMatchObject({ state: 'GONE', over: '' });
		await proof.stop();
	});

	it.each([
		['', /^The query returns no device\.last_seen: /],
		[
			'2100-01-01 12:00:00',
			/^Nexthink saw this device at 2100-01-01 12:00:00, in an unknown time zone: /,
		],
	])('says that it cannot tell when a device was seen last (%j)', async (lastSeen, why) => {
		const byName = tenant.queries.findIndex(({ id }) => id === '#find_device_by_name');
		const query = tenant.queries[byName]!;
		tenant.queries[byName] = {
			...query,
			rows: (...given) =>
				[...query.rows(...given)].map((row) => ({ ...row, 'device.last_seen': lastSeen })),
		};
		const proof = await begin(server, await shared(), devices()[0]!.name);
		const ending = await proof.ending();
		expect(ending.why).toMatch(why);
		expect(ending.why).toContain('If it is your test device, start again, and choose "Go on".');
	});

	it('offers no UID that is gone while a device of that name was seen in the last hour', async () => {
		Object.assign(tenant.settings, { removalSeconds: 0, returnsWithSameUid: false });
		const one = devices()[0]!;
		const url = await publish();
		await prove(url, one);
		tenant.settings.removalSeconds = undefined;
		const back = { ...one, uid: crypto.randomUUID(), lastSeen: Date.now() };
		tenant.knownDevices.push(back);
		const sent = deletions().length;
		const stopped = await begin(server, url, one.name);
		expect(await stopped.page()).not.toContain('<b>The same device again</b>');
		await confirm(stopped, one, 'The same device again');
		expect((await stopped.ending()).title).toBe('Nothing was sent');
		expect(deletions()).toHaveLength(sent);
		const allowed = await begin(server, url, one.name, 'Go on');
		await confirm(allowed, one, 'The same device again');
		expect(told(await allowed.ending(), 'A device that is gone gets')).toBe('SCHEDULED (HTTP 202)');
		expect(tenant.ledger.entries.map(({ uid }) => uid)).toEqual([one.uid, one.uid]);
	});

	it.each<ProofSettings>([
		{ hoursBetweenLookups: 0 },
		{ hoursBetweenLookups: '={{ undefined }}' },
		{ daysAtMost: -1 },
		{ hoursAfterGone: '={{ null }}' },
	])('stops at times that can not be used: %j', async (settings) => {
		const url = await executeInEditor(server, proofWith({ ...SHORT, ...settings }, newTable()));
		const ending = await (await begin(server, url, devices()[0]!.name)).ending();
		expect([ending.title, ending.why]).toEqual([
			'Nothing was sent',
			expect.stringMatching(/^A time in Settings can't be used/) as string,
		]);
	});

	it('says of a deletion without an answer that its status is unknown, and looks the device up', async () => {
		tenant.faults.add({ route: 'deletions', play: { kind: 'reset', queued: true } });
		const one = devices()[0]!;
		const proof = await begin(server, await publish(), one.name);
		await confirm(proof, one);
		const page = await proof.page();
		expect(page).toContain('Status: <b>UNKNOWN</b> (no answer)');
		expect(page).toContain('Not looked up yet when this page was loaded.');
		expect(page).not.toMatch(/Nexthink answered|deletion/);
	});

	it('that fails before the deletion sends nothing once it is retried, however often', async () => {
		const one = devices()[0]!;
		const failing = failingOnce(proofWith(SHORT, newTable()), ['Send']);
		const proof = await begin(server, await executeInEditor(server, failing), one.name);
		await confirm(proof, one);
		const failed = await proof.execution();
		expect(failed.status).toBe('error');
		for (const time of ['first', 'second']) {
			const retry = await retried(server.rest, failed, 'original');
			const [answer] = retry.output('Write the answer');
			expect([time, answer?.status]).toEqual([time, 'UNKNOWN']);
			expect(answer?.note).toContain('It might have been sent before');
		}
		expect(deletions()).toEqual([]);
	});

	it('as it is imported makes a dry run, says so, and says what to change', async () => {
		const one = devices()[0]!;
		const proof = await begin(server, await executeInEditor(server, proofWith({})), one.name);
		expect(await proof.page()).toContain('<b>Dry run:</b> nothing will be sent');
		await confirm(proof, one);
		const { title, why } = await proof.ending();
		expect(title).toBe('Dry run: nothing was sent');
		expect(why).toContain('set live to true in the node Settings');
		expect((await proof.execution()).output('Send')).toMatchObject([{ status: 'DRY_RUN' }]);
		expect(deletions()).toEqual([]);
	});

	it('with an expression as live, which counts as false, says that nothing was sent', async () => {
		const one = devices()[0]!;
		const settings = { ...SHORT, live: '={{ true }}' };
		const proof = await begin(server, await executeInEditor(server, proofWith(settings)), one.name);
		await confirm(proof, one);
		const { title, why } = await proof.ending();
		expect((await proof.execution()).output('Settings')).toMatchObject([{ live: true }]);
		expect(title).toBe('Dry run: nothing was sent');
		expect(why).toContain('set live to true in the node Settings');
		expect(deletions()).toEqual([]);
	});

	it('as it is imported, failed after the form and retried, sends nothing either', async () => {
		const one = devices()[0]!;
		const failing = await executeInEditor(server, failingOnce(proofWith({}), ['Send']));
		const proof = await begin(server, failing, one.name);
		await confirm(proof, one);
		const failed = await proof.execution();
		expect(failed.status).toBe('error');
		const retry = await retried(server.rest, failed, 'original');
		expect(retry.output('Send')).toMatchObject([{ status: 'DRY_RUN' }]);
		expect(deletions()).toEqual([]);
	});

	it('that fails after the deletion and is retried goes on, and sends nothing again', async () => {
		const one = devices()[0]!;
		const failing = failingOnce(proofWith(SHORT, newTable()), ['Write the answer']);
		const proof = await begin(server, await executeInEditor(server, failing), one.name);
		await confirm(proof, one);
		const failed = await proof.execution();
		expect(failed.status).toBe('error');
		const retry = await retried(server.rest, failed, 'original');
		expect(retry.status).toBe('waiting');
		expect(retry.output('Write the answer')).toMatchObject([{ status: 'SCHEDULED' }]);
		expect(tenant.ledger.entries.map(({ uid }) => uid)).toEqual([one.uid]);
	});

	it('asks for the login on each of its pages, and takes no confirmation without it', async () => {
		const one = devices()[0]!;
		const url = await publish();
		expect((await openForm(url)).status).toBe(401);
		const proof = await begin(server, url, one.name);
		expect((await openForm(proof.url)).status).toBe(401);
		const answers = { Send: 'device.uid', 'Device name, to confirm': one.name };
		const form = formWith(await proof.page(), answers);
		expect((await postForm(proof.url, form)).status).toBe(401);
		expect((await proof.execution()).status).toBe('waiting');
		expect(deletions()).toEqual([]);
	});

	it('sends one device once, however often it is confirmed at the same time', async () => {
		const one = devices()[0]!;
		const url = await publish();
		const runs = await Promise.all([begin(server, url, one.name), begin(server, url, one.name)]);
		const answers = { Send: 'device.uid', 'Device name, to confirm': one.name };
		const pages = await Promise.all(runs.map(async (proof) => await proof.page()));
		for (const [position, { url: page }] of [...runs, ...runs].entries()) {
			// n8n leaves all but the first answer to a page without a response.
			void postForm(page, formWith(pages[position % 2]!, answers), FORM_LOGIN).catch(() => {});
		}
		for (const proof of runs) {
			// It has written its answer down, or has stopped before.
			while ((await proof.execution()).runs('Decide').length < 2) await wait(50);
			await proof.execution();
		}
		expect(tenant.ledger.size).toBeLessThanOrEqual(1);
		expect(deletions()).toHaveLength(tenant.ledger.size);
		const third = await begin(server, url, one.name);
		if (tenant.ledger.size === 0) await confirm(third, one);
		else expect((await third.ending()).why).toContain('This device was sent before');
		expect(tenant.ledger.entries.map(({ uid }) => uid)).toEqual([one.uid]);
	});

	it.each<[what: string, change: (one: KnownDevice) => string, why: RegExp]>([
		['a name with a wildcard', () => 'PAR-*', /^REFUSED: /],
		['a device that Nexthink has not', () => 'NO-SUCH-PC', /^NOT_FOUND: /],
		[
			'two devices of one name',
			(one) => {
				tenant.knownDevices.push({ ...one, uid: devices()[5]!.uid });
				return one.name;
			},
			/^AMBIGUOUS: /,
		],
		[
			'a device that Nexthink saw in the last hour',
			(one) => {
				replace(one, { lastSeen: Date.now() - 50 * 60_000 });
				return one.name;
			},
			/^Nexthink saw this device in the last hour/,
		],
		[
			'a lookup without an answer',
			(one) => {
				tenant.settings.nqlPermissionGranted = false;
				return one.name;
			},
			/^UNKNOWN: /,
		],
	])('stops at %s', async (_, change, why) => {
		const ending = await (await begin(server, await shared(), change(devices()[0]!))).ending();
		expect([ending.title, ending.why]).toEqual([
			'Nothing was sent',
			expect.stringMatching(why) as string,
		]);
		expect(deletions()).toEqual([]);
	});

	it('sends a device that Nexthink saw in the last hour if the form says so', async () => {
		const one = devices()[0]!;
		replace(one, { lastSeen: Date.now() - 60_000 });
		const proof = await begin(server, await publish(), one.name, 'Go on');
		await confirm(proof, one);
		expect(tenant.ledger.entries.map(({ uid }) => uid)).toEqual([one.uid]);
	});

	it('offers a device again if Nexthink refused the credential, and says what to change', async () => {
		const one = devices()[0]!;
		const url = await publish();
		tenant.settings.permissionGranted = false;
		const refused = await begin(server, url, one.name);
		await confirm(refused, one);
		const ending = await refused.ending();
		expect(ending.title).toBe('Nothing was scheduled');
		expect(ending.why).toContain('select Data management for this credential');
		expect(told(ending, '- device.uid')).toBe('REJECTED (HTTP 403)');
		expect(tenant.ledger.size).toBe(0);
		tenant.settings.permissionGranted = true;
		const again = await begin(server, url, one.name);
		expect(await again.page()).toContain('First round: device.uid');
		await confirm(again, one);
		expect(tenant.ledger.entries.map(({ uid }) => uid)).toEqual([one.uid]);
		await again.stop();
		expect(told(await again.ending(), '- device.uid')).toMatch(STILL_THERE);
	});

	it.each([
		{
			last: 'reading',
			corrected: 'Send',
			byUid: /^yes$/,
			nql: 'HTTP 404, which tells nothing if that credential has the NQL API permission',
		},
		{ last: 'deletion', corrected: 'Look up', byUid: /^not shown/, nql: 'HTTP 403' },
	])(
		'that n8n gave the credential for $last to all nodes needs another one in $corrected only, and says what it leaves open',
		async ({ last, corrected, byUid, nql }) => {
			const one = devices()[0]!;
			const url = await publish(SHORT, (workflow) => withCredential(workflow, last, corrected));
			const proof = await begin(server, url, one.name);
			await confirm(proof, one);
			expect(tenant.ledger.entries.map(({ uid }) => uid)).toEqual([one.uid]);
			await proof.stop();
			const ending = await proof.ending();
			expect(told(ending, '- device.uid')).toMatch(STILL_THERE);
			expect(told(ending, 'Does device.uid == take a text parameter')).toMatch(byUid);
			expect(told(ending, NQL_QUESTION)).toBe(nql);
		},
	);

	it('says on the page if the lookup by UID of a known device had no answer', async () => {
		const byUid = tenant.queries.findIndex(({ id }) => id === '#find_device_by_uid');
		tenant.queries.splice(byUid, 1);
		const one = devices()[0]!;
		const url = await publish();
		const first = await begin(server, url, one.name);
		expect(await first.page()).not.toContain('Look up by UID');
		await confirm(first, one);
		await first.stop();
		const second = await (await begin(server, url, one.name)).page();
		expect(second).toMatch(
			/<b>Look up by UID:<.b><br ?.?>[^<]+<br ?.?>The proof goes on without it\./,
		);
	});

	it.each<[what: string, answer: (proof: ProofRun, one: KnownDevice) => Promise<unknown>]>([
		['the answer is Nothing', async (proof, one) => await confirm(proof, one, 'Nothing')],
		['another name is typed', async (proof) => await confirm(proof, { name: 'PC-1' })],
		[
			'what is chosen is not offered',
			async (proof) => {
				const page = (await proof.page()).replaceAll("'device.uid'", "'Another name'");
				const answers = { Send: 'Another name', 'Device name, to confirm': devices()[0]!.name };
				await postForm(proof.url, formWith(page, answers), FORM_LOGIN);
			},
		],
		[
			'the device has another UID by then',
			async (proof, one) => {
				replace(one, { uid: devices()[5]!.uid });
				await confirm(proof, one);
			},
		],
		[
			'the device reports by then',
			async (proof, one) => {
				replace(one, { lastSeen: Date.now() });
				await confirm(proof, one);
			},
		],
	])('sends nothing if %s', async (_, answer) => {
		const one = devices()[0]!;
		const proof = await begin(server, await shared(), one.name);
		await answer(proof, one);
		expect((await proof.ending()).title).toBe('Nothing was sent');
		expect(deletions()).toEqual([]);
	});

	it('takes a device for gone only if it is missing twice, never for lack of an answer', async () => {
		const one = devices()[0]!;
		const proof = await begin(server, await publish(), one.name);
		await confirm(proof, one);
		tenant.settings.nqlPermissionGranted = false;
		expect((await proof.lookUp(2)).state).toBe('UNCLEAR');
		tenant.settings.nqlPermissionGranted = true;
		expect((await proof.lookUp(1)).state).toBe('PRESENT');
		replace(one, { uid: devices()[5]!.uid });
		expect((await proof.lookUp(1)).state).toBe('MISSING');
		tenant.settings.nqlPermissionGranted = false;
		await proof.stop();
		expect(told(await proof.ending(), '- device.uid')).toMatch(/; not certain, /);
	});

	it('goes on after n8n was killed while it waited, and loses no row', async () => {
		const { proof, device, tenant: ofRestart } = restarted;
		while ((await proof.execution()).output('Report').length === 0) await wait(500);
		const { title, report } = await proof.ending();
		expect(title).toBe('The run is over');
		expect(report).toMatch(/- device\.uid: SCHEDULED \(HTTP 202\); gone between/);
		expect(ofRestart.ledger.entries.map(({ uid }) => uid)).toEqual([device.uid]);
		const rows = (await proof.execution()).output('All rows');
		expect(rows.map(({ event, state }) => [event, state])).toEqual([
			...[
				['DEVICE', ''],
				['SENDING', ''],
				['ANSWER', ''],
			],
			...[
				['LOOKUP', 'MISSING'],
				['LOOKUP', 'GONE'],
			],
		]);
		expect(rows.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
		expect(rows[2]).toMatchObject({
			...{ status: 'SCHEDULED', httpStatus: '202', sentUid: device.uid, sentName: device.name },
			requestId: ofRestart.ledger.entries[0]!.requestId,
		});
		expect(rows[4]).toMatchObject({ goneAt: rows[3]!.at, over: 'gone' });
	});

	it('sends nothing again if n8n was killed before it wrote the answer down, and looks on if it was killed in a lookup', async () => {
		const [one, two] = devices() as [KnownDevice, KnownDevice];
		const url = await publish({ ...SHORT, hoursBetweenLookups: 3 * SECOND });
		const watching = await begin(server, url, one.name);
		await confirm(watching, one);
		const sending = await begin(server, url, two.name);
		const silence = { kind: 'silence', queued: true } as const;
		tenant.faults.add({ route: 'deletions', play: silence });
		const confirmation = { Send: 'device.uid', 'Device name, to confirm': two.name };
		const pages = [await sending.page(), await watching.page()] as const;
		void postForm(sending.url, formWith(pages[0], confirmation), FORM_LOGIN).catch(() => {});
		await expect.poll(() => tenant.ledger.size).toBe(2);
		tenant.faults.add({ route: 'nqlExecute', play: silence });
		const asked = tenant.requests.length;
		void postForm(watching.url, formWith(pages[1], { Now: 'Look it up now' }), FORM_LOGIN).catch(
			() => {},
		);
		await expect
			.poll(() => tenant.requests.slice(asked).map(({ route }) => route))
			.toContain('nqlExecute');
		await server.kill();
		server = await startServer({ ...server, port: Number(new URL(server.origin).port) });
		const ofSending = await sending.execution();
		const ofWatching = await watching.execution();
		expect([ofSending.status, ofWatching.status]).toEqual(['crashed', 'crashed']);
		tenant.knownDevices.splice(tenant.knownDevices.indexOf(one), 1);

		const notSent = await reported((await retried(server.rest, ofSending, 'original')).id);
		const { title, why } = notSent.output('Report')[0] as unknown as Ending;
		expect([title, why]).toEqual([
			'The run is over',
			expect.stringContaining('might have sent the device before') as string,
		]);
		while ((await openForm(url)).status === 404) await wait(50);
		const again = await (await begin(server, url, two.name)).ending();
		expect(again.why).toContain('This device was sent before');
		expect(deletions()).toHaveLength(2);

		const goesOn = await reported((await retried(server.rest, ofWatching, 'original')).id);
		const ending = goesOn.output('Report')[0] as unknown as Ending;
		expect(ending.report).toContain('no answer in the table: it might have been sent');
		const rows = goesOn.output('All rows').filter(({ sentUid }) => sentUid === one.uid);
		expect(rows.map(({ event, state }) => state || event)).toEqual([
			...['SENDING', 'ANSWER', 'MISSING', 'GONE'],
		]);
	});
});

function replace(device: KnownDevice, change: Partial<KnownDevice>): void {
	tenant.knownDevices.splice(tenant.knownDevices.indexOf(device), 1, { ...device, ...change });
}
