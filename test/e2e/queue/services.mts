import { execFile, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../ports.mts';
import { watch, type N8nProcess } from '../harness/processes.mts';
import type { Run } from '../harness/run.mts';
import { end, untilReady } from '../harness/server.mts';

const run = promisify(execFile);

/** A server that n8n's queue mode needs, on a free loopback port. */
export interface Service {
	readonly port: number;
	stop(): Promise<void>;
}

interface Programs {
	readonly redis: string;
	/** Folder with initdb, postgres and pg_isready. */
	readonly postgresql: string;
}

const DEBIAN_FOLDER = '/usr/lib/postgresql';

/** Where the programs are. Throws, and says what to install, if one is missing. */
export function findPrograms(): Programs {
	const redis = 'redis-server';
	const hasRedis = spawnSync(redis, ['--version']).status === 0;
	const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : [];
	const postgresql = versions
		.sort((one, other) => Number(other) - Number(one))
		.map((version) => join(DEBIAN_FOLDER, version, 'bin'))
		.find((folder) => existsSync(join(folder, 'initdb')));
	if (hasRedis && postgresql !== undefined) return { redis, postgresql };
	throw new Error(
		'Queue mode needs Redis and PostgreSQL: apt-get install --no-install-recommends redis-server postgresql',
	);
}

/** A Redis that keeps nothing on disk. `cluster`: whose it is. */
export async function startRedis(testRun: Run, cluster: string): Promise<Service> {
	const folder = folderOf(testRun, `${cluster}-redis`);
	const port = await freePort();
	const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
	const child = spawn(findPrograms().redis, [...args, '--save', '', '--appendonly', 'no'], {
		cwd: folder,
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const redis = watch(child, join(folder, 'redis.log'), folder);
	await ready(redis, async () => await listens(port));
	return { port, stop: async () => await end(redis, 'SIGTERM') };
}

/** What n8n logs in to the database with. It lives as long as the test and listens on loopback only. */
export const DATABASE = { user: 'n8n', name: 'postgres' } as const;

/** A PostgreSQL with an empty database. `cluster`: whose it is. */
export async function startPostgresql(testRun: Run, cluster: string): Promise<Service> {
	const { postgresql } = findPrograms();
	const name = `${cluster}-postgresql`;
	const folder = folderOf(testRun, name);
	const asOwner = await giveToOwner(testRun, folder);
	const data = join(folder, 'data');
	const [initdb = '', ...initdbArgs] = asOwner([
		join(postgresql, 'initdb'),
		...['--pgdata', data, '--username', DATABASE.user, '--auth', 'trust'],
		...['--encoding', 'UTF8', '--locale', 'C.UTF-8', '--no-sync'],
	]);
	await run(initdb, initdbArgs, { cwd: folder });
	const port = await freePort();
	const settings = {
		listen_addresses: '127.0.0.1',
		port,
		unix_socket_directories: '',
		// In its own folder, so that nothing is left in /dev/shm if it is killed.
		dynamic_shared_memory_type: 'mmap',
		// Nobody needs these data after a power cut.
		...{ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
	};
	const [postgres = '', ...args] = asOwner([
		join(postgresql, 'postgres'),
		...['-D', data],
		...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
	]);
	const child = spawn(postgres, args, {
		cwd: folder,
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const database = watch(child, join(testRun.folder, 'services', `${name}.log`), folder);
	const isReady = ['-h', '127.0.0.1', '-p', String(port), '-U', DATABASE.user];
	await ready(
		database,
		async () => (await exitCodeOf(join(postgresql, 'pg_isready'), isReady)) === 0,
	);
	// SIGINT: it does not wait for its clients to go.
	return { port, stop: async () => await end(database, 'SIGINT') };
}

function folderOf(testRun: Run, name: string): string {
	const folder = join(testRun.folder, 'services', name);
	mkdirSync(folder, { recursive: true });
	return folder;
}

/** PostgreSQL refuses to run as root. Out: makes a command line one of the folder's owner. */
async function giveToOwner(
	testRun: Run,
	folder: string,
): Promise<(command: readonly string[]) => readonly string[]> {
	if (process.getuid?.() !== 0) return (command) => command;
	// The other user must get through to its folder, and see nothing on the way.
	chmodSync(testRun.folder, 0o711);
	await run('chown', ['postgres:postgres', folder]);
	return (command) => [
		'setpriv',
		...['--reuid=postgres', '--regid=postgres', '--init-groups'],
		...command,
	];
}

async function ready(service: N8nProcess, isReady: () => Promise<boolean>): Promise<void> {
	try {
		await untilReady(service, isReady);
	} catch (error) {
		await end(service, 'SIGKILL');
		throw error;
	}
}

async function listens(port: number): Promise<boolean> {
	const socket = connect(port, '127.0.0.1');
	try {
		await once(socket, 'connect');
		return true;
	} catch {
		return false;
	} finally {
		socket.destroy();
	}
}

async function exitCodeOf(program: string, args: readonly string[]): Promise<number | null> {
	const child = spawn(program, args, { stdio: 'ignore' });
	const [exitCode] = (await once(child, 'close')) as [number | null];
	return exitCode;
}
