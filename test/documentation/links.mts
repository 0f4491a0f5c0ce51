import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { read, TOP } from './user-texts.mts';

/** Where this project's own pages are for those who read elsewhere, such as in n8n's editor. */
const REPOSITORY = 'https://github.com/n8n-nodes-nexthink/n8n-nodes-nexthink';

/** Out: all addresses that a page links to or shows, in Markdown and in HTML. */
export function linksOf(markdown: string): string[] {
	const text = withoutCode(markdown);
	return [
		...[...text.matchAll(/\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map(([, link]) => link!),
		...[...text.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/gm)].map(([, link]) => link!),
		...[...text.matchAll(/<[^>]*?\b(?:src|srcset|href)="([^"\s]+)[^"]*"/g)].map(
			([, link]) => link!,
		),
	];
}

/** Out: the addresses of this project's own pages and files in any text, such as a source. */
export function ownAddressesIn(text: string): string[] {
	const pattern = new RegExp(`${REPOSITORY}(?:/blob/main/|#)[\\w./#-]*`, 'g');
	return text.match(pattern) ?? [];
}

/**
 * Tells why a link leads nowhere; undefined where it leads somewhere, or out of this project.
 *
 * @param from the path of the page that has it
 */
export function whyDead(link: string, from: string): string | undefined {
	const own = new RegExp(`^${REPOSITORY}(?:/blob/main/|(?=#))`);
	const isOwn = own.test(link);
	if (!isOwn && /^[a-z]+:/i.test(link)) return undefined;
	const [file = '', anchor] = link.replace(own, '').split('#');
	const ofReadme = isOwn && file === '' ? 'README.md' : undefined;
	const path =
		ofReadme ?? (isOwn ? file : file === '' ? from : normalize(join(dirname(from), file)));
	if (path.startsWith('..') || !existsSync(`${TOP}${path}`)) return `there is no file ${path}`;
	if (anchor === undefined || anchor === 'readme') return undefined;
	return anchorsOf(read(path)).has(anchor) ? undefined : `${path} has no heading #${anchor}`;
}

/** Out: the anchors of a page as GitHub makes them of its headings. */
export function anchorsOf(markdown: string): Set<string> {
	const anchors = new Set<string>();
	for (const [, heading] of withoutCode(markdown).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
		const slug = heading!
			.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\s_-]/gu, '')
			.replaceAll(' ', '-');
		let anchor = slug;
		for (let more = 1; anchors.has(anchor); more++) anchor = `${slug}-${more}`;
		anchors.add(anchor);
	}
	return anchors;
}

/** A hash in a block of code is no heading, and brackets are no link; what stands in a line keeps its words. */
function withoutCode(markdown: string): string {
	return markdown.replace(/^(`{3,})[^\n]*\n[^]*?^\1\s*$/gm, '');
}
