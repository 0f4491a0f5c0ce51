/**
 * Where a tenant lives. The credential builds its addresses with the expressions below (n8n evaluates them before the token
 * request), the node checks the same rules before its first request: one set of patterns serves both.
 *
 * Hosts are documented by Nexthink: https://{instance}.api.{region}.nexthink.cloud for the API and, with a hyphen,
 * https://{instance}-login.{region}.nexthink.cloud for the login.
 */

export const REGIONS = ['eu', 'meta', 'pac', 'us'] as const;

/** The fields of the credential that name the hosts, as n8n hands them out. */
export interface HostFields {
	region?: unknown;
	instance?: unknown;
	apiBaseUrl?: unknown;
	tokenUrl?: unknown;
}

export interface Hosts {
	/** Origin of the API, with an optional path in front of Nexthink's own, without a slash at the end. */
	apiBaseUrl: string;
	tokenUrl: string;
}

/** A DNS label has at most 63 characters and "-login" takes six of them. */
const INSTANCE_PATTERN = '^[a-z0-9](?:[a-z0-9-]{0,55}[a-z0-9])?$';

const PORT_AND_PATH = '(?::[0-9]{1,5})?(?:/[a-z0-9._~/-]*)?$';

/** https to any host, http to loopback alone; no user name, query or fragment, which could hide the real host. */
const CUSTOM_URL_PATTERN =
	`^https://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\\[[0-9a-f:]+\\])${PORT_AND_PATH}` +
	`|^http://(?:localhost|127(?:\\.[0-9]{1,3}){3}|\\[::1\\])${PORT_AND_PATH}`;

const INSTANCE_REFUSED =
	'Instance must be the name of your tenant alone, such as "acme", not a web address';
const CUSTOM_URL_RULE = 'must start with https:// (http:// is accepted for this machine only)';
const API_BASE_URL_REFUSED = `API Base URL ${CUSTOM_URL_RULE}`;
const TOKEN_URL_REFUSED = `Token URL ${CUSTOM_URL_RULE}`;
const REGION_REFUSED = 'Region must be one of the listed regions';

const LOGIN_ROUTE = '/oauth2/default/v1/token';

/** Documented: POST, 1 to 100 devices, 202. */
export const DELETIONS_PATH = '/api/v1/data-management/device/deletions';

/** Documented: POST; saved queries only. */
export const EXECUTE_QUERY_PATH = '/api/v2/nql/execute';
export const EXPORT_QUERY_PATH = '/api/v1/nql/export';

/** Documented: GET, followed by a slash and the id of an export. */
export const EXPORT_STATUS_PATH = '/api/v1/nql/status';

/**
 * Whether a file may be fetched from an address that the API named: from https and a public name, or, where the API itself is on this
 * machine, from there. An answer must not lead to what only the machine of n8n can reach. Only the address is judged, not what a public
 * name resolves to.
 */
export function isFileAddress(address: string, { apiBaseUrl }: Hosts): boolean {
	const isAddress = (pattern: RegExp) => pattern.test(address);
	if (isAddress(/^https:\/\/(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*(?::[0-9]{1,5})?(?:[/?][^\s\\]*)?$/i)) {
		return !isAddress(/^https:\/\/[^/?]+\.(?:localhost|local|internal)(?:[:/?]|$)/i);
	}
	const isLocal = /^http:/i.test(apiBaseUrl);
	return (
		isLocal &&
		isAddress(
			/^http:\/\/(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?(?:[/?][^\s\\]*)?$/i,
		)
	);
}

/**
 * Derives the two addresses from the credential's fields.
 *
 * @returns the addresses, or `{ refused }` with a sentence that names the field to change.
 */
export function hostsOf(fields: HostFields): Hosts | { refused: string } {
	const customUrl = new RegExp(CUSTOM_URL_PATTERN, 'i');
	if (fields.region === 'custom') {
		if (typeof fields.apiBaseUrl !== 'string' || !customUrl.test(fields.apiBaseUrl)) {
			return { refused: API_BASE_URL_REFUSED };
		}
		if (typeof fields.tokenUrl !== 'string' || !customUrl.test(fields.tokenUrl)) {
			return { refused: TOKEN_URL_REFUSED };
		}
		return { apiBaseUrl: fields.apiBaseUrl.replace(/\/+$/, ''), tokenUrl: fields.tokenUrl };
	}
	const region = REGIONS.find((known) => known === fields.region);
	if (region === undefined) return { refused: REGION_REFUSED };
	if (
		typeof fields.instance !== 'string' ||
		!new RegExp(INSTANCE_PATTERN, 'i').test(fields.instance)
	) {
		return { refused: INSTANCE_REFUSED };
	}
	return {
		apiBaseUrl: `https://${fields.instance}.api.${region}.nexthink.cloud`,
		tokenUrl: `https://${fields.instance}-login.${region}.nexthink.cloud${LOGIN_ROUTE}`,
	};
}

/**
 * The same derivation as an n8n expression, for the credential. `source` is the name under which n8n offers the credential's
 * fields there: `$self` inside the credential, `$credentials` in its test.
 *
 * Where a field is refused, the expression yields that sentence as the scheme of an address. n8n sends nothing there and shows the
 * scheme as an unsupported protocol; of a text that is no address at all it would show nothing. Measured in n8n 2.41.1.
 */
export function tokenUrlExpression(source: '$self' | '$credentials'): string {
	return hostExpression(
		source,
		'tokenUrl',
		`'-login.' + ${source}['region'] + '.nexthink.cloud${LOGIN_ROUTE}'`,
	);
}

export function apiBaseUrlExpression(source: '$self' | '$credentials'): string {
	return hostExpression(source, 'apiBaseUrl', `'.api.' + ${source}['region'] + '.nexthink.cloud'`);
}

/** Checks both addresses, whichever is wanted: a credential that is refused makes no request at all, for a token neither. */
function hostExpression(source: string, field: string, suffix: string): string {
	const fails = (pattern: string, name: string) =>
		`typeof ${source}['${name}'] !== 'string' || !new RegExp(${JSON.stringify(pattern)}, 'i').test(${source}['${name}'])`;
	return (
		`={{ ${source}['region'] === 'custom'` +
		` ? (${fails(CUSTOM_URL_PATTERN, 'apiBaseUrl')} ? '${schemeOf(API_BASE_URL_REFUSED)}'` +
		` : ${fails(CUSTOM_URL_PATTERN, 'tokenUrl')} ? '${schemeOf(TOKEN_URL_REFUSED)}'` +
		` : ${source}['${field}'])` +
		` : !${JSON.stringify(REGIONS)}.includes(${source}['region']) ? '${schemeOf(REGION_REFUSED)}'` +
		` : ${fails(INSTANCE_PATTERN, 'instance')} ? '${schemeOf(INSTANCE_REFUSED)}'` +
		` : 'https://' + ${source}['instance'] + ${suffix} }}`
	);
}

/** The scheme of an address takes letters, digits and dashes, and no spaces. */
function schemeOf(refused: string): string {
	return `${refused.match(/[a-z]+/gi)!.join('-')}:`;
}
