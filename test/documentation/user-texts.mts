import { readdirSync, readFileSync } from 'node:fs';

import { SHIPPED_SOURCES } from '../unit/shipped-sources.mts';
import { textsOf } from '../unit/texts.mts';
import { PAGES } from './tables.mts';

export const TOP = new URL('../../', import.meta.url).pathname;

/** A text that users read. */
export interface UserText {
	/** The file that it is in, from the top. */
	path: string;
	/** Where in that file. */
	place: string;
	/** With its lines joined by spaces: a phrase may be broken between two of them. */
	text: string;
	/** Whether it is in a table that is made of the texts of the node. */
	isOfTable?: true;
}

export function read(path: string): string {
	return readFileSync(`${TOP}${path}`, 'utf8');
}

/** Out: the paths of the files in a folder whose names end so. */
export function filesIn(folder: string, ending: string): string[] {
	return readdirSync(`${TOP}${folder}`)
		.filter((name) => name.endsWith(ending))
		.sort()
		.map((name) => `${folder}/${name}`);
}

/** The pages that users read. */
export const USER_PAGES = [
	'README.md',
	...filesIn('docs', '.md'),
	'examples/README.md',
	'CHANGELOG.md',
	'SECURITY.md',
];

/** All that users read: pages, the notes and texts of the ready workflows, and the texts of node and credential. */
export function userTexts(): UserText[] {
	return [
		...USER_PAGES.flatMap(paragraphsOf),
		...filesIn('examples', '.json').flatMap(textsOfWorkflow),
		...SHIPPED_SOURCES.flatMap((path) =>
			textsOf(path, read(path)).map(({ line, text }) => ({
				path,
				place: `line ${line}`,
				text: inOneLine(text),
			})),
		),
	];
}

/** Phrases are looked for in a paragraph, because a line may end within one. */
function paragraphsOf(path: string): UserText[] {
	const tables = new Set(Object.keys(PAGES[path] ?? {}));
	let line = 1;
	let isOfTable = false;
	return read(path)
		.split(/(\n{2,})/)
		.flatMap((part) => {
			const place = `line ${line}`;
			line += part.split('\n').length - 1;
			const [, isEnd, name = ''] = /^<!-- (\/?)([\w-]+) -->$/.exec(part.trim()) ?? [];
			if (tables.has(name)) isOfTable = isEnd === '';
			if (part.trim() === '') return [];
			return [{ path, place, text: inOneLine(part), ...(isOfTable && { isOfTable }) }];
		});
}

/** Every text with spaces in it, whichever node and parameter it belongs to. */
function textsOfWorkflow(path: string): UserText[] {
	const { name, nodes } = JSON.parse(read(path)) as {
		name: string;
		nodes: Array<{ name: string; parameters: unknown }>;
	};
	const inNode = (node: (typeof nodes)[number]) =>
		[node.name, ...stringsIn(node.parameters)].map((text) => ({
			path,
			place: node.name,
			text: inOneLine(text),
		}));
	return [{ path, place: 'name', text: name }, ...nodes.flatMap(inNode)];
}

function stringsIn(value: unknown): string[] {
	if (typeof value === 'string') return [value];
	return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

function inOneLine(text: string): string {
	return text.replace(/\s+/g, ' ').trim();
}
