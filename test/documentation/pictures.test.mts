import { describe, expect, it } from 'vitest';

import { linksOf } from './links.mts';
import { filesIn, read, USER_PAGES } from './user-texts.mts';

const FOLDER = 'docs/images';

/** The pictures that a page shows, by their paths from the top. */
function picturesOn(page: string): string[] {
	const folder = new URL(page, 'file:///');
	return linksOf(read(page))
		.filter((link) => link.endsWith('.png') && !/^[a-z]+:/i.test(link))
		.map((link) => new URL(link, folder).pathname.slice(1));
}

describe('the pictures', () => {
	const shown = new Set(USER_PAGES.flatMap(picturesOn));

	it('that there are, and no others, are shown on the pages', () => {
		expect(filesIn(FOLDER, '')).toEqual([...shown].sort());
	});

	it('for readers with a dark theme are shown beside one for all others', () => {
		const dark = [...shown].filter((picture) => picture.endsWith('-dark.png'));
		expect(dark).not.toEqual([]);
		for (const picture of dark) expect(shown).toContain(picture.replace('-dark.png', '.png'));
	});

	it('have a text for those who do not see them', () => {
		const images = USER_PAGES.flatMap((page) => [
			...read(page).matchAll(/<img\b[^>]*>|!\[[^\]]*\]\([^)]*\)/g),
		]).map(([image]) => image);
		expect(images).not.toEqual([]);
		const texts = images.map((image) => /\balt="([^"]*)"|^!\[([^\]]*)\]/.exec(image) ?? []);
		expect(texts.filter(([, html, markdown]) => (html ?? markdown ?? '').length < 40)).toEqual([]);
	});
});
