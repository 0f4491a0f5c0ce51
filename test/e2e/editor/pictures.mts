import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { REPOSITORY } from '../harness/folders.mts';
import type { Run } from '../harness/run.mts';

/** Set to renew the pictures of the documentation; otherwise they go into the run's throw-away folder. */
const UPDATE_IMAGES = process.env.UPDATE_IMAGES !== undefined;

/** Of the pixels of a picture to those of the page, so that its texts are sharp. */
export const PICTURE_SCALE = UPDATE_IMAGES ? 1.6 : 1;

const MOST_BYTES = 300_000;

/** Leaves out the arrows to other nodes, which stick out of the panel of a node, and where the last nodes of a workflow go on. */
const WITHOUT_CONTINUATIONS = `
	[data-test-id="floating-nodes"],
	[data-test-id="canvas-handle-plus-wrapper"],
	:has(> [data-test-id="canvas-handle-plus-wrapper"]) > [class*="runDataLabel"] { visibility: hidden; }
`;

/** In CSS pixels of the page. */
export interface Area {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

/**
 * Takes a picture of a part of the page, without n8n's passing messages and without a pointer over anything. Throws if the file would
 * be too large for a README.
 */
export async function takePicture(run: Run, page: Page, name: string, area: Area): Promise<void> {
	await dismissMessages(page);
	await page.mouse.move(1, 1);
	await page.waitForFunction('[...document.images].every((image) => image.complete)');
	const folder = UPDATE_IMAGES ? join(REPOSITORY, 'docs', 'images') : join(run.folder, 'pictures');
	mkdirSync(folder, { recursive: true });
	const path = join(folder, `${name}.png`);
	await page.screenshot({
		path,
		clip: area,
		animations: 'disabled',
		caret: 'hide',
		style: WITHOUT_CONTINUATIONS,
	});
	const { size } = statSync(path);
	if (size > MOST_BYTES) throw new Error(`${name}.png has ${size} bytes, more than ${MOST_BYTES}.`);
}

/** Closes the messages that n8n shows in a corner for a while, and those that come while others fade out. */
export async function dismissMessages(page: Page): Promise<void> {
	await page.waitForFunction(CLOSE_MESSAGES);
}

const CLOSE_MESSAGES = `(() => {
	const messages = [...document.querySelectorAll('.el-notification')];
	for (const message of messages) message.querySelector('.el-notification__closeBtn')?.click();
	return messages.length === 0;
})()`;

/** The smallest area that holds all of these, with a margin. */
export function around(areas: ReadonlyArray<Area | null>, margin = 0): Area {
	const known = areas.filter((area) => area !== null);
	if (known.length === 0) throw new Error('Nothing of what the picture is to show is visible.');
	const x = Math.max(0, Math.min(...known.map((area) => area.x)) - margin);
	const y = Math.max(0, Math.min(...known.map((area) => area.y)) - margin);
	const right = Math.max(...known.map((area) => area.x + area.width)) + margin;
	const bottom = Math.max(...known.map((area) => area.y + area.height)) + margin;
	return { x, y, width: right - x, height: bottom - y };
}
