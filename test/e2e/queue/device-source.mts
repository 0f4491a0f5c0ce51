import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SubmittedDevice } from '../../simulator/tenant.mts';

/** Stands for the inventory that a company's list comes from: a JSON list of devices over HTTP, on loopback. */
export interface DeviceSource {
	readonly url: string;
	/** What it gives from now on. */
	devices: readonly SubmittedDevice[];
	close(): Promise<void>;
}

export async function startDeviceSource(): Promise<DeviceSource> {
	const server = createServer((_, response) => {
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify(source.devices));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const source: DeviceSource = {
		url: `http://127.0.0.1:${port}/devices`,
		devices: [],
		close: async () => {
			const closed = once(server, 'close');
			server.close();
			server.closeAllConnections();
			await closed;
		},
	};
	return source;
}
