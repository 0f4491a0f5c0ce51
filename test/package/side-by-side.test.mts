import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../side-by-side.mts', import.meta.url));
const TSX = createRequire(import.meta.url).resolve('tsx');

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'n8n-nodes-nexthink-'));
	const scripts = {
		// Ends after the other has begun, and well before that one ends.
		slow: 'echo one && until [ -e begun ]; do sleep 0.1; done && echo two && touch over',
		tests:
			'echo first && touch begun && until [ -e over ]; do sleep 0.1; done && sleep 1 && echo last',
		quick: 'echo quick',
		some: 'echo "12 passed, 0 failed" && echo all well',
		more: 'echo "30 passed, 0 failed"',
		wrong: 'echo why && sleep 0.2 && echo so && exit 3',
		endless: 'node endless.cjs',
		shown: 'node shown.cjs',
	};
	writeFileSync(
		join(folder, 'endless.cjs'),
		"require('fs').writeFileSync(`${process.pid}.pid`, ''); setInterval(() => {}, 1000);",
	);
	writeFileSync(join(folder, 'shown.cjs'), 'console.log(JSON.stringify(process.argv.slice(2)));');
	writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(...names: string[]) {
	const child = spawn(process.execPath, ['--import', TSX, SCRIPT, ...names], { cwd: folder });
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
	}
	const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
		child.on('close', (code) => resolve({ code, output }));
	});
	return { child, ended };
}

/** Process ids of the endless ones that have begun and not ended. */
function running(): number[] {
	const ids = readdirSync(folder).flatMap((name) => /^(\d+)\.pid$/.exec(name)?.[1] ?? []);
	return ids.map(Number).filter((id) => {
		try {
			process.kill(id, 0);
			return true;
		} catch {
			return false;
		}
	});
}

const WITHIN = { timeout: 20_000 };

it('scripts side by side pass, each with its output in one piece, but the last as it comes', async () => {
	const { code, output } = await start('slow', 'tests').ended;
	expect(code).toBe(0);
	expect(output).toMatch(/one\ntwo\nslow passed after \d+ s\.\n/);
	expect(output.search(/^first$/m)).toBeGreaterThan(-1);
	expect(output.search(/^first$/m)).toBeLessThan(output.indexOf('slow passed'));
	expect(output).toMatch(/^last$/m);
});

it.each([
	['wrong', 'endless'],
	['endless', 'wrong'],
])(
	'the first of them that fails ends the rest, and says how to repeat it (%s, %s)',
	async (...names) => {
		const { code, output } = await start(...names).ended;
		expect(code).toBe(1);
		expect(output).toContain('why\nso\n');
		expect(output.trimEnd().split('\n').at(-1)).toBe('wrong failed. Once more: npm run wrong');
		await expect.poll(running, WITHIN).toEqual([]);
	},
);

it('Ctrl-C leaves none of them', async () => {
	const { child, ended } = start('endless', 'endless');
	await expect.poll(running, WITHIN).toHaveLength(2);
	child.kill('SIGINT');
	expect((await ended).code).toBe(130);
	await expect.poll(running, WITHIN).toEqual([]);
});

it('options are for the last of them', async () => {
	const { output } = await start('quick', 'shown', '--', '-t', 'a name').ended;
	expect(output).toContain('["-t","a name"]');
});

it('the sum of what they counted comes last, where they counted more than once', async () => {
	const both = await start('some', 'quick', 'more').ended;
	expect(both.output.trimEnd().split('\n').at(-1)).toBe('42 passed, 0 failed');
	const one = await start('quick', 'some').ended;
	expect(one.output.match(/^12 passed, 0 failed$/gm)).toHaveLength(1);
});
