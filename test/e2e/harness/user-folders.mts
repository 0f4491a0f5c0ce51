import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { N8nVersion } from './folders.mts';
import { installPackage } from './installation.mts';
import type { Run } from './run.mts';
import { startServer } from './server.mts';

/** What a start makes anew: n8n's log, and its copy of the editor. */
const OF_ONE_START = ['logs', '.cache'];

/**
 * A new n8n user folder with the package in it, for a version. Where `layOut` was called for it, what a first start makes is there, the
 * owner included.
 *
 * @param name new in this run
 */
export async function createUserFolder(
	run: Run,
	name: string,
	version: N8nVersion,
): Promise<string> {
	const userFolder = join(run.folder, 'users', name);
	const template = templateOf(run, version);
	await mkdir(join(run.folder, 'users'), { recursive: true });
	await mkdir(userFolder);
	if (existsSync(template)) await copy(template, userFolder);
	else await installPackage(run.tarball, userFolder);
	return userFolder;
}

/** Starts a version once, in a user folder of which `createUserFolder` then makes copies: a first start takes twice as long as a later one. */
export async function layOut(run: Run, version: N8nVersion): Promise<void> {
	const userFolder = templateOf(run, version);
	await mkdir(userFolder, { recursive: true });
	await installPackage(run.tarball, userFolder);
	const server = await startServer({ version, userFolder });
	await server.stop();
}

function templateOf(run: Run, version: N8nVersion): string {
	return join(run.folder, 'templates', version);
}

async function copy(from: string, to: string): Promise<void> {
	const left = OF_ONE_START.map((name) => join(from, name));
	await cp(from, to, { recursive: true, filter: (path) => !left.includes(path) });
}
