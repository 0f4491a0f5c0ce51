import { Agent, request } from 'node:http';
import { answerQuestions } from './child.mts';
import { batchesOf, deviceList, type BenchDevice } from './in-n8n/devices.mts';
import { inLanes } from './in-n8n/lanes.mts';

/** A list to be sent with as little as Node.js needs for it. */
export interface ClientQuestion {
	readonly url: string;
	readonly tokenUrl: string;
	readonly clientId: string;
	readonly clientSecret: string;
	readonly devices: number;
	readonly concurrency: number;
	/** Else each request makes a connection of its own, as n8n's do. */
	readonly keepAlive: boolean;
}

export interface ClientAnswer {
	readonly milliseconds: number;
	readonly cpuMilliseconds: number;
	readonly scheduled: number;
}

let bearer: string | undefined;

answerQuestions<ClientQuestion, ClientAnswer>(async (question) => {
	bearer ??= await fetchToken(question);
	const { url, devices, concurrency, keepAlive } = question;
	const batches = batchesOf(deviceList(devices), 100);
	const agent = new Agent({ keepAlive, maxSockets: concurrency });
	const begunAt = performance.now();
	const cpu = process.cpuUsage();
	const answers = await inLanes(batches, concurrency, async (batch) => {
		return await send(agent, url, JSON.stringify({ devices: batch }));
	});
	const milliseconds = performance.now() - begunAt;
	const { user, system } = process.cpuUsage(cpu);
	agent.destroy();
	const scheduled = answers.flat().filter(({ status }) => status === 'SCHEDULED').length;
	return { milliseconds, cpuMilliseconds: (user + system) / 1000, scheduled };
});

async function fetchToken({ tokenUrl, clientId, clientSecret }: ClientQuestion): Promise<string> {
	const answer = await fetch(tokenUrl, {
		method: 'POST',
		headers: {
			authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
		},
		body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'service:integration' }),
	});
	return ((await answer.json()) as { access_token: string }).access_token;
}

type AnsweredDevice = BenchDevice & { readonly status: string };

async function send(agent: Agent, url: string, body: string): Promise<AnsweredDevice[]> {
	const headers = {
		authorization: `Bearer ${bearer}`,
		'content-type': 'application/json',
		'content-length': Buffer.byteLength(body),
		'x-request-id': crypto.randomUUID(),
	};
	const text = await new Promise<string>((resolve, reject) => {
		const outgoing = request(url, { method: 'POST', agent, headers }, (incoming) => {
			const chunks: Buffer[] = [];
			incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
			incoming.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
			incoming.once('error', reject);
		});
		outgoing.once('error', reject);
		outgoing.end(body);
	});
	return (JSON.parse(text) as { devices: AnsweredDevice[] }).devices;
}
