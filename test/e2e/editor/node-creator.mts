import type { Locator, Page } from 'playwright-core';

/** The panel in which users look for nodes. */
export class NodeCreator {
	readonly panel: Locator;
	readonly #page: Page;

	constructor(page: Page) {
		this.#page = page;
		this.panel = page.getByTestId('node-creator');
	}

	/** Opened on the canvas, for what comes after the last node. */
	static async open(page: Page): Promise<NodeCreator> {
		await page.getByTestId('node-creator-plus-button').click();
		return new NodeCreator(page);
	}

	/**
	 * Opened at an input of a node. Until the editor knows all nodes it opens another list there, and keeps it: then it is closed and
	 * opened once more.
	 */
	static async openAt(page: Page, plus: Locator, title: string): Promise<NodeCreator> {
		const creator = new NodeCreator(page);
		for (;;) {
			await plus.click();
			await creator.panel.waitFor();
			const heading = creator.panel.getByTestId('nodes-list-header').filter({ hasText: title });
			const isRight = await heading.waitFor({ timeout: 5_000 }).then(
				() => true,
				() => false,
			);
			if (isRight) return creator;
			await page.keyboard.press('Escape');
			await creator.panel.waitFor({ state: 'hidden' });
		}
	}

	/** What is listed, such as "Tools"; two of them while one list slides in over another. */
	async titles(): Promise<string[]> {
		const heads = await this.panel.getByTestId('nodes-list-header').allInnerTexts();
		return heads.map((head) => head.trim().split('\n')[0] ?? '');
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

	async pick(name: string): Promise<void> {
		await this.found().getByText(name, { exact: true }).click();
	}
}
