import { execFileSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const TOP = fileURLToPath(new URL('../..', import.meta.url));
const LOADER = fileURLToPath(new URL('load-unpacked.cjs', import.meta.url));

/** What n8n puts within reach of a community node, as far as this one asks for it. */
const MODULES_OF_N8N = ['n8n-workflow', 'zod', 'lodash'];

/** Installed for development, and not to be found where n8n runs. */
const OTHER_MODULES = ['commander', 'typescript', 'vitest', 'n8n-core', 'axios', 'tsx'];

interface Icon {
	theme: string;
	address: string;
	exists: boolean;
}

/** What `load-unpacked.cjs` prints. */
interface LoadReport {
	nodes: Array<{
		file: string;
		exportedNames: string[];
		name: string;
		displayName: string;
		credentials: unknown;
		icons: Icon[];
		parameters: number;
		executes: boolean;
		codex: { node: string; categories: string[]; alias: string[] };
	}>;
	credentials: Array<{
		file: string;
		exportedNames: string[];
		name: string;
		displayName: string;
		parents: string[];
		icons: Icon[];
		fields: number;
		testUrl: string;
	}>;
	withinReach: string[];
}

interface Manifest {
	[key: string]: unknown;
	scripts: Record<string, string>;
	n8n: { strict: boolean; nodes: string[]; credentials: string[]; n8nNodesApiVersion: number };
}

let folder: string;
let unpacked: string;
let packed: string[];

beforeAll(() => {
	if (!existsSync(join(TOP, 'dist/nodes/Nexthink/Nexthink.node.js'))) {
		throw new Error('There is nothing to pack: dist is missing. Run "npm run build" first.');
	}
	folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-nexthink-'));
	const said = execFileSync(
		'npm',
		['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
		{ cwd: TOP, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
	);
	const [tarball] = JSON.parse(said) as [{ filename: string; files: Array<{ path: string }> }];
	packed = tarball.files.map(({ path }) => path).sort();
	execFileSync('tar', ['-xzf', join(folder, tarball.filename), '-C', folder]);
	unpacked = join(folder, 'package');
});

afterAll(() => {
	if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const read = (path: string) => readFileSync(join(unpacked, path), 'utf8');

const manifest = () => JSON.parse(read('package.json')) as Manifest;

function filesIn(top: string): string[] {
	return readdirSync(join(TOP, top), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => join(parentPath, name).slice(TOP.length).replaceAll(sep, '/'));
}

/** What the sources of today make of a tarball; a stale dist differs from it. */
function filesOfSources(): string[] {
	const sources = [...filesIn('nodes'), ...filesIn('credentials')];
	const compiled = sources
		.filter((path) => path.endsWith('.ts'))
		.flatMap((path) => [path.replace(/\.ts$/, '.js'), path.replace(/\.ts$/, '.d.ts')]);
	const copied = sources.filter((path) => /\.(?:svg|png|node\.json)$/.test(path));
	const icons = sources.filter((path) => /^nodes\/Nexthink\/[^/]+\.svg$/.test(path));
	return [
		...compiled,
		...copied,
		...icons.map((path) => path.replace('nodes/Nexthink/', 'credentials/')),
	].map((path) => `dist/${path}`);
}

describe('the packed package', () => {
	it('holds what the sources compile to, the four documents and nothing else', () => {
		expect(packed).toEqual(
			['CHANGELOG.md', 'LICENSE.md', 'README.md', 'package.json', ...filesOfSources()].sort(),
		);
	});

	it('holds no test, no source and no map', () => {
		for (const path of packed) {
			expect(path).not.toMatch(/\btest\b|\.test\.|\.map$|\.mts$|\.tsbuildinfo$/);
			if (path.endsWith('.ts')) expect(path).toMatch(/\.d\.ts$/);
			if (path.endsWith('.js')) expect(read(path)).not.toContain('sourceMappingURL');
		}
	});

	it.each(['README.md', 'LICENSE.md', 'CHANGELOG.md'])('holds a %s with text in it', (path) => {
		expect(packed).toContain(path);
		expect(read(path).trim().length).toBeGreaterThan(100);
	});

	it('is under the MIT licence, as its licence file says too', () => {
		expect(manifest().license).toBe('MIT');
		expect(read('LICENSE.md')).toMatch(/MIT License/i);
	});

	it('is found by n8n as a community package', () => {
		const { name, version, keywords, homepage, repository, author } = manifest();
		expect(name).toBe('n8n-nodes-nexthink');
		expect(version).toMatch(/^\d+\.\d+\.\d+$/);
		expect(keywords).toContain('n8n-community-node-package');
		expect(homepage).toMatch(/^https:/);
		expect(repository).toMatchObject({ type: 'git', url: expect.stringContaining('https:') });
		expect(author).toMatchObject({ name: expect.any(String), email: expect.any(String) });
	});

	it('brings no dependency along, and asks n8n for nothing but n8n-workflow', () => {
		const { peerDependencies } = manifest();
		expect(peerDependencies).toEqual({ 'n8n-workflow': '*' });
		for (const key of [
			'dependencies',
			'optionalDependencies',
			'bundleDependencies',
			'bundledDependencies',
			'overrides',
			'resolutions',
			'bin',
		]) {
			expect(manifest()).not.toHaveProperty(key);
		}
	});

	it.each([
		'preinstall',
		'install',
		'postinstall',
		'prepublish',
		'preprepare',
		'prepare',
		'postprepare',
		'preuninstall',
		'uninstall',
		'postuninstall',
	])('runs no script at %s', (script) => {
		expect(manifest().scripts).not.toHaveProperty(script);
	});

	it('asks n8n for strict checks, and lists one node and one credential', () => {
		expect(manifest().n8n).toEqual({
			n8nNodesApiVersion: 1,
			strict: true,
			nodes: ['dist/nodes/Nexthink/Nexthink.node.js'],
			credentials: ['dist/credentials/NexthinkOAuth2Api.credentials.js'],
		});
		expect(packed).toEqual(expect.arrayContaining(manifest().n8n.nodes));
		expect(packed).toEqual(expect.arrayContaining(manifest().n8n.credentials));
	});

	it('asks for no module but those of n8n and of Node', () => {
		const asked = packed
			.filter((path) => path.endsWith('.js'))
			.flatMap((path) => [...read(path).matchAll(/\brequire\("([^".][^"]*)"\)/g)])
			.map(([, module]) => module);
		expect(asked).toContain('n8n-workflow');
		for (const module of asked) expect([...MODULES_OF_N8N, 'crypto']).toContain(module);
	});
});

describe("the unpacked package, with nothing but n8n's modules within reach", () => {
	let report: LoadReport;

	beforeAll(() => {
		const modules = join(folder, 'n8n', 'node_modules');
		for (const module of MODULES_OF_N8N) {
			mkdirSync(dirname(join(modules, module)), { recursive: true });
			// Node follows the link, so that each of them finds its own dependencies and the package finds none of those.
			symlinkSync(join(TOP, 'node_modules', module), join(modules, module), 'junction');
		}
		const said = execFileSync(
			process.execPath,
			[LOADER, unpacked, ...MODULES_OF_N8N, ...OTHER_MODULES],
			{ cwd: folder, encoding: 'utf8', env: { NODE_PATH: modules, HOME: folder } },
		);
		report = JSON.parse(said) as LoadReport;
	});

	it('finds those modules and no other', () => {
		expect(report.withinReach).toEqual(MODULES_OF_N8N);
		for (const module of OTHER_MODULES) {
			expect(existsSync(join(TOP, 'node_modules', module))).toBe(true);
		}
	});

	it('loads the node, by the class that its file is named after', () => {
		const { parameters, codex, ...node } = report.nodes[0]!;
		expect(report.nodes).toHaveLength(1);
		expect(node).toEqual({
			file: 'dist/nodes/Nexthink/Nexthink.node.js',
			exportedNames: ['Nexthink'],
			name: 'nexthink',
			displayName: 'Nexthink',
			credentials: [{ name: 'nexthinkOAuth2Api', required: true }],
			icons: [
				{ theme: 'light', address: 'file:nexthink.svg', exists: true },
				{ theme: 'dark', address: 'file:nexthink.dark.svg', exists: true },
			],
			executes: true,
		});
		expect(parameters).toBeGreaterThan(5);
		expect(codex.node).toBe('n8n-nodes-nexthink.nexthink');
		expect(codex.categories.length).toBeGreaterThan(0);
		expect(codex.alias).toContain('decommission');
	});

	it('loads the credential, by the class that its file is named after', () => {
		const { fields, ...credential } = report.credentials[0]!;
		expect(report.credentials).toHaveLength(1);
		expect(credential).toEqual({
			file: 'dist/credentials/NexthinkOAuth2Api.credentials.js',
			exportedNames: ['NexthinkOAuth2Api'],
			name: 'nexthinkOAuth2Api',
			displayName: 'Nexthink OAuth2 API',
			parents: ['oAuth2Api'],
			icons: [
				{ theme: 'light', address: 'file:nexthink.svg', exists: true },
				{ theme: 'dark', address: 'file:nexthink.dark.svg', exists: true },
			],
			testUrl: '/api/v1/data-management/device/deletions',
		});
		expect(fields).toBeGreaterThan(4);
	});

	it('has icons that are pictures', () => {
		for (const path of packed.filter((file) => file.endsWith('.svg'))) {
			expect(read(path)).toMatch(/^(?:<\?xml[^>]*\?>\s*)?<svg\b[\s\S]*<\/svg>\s*$/);
			expect(read(path)).not.toMatch(/<script|<image|\bon\w+=/i);
		}
	});
});
