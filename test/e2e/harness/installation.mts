import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
	E2E_FOLDER,
	FOLDER_OF_OTHER_N8N,
	n8nFolder,
	REPOSITORY,
	SCANNER_FOLDER,
	withNode,
	type N8nVersion,
} from './folders.mts';

const run = promisify(execFile);

interface Installation {
	folder: string;
	/** The n8n that it is, or that alone has need of it. */
	version?: N8nVersion;
	/** Packages whose compiled part is made after the install; no other install script is run. */
	compiled: readonly string[];
}

const COMPILED_PARTS_OF_N8N = ['sqlite3', 'isolated-vm'];

// The first one brings the Node that compiles for the others.
const INSTALLATIONS: readonly Installation[] = [
	{ folder: E2E_FOLDER, compiled: [] },
	{ folder: n8nFolder('newest'), compiled: COMPILED_PARTS_OF_N8N, version: 'newest' },
	{ folder: n8nFolder('oldest'), compiled: COMPILED_PARTS_OF_N8N, version: 'oldest' },
	{ folder: SCANNER_FOLDER, compiled: [], version: 'oldest' },
];

/**
 * What is to be there: all of it, or one n8n with its Node and the driver for Chromium. The scanner comes with the oldest: `test:e2e`
 * alone has need of both.
 */
export type Wanted = 'all' | N8nVersion;

/**
 * Installs what the end-to-end tests run with: both n8n, their Node, the driver for Chromium and the scanner. A folder that is
 * installed as its lock file says is left alone. The first time takes about ten minutes and 6 GB.
 *
 * Out: a line for each step through `say`. Throws if a step fails.
 */
export function ensureInstalled(
	wanted: Wanted = 'all',
	say: (line: string) => void = console.log,
): void {
	for (const installation of INSTALLATIONS) {
		const { folder, version = wanted } = installation;
		if (wanted !== 'all' && version !== wanted) continue;
		if (folder === process.env[FOLDER_OF_OTHER_N8N]) continue;
		const state = stateOf(installation);
		const marker = join(folder, 'node_modules', '.installed-for-e2e');
		if (existsSync(marker) && readFileSync(marker, 'utf8') === state) continue;
		const started = Date.now();
		say(`Installing ${folder.slice(REPOSITORY.length + 1)} (once) …`);
		npm(folder, ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
		compile(installation);
		writeFileSync(marker, state);
		say(`  done in ${Math.round((Date.now() - started) / 1000)} s`);
	}
}

/**
 * Installs a version of n8n, with whatever npm takes for its dependencies today, in a folder that has nothing in it.
 *
 * @throws Error with npm's last words
 */
export function installN8n(version: string, folder: string): void {
	const manifest = { name: 'other-n8n', private: true, dependencies: { n8n: version } };
	writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
	npm(folder, ['install', '--ignore-scripts', '--no-audit', '--no-fund']);
	compile({ folder, compiled: COMPILED_PARTS_OF_N8N });
}

/** What decides whether an installation is the wanted one. */
function stateOf({ folder, compiled }: Installation): string {
	const hash = createHash('sha256');
	for (const name of ['package.json', 'package-lock.json']) {
		hash.update(readFileSync(join(folder, name)));
	}
	return hash.update(compiled.join()).digest('hex');
}

/**
 * isolated-vm brings its binary in its package. sqlite3 would fetch one from elsewhere; it is compiled instead, which needs g++,
 * make, python3 and the headers of some Node: its interface (Node-API) is the same in all of them. So what was compiled for one n8n
 * serves the other, if that has the same version of it.
 */
function compile({ folder, compiled }: Installation): void {
	if (compiled.length === 0) return;
	const done = INSTALLATIONS.map((other) => other.folder).find((other) =>
		hasSameSqlite(other, folder),
	);
	if (done !== undefined) {
		cpSync(join(done, SQLITE_BINARY), join(folder, SQLITE_BINARY), { recursive: true });
		rebuild(
			folder,
			compiled.filter((name) => name !== 'sqlite3'),
		);
		return;
	}
	const missing = ['g++', 'make', 'python3'].filter((tool) => !isOnPath(tool));
	if (missing.length > 0) {
		throw new Error(`Needed to compile sqlite3 for n8n: apt-get install ${missing.join(' ')}`);
	}
	const headers = headersOfThisNode();
	rebuild(folder, compiled, {
		npm_config_build_from_source: 'sqlite3',
		...(headers === undefined ? {} : { npm_config_nodedir: headers }),
	});
}

function rebuild(
	folder: string,
	packages: readonly string[],
	settings: NodeJS.ProcessEnv = {},
): void {
	const environment = { ...withNode(process.env), ...settings };
	npm(folder, ['rebuild', ...packages, '--ignore-scripts=false'], environment);
}

const SQLITE = join('node_modules', 'sqlite3');
const SQLITE_BINARY = join(SQLITE, 'build', 'Release', 'node_sqlite3.node');

/** Whether a folder has a compiled sqlite3 of the version that another one needs. */
function hasSameSqlite(done: string, wanted: string): boolean {
	const manifestIn = (folder: string) => readFileSync(join(folder, SQLITE, 'package.json'), 'utf8');
	return (
		done !== wanted &&
		existsSync(join(done, SQLITE_BINARY)) &&
		manifestIn(done) === manifestIn(wanted)
	);
}

function isOnPath(tool: string): boolean {
	return spawnSync(tool, ['--version']).status === 0;
}

/** Without them node-gyp downloads some. */
function headersOfThisNode(): string | undefined {
	const prefix = dirname(dirname(process.execPath));
	return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? prefix : undefined;
}

function npm(folder: string, args: readonly string[], environment = process.env): void {
	const { status, stdout, stderr, error } = spawnSync('npm', args, {
		cwd: folder,
		env: outsideNpm(environment),
		encoding: 'utf8',
		maxBuffer: 256 * 1024 * 1024,
	});
	if (status === 0) return;
	const output = `${stdout}\n${stderr}`.trim().split('\n').slice(-40).join('\n');
	throw new Error(`npm ${args.join(' ')} failed in ${folder}\n${error?.message ?? output}`);
}

/** Under `npm run` npm hands this repository's own settings down, `ignore-scripts` among them. */
function outsideNpm(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const ours = /^npm_(?!config_(?:build_from_source|nodedir|registry|cache|userconfig)$)/;
	return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.test(name)));
}

/** Packs the built package as it would be published. Out: path of the tarball in `folder`. */
export async function packPackage(folder: string): Promise<string> {
	await mkdir(folder, { recursive: true });
	const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
		cwd: REPOSITORY,
		env: outsideNpm(process.env),
	});
	const packed = JSON.parse(stdout) as Array<{ filename: string }>;
	if (packed[0] === undefined) throw new Error(`npm pack made no tarball: ${stdout}`);
	return join(folder, packed[0].filename);
}

/**
 * Makes a user folder for n8n with the package in it, installed as n8n installs a community package. It serves either version, but
 * only one of them: the first start lays out the database.
 */
export async function installPackage(tarball: string, userFolder: string): Promise<void> {
	const nodes = join(userFolder, '.n8n', 'nodes');
	await mkdir(nodes, { recursive: true });
	const manifest = { name: 'installed-nodes', private: true, dependencies: {} };
	await writeFile(join(nodes, 'package.json'), JSON.stringify(manifest));
	await run(
		'npm',
		['install', '--legacy-peer-deps', '--ignore-scripts', '--offline', '--no-audit', tarball],
		{ cwd: nodes, env: outsideNpm(process.env) },
	);
}

/** Where `installPackage` puts the package. */
export function installedPackage(userFolder: string): string {
	return join(userFolder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-nexthink');
}

/** The n8n that is installed in a version's folder, such as 2.41.1. */
export function installedN8n(version: N8nVersion): string {
	const manifest = join(n8nFolder(version), 'node_modules', 'n8n', 'package.json');
	return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
