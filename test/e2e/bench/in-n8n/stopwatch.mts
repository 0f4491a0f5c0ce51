import { Session, type Profiler } from 'node:inspector/promises';
import { collectGarbage } from './memory.mts';

/** What the measured part of a workflow took of n8n's process. */
export interface TimeReading {
	readonly milliseconds: number;
	/** Of all threads, the collection of garbage among them. */
	readonly cpuMilliseconds: number;
}

let begunAt: number | undefined;
let cpuBefore: NodeJS.CpuUsage | undefined;
let profiling: Session | undefined;

/** Call it at the end of the node in front of the measured part. */
export async function beginTime(withProfile: boolean): Promise<void> {
	collectGarbage();
	if (withProfile) profiling = await beginProfile();
	cpuBefore = process.cpuUsage();
	begunAt = performance.now();
}

/** Call it first thing in the node behind the measured part. */
export function readTime(): TimeReading {
	if (begunAt === undefined) throw new Error('Nothing is being measured.');
	const milliseconds = performance.now() - begunAt;
	const { user, system } = process.cpuUsage(cpuBefore);
	begunAt = undefined;
	return { milliseconds, cpuMilliseconds: (user + system) / 1000 };
}

/** Out: what the CPU did since the beginning; undefined where no profile was asked for. */
export async function endProfile(): Promise<Profiler.Profile | undefined> {
	const session = profiling;
	if (session === undefined) return undefined;
	profiling = undefined;
	const { profile } = await session.post('Profiler.stop');
	session.disconnect();
	return profile;
}

async function beginProfile(): Promise<Session> {
	const session = new Session();
	session.connect();
	await session.post('Profiler.enable');
	await session.post('Profiler.setSamplingInterval', { interval: 500 });
	await session.post('Profiler.start');
	return session;
}
