import { spawn } from 'node:child_process';
import { watch as watchFiles, type FSWatcher } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { installedPackage } from '../harness/installation.mts';
import { watch, type N8nProcess } from '../harness/processes.mts';
import { end } from '../harness/server.mts';

/** Files that are not compiled but copied, as the build does. */
const COPIED = /\.(?:svg|png|node\.json)$/;

/** What the compiler says in watch mode when it is done: `12:00:00 - Found 0 errors. Watching for file changes.` */
const DONE = /Found (\d+) errors?\. Watching/;

/** Compiles each change of a source file into the package as it is installed in a user folder, and says so. */
export class SourceWatch {
	readonly #compiler: N8nProcess;
	readonly #files: FSWatcher;
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
					console.log(`Compiled with ${errors} errors. Reload the page to see it.`);
					resolve();
				}
			});
		});
		this.#files = watchFiles(join(sources, 'nodes'), { recursive: true }, (_, file) => {
			if (file !== null && COPIED.test(file)) void this.#copy(sources, file, dist);
		});
	}

	/** Resolves when what is installed is what the sources are now; fails where the compiler ends before. */
	async untilCompiled(): Promise<void> {
		const ended = this.#compiler.ended.then(() => {
			throw new Error(`The compiler ended: ${this.#compiler.stdout()}`);
		});
		await Promise.race([this.#compiled, ended]);
	}

	async stop(): Promise<void> {
		this.#files.close();
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
