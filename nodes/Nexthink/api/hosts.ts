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

/**
 * The name of a tenant, or an address of it as a browser or Nexthink's documentation shows it, whatever its path. A DNS label has at most
 * 63 characters and "-login" takes six of them. Groups: the name alone, the name in the address, the region in the address.
 */
const INSTANCE_PATTERN =
	'^(?:([a-z0-9](?:[a-z0-9-]{0,55}[a-z0-9])?)' +
	'|(?:https?://)?([a-z0-9](?:[a-z0-9-]{0,55}?[a-z0-9])??)(?:-login|[.]api|[.]data)?' +
	'[.]([a-z0-9-]+)[.]nexthink[.]cloud(?::[0-9]+)?(?:[/?#]\\S*)?)$';

const PORT_AND_PATH = '(?::[0-9]{1,5})?(?:/[a-z0-9._~/-]*)?$';

/** https to any host, http to loopback alone; no user name, query or fragment, which could hide the real host. */
const CUSTOM_URL_PATTERN =
	`^https://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\\[[0-9a-f:]+\\])${PORT_AND_PATH}` +
	`|^http://(?:localhost|127(?:\\.[0-9]{1,3}){3}|\\[::1\\])${PORT_AND_PATH}`;

const CUSTOM_URL_RULE = 'must start with https:// (http:// is accepted for this machine only)';

/** Why a field is refused. */
const REFUSED = {
	region: 'Region must be one of the listed regions',
	instance:
		'Instance must be the name of your tenant, such as "acme", or its address at nexthink.cloud',
	apiBaseUrl: `API Base URL ${CUSTOM_URL_RULE}`,
	tokenUrl: `Token URL ${CUSTOM_URL_RULE}`,
};

/** Around the two regions: that of the address in Instance, and the chosen one. */
const OTHER_REGION = ['Instance is an address in the region ', ', but Region is '] as const;

const LOGIN_ROUTE = '/oauth2/default/v1/token';

/** The routes of the API, as documented. */
export const PATHS = {
	/** POST, 1 to 100 devices, 202. */
	deletions: '/api/v1/data-management/device/deletions',
	/** POST; saved queries only. */
	executeQuery: '/api/v2/nql/execute',
	exportQuery: '/api/v1/nql/export',
	/** GET, followed by a slash and the id of an export. */
	exportStatus: '/api/v1/nql/status',
};

/** Names that no public registry gives out: those of RFC 6761, 6762 (also its appendix G) and 8375, and ICANN's `internal`. */
const PRIVATE_NAME =
	/^https:\/\/[^/?:]+\.(?:arpa|corp|home|internal|intranet|invalid|lan|local|localdomain|localhost|onion|private|test)(?:[:/?]|$)/i;

/**
 * Whether a file may be fetched from an address that the API named: from https and a public name, or, where the API itself is on this
 * machine, from there. An answer must not lead to what only the machine of n8n can reach. Only the address is judged, not what a public
 * name resolves to.
 */
export function isFileAddress(address: string, { apiBaseUrl }: Hosts): boolean {
	const onThisMachine =
		/^http:\/\/(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?(?:[/?][^\s\\]*)?$/i;
	const ofNamedHost =
		/^https:\/\/(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*(?::[0-9]{1,5})?(?:[/?][^\s\\]*)?$/i;
	return (
		(ofNamedHost.test(address) && !PRIVATE_NAME.test(address)) ||
		(onThisMachine.test(address) && onThisMachine.test(apiBaseUrl))
	);
}

/**
 * Derives the two addresses from the credential's fields. Spaces around a field don't count.
 *
 * @returns the addresses, or `{ refused }` with a sentence that names the field to change.
 */
export function hostsOf(fields: HostFields): Hosts | { refused: string } {
	const text = (name: keyof HostFields) =>
		typeof fields[name] === 'string' ? fields[name].trim() : '';
	if (text('region') === 'custom') {
		const customUrl = new RegExp(CUSTOM_URL_PATTERN, 'i');
		const [apiBaseUrl, tokenUrl] = [text('apiBaseUrl'), text('tokenUrl')];
		if (!customUrl.test(apiBaseUrl)) return { refused: REFUSED.apiBaseUrl };
		if (!customUrl.test(tokenUrl)) return { refused: REFUSED.tokenUrl };
		return { apiBaseUrl: apiBaseUrl.replace(/\/+$/, ''), tokenUrl };
	}
	const region = REGIONS.find((known) => known === text('region'));
	if (region === undefined) return { refused: REFUSED.region };
	const said = new RegExp(INSTANCE_PATTERN, 'i').exec(text('instance'));
	if (said === null) return { refused: REFUSED.instance };
	const regionOfAddress = said[3]?.toLowerCase() ?? region;
	if (regionOfAddress !== region) {
		return { refused: `${OTHER_REGION[0]}${regionOfAddress}${OTHER_REGION[1]}${region}` };
	}
	const instance = said[1] ?? said[2]!;
	return {
		apiBaseUrl: `https://${instance}.api.${region}.nexthink.cloud`,
		tokenUrl: `https://${instance}-login.${region}.nexthink.cloud${LOGIN_ROUTE}`,
	};
}

/**
 * The same derivation as an n8n expression, for the credential. `source` is the name under which n8n offers the credential's
 * fields there: `$self` inside the credential, `$credentials` in its test.
 *
 * If a field is refused, the expression yields that sentence as the scheme of an address. n8n sends nothing there and shows the
 * scheme as an unsupported protocol; of a text that is no address at all it would show nothing. The address has a host, because n8n
 * would show nothing of one without any that isn't among the credential's allowed domains. Measured in n8n 2.41.1 and 1.123.81.
 *
 * Both addresses are checked, whichever is wanted: a credential that is refused makes no request at all, for a token neither.
 */
export function hostExpression(
	source: '$self' | '$credentials',
	field: 'apiBaseUrl' | 'tokenUrl',
): string {
	const pattern = (text: string) => `new RegExp(${JSON.stringify(text)}, 'i')`;
	const [infix, path] = field === 'apiBaseUrl' ? ['.api.', ''] : ['-login.', LOGIN_ROUTE];
	const [addressIn, butRegionIs] = OTHER_REGION.map(wordsOfScheme);
	return (
		'={{ ((text) => ((region, said) =>' +
		` region === 'custom'` +
		` ? !${pattern(CUSTOM_URL_PATTERN)}.test(text('apiBaseUrl')) ? '${refusal(REFUSED.apiBaseUrl)}'` +
		` : !${pattern(CUSTOM_URL_PATTERN)}.test(text('tokenUrl')) ? '${refusal(REFUSED.tokenUrl)}'` +
		` : text('${field}')` +
		` : !${JSON.stringify(REGIONS)}.includes(region) ? '${refusal(REFUSED.region)}'` +
		` : said === null ? '${refusal(REFUSED.instance)}'` +
		` : said[3] && said[3].toLowerCase() !== region` +
		` ? '${addressIn}-' + said[3].toLowerCase() + '-${butRegionIs}-' + region + '${NO_ADDRESS}'` +
		` : 'https://' + (said[1] || said[2]) + '${infix}' + region + '.nexthink.cloud${path}'` +
		` )(text('region'), ${pattern(INSTANCE_PATTERN)}.exec(text('instance'))) )` +
		`((name) => typeof ${source}[name] === 'string' ? ${source}[name].trim() : '') }}`
	);
}

/** Makes the words before it the scheme of an address that nobody serves. */
const NO_ADDRESS = '://refused';

/** The scheme of an address takes letters, digits and dashes, and no spaces. */
function wordsOfScheme(text: string): string {
	return text.match(/[a-z]+/gi)!.join('-');
}

function refusal(sentence: string): string {
	return `${wordsOfScheme(sentence)}${NO_ADDRESS}`;
}
