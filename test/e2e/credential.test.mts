import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { FaultRule, Tenant, TenantSettings } from '../simulator/tenant.mts';
import { createWorkflow, runInEditor } from './harness/editor-runs.mts';
import { type SavedExecution } from './harness/executions.mts';
import { watchOutwardRequests, type OutwardRequests } from './harness/outward-requests.mts';
import { outcomesOf, sumsOf } from './harness/outcomes.mts';
import { createUserFolder } from './harness/run.mts';
import { startServer, type N8nServer } from './harness/server.mts';
import { credentialData, CREDENTIAL_TYPE, startTenantOfRun } from './harness/tenant.mts';
import { listNode, manualTrigger, nexthinkNode, workflowOf } from './harness/workflows.mts';

const run = inject('run');

let outward: OutwardRequests;
let server: N8nServer;
let tenant: Tenant;

beforeAll(async () => {
	outward = await watchOutwardRequests();
	server = await startServer({
		version: 'newest',
		userFolder: await createUserFolder(run, 'credential'),
		env: outward.env,
	});
});

afterAll(async () => {
	await server?.stop();
	await outward.close();
});

beforeEach(async () => {
	outward.seen.length = 0;
	tenant = await startTenantOfRun(run);
});

afterEach(async () => await tenant.close());

interface TestResult {
	readonly status: 'OK' | 'Error';
	readonly message: string;
}

/** Saves a credential. Out: its id. */
async function save(data: Readonly<Record<string, string>>): Promise<string> {
	const body = { name: 'Nexthink account', type: CREDENTIAL_TYPE, data };
	return (await server.rest.post<{ id: string }>('/credentials', body)).id;
}

/** Tests a credential as the editor's dialog does after saving it. */
async function testCredential(id: string, data: Readonly<Record<string, string>>) {
	const credentials = { id, name: 'Nexthink account', type: CREDENTIAL_TYPE, data };
	return await server.rest.post<TestResult>('/credentials/test', { credentials });
}

interface Case {
	readonly what: string;
	/** Fields that differ from the right ones for the tenant. */
	readonly fields?: Readonly<Record<string, string>>;
	readonly settings?: Partial<TenantSettings>;
	readonly fault?: FaultRule;
	readonly status: 'OK' | 'Error';
	/** What the user reads must hold all of it. */
	readonly says: readonly string[];
	/** Answers of the tenant, in order. */
	readonly answers: ReadonlyArray<readonly ['token' | 'deletions', number]>;
}

const TOKEN = ['token', 200] as const;
const AT_OWN_HOST_ONLY = 'must-start-with-https-http-is-accepted-for-this-machine-only';

const CASES: readonly Case[] = [
	{ what: 'a good one', status: 'OK', says: [], answers: [TOKEN, ['deletions', 400]] },
	{
		what: 'a wrong client secret',
		fields: { clientSecret: 'not the secret' },
		status: 'Error',
		says: ['Failed to acquire OAuth2 access token', 'Client authentication failed'],
		answers: [['token', 401]],
	},
	{
		what: 'an unknown host',
		fields: { tokenUrl: 'https://acme-login.nexthink.invalid/oauth2/default/v1/token' },
		status: 'Error',
		says: ['incorrect host'],
		answers: [],
	},
	{
		what: 'a tenant without the Data management API',
		settings: { featureEnabled: false },
		status: 'Error',
		says: ['The Data management API is not enabled', 'Ask Nexthink support'],
		answers: [TOKEN, ['deletions', 403]],
	},
	{
		what: 'a credential that may not delete (403 without a code)',
		settings: { permissionGranted: false },
		status: 'Error',
		says: ['does not let this credential delete devices', 'tick Data management'],
		answers: [TOKEN, ['deletions', 403]],
	},
	{
		what: 'a token without a tenant',
		settings: { tenantInToken: false },
		status: 'Error',
		says: ['could not tell which tenant', 'Check that Region and Instance'],
		answers: [TOKEN, ['deletions', 400]],
	},
	{
		what: 'a token that the API refuses',
		fault: { route: 'deletions', times: Infinity, play: { kind: 'unauthorized' } },
		status: 'Error',
		says: ['did not accept the credential', 'Administration > API credentials'],
		answers: [TOKEN, ['deletions', 401], TOKEN, ['deletions', 401]],
	},
	{
		what: 'an API Base URL that leads elsewhere',
		fault: { route: 'deletions', play: { kind: 'status', status: 404, body: '<html>' } },
		status: 'Error',
		says: ['does not know the address', 'Check Region and Instance'],
		answers: [TOKEN, ['deletions', 404]],
	},
	{
		what: 'a pasted web address as Instance: no request is made',
		fields: { region: 'eu', instance: 'https://acme.eu.nexthink.cloud' },
		status: 'Error',
		says: ['instance-must-be-the-name-of-your-tenant-alone-such-as-acme-not-a-web-address'],
		answers: [],
	},
	{
		what: 'a pasted host name as Instance: no request is made',
		fields: { region: 'us', instance: 'acme.us.nexthink.cloud' },
		status: 'Error',
		says: ['instance-must-be-the-name-of-your-tenant-alone'],
		answers: [],
	},
	{
		what: 'a Token URL over http to another host: no request is made',
		fields: { tokenUrl: 'http://nexthink.example.com/oauth2/default/v1/token' },
		status: 'Error',
		says: [`token-url-${AT_OWN_HOST_ONLY}`],
		answers: [],
	},
	{
		what: 'an API Base URL over http to another host: no request is made, for a token neither',
		fields: { apiBaseUrl: 'http://nexthink.example.com' },
		status: 'Error',
		says: [`api-base-url-${AT_OWN_HOST_ONLY}`],
		answers: [],
	},
];

describe('the test of a saved credential', () => {
	it.each(CASES)('says what to change: $what', async (about) => {
		Object.assign(tenant.settings, about.settings);
		if (about.fault !== undefined) tenant.faults.add(about.fault);
		const data = { ...credentialData(tenant), ...about.fields };
		const { status, message } = await testCredential(await save(data), data);
		expect(status, message).toBe(about.status);
		for (const words of about.says) expect(message).toContain(words);
		const answers = tenant.requests.map((request) => [request.route, request.status]);
		expect(answers).toEqual(about.answers);
		expect(outward.seen).toEqual([]);
		expect(tenant.ledger.size).toBe(0);
	});

	it('has a message of its own for each of these', () => {
		const messages = CASES.map(({ says }) => says.join());
		expect(new Set(messages).size).toBe(CASES.length);
	});

	it('goes to the login host that follows from region and instance', async () => {
		const data = { ...credentialData(tenant), region: 'eu', instance: 'acme' };
		await testCredential(await save(data), data);
		expect(outward.seen).toEqual(['acme-login.eu.nexthink.cloud:443']);
	});

	it('needs the credential to be saved, as the editor does by itself', async () => {
		const { status, message } = await testCredential('', credentialData(tenant));
		expect([status, message]).toEqual(['Error', 'Found credential with no ID.']);
		expect(tenant.requests.map(({ route }) => route)).not.toContain('deletions');
	});
});

describe('a credential that is edited to point at another tenant', () => {
	let other: Tenant;
	let credentialId: string;
	let workflowId: string;

	/** The old tenant has served a run, so n8n holds a token of it; then the credential is edited. */
	beforeEach(async () => {
		other = await startTenantOfRun(run, { clientId: 'client-of-the-other-tenant' });
		credentialId = await save(credentialData(tenant));
		const nodes = [
			manualTrigger(),
			listNode('Devices', tenant.inventory.slice(0, 3)),
			nexthinkNode('Delete', { credentialId, onError: 'continueErrorOutput' }),
		];
		const workflow = workflowOf('edited', nodes, [
			['Start', 'Devices'],
			['Devices', 'Delete'],
		]);
		workflowId = (await createWorkflow(server.rest, workflow)).id;
		expect(sumsOf(outcomesOf(await runIt(), 'Delete'))).toEqual({ SCHEDULED: 3 });
		await server.rest.patch(`/credentials/${credentialId}`, {
			name: 'Nexthink account',
			type: CREDENTIAL_TYPE,
			data: credentialData(other),
		});
	});

	afterEach(async () => await other.close());

	async function runIt(): Promise<SavedExecution> {
		return await runInEditor(server.rest, workflowId, 'Start');
	}

	/** What the new tenant answers to a bearer of the old one. */
	function answerOldBearer(status: number, body: object): void {
		const [old] = tenant.issuedTokens;
		const when: FaultRule['when'] = ({ bearer }) => bearer === old;
		const play = { kind: 'status', status, body } as const;
		other.faults.add({ route: 'deletions', times: Infinity, when, play });
	}

	it('works at once where the new tenant answers 401 to the old token', async () => {
		expect(sumsOf(outcomesOf(await runIt(), 'Delete'))).toEqual({ SCHEDULED: 3 });
		expect(other.ledger.size).toBe(3);
		expect(tenant.ledger.size).toBe(3);
	});

	it.each([
		['403', 403, { message: 'Forbidden' }, 'FORBIDDEN'],
		['400 EMPTY_TENANT', 400, { code: 'EMPTY_TENANT', message: 'No tenant.' }, 'EMPTY_TENANT'],
	])(
		'is refused by the new tenant with %s until n8n has a token of it, and the user is told so',
		async (_, status, body, code) => {
			answerOldBearer(status, body);
			const refused = (await runIt()).output('Delete', 1);
			expect(refused).toHaveLength(3);
			for (const item of refused) {
				expect(item).toMatchObject({ error: { code, httpStatus: status } });
				expect(item.message).toContain('make a new credential instead');
				expect(item.message).toContain('the token of the old one');
			}
			expect(other.ledger.size).toBe(0);
		},
	);

	it('works once it has been tested, as the editor does after saving: that fetches a new token', async () => {
		answerOldBearer(403, { message: 'Forbidden' });
		const { data } = await server.rest.get<{ data: Record<string, string> }>(
			`/credentials/${credentialId}?includeData=true`,
		);
		expect(await testCredential(credentialId, data)).toMatchObject({ status: 'OK' });
		expect(sumsOf(outcomesOf(await runIt(), 'Delete'))).toEqual({ SCHEDULED: 3 });
		expect(other.ledger.size).toBe(3);
	});

	it('works once n8n has dropped the old token', async () => {
		answerOldBearer(403, { message: 'Forbidden' });
		await server.rest.delete(`/credentials/${credentialId}/oauth-token`);
		expect(sumsOf(outcomesOf(await runIt(), 'Delete'))).toEqual({ SCHEDULED: 3 });
		expect(other.ledger.size).toBe(3);
	});

	it('works as a new credential', async () => {
		answerOldBearer(403, { message: 'Forbidden' });
		const data = credentialData(other);
		expect((await testCredential(await save(data), data)).status).toBe('OK');
	});
});
