import type { Locator, Page } from 'playwright-core';
import { NodePanel } from './node-panel.mts';
import { around, type Area } from './pictures.mts';

/** The workflow as n8n draws it. */
export class Canvas {
	readonly #page: Page;

	constructor(page: Page) {
		this.#page = page;
	}

	node(name: string): Locator {
		return this.#page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);
	}

	/** What stands below the name of a node. */
	async subtitle(name: string): Promise<string> {
		return (await this.node(name).innerText()).split('\n').at(-1) ?? '';
	}

	icon(name: string): Locator {
		return this.node(name).locator('img').first();
	}

	/** Where a node is added at an input, such as `ai_tool`. */
	plus(name: string, input: string): Locator {
		return this.node(name)
			.locator(`[data-handleid="inputs/${input}/0"]`)
			.getByTestId('canvas-handle-plus');
	}

	/** What the lines between the nodes say of the last run, such as "4 items". */
	async countsOnLines(): Promise<string[]> {
		const texts = await this.#page.getByTestId('edge-label').allInnerTexts();
		return texts.map((text) => text.trim()).filter((text) => text !== '');
	}

	async openNode(name: string): Promise<NodePanel> {
		await this.node(name).dblclick();
		const panel = new NodePanel(this.#page);
		await panel.whole.waitFor();
		return panel;
	}

	/** Saves the workflow, as a user would, and waits until it is saved. */
	async save(): Promise<void> {
		const saved = this.#page.waitForResponse(
			(response) =>
				response.request().method() === 'PATCH' && response.url().includes('/rest/workflows/'),
		);
		await this.#page.keyboard.press('ControlOrMeta+s');
		await saved;
	}

	/** Starts the workflow, as a user would, and waits for its end. */
	async execute(): Promise<void> {
		const button = this.#page.getByTestId('execute-workflow-button');
		await button.click();
		await this.#page.getByTestId('stop-execution-button').waitFor({ state: 'detached' });
	}

	/** The area that nodes take, by default all, with their names, which are wider than they are, and some space above. */
	async area({ of, above = EDGE }: { of?: readonly string[]; above?: number } = {}): Promise<Area> {
		const nodes = of?.map((name) => this.node(name)) ?? [
			...(await this.#page.getByTestId('canvas-node').all()),
		];
		const boxes = nodes.map((node) => node.boundingBox());
		const texts = nodes.map((node) => node.locator('[class*="_description_"]').boundingBox());
		const { x, width } = around(await Promise.all(boxes), SIDE);
		const { y, height } = around(await Promise.all([...boxes, ...texts]));
		return { x, width, y: y - above, height: above + height + EDGE };
	}
}

const SIDE = 36;
const EDGE = 24;
