import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createRequire } from 'node:module';
import { createServer as createPlainServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../ports.mts';
import {
	deleteWorkflow,
	useTestBench,
	type DeleteRun,
	type StatusItem,
} from './delete-workflow.mts';
import { selfSigned, trust, type ServerIdentity } from './tls-certificates.mts';

const bench = useTestBench();

/** What a test has begun, to be ended after it in the opposite order. */
const ends: Array<() => unknown> = [];

afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

async function listening<Listener extends Server>(server: Listener): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	ends.push(() => {
		if ('closeAllConnections' in server) (server.closeAllConnections as () => void)();
		server.close();
	});
	return (server.address() as AddressInfo).port;
}

/** Requests that got through to a TLS server. */
const received: string[] = [];

async function tlsServer(identity: ServerIdentity): Promise<string> {
	received.length = 0;
	const answer: RequestListener = (request, response) => {
		received.push(request.url!);
		response.writeHead(500).end();
	};
	return `https://127.0.0.1:${await listening(createTlsServer(identity, answer))}`;
}

function environment(name: string, value: string): void {
	const before = process.env[name];
	process.env[name] = value;
	ends.push(() => {
		if (before === undefined) delete process.env[name];
		else process.env[name] = before;
	});
}

async function deviceWith(apiBaseUrl: string, more: object = {}): Promise<StatusItem> {
	const { success, requests } = await bench.run({
		items: bench.devices(1),
		options: { maxRetries: 0, timeout: 2 },
		onError: 'continueRegularOutput',
		credential: bench.credential({ apiBaseUrl, ...more }),
	});
	expect(requests).toEqual([]);
	expect(received).toEqual([]);
	return success[0]!;
}

interface Trouble {
	name: string;
	prepare: () => Promise<string>;
	causeCode?: RegExp;
	says: string;
	advises: string;
}

const untrusted = selfSigned('127.0.0.1');
const ofOther = selfSigned('other.example');
const expired = selfSigned('127.0.0.1', -1);

const trusted = async (identity: ServerIdentity) => {
	ends.push(trust(identity));
	return await tlsServer(identity);
};

const TROUBLES: Trouble[] = [
	{
		name: 'a certificate that is not trusted',
		prepare: async () => await tlsServer(untrusted),
		causeCode: /^DEPTH_ZERO_SELF_SIGNED_CERT$/,
		says: "its certificate isn't trusted (NETWORK_ERROR, DEPTH_ZERO_SELF_SIGNED_CERT).",
		advises: 'Set NODE_EXTRA_CA_CERTS to the path of that file.',
	},
	{
		name: 'a certificate for another name',
		prepare: async () => await trusted(ofOther),
		causeCode: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
		says: 'its certificate is for another host name (NETWORK_ERROR, ERR_TLS_CERT_ALTNAME_INVALID).',
		advises: 'Check Region and Instance in the credential.',
	},
	{
		name: 'a certificate that has expired',
		prepare: async () => await trusted(expired),
		causeCode: /^CERT_HAS_EXPIRED$/,
		says: 'its certificate has expired (NETWORK_ERROR, CERT_HAS_EXPIRED).',
		advises: 'Check the clock',
	},
	{
		name: 'a port without TLS',
		prepare: async () =>
			`https://127.0.0.1:${await listening(createServer((_, response) => response.end()))}`,
		causeCode: /^(?:EPROTO|ERR_SSL_\w+)$/,
		says: 'the TLS handshake failed',
		advises: 'Check that no proxy responds instead of Nexthink.',
	},
	{
		name: 'a port that hangs up during the handshake',
		prepare: async () =>
			`https://127.0.0.1:${await listening(createPlainServer((socket) => socket.on('data', () => socket.destroy())))}`,
		causeCode: /^ECONNRESET$/,
		says: 'the TLS handshake failed.',
		advises: 'Check that no proxy responds instead of Nexthink.',
	},
	{
		name: 'a port that never says a word',
		prepare: async () => {
			const silent = createPlainServer((socket) => void ends.push(() => socket.destroy()));
			return `https://127.0.0.1:${await listening(silent)}`;
		},
		says: 'the connection attempt timed out.',
		advises: 'Check that the firewall lets n8n connect to Nexthink.',
	},
	{
		name: 'a port where nothing listens',
		prepare: async () => `https://127.0.0.1:${await freePort()}`,
		causeCode: /^ECONNREFUSED$/,
		says: 'the connection was refused.',
		advises: 'Check Region and Instance in the credential.',
	},
	{
		name: 'a name that does not exist',
		prepare: async () => await Promise.resolve('https://acme.nexthink.invalid'),
		causeCode: /^(?:ENOTFOUND|EAI_AGAIN)$/,
		says: "its host name wasn't found.",
		advises: 'Check the DNS settings',
	},
	{
		// A connection to a group of machines is refused by the system itself.
		name: 'an address without a route',
		prepare: async () => await Promise.resolve('https://224.0.0.1'),
		causeCode: /^ENETUNREACH$/,
		says: "there's no network route to it.",
		advises: 'Check that the firewall',
	},
	{
		name: 'a proxy that is down',
		prepare: async () => {
			environment('HTTPS_PROXY', `http://127.0.0.1:${await freePort()}`);
			return 'https://acme.api.eu.nexthink.cloud';
		},
		causeCode: /^ECONNREFUSED$/,
		says: "n8n's proxy couldn't be reached.",
		advises: 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY of n8n.',
	},
	{
		name: 'a proxy that hangs up',
		prepare: async () => {
			const proxy = createServer().on('connect', (_, socket) => void socket.end());
			environment('HTTPS_PROXY', `http://127.0.0.1:${await listening(proxy)}`);
			return 'https://acme.api.eu.nexthink.cloud';
		},
		says: "n8n's proxy rejected the connection.",
		advises: 'Ask your network team',
	},
	{
		name: "n8n's own protection of addresses",
		prepare: async () => {
			const fromCore = createRequire(createRequire(import.meta.url).resolve('n8n-core'));
			const { Container } = fromCore('@n8n/di') as {
				Container: { get(of: unknown): { enabled: boolean } };
			};
			const { SsrfProtectionConfig } = fromCore('@n8n/config') as { SsrfProtectionConfig: unknown };
			const config = Container.get(SsrfProtectionConfig);
			config.enabled = true;
			ends.push(() => (config.enabled = false));
			return await tlsServer(untrusted);
		},
		says: 'n8n blocked the address.',
		advises: 'N8N_SSRF_ALLOWED_HOSTNAMES',
	},
];

describe.each(TROUBLES)('$name', ({ prepare, causeCode, says, advises }) => {
	it('lets no request leave, and is told with what to do', async () => {
		const device = await deviceWith(await prepare());

		expect(device).toMatchObject({ status: 'NOT_SENT', scheduled: false, attempts: 0 });
		expect(device.apiError).toMatchObject({
			code: 'NETWORK_ERROR',
			httpStatus: null,
			requestId: null,
			retryable: true,
		});
		if (causeCode === undefined) expect(device.apiError).not.toHaveProperty('causeCode');
		else expect(device.apiError!.causeCode).toMatch(causeCode);
		expect(device.apiError!.message).toContain(`Couldn't connect to Nexthink: ${says}`);
		expect(device.apiError!.message).toContain(advises);
	});
});

describe('a proxy that refuses to connect to Nexthink', () => {
	it.each([403, 407, 502])('with %i is not taken for Nexthink', async (status) => {
		const proxy = createServer().on('connect', (_, socket) => {
			socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nNo`);
		});
		environment('HTTPS_PROXY', `http://127.0.0.1:${await listening(proxy)}`);
		const device = await deviceWith('https://acme.api.eu.nexthink.cloud');

		expect(device).toMatchObject({ status: 'NOT_SENT', attempts: 0 });
		expect(device.apiError).toMatchObject({ code: 'NETWORK_ERROR', httpStatus: status });
		expect(device.apiError!.message).toContain("n8n's proxy rejected the connection");
	});

	it('is not taken for Nexthink where the address is in capital letters', async () => {
		const proxy = createServer().on('connect', (_, socket) => {
			socket.end('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nNo');
		});
		environment('HTTPS_PROXY', `http://127.0.0.1:${await listening(proxy)}`);
		const device = await deviceWith('HTTPS://ACME.API.EU.NEXTHINK.CLOUD');

		expect(device).toMatchObject({ status: 'NOT_SENT', attempts: 0 });
		expect(device.apiError).toMatchObject({ code: 'NETWORK_ERROR' });
	});

	it.each([403, 407, 502])('with %i is no bad credential either', async (status) => {
		const proxy = createServer().on('connect', (_, socket) => {
			socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nNo`);
		});
		environment('HTTPS_PROXY', `http://127.0.0.1:${await listening(proxy)}`);
		const tokenUrl = 'https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token';
		const device = await deviceWith('https://acme.api.eu.nexthink.cloud', { tokenUrl });

		expect(device).toMatchObject({ status: 'NOT_SENT', attempts: 0 });
		expect(device.apiError).toMatchObject({ code: 'TOKEN_UNAVAILABLE', httpStatus: status });
		expect(device.apiError!.message).toContain('another server, such as a proxy, responded');
	});
});

describe('a login that cannot be reached', () => {
	it('is told with its cause', async () => {
		const tokenUrl = `${await tlsServer(untrusted)}/oauth2/default/v1/token`;
		const device = await deviceWith(bench.tenant.apiBaseUrl, { tokenUrl });

		expect(device).toMatchObject({ status: 'NOT_SENT', attempts: 0 });
		expect(device.apiError).toMatchObject({
			code: 'TOKEN_UNAVAILABLE',
			causeCode: 'DEPTH_ZERO_SELF_SIGNED_CERT',
		});
		expect(device.apiError!.message).toContain(
			"Nexthink didn't return an access token: its certificate isn't trusted (TOKEN_UNAVAILABLE, DEPTH_ZERO_SELF_SIGNED_CERT).",
		);
	});
});

describe('a connection that is refused for the repeat after a 401', () => {
	it('leaves the request refused', async () => {
		const server = createServer((_, response) => {
			response.writeHead(401, { connection: 'close' }).end();
			server.close();
		});
		const apiBaseUrl = `http://127.0.0.1:${await listening(server)}`;
		// n8n asks for a new token in between, which takes longer than the port to close.
		bench.tenant.faults.add({
			route: 'token',
			from: 2,
			play: { kind: 'delay', milliseconds: 300 },
		});
		const run: DeleteRun = {
			items: bench.devices(1),
			options: { maxRetries: 0 },
			onError: 'continueRegularOutput',
		};
		const execution = await bench.engine.run(deleteWorkflow(run), {
			credentials: [bench.credential({ apiBaseUrl })],
		});

		const [[item] = []] = execution.outputs('Delete');
		expect(item?.json).toMatchObject({
			status: 'REJECTED',
			attempts: 1,
			requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
			apiError: { code: 'NETWORK_ERROR', causeCode: 'ECONNREFUSED', retryable: true },
		});
	});
});
