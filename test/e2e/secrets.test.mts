import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { INode } from 'n8n-workflow';
import type { Tenant } from '../simulator/tenant.mts';
import { runCommand } from './harness/command.mts';
import { query } from './harness/database.mts';
import { savedExecutions } from './harness/executions.mts';
import { notedSecrets, type Secret } from './harness/run.mts';
import { formsOf, searchRun, userFolders } from './harness/secret-search.mts';
import { credentialFor, startTenantOfRun } from './harness/tenant.mts';
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
const CANARY: Secret = { what: 'canary', value: `canary/${randomUUID()}+${randomUUID()}=` };

let userFolder: string;
let tenant: Tenant;

/** This file runs last. It adds runs of its own, in which what can go wrong with a token does. */
beforeAll(async () => {
	tenant = await startTenantOfRun(run);
	userFolder = await createUserFolder(run, 'secrets', 'newest');
	const imports = [
		[
			'import:credentials',
			importFile(userFolder, 'credentials', [credentialFor(tenant, { id: 'own' })]),
		],
		[
			'import:workflow',
			importFile(userFolder, 'workflows', [deletion('deletion'), deletion('echo'), canary()]),
		],
	];
	for (const args of imports) expect(await exitCodeOf(args)).toBe(0);
	expect(await exitCodeOf(['execute', '--id=deletion', '--rawOutput'])).toBe(1);
	expect(await exitCodeOf(['execute', '--id=echo', '--rawOutput'], scriptEcho)).toBe(1);
	expect(await exitCodeOf(['execute', '--id=canary', '--rawOutput'])).toBe(0);
	await tenant.close();
});

afterAll(async () => await tenant.close());

async function exitCodeOf(
	args: readonly string[],
	beforeRepeat = scriptFaults,
): Promise<number | null> {
	beforeRepeat();
	return (await runCommand(args, { version: 'newest', userFolder, beforeRepeat })).exitCode;
}

/** A token that is refused, and connections that break with a bearer in them. */
function scriptFaults(): void {
	const reset = { kind: 'reset', queued: true } as const;
	tenant.reset();
	tenant.faults.add({ route: 'deletions', from: 2, play: { kind: 'unauthorized' } });
	tenant.faults.add({ route: 'deletions', from: 3, times: 9, play: reset });
}

/** An answer that repeats the bearer that it was sent, in its body and as the ID of the request. */
function scriptEcho(): void {
	tenant.reset();
	const bearer = () => tenant.issuedTokens.at(-1)!;
	const message = () =>
		`Refused: "${bearer()}" (bEaReR ${bearer()}, {"access_token":"${bearer()}"}, ${encodeURIComponent(bearer())})`;
	const play = {
		kind: 'status',
		status: 409,
		headers: {
			get 'x-request-id'() {
				return bearer();
			},
		},
		body: { toJSON: () => ({ code: 'REFUSED_BY_ECHO', message: message() }) },
	} as const;
	tenant.faults.add({ route: 'deletions', times: Infinity, play });
}

function deletion(id: string): WorkflowFile {
	const options = { batchSize: 10, maxRetries: 1, maxRetryWait: 5 };
	const nodes = [
		manualTrigger(),
		listNode('Devices', tenant.inventory.slice(0, 30)),
		nexthinkNode('Delete', { credentialId: 'own', parameters: { options } }),
	];
	return workflowOf(id, nodes, [
		['Start', 'Devices'],
		['Devices', 'Delete'],
	]);
}

/** A node that is as careless as it can be: it puts the canary out plain, URL-encoded, and in base64 behind other text. */
function canary(): WorkflowFile {
	const careless: INode = {
		...listNode('Careless', []),
		parameters: {
			jsCode: `const canary = ${JSON.stringify(CANARY.value)};
const encoded = ['', 'a', 'ab'].map((before) => Buffer.from(before + canary + ':end').toString('base64'));
return [{ json: { canary, encoded, url: encodeURIComponent(canary) } }];`,
		},
	};
	return workflowOf('canary', [manualTrigger(), careless], [['Start', 'Careless']]);
}

describe('what n8n keeps of all the runs', () => {
	it('would show a secret in any form, in the database and in the logs', async () => {
		const { finds } = await searchRun(run, [CANARY]);
		const where = finds.map((find) => find.where);
		expect(where).toContain('users/secrets, table workflow_entity');
		expect(where).toContain('users/secrets, table execution_data');
		expect(where.some((place) => /^users\/secrets\/logs\/.+\.log$/.test(place))).toBe(true);
		const saved = finds.filter((find) => find.where.endsWith('table execution_data'));
		const forms = saved.map(({ what }) => what);
		expect(forms.filter((form) => form === 'canary, base64')).toHaveLength(3);
		expect(forms).toContain('canary, plain');
		expect(forms.some((form) => /(?:URL|form)-encoded$/.test(form))).toBe(true);
	});

	it('would show a secret in base64 wherever it begins, whatever stands around it', () => {
		const around = ['', 'a', 'ab', 'abc', 'abcd'];
		const forms = formsOf(CANARY).filter(({ what }) => what.endsWith('base64'));
		for (const before of around) {
			for (const after of around) {
				const text = Buffer.from(before + CANARY.value + after).toString('base64');
				expect(forms.some((form) => text.includes(form.text))).toBe(true);
			}
		}
	});

	it('says that a bearer was taken out of an answer that repeated it', async () => {
		const echoed = (await savedExecutions(userFolder)).find(({ text }) =>
			text.includes('REFUSED_BY_ECHO'),
		);
		expect(echoed?.error?.message).toContain(
			'Refused: "[removed]" ([removed], {"access_token":"[removed]"}, [removed])',
		);
	});

	it('holds no client secret and no bearer', async () => {
		const secrets = notedSecrets(run);
		expect(secrets.map(({ value }) => value)).toEqual(
			expect.arrayContaining([tenant.clientSecret, ...tenant.issuedTokens]),
		);
		expect(tenant.issuedTokens.length).toBeGreaterThan(1);
		const { finds, looked } = await searchRun(run, secrets);
		expect(finds).toEqual([]);
		expect(looked.rows).toBeGreaterThan(0);
		console.log(
			`Looked for ${secrets.length} secrets in ${userFolders(run).length} user folders: ` +
				`${looked.files} files, ${looked.rows} rows, ${Math.round(looked.bytes / 1e6)} MB.`,
		);
	});

	it('holds the credential all the same, encrypted and with its token', async () => {
		const [credential] = await query(userFolder, 'SELECT data FROM credentials_entity');
		const encrypted = Buffer.from(String(credential?.data), 'base64');
		expect(encrypted.length).toBeGreaterThan(
			tenant.clientSecret.length + (tenant.issuedTokens[0]?.length ?? 0),
		);
	});
});
