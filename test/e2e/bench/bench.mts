import type { Run } from '../harness/run.mts';
import { BareClient } from './bare-clients.mts';
import {
	compareClosely,
	compareSending,
	compareSettings,
	compareSources,
	compareWork,
	withMoreRounds,
	type Comparison,
	type MemorySeries,
	type TimedSeries,
} from './comparisons.mts';
import { compareCsv } from './csv-speed.mts';
import { compareExports, compareMemory, compareTimeBySize } from './growth.mts';
import { compareInventories, compareLongLookUps, compareLookUps } from './look-ups.mts';
import { MeasuredN8n } from './measured-n8n.mts';
import { MeasuredTenant } from './measured-tenant.mts';
import { sumUp, type ProfileSums } from './profile.mts';
import { holds, type Ratio } from './ratios.mts';
import type { Scale } from './scale.mts';

/** A real n8n, the simulated tenant and a client without n8n, each in a process of its own. */
export class Bench {
	readonly #tenant: MeasuredTenant;
	readonly #client: BareClient;
	readonly #n8n: MeasuredN8n;

	private constructor(tenant: MeasuredTenant, client: BareClient, n8n: MeasuredN8n) {
		this.#tenant = tenant;
		this.#client = client;
		this.#n8n = n8n;
	}

	static async open(run: Run): Promise<Bench> {
		const tenant = await MeasuredTenant.start();
		const client = new BareClient(tenant);
		try {
			return new Bench(tenant, client, await MeasuredN8n.start(run, tenant));
		} catch (error) {
			await client.end();
			await tenant.end();
			throw error;
		}
	}

	/** Everything that has a ratio, or what of it has that word in its name. */
	async compare(scale: Scale, say: (line: string) => void, word = ''): Promise<Figures> {
		const comparisons: Comparison[] = [];
		const steps = [
			// First, because V8 compiles what it has seen often: the narrow bound comes when all is compiled.
			['Lists that are sent, without latency', () => compareWork(this.#n8n, this.#client, scale)],
			['Node and bare loop, with latency', () => compareClosely(this.#n8n, this.#client, scale)],
			['Lists that are sent, with latency', () => compareSending(this.#n8n, scale)],
			['Fields and expressions', () => compareSources(this.#n8n, scale)],
			['Fixed settings and expressions', () => compareSettings(this.#n8n, scale)],
			['From short lists to long ones: time', () => compareTimeBySize(this.#n8n, scale)],
			['Names that are looked up', () => compareLookUps(this.#n8n, scale)],
			['Long lists that are looked up', () => compareLongLookUps(this.#n8n, scale)],
			['From short lists to long ones: memory', () => compareMemory(this.#n8n, scale)],
			['CSV files that are read', () => compareCsv(scale)],
			['Names that are looked up: memory', () => compareInventories(this.#n8n, scale)],
			['Exported files: memory', () => compareExports(this.#n8n, scale)],
		] as const;
		for (const [what, carryOut] of steps) {
			if (!what.toLowerCase().includes(word.toLowerCase())) continue;
			const begunAt = Date.now();
			comparisons.push(await repeatedWhereMissed(carryOut, () => say(`${what}: measured again`)));
			say(`${what}: measured in ${Math.round((Date.now() - begunAt) / 1000)} s`);
		}
		return {
			times: comparisons.flatMap(({ times }) => times),
			memory: comparisons.flatMap(({ memory = [] }) => memory),
			ratios: comparisons.flatMap(({ ratios }) => ratios),
		};
	}

	/** What the CPU does, with everything compiled that V8 compiles after some runs. */
	async profile(devices: number): Promise<ProfileSums> {
		await this.#n8n.time('nexthink-4', devices);
		return sumUp(await this.#n8n.profile('nexthink-4', devices));
	}

	async close(): Promise<void> {
		await this.#n8n.stop();
		await this.#client.end();
		await this.#tenant.end();
	}
}

const MOST_TIMES = 3;

/** A disturbance in one of few rounds must not decide: what misses a bound is measured again, and all rounds count. */
async function repeatedWhereMissed(
	carryOut: () => Promise<Comparison>,
	beforeRepeat: () => void,
): Promise<Comparison> {
	let comparison = await carryOut();
	for (let times = 1; times < MOST_TIMES && !comparison.ratios.every(holds); times++) {
		beforeRepeat();
		comparison = withMoreRounds(comparison, await carryOut());
	}
	return comparison;
}

export interface Figures {
	readonly times: readonly TimedSeries[];
	readonly memory: readonly MemorySeries[];
	readonly ratios: readonly Ratio[];
}
