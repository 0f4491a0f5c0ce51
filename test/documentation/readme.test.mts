import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { formatted } from './format.mts';
import { TABLES, withFreshTables } from './tables.mts';

const path = new URL('../../README.md', import.meta.url).pathname;
const readme = await readFile(path, 'utf8');

describe('the README', () => {
	it("states every parameter and error code as the node's own description does", async () => {
		expect(readme, 'run: npm run docs').toBe(await formatted(withFreshTables(readme), path));
	});

	it.each(Object.keys(TABLES))('would be found out if its table %s were outdated', (name) => {
		const [before, table, after] = readme.split(
			new RegExp(`(<!-- ${name} -->[^]*<!-- /${name} -->)`),
		);
		const outdated = `${before}${table?.replace(/`[^`]+`/, '`other`')}${after}`;
		expect(outdated).not.toBe(readme);
		expect(withFreshTables(outdated).replace(/\s|-/g, '')).toBe(readme.replace(/\s|-/g, ''));
	});
});
