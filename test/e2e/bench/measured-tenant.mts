import { isDeepStrictEqual } from 'node:util';
import { DELETIONS_PATH, NQL_EXECUTE_PATH } from '../../simulator/request-log.mts';
import { Child } from './child.mts';
import type { ExportedInventory } from './exported-inventory.mts';
import type { TenantAnswer, TenantQuestion } from './tenant-process.mts';

/** What a tenant must have done; default: none of it. */
export interface Done {
	readonly queued?: number;
	readonly asked?: number;
	readonly exported?: number;
}

/** The simulated tenant, in a process of its own: what it costs must not be taken for n8n's. */
export class MeasuredTenant {
	readonly #child = new Child<TenantQuestion, TenantAnswer>(
		new URL('tenant-process.mts', import.meta.url),
	);
	#latency = 0;
	#address: TenantAnswer | undefined;

	static async start(): Promise<MeasuredTenant> {
		const tenant = new MeasuredTenant();
		await tenant.beginAnew(0);
		return tenant;
	}

	/** CPU that the requests since the last beginning took. */
	cpuMilliseconds = 0;

	get url(): string {
		return `${this.address.apiBaseUrl}${DELETIONS_PATH}`;
	}

	get queriesUrl(): string {
		return `${this.address.apiBaseUrl}${NQL_EXECUTE_PATH}`;
	}

	get address(): TenantAnswer {
		if (this.#address === undefined) throw new Error('The tenant is not started yet.');
		return this.#address;
	}

	/** What a user types into the credential. */
	get credential(): Record<string, string> {
		const { apiBaseUrl, tokenUrl, clientId, clientSecret } = this.address;
		return {
			...{ region: 'custom', apiBaseUrl, tokenUrl, clientId, clientSecret },
			// The loops that the node is measured against send by n8n's HTTP Request node, to this machine.
			allowedHttpRequestDomains: 'all',
		};
	}

	/** @param inventory what exports of all devices find; default: nothing */
	async beginAnew(
		latencyMilliseconds: number,
		inventory: ExportedInventory = { listed: 0, rows: 0 },
	): Promise<TenantAnswer> {
		this.#latency = latencyMilliseconds;
		this.#address = await this.#child.ask({ latencyMilliseconds, inventory });
		return this.#address;
	}

	/**
	 * Throws unless exactly this was done since the last beginning, and nothing else: devices queued, each once and 100 at a time;
	 * queries executed; exports started.
	 */
	async expectDone({ queued = 0, asked = 0, exported = 0 }: Done, by: string): Promise<void> {
		const done = await this.beginAnew(this.#latency);
		this.cpuMilliseconds = done.cpuMilliseconds;
		const { devices, requests, queries, exports } = done;
		const expected = [queued, Math.ceil(queued / 100), asked, exported];
		if (isDeepStrictEqual([devices, requests, queries, exports], expected)) return;
		throw new Error(
			`${by} queued ${devices} of ${queued} devices in ${requests} requests, asked ${queries} of ${asked} queries and started ${exports} of ${exported} exports.`,
		);
	}

	async end(): Promise<void> {
		await this.#child.end();
	}
}
