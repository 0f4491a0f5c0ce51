import { closeSync, constants, openSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, packPackage, type Wanted } from './installation.mts';
import { endLeftovers } from './processes.mts';

/** One run of the end-to-end tests (or of `npm run editor`): a throw-away folder and the packed package. */
export interface Run {
	/** Holds everything that the run writes: user folders, logs, outputs. */
	readonly folder: string;
	readonly tarball: string;
}

/** Installs what is missing, packs the built package and makes the throw-away folder. */
export async function beginRun(wanted: Wanted = 'all'): Promise<Run> {
	ensureInstalled(wanted);
	const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-nexthink-e2e-'));
	const run = { folder, tarball: await packPackage(folder) };
	writeFileSync(secretsFile(run), '');
	return run;
}

/**
 * Ends what is left of the run's processes and removes its folder. Out: the command lines of processes that should have ended
 * earlier; empty if all is well. With `NEXTHINK_E2E_KEEP` set the folder stays.
 */
export async function endRun(run: Run): Promise<string[]> {
	const leftovers = await endLeftovers(run.folder);
	if (process.env.NEXTHINK_E2E_KEEP === undefined) {
		await rm(run.folder, { recursive: true, force: true, maxRetries: 5 });
	}
	return leftovers;
}

/** What must be found nowhere after the run, noted by every tenant of the run. */
export interface Secret {
	/** Whose it is, for a message that does not quote it. */
	readonly what: string;
	readonly value: string;
}

export function noteSecrets(run: Run, secrets: readonly Secret[]): void {
	const lines = secrets.map((secret) => `${JSON.stringify(secret)}\n`);
	// Does not make the file: a run that has ended must not come back as a folder with nothing else in it.
	const file = openSync(secretsFile(run), constants.O_WRONLY | constants.O_APPEND);
	writeFileSync(file, lines.join(''));
	closeSync(file);
}

export function notedSecrets(run: Run): Secret[] {
	const lines = readFileSync(secretsFile(run), 'utf8').trim().split('\n');
	return lines.map((line) => JSON.parse(line) as Secret);
}

/** The one file of the run that holds secrets by design. */
export function secretsFile(run: Run): string {
	return join(run.folder, 'secrets.jsonl');
}
