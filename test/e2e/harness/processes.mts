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
import { freePort } from './ports.mts';

export interface N8nProcessOptions {
	readonly version: N8nVersion;
	readonly userFolder: string;
	readonly args: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
}

/** One n8n, started as a process group of its own: n8n starts a task runner beside itself. */
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
		// The more n8n logs, the more the search for secrets proves.
		N8N_LOG_LEVEL: 'debug',
		N8N_LOG_OUTPUT: 'file',
		N8N_LOG_FILE_LOCATION: logFile.replace(/\.log$/, '.n8n.log'),
	};
}

function watch(child: ChildProcess, logFile: string, userFolder: string): N8nProcess {
	const { pid } = child;
	if (pid === undefined) throw new Error(`n8n could not be started: ${child.spawnfile}`);
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
	exitOnSignals();
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

/** Without a handler a signal ends this process at once, and what it has started or written would stay. */
export function exitOnSignals(): void {
	for (const [name, number] of Object.entries(SIGNALS)) {
		if (process.listenerCount(name) === 0) process.once(name, () => process.exit(128 + number));
	}
}

/** Files named by process id: what is to be ended even if the process that started it is gone. */
function recordOf(userFolder: string, pid: number): string {
	const folder = join(dirname(dirname(userFolder)), 'processes');
	mkdirSync(folder, { recursive: true });
	const record = join(folder, String(pid));
	writeFileSync(record, userFolder);
	return record;
}

/** Ends every recorded process group of a run. Out: a line for each that was still there. */
export async function endLeftovers(runFolder: string): Promise<string[]> {
	const folder = join(runFolder, 'processes');
	mkdirSync(folder, { recursive: true });
	const leftovers: string[] = [];
	for (const record of readdirSync(folder)) {
		const pid = Number(record);
		if (!signalGroup(pid, 'SIGKILL')) continue;
		leftovers.push(`n8n ${pid} in ${basename(readFileSync(join(folder, record), 'utf8'))}`);
		while (signalGroup(pid, 0)) await wait(20);
	}
	return leftovers;
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
