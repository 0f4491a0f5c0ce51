import { describe, expect, it } from 'vitest';

import { SHIPPED_SOURCES } from '../unit/shipped-sources.mts';
import { anchorsOf, linksOf, ownAddressesIn, whyDead } from './links.mts';
import { filesIn, read, USER_PAGES } from './user-texts.mts';

const CODEX = 'nodes/Nexthink/Nexthink.node.json';

const PAGES = [...USER_PAGES, 'CONTRIBUTING.md'];

/** The files from which n8n's editor leads to pages of this project. */
const IN_THE_EDITOR = [...SHIPPED_SOURCES, CODEX, ...filesIn('examples', '.json')];

describe('a link', () => {
	it.each(PAGES)('on %s leads to a file and a heading that there are', (page) => {
		const dead = linksOf(read(page)).flatMap((link) => whyDead(link, page) ?? []);
		expect(dead).toEqual([]);
	});

	it.each(IN_THE_EDITOR)('in %s leads to a page and a heading that there are', (file) => {
		const dead = ownAddressesIn(read(file)).flatMap((link) => whyDead(link, file) ?? []);
		expect(dead).toEqual([]);
	});

	it('is found in Markdown, in HTML and in pictures, and not in code', () => {
		const page = [
			'[a](docs/a.md#b) and ![b](docs/b.png "title")',
			'<source srcset="docs/c.png"> <img alt="c" src="docs/d.png">',
			'```',
			'[no](nowhere.md)',
			'```',
			'[e]: docs/e.md',
		].join('\n');
		expect(linksOf(page).sort()).toEqual([
			'docs/a.md#b',
			'docs/b.png',
			'docs/c.png',
			'docs/d.png',
			'docs/e.md',
		]);
	});

	it('is found on every page that should have some, and in the editor', () => {
		for (const page of ['README.md', 'docs/look-up.md']) {
			expect(linksOf(read(page)).length).toBeGreaterThan(5);
		}
		expect(IN_THE_EDITOR.flatMap((file) => ownAddressesIn(read(file))).length).toBeGreaterThan(3);
	});

	it.each([
		['nowhere.md', 'there is no file nowhere.md'],
		['docs/parameters.md#nowhere', 'docs/parameters.md has no heading #nowhere'],
		['#nowhere', 'README.md has no heading #nowhere'],
		['../outside.md', 'there is no file ../outside.md'],
		[
			'https://github.com/n8n-nodes-nexthink/n8n-nodes-nexthink/blob/main/docs/nowhere.md',
			'there is no file docs/nowhere.md',
		],
		[
			'https://github.com/n8n-nodes-nexthink/n8n-nodes-nexthink#nowhere',
			'README.md has no heading #nowhere',
		],
	])('that leads nowhere is found: %s', (link, why) => {
		expect(whyDead(link, 'README.md')).toBe(why);
	});

	it.each([
		'docs/parameters.md',
		'docs/parameters.md#device--delete',
		'#install',
		'https://n8n.io/nowhere#at-all',
		'https://github.com/n8n-nodes-nexthink/n8n-nodes-nexthink#readme',
	])('that leads somewhere is not: %s', (link) => {
		expect(whyDead(link, 'README.md')).toBeUndefined();
	});
});

describe('an anchor', () => {
	it('is that of GitHub: lower case, no punctuation, hyphens, a number for the second of a name', () => {
		const page = '# Device > Look Up\n## 1. Save it, in "Nexthink"\n## A\n```\n# b\n```\n## A\n';
		expect([...anchorsOf(page)]).toEqual(['device--look-up', '1-save-it-in-nexthink', 'a', 'a-1']);
	});
});
