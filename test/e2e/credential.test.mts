import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { LOOK_UP_QUERY } from '../simulator/saved-queries.mts';
import type { FaultRule, Tenant, TenantSettings } from '../simulator/tenant.mts';
import { createWorkflow, runInEditor } from './harness/editor-runs.mts';
import { type SavedExecution } from './harness/executions.mts';
import { REPOSITORY, type N8nVersion } from './harness/folders.mts';
import { watchOutwardRequests, type OutwardRequests } from './harness/outward-requests.mts';
import { outcomesOf, sumsOf } from './harness/outcomes.mts';
import { startServer, type N8nServer } from './harness/server.mts';
import { credentialData, CREDENTIAL_TYPE, startTenantOfRun } from './harness/tenant.mts';
import { createUserFolder } from './harness/user-folders.mts';
import { listNode, manualTrigger, nexthinkNode, workflowOf } from './harness/workflows.mts';

const run = inject('run');
const PAGE = readFileSync(join(REPOSITORY, 'docs', 'credential.md'), 'utf8');

let outward: OutwardRequests;
let server: N8nServer;
let tenant: Tenant;

async function start(version: N8nVersion, folder: string): Promise<void> {
	outward = await watchOutwardRequests();
	server = await startServer({
		version,
		userFolder: await createUserFolder(run, folder, version),
		env: outward.env,
	});
}

async function stop(): Promise<void> {
	await server?.stop();
	await outward.close();
}

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
	/** What is done to every address. */
	readonly around?: (address: string) => string;
	readonly settings?: Partial<TenantSettings>;
	/** The client with one permission alone, if not the one with both. */
	readonly client?: 'reading' | 'deleting';
	readonly fault?: FaultRule;
	readonly status: 'OK' | 'Error';
	/** What the user reads must hold all of it. */
	readonly says: readonly string[];
	/** The same in n8n 1, if it differs. */
	readonly saysInN8n1?: readonly string[];
	/** Words of n8n's own, which the page on the credential explains. */
	readonly ofN8n?: true;
	/** Answers of the tenant, in order. */
	readonly answers: ReadonlyArray<readonly ['token' | 'deletions', number]>;
	readonly answersInN8n1?: Case['answers'];
}

const TOKEN = ['token', 200] as const;
const AT_OWN_HOST_ONLY = 'must-start-with-https-http-is-accepted-for-this-machine-only';
const REFUSED = 'Client authentication failed (e.g., unknown client, no client authentication';
const NO_CODE = ['rejected without a code', 'Check Region and Instance', 'Data management'];
const OTHER_SERVER = ['Another server responded instead of Nexthink', 'Check Region and Instance'];

const played = (status: number, body: object | string = ''): Partial<Case> => ({
	fault: { route: 'deletions', times: Infinity, play: { kind: 'status', status, body } },
	status: 'Error',
	answers: [TOKEN, ['deletions', status]],
});

const CASES: readonly Case[] = [
	{ what: 'a good one', status: 'OK', says: [], answers: [TOKEN, ['deletions', 400]] },
	{
		what: 'a wrong client secret',
		fields: { clientSecret: 'not the secret' },
		status: 'Error',
		says: [REFUSED],
		ofN8n: true,
		answers: [['token', 401]],
	},
	{
		what: 'a client ID with a space behind it, which n8n sends as it stands',
		fields: { clientId: 'simulated-client ' },
		status: 'Error',
		says: [REFUSED],
		answers: [['token', 401]],
	},
	{
		what: 'an unknown login host',
		fields: { tokenUrl: 'https://acme-login.nexthink.invalid/oauth2/default/v1/token' },
		status: 'Error',
		says: [
			'The connection cannot be established, this usually occurs due to an incorrect host (domain) value',
		],
		ofN8n: true,
		answers: [],
	},
	{
		what: 'an unknown API host',
		fields: { apiBaseUrl: 'https://acme.api.nexthink.invalid' },
		status: 'Error',
		says: ['ENOTFOUND'],
		saysInN8n1: [
			'The connection cannot be established, this usually occurs due to an incorrect host (domain) value',
		],
		ofN8n: true,
		answers: [TOKEN],
	},
	{
		what: 'a login host that refuses the connection',
		fields: { tokenUrl: 'http://127.0.0.1:1/token' },
		status: 'Error',
		says: ['The service refused the connection - perhaps it is offline'],
		ofN8n: true,
		answers: [],
	},
	{
		what: 'an API host that refuses the connection',
		fields: { apiBaseUrl: 'http://127.0.0.1:1' },
		status: 'Error',
		says: ['ECONNREFUSED'],
		saysInN8n1: ['The service refused the connection - perhaps it is offline'],
		ofN8n: true,
		answers: [TOKEN],
	},
	{
		what: 'a page in place of a token',
		fault: { route: 'token', times: Infinity, play: { kind: 'html', status: 200 } },
		status: 'Error',
		says: ['Expected JSON response from OAuth2 token endpoint'],
		saysInN8n1: ['Unsupported content type'],
		ofN8n: true,
		answers: [['token', 200]],
	},
	{
		what: 'a login that is down',
		fault: { route: 'token', times: Infinity, play: { kind: 'html', status: 503 } },
		status: 'Error',
		says: ['Failed to acquire OAuth2 access token: Request failed with status code 503'],
		saysInN8n1: ['Service unavailable - try again later'],
		ofN8n: true,
		answers: [['token', 503]],
	},
	{
		what: 'a tenant without the Data management API',
		settings: { featureEnabled: false },
		status: 'Error',
		says: ['the Data management API isn', 'select Data management', 'ask Nexthink support'],
		answers: [TOKEN, ['deletions', 403]],
	},
	{
		what: 'a credential with the NQL API permission alone (403 without a code)',
		client: 'reading',
		status: 'Error',
		says: ['the Data management permission is missing', 'stays red in this test, and works'],
		saysInN8n1: [...NO_CODE, 'stays red in this test, and works'],
		answers: [TOKEN, ['deletions', 403]],
	},
	{
		what: 'a credential with the Data management permission alone',
		client: 'deleting',
		status: 'OK',
		says: [],
		answers: [TOKEN, ['deletions', 400]],
	},
	{
		...played(403, { code: 'FORBIDDEN' }),
		what: '403 FORBIDDEN',
		says: ['the Data management permission is missing', "or the Data management API isn't enabled"],
	} as Case,
	{
		...played(403, { code: 403 }),
		what: '403 with a number as code',
		says: ['the Data management permission is missing', 'create a new credential'],
		saysInN8n1: [...NO_CODE, 'In n8n 1'],
	} as Case,
	{
		...played(403, { code: 'ACCESS_DENIED' }),
		what: '403 with another code as long as that of a good answer',
		says: ['the Data management permission is missing', 'Check that no proxy responds'],
		saysInN8n1: ['unfamiliar code', 'Data management is selected', 'Check that no proxy'],
	} as Case,
	{
		...played(200, { code: 0 }),
		what: '200 with the code 0',
		says: [...OTHER_SERVER, '(HTTP 200)'],
		saysInN8n1: [...NO_CODE, 'by another server'],
	} as Case,
	{
		...played(204),
		what: 'an empty answer',
		says: [...OTHER_SERVER, '(HTTP 204)'],
		saysInN8n1: [...NO_CODE, 'the access token might have expired'],
	} as Case,
	{
		what: 'a redirect',
		fault: { route: 'deletions', play: { kind: 'redirect', status: 302, location: '/login' } },
		status: 'Error',
		says: [...OTHER_SERVER, '(HTTP 302)'],
		saysInN8n1: [...NO_CODE, 'Check that no proxy responds instead of Nexthink'],
		answers: [TOKEN, ['deletions', 302]],
	},
	{
		what: 'a token without a tenant',
		settings: { tenantInToken: false },
		status: 'Error',
		says: ["couldn't tell which tenant", 'Check that Region and Instance'],
		answers: [TOKEN, ['deletions', 400]],
	},
	{
		...played(400, { code: 'INVALID_REQUEST' }),
		what: '400 INVALID_REQUEST',
		says: ['arrived incomplete (INVALID_REQUEST)', 'Check Region and Instance'],
	} as Case,
	{ ...played(400, { message: 'No.' }), what: '400 without a code', says: NO_CODE } as Case,
	{
		what: 'a token that the API refuses',
		fault: { route: 'deletions', times: Infinity, play: { kind: 'unauthorized' } },
		status: 'Error',
		says: ["didn't accept the credential", 'Administration > API credentials'],
		saysInN8n1: [...NO_CODE, 'run a workflow with the credential, then test it again'],
		answers: [TOKEN, ['deletions', 401], TOKEN, ['deletions', 401]],
		answersInN8n1: [TOKEN, ['deletions', 401]],
	},
	{
		...played(404),
		what: 'an API Base URL that leads elsewhere',
		says: ["doesn't recognize the address", 'Check Region and Instance'],
		saysInN8n1: [...NO_CODE, 'or API Base URL'],
	} as Case,
	{
		what: 'fields with spaces around them',
		around: (address) => `\ufeff ${address}\u00a0\n`,
		status: 'OK',
		says: [],
		answers: [TOKEN, ['deletions', 400]],
	},
	{
		what: 'a pasted address in another region: no request is made',
		fields: { region: 'eu', instance: 'https://acme.us.nexthink.cloud/' },
		status: 'Error',
		says: ['instance-is-an-address-in-the-region-us-but-region-is-eu'],
		answers: [],
	},
	{
		what: 'a pasted address of something else: no request is made',
		fields: { region: 'us', instance: 'https://acme.example' },
		status: 'Error',
		says: ['instance-must-be-the-name-of-your-tenant-such-as-acme-or-its-address'],
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

/** n8n's own news and templates, which have nothing to do with the credential. */
const ofCredential = () => outward.seen.filter((host) => !host.includes('n8n.io'));

describe.each(['newest', 'oldest'] as const)(
	'the test of a saved credential, %s n8n',
	(version) => {
		beforeAll(async () => await start(version, `credential-${version}`));
		afterAll(stop);

		it.each(CASES)('says what to change: $what', async (about) => {
			Object.assign(tenant.settings, about.settings);
			if (about.fault !== undefined) tenant.faults.add(about.fault);
			const client = about.client === undefined ? tenant : tenant[about.client];
			const data = { ...credentialData(tenant, client), ...about.fields };
			const { around = (address: string) => address } = about;
			Object.assign(data, {
				apiBaseUrl: around(data.apiBaseUrl!),
				tokenUrl: around(data.tokenUrl!),
			});
			const { status, message } = await testCredential(await save(data), data);
			expect(status, message).toBe(about.status);
			const says = (version === 'oldest' && about.saysInN8n1) || about.says;
			for (const words of says) {
				expect(message).toContain(words);
				if (about.ofN8n) expect(PAGE).toContain(words);
			}
			const answers = tenant.requests.map((request) => [request.route, request.status]);
			expect(answers).toEqual((version === 'oldest' && about.answersInN8n1) || about.answers);
			expect(ofCredential()).toEqual([]);
			expect(tenant.ledger.size).toBe(0);
		});

		it.each(['acme', ' https://acme.eu.nexthink.cloud/portal?x=1 ', 'ACME.api.eu.nexthink.cloud'])(
			'goes to the login host that follows from region and instance, which may be "%s"',
			async (instance) => {
				const data = { ...credentialData(tenant), region: 'eu', instance };
				await testCredential(await save(data), data);
				expect(ofCredential()).toHaveLength(1);
				expect(ofCredential()[0]!.toLowerCase()).toBe('acme-login.eu.nexthink.cloud:443');
			},
		);

		it('is red for a credential that reads alone, which looks devices up all the same, and deletes none', async () => {
			const credentialId = await save(credentialData(tenant, tenant.reading));
			const devices = tenant.inventory.slice(0, 3);
			const onError = 'continueErrorOutput';
			const parameters = { operation: 'lookUp', queryId: LOOK_UP_QUERY };
			const nodes = [
				manualTrigger(),
				listNode('Devices', devices),
				nexthinkNode('Look up', { credentialId, onError, parameters }),
				nexthinkNode('Delete', { credentialId, onError }),
			];
			const workflow = workflowOf('reading', nodes, [
				['Start', 'Devices'],
				['Devices', 'Look up'],
				['Look up', 'Delete'],
			]);
			const { id } = await createWorkflow(server.rest, workflow);
			const execution = await runInEditor(server.rest, id, 'Start');
			expect(execution.output('Look up', 0)).toMatchObject(
				devices.map(({ uid, name }) => ({ match: 'FOUND', uid, name })),
			);
			expect(execution.output('Delete', 0)).toEqual([]);
			const refused = { error: { code: 'FORBIDDEN', httpStatus: 403 } };
			expect(execution.output('Delete', 1)).toMatchObject([refused, refused, refused]);
			expect(tenant.ledger.size).toBe(0);
		});

		it('needs the credential to be saved, as the editor does by itself', async () => {
			const unsaved = testCredential('', credentialData(tenant));
			const words = version === 'newest' ? 'Found credential with no ID.' : 'Forbidden';
			if (version === 'newest') {
				await expect(unsaved).resolves.toEqual({ status: 'Error', message: words });
			} else {
				await expect(unsaved).rejects.toMatchObject({ status: 403, body: { message: words } });
			}
			expect(PAGE).toContain(words);
			expect(tenant.requests.map(({ route }) => route)).not.toContain('deletions');
		});
	},
);

describe('a credential that is edited to point at another tenant', () => {
	beforeAll(async () => await start('newest', 'credential-edited'));
	afterAll(stop);

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
				expect(item.message).toContain('create a new credential instead');
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
