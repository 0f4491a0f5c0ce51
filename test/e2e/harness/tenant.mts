import { startTenant, type Tenant, type TenantOptions } from '../../simulator/tenant.mts';
import { noteSecrets, type Run } from './run.mts';

/**
 * A tenant whose secret and tokens are looked for in everything that n8n keeps, once the run is over. Its exports are complete at once,
 * unless it is asked for more: how the node waits for one is tested in n8n's engine.
 */
export async function startTenantOfRun(run: Run, options: TenantOptions = {}): Promise<Tenant> {
	const settings = { exportStates: 0, ...options.settings };
	const tenant = await startTenant({ clientSecret: awkwardSecret(), ...options, settings });
	noteSecrets(run, [{ what: 'client secret', value: tenant.clientSecret }]);
	let noted = 0;
	const noteTokens = () => {
		const tokens = tenant.issuedTokens.slice(noted);
		noted += tokens.length;
		noteSecrets(
			run,
			tokens.map((value) => ({ what: 'bearer', value })),
		);
	};
	const close = tenant.close.bind(tenant);
	return Object.assign(tenant, {
		close: async () => {
			noteTokens();
			await close();
		},
	});
}

/** With characters that look different once they are URL-encoded. */
function awkwardSecret(): string {
	return `e2e/${crypto.randomUUID()}+${crypto.randomUUID()}=`;
}

export const CREDENTIAL_TYPE = 'nexthinkOAuth2Api';

type Client = Pick<Tenant, 'clientId' | 'clientSecret'>;

/** What a user types into the credential to reach a tenant on this machine. */
export function credentialData(
	tenant: Tenant,
	{ clientId, clientSecret }: Client = tenant,
): Record<string, string> {
	const { apiBaseUrl, tokenUrl } = tenant;
	return { region: 'custom', apiBaseUrl, tokenUrl, clientId, clientSecret };
}

/** A credential in the form that `n8n import:credentials` and the REST API take. */
export interface CredentialFile {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	readonly data: Readonly<Record<string, unknown>>;
}

export function credentialFor(
	tenant: Tenant,
	{ id = 'nexthinkOfTests1', name = 'Nexthink account', client = tenant as Client } = {},
): CredentialFile {
	return { id, name, type: CREDENTIAL_TYPE, data: credentialData(tenant, client) };
}
