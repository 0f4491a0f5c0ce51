import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
	cpSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it, vi } from 'vitest';
import { EXAMPLES_TO_RUN, FORM_LOGIN, WEBHOOK_KEY } from '../harness/examples.mts';
import { REPOSITORY } from '../harness/folders.mts';
import { freePort } from '../../ports.mts';
import { RestClient } from '../harness/rest.mts';
import { OWNER } from '../harness/server.mts';
import { NEXTHINK_NODE } from '../harness/workflows.mts';

const START = { timeout: 120_000 } as const;

interface Started {
	readonly process: ChildProcess;
	readonly output: () => string;
	readonly exitCode: Promise<number | null>;
	/** For whatever it writes. */
	readonly folder: string;
}

/** What `npm run editor` runs after the build. */
function start(...options: string[]): Started {
	const main = join(REPOSITORY, 'test', 'e2e', 'look-round', 'main.mts');
	const folder = mkdtempSync(join(inject('run').folder, 'look-round-'));
	const child = spawn(process.execPath, ['--import', 'tsx', main, ...options], {
		cwd: REPOSITORY,
		env: { ...process.env, TMPDIR: folder },
	});
	let output = '';
	child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const exitCode = once(child, 'close').then(([code]) => code as number | null);
	return { process: child, output: () => output, exitCode, folder };
}

/** Throw-away folders that are still there. */
function leftFolders({ folder }: Started): string[] {
	return readdirSync(folder).filter((name) => name.startsWith('n8n-nodes-nexthink-e2e-'));
}

/** Command lines of what it started: its folder stands in the environment of all of them. */
function processesOf({ folder }: Started): string[] {
	const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
	return ids
		.filter((id) => read(`/proc/${id}/environ`).includes(folder))
		.map((id) => read(`/proc/${id}/cmdline`).replaceAll('\0', ' '));
}

function read(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		// The process has ended in the meantime.
		return '';
	}
}

interface NodeType {
	readonly name: string;
	readonly displayName: string;
	readonly iconUrl: string | { light: string };
}

/** What may be changed without a trace in the repository. */
function copyOfSources(): string {
	const folder = mkdtempSync(join(inject('run').folder, 'sources-'));
	for (const name of ['nodes', 'credentials', 'tsconfig.json', 'package.json']) {
		cpSync(join(REPOSITORY, name), join(folder, name), { recursive: true });
	}
	symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
	return folder;
}

describe('npm run editor', () => {
	it('opens an n8n with login, credentials and all examples, and leaves nothing after Ctrl-C', async () => {
		const port = await freePort();
		const started = start('--port', String(port));
		await expect.poll(started.output, START).toContain('Ctrl-C ends it all');
		expect(processesOf(started)).toContainEqual(expect.stringContaining('bin/n8n start'));
		expect(leftFolders(started)).toHaveLength(1);

		const origin = `http://127.0.0.1:${port}`;
		expect(started.output()).toContain(origin);
		expect(started.output()).toContain(OWNER.password);
		expect(started.output()).toMatch(
			new RegExp(`Forms .*\\n +User +${FORM_LOGIN.user}\\n +Password +${FORM_LOGIN.password}\\n`),
		);
		expect(started.output()).toContain(`${WEBHOOK_KEY.name}: ${WEBHOOK_KEY.value}`);
		const rest = new RestClient(origin);
		await rest.post('/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
		const workflows = await rest.get<Array<{ name: string }>>('/workflows');
		expect(workflows.map(({ name }) => name).sort()).toEqual(
			EXAMPLES_TO_RUN.map(({ workflow }) => workflow.name).sort(),
		);
		const credentials = await rest.get<Array<{ name: string }>>('/credentials');
		expect(credentials.map(({ name }) => name)).toContain('Your Nexthink credential');

		started.process.kill('SIGINT');
		expect(await started.exitCode).toBe(0);
		expect(started.output()).toContain('Queued for deletion at the simulated tenant: 0');
		expect(processesOf(started)).toEqual([]);
		expect(leftFolders(started)).toEqual([]);
		await expect(fetch(origin)).rejects.toThrow();
	});

	it('leaves nothing if it is ended while n8n starts', async () => {
		const started = start();
		await expect
			.poll(() => processesOf(started), START)
			.toContainEqual(expect.stringContaining('bin/n8n start'));
		started.process.kill('SIGTERM');
		expect(await started.exitCode).toBe(0);
		expect(processesOf(started)).toEqual([]);
		expect(leftFolders(started)).toEqual([]);
	});

	it('shows a change of a source file with --watch, and leaves nothing after Ctrl-C', async () => {
		const sources = copyOfSources();
		const port = await freePort();
		const started = start('--watch', sources, '--port', String(port));
		await expect.poll(started.output, START).toContain('Ctrl-C ends it all');
		expect(processesOf(started)).toContainEqual(expect.stringContaining('tsc --watch'));
		const rest = new RestClient(`http://127.0.0.1:${port}`);
		await rest.post('/login', { emailOrLdapLoginId: OWNER.email, password: OWNER.password });
		// What the page asks for when it is loaded; text that is no JSON while n8n writes it.
		const shown = async () => {
			const types = await rest.get<NodeType[] | string>('/types/nodes.json');
			return typeof types === 'string'
				? undefined
				: types.find(({ name }) => name === NEXTHINK_NODE);
		};
		const { displayName, iconUrl } = (await vi.waitUntil(shown, START))!;
		expect(displayName).toBe('Nexthink');
		const address = `${rest.origin}/${typeof iconUrl === 'string' ? iconUrl : iconUrl.light}`;

		const file = join(sources, 'nodes', 'Nexthink', 'Nexthink.node.ts');
		const changed = readFileSync(file, 'utf8').replace(
			"displayName: 'Nexthink'",
			"displayName: 'Nexthink, changed'",
		);
		writeFileSync(file, changed);
		await expect.poll(shown, START).toMatchObject({ displayName: 'Nexthink, changed' });
		const compiled = 'Compiled with 0 errors. Reload the page to see it.';
		await expect.poll(() => started.output().split(compiled).length - 1).toBe(2);

		writeFileSync(file, `${changed}\nconst wrong: number = 'text';\n`);
		await expect.poll(started.output, START).toMatch(/Nexthink\.node\.ts.* error TS2322/);

		writeFileSync(file, `${changed}\nthrow new Error('It is broken');\n`);
		await expect
			.poll(started.output, START)
			.toContain("Compiled with 0 errors, but n8n can't load it: Error: It is broken");

		const icon = join(sources, 'nodes', 'Nexthink', 'nexthink.svg');
		for (const time of ['first', 'second']) {
			const drawn = readFileSync(icon, 'utf8').replace('</svg>', `<g id="${time}"/></svg>`);
			// As editors and git save a file: another one takes its place.
			writeFileSync(`${icon}.new`, drawn);
			renameSync(`${icon}.new`, icon);
			await expect.poll(async () => await (await fetch(address)).text(), START).toBe(drawn);
		}

		started.process.kill('SIGINT');
		expect(await started.exitCode).toBe(0);
		expect(processesOf(started)).toEqual([]);
		expect(leftFolders(started)).toEqual([]);
	});

	it('explains itself', async () => {
		const started = start('--help');
		expect(await started.exitCode).toBe(0);
		expect(started.output()).toContain('--port <number>');
	});

	it('refuses a port that is none', async () => {
		const started = start('--port', 'many');
		expect(await started.exitCode).toBe(1);
		expect(started.output()).toContain('It must be a whole number from 1 to 65,535.');
	});
});
