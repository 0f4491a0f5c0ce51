import type { Locator, Page } from 'playwright-core';
import type { Area } from './pictures.mts';

/** The panel in which users look for nodes. */
export class NodeCreator {
	readonly panel: Locator;
	readonly #page: Page;

	constructor(page: Page) {
		this.#page = page;
		this.panel = page.getByTestId('node-creator');
	}

	async search(text: string): Promise<void> {
		await this.#page.getByTestId('node-creator-search-bar').fill(text);
	}

	found(): Locator {
		return this.panel.getByTestId('node-creator-item-name');
	}

	/** Names of what was found. */
	async names(): Promise<string[]> {
		return (await this.found().allInnerTexts()).map((name) => name.trim());
	}

	/** Down to the last node that was found. */
	async area(): Promise<Area> {
		const panel = await this.panel.boundingBox();
		const last = await this.found().last().boundingBox();
		if (panel === null || last === null) throw new Error('No node was found.');
		return { ...panel, height: last.y + last.height + 60 - panel.y };
	}

	async pick(name: string): Promise<void> {
		await this.found().getByText(name, { exact: true }).click();
	}
}
