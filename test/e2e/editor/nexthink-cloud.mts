import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import { selfSigned } from '../../engine/tls-certificates.mts';
import type { Tenant } from '../../simulator/tenant.mts';

/** A tenant under the addresses that Nexthink would give it, for an n8n that goes out through a proxy of its network. */
export interface NexthinkCloud {
	/** With which n8n uses the proxy, and trusts the certificates of the hosts. */
	readonly env: Readonly<Record<string, string>>;
	close(): Promise<void>;
}

/** In: the user folder of that n8n; the hosts under which the tenant answers. The proxy lets nothing through to any other. */
export async function openNexthinkCloud(
	userFolder: string,
	tenant: Tenant,
	hosts: readonly string[],
): Promise<NexthinkCloud> {
	const identities = new Map(hosts.map((host) => [host, selfSigned(host)]));
	const certificates = join(userFolder, 'nexthink-cloud.pem');
	writeFileSync(certificates, [...identities.values()].map(({ cert }) => cert).join(''));

	const cloud = createTlsServer(
		{ SNICallback: (host, done) => done(null, createSecureContext(identities.get(host))) },
		(socket) => {
			const { port, hostname } = new URL(tenant.origin);
			const onward = connect(Number(port), hostname);
			socket.on('error', () => onward.destroy());
			onward.on('error', () => socket.destroy());
			socket.pipe(onward).pipe(socket);
		},
	);
	const proxy = createServer((_, response) => void response.writeHead(502).end());
	proxy.on('connect', ({ url = '' }, socket) => {
		if (!identities.has(url.replace(/:443$/, ''))) {
			socket.end('HTTP/1.1 502 Nothing Goes Out\r\n\r\n');
			return;
		}
		socket.write('HTTP/1.1 200 Connected\r\n\r\n');
		cloud.emit('connection', socket);
	});
	proxy.listen(0, '127.0.0.1');
	await once(proxy, 'listening');
	const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
	return {
		env: {
			HTTPS_PROXY: address,
			HTTP_PROXY: address,
			NO_PROXY: '127.0.0.1,localhost',
			NODE_EXTRA_CA_CERTS: certificates,
		},
		close: async () => {
			const closed = once(proxy, 'close');
			proxy.close();
			proxy.closeAllConnections();
			await closed;
		},
	};
}
