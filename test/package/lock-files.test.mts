import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const TOP = fileURLToPath(new URL('../..', import.meta.url));

/** Every folder of ours that npm installs. */
const FOLDERS = [
	'.',
	'test/e2e',
	...readdirSync(`${TOP}/test/e2e`).map((name) => `test/e2e/${name}`),
].filter((folder) => existsSync(`${TOP}/${folder}/package.json`));

interface Entry {
	link?: boolean;
	inBundle?: boolean;
	integrity?: string;
	resolved?: string;
}

it('is looked for in each of the five folders that have packages', () => {
	expect(FOLDERS).toHaveLength(5);
});

describe.each(FOLDERS)('the lock file of %s', (folder) => {
	const { packages } = JSON.parse(readFileSync(`${TOP}/${folder}/package-lock.json`, 'utf8')) as {
		packages: Record<string, Entry>;
	};
	/** All but the folder itself. */
	const entries = Object.entries(packages).filter(([path]) => path !== '');

	it('holds a checksum for every package that is fetched, for other systems too', () => {
		const fetched = entries.filter(([, { link, inBundle }]) => link !== true && inBundle !== true);
		expect(fetched.length).toBeGreaterThan(2);
		const without = fetched.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'));
		expect(without.map(([path]) => path)).toEqual([]);
	});

	it('names no registry', () => {
		expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
	});
});
