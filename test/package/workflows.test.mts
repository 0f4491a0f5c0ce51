import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../.github/workflows', import.meta.url));

const { scripts } = JSON.parse(
	readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { scripts: Record<string, string> };

const read = (file: string) => readFileSync(join(FOLDER, file), 'utf8');

function expectInOrder(job: string, wanted: readonly string[]): void {
	const lines = job.split('\n').map((line) => line.trim());
	expect(lines.filter((line) => wanted.includes(line))).toEqual(wanted);
}

/** In: a workflow. Out: the text of each job, by its id. */
function jobsOf(workflow: string): Map<string, string> {
	const [, jobs = ''] = workflow.split(/^jobs:\n/m);
	const parts = jobs.split(/^ {2}([\w-]+):\n/m).slice(1);
	return new Map(
		Array.from({ length: parts.length / 2 }, (_, n) => [parts[2 * n]!, parts[2 * n + 1]!]),
	);
}

describe.each(readdirSync(FOLDER))('the workflow %s', (file) => {
	const text = read(file);

	it('takes each action at a commit, and says which version that is', () => {
		const actions = [...text.matchAll(/\buses: *(.*)/g)].map(([, action]) => action);
		expect(actions.length).toBeGreaterThan(0);
		for (const action of actions) {
			expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
		}
	});

	it('leaves no token in the checked out folder', () => {
		const steps = text.split(/^ {6}- /m).filter((step) => step.includes('actions/checkout@'));
		for (const step of steps) expect(step).toContain('persist-credentials: false');
	});

	it('runs no script that there is not', () => {
		const named = [...text.matchAll(/npm run ([\w:]+)|script: ([\w:]+)/g)];
		for (const [, run, script] of named) expect(scripts).toHaveProperty([run ?? script ?? '']);
	});

	it('has an end for each job', () => {
		const jobs = jobsOf(text);
		expect(jobs.size).toBeGreaterThan(0);
		for (const job of jobs.values()) expect(job).toMatch(/^ {4}timeout-minutes: \d+$/m);
	});
});

describe('a release', () => {
	const text = read('release.yml');
	const jobs = jobsOf(text);
	const publish = jobs.get('publish')!;

	it('gives the identity that npm trusts to the job that publishes, and to no other', () => {
		const withIdentity = [...jobs].filter(([, job]) => job.includes('id-token'));
		expect(withIdentity.map(([id]) => id)).toEqual(['publish']);
		const [beforeJobs] = text.split(/^jobs:\n/m);
		expect(beforeJobs).toMatch(/^permissions: \{\}$/m);
	});

	it('publishes from a protected environment, without code of this repository or of its packages', () => {
		expect(publish).toMatch(/^ {4}environment: npm$/m);
		expect(publish).not.toContain('actions/checkout');
		const commands = [...publish.matchAll(/\bnpm (\w+)/g)].map(([, command]) => command);
		expect(new Set(commands)).toEqual(new Set(['publish']));
		expect(publish).toContain('--ignore-scripts');
	});

	it('publishes the tarball that was tested, of a tag that is on main', () => {
		const pack = jobs.get('pack')!;
		expect(publish).toMatch(/^ {4}needs: pack$/m);
		// Whole lines: a command that may fail, or another tarball, is another line.
		expectInOrder(pack, [
			'run: git merge-base --is-ancestor HEAD origin/main',
			'- run: npm ci',
			'- run: npm test',
			'tarball=$(npm pack --silent)',
			'path: ${{ steps.pack.outputs.tarball }}',
		]);
		expectInOrder(publish, [
			'run: echo "$SHA256  $TARBALL" | sha256sum --check --strict',
			'run: npm publish "./$TARBALL" --provenance --access public --ignore-scripts',
		]);
		expect(text).not.toContain('continue-on-error');
	});
});
