import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that Linux, macOS and Windows give out by themselves, to a server that asks for any and to each connection: another
 * server would get the port before the one that it is meant for listens there, or just after it has ended, and be asked in its place.
 */
const FIRST = 20_000;
const LAST = 32_767;

/** Out: a loopback port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = randomInt(FIRST, LAST + 1);
		if (await isFree(port)) return port;
	}
}

async function isFree(port: number): Promise<boolean> {
	const server = createServer();
	try {
		server.listen(port, '127.0.0.1');
		await once(server, 'listening');
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
		throw error;
	} finally {
		await new Promise((resolve) => server.close(resolve));
	}
}
