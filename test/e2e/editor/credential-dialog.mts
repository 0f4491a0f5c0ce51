import type { Locator, Page } from 'playwright-core';
import { around, type Area } from './pictures.mts';

/** The dialog in which a credential is made or changed. */
export class CredentialDialog {
	readonly whole: Locator;
	readonly #page: Page;

	constructor(page: Page) {
		this.#page = page;
		this.whole = page.getByTestId('editCredential-modal');
	}

	/** Opened from the panel of a node that has none yet, where most users meet it. */
	static async openFromNode(page: Page): Promise<CredentialDialog> {
		await page.getByTestId('node-parameters').getByText('Connect to Nexthink').click();
		const dialog = new CredentialDialog(page);
		await dialog.field('clientId').waitFor();
		return dialog;
	}

	field(name: string): Locator {
		return this.whole.getByTestId(`parameter-input-${name}`);
	}

	/** Names of the fields on show, in their order. */
	async fieldNames(): Promise<string[]> {
		const shown = this.whole.locator('[data-test-id^="parameter-input-"]:visible');
		const ids = await shown.evaluateAll((elements) =>
			elements.map((element) => element.getAttribute('data-test-id') ?? ''),
		);
		const names = ids.map((id) => id.replace('parameter-input-', ''));
		return names.filter((name) => name !== 'field');
	}

	async regions(): Promise<string[]> {
		await this.field('region').click();
		const offered = this.#page.locator('.el-select-dropdown__item:visible');
		await offered.first().waitFor();
		const labels = await offered.allInnerTexts();
		await this.#page.keyboard.press('Escape');
		return labels;
	}

	async chooseRegion(label: string): Promise<void> {
		await this.field('region').click();
		await this.#page
			.locator('.el-select-dropdown__item:visible')
			.getByText(label, { exact: true })
			.click();
	}

	async fill(values: Readonly<Record<string, string>>): Promise<void> {
		for (const [name, value] of Object.entries(values)) {
			await this.field(name).locator('input').fill(value);
		}
	}

	/** n8n tests a credential as soon as it is saved, and closes the dialog if all is well. */
	async save(): Promise<void> {
		await this.whole.getByTestId('credential-save-button').click();
	}

	/** From the node that uses it; n8n tests it again. */
	async openAgain(): Promise<void> {
		await this.#page.getByTestId('credential-edit-button').click();
		await this.field('clientId').waitFor();
	}

	/** Down to one of its parts, on a page that is high enough; n8n would leave the last fields out of sight. */
	async areaDownTo(part: Locator): Promise<Area> {
		const content = '[data-test-id="editCredential-modal"] { max-height: none !important; }';
		await this.#page.addStyleTag({ content });
		const { x, y, width } = around([await this.whole.boundingBox()]);
		const { y: end, height } = around([await part.boundingBox()]);
		return { x, y, width, height: end + height + 24 - y };
	}
}
