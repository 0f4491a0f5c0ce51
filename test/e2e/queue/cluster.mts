import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../ports.mts';
import { spawnN8n } from '../harness/processes.mts';
import type { Run } from '../harness/run.mts';
import { end, startServer, untilReady, type N8nServer } from '../harness/server.mts';
import { DATABASE, startPostgresql, startRedis, type Service } from './services.mts';
import { createUserFolder } from '../harness/user-folders.mts';

/** A running n8n worker. What it tells of itself it has from its own log. */
export interface Worker {
	readonly name: string;
	/** Ids of the executions that it has taken from the queue. */
	taken(): string[];
	/** Ids of those that it has not finished. */
	underWay(): string[];
	/** The request ids of all deletion requests that its finished executions sent to Nexthink. */
	requestIds(): string[];
	/** When it finished an execution; milliseconds since the epoch. Waits until it has. */
	finishedAt(executionId: string): Promise<number>;
	readonly pid: number;
	stop(): Promise<void>;
	/** SIGKILL: no chance to tidy up. */
	kill(): Promise<void>;
}

/** One n8n main with its workers, PostgreSQL and Redis. */
export interface Cluster {
	readonly main: N8nServer;
	/** Starts one more, in a user folder of its own. */
	startWorker(name: string): Promise<Worker>;
	/** Ends all of it, workers first. */
	stop(): Promise<void>;
}

export interface ClusterOptions {
	/** New in this run: its folders are named by it. */
	readonly name: string;
	/** Executions that one worker has under way at most. */
	readonly concurrency: number;
}

const VERSION = 'newest';

export async function startCluster(run: Run, options: ClusterOptions): Promise<Cluster> {
	const { name: cluster, concurrency } = options;
	const started: Array<() => Promise<void>> = [];
	const stop = async () => {
		for (const stopOne of started.splice(0).reverse()) await stopOne();
	};
	try {
		const redis = await startRedis(run, cluster);
		started.push(redis.stop);
		const postgresql = await startPostgresql(run, cluster);
		started.push(postgresql.stop);
		const env = environmentOfQueueMode(redis, postgresql);
		const userFolder = await createUserFolder(run, `${cluster}-main`, VERSION);
		const main = await startServer({ version: VERSION, userFolder, env });
		started.push(main.stop);
		const startWorker = async (name: string) => {
			const worker = await startOneWorker(name, {
				userFolder: await createUserFolder(run, `${cluster}-${name}`, VERSION),
				concurrency,
				env: { ...env, WEBHOOK_URL: main.origin },
			});
			started.push(worker.stop);
			return worker;
		};
		return { main, startWorker, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

/** Waits until an execution was taken. Out: one of the workers that have not taken it, and the one that has. */
export async function apart(
	workers: readonly Worker[],
	executionId: string,
): Promise<[other: Worker, holder: Worker]> {
	for (;;) {
		const holder = workers.find((worker) => worker.taken().includes(executionId));
		const other = workers.find((worker) => worker !== holder);
		if (holder !== undefined && other !== undefined) return [other, holder];
		await wait(10);
	}
}

function environmentOfQueueMode(redis: Service, postgresql: Service): Record<string, string> {
	return {
		EXECUTIONS_MODE: 'queue',
		// What n8n 3 will always do: runs started in the editor go to the workers, too.
		OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redis.port),
		// So that Redis takes a dead worker's jobs away after some twenty seconds. With n8n's own settings it is up to two minutes. n8n
		// then waits another 30 seconds before it calls them failed. A worker that lives, and is busy with a long list, needs its share
		// of the processor once in twelve seconds to keep its own.
		QUEUE_WORKER_LOCK_DURATION: '15000',
		QUEUE_WORKER_LOCK_RENEW_TIME: '3000',
		QUEUE_WORKER_STALLED_INTERVAL: '5000',
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(postgresql.port),
		DB_POSTGRESDB_DATABASE: DATABASE.name,
		DB_POSTGRESDB_USER: DATABASE.user,
	};
}

interface WorkerOptions {
	readonly userFolder: string;
	readonly concurrency: number;
	readonly env: Readonly<Record<string, string>>;
}

// It runs beside its main by intent, so it takes no turn of its own.
async function startOneWorker(
	name: string,
	{ userFolder, concurrency, env }: WorkerOptions,
): Promise<Worker> {
	const port = await freePort();
	const n8n = await spawnN8n({
		version: VERSION,
		userFolder,
		args: ['worker', `--concurrency=${concurrency}`],
		env: {
			...env,
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(port),
			N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
		},
	});
	try {
		await untilReady(n8n, async () => await isReady(port));
	} catch (error) {
		await end(n8n, 'SIGKILL');
		throw error;
	}
	const logFile = n8n.logFile.replace(/\.log$/, '.n8n.log');
	const logged = (message: RegExp) => linesOf(logFile).filter((line) => message.test(line.message));
	const taken = () => logged(/^Worker started execution/).map(executionOf);
	return {
		name,
		taken,
		underWay: () => {
			const finished = new Set(logged(/^Worker finished execution/).map(executionOf));
			return taken().filter((id) => !finished.has(id));
		},
		requestIds: () =>
			logged(/^Nexthink: device deletions ended$/).flatMap(
				({ metadata }) => metadata.requestIds as string[],
			),
		finishedAt: async (executionId) => {
			for (;;) {
				const line = logged(/^Worker finished execution/).find(
					(each) => executionOf(each) === executionId,
				);
				if (line !== undefined) return Date.parse(String(line.metadata.timestamp));
				await wait(10);
			}
		},
		pid: n8n.pid,
		stop: async () => await end(n8n, 'SIGTERM'),
		kill: async () => await end(n8n, 'SIGKILL'),
	};
}

async function isReady(port: number): Promise<boolean> {
	try {
		const signal = AbortSignal.timeout(5000);
		return (await fetch(`http://127.0.0.1:${port}/healthz/readiness`, { signal })).ok;
	} catch {
		return false;
	}
}

interface LogLine {
	readonly message: string;
	readonly metadata: Readonly<Record<string, unknown>>;
}

function linesOf(logFile: string): LogLine[] {
	if (!existsSync(logFile)) return [];
	// The last line may be half written.
	const lines = readFileSync(logFile, 'utf8').split('\n').slice(0, -1);
	return lines.map((line) => JSON.parse(line) as LogLine);
}

function executionOf({ metadata }: LogLine): string {
	return String(metadata.executionId);
}
