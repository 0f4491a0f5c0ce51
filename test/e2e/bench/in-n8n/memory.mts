import { readFileSync, writeFileSync } from 'node:fs';
import { GCProfiler, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What the measured part of a workflow, and the items that it works on, took of n8n's memory. */
export interface MemoryReading {
	/** Most bytes that were in use at once on the heap, without garbage, above those before the items were made. */
	readonly live: number;
	/** Most bytes that the whole process held, as a container's limit counts them. */
	readonly resident: number;
	/** Bytes in use behind the measured part while its result is held, on the heap and outside of it, above those before. */
	readonly left: number;
}

setFlagsFromString('--expose-gc');

export const collectGarbage = runInNewContext('gc') as () => void;

/** V8 drops the compiled form of functions that outlive some collections unused; it must be gone before the measuring begins. */
const COLLECTIONS_BEFORE = 10;

let profiler: GCProfiler | undefined;
let liveBefore = 0;
let inUseBefore = 0;

/**
 * Call it before the items are made. From here on every collection is a full one, so that what is left after it is in use; they come
 * with each 16 MB or so that are allocated, in the middle of synchronous work, too.
 */
export function beginMemory(): void {
	for (let count = 0; count < COLLECTIONS_BEFORE; count++) collectGarbage();
	// Sets the peak back to what is held now (proc(5), /proc/pid/clear_refs).
	writeFileSync('/proc/self/clear_refs', '5');
	liveBefore = process.memoryUsage().heapUsed;
	inUseBefore = inUse();
	setFlagsFromString('--gc-global');
	profiler = new GCProfiler();
	profiler.start();
}

export function isMemoryMeasured(): boolean {
	return profiler !== undefined;
}

/** Call it in the node behind the measured part. */
export function readMemory(): MemoryReading {
	if (profiler === undefined) throw new Error('No memory is being measured.');
	// The first one only finds the buffers that nothing refers to; they are gone after the next.
	for (let count = 0; count < 2; count++) collectGarbage();
	const left = inUse() - inUseBefore;
	const { statistics } = profiler.stop();
	profiler = undefined;
	setFlagsFromString('--no-gc-global');
	const live = statistics
		// V8 also tells when it is done with looking for garbage in small steps, before any is gone.
		.filter(({ gcType }) => gcType === 'MarkSweepCompact')
		.map(({ afterGC }) => afterGC.heapStatistics.usedHeapSize);
	return { live: Math.max(...live) - liveBefore, resident: residentPeak(), left };
}

function inUse(): number {
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

function residentPeak(): number {
	const status = readFileSync('/proc/self/status', 'utf8');
	const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
	if (kilobytes === undefined) throw new Error('/proc/self/status does not tell VmHWM.');
	return 1024 * Number(kilobytes);
}
