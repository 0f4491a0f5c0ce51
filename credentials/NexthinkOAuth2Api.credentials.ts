import type { ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

import { ERROR_CODES, type KnownErrorCode } from '../nodes/Nexthink/api/errorCodes';
import {
	apiBaseUrlExpression,
	DELETIONS_PATH,
	tokenUrlExpression,
} from '../nodes/Nexthink/api/hosts';

/** The answers that tell something in their body: n8n shows those to the body rules, and all others to the rules by status. */
const STATUSES_WITH_A_CODE = [400, 403];

const ALL_OTHER_STATUSES = Array.from({ length: 300 }, (_, position) => 300 + position).filter(
	(status) => !STATUSES_WITH_A_CODE.includes(status),
);

const REDIRECTED =
	'Another server than Nexthink answered, with a redirect. Check Region and Instance of the credential, or API Base URL where Region is Custom.';

const CODES_BY_STATUS: Array<[number, KnownErrorCode]> = [
	[401, 'UNAUTHORIZED'],
	[404, 'NOT_FOUND'],
	[429, 'RATE_LIMITED'],
	[500, 'INTERNAL_ERROR'],
	[502, 'SERVICE_UNAVAILABLE'],
	[503, 'SERVICE_UNAVAILABLE'],
	[504, 'SERVICE_UNAVAILABLE'],
];

export class NexthinkOAuth2Api implements ICredentialType {
	name = 'nexthinkOAuth2Api';

	extends = ['oAuth2Api'];

	displayName = 'Nexthink OAuth2 API';

	icon = { light: 'file:nexthink.svg', dark: 'file:nexthink.dark.svg' } as const;

	documentationUrl = 'https://github.com/n8n-nodes-nexthink/n8n-nodes-nexthink#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Region',
			name: 'region',
			type: 'options',
			default: 'eu',
			options: [
				{ name: 'Asia-Pacific (pac)', value: 'pac' },
				{ name: 'Custom', value: 'custom' },
				{ name: 'European Union (eu)', value: 'eu' },
				{ name: 'Middle East, Turkey and Africa (meta)', value: 'meta' },
				{ name: 'United States (us)', value: 'us' },
			],
			description:
				'The region in the address of your tenant: https://acme.eu.nexthink.cloud is in eu. Custom is for a new region, a proxy or a test server.',
		},
		{
			displayName: 'Instance',
			name: 'instance',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. acme',
			displayOptions: { hide: { region: ['custom'] } },
			description:
				'The first part of the address of your tenant: acme in https://acme.eu.nexthink.cloud',
		},
		{
			displayName: 'API Base URL',
			name: 'apiBaseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://acme.api.eu.nexthink.cloud',
			displayOptions: { show: { region: ['custom'] } },
			description: 'Address of the API without the path of an endpoint',
		},
		{
			displayName: 'Token URL',
			name: 'tokenUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token',
			displayOptions: { show: { region: ['custom'] } },
			description: 'Whole address of the token endpoint, the path included',
		},
		{
			displayName: 'Grant Type',
			name: 'grantType',
			type: 'hidden',
			default: 'clientCredentials',
		},
		{
			displayName: 'Access Token URL',
			name: 'accessTokenUrl',
			type: 'hidden',
			default: tokenUrlExpression('$self'),
			required: true,
		},
		{
			displayName: 'Scope',
			name: 'scope',
			type: 'hidden',
			default: 'service:integration',
		},
		{
			displayName: 'Auth URI Query Parameters',
			name: 'authQueryParameters',
			type: 'hidden',
			default: '',
		},
		{
			displayName: 'Authentication',
			name: 'authentication',
			type: 'hidden',
			default: 'header',
		},
	];
	/**
	 * Asks for the deletion of no devices. Nexthink refuses that with 400 EMPTY_REQUEST after it has checked everything else, so this
	 * harmless answer proves host, token and right. n8n makes the token request itself, before this one.
	 */
	test: ICredentialTestRequest = {
		request: {
			method: 'POST',
			baseURL: apiBaseUrlExpression('$credentials'),
			url: DELETIONS_PATH,
			body: { devices: [] },
			json: true,
			disableFollowRedirect: true,
			timeout: 30_000,
			ignoreHttpStatusErrors: { ignore: true, except: ALL_OTHER_STATUSES },
		},
		rules: [
			bodyRule('FEATURE_NOT_ENABLED', messageOf('FEATURE_NOT_ENABLED')),
			bodyRule('EMPTY_TENANT', messageOf('EMPTY_TENANT')),
			bodyRule(
				undefined,
				'Nexthink does not let this credential delete devices and gives no code. In Nexthink, open Administration > API credentials and tick Data management for it. If it is ticked, check Region and Instance: another server may have answered.',
			),
			...[301, 302, 307, 308].map((status) => statusRule(status, REDIRECTED)),
			...CODES_BY_STATUS.map(([status, code]) => statusRule(status, messageOf(code))),
			// n8n reads both kinds of rules from one list, although its type allows only lists of one kind.
		] as ICredentialTestRequest['rules'],
	};
}

function bodyRule(value: string | undefined, message: string) {
	return { type: 'responseSuccessBody' as const, properties: { key: 'code', value, message } };
}

function statusRule(value: number, message: string) {
	return { type: 'responseCode' as const, properties: { value, message } };
}

/** The advice of the table is for a run; what may succeed later is simply tested later. */
function messageOf(code: KnownErrorCode): string {
	const { message, advice, retryable } = ERROR_CODES[code];
	return `${message}. ${retryable ? 'Test the credential again in a few minutes.' : advice}`;
}
