import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Fault, FaultRule, Tenant } from '../simulator/tenant.mts';
import { runCommand } from './harness/command.mts';
import { expectDryRun } from './harness/dry-run.mts';
import {
	asLive,
	breakLineOfFile,
	credentialsOfExamples,
	EXAMPLES_TO_RUN,
	forCommandLine,
	LARGE_LIST,
	LOOKUP_EXAMPLES,
	needsServer,
	nexthinkNodes,
	UID_EXAMPLES,
} from './harness/examples.mts';
import { lastExecution, type SavedExecution } from './harness/executions.mts';
import { installedN8n } from './harness/installation.mts';
import { compareWithLedger, outcomesOf, sumsOf } from './harness/outcomes.mts';
import { freePort } from '../ports.mts';
import { credentialFor, startTenantOfRun, type CredentialFile } from './harness/tenant.mts';
import { createUserFolder } from './harness/user-folders.mts';
import {
	importFile,
	listNode,
	manualTrigger,
	nexthinkNode,
	workflowOf,
	type WorkflowFile,
} from './harness/workflows.mts';

const run = inject('run');
const EXAMPLES = EXAMPLES_TO_RUN.filter((example) => !needsServer(example));

/**
 * As n8n advises for this version, and as n8n 2 always has it. Without task runners the items of a Code node, which stands for a list
 * here, are out of reach for `$input.all()` in expressions (measured).
 */
const WITH_TASK_RUNNERS = { N8N_RUNNERS_ENABLED: 'true' };

interface Case {
	/** Name of its node, and of its tenant. */
	readonly what: string;
	readonly faults?: readonly FaultRule[];
	/** Fields of the credential that differ from the right ones. */
	readonly fields?: (tenant: Tenant) => Readonly<Record<string, string>>;
	readonly options?: Readonly<Record<string, number>>;
	/** What each of the four devices is told. */
	readonly status: string;
	/** How many requests with devices reached the tenant, up to the end of the whole workflow. */
	readonly requests?: number;
	/** Of the error branch; without it the devices leave on the success branch. */
	readonly error?: { readonly code: string; readonly httpStatus: number | null };
}

const on = (route: 'token' | 'deletions', play: Fault, from = 1, times = Infinity): FaultRule => ({
	route,
	play,
	from,
	times,
});
const answer = (status: number, body: object | string): Fault => ({ kind: 'status', status, body });
const REFUSED_TOKEN = on('deletions', { kind: 'unauthorized' }, 1, 1);
/** Longer than the request may take, and much shorter than the whole workflow. */
const SLOW: Fault = { kind: 'delay', milliseconds: 2_000 };
const CLOSED_PORT = await freePort();

const CASES: readonly Case[] = [
	// Their tokens come while the other cases are played.
	{
		what: 'a login that is too slow',
		faults: [on('token', SLOW)],
		options: { timeout: 1 },
		status: 'NOT_SENT',
		error: { code: 'TOKEN_UNAVAILABLE', httpStatus: null },
		requests: 0,
	},
	{
		what: 'a new token that comes too late',
		faults: [REFUSED_TOKEN, on('token', SLOW, 2)],
		options: { timeout: 1 },
		status: 'REJECTED',
		error: { code: 'TOKEN_UNAVAILABLE', httpStatus: null },
		requests: 1,
	},
	{ what: 'nothing out of the ordinary', status: 'SCHEDULED' },
	{
		what: 'a wrong client secret',
		fields: () => ({ clientSecret: 'not the secret' }),
		status: 'NOT_SENT',
		error: { code: 'UNAUTHORIZED', httpStatus: null },
	},
	{
		what: 'a login that is down',
		faults: [on('token', answer(503, '<html>'))],
		status: 'NOT_SENT',
		error: { code: 'TOKEN_UNAVAILABLE', httpStatus: 503 },
	},
	{
		what: 'a login that answers a page',
		faults: [on('token', { kind: 'html', status: 200 })],
		status: 'NOT_SENT',
		error: { code: 'TOKEN_UNAVAILABLE', httpStatus: 200 },
	},
	{
		what: 'an API that refuses the connection',
		fields: () => ({ apiBaseUrl: `http://127.0.0.1:${CLOSED_PORT}` }),
		status: 'NOT_SENT',
		error: { code: 'NETWORK_ERROR', httpStatus: null },
	},
	{
		what: 'an unknown API host',
		fields: () => ({ apiBaseUrl: 'https://acme.nexthink.invalid' }),
		status: 'NOT_SENT',
		error: { code: 'NETWORK_ERROR', httpStatus: null },
	},
	{
		what: 'an API that speaks no TLS',
		fields: ({ apiBaseUrl }) => ({ apiBaseUrl: apiBaseUrl.replace('http:', 'https:') }),
		status: 'NOT_SENT',
		error: { code: 'NETWORK_ERROR', httpStatus: null },
		requests: 0,
	},
	{
		what: 'a proxy in place of the login',
		faults: [on('token', { kind: 'html', status: 403 })],
		status: 'NOT_SENT',
		error: { code: 'TOKEN_UNAVAILABLE', httpStatus: 403 },
	},
	{
		what: 'a tenant without the feature',
		faults: [on('deletions', answer(403, { code: 'FEATURE_NOT_ENABLED', message: 'Off.' }))],
		status: 'REJECTED',
		error: { code: 'FEATURE_NOT_ENABLED', httpStatus: 403 },
	},
	{
		what: 'a reset after queuing',
		faults: [on('deletions', { kind: 'reset', queued: true })],
		status: 'UNKNOWN',
		error: { code: 'NETWORK_ERROR', httpStatus: null },
	},
	{
		what: 'an answer that drips',
		faults: [on('deletions', { kind: 'drip', bytesPerSecond: 5 })],
		options: { timeout: 2 },
		status: 'UNKNOWN',
		error: { code: 'TIMEOUT', httpStatus: 202 },
	},
	{
		what: 'no answer at all',
		faults: [on('deletions', { kind: 'silence', queued: true })],
		options: { timeout: 2 },
		status: 'UNKNOWN',
		error: { code: 'TIMEOUT', httpStatus: null },
	},
	{
		what: 'a redirect',
		faults: [
			on('deletions', {
				kind: 'redirect',
				status: 307,
				location: `http://127.0.0.1:${CLOSED_PORT}`,
			}),
		],
		status: 'UNKNOWN',
		error: { code: 'UNEXPECTED_RESPONSE', httpStatus: 307 },
	},
	{ what: 'a refused token', faults: [REFUSED_TOKEN], status: 'SCHEDULED' },
	{
		what: '401 with every token',
		faults: [on('deletions', { kind: 'unauthorized' })],
		status: 'REJECTED',
		error: { code: 'UNAUTHORIZED', httpStatus: 401 },
	},
	{
		what: '403 after a new token',
		faults: [
			REFUSED_TOKEN,
			on('deletions', answer(403, { code: 'FEATURE_NOT_ENABLED', message: 'Off.' })),
		],
		status: 'REJECTED',
		error: { code: 'FEATURE_NOT_ENABLED', httpStatus: 403 },
	},
	{
		what: '400 after a new token',
		faults: [
			REFUSED_TOKEN,
			on('deletions', answer(400, { code: 'EMPTY_TENANT', message: 'No tenant.' })),
		],
		status: 'REJECTED',
		error: { code: 'EMPTY_TENANT', httpStatus: 400 },
	},
	{
		what: 'a page after a new token',
		faults: [REFUSED_TOKEN, on('deletions', { kind: 'html', status: 502, queued: true })],
		status: 'UNKNOWN',
		error: { code: 'SERVICE_UNAVAILABLE', httpStatus: 502 },
	},
	{
		what: 'a reset after a new token',
		faults: [REFUSED_TOKEN, on('deletions', { kind: 'reset', queued: true })],
		status: 'UNKNOWN',
		error: { code: 'NETWORK_ERROR', httpStatus: null },
	},
	{
		what: 'a client that is refused a new token',
		faults: [REFUSED_TOKEN, on('token', answer(401, { error: 'invalid_client' }), 2)],
		status: 'REJECTED',
		error: { code: 'UNAUTHORIZED', httpStatus: null },
	},
];

interface Reading {
	readonly what: string;
	readonly parameters: Readonly<Record<string, string>>;
	readonly faults: readonly FaultRule[];
	/** Of its error output. */
	readonly code: string;
	/** Requests without those for a token, up to the end of the whole workflow. */
	readonly requests: number;
}

/** Each operation that reads, with what its error output must have. */
const READINGS = (
	[
		['Look Up by query', 'nqlExecute', { operation: 'lookUp' }],
		['Look Up by export', 'nqlExport', { operation: 'lookUp', lookupMethod: 'export' }],
		['Execute', 'nqlExecute', { resource: 'nqlQuery', operation: 'execute' }],
		['Export', 'nqlExport', { resource: 'nqlQuery', operation: 'export' }],
	] as const
).flatMap(([name, route, operation]): Reading[] => {
	const parameters = { ...operation, queryId: '#any' };
	const refused: FaultRule = { route, play: answer(403, {}), from: 1, times: Infinity };
	return [
		{
			...{ what: `${name} without permission`, parameters, faults: [refused] },
			...{ code: 'FORBIDDEN', requests: 1 },
		},
		{
			...{ what: `${name} with a login that is too slow`, parameters },
			...{ faults: [on('token', SLOW)], code: 'TOKEN_UNAVAILABLE', requests: 0 },
		},
		{
			...{ what: `${name} with a setting that returns nothing`, faults: [] },
			...{ parameters: { ...parameters, queryId: '={{ $vars.not_set }}' } },
			...{ code: 'INVALID_PARAMETER', requests: 0 },
		},
	];
});

const tenants = new Map<Case | Reading, Tenant>();
let tenant: Tenant;
let userFolder: string;

beforeAll(async () => {
	tenant = await startTenantOfRun(run);
	userFolder = await createUserFolder(run, 'oldest', 'oldest');
	const credentials = [...credentialsOfExamples(tenant), credentialFor(tenant, { id: 'own' })];
	for (const about of [...CASES, ...READINGS]) {
		const own = await startTenantOfRun(run, { devices: 4 });
		tenants.set(about, own);
		credentials.push(credentialOf(about, own));
	}
	const workflows = [
		...[...EXAMPLES.map(asLive), ...LOOKUP_EXAMPLES, ...UID_EXAMPLES].map(forCommandLine),
		errorOutput(),
		everyCase(),
	];
	for (const args of [
		['import:credentials', importFile(userFolder, 'credentials', credentials)],
		['import:workflow', importFile(userFolder, 'workflows', workflows)],
	]) {
		const { exitCode } = await runCommand(args, { version: 'oldest', userFolder });
		expect(exitCode).toBe(0);
	}
});

afterAll(async () => {
	await tenant.close();
	for (const own of tenants.values()) await own.close();
});

function credentialOf(about: Case | Reading, own: Tenant): CredentialFile {
	const credential = credentialFor(own, { id: about.what, name: about.what });
	const fields = 'fields' in about ? about.fields?.(own) : {};
	return { ...credential, data: { ...credential.data, ...fields } };
}

function errorOutput(): WorkflowFile {
	const nodes = [
		manualTrigger(),
		listNode('Devices', tenant.inventory.slice(0, 250)),
		nexthinkNode('Delete', {
			credentialId: 'own',
			parameters: { options: { batchSize: 25 } },
			onError: 'continueErrorOutput',
		}),
	];
	return workflowOf('errorOutput', nodes, [
		['Start', 'Devices'],
		['Devices', 'Delete'],
	]);
}

/** One node for each case, each with a tenant of its own, so that one n8n does for all. */
function everyCase(): WorkflowFile {
	const nodes = CASES.map(({ what, options }) =>
		nexthinkNode(what, {
			credentialId: what,
			parameters: { options: { maxRetries: 0, ...options } },
			onError: 'continueErrorOutput',
		}),
	);
	const readings = READINGS.map(({ what, parameters }) =>
		nexthinkNode(what, {
			credentialId: what,
			parameters: { ...parameters, options: { maxRetries: 0, timeout: 1 } },
			onError: 'continueErrorOutput',
		}),
	);
	const devices = listNode('Devices', tenant.inventory.slice(0, 4));
	return workflowOf(
		'everyCase',
		// What reads comes first, so that late tokens come while the rest is played.
		[manualTrigger(), devices, ...readings, ...nodes],
		[
			['Start', 'Devices'],
			...[...READINGS, ...CASES].map(({ what }) => ['Devices', what] as const),
		],
	);
}

/** Runs a workflow in a new process. `prepare` sets the tenants up for it, once more should n8n crash and the command be repeated. */
async function execute(
	id: string,
	prepare = () => {},
	env: Readonly<Record<string, string>> = WITH_TASK_RUNNERS,
): Promise<{ exitCode: number | null; execution: SavedExecution }> {
	const setUp = () => {
		tenant.reset();
		prepare();
	};
	setUp();
	const args = ['execute', `--id=${id}`, '--rawOutput'];
	const { exitCode } = await runCommand(args, {
		version: 'oldest',
		userFolder,
		env,
		beforeRepeat: setUp,
	});
	return { exitCode, execution: await lastExecution(userFolder) };
}

function scriptFaults(): void {
	for (const [{ faults = [] }, own] of tenants) {
		own.reset();
		for (const fault of faults) own.faults.add(fault);
	}
}

describe(`on the command line of n8n ${installedN8n('oldest')}`, () => {
	it.each(EXAMPLES)('$file says of each device what the tenant did', async (example) => {
		const { exitCode, execution } = await execute(example.workflow.id);
		expect([exitCode, execution.status, execution.error?.message]).toEqual([
			0,
			'success',
			undefined,
		]);
		for (const { name } of nexthinkNodes(example)) {
			const outcomes = outcomesOf(execution, name);
			expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);
			expect(sumsOf(outcomes).SCHEDULED).toBeGreaterThan(0);
			expect(execution.hints(name).join()).toContain('devices scheduled');
		}
	});

	it.each(UID_EXAMPLES)(
		'$file as imported has a line for each device of its list, and sends no deletion',
		async ({ workflow }) => {
			const { exitCode, execution } = await execute(workflow.id);
			expect([exitCode, execution.status, execution.error?.message]).toEqual([
				0,
				'success',
				undefined,
			]);
			expectDryRun(execution, tenant);
		},
	);

	it.each(LOOKUP_EXAMPLES)(
		'$file as imported says of each row what would become of it, and sends no deletion',
		async ({ workflow }) => {
			const { exitCode, execution } = await execute(workflow.id);
			expect([exitCode, execution.status, execution.error?.message]).toEqual([
				0,
				'success',
				undefined,
			]);
			const lines = execution.output('Outcome');
			const wouldGo = lines.filter(({ status }) => status === 'DRY_RUN').map(({ name }) => name);
			expect(new Set(wouldGo)).toEqual(new Set(['PAR-WS-000041', 'LAU-VD-000042']));
			expect(execution.runs('Manual review')).toHaveLength(1);
			expect(execution.output('Manual review')).toHaveLength(lines.length - wouldGo.length);
			expect(execution.output('Manual review')).toHaveLength(4);
			expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
		},
	);

	it('large-list-by-export.json has every row for manual review where a line of the file is broken', async () => {
		const { workflow } = LARGE_LIST;
		const { exitCode, execution } = await execute(workflow.id, () => breakLineOfFile(tenant));
		expect([exitCode, execution.status]).toEqual([0, 'success']);
		const routes = tenant.requests.map(({ route }) => route);
		expect(routes).toContain('file');
		expect(routes).not.toContain('deletions');
		const review = execution.output('Manual review');
		expect(review).toHaveLength(workflow.pinData!['Retired computers']!.length);
		expect(new Set(review.map(({ match }) => match))).toEqual(new Set(['UNKNOWN']));
	});

	it('large-list-by-export.json takes its list from a Code node without task runners, too', async () => {
		const { execution } = await execute(LARGE_LIST.workflow.id, undefined, {});
		expect([execution.status, execution.error?.message]).toEqual(['success', undefined]);
		expect(execution.output('Outcome').map(({ status }) => status)).toContain('DRY_RUN');
		expect(execution.output('Manual review')).toHaveLength(4);
	});

	it('an expired token is replaced, with one request for it, and no device is lost', async () => {
		await execute('errorOutput');
		const { exitCode, execution } = await execute('errorOutput', () => tenant.expireTokens());
		const outcomes = outcomesOf(execution, 'Delete');
		expect([exitCode, sumsOf(outcomes)]).toEqual([0, { SCHEDULED: 250 }]);
		expect(compareWithLedger(outcomes, tenant.ledger.entries).disagreements).toEqual([]);
		expect(tenant.requests.filter(({ route }) => route === 'token')).toHaveLength(1);
	});

	it('refused devices leave through the error branch, each with its input fields', async () => {
		const { exitCode, execution } = await execute('errorOutput', () => {
			tenant.settings.featureEnabled = false;
		});
		expect([exitCode, execution.output('Delete', 0)]).toEqual([0, []]);
		const refused = execution.output('Delete', 1);
		expect(refused).toHaveLength(250);
		expect(refused[0]).toMatchObject({
			...tenant.inventory[0],
			error: { code: 'FEATURE_NOT_ENABLED' },
		});
		expect(tenant.ledger.size).toBe(0);
	});

	describe('devices are told the truth about', () => {
		let execution: SavedExecution;

		beforeAll(async () => {
			({ execution } = await execute('everyCase', scriptFaults));
		});

		it.each(CASES)('$what: $status', (about) => {
			const { ledger, requests } = tenants.get(about)!;
			const { entries } = ledger;
			const sent = requests.filter(({ route }) => route === 'deletions');
			expect(sent).toHaveLength(about.requests ?? sent.length);
			const outcomes = outcomesOf(execution, about.what);
			expect(sumsOf(outcomes)).toEqual({ [about.status]: 4 });
			expect(compareWithLedger(outcomes, entries).disagreements).toEqual([]);
			const errors = execution.output(about.what, 1);
			expect(errors).toHaveLength(about.error === undefined ? 0 : 4);
			for (const item of errors) expect(item.error).toMatchObject({ ...about.error });
		});

		it.each(READINGS)('$what: $code, on the error output alone', (about) => {
			const { what, code, parameters } = about;
			expect(execution.output(what, 0)).toEqual([]);
			const errors = execution.output(what, 1);
			// One export serves all items; a setting is refused for each.
			const isShared = parameters.operation === 'export' && code !== 'INVALID_PARAMETER';
			expect(errors).toHaveLength(isShared ? 1 : 4);
			for (const item of errors) expect(typeof item.message).toBe('string');
			// After three lookups without an answer the rest are left out.
			const codes = errors.map(({ error }) => (error as { code: string }).code);
			expect(new Set(codes.slice(0, 3))).toEqual(new Set([code]));
			const { requests } = tenants.get(about)!;
			expect(requests.filter(({ route }) => route !== 'token')).toHaveLength(about.requests);
		});
	});
});
