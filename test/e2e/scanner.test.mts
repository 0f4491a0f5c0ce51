import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { nodeBinary, REPOSITORY, SCANNER_FOLDER } from './harness/folders.mts';

const execute = promisify(execFile);
const run = inject('run');
const SOURCE = ['package.json', 'nodes', 'credentials'];

interface Verdict {
	readonly passed: boolean;
	readonly message?: string;
	readonly details?: string;
}

/** n8n's own verdict. The proxy leads nowhere, so that a scanner that went online would fail. */
async function scan(folder: string, kind: 'source' | 'published'): Promise<Verdict> {
	const nowhere = 'http://127.0.0.1:9';
	const { stdout } = await execute(nodeBinary(), [join(SCANNER_FOLDER, 'scan.mjs'), folder, kind], {
		// Without vitest's NODE_ENV=test, which makes the scanner's rules take every file for a fixture.
		env: { PATH: process.env.PATH, HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere },
		maxBuffer: 64 * 1024 * 1024,
	});
	return JSON.parse(stdout) as Verdict;
}

/** The source as a copy, so that it can be spoilt. */
function copyOfSource(name: string): string {
	const folder = join(run.folder, name);
	for (const part of SOURCE) {
		cpSync(join(REPOSITORY, part), join(folder, part), { recursive: true });
	}
	return folder;
}

describe("n8n's scanner for community packages", () => {
	let published: string;

	beforeAll(async () => {
		published = join(run.folder, 'unpacked');
		mkdirSync(published);
		await execute('tar', ['-xzf', run.tarball, '-C', published, '--strip-components=1']);
	});

	it('passes the source', async () => {
		expect(await scan(copyOfSource('source'), 'source')).toEqual({ passed: true });
	});

	it('passes the published package', async () => {
		expect(readdirSync(published)).toContain('dist');
		expect(await scan(published, 'published')).toEqual({ passed: true });
	});

	it('would not pass a source that reads the environment', async () => {
		const spoilt = copyOfSource('spoilt-source');
		const node = join(spoilt, 'nodes', 'Nexthink', 'Nexthink.node.ts');
		appendFileSync(node, '\nexport const home = process.env.HOME;\n');
		const { passed, details } = await scan(spoilt, 'source');
		expect(passed).toBe(false);
		expect(details).toContain('Nexthink.node.ts');
	});

	it('would not pass a published package that prints', async () => {
		const spoilt = join(run.folder, 'spoilt-published');
		cpSync(published, spoilt, { recursive: true });
		appendFileSync(
			join(spoilt, 'dist', 'nodes', 'Nexthink', 'Nexthink.node.js'),
			'\nconsole.log(1);\n',
		);
		const { passed, details } = await scan(spoilt, 'published');
		expect(passed).toBe(false);
		expect(details).toContain('no-console');
	});
});
