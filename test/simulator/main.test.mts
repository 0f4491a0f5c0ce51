import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { addressOfExport, freshToken } from './client.mts';
import { ALL_DEVICES_QUERY } from './saved-queries.mts';
import { startTenant, type InventoryDevice } from './tenant.mts';

const MAIN = fileURLToPath(new URL('main.mts', import.meta.url));

interface Run {
	readonly process: ChildProcess;
	readonly output: () => string;
	readonly exitCode: Promise<number | null>;
}

function simulator(...options: string[]): Run {
	const started = spawn(process.execPath, ['--import', 'tsx', MAIN, ...options]);
	let output = '';
	started.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
	started.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const exitCode = once(started, 'close').then(([code]) => code as number | null);
	return { process: started, output: () => output, exitCode };
}

describe('the command line', () => {
	it.each(['SIGINT', 'SIGTERM'] as const)('runs a tenant until %s', async (signal) => {
		const run = simulator('--port', '0', '--client-secret', 'known', '--feature-off');
		await expect.poll(run.output, { timeout: 20_000 }).toContain('Ctrl-C');
		const tokenUrl = /Token URL\s+(\S+)/.exec(run.output())?.[1] ?? '';
		const response = await fetch(tokenUrl, {
			method: 'POST',
			headers: { authorization: `Basic ${btoa('simulated-client:known')}` },
			body: new URLSearchParams({
				grant_type: 'client_credentials',
				scope: 'service:integration',
			}),
		});
		expect(response.status).toBe(200);
		await expect.poll(run.output).toMatch(/POST \/oauth2\/default\/v1\/token {2}200/);
		run.process.kill(signal);
		expect(await run.exitCode).toBe(0);
		expect(run.output()).toContain('Queued for deletion: 0');
	});

	it('makes exports as long and as slow as they are set to', async () => {
		const run = simulator(
			...['--port', '0', '--client-secret', 'known', '--devices', '1'],
			...['--extra-devices', '2', '--export-seconds', '1'],
		);
		await expect.poll(run.output, { timeout: 20_000 }).toContain('Ctrl-C');
		const [apiBaseUrl = '', tokenUrl = ''] = ['API Base URL', 'Token URL'].map(
			(label) => new RegExp(`${label}\\s+(\\S+)`).exec(run.output())?.[1],
		);
		const tenant = { apiBaseUrl, tokenUrl, clientId: 'simulated-client', clientSecret: 'known' };
		const token = await freshToken(tenant);
		const started = performance.now();
		const file = await addressOfExport(tenant, token, { queryId: ALL_DEVICES_QUERY });
		expect(performance.now() - started).toBeGreaterThan(990);
		expect((await (await fetch(file)).text()).trimEnd().split('\n')).toHaveLength(1 + 1 + 2);
		run.process.kill('SIGTERM');
		expect(await run.exitCode).toBe(0);
	});

	it('prints devices of the inventory and ends', async () => {
		const run = simulator('--devices', '5', '--print-devices', '2');
		expect(await run.exitCode).toBe(0);
		expect(JSON.parse(run.output()) as InventoryDevice[]).toHaveLength(2);
	});

	it('explains itself', async () => {
		const run = simulator('--help');
		expect(await run.exitCode).toBe(0);
		expect(run.output()).toContain('--token-lifetime');
	});

	it.each([
		[['--batch', '3'], "unknown option '--batch'"],
		[['--cap', 'many'], 'It must be a whole number from 1 to'],
	])('refuses %j', async (options, message) => {
		const run = simulator(...options);
		expect(await run.exitCode).not.toBe(0);
		expect(run.output()).toContain(message);
	});

	it('says so when the port is busy', async () => {
		const tenant = await startTenant({ devices: 1 });
		try {
			const { port } = new URL(tenant.origin);
			const run = simulator('--port', port);
			expect(await run.exitCode).toBe(1);
			expect(run.output()).toContain(`port ${port} is in use`);
		} finally {
			await tenant.close();
		}
	});
});
