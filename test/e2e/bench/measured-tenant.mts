import { Child } from './child.mts';
import type { TenantAnswer, TenantQuestion } from './tenant-process.mts';

import { DELETIONS_PATH, NQL_EXECUTE_PATH } from '../../simulator/request-log.mts';

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

	async beginAnew(latencyMilliseconds: number): Promise<TenantAnswer> {
		this.#latency = latencyMilliseconds;
		this.#address = await this.#child.ask({ latencyMilliseconds });
		return this.#address;
	}

	/** Throws unless exactly so many devices were queued since the last beginning, each once and 100 at a time. */
	async expectQueued(devices: number, by: string): Promise<void> {
		const done = await this.beginAnew(this.#latency);
		this.cpuMilliseconds = done.cpuMilliseconds;
		if (done.devices === devices && done.requests === Math.ceil(devices / 100)) return;
		throw new Error(
			`${by} queued ${done.devices} of ${devices} devices in ${done.requests} requests.`,
		);
	}

	/** Throws unless exactly so many queries were executed since the last beginning, and no device was queued. */
	async expectAsked(queries: number, by: string): Promise<void> {
		const done = await this.beginAnew(this.#latency);
		this.cpuMilliseconds = done.cpuMilliseconds;
		if (done.queries === queries && done.devices === 0) return;
		throw new Error(
			`${by} asked ${done.queries} queries instead of ${queries} and queued ${done.devices} devices.`,
		);
	}

	async end(): Promise<void> {
		await this.#child.end();
	}
}
