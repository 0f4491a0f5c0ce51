import { nodeBinary } from '../harness/folders.mts';
import type { ClientAnswer, ClientQuestion } from './bare-client.mts';
import { Child } from './child.mts';
import type { TimeReading } from './in-n8n/stopwatch.mts';
import type { MeasuredTenant } from './measured-tenant.mts';

/** A client without n8n, in a process of its own with n8n's Node.js: the distance to what the machine can do. */
export class BareClient {
	readonly #tenant: MeasuredTenant;
	readonly #child = new Child<ClientQuestion, ClientAnswer>(
		new URL('bare-client.mts', import.meta.url),
		{ execPath: nodeBinary(), execArgv: [] },
	);

	constructor(tenant: MeasuredTenant) {
		this.#tenant = tenant;
	}

	/** Sends the list four batches at a time. Throws unless every device is accounted for. */
	async time(
		devices: number,
		latencyMilliseconds: number,
		keepAlive: boolean,
	): Promise<TimeReading> {
		const { url } = this.#tenant;
		const { tokenUrl, clientId, clientSecret } = await this.#tenant.beginAnew(latencyMilliseconds);
		const access = { url, tokenUrl, clientId, clientSecret };
		const answer = await this.#child.ask({ ...access, devices, concurrency: 4, keepAlive });
		await this.#tenant.expectDone({ queued: devices }, 'The bare client');
		if (answer.scheduled === devices) return answer;
		throw new Error(`The bare client was told of ${answer.scheduled} of ${devices} devices.`);
	}

	async end(): Promise<void> {
		await this.#child.end();
	}
}
