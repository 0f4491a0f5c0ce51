import type { Locator } from 'playwright-core';

/** Whether an icon is there: a missing one is an image without a width. */
export async function isDrawn(icon: Locator): Promise<boolean> {
	return await icon.evaluate(
		(image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0,
	);
}
