// Runs the end-to-end tests with the newest n8n that npm has, which may be newer than the one they are pinned to, or with another one:
// node --import tsx test/e2e/newest-n8n.mts [version] [files and options for vitest]
// n8n 3 is not on npm: what there is of it is not tested here.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FOLDER_OF_OTHER_N8N, REPOSITORY } from './harness/folders.mts';
import { ensureInstalled, installedN8n, installN8n } from './harness/installation.mts';

ensureInstalled();
const RELEASE = /^\d+\.\d+\.\d+$/;
const pinned = installedN8n('newest');
const [asked, ...others] = process.argv.slice(2);
const isVersion = asked !== undefined && RELEASE.test(asked);
const forVitest = isVersion ? others : process.argv.slice(2);
const version = isVersion ? asked : newestOnNpm();
console.log(`n8n ${version}; the tests are pinned to ${pinned}.`);

const folder = mkdtempSync(join(tmpdir(), 'n8n-newest-'));
const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
process.once('exit', removeFolder);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	// What it waits for gets the signal as well, and is ended by then.
	process.once(signal, () => process.exit(1));
}
process.exitCode = install() ? test() : 1;

/** Out: whether it could be. */
function install(): boolean {
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
		[vitest, 'run', '--config', config, ...forVitest],
		{ stdio: 'inherit', env: { ...process.env, [FOLDER_OF_OTHER_N8N]: folder } },
	);
	console.log(`That was n8n ${version}.`);
	return status ?? 1;
}

/** Out: the highest version that is no preview. */
function newestOnNpm(): string {
	const versions = execFileSync('npm', ['view', 'n8n', 'versions', '--json'], { encoding: 'utf8' });
	const released = (JSON.parse(versions) as string[]).filter((each) => RELEASE.test(each));
	const [highest] = released.sort((one, other) =>
		other.localeCompare(one, 'en', { numeric: true }),
	);
	if (highest === undefined) throw new Error('npm has no released n8n.');
	return highest;
}
