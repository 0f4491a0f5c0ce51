import { writeFile } from 'node:fs/promises';
import { exitOnSignals } from '../harness/processes.mts';
import { beginRun, endRun } from '../harness/run.mts';
import { Bench, type Figures } from './bench.mts';
import { readCommandLine } from './command-line.mts';
import { performancePage, PERFORMANCE_PAGE } from './page.mts';
import type { ProfileSums } from './profile.mts';
import { holds } from './ratios.mts';
import { FULL, SHORT } from './scale.mts';
import { costsTable, forTerminal, memoryTable, ratiosTable, timesTable } from './tables.mts';

const PROFILED_DEVICES = 100_000;

const commandLine = readCommandLine(process.argv);
exitOnSignals();
const run = await beginRun('newest');
try {
	console.log('Starting n8n …');
	const bench = await Bench.open(run);
	try {
		await useBench(bench);
	} finally {
		await bench.close();
	}
} finally {
	await endRun(run);
}

async function useBench(bench: Bench): Promise<void> {
	if (commandLine.profile) return printProfile(await bench.profile(PROFILED_DEVICES));
	const scale = commandLine.short ? SHORT : FULL;
	const figures = await bench.compare(scale, console.log, commandLine.only);
	printFigures(figures);
	if (commandLine.write) {
		const profile = await bench.profile(PROFILED_DEVICES);
		printProfile(profile);
		await writeFile(PERFORMANCE_PAGE, await performancePage({ figures, scale, profile }));
		console.log('docs/performance.md is up to date.');
	}
	const missed = figures.ratios.filter((ratio) => !holds(ratio));
	if (missed.length === 0) return;
	console.error(`Missed:\n${missed.map(({ what }) => `- ${what}`).join('\n')}`);
	process.exitCode = 1;
}

function printFigures({ times, memory, ratios }: Figures): void {
	for (const table of [timesTable(times), memoryTable(memory), ratiosTable(ratios)]) {
		console.log(forTerminal(table));
	}
}

function printProfile({ byOwner, byFunction, ours, busyMilliseconds }: ProfileSums): void {
	console.log(
		`The CPU was at work for ${busyMilliseconds.toFixed(0)} ms. Its own time by package:`,
	);
	console.log(forTerminal(costsTable(byOwner, 15)));
	console.log('By function:');
	console.log(forTerminal(costsTable(byFunction, 25)));
	console.log('Functions of the Nexthink node, with what they call:');
	console.log(forTerminal(costsTable(ours, 25)));
}
