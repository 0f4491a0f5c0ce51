import type { Profiler } from 'node:inspector';

/** Where the CPU was, as a share of the time in which it was at work. */
export interface Cost {
	readonly where: string;
	readonly milliseconds: number;
	readonly share: number;
}

export interface ProfileSums {
	readonly busyMilliseconds: number;
	/** By package or part of Node.js, its own time without what it calls. */
	readonly byOwner: readonly Cost[];
	/** The functions with the largest time of their own, wherever they are. */
	readonly byFunction: readonly Cost[];
	/** The functions of the Nexthink node, with everything that they call. */
	readonly ours: readonly Cost[];
}

/** In: what V8 sampled. Out: sums of it, the largest first. */
export function sumUp(profile: Profiler.Profile): ProfileSums {
	const selfTimes = selfTimesOf(profile);
	const parents = parentsOf(profile);
	const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
	const owners = new Map<string, number>();
	const functions = new Map<string, number>();
	const ours = new Map<string, number>();
	let busy = 0;
	for (const [id, time] of selfTimes) {
		const frames = framesUp(id, nodes, parents);
		const [own] = frames;
		if (own === undefined || own.functionName === '(idle)') continue;
		busy += time;
		add(owners, ownerOf(own), time);
		add(functions, functionText(own), time);
		const ourFrames = frames.filter((frame) => ownerOf(frame) === OUR_PACKAGE);
		for (const text of new Set(ourFrames.map(functionText))) add(ours, text, time);
	}
	return {
		busyMilliseconds: busy / 1000,
		byOwner: costs(owners, busy),
		byFunction: costs(functions, busy),
		ours: costs(ours, busy),
	};
}

type Frame = Profiler.ProfileNode['callFrame'];

export const OUR_PACKAGE = 'n8n-nodes-nexthink';

function selfTimesOf({ samples = [], timeDeltas = [] }: Profiler.Profile): Map<number, number> {
	const times = new Map<number, number>();
	samples.forEach((id, position) => {
		times.set(id, (times.get(id) ?? 0) + (timeDeltas[position] ?? 0));
	});
	return times;
}

function parentsOf({ nodes }: Profiler.Profile): Map<number, number> {
	return new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
}

function framesUp(
	id: number,
	nodes: ReadonlyMap<number, Profiler.ProfileNode>,
	parents: ReadonlyMap<number, number>,
): Frame[] {
	const frames: Frame[] = [];
	for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
		const node = nodes.get(at);
		if (node !== undefined) frames.push(node.callFrame);
	}
	return frames;
}

/** The package, Node.js or what V8 does by itself. */
function ownerOf({ url, functionName }: Frame): string {
	const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
	if (name !== undefined) return name;
	if (url.startsWith('node:')) return 'Node.js';
	if (url.includes('/bench/')) return 'the benchmark';
	return functionName.startsWith('(') ? functionName : 'Node.js, compiled';
}

function functionText(frame: Frame): string {
	const { functionName, url, lineNumber } = frame;
	if (url === '') return functionName;
	const file = url.replace(/^.*\/node_modules\//, '').replace(/^file:.*\/(?=bench\/)/, '');
	return `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`;
}

function add(sums: Map<string, number>, where: string, time: number): void {
	sums.set(where, (sums.get(where) ?? 0) + time);
}

function costs(sums: ReadonlyMap<string, number>, busy: number): Cost[] {
	return [...sums]
		.map(([where, time]) => ({ where, milliseconds: time / 1000, share: time / busy }))
		.sort((one, other) => other.milliseconds - one.milliseconds);
}
