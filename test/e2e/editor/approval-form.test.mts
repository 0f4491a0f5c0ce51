import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Tenant } from '../../simulator/tenant.mts';
import { runCommand } from '../harness/command.mts';
import { createWorkflow, executionOver } from '../harness/editor-runs.mts';
import { formOf, resumed, runFromTrigger } from '../harness/example-runs.mts';
import {
	asLive,
	credentialsOfExamples,
	EXAMPLES_TO_RUN,
	FORM_LOGIN,
	type Example,
} from '../harness/examples.mts';
import type { SavedExecution } from '../harness/executions.mts';
import type { N8nVersion } from '../harness/folders.mts';
import { openForm } from '../harness/form.mts';
import { startServer, type N8nServer } from '../harness/server.mts';
import { startTenantOfRun } from '../harness/tenant.mts';
import { createUserFolder } from '../harness/user-folders.mts';
import { importFile } from '../harness/workflows.mts';
import { launchChromium } from './chromium.mts';
import { PICTURE_SCALE, takePicture } from './pictures.mts';

const run = inject('run');

const APPROVAL = EXAMPLES_TO_RUN.find(({ file }) => file === 'dry-run-approval-delete.json')!;

/** Names of devices, and what a person reads of each in the form. */
const NAMES: ReadonlyArray<readonly [name: string, shown: string]> = [
	['<style>*{display:none}</style>', '<style>*{display:none}</style>'],
	['<!-- PC-1', '<!-- PC-1'],
	['<textarea>', '<textarea>'],
	['</td></tr></table><p>', '</td></tr></table><p>'],
	['\u202EPC-1', '[U+202E]PC-1'],
	['PC\u200B-1', 'PC[U+200B]-1'],
	['PC-1\r\nPC-2', 'PC-1[U+000D][U+000A]PC-2'],
	['C:\\new\\\\names', 'C:\\new\\\\names'],
	['&lt;b&gt;', '&lt;b&gt;'],
	['xy'.repeat(100), `${'xy'.repeat(35)}x…`],
	['ORDINARY-PC', 'ORDINARY-PC'],
];

const VIEWPORT = { width: 1280, height: 940 };

describe.each<N8nVersion>(['newest', 'oldest'])('the form of an approval (%s n8n)', (version) => {
	let tenant: Tenant;
	let server: N8nServer;
	let browser: Browser;

	beforeAll(async () => {
		tenant = await startTenantOfRun(run);
		const userFolder = await createUserFolder(run, `approval-${version}`, version);
		const options = { version, userFolder } as const;
		const credentials = importFile(userFolder, 'credentials', credentialsOfExamples(tenant));
		expect((await runCommand(['import:credentials', credentials], options)).exitCode).toBe(0);
		server = await startServer(options);
		browser = await launchChromium();
	});

	beforeEach(() => tenant.reset());

	afterAll(async () => {
		await browser?.close();
		await server?.stop();
		await tenant.close();
	});

	/** The example with a list of devices of these names, up to the form. */
	async function runUntilItAsks(names: readonly string[]): Promise<SavedExecution> {
		const list = names.map((name, position) => {
			const device = { ...tenant.knownDevices[30 + position]!, name };
			tenant.knownDevices[30 + position] = { ...device, lastSeen: Date.now() - 1e10 };
			return { json: { uid: device.uid, name } };
		});
		const { workflow } = asLive(APPROVAL);
		const example: Example = {
			...APPROVAL,
			workflow: { ...workflow, pinData: { 'Retired devices': list } },
		};
		const { id } = await createWorkflow(server.rest, example.workflow);
		const execution = await runFromTrigger(server.rest, example, id);
		expect([execution.status, execution.error?.message]).toEqual(['waiting', undefined]);
		return execution;
	}

	async function openInBrowser(url: string): Promise<Page> {
		const { user: username, password } = FORM_LOGIN;
		const context = await browser.newContext({
			viewport: VIEWPORT,
			deviceScaleFactor: PICTURE_SCALE,
			httpCredentials: { username, password },
		});
		context.setDefaultTimeout(60_000);
		const page = await context.newPage();
		// Its font would come from elsewhere.
		await page.route(/googleapis|n8n\.io/, async (route) => await route.abort());
		await page.goto(url);
		return page;
	}

	it('opens only with the login, and takes no decision without it', async () => {
		const names = tenant.inventory.slice(30, 33).map(({ name }) => name);
		const execution = await runUntilItAsks(names);
		const url = formOf(APPROVAL, execution);
		const wrong = { ...FORM_LOGIN, password: 'wrong' };
		for (const login of [undefined, wrong]) {
			const page = await openForm(url, login);
			expect([page.status, await page.text()]).toEqual([
				401,
				expect.not.stringContaining(names[0]!) as string,
			]);
		}
		const body = new FormData();
		body.set('field-0', 'Delete them');
		body.set('field-1', 'A stranger');
		expect((await fetch(url, { method: 'POST', body })).status).toBe(401);
		expect((await executionOver(server.rest, execution.id)).status).toBe('waiting');
		expect((await openForm(url, FORM_LOGIN)).status).toBe(200);
		const page = await openInBrowser(url);
		await page.getByText('choose Delete them to schedule these 3 devices for deletion').waitFor();
		if (version === 'newest') {
			await takePicture(run, page, 'approval-form', (await page.locator('form').boundingBox())!);
		}
		await page.context().close();
		expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
	});

	it('has an address that can be guessed in n8n 1.123 alone, as the note says', async () => {
		const execution = await runUntilItAsks(['PC-1']);
		const guessed = `${server.origin}/form-waiting/${execution.id}`;
		const page = await openForm(guessed, FORM_LOGIN);
		expect(page.status === 200).toBe(version === 'oldest');
	});

	it('shows each device, whatever the others are called, and takes the decision', async () => {
		const names = NAMES.map(([name]) => name);
		const execution = await runUntilItAsks(names);
		const page = await openInBrowser(formOf(APPROVAL, execution));
		await page.getByText(`schedule these ${names.length} devices for deletion`).waitFor();
		const rows = await page.locator('table tr').all();
		const [titles, ...devices] = await Promise.all(
			rows.map(async (row) => await row.locator('th, td').allInnerTexts()),
		);
		expect(titles).toEqual(['Name', 'Serial number', 'Last seen', 'UID']);
		const known = tenant.knownDevices.slice(30, 30 + names.length);
		const inOneLine = (cell = '') => cell.replaceAll('\n', '');
		expect(devices.map(([name, serial, , uid]) => [inOneLine(name), serial, uid])).toEqual(
			known.map(({ serialNumber, uid }, n) => [NAMES[n]![1], serialNumber, uid]),
		);
		for (const [, , lastSeen] of devices) expect(lastSeen).toMatch(/^\d{4}-\d\d-\d\d/);

		const form = (await page.locator('form').boundingBox())!;
		const boxes = await Promise.all(rows.map(async (row) => (await row.boundingBox())!));
		for (const [position, box] of boxes.entries()) {
			expect(box.height).toBeGreaterThan(10);
			expect(box.x).toBeGreaterThanOrEqual(form.x);
			expect(box.x + box.width).toBeLessThanOrEqual(form.x + form.width);
			const above = boxes[position - 1];
			if (above) expect(box.y).toBeGreaterThanOrEqual(above.y + above.height);
		}

		await page.locator('select').selectOption('Delete them');
		await page.locator('input.form-input').fill('Petra Person');
		await page.locator('#submit-btn').click();
		const answered = await resumed(server.rest, execution.id);
		expect([answered.status, answered.error?.message]).toEqual(['success', undefined]);
		expect(tenant.ledger.entries.map(({ name }) => name)).toEqual(names);
		await page.context().close();
	});
});
