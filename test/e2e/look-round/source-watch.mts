import { execFile, spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { n8nFolder } from '../harness/folders.mts';
import { installedPackage } from '../harness/installation.mts';
import { watch, type N8nProcess } from '../harness/processes.mts';
import { end } from '../harness/server.mts';

/** Files that are not compiled but copied, as the build does. */
const COPIED = /\.(?:svg|png|node\.json)$/;

/** What the compiler says in watch mode when it is done: `12:00:00 - Found 0 errors. Watching for file changes.` */
const DONE = /Found (\d+) errors?\. Watching/;

/** Editors save a file by putting another one in its place, which Node's own watch of folders loses sight of. */
const LOOKS_EVERY_MILLISECONDS = 500;

/** Compiles each change of a source file into the package as it is installed in a user folder, and says so. */
export class SourceWatch {
	readonly #compiler: N8nProcess;
	readonly #looks: NodeJS.Timeout;
	readonly #compiled: Promise<void>;

	/** @param sources has tsconfig.json, nodes and credentials */
	constructor(sources: string, userFolder: string) {
		const dist = join(installedPackage(userFolder), 'dist');
		const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
		const options = ['--watch', '--preserveWatchOutput', '--pretty', 'false', '--outDir', dist];
		const child = spawn(process.execPath, [compiler, ...options], {
			cwd: sources,
			detached: true,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		this.#compiler = watch(child, join(userFolder, 'logs', 'compiler.log'), userFolder);
		this.#compiled = new Promise((resolve) => {
			child.stdout.on('data', (chunk: Buffer) => {
				for (const line of chunk.toString().split('\n')) {
					if (/error TS\d+/.test(line)) console.log(line);
					const [, errors] = DONE.exec(line) ?? [];
					if (errors === undefined) continue;
					if (errors === '0') void sayWhetherItLoads(dist);
					else console.log(`Compiled with ${errors} ${errors === '1' ? 'error' : 'errors'}.`);
					resolve();
				}
			});
		});
		const nodes = join(sources, 'nodes');
		let known = statesOf(nodes) ?? new Map<string, string>();
		this.#looks = setInterval(() => {
			const states = statesOf(nodes) ?? known;
			for (const [file, state] of states) {
				if (state !== known.get(file)) void this.#copy(sources, file, dist);
			}
			known = states;
		}, LOOKS_EVERY_MILLISECONDS);
	}

	/** Resolves when what is installed is what the sources are now; fails where the compiler ends before. */
	async untilCompiled(): Promise<void> {
		const ended = this.#compiler.ended.then(() => {
			throw new Error(`The compiler ended: ${this.#compiler.stdout()}`);
		});
		await Promise.race([this.#compiled, ended]);
	}

	async stop(): Promise<void> {
		clearInterval(this.#looks);
		await end(this.#compiler, 'SIGTERM');
	}

	/** In: a file, its path from the folder of the nodes. */
	async #copy(sources: string, file: string, dist: string): Promise<void> {
		const targets = [join(dist, 'nodes', file)];
		if (file.endsWith('.svg')) targets.push(join(dist, 'credentials', basename(file)));
		try {
			for (const target of targets) {
				await mkdir(dirname(target), { recursive: true });
				await copyFile(join(sources, 'nodes', file), target);
			}
			console.log(`Copied ${file}. Reload the page to see it.`);
		} catch (error) {
			console.log(`Not copied: ${String(error)}`);
		}
	}
}

/**
 * The files that are copied, by their paths from a folder, and what tells one state of a file from another. Undefined while a folder is
 * being replaced, as git does.
 */
function statesOf(folder: string): Map<string, string> | undefined {
	try {
		const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
		const copied = files.filter((file) => COPIED.test(file));
		return new Map(
			copied.map((file) => {
				const { ino, mtimeMs } = statSync(join(folder, file));
				return [file, `${ino} ${mtimeMs}`];
			}),
		);
	} catch {
		return undefined;
	}
}

/** n8n keeps the old node where the new one fails as it is loaded, and says so in its log alone. */
async function sayWhetherItLoads(dist: string): Promise<void> {
	const files = ['nodes/Nexthink/Nexthink.node.js', 'credentials/NexthinkOAuth2Api.credentials.js'];
	const load = files.map((file) => `require(${JSON.stringify(join(dist, file))})`).join(';');
	const modules = join(n8nFolder('newest'), 'node_modules');
	const env = { ...process.env, NODE_PATH: modules };
	const failed = await new Promise<string | undefined>((resolve) => {
		execFile(process.execPath, ['-e', load], { env }, (error, _, stderr) =>
			resolve(error === null ? undefined : (/^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr)),
		);
	});
	console.log(
		failed === undefined
			? 'Compiled with 0 errors. Reload the page to see it.'
			: `Compiled with 0 errors, but n8n can't load it: ${failed}`,
	);
}
