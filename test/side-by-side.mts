// Runs scripts of package.json side by side: node --import tsx test/side-by-side.mts lint types test:whole -- options of the last one
//
// The last one is shown as it runs. The others make way for it where processors are few, because tests measure time, and each of them is
// shown as one block once it has ended. The first that fails ends the rest. Where tests were counted more than once, the sum comes last.
import { spawn, type ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';

const given = process.argv.slice(2);
const end = given.includes('--') ? given.indexOf('--') : given.length;
const options = given.slice(end + 1);
const beside = given.slice(0, end);
const shown = beside.pop();
if (shown === undefined) throw new Error('Which scripts? See the head of this file.');

const started = Date.now();
const children: ChildProcess[] = [];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => {
		endAll();
		process.exit(128 + constants.signals[signal]);
	});
}
const outputs = await Promise.all([...beside.map(runBeside), runShown(shown)]);
const counts = [...outputs.join('\n').matchAll(/^(\d+) passed, 0 failed$/gm)];
if (counts.length > 1) {
	const passed = counts.reduce((sum, [, count]) => sum + Number(count), 0);
	process.stdout.write(`\n${passed} passed, 0 failed\n`);
}

/** Out: its output. */
async function runShown(name: string): Promise<string> {
	const child = start(name, options);
	const output: Buffer[] = [];
	eachChunk(child, (chunk) => {
		output.push(chunk);
		process.stdout.write(chunk);
	});
	if (!(await passes(child))) fail(name);
	return Buffer.concat(output).toString();
}

/** Out: its output. */
async function runBeside(name: string): Promise<string> {
	const child = start(name);
	if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
	const output: Buffer[] = [];
	eachChunk(child, (chunk) => output.push(chunk));
	const isPassed = await passes(child);
	const seconds = Math.round((Date.now() - started) / 1000);
	output.push(Buffer.from(`${name} ${isPassed ? 'passed' : 'failed'} after ${seconds} s.\n\n`));
	process.stdout.write(Buffer.concat(output));
	if (!isPassed) fail(name);
	return Buffer.concat(output).toString();
}

/** Each in a group of its own, so that all that it starts can be ended. */
function start(name: string, more: readonly string[] = []): ChildProcess {
	const child = spawn('npm', ['run', name, '--', ...more], {
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	children.push(child);
	return child;
}

function eachChunk({ stdout, stderr }: ChildProcess, take: (chunk: Buffer) => void): void {
	stdout?.on('data', take);
	stderr?.on('data', take);
}

async function passes(child: ChildProcess): Promise<boolean> {
	return await new Promise((resolve) => {
		child.once('error', () => resolve(false));
		child.once('close', (code) => resolve(code === 0));
	});
}

function fail(name: string): void {
	endAll();
	process.stdout.write(`\n${name} failed. Once more: npm run ${name}\n`);
	process.exit(1);
}

function endAll(): void {
	for (const { pid, exitCode } of children) {
		if (pid === undefined || exitCode !== null) continue;
		try {
			process.kill(-pid, 'SIGTERM');
		} catch {
			// It has ended in the meantime.
		}
	}
}
