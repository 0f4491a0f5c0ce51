import { readFile, writeFile } from 'node:fs/promises';

import { format, resolveConfig } from 'prettier';

import { withFreshTables } from './tables.mts';

const readme = new URL('../../README.md', import.meta.url).pathname;
const markdown = withFreshTables(await readFile(readme, 'utf8'));
await writeFile(
	readme,
	await format(markdown, { ...(await resolveConfig(readme)), filepath: readme }),
);
console.log('README.md: tables of parameters, options and error codes are up to date.');
