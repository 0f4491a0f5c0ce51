import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { INode } from 'n8n-workflow';
import type { Tenant } from '../../simulator/tenant.mts';
import { createWorkflow, executionOver } from '../harness/editor-runs.mts';
import type { SavedExecution } from '../harness/executions.mts';
import type { Run } from '../harness/run.mts';
import type { N8nVersion } from '../harness/folders.mts';
import { OWNER, startServer, type N8nServer } from '../harness/server.mts';
import { CREDENTIAL_TYPE, credentialData, startTenantOfRun } from '../harness/tenant.mts';
import { createUserFolder } from '../harness/user-folders.mts';
import type { WorkflowFile } from '../harness/workflows.mts';
import { Canvas } from './canvas.mts';
import { launchChromium } from './chromium.mts';
import { openNexthinkCloud, type NexthinkCloud } from './nexthink-cloud.mts';
import type { NodePanel } from './node-panel.mts';
import { PICTURE_SCALE, takePicture, type Area } from './pictures.mts';
import { nexthinkWorkflow, type NexthinkWorkflowOptions } from './workflows.mts';

/** How long to wait for whatever the editor shows in its own time; what is polled waits as long (`vitest.config.mts`). */
const PATIENCE_MILLISECONDS = 60_000;

/** High enough for the panel of a node without options. */
export const VIEWPORT = { width: 1280, height: 940 } as const;

export interface Credential {
	readonly id: string;
	readonly name: string;
}

export interface EditorOptions {
	/** Default: the newest. */
	readonly version?: N8nVersion;
	/** Under which the tenant answers too; what n8n sends to other hosts goes nowhere then. */
	readonly hostsOfTenant?: readonly string[];
}

/** n8n's editor in a browser, with the owner logged in, and a tenant. */
export class Editor {
	readonly page: Page;
	readonly tenant: Tenant;
	readonly #run: Run;
	readonly #cloud: NexthinkCloud | undefined;
	readonly #server: N8nServer;
	readonly #browser: Browser;

	private constructor(parts: {
		readonly run: Run;
		readonly tenant: Tenant;
		readonly cloud: NexthinkCloud | undefined;
		readonly server: N8nServer;
		readonly browser: Browser;
		readonly page: Page;
	}) {
		this.#run = parts.run;
		this.tenant = parts.tenant;
		this.#cloud = parts.cloud;
		this.#server = parts.server;
		this.#browser = parts.browser;
		this.page = parts.page;
	}

	/** In: a name that is new in this run. */
	static async open(
		run: Run,
		name: string,
		{ version = 'newest', hostsOfTenant }: EditorOptions = {},
	): Promise<Editor> {
		const browser = await launchChromium();
		const tenant = await startTenantOfRun(run);
		const userFolder = await createUserFolder(run, name, version);
		const cloud = hostsOfTenant && (await openNexthinkCloud(userFolder, tenant, hostsOfTenant));
		const server = await startServer({ version, userFolder, ...(cloud && { env: cloud.env }) });
		const page = await logIn(browser, server.origin);
		return new Editor({ run, tenant, cloud, server, browser, page });
	}

	async close(): Promise<void> {
		await this.#browser.close();
		await this.#server.stop();
		await this.#cloud?.close();
		await this.tenant.close();
	}

	/** A credential that is already there, for the tenant unless another type and other data are given. */
	async addCredential(
		name = 'Nexthink account',
		data = credentialData(this.tenant),
		type = CREDENTIAL_TYPE,
	): Promise<Credential> {
		const { id } = await this.#server.rest.post<{ id: string }>('/credentials', {
			name,
			type,
			data,
		});
		return { id, name };
	}

	/** Saves a workflow and opens it on the canvas. */
	async openWorkflow(workflow: WorkflowFile): Promise<void> {
		const { id } = await createWorkflow(this.#server.rest, workflow);
		await this.#goTo(`/workflow/${id}`);
		const nodes = workflow.nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote');
		const last = nodes.at(-1)?.name ?? '';
		await this.page.locator(`[data-test-id="canvas-node"][data-node-name="${last}"]`).waitFor();
	}

	/** Loads the workflow on the canvas anew, as the server has it, and opens the panel of a node. */
	async reopenNode(name: string): Promise<NodePanel> {
		await this.page.reload();
		return await new Canvas(this.page).openNode(name);
	}

	/** The node of the workflow on the canvas, as the server has it. */
	async savedNode(name: string): Promise<INode> {
		const id = new URL(this.page.url()).pathname.split('/')[2];
		const { nodes } = await this.#server.rest.get<WorkflowFile>(`/workflows/${id}`);
		return nodes.find((node) => node.name === name)!;
	}

	/** Executes the workflow on the canvas, as a user would. Out: what n8n saved of it. */
	async execute(): Promise<SavedExecution> {
		const started = this.page.waitForResponse((response) =>
			/\/rest\/workflows\/[^/]+\/run$/.test(new URL(response.url()).pathname),
		);
		await new Canvas(this.page).execute();
		const { data } = (await (await started).json()) as { data: { executionId: string } };
		return await executionOver(this.#server.rest, data.executionId);
	}

	/** Opens a workflow with such a node, and the panel of the node. */
	async openNode(name: string, options: NexthinkWorkflowOptions): Promise<NodePanel> {
		await this.openWorkflow(nexthinkWorkflow(name, options));
		return await new Canvas(this.page).openNode(name);
	}

	// The editor takes seconds to load, so it is loaded once; later ways within it are like the browser's own back and forward.
	async #goTo(path: string): Promise<void> {
		const { origin, version } = this.#server;
		const dialog = this.page.getByTestId('editCredential-modal');
		// A dialog would stay open on the way, and n8n 1.123 stays with a workflow that was changed.
		const mustLoad = version === 'oldest' || !this.page.url().startsWith(origin);
		if (mustLoad || (await dialog.isVisible())) {
			await this.page.goto(`${origin}${path}`);
			return;
		}
		await this.page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
		await this.page.evaluate(`dispatchEvent(new PopStateEvent('popstate', { state: {} }))`);
		await this.page.waitForURL(`${origin}${path}*`);
	}

	/** n8n follows the system's theme until a user chooses one. */
	async useTheme(theme: 'light' | 'dark'): Promise<void> {
		await this.page.emulateMedia({ colorScheme: theme });
	}

	async takePicture(name: string, area: Area): Promise<void> {
		await takePicture(this.#run, this.page, name, area);
	}

	/** In the light and in the dark, for a page that shows the one that fits its reader. */
	async takePictures(name: string, area: Area): Promise<void> {
		await this.takePicture(name, area);
		await this.useTheme('dark');
		await this.takePicture(`${name}-dark`, area);
		await this.useTheme('light');
	}

	/** For a test that did not pass: what was on the screen. The next test loads the editor anew. Out: where the picture is. */
	async keepPictureOfFailure(test: string): Promise<string> {
		const folder = join(tmpdir(), 'n8n-nodes-nexthink-failures');
		mkdirSync(folder, { recursive: true });
		const path = join(folder, `${test.replace(/[^A-Za-z0-9]+/g, '-')}.png`);
		await this.page.screenshot({ path });
		await this.page.goto('about:blank');
		return path;
	}
}

async function logIn(browser: Browser, origin: string): Promise<Page> {
	const context = await browser.newContext({
		viewport: VIEWPORT,
		deviceScaleFactor: PICTURE_SCALE,
		colorScheme: 'light',
		locale: 'en-GB',
	});
	context.setDefaultTimeout(PATIENCE_MILLISECONDS);
	const page = await context.newPage();
	const { email, password } = OWNER;
	const answer = await page.request.post(`${origin}/rest/login`, {
		data: { emailOrLdapLoginId: email, password },
	});
	if (!answer.ok()) throw new Error(`n8n refused the owner's login: ${answer.status()}`);
	return page;
}
