import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jsonAnswer } from './answers.mts';
import { judgeDeletions, noSuchRoute } from './deletions.mts';
import { deliver } from './delivery.mts';
import { TenantFaultScript, type FaultScript } from './faults.mts';
import { generateInventory, type InventoryDevice } from './inventory.mts';
import { TenantLedger, type Ledger } from './ledger.mts';
import { react, type HonestAnswer, type HonestHandlingOptions } from './reactions.mts';
import {
	openRequest,
	readBody,
	TOKEN_PATH,
	type OpenRequest,
	type RequestRecord,
} from './request-log.mts';
import { DOCUMENTED_SETTINGS, type TenantSettings } from './settings.mts';
import { TokenOffice } from './tokens.mts';

export type { DeletionAnswer, DeviceAnswer } from './deletions.mts';
export type { Fault, FaultRule, FaultScript } from './faults.mts';
export type { InventoryDevice } from './inventory.mts';
export type { Ledger, LedgerEntry } from './ledger.mts';
export type { RequestRecord, Route, SubmittedDevice } from './request-log.mts';
export type { TenantSettings } from './settings.mts';

/** What a tenant is started with; everything has a default. */
export interface TenantOptions {
	/** Default 0: a free port. The address is always 127.0.0.1. */
	port?: number;
	/** Size of the inventory; default 1000. */
	devices?: number;
	/** Default `simulated-client`. */
	clientId?: string;
	/** Default: a random one. */
	clientSecret?: string;
	/** Default 900, as Nexthink's. */
	tokenLifetimeSeconds?: number;
	/** Default 0; `settings.latencyMilliseconds` wins. */
	latencyMilliseconds?: number;
	settings?: Partial<TenantSettings>;
	/** Called once for each request, when its answer is out or its connection gone. */
	onEnded?: (request: RequestRecord) => void;
}

/** A running tenant. Its lists are live: they grow as requests come in. */
export interface Tenant {
	/** `http://127.0.0.1:PORT` */
	readonly origin: string;
	/** Same as `origin`. */
	readonly apiBaseUrl: string;
	readonly tokenUrl: string;
	readonly clientId: string;
	readonly clientSecret: string;
	/** Stays as it is: what is queued is not deleted. */
	readonly inventory: readonly InventoryDevice[];
	readonly ledger: Ledger;
	/** Every request since the start or the last reset, in order of arrival. */
	readonly requests: readonly RequestRecord[];
	/** Every token since the start, the dead ones too; a reset keeps them. */
	readonly issuedTokens: readonly string[];
	readonly settings: TenantSettings;
	readonly faults: FaultScript;
	/** Every token issued so far is refused with 401 from now on. */
	revokeTokens(): void;
	/** Same effect, as if 15 minutes had gone by. */
	expireTokens(): void;
	/**
	 * Empties ledger, request log and faults, and sets the settings back. Requests that are still
	 * open lose their connection, so that none of them reaches into what comes next. Tokens live on.
	 */
	reset(): void;
	/** Stops listening and ends every connection; safe to call twice. */
	close(): Promise<void>;
}

/**
 * Starts a tenant on loopback. Out: the tenant, once it listens. Rejects with Node's own error if
 * it cannot listen (`EADDRINUSE`: the port is busy).
 */
export async function startTenant(options: TenantOptions = {}): Promise<Tenant> {
	const tenant = new SimulatedTenant(options);
	await tenant.listen(options.port ?? 0);
	return tenant;
}

// Longer than any pause of a test, so that no client meets a pooled connection just being closed.
const KEEP_ALIVE_MILLISECONDS = 120_000;

class SimulatedTenant implements Tenant {
	readonly clientId: string;
	readonly clientSecret: string;
	readonly inventory: readonly InventoryDevice[];
	readonly ledger = new TenantLedger();
	readonly requests: OpenRequest[] = [];
	readonly settings: TenantSettings;
	readonly faults = new TenantFaultScript();
	readonly #settingsAtStart: Readonly<TenantSettings>;
	readonly #tokens: TokenOffice;
	readonly #server: Server;
	readonly #open = new Set<ServerResponse>();
	readonly #onEnded: (request: RequestRecord) => void;
	#origin = '';

	constructor(options: TenantOptions) {
		this.clientId = options.clientId ?? 'simulated-client';
		this.clientSecret = options.clientSecret ?? randomBytes(24).toString('base64url');
		this.inventory = generateInventory(options.devices ?? 1000);
		this.settings = {
			...DOCUMENTED_SETTINGS,
			latencyMilliseconds: options.latencyMilliseconds ?? DOCUMENTED_SETTINGS.latencyMilliseconds,
			...options.settings,
		};
		this.#settingsAtStart = { ...this.settings };
		this.#tokens = new TokenOffice({
			clientId: this.clientId,
			clientSecret: this.clientSecret,
			lifetimeSeconds: options.tokenLifetimeSeconds ?? 900,
		});
		this.#onEnded = options.onEnded ?? (() => {});
		this.#server = createServer(
			{ keepAliveTimeout: KEEP_ALIVE_MILLISECONDS },
			(incoming, response) => {
				void this.#serve(incoming, response);
			},
		);
	}

	get origin(): string {
		return this.#origin;
	}

	get apiBaseUrl(): string {
		return this.#origin;
	}

	get tokenUrl(): string {
		return `${this.#origin}${TOKEN_PATH}`;
	}

	get issuedTokens(): readonly string[] {
		return this.#tokens.issued;
	}

	async listen(port: number): Promise<void> {
		this.#server.listen(port, '127.0.0.1');
		await once(this.#server, 'listening');
		const address = this.#server.address() as AddressInfo;
		this.#origin = `http://127.0.0.1:${address.port}`;
	}

	revokeTokens(): void {
		this.#tokens.endAll();
	}

	expireTokens(): void {
		this.#tokens.endAll();
	}

	reset(): void {
		for (const response of this.#open) response.destroy();
		this.ledger.clear();
		this.requests.length = 0;
		this.faults.clear();
		Object.assign(this.settings, this.#settingsAtStart);
	}

	async close(): Promise<void> {
		if (!this.#server.listening) return;
		const closed = once(this.#server, 'close');
		this.#server.close();
		this.#server.closeAllConnections();
		await closed;
	}

	/** The honest handling of a request, queuing included unless `queue` is false. */
	handle(request: RequestRecord, options: HonestHandlingOptions = {}): HonestAnswer {
		if (request.oversized) return { answer: jsonAnswer(413, { message: 'Request too large.' }) };
		if (request.route === 'token') return { answer: this.#tokens.handle(request) };
		if (request.route === 'other') return { answer: noSuchRoute(request) };
		const { queue = true, ...failures } = options;
		const verdict = judgeDeletions(request, {
			settings: this.settings,
			accepts: (bearer) => this.#tokens.accepts(bearer),
			...failures,
		});
		if (queue) this.ledger.queue(verdict.queued, request);
		return verdict;
	}

	async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
		const request = openRequest(incoming, this.requests.length + 1);
		this.requests.push(request);
		this.#open.add(response);
		response.once('close', () => {
			this.#open.delete(response);
			request.endedAt = Date.now();
			this.#onEnded(request);
		});
		try {
			await readBody(incoming, request);
		} catch {
			// The client went away in the middle of its request: there is nobody left to answer.
			return;
		}
		await this.#answer(request, response);
	}

	async #answer(request: OpenRequest, response: ServerResponse): Promise<void> {
		try {
			const reaction = react(request, this.faults.next(request), this);
			const { latencyMilliseconds } = this.settings;
			const latency = request.route === 'deletions' ? latencyMilliseconds : 0;
			await deliver(response, request, reaction, latency);
		} catch (error) {
			// Only a test's own function (`when`, `change`, `uids`) gets here. It must not pass for a
			// fault that was asked for.
			console.error('The simulated tenant failed on a request:', error);
			response.destroy();
		}
	}
}
