import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jsonAnswer } from './answers.mts';
import { judgeDeletions, noSuchRoute, type DeviceAnswer } from './deletions.mts';
import { deliver } from './delivery.mts';
import { ExportOffice } from './exports.mts';
import { TenantFaultScript, type FaultScript } from './faults.mts';
import { generateInventory, type InventoryDevice } from './inventory.mts';
import { knownDevices, type KnownDevice } from './known-devices.mts';
import { TenantLedger, type Ledger } from './ledger.mts';
import { answerNql } from './nql.mts';
import { entryFinder, Removals } from './removals.mts';
import { react, type HonestAnswer, type HonestHandlingOptions } from './reactions.mts';
import {
	openRequest,
	readBody,
	TOKEN_PATH,
	type OpenRequest,
	type RequestRecord,
} from './request-log.mts';
import { SAVED_QUERIES, type SavedQuery } from './saved-queries.mts';
import { DOCUMENTED_SETTINGS, type TenantSettings } from './settings.mts';
import { TokenOffice, type TokenClient } from './tokens.mts';

export type { FileDamage } from './csv-file.mts';
export type { DeletionAnswer, DeviceAnswer } from './deletions.mts';
export type { Fault, FaultRule, FaultScript, FileCut } from './faults.mts';
export type { InventoryDevice } from './inventory.mts';
export type { KnownDevice } from './known-devices.mts';
export type { Ledger, LedgerEntry } from './ledger.mts';
export type { RequestRecord, Route, SubmittedDevice } from './request-log.mts';
export type { Row, SavedQuery } from './saved-queries.mts';
export type {
	ExportFileFraming,
	ExportFileStyle,
	NqlEquality,
	TenantSettings,
} from './settings.mts';

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
	/** Clients with one permission alone: NQL API, or Data management. The other one has both. */
	readonly reading: TokenClient;
	readonly deleting: TokenClient;
	/** Stays as it is, whatever is queued or removed. */
	readonly inventory: readonly InventoryDevice[];
	/** What queries find: the inventory, and the earlier lives of some devices. May be changed; a reset sets it back. */
	readonly knownDevices: KnownDevice[];
	/** The saved queries. May be changed; a reset sets it back. */
	readonly queries: SavedQuery[];
	/** Where exported files are fetched: another origin than that of the API. Its requests stand in `requests` too. */
	readonly fileOrigin: string;
	readonly ledger: Ledger;
	/** Every request since the start or the last reset, in order of arrival. */
	readonly requests: readonly RequestRecord[];
	/** How many exports were started since the start or the last reset. */
	readonly exportsStarted: number;
	/** Every token since the start, the dead ones too; a reset keeps them. */
	readonly issuedTokens: readonly string[];
	readonly settings: TenantSettings;
	readonly faults: FaultScript;
	/** Every token issued so far is refused with 401 from now on. */
	revokeTokens(): void;
	/** Same effect, as if 15 minutes had gone by. */
	expireTokens(): void;
	/** A day goes by: queries find the queued devices no more, but for those whose Collector reports again. Settings can do it by time. */
	carryOutDeletions(reportAgain?: (uid: string) => boolean): void;
	/**
	 * Empties ledger, request log, exports and faults, and sets settings, queries and known devices back. Requests that are still
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

const WITH_LATENCY = new Set<RequestRecord['route']>([
	'deletions',
	'nqlExecute',
	'nqlExport',
	'nqlStatus',
]);

async function originOf(server: Server, port: number): Promise<string> {
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closed(server: Server): Promise<void> {
	if (!server.listening) return;
	const closing = once(server, 'close');
	server.close();
	server.closeAllConnections();
	await closing;
}

class SimulatedTenant implements Tenant {
	readonly clientId: string;
	readonly clientSecret: string;
	readonly reading: TokenClient;
	readonly deleting: TokenClient;
	readonly inventory: readonly InventoryDevice[];
	readonly ledger = new TenantLedger();
	readonly requests: OpenRequest[] = [];
	readonly settings: TenantSettings;
	readonly faults = new TenantFaultScript();
	readonly #settingsAtStart: Readonly<TenantSettings>;
	readonly knownDevices: KnownDevice[] = [];
	readonly queries: SavedQuery[] = [];
	readonly #exports: ExportOffice;
	readonly #removals = new Removals();
	readonly #tokens: TokenOffice;
	readonly #server: Server;
	readonly #fileServer: Server;
	readonly #open = new Set<ServerResponse>();
	readonly #onEnded: (request: RequestRecord) => void;
	#origin = '';
	#fileOrigin = '';

	constructor(options: TenantOptions) {
		this.clientId = options.clientId ?? 'simulated-client';
		this.clientSecret = options.clientSecret ?? randomBytes(24).toString('base64url');
		const { clientId, clientSecret } = this;
		const only = (permission: 'nql' | 'deletions'): TokenClient => {
			return { clientId: `${clientId}-${permission}`, clientSecret, permissions: [permission] };
		};
		this.reading = only('nql');
		this.deleting = only('deletions');
		this.inventory = generateInventory(options.devices ?? 1000);
		this.settings = {
			...DOCUMENTED_SETTINGS,
			latencyMilliseconds: options.latencyMilliseconds ?? DOCUMENTED_SETTINGS.latencyMilliseconds,
			...options.settings,
		};
		this.#settingsAtStart = { ...this.settings };
		this.#exports = new ExportOffice(this.settings);
		this.#restoreKnowledge();
		this.#tokens = new TokenOffice({
			clients: [
				{ clientId, clientSecret, permissions: ['nql', 'deletions'] },
				this.reading,
				this.deleting,
			],
			lifetimeSeconds: options.tokenLifetimeSeconds ?? 900,
		});
		this.#onEnded = options.onEnded ?? (() => {});
		const serverOf = (route?: 'file') =>
			createServer({ keepAliveTimeout: KEEP_ALIVE_MILLISECONDS }, (incoming, response) => {
				void this.#serve(incoming, response, route);
			});
		this.#server = serverOf();
		this.#fileServer = serverOf('file');
	}

	get origin(): string {
		return this.#origin;
	}

	get fileOrigin(): string {
		return this.#fileOrigin;
	}

	get apiBaseUrl(): string {
		return this.#origin;
	}

	get tokenUrl(): string {
		return `${this.#origin}${TOKEN_PATH}`;
	}

	get exportsStarted(): number {
		return this.#exports.started;
	}

	get issuedTokens(): readonly string[] {
		return this.#tokens.issued;
	}

	async listen(port: number): Promise<void> {
		this.#origin = await originOf(this.#server, port);
		this.#fileOrigin = await originOf(this.#fileServer, 0);
	}

	revokeTokens(): void {
		this.#tokens.endAll();
	}

	expireTokens(): void {
		this.#tokens.endAll();
	}

	carryOutDeletions(reportAgain: (uid: string) => boolean = () => false): void {
		const entryFor = entryFinder(this.ledger.entries, this.settings);
		const isGone = (device: KnownDevice) =>
			entryFor(device) !== undefined && !reportAgain(device.uid);
		const left = this.knownDevices.filter((device) => !isGone(device));
		this.knownDevices.splice(0, Infinity, ...left);
	}

	reset(): void {
		for (const response of this.#open) response.destroy();
		this.ledger.clear();
		this.#removals.clear();
		this.requests.length = 0;
		this.faults.clear();
		this.#exports.clear();
		Object.assign(this.settings, this.#settingsAtStart);
		this.#restoreKnowledge();
	}

	async close(): Promise<void> {
		await Promise.all([closed(this.#server), closed(this.#fileServer)]);
	}

	#restoreKnowledge(): void {
		this.knownDevices.length = 0;
		for (const device of knownDevices(this.inventory, Date.now())) this.knownDevices.push(device);
		this.queries.splice(0, Infinity, ...SAVED_QUERIES);
	}

	/** The honest handling of a request, queuing included unless `queue` is false. */
	handle(request: RequestRecord, options: HonestHandlingOptions = {}): HonestAnswer {
		if (request.oversized) return { answer: jsonAnswer(413, { message: 'Request too large.' }) };
		if (request.route === 'token') return { answer: this.#tokens.handle(request) };
		if (request.route === 'other') return { answer: noSuchRoute(request) };
		if (request.route === 'file') {
			const { method, path } = request;
			return { answer: this.#exports.file(method, path, Date.now(), options.file) };
		}
		const { settings, queries, fileOrigin } = this;
		this.#removals.carryOut(this.knownDevices, this.ledger, settings);
		const accepts = (bearer: string | undefined) => this.#tokens.accepts(bearer);
		const permission = request.route === 'deletions' ? 'deletions' : 'nql';
		const isPermitted = this.#tokens.permits(request.bearer, permission);
		if (request.route !== 'deletions') {
			const { knownDevices: devices } = this;
			const exports = this.#exports;
			const answer = answerNql(request, {
				settings,
				accepts,
				isPermitted,
				queries,
				devices,
				exports,
				fileOrigin,
			});
			return { answer };
		}
		const { queue = true, ...failures } = options;
		const statusOf = (uid: string) => this.#statusOf(uid);
		const verdict = judgeDeletions(request, {
			settings,
			accepts,
			isPermitted,
			statusOf,
			...failures,
		});
		if (queue) this.ledger.queue(verdict.queued, request);
		return verdict;
	}

	/** What isn't documented: of a device that the tenant doesn't have, and of one that is queued already. */
	#statusOf(uid: string): DeviceAnswer['status'] {
		const { statusOfUnknown, statusOfQueued, deletionMeans } = this.settings;
		if (statusOfUnknown === 'SCHEDULED' && statusOfQueued === 'SCHEDULED') return 'SCHEDULED';
		const isKnown = this.knownDevices.some(
			(device) => device[deletionMeans].toLowerCase() === uid.toLowerCase(),
		);
		if (!isKnown) return statusOfUnknown;
		return this.ledger.has(uid) ? statusOfQueued : 'SCHEDULED';
	}

	async #serve(incoming: IncomingMessage, response: ServerResponse, route?: 'file'): Promise<void> {
		const request = openRequest(incoming, this.requests.length + 1);
		if (route !== undefined) request.route = route;
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
			const latency = WITH_LATENCY.has(request.route) ? latencyMilliseconds : 0;
			await deliver(response, request, reaction, latency);
		} catch (error) {
			// Only a test's own function (`when`, `change`, `uids`) gets here. It must not pass for a
			// fault that was asked for.
			console.error('The simulated tenant failed on a request:', error);
			response.destroy();
		}
	}
}
