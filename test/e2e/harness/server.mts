import { setTimeout as wait } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import type { N8nVersion } from './folders.mts';
import { freePort } from '../../ports.mts';
import { spawnN8n, type N8nProcess } from './processes.mts';
import { RestClient } from './rest.mts';
import { takeTurn } from './turn.mts';

/** The person whom every n8n of the tests belongs to. */
export const OWNER = {
	email: 'owner@example.com',
	firstName: 'Olivia',
	lastName: 'Owner',
	password: 'Olivia-Owns-This-1',
} as const;

export interface ServerOptions {
	readonly version: N8nVersion;
	readonly userFolder: string;
	/** Default: a free one. */
	readonly port?: number;
	/** Further settings of n8n; they win. */
	readonly env?: Readonly<Record<string, string>>;
}

/** A running n8n server with its owner set up. */
export interface N8nServer {
	/** `http://127.0.0.1:PORT` */
	readonly origin: string;
	readonly version: N8nVersion;
	readonly userFolder: string;
	readonly pid: number;
	readonly logFile: string;
	/** Logged in as the owner. */
	readonly rest: RestClient;
	/** Lets it end as Ctrl-C does; what has not ended after 20 s is killed. Safe to call twice. */
	stop(): Promise<void>;
	/** SIGKILL: no chance to tidy up. */
	kill(): Promise<void>;
}

const READY_WITHIN_MILLISECONDS = 120_000;
const STOPPED_WITHIN_MILLISECONDS = 20_000;

const MOST_STARTS = 3;

/**
 * Starts n8n on a free loopback port and waits until it answers. Throws, with the end of its log, if it does not. Another process may
 * take a free port before n8n does; n8n ends then, and is started on another one.
 */
export async function startServer(options: ServerOptions): Promise<N8nServer> {
	for (let start = 1; ; start++) {
		try {
			return await startOnce(options);
		} catch (error) {
			const mayStartAgain = error instanceof EndedEarly && options.port === undefined;
			if (!mayStartAgain || start === MOST_STARTS) throw error;
			console.warn(`n8n ended while it started; it is started once more. ${error.message}`);
		}
	}
}

/** A process that ended before it was ready. */
class EndedEarly extends Error {}

async function startOnce(options: ServerOptions): Promise<N8nServer> {
	const { version, userFolder, env } = options;
	const giveBackTurn = takeTurn(`the server in ${userFolder}`);
	const port = options.port ?? (await freePort());
	const origin = `http://127.0.0.1:${port}`;
	const n8n = await spawnN8n({
		version,
		userFolder,
		args: ['start'],
		env: { N8N_PORT: String(port), N8N_EDITOR_BASE_URL: origin, WEBHOOK_URL: origin, ...env },
	});
	void n8n.ended.then(giveBackTurn);
	try {
		await untilReady(n8n, async () => await answersReady(origin));
		const rest = new RestClient(origin);
		await logIn(rest);
		return {
			...{ origin, version, userFolder, rest },
			pid: n8n.pid,
			logFile: n8n.logFile,
			stop: async () => await end(n8n, 'SIGTERM'),
			kill: async () => await end(n8n, 'SIGKILL'),
		};
	} catch (error) {
		await end(n8n, 'SIGKILL');
		throw error;
	}
}

/** Waits until a process is ready. Throws, with the end of its log, if it ends or takes too long. */
export async function untilReady(
	started: N8nProcess,
	isReady: () => Promise<boolean>,
): Promise<void> {
	let ended: string | undefined;
	void started.ended.then(({ exitCode, signal }) => (ended = String(signal ?? exitCode)));
	const giveUpAt = Date.now() + READY_WITHIN_MILLISECONDS;
	while (!(await isReady())) {
		if (ended !== undefined || Date.now() > giveUpAt) {
			const lastLines = readFileSync(started.logFile, 'utf8').slice(-3000);
			throw ended === undefined
				? new Error(`It is not ready; it printed last:\n${lastLines}`)
				: new EndedEarly(`It ended (${ended}); it printed last:\n${lastLines}`);
		}
		await wait(100);
	}
}

// n8n 1.123 calls itself ready, and answers everything with a page, before it has its REST API.
async function answersReady(origin: string): Promise<boolean> {
	try {
		const signal = AbortSignal.timeout(5000);
		const { ok } = await fetch(`${origin}/healthz/readiness`, { signal });
		const settings = await fetch(`${origin}/rest/settings`, { signal });
		const isJson = settings.headers.get('content-type')?.startsWith('application/json') === true;
		return ok && settings.ok && isJson;
	} catch {
		return false;
	}
}

/** Sets the owner up where that has not been done yet. */
async function logIn(rest: RestClient): Promise<void> {
	const { email, password } = OWNER;
	const { userManagement } = await rest.get<{ userManagement: { showSetupOnFirstLoad: boolean } }>(
		'/settings',
	);
	if (userManagement.showSetupOnFirstLoad) await rest.post('/owner/setup', OWNER);
	await rest.post('/login', { emailOrLdapLoginId: email, email, password });
}

/** Ends a process by a signal; what has not ended after 20 s is killed. Safe to call twice. */
export async function end(
	n8n: N8nProcess,
	signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL',
): Promise<void> {
	n8n.signal(signal);
	const timer = setTimeout(() => n8n.signal('SIGKILL'), STOPPED_WITHIN_MILLISECONDS);
	await n8n.ended;
	clearTimeout(timer);
}
