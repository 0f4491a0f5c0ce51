import type { SubmittedDevice, Tenant } from './tenant.mts';

/** What a client has to know of a tenant. */
export type TenantAccess = Pick<Tenant, 'apiBaseUrl' | 'tokenUrl' | 'clientId' | 'clientSecret'>;

/** What a client with one permission alone knows of it. */
export function accessOf(tenant: Tenant, client: 'reading' | 'deleting'): TenantAccess {
	const { apiBaseUrl, tokenUrl } = tenant;
	const { clientId, clientSecret } = tenant[client];
	return { apiBaseUrl, tokenUrl, clientId, clientSecret };
}

/** What came back, body as text. */
export interface Received {
	readonly status: number;
	readonly headers: Headers;
	readonly body: string;
}

/**
 * Asks the tenant for a token. In: form fields and Authorization header where they are to differ
 * from the documented ones. Out: whatever came back.
 */
export async function requestToken(
	tenant: TenantAccess,
	form: Readonly<Record<string, string>> = {},
	authorization = basic(tenant.clientId, tenant.clientSecret),
): Promise<Received> {
	const fields = { grant_type: 'client_credentials', scope: 'service:integration', ...form };
	const response = await fetch(tenant.tokenUrl, {
		method: 'POST',
		headers: { authorization },
		body: new URLSearchParams(fields),
	});
	return received(response);
}

/** Out: a good token of the tenant. */
export async function freshToken(tenant: TenantAccess): Promise<string> {
	const { body } = await requestToken(tenant);
	const { access_token: token } = JSON.parse(body) as { access_token: string };
	return token;
}

/**
 * Sends one deletions request and follows no redirect. In: a list of devices, or the body as text;
 * further headers. Out: whatever came back. Rejects if the connection breaks.
 */
export async function requestDeletions(
	tenant: TenantAccess,
	token: string | undefined,
	devices: readonly SubmittedDevice[] | string,
	options: { headers?: Readonly<Record<string, string>>; signal?: AbortSignal } = {},
): Promise<Received> {
	const response = await fetch(`${tenant.apiBaseUrl}/api/v1/data-management/device/deletions`, {
		method: 'POST',
		redirect: 'manual',
		headers: {
			'content-type': 'application/json',
			...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
			...options.headers,
		},
		body: typeof devices === 'string' ? devices : JSON.stringify({ devices }),
		signal: options.signal ?? null,
	});
	return received(response);
}

/** The three NQL routes, below the API host. */
export const NQL_PATHS = {
	execute: '/api/v2/nql/execute',
	export: '/api/v1/nql/export',
	status: '/api/v1/nql/status',
} as const;

/** In: a route, and what is asked. Out: whatever came back. */
export async function requestNql(
	tenant: TenantAccess,
	token: string | undefined,
	route: 'execute' | 'export',
	body: unknown,
): Promise<Received> {
	const response = await fetch(`${tenant.apiBaseUrl}${NQL_PATHS[route]}`, {
		method: 'POST',
		headers: {
			'content-type': 'application/json',
			...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
		},
		body: typeof body === 'string' ? body : JSON.stringify(body),
	});
	return received(response);
}

/** In: the id of an export. Out: whatever came back. */
export async function requestExportStatus(
	tenant: TenantAccess,
	token: string,
	exportId: string,
): Promise<Received> {
	const url = `${tenant.apiBaseUrl}${NQL_PATHS.status}/${exportId}`;
	return received(await fetch(url, { headers: { authorization: `Bearer ${token}` } }));
}

/** Starts an export and asks until it is complete. In: what is asked. Out: where its file is. Throws if it is not made. */
export async function addressOfExport(
	tenant: TenantAccess,
	token: string,
	asked: object,
): Promise<string> {
	const started = await requestNql(tenant, token, 'export', asked);
	const { exportId } = JSON.parse(started.body) as { exportId?: string };
	if (exportId === undefined) throw new Error(`No export was started: ${started.body}`);
	for (;;) {
		const { body } = await requestExportStatus(tenant, token, exportId);
		const { status, resultsFileUrl } = JSON.parse(body) as Record<string, string>;
		if (resultsFileUrl !== undefined) return resultsFileUrl;
		if (status === 'ERROR') throw new Error(`The export was not completed: ${body}`);
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

/** In: client id and secret. Out: the Authorization header that Nexthink documents. */
export function basic(clientId: string, clientSecret: string): string {
	return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
}

async function received(response: Response): Promise<Received> {
	return { status: response.status, headers: response.headers, body: await response.text() };
}
