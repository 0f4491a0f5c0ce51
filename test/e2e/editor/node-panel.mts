import { text as streamText } from 'node:stream/consumers';
import type { Locator, Page } from 'playwright-core';
import { around, dismissMessages, type Area } from './pictures.mts';

/** In CSS pixels, from the upper or lower edge of a line of text into it. */
const WITHIN_LINE = 4;

/** What opens on a double click on a node: input, parameters, output. */
export class NodePanel {
	readonly whole: Locator;
	readonly input: Locator;
	readonly parameters: Locator;
	readonly output: Locator;
	readonly #page: Page;

	constructor(page: Page) {
		this.#page = page;
		this.whole = page.getByTestId('ndv');
		this.input = page.getByTestId('ndv-input-panel');
		this.parameters = page.getByTestId('node-parameters');
		this.output = page.getByTestId('output-panel');
	}

	/** In: the name of a parameter, or the path to one within a list of rows, such as `options.checks.check[0].column`. */
	parameter(name: string): Locator {
		if (!name.includes('.')) return this.parameters.getByTestId(`parameter-input-${name}`);
		const input = this.#page.getByTitle(`Parameter: "${name}"`, { exact: true });
		return this.parameters.locator('[data-test-id^="parameter-input-"]').filter({ has: input });
	}

	/** What the panel says above a parameter. */
	notice(): Locator {
		return this.parameters.getByRole('alert');
	}

	/** Selects with the pointer from the beginning of one text to the end of another. Out: what a browser copies then. */
	async select(from: Locator, to: Locator): Promise<string> {
		const [first, last] = [await from.boundingBox(), await to.boundingBox()];
		if (first === null || last === null) throw new Error('What is to be selected is not visible.');
		// Either may be broken into several lines.
		await this.#page.mouse.move(first.x, first.y + WITHIN_LINE);
		await this.#page.mouse.down();
		await this.#page.mouse.move(last.x + last.width, last.y + last.height - WITHIN_LINE, {
			steps: 5,
		});
		await this.#page.mouse.up();
		return await this.#page.evaluate<string>('getSelection().toString()');
	}

	/** Names of the parameters on show, in their order. */
	async parameterNames(): Promise<string[]> {
		const shown = this.parameters.locator('[data-test-id^="parameter-input-"]:visible');
		const ids = await shown.evaluateAll((elements) =>
			elements.map((element) => element.getAttribute('data-test-id') ?? ''),
		);
		const names = ids.map((id) => id.replace('parameter-input-', ''));
		return names.filter((name) => name !== 'field');
	}

	/** Drags a field of the input's schema onto a parameter. */
	async dragField(field: string, parameter: string): Promise<void> {
		const name = new RegExp(`^\\s*${field.replaceAll('.', '\\.')}\\s*$`);
		const pill = this.input.getByTestId('run-data-schema-node-name').filter({ hasText: name });
		// Both stand still once a pointer can be put on them.
		await this.parameter(parameter).hover();
		await pill.hover();
		const from = centre(await pill.boundingBox());
		const to = centre(await this.parameter(parameter).boundingBox());
		await this.#page.mouse.down();
		// n8n takes it for a drag once the pointer has moved a little.
		await this.#page.mouse.move(from.x + 20, from.y + 20, { steps: 5 });
		await this.#page.mouse.move(to.x, to.y, { steps: 10 });
		await this.#page.mouse.up();
	}

	/** Adds a row to a list of rows, such as Query Parameters, of which each has a few fields; or the only one. */
	async addRow(label: string): Promise<void> {
		await this.parameters.getByText(label, { exact: true }).click();
	}

	async type(parameter: string, text: string): Promise<void> {
		await this.parameter(parameter).locator('input').fill(text);
	}

	async valueOf(parameter: string): Promise<string> {
		return await this.parameter(parameter).locator('input').inputValue();
	}

	/** Turns a parameter that is true or false to the other. */
	async toggle(parameter: string): Promise<void> {
		await this.parameter(parameter).locator('.el-switch').click();
	}

	async isOn(parameter: string): Promise<boolean> {
		return await this.parameter(parameter).getByRole('switch').isChecked();
	}

	/** Out: what a list offers, each with its description after a line break. */
	async choices(parameter: string): Promise<string[]> {
		await this.parameter(parameter).click();
		await this.#offered().first().waitFor();
		const texts = await this.#offered().allInnerTexts();
		await this.#page.keyboard.press('Escape');
		return texts;
	}

	async choose(parameter: string, label: string): Promise<void> {
		await this.parameter(parameter).click();
		await this.#offered().getByText(label, { exact: true }).click();
	}

	/** Out: the labels of the options that can still be added. Leaves the list of them open. */
	async optionsToAdd(): Promise<string[]> {
		await this.#openOptionsToAdd();
		return await this.#offered().allInnerTexts();
	}

	async addOption(label: string): Promise<void> {
		await this.#openOptionsToAdd();
		await this.#offered().getByText(label, { exact: true }).click();
		// The list fades out; until then it lies over the button that opens it.
		await this.#offered().first().waitFor({ state: 'hidden' });
	}

	async #openOptionsToAdd(): Promise<void> {
		if (await this.#offered().first().isVisible()) return;
		const inOldest = this.parameters.getByPlaceholder('Add option');
		const add = this.parameters.getByTestId('collection-parameter-add').or(inOldest);
		await add.first().click();
		await this.#offered().first().waitFor();
	}

	/** On Error stands with the node's settings. */
	async setOnError(label: string): Promise<void> {
		await this.whole.getByTestId('tab-settings').click();
		await this.#page.getByTestId('parameter-input-onError').click();
		await this.#offered().getByText(label, { exact: true }).click();
		await this.whole.getByTestId('tab-params').click();
	}

	/** Runs the node, and what stands before it, and waits for the end. */
	async execute(): Promise<void> {
		await this.whole.getByTestId('node-execute-button').click();
		await this.output.locator('[data-test-id^="node-run-status-"]').waitFor();
	}

	/** Texts of the hints above the output. */
	async hints(): Promise<string[]> {
		const texts = await this.output.getByTestId('node-hint').allInnerTexts();
		return texts.map((text) => text.trim());
	}

	/** Rows of the table view, without its head. */
	async rows(): Promise<string[][]> {
		const rows = await this.output.locator('table tbody tr').all();
		const texts = await Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
		return texts.map((cells) => cells.map((cell) => cell.trim()));
	}

	async columns(): Promise<string[]> {
		const heads = await this.output.locator('table thead th').allInnerTexts();
		return heads.map((head) => head.trim()).filter((head) => head !== '');
	}

	/** The tabs of the outputs with their counts; none where there is but one output. */
	async branches(): Promise<string[]> {
		const texts = await this.output.getByTestId('branches').allInnerTexts();
		return texts.flatMap((text) => text.split('\n')).filter((text) => text.trim() !== '');
	}

	/** Changes the view of the output; Binary is offered where an item carries a file. */
	async showAs(view: 'Table' | 'Binary'): Promise<void> {
		const views = this.output.getByTestId('ndv-run-data-display-mode');
		await views.getByText(view, { exact: true }).click();
	}

	/** The file of the first item, in the view for files. */
	file(): Locator {
		return this.output.getByTestId('ndv-binary-data_0');
	}

	/** Out: the name under which a browser keeps that file, and its text. */
	async downloadFile(): Promise<{ name: string; text: string }> {
		const [download] = await Promise.all([
			this.#page.waitForEvent('download'),
			this.file().getByTestId('ndv-download-binary-data').click(),
		]);
		return {
			name: download.suggestedFilename(),
			text: await streamText(await download.createReadStream()),
		};
	}

	/** Headline of the view of an error. */
	async error(): Promise<string> {
		return (await this.output.getByTestId('node-error-message').innerText()).trim();
	}

	async errorDescription(): Promise<string> {
		return (await this.output.getByTestId('node-error-description').innerText()).trim();
	}

	/** The output panel down to the end of the view of an error. */
	async errorArea(): Promise<Area> {
		const output = await this.output.boundingBox();
		const end = await this.output.getByText('Other info').boundingBox();
		if (output === null || end === null) throw new Error('There is no view of an error.');
		return { ...output, height: end.y + end.height + 40 - output.y };
	}

	/** What stands under "Error details > From Nexthink". */
	async errorDetails(): Promise<string> {
		await dismissMessages(this.#page);
		await this.output.getByText('From Nexthink').click();
		await this.output.getByText('Error data').waitFor();
		return await this.output.innerText();
	}

	/** The buttons with which an author leaves a parameter to the model of an AI Agent. */
	buttonsForModel(): Locator {
		return this.parameters.getByTestId('from-ai-override-button');
	}

	/** The one of them at a parameter. */
	buttonForModel(parameter: string): Locator {
		const place = this.parameters.locator(`[data-test-id^="${parameter}-parameter-input-"]`);
		return place.getByTestId('from-ai-override-button');
	}

	async close(): Promise<void> {
		const inOldest = this.#page.getByTestId('back-to-canvas');
		await this.whole.getByTestId('ndv-close-button').or(inOldest).first().click();
		await this.whole.waitFor({ state: 'hidden' });
	}

	/** The output panel to the end of a column of its table, and down to the end of a row; by default all of them. */
	async tableArea({ lastColumn = '', lastRow = -1 } = {}): Promise<Area> {
		const row = this.output.locator('table tbody tr').nth(lastRow);
		const head = this.output
			.locator('th')
			.filter({ hasText: new RegExp(`^\\s*${lastColumn}\\s*$`) });
		const { x, y, width } = around([await this.output.boundingBox()]);
		const end = around([await row.boundingBox()]);
		const column = lastColumn === '' ? undefined : around([await head.boundingBox()]);
		return {
			...{ x, y },
			width: column === undefined ? width : column.x + column.width - x,
			height: end.y + end.height - y,
		};
	}

	/** Makes room for a table by moving the parameters as far to the left as they go. */
	async widenOutput(): Promise<void> {
		const handle = centre(await this.whole.getByTestId('panel-drag-button').boundingBox());
		await this.#page.mouse.move(handle.x, handle.y);
		await this.#page.mouse.down();
		await this.#page.mouse.move(0, handle.y, { steps: 10 });
		await this.#page.mouse.up();
	}

	/** Of the whole panel, or of these parts. */
	async area(parts: readonly Locator[] = [this.whole], margin = 0): Promise<Area> {
		return around(await Promise.all(parts.map((part) => part.boundingBox())), margin);
	}

	#offered(): Locator {
		return this.#page.locator('.el-select-dropdown__item:visible');
	}
}

function centre(area: Area | null): { x: number; y: number } {
	if (area === null) throw new Error('What is to be dragged, or its place, is not visible.');
	return { x: area.x + area.width / 2, y: area.y + area.height / 2 };
}
