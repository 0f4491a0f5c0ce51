// Runs the end-to-end tests with the newest n8n that npm has, which may be newer than the one they are pinned to:
// tsx test/e2e/newest-n8n.mts, then files or options for vitest. n8n 3 is not on npm: what there is of it is not tested here.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FOLDER_OF_OTHER_N8N, REPOSITORY } from './harness/folders.mts';
import { ensureInstalled, installedN8n, installN8n } from './harness/installation.mts';

ensureInstalled();
const pinned = installedN8n('newest');
const newest = newestOf(
	JSON.parse(
		execFileSync('npm', ['view', 'n8n', 'versions', '--json'], { encoding: 'utf8' }),
	) as string[],
);
console.log(`The newest n8n that npm has is ${newest}, the tests are pinned to ${pinned}.`);

const folder = mkdtempSync(join(tmpdir(), 'n8n-newest-'));
const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
process.once('exit', removeFolder);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	// What it waits for gets the signal as well, and is ended by then.
	process.once(signal, () => process.exit(1));
}
process.exitCode = isInstalled(newest) ? test() : 1;

function isInstalled(version: string): boolean {
	console.log(`Installing it in ${folder} …`);
	try {
		installN8n(version, folder);
		return true;
	} catch (error) {
		console.error(String((error as Error).message));
		console.error(
			`\nn8n ${version} can't be installed as npm has it today, so nothing was tested with it. That is no fault of this package.`,
		);
		return false;
	}
}

/** Out: the exit code. */
function test(): number {
	const vitest = join(REPOSITORY, 'node_modules', 'vitest', 'vitest.mjs');
	const config = join(REPOSITORY, 'test', 'e2e', 'vitest.config.mts');
	const { status } = spawnSync(
		process.execPath,
		[vitest, 'run', '--config', config, ...process.argv.slice(2)],
		{ stdio: 'inherit', env: { ...process.env, [FOLDER_OF_OTHER_N8N]: folder } },
	);
	console.log(`That was n8n ${newest}.`);
	return status ?? 1;
}

/** In: versions of npm. Out: the highest that is no preview. */
function newestOf(versions: readonly string[]): string {
	const released = versions.filter((version) => /^\d+\.\d+\.\d+$/.test(version));
	const [highest] = released.sort((one, other) =>
		other.localeCompare(one, 'en', { numeric: true }),
	);
	if (highest === undefined) throw new Error('npm has no released n8n.');
	return highest;
}
