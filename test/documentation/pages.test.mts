import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import type { INodeProperties, INodePropertyCollection } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { Nexthink } from '../../nodes/Nexthink/Nexthink.node.ts';
import type { Operation } from '../../nodes/Nexthink/operations/operation.ts';
import { formatted } from './format.mts';
import { OPERATIONS } from './parameters.mts';
import { PAGES, withFreshTables } from './tables.mts';

const TOP = new URL('../../', import.meta.url).pathname;

async function read(page: string): Promise<string> {
	return await readFile(`${TOP}${page}`, 'utf8');
}

describe.each(Object.entries(PAGES))('%s', (page, tables) => {
	it("states everything in its tables as the node's own code does", async () => {
		const text = await read(page);
		const fresh = await formatted(withFreshTables(text, tables), `${TOP}${page}`);
		expect(text, 'run: npm run docs').toBe(fresh);
	});

	it.each(Object.keys(tables))('would be found out if its table %s were outdated', async (name) => {
		const text = await read(page);
		const [before, table, after] = text.split(
			new RegExp(`(<!-- ${name} -->[^]*<!-- /${name} -->)`),
		);
		const outdated = `${before}${table?.replace(/\w(?=\W*\n\n<!-- \/)/, '$&-other')}${after}`;
		expect(outdated).not.toBe(text);
		const renewed = await formatted(withFreshTables(outdated, tables), `${TOP}${page}`);
		expect(renewed).toBe(text);
	});
});

/** The paths of parameters, those in options and rows among them. */
function pathsOf(properties: readonly INodeProperties[], prefix = ''): string[] {
	return properties.flatMap(({ name, type, options = [], typeOptions }) => {
		if (type === 'notice') return [];
		const path = `${prefix}${name}`;
		if (type === 'collection') return pathsOf(options as INodeProperties[], `${path}.`);
		const rows = type === 'fixedCollection' ? (options as INodePropertyCollection[]) : [];
		const many = typeOptions?.multipleValues === true ? '[]' : '';
		return [path, ...rows.flatMap((row) => pathsOf(row.values, `${path}.${row.name}${many}.`))];
	});
}

describe('the page of parameters', () => {
	const { properties } = new Nexthink().description;
	const shownFor = (resource: string, operation: string) =>
		properties.filter(({ displayOptions: { show = {} } = {} }) => {
			const { operation: operations = [] } = show;
			return show.resource?.includes(resource) && operations.includes(operation);
		});

	/** Name and scope of each row of the table of an operation. */
	async function rowsFor({ resource, name }: Operation) {
		const page = await read('docs/parameters.md');
		const [, section = ''] = page.split(`\n## ${resource.name} > ${name}\n`);
		const [table = ''] = section.split('\n## ');
		const lines = table.split('\n').filter((line) => /^\|[^|]+\| `/.test(line));
		return lines.map((line) => {
			const [, , path = '', , , scope] = line.split('|').map((cell) => cell.trim());
			return { path: path.replaceAll('`', ''), scope };
		});
	}

	it.each(Object.values(OPERATIONS))(
		'has every parameter that the editor shows for $resource.name > $name, and no other',
		async (operation) => {
			const rows = await rowsFor(operation);
			const shown = new Set(pathsOf(shownFor(operation.resource.value, operation.value)));
			expect(shown.size).toBeGreaterThan(5);
			expect(rows).toHaveLength(shown.size);
			expect(new Set(rows.map(({ path }) => path))).toEqual(shown);
		},
	);

	it('says of each of them for what its value holds, in the words that it explains', async () => {
		const page = await read('docs/parameters.md');
		for (const operation of Object.values(OPERATIONS)) {
			for (const { path, scope } of await rowsFor(operation)) {
				if (/^options\.(checks|lastSeen)$|^queryParameters$/.test(path)) {
					expect([path, scope]).toEqual([path, 'see its fields']);
				} else {
					expect(page, path).toMatch(new RegExp(`^\\| ${scope} +\\|`, 'm'));
				}
			}
		}
		const guards = await rowsFor(OPERATIONS.delete!);
		expect(guards).toContainEqual({ path: 'maxDevices', scope: 'fixed, no expression' });
		expect(guards).toContainEqual({ path: 'dryRun', scope: 'one value for the run' });
		expect(guards).toContainEqual({ path: 'devicesJson', scope: 'per item' });
	});

	it('has every operation that the editor offers', () => {
		const offered = properties
			.filter(({ name }) => name === 'operation')
			.flatMap(({ options = [], displayOptions }) =>
				options.map((option) => [
					displayOptions?.show?.resource?.[0],
					'value' in option && option.value,
				]),
			);
		const told = Object.values(OPERATIONS).map(({ resource, value }) => [resource.value, value]);
		expect(told).toEqual(expect.arrayContaining(offered));
	});
});

/** What options, outcomes and actions were called before the first release. */
const FORMER_NAMES =
	/checkColumn\b|checkField|lastSeenColumn|minDaysSinceLastSeen|Check Column|Check Field|Last Seen Column|Minimum Days Since|NAME_MISMATCH|Fail on Unscheduled|(Execute|Export) an NQL/;

describe('a former name', () => {
	const pages = ['.', 'docs', 'examples'].flatMap((folder) =>
		readdirSync(`${TOP}${folder}`)
			.filter((name) => /\.(?:md|json)$/.test(name) && name !== 'package-lock.json')
			.map((name) => `${folder}/${name}`),
	);

	it('is looked for on every page and in every example', () => {
		const some = ['./README.md', 'docs/look-up.md', 'docs/parameters.md', 'examples/README.md'];
		expect(pages).toEqual(expect.arrayContaining([...some, 'examples/csv-export.json']));
	});

	it.each(pages)('is nowhere in %s', async (page) => {
		expect(FORMER_NAMES.exec(await read(page))?.[0]).toBeUndefined();
	});

	it('of an option is nowhere either: each `options.…` in a text is one that there is', async () => {
		const known = new Set(pathsOf(new Nexthink().description.properties));
		for (const page of pages.filter((name) => name.endsWith('.md'))) {
			const named = [...(await read(page)).matchAll(/`(options\.[\w.[\]]+)`/g)];
			expect(named.map(([, path]) => path).filter((path) => !known.has(path!))).toEqual([]);
		}
	});
});
