import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { IConnections, INode, INodeParameters } from 'n8n-workflow';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadEngine } from './engine.mts';
import type { Engine, StoredCredential, WorkflowJson } from './engine.mts';

interface Received {
	path: string;
	authorization: string | undefined;
	body: string;
}

type Answer = (request: Received, response: ServerResponse) => void;

let engine: Engine;
let server: Server;
let host: string;
let received: Received[];
let answer: Answer;
let validToken: string;
let tokensGiven: number;

const reply = (response: ServerResponse, status: number, body: unknown) => {
	response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const accept: Answer = ({ body }, response) => {
	const { values } = JSON.parse(body) as { values: string[] };
	reply(response, 200, {
		results: values.map((value) =>
			value.startsWith('bad') ? { value, refused: `Refused ${value}` } : { value },
		),
	});
};

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
	let body = '';
	for await (const chunk of request) body += String(chunk);
	const { authorization } = request.headers;
	const entry = { path: request.url ?? '', authorization, body };
	received.push(entry);
	if (entry.path === '/token') {
		validToken = `token-${++tokensGiven}`;
		reply(response, 200, { access_token: validToken, token_type: 'Bearer', expires_in: 900 });
	} else if (authorization !== `Bearer ${validToken}`) {
		reply(response, 401, { message: 'Unauthorized' });
	} else {
		answer(entry, response);
	}
}

beforeAll(async () => {
	engine = await loadEngine({
		packageFolder: fileURLToPath(new URL('fixture', import.meta.url)),
	});
	server = createServer((request, response) => void serve(request, response));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
	server.closeAllConnections();
	server.close();
});

beforeEach(() => {
	received = [];
	answer = accept;
	validToken = '';
	tokensGiven = 0;
});

const paths = () => received.map(({ path }) => path);

const credential = (): StoredCredential => ({
	id: '1',
	name: 'Relay account',
	type: 'relayOAuth2Api',
	data: { host, clientId: 'client', clientSecret: 'secret' },
});

const node = (
	name: string,
	type: string,
	parameters: INodeParameters = {},
	more: Partial<INode> = {},
): INode => ({ id: name, name, type, typeVersion: 1, position: [0, 0], parameters, ...more });

const relay = (more: Partial<INode> = {}, parameters: INodeParameters = {}): INode =>
	node(
		'Relay',
		'n8n-nodes-relay.relay',
		{ url: `http://${host}/values`, ...parameters },
		{ credentials: { relayOAuth2Api: { id: '1', name: 'Relay account' } }, ...more },
	);

const chain = (...names: string[]): IConnections =>
	Object.fromEntries(
		names
			.slice(0, -1)
			.map((name, index) => [
				name,
				{ main: [[{ node: names[index + 1] ?? '', type: 'main', index: 0 }]] },
			]),
	);

const workflow = (relayNode: INode, values: string[] = ['a', 'b']): WorkflowJson => ({
	nodes: [
		node('Start', 'n8n-nodes-base.manualTrigger'),
		node('Source', 'n8n-nodes-base.serviceNow'),
		relayNode,
	],
	connections: chain('Start', 'Source', 'Relay'),
	pinData: { Source: values.map((value) => ({ json: { value } })) },
	settings: { executionOrder: 'v1' },
});

const gate = () => {
	let open = () => {};
	const opened = new Promise<void>((resolve) => {
		open = resolve;
	});
	return { open, opened };
};

describe('a run', () => {
	it('takes pinned data for a node whose type is not installed', async () => {
		const result = await engine.run(workflow(relay()), { credentials: [credential()] });

		expect(result.error).toBeUndefined();
		expect(result.status).toBe('success');
		expect(result.outputs('Relay')[0]?.map(({ json }) => json.value)).toEqual(['a', 'b']);
		expect(result.runs('Source')).toBe(1);
	});

	it('goes the way of a trigger as well', async () => {
		const result = await engine.run(workflow(relay()), {
			credentials: [credential()],
			mode: 'trigger',
		});

		expect(result.status).toBe('success');
		expect(result.run.mode).toBe('trigger');
	});

	it('records hints, log lines and the text that n8n saves', async () => {
		const result = await engine.run(workflow(relay()), { credentials: [credential()] });

		expect(result.hints('Relay')).toEqual([{ message: '2 values', location: 'outputPane' }]);
		expect(result.logs).toContainEqual({
			level: 'info',
			message: 'Sending values',
			meta: { count: 2 },
		});
		expect(result.saved).toContain('n8n-nodes-relay.relay');
		expect(result.saved).not.toContain('secret');
	});

	it('refuses a workflow with a type that is neither installed nor pinned', async () => {
		const unpinned = { ...workflow(relay()), pinData: {} };

		const result = await engine.run(unpinned, { credentials: [credential()] });

		expect(result.status).toBe('error');
		expect(result.error?.message).toContain('serviceNow');
	});

	it('ends with the error as n8n saves it', async () => {
		answer = (_, response) => reply(response, 500, { message: 'Out of order' });

		const result = await engine.run(workflow(relay()), { credentials: [credential()] });

		expect(result.status).toBe('error');
		expect(result.error).toMatchObject({
			name: 'NodeApiError',
			httpCode: '500',
			node: { name: 'Relay' },
		});
	});

	it('can be cancelled as with the Stop button', async () => {
		const { open, opened } = gate();
		answer = () => open();

		const result = await engine.run(workflow(relay()), {
			credentials: [credential()],
			cancelWhen: opened,
		});

		expect(result.status).toBe('canceled');
		expect(result.nodeError('Relay')).toMatchObject({
			message: 'canceled',
			httpCode: 'ERR_CANCELED',
		});
		expect(result.saved).not.toContain('ERR_CANCELED');
	});

	it('says which credential is missing', async () => {
		const result = await engine.run(workflow(relay()));

		expect(result.error?.message).toContain('Credential with ID "1" does not exist');
	});
});

describe('expressions', () => {
	it('follow paired items back through the run', async () => {
		const values = workflow(relay({}, { value: '={{ $("Source").item.json.value }}' }));
		const edit = node(
			'Edit',
			'n8n-nodes-base.set',
			{
				assignments: {
					assignments: [
						{ id: '1', name: 'device.uid', type: 'string', value: '={{ $json.value }}' },
						{ id: '2', name: 'count', type: 'number', value: '={{ 1 + $itemIndex }}' },
					],
				},
				options: {},
			},
			{ typeVersion: 3.4 },
		);
		values.nodes.push(edit);
		values.connections = chain('Start', 'Source', 'Edit', 'Relay');

		const result = await engine.run(values, { credentials: [credential()] });

		expect(result.outputs('Edit')[0]?.map(({ json }) => json)).toEqual([
			{ device: { uid: 'a' }, count: 1 },
			{ device: { uid: 'b' }, count: 2 },
		]);
		expect(result.outputs('Relay')[0]?.map(({ json }) => json.value)).toEqual(['a', 'b']);
	});
});

describe('On Error and Retry On Fail', () => {
	it('part the items into two branches, the error items over their input', async () => {
		const result = await engine.run(
			workflow(relay({ onError: 'continueErrorOutput' }), ['a', 'bad b', 'c']),
			{ credentials: [credential()] },
		);

		const [success, refused] = result.outputs('Relay');
		expect(success?.map(({ json }) => json.value)).toEqual(['a', 'c']);
		expect(refused?.map(({ json }) => json)).toEqual([
			{ value: 'bad b', error: { code: 'REFUSED', value: 'bad b' }, message: 'Refused bad b' },
		]);
	});

	it('go on with the input items after a throw', async () => {
		answer = (_, response) => reply(response, 500, {});
		const continued = workflow(relay({ onError: 'continueRegularOutput' }));
		continued.nodes.push(node('After', 'n8n-nodes-base.noOp'));
		continued.connections = chain('Start', 'Source', 'Relay', 'After');

		const result = await engine.run(continued, { credentials: [credential()] });

		expect(result.status).toBe('success');
		expect(result.outputs('After')[0]?.map(({ json }) => json)).toEqual([
			{ value: 'a' },
			{ value: 'b' },
		]);
		expect(result.nodeError('Relay')).toMatchObject({ httpCode: '500' });
	});

	// n8n-core keeps the error of the last node that ran as the error of the execution.
	it('leave the execution failed when nothing runs after the throw', async () => {
		answer = (_, response) => reply(response, 500, {});

		const result = await engine.run(workflow(relay({ onError: 'continueRegularOutput' })), {
			credentials: [credential()],
		});

		expect(result.status).toBe('error');
		expect(result.outputs('Relay')[0]).toHaveLength(2);
	});

	it('run the whole node again', async () => {
		let calls = 0;
		answer = (request, response) => {
			calls += 1;
			if (calls < 3) reply(response, 500, {});
			else accept(request, response);
		};

		const result = await engine.run(
			workflow(relay({ retryOnFail: true, maxTries: 3, waitBetweenTries: 10 })),
			{ credentials: [credential()] },
		);

		expect(result.status).toBe('success');
		expect(calls).toBe(3);
		expect(result.runs('Relay')).toBe(1);
	});
});

describe('OAuth2 client credentials', () => {
	it('ask for a token once and keep it between runs', async () => {
		const stored = credential();

		await engine.run(workflow(relay()), { credentials: [stored] });
		await engine.run(workflow(relay()), { credentials: [stored] });

		expect(paths()).toEqual(['/token', '/values', '/values']);
		expect(received[0]).toMatchObject({
			authorization: `Basic ${Buffer.from('client:secret').toString('base64')}`,
			body: 'grant_type=client_credentials&scope=relay',
		});
		expect(stored.data.oauthTokenData).toMatchObject({ access_token: 'token-1' });
	});

	it('renew the token on a 401', async () => {
		const stored = credential();
		stored.data.oauthTokenData = { access_token: 'expired', token_type: 'Bearer' };

		const result = await engine.run(workflow(relay()), { credentials: [stored] });

		expect(result.status).toBe('success');
		expect(paths()).toEqual(['/values', '/token', '/values']);
		expect(stored.data.oauthTokenData).toMatchObject({ access_token: 'token-1' });
	});

	it('take the token URL from an expression on the other fields', async () => {
		const stored = credential();
		stored.data.host = `${host}/tenant`;

		const result = await engine.run(workflow(relay()), { credentials: [stored] });

		expect(paths()).toEqual(['/tenant/token']);
		expect(result.error?.message).toBe('Failed to acquire OAuth2 access token: HTTP status 401');
	});
});

describe('the test of a credential', () => {
	it('passes when the request does', async () => {
		answer = (_, response) => reply(response, 200, { state: { ready: true } });

		await expect(engine.testCredential(credential())).resolves.toEqual({
			status: 'OK',
			message: 'Connection successful!',
		});
		expect(paths()).toEqual(['/token', '/test']);
	});

	it('applies the rules for status and body', async () => {
		answer = (_, response) => reply(response, 403, {});
		await expect(engine.testCredential(credential())).resolves.toEqual({
			status: 'Error',
			message: 'The client may not use the relay',
		});

		answer = (_, response) => reply(response, 200, { state: { ready: false } });
		await expect(engine.testCredential(credential())).resolves.toEqual({
			status: 'Error',
			message: 'The relay is not ready',
		});
	});
});

describe('a tool of an agent', () => {
	const tool = (parameters: INodeParameters = {}) => ({
		...relay({ type: 'n8n-nodes-relay.relayTool' }, parameters),
		credentials: { relayOAuth2Api: { id: '1', name: 'Relay account' } },
	});

	it('gets the item of its agent, the arguments and the id of the call', async () => {
		const { response, execution } = await engine.runAsTool({
			node: tool({ value: '={{ $fromAI("value", "What to send", "string") }}' }),
			arguments: { value: 'from the model' },
			agentItem: { chatInput: 'Send it', value: 'from the chat' },
			credentials: [credential()],
		});

		const output = {
			value: 'from the model',
			type: 'n8n-nodes-relay.relayTool',
			input: { chatInput: 'Send it', value: 'from the model', toolCallId: 'call_1' },
		};
		expect(execution.error).toBeUndefined();
		expect(JSON.parse(response)).toEqual([output]);
		expect(execution.outputs('Relay')[0]?.map(({ json }) => json)).toEqual([output]);
	});

	it('gets nothing but the arguments when an older agent calls it', async () => {
		const { response } = await engine.runAsTool({
			node: tool({ value: '={{ $fromAI("value", "What to send", "string") }}' }),
			arguments: { value: 'from the model' },
			agentItem: { chatInput: 'Send it' },
			credentials: [credential()],
			route: 'invoke',
		});

		expect(JSON.parse(response)).toMatchObject([{ input: { value: 'from the model' } }]);
	});

	it('tells the model no more of an error than its message', async () => {
		answer = (_, response) => reply(response, 500, { message: 'Out of order' });

		const { response, execution } = await engine.runAsTool({
			node: tool({ value: 'x' }),
			arguments: {},
			credentials: [credential()],
		});

		expect(execution.status).toBe('success');
		expect(JSON.parse(response)).toEqual([{ error: expect.any(String) as string }]);
	});
});
