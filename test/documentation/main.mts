import { readFile, writeFile } from 'node:fs/promises';

import { playExecuteMatrix } from '../engine/fault-matrix/execute-matrix.mts';
import { playExportMatrix } from '../engine/fault-matrix/export-matrix.mts';
import { playLookUpExportMatrix } from '../engine/fault-matrix/look-up-export-matrix.mts';
import { playLookUpMatrix } from '../engine/fault-matrix/look-up-matrix.mts';
import { playMatrix } from '../engine/fault-matrix/matrix.mts';
import { formatted } from './format.mts';
import { reliabilityPage } from './reliability.mts';
import { PAGES, withFreshTables } from './tables.mts';

for (const [name, tables] of Object.entries(PAGES)) {
	const path = new URL(`../../${name}`, import.meta.url).pathname;
	const fresh = withFreshTables(await readFile(path, 'utf8'), tables);
	await writeFile(path, await formatted(fresh, path));
	console.log(`${name}: its tables are up to date.`);
}

const reliability = new URL('../../docs/reliability.md', import.meta.url).pathname;
const matrices = {
	deletions: await playMatrix(),
	lookUps: await playLookUpMatrix(),
	lookUpsByExport: await playLookUpExportMatrix(),
	queries: await playExecuteMatrix(),
	exports: await playExportMatrix(),
};
await writeFile(reliability, await formatted(await reliabilityPage(matrices), reliability));
console.log('docs/reliability.md: the matrices of faults are up to date.');
