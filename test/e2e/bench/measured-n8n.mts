import { readFile } from 'node:fs/promises';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { createWorkflow } from '../harness/editor-runs.mts';
import type { Run } from '../harness/run.mts';
import { startServer, type N8nServer } from '../harness/server.mts';
import { CREDENTIAL_TYPE } from '../harness/tenant.mts';
import { createUserFolder } from '../harness/user-folders.mts';
import { installBenchNodes } from './bench-nodes.mts';
import type { BenchAnswer } from './in-n8n/end.mts';
import type { BenchCall } from './in-n8n/source.mts';
import type { MemoryReading } from './in-n8n/memory.mts';
import type { TimeReading } from './in-n8n/stopwatch.mts';
import type { MeasuredTenant } from './measured-tenant.mts';
import { PARTS, workflowFor, type MeasuredPart, type PartId } from './workflows.mts';

/** How users run n8n, but for its address. */
const ENVIRONMENT = { N8N_LOG_LEVEL: 'info', N8N_LOG_OUTPUT: 'console' };

const READY_WITHIN_MILLISECONDS = 60_000;

/** A real n8n in a process of its own, with a workflow for each part that is measured. */
export class MeasuredN8n {
	readonly #userFolder: string;
	readonly #tenant: MeasuredTenant;
	readonly #server: N8nServer;

	private constructor(userFolder: string, tenant: MeasuredTenant, server: N8nServer) {
		this.#userFolder = userFolder;
		this.#tenant = tenant;
		this.#server = server;
	}

	static async start(run: Run, tenant: MeasuredTenant): Promise<MeasuredN8n> {
		const userFolder = await createUserFolder(run, 'bench', 'newest');
		const n8n = new MeasuredN8n(userFolder, tenant, await startIn(userFolder));
		await n8n.#createWorkflows();
		return n8n;
	}

	async stop(): Promise<void> {
		await this.#server.stop();
	}

	/**
	 * How long a part takes.
	 *
	 * @param inventory how many devices an export of all finds
	 */
	async time(
		part: PartId,
		devices: number,
		latencyMilliseconds = 0,
		inventory = 0,
	): Promise<TimeReading> {
		const answer = await this.#run(part, devices, 'time', latencyMilliseconds, inventory);
		return answer.reading as TimeReading;
	}

	async memory(part: PartId, devices: number, inventory = 0): Promise<MemoryReading> {
		// n8n holds the data of an execution until the next one.
		await this.time(part, Math.min(100, devices), 0, Math.min(100, inventory));
		return (await this.#run(part, devices, 'memory', 0, inventory)).reading as MemoryReading;
	}

	/** What the CPU did during a part. */
	async profile(part: PartId, devices: number): Promise<Profiler.Profile> {
		await this.#run(part, devices, 'profile');
		return JSON.parse(await readFile(this.#profileFile, 'utf8')) as Profiler.Profile;
	}

	get #profileFile(): string {
		return join(this.#userFolder, 'bench.cpuprofile');
	}

	/** Throws unless every item is accounted for, by n8n and by the tenant. */
	async #run(
		part: PartId,
		devices: number,
		measure: BenchCall['measure'],
		latencyMilliseconds = 0,
		inventory = 0,
	): Promise<BenchAnswer> {
		const { listOf = 'devices', outcomes, done = () => ({}) }: MeasuredPart = PARTS[part];
		await this.#untilReady();
		await this.#tenant.beginAnew(latencyMilliseconds, { listed: devices, rows: inventory });
		const answer = await this.#call(part, { devices, listOf, measure });
		if (!isDeepStrictEqual(answer.statuses, outcomes(devices))) {
			const told = JSON.stringify(answer.statuses);
			throw new Error(`${part} told of ${devices} devices: ${told}`);
		}
		await this.#tenant.expectDone(done(devices), part);
		return answer;
	}

	/** Collecting garbage for seconds keeps n8n from its database, and then it refuses calls for a while. */
	async #untilReady(): Promise<void> {
		const giveUpAt = Date.now() + READY_WITHIN_MILLISECONDS;
		while (!(await fetch(`${this.#server.origin}/healthz/readiness`)).ok) {
			if (Date.now() > giveUpAt) throw new Error('n8n has lost its database.');
			await wait(100);
		}
	}

	async #call(part: PartId, call: BenchCall): Promise<BenchAnswer> {
		const response = await fetch(`${this.#server.origin}/webhook/${part}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(call),
		});
		const text = await response.text();
		if (response.ok) return JSON.parse(text) as BenchAnswer;
		throw new Error(`${part} with ${call.devices} devices failed: ${response.status} ${text}`);
	}

	async #createWorkflows(): Promise<void> {
		const { rest } = this.#server;
		const { url, queriesUrl, credential } = this.#tenant;
		const { id: credentialId } = await rest.post<{ id: string }>('/credentials', {
			name: 'Nexthink account',
			type: CREDENTIAL_TYPE,
			data: credential,
		});
		for (const part of Object.keys(PARTS) as PartId[]) {
			const workflow = workflowFor(part, {
				credentialId,
				url,
				queriesUrl,
				profileFile: this.#profileFile,
			});
			const { id, versionId } = await createWorkflow(rest, workflow);
			await rest.post(`/workflows/${id}/activate`, { versionId });
		}
	}
}

async function startIn(userFolder: string): Promise<N8nServer> {
	const env = { ...ENVIRONMENT, ...installBenchNodes(userFolder) };
	return await startServer({ version: 'newest', userFolder, env });
}
