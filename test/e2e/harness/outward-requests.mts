import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy that lets nothing through. It shows what n8n wanted to send to hosts other than this machine. */
export interface OutwardRequests {
	/** Hosts (with port) and addresses, in order. */
	readonly seen: string[];
	/** Settings that make n8n use the proxy. Hosts below `.invalid` are looked up without it, in vain. */
	readonly env: Readonly<Record<string, string>>;
	close(): Promise<void>;
}

export async function watchOutwardRequests(): Promise<OutwardRequests> {
	const seen: string[] = [];
	const server = createServer((request, response) => {
		seen.push(request.url ?? '');
		response.writeHead(502).end();
	});
	server.on('connect', (request, socket) => {
		seen.push(request.url ?? '');
		socket.end('HTTP/1.1 502 Nothing Goes Out\r\n\r\n');
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return {
		seen,
		env: {
			HTTP_PROXY: address,
			HTTPS_PROXY: address,
			NO_PROXY: '127.0.0.1,localhost,.invalid',
		},
		close: async () => {
			const closed = once(server, 'close');
			server.close();
			server.closeAllConnections();
			await closed;
		},
	};
}
