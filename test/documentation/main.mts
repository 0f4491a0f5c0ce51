import { readFile, writeFile } from 'node:fs/promises';

import { playExecuteMatrix } from '../engine/fault-matrix/execute-matrix.mts';
import { playExportMatrix } from '../engine/fault-matrix/export-matrix.mts';
import { playLookUpMatrix } from '../engine/fault-matrix/look-up-matrix.mts';
import { playMatrix } from '../engine/fault-matrix/matrix.mts';
import { formatted } from './format.mts';
import { reliabilityPage } from './reliability.mts';
import { withFreshTables } from './tables.mts';

const readme = new URL('../../README.md', import.meta.url).pathname;
await writeFile(readme, await formatted(withFreshTables(await readFile(readme, 'utf8')), readme));
console.log('README.md: tables of parameters, options and error codes are up to date.');

const reliability = new URL('../../docs/reliability.md', import.meta.url).pathname;
const matrices = {
	deletions: await playMatrix(),
	lookUps: await playLookUpMatrix(),
	queries: await playExecuteMatrix(),
	exports: await playExportMatrix(),
};
await writeFile(reliability, await formatted(await reliabilityPage(matrices), reliability));
console.log('docs/reliability.md: the matrices of faults are up to date.');
