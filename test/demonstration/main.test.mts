import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('main.mts', import.meta.url));

interface Run {
	readonly exitCode: number;
	readonly output: string;
	readonly progress: string;
}

function demonstration(...options: string[]): Promise<Run> {
	return new Promise((resolve) => {
		const child = execFile(
			process.execPath,
			['--import', 'tsx', MAIN, ...options],
			{ maxBuffer: 10_000_000 },
			(_, output, progress) => resolve({ exitCode: child.exitCode ?? -1, output, progress }),
		);
	});
}

describe('npm start', () => {
	let usual: Run;
	beforeAll(async () => {
		usual = await demonstration('--latency', '600');
	});

	it('shows the list scheduled, as a dry run and refused, and that node and ledger agree', () => {
		const { exitCode, output } = usual;
		expect(output).toContain('251 devices in 252 items: 250 scheduled, 1 failed.');
		expect(output).toContain('agrees for all 251 UIDs: 250 queued as the node says, 1 not');
		expect(output).toContain('Dry run: 251 devices in 252 items: 251 would be sent.');
		expect(output).toContain('0 with devices, 4 in all');
		expect(output.replaceAll(/\s+/g, ' ')).toContain('tenant (403 FEATURE_NOT_ENABLED)');
		expect(output).toContain('The node and the tenant agree about every device.');
		expect(output.match(/^ +\S+\.json .* agrees/gm)).toHaveLength(11);
		expect(exitCode).toBe(0);
	});

	it('shows why the lookup keeps a device for manual review', () => {
		expect(usual.output).toMatch(/4711-not-a-uid +NOT_FOUND/);
		expect(usual.output).toMatch(/RECENTLY_SEEN +The device was last seen 0 days ago/);
		expect(usual.output).toMatch(/CHECK_MISMATCH +The item has no value to compare with/);
		expect(usual.output).toContain('255 in, 252 found, 3 for manual review');
	});

	it('prints the telling devices and a sample of the others', () => {
		expect(usual.output).toContain('PAR-WS-000251');
		expect(usual.output).not.toContain('PAR-LT-000151');
		expect(usual.output).toMatch(/… and \d+ more \(--all prints them\)/);
	});

	it('prints plain text of at most 100 columns, without blanks at line ends, into a pipe', () => {
		const lines = usual.output.split('\n');
		expect(lines.filter((line) => line.length > 100)).toEqual([]);
		expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
		expect(usual.output).not.toContain('\u001b');
	});

	it('says how far a long run is', () => {
		expect(usual.progress).toMatch(/… \d+ of 251 devices answered, \d+ requests, \d+\.\d s\n/);
	});

	it('raises the guard for a long list, says so, and prints every device with --all', async () => {
		const { exitCode, output } = await demonstration('--devices', '1001', '--all');
		expect(output.replaceAll(/\s+/g, ' ')).toContain('Maximum Devices set to 1,002');
		const indexes = [...output.matchAll(/^ +(\d+) {2}\S.* SCHEDULED/gm)].map(([, index]) =>
			Number(index),
		);
		expect(indexes).toHaveLength(1002);
		expect(indexes).toEqual([...indexes].sort((one, other) => one - other));
		expect(exitCode).toBe(0);
	});

	it('explains itself', async () => {
		const { exitCode, output } = await demonstration('--help');
		expect(output).toContain('npm start -- --devices 10000');
		expect(exitCode).toBe(0);
	});

	it.each([
		[['--device', '3'], "unknown option '--device'"],
		[['--devices', '0'], 'It must be a whole number from 1 to 900,000'],
		[['--devices', '2.5'], 'It must be a whole number from 1 to 900,000'],
		[['--latency', 'long'], 'It must be a whole number from 0 to 600,000'],
		[['examples'], 'too many arguments'],
	])('refuses %j', async (options, message) => {
		const { exitCode, output, progress } = await demonstration(...options);
		expect(progress).toContain(message);
		expect(output).toBe('');
		expect(exitCode).toBe(1);
	});
});
