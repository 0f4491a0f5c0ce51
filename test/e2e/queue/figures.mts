import { readdirSync, readFileSync } from 'node:fs';
import type { Tenant } from '../../simulator/tenant.mts';
import type { SavedExecution } from '../harness/executions.mts';

/** A process group: n8n and its task runner. */
interface Metered {
	readonly pid: number;
	readonly name?: string;
}

/** What processes take between its start and its stop. */
export interface Meter {
	/** Milliseconds since the epoch. */
	readonly begun: number;
	stop(): void;
	/** A line for each process. */
	lines(): string[];
}

export function startMeter(processes: readonly Metered[]): Meter {
	const before = processes.map(({ pid }) => cpuSecondsOf(pid));
	let lines: string[] = [];
	return {
		begun: Date.now(),
		stop: () => {
			lines = processes.map(({ pid, name = 'main' }, n) => {
				const seconds = cpuSecondsOf(pid) - (before[n] ?? 0);
				return `${name}: ${seconds.toFixed(1)} s of CPU, peak memory ${peakMemoryOf(pid)} MiB since its start`;
			});
		},
		lines: () => lines,
	};
}

/** Prints what docs/large-lists.md computes with. `ended`: when n8n had saved the execution. */
export function printFigures(
	tenant: Tenant,
	meter: Meter,
	{ execution, ended }: { execution: SavedExecution; ended: number },
): void {
	const deletions = tenant.requests.filter(({ route }) => route === 'deletions');
	const tokens = tenant.requests.length - deletions.length;
	const first = Math.min(...deletions.map(({ at }) => at));
	const last = Math.max(...deletions.map(({ endedAt }) => endedAt ?? 0));
	const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
	const lines = [
		`${tenant.ledger.size} devices, ${deletions.length} requests at ${tenant.settings.latencyMilliseconds} ms, ${tokens} token requests`,
		`${seconds(meter.begun, ended)} s in all: ${seconds(meter.begun, first)} s before the first request, ${seconds(first, last)} s until the last answer, ${seconds(last, ended)} s until all was saved`,
		...meter.lines(),
		`${(execution.text.length / 2 ** 20).toFixed(1)} MiB of data saved with the execution`,
	];
	console.log(lines.join('\n'));
}

// proc_pid_stat(5): state, parent, group, …, user time and system time in hundredths of a second.
function cpuSecondsOf(group: number): number {
	const ticks = readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map(statOf)
		.filter((stat) => Number(stat[2]) === group)
		.map((stat) => Number(stat[11]) + Number(stat[12]));
	return ticks.reduce((total, each) => total + each, 0) / 100;
}

/** What stands behind the name of the program, which may hold spaces. Empty if the process has ended. */
function statOf(pid: string): string[] {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	} catch {
		return [];
	}
}

function peakMemoryOf(pid: number): number {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
}
