import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
	createWriteStream,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { n8nCommand, nodeBinary, withNode, type N8nVersion } from './folders.mts';
import { freePort } from '../../ports.mts';

export interface N8nProcessOptions {
	readonly version: N8nVersion;
	readonly userFolder: string;
	readonly args: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
}

/** One n8n (or what it needs), started as a process group of its own: n8n starts a task runner beside itself. */
export interface N8nProcess {
	readonly pid: number;
	/** Everything that it printed, and n8n's own log. */
	readonly logFile: string;
	/** What it has printed on standard output so far. */
	stdout(): string;
	/** Resolves with how it ended, once its output is complete. */
	readonly ended: Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>;
	/** Sends a signal to the process and to what it started. Does nothing once all of it has ended. */
	signal(name: NodeJS.Signals): void;
}

const ENCRYPTION_KEY = 'key-of-the-end-to-end-tests-only';

let started = 0;

export async function spawnN8n(options: N8nProcessOptions): Promise<N8nProcess> {
	const { version, userFolder, args, env = {} } = options;
	const name = `${String(++started).padStart(3, '0')}-${args[0]?.replace(':', '-') ?? 'n8n'}`;
	const logFolder = join(userFolder, 'logs');
	mkdirSync(logFolder, { recursive: true });
	const logFile = join(logFolder, `${process.pid}-${name}.log`);
	const child = spawn(nodeBinary(), [n8nCommand(version), ...args], {
		cwd: userFolder,
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
		env: withNode({
			...environmentOfThisProcess(),
			...(await environmentOfN8n(userFolder, logFile)),
			...env,
		}),
	});
	return watch(child, logFile, userFolder);
}

// Settings of the person who runs the tests must not reach n8n: NODE_ENV=test, which vitest sets, changes what n8n does.
function environmentOfThisProcess(): NodeJS.ProcessEnv {
	const { PATH, HOME, LANG, TZ, TMPDIR } = process.env;
	return { PATH, HOME, LANG, TZ, TMPDIR };
}

async function environmentOfN8n(
	userFolder: string,
	logFile: string,
): Promise<Record<string, string>> {
	return {
		N8N_USER_FOLDER: userFolder,
		N8N_ENCRYPTION_KEY: ENCRYPTION_KEY,
		N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: 'true',
		N8N_PORT: String(await freePort()),
		N8N_RUNNERS_BROKER_PORT: String(await freePort()),
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_VERIFIED_PACKAGES_ENABLED: 'false',
		N8N_SECURE_COOKIE: 'false',
		// As n8n 2 has it. By default n8n 1 saves the status of an execution before its data: who reads in between finds a run that is over, with nothing in it.
		DB_SQLITE_POOL_SIZE: '3',
		// The more n8n logs, the more the search for secrets proves.
		N8N_LOG_LEVEL: 'debug',
		N8N_LOG_OUTPUT: 'file',
		N8N_LOG_FILE_LOCATION: logFile.replace(/\.log$/, '.n8n.log'),
	};
}

/** In: a detached child, and a folder right in a folder of the run. Sees to it that the child does not outlive this process. */
export function watch(child: ChildProcess, logFile: string, userFolder: string): N8nProcess {
	const { pid } = child;
	if (pid === undefined) throw new Error(`It could not be started: ${child.spawnfile}`);
	const record = recordOf(userFolder, pid);
	const log = createWriteStream(logFile);
	const printed: Buffer[] = [];
	child.stdout?.on('data', (chunk: Buffer) => {
		printed.push(chunk);
		log.write(chunk);
	});
	child.stderr?.on('data', (chunk: Buffer) => log.write(chunk));
	const signal = (name: NodeJS.Signals) => signalGroup(pid, name);
	const endWithParent = () => signal('SIGKILL');
	process.once('exit', endWithParent);
	const ended = once(child, 'close').then(([exitCode, ending]) => {
		// n8n that dies leaves its task runner behind.
		signal('SIGKILL');
		process.off('exit', endWithParent);
		log.end();
		rmSync(record, { force: true });
		return { exitCode: exitCode as number | null, signal: ending as NodeJS.Signals | null };
	});
	return { pid, logFile, stdout: () => Buffer.concat(printed).toString('utf8'), ended, signal };
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

let exitsOnSignals = false;

/**
 * Lets this process end as it would by itself when it gets a signal or loses the one that started it. Otherwise it would end at once, and
 * what it has started or written would stay.
 */
export function exitOnSignals(): void {
	if (exitsOnSignals) return;
	exitsOnSignals = true;
	for (const [name, number] of Object.entries(SIGNALS)) {
		process.once(name, () => process.exit(128 + number));
	}
	process.once('disconnect', () => process.exit(1));
}

/** Files named by process id: what is to be ended even if the process that started it is gone. */
function recordOf(userFolder: string, pid: number): string {
	const record = join(recordsOf(dirname(dirname(userFolder))), String(pid));
	writeFileSync(record, userFolder);
	return record;
}

/** Kills every recorded process group of a run. Out: those that were still there. */
export function killRecorded(runFolder: string): number[] {
	return recorded(runFolder).filter((pid) => signalGroup(pid, 'SIGKILL'));
}

/** Does the same and waits until they have ended. Out: a line for each. */
export async function endLeftovers(runFolder: string): Promise<string[]> {
	// Read first: whoever started a process removes its record when it ends.
	const userFolders = new Map(
		recorded(runFolder).map((pid) => [
			pid,
			readFileSync(join(recordsOf(runFolder), String(pid)), 'utf8'),
		]),
	);
	const leftovers = killRecorded(runFolder);
	for (const pid of leftovers) {
		while (signalGroup(pid, 0)) await wait(20);
	}
	return leftovers.map((pid) => `n8n ${pid} in ${basename(userFolders.get(pid) ?? runFolder)}`);
}

function recorded(runFolder: string): number[] {
	return readdirSync(recordsOf(runFolder)).map(Number);
}

function recordsOf(runFolder: string): string {
	const folder = join(runFolder, 'processes');
	mkdirSync(folder, { recursive: true });
	return folder;
}

/** Out: whether the group had a member. */
function signalGroup(pid: number, name: NodeJS.Signals | 0): boolean {
	try {
		process.kill(-pid, name);
		return true;
	} catch {
		return false;
	}
}
