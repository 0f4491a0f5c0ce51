import type { ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

import { ERROR_CODES, rowOf, type KnownErrorCode } from '../nodes/Nexthink/api/errorCodes';
import { hostExpression, PATHS } from '../nodes/Nexthink/api/hosts';

/** The one answer that proves the credential, with status 400. */
const PROOF = 'EMPTY_REQUEST';

/** Of other codes. The longest that Nexthink documents has 19 characters. */
const OTHER_LENGTHS = without(PROOF.length, numbers(0, 40));
const OTHER_FIRST_LETTERS = without(PROOF[0], [
	...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
]);

/** n8n 2 throws these, whatever their body is. */
const THROWN_STATUSES = without(400, numbers(200, 599));

/** Those that are in use have a message of their own; for any other n8n shows its text or number. */
const EXPLAINED_STATUSES = without(400, [
	...numbers(200, 208),
	...numbers(300, 308),
	...numbers(401, 451),
	...[499],
	...numbers(500, 530),
]);

const ADDRESS_ADVICE =
	'Check Region and Instance, or API Base URL if Region is Custom. Check that no proxy responds instead of Nexthink.';

const OF_LOOKUPS = 'A credential for lookups and queries alone stays red in this test, and works.';

const FORBIDDEN = `Nexthink doesn't let this credential delete devices: the Data management permission is missing, or the Data management API isn't enabled for your tenant. In Nexthink, open Administration > API credentials and select Data management for this credential. If it's selected, ask Nexthink support to enable the API. ${OF_LOOKUPS} If you changed the credential to another tenant, create a new credential instead. Check that no proxy responds instead of Nexthink.`;

const UNFAMILIAR_CODE = `The test was rejected with an unfamiliar code. ${ADDRESS_ADVICE} In Nexthink, open Administration > API credentials and check that Data management is selected for this credential.`;

/** In n8n 1 this stands for every answer without a code, such as 401 for a stored token that has expired. */
const NO_CODE = `The test was rejected without a code, by Nexthink or by another server. ${ADDRESS_ADVICE} In Nexthink, open Administration > API credentials and check that Data management is selected for this credential. ${OF_LOOKUPS} In n8n 1, the access token might have expired: run a workflow with the credential, then test it again.`;

const MESSAGES_OF_CODES = {
	...messagesOf('EMPTY_TENANT', 'INTERNAL_ERROR', 'SERVICE_UNAVAILABLE'),
	FORBIDDEN,
	FEATURE_NOT_ENABLED: FORBIDDEN,
	INVALID_REQUEST: `The test request arrived incomplete (INVALID_REQUEST). ${ADDRESS_ADVICE}`,
	BATCH_SIZE_EXCEEDED: `The test request was rejected as too large (BATCH_SIZE_EXCEEDED). ${ADDRESS_ADVICE}`,
};

export class NexthinkOAuth2Api implements ICredentialType {
	name = 'nexthinkOAuth2Api';

	extends = ['oAuth2Api'];

	displayName = 'Nexthink OAuth2 API';

	icon = { light: 'file:nexthink.svg', dark: 'file:nexthink.dark.svg' } as const;

	documentationUrl =
		'https://github.com/n8n-nodes-nexthink/n8n-nodes-nexthink/blob/main/docs/credential.md';

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
			description: 'Custom is for a new region, a proxy or a test server',
			hint: 'The second part of your Nexthink address: <b>eu</b> in https://acme.eu.nexthink.cloud',
		},
		{
			displayName: 'Instance',
			name: 'instance',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. acme',
			displayOptions: { hide: { region: ['custom'] } },
			description: 'You can also paste the whole address of your tenant',
			hint: 'The first part of your Nexthink address: <b>acme</b> in https://acme.eu.nexthink.cloud',
		},
		{
			displayName: 'API Base URL',
			name: 'apiBaseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://acme.api.eu.nexthink.cloud',
			displayOptions: { show: { region: ['custom'] } },
			description: 'The address of the API, without the path of an endpoint',
		},
		{
			displayName: 'Token URL',
			name: 'tokenUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token',
			displayOptions: { show: { region: ['custom'] } },
			description: 'The whole address of the token endpoint, including its path',
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
			default: hostExpression('$self', 'tokenUrl'),
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
		{
			displayName: 'Allowed HTTP Request Domains',
			name: 'allowedHttpRequestDomains',
			type: 'options',
			default: 'domains',
			options: [
				{
					name: 'All',
					value: 'all',
					description: 'The HTTP Request node can send the access token to any domain',
				},
				{
					name: 'None',
					value: 'none',
					description: "The HTTP Request node can't use this credential",
				},
				{
					name: 'Specific Domains',
					value: 'domains',
					description: 'The HTTP Request node can send the access token to these domains only',
				},
			],
			description:
				"Which domains the HTTP Request node can use this credential with. It doesn't apply to the Nexthink node.",
		},
		{
			displayName: 'Allowed Domains',
			name: 'allowedDomains',
			type: 'string',
			default: '*.nexthink.cloud',
			placeholder: 'e.g. *.nexthink.cloud, proxy.example.com',
			displayOptions: { show: { allowedHttpRequestDomains: ['domains'] } },
			description:
				'The domains, separated by commas. An asterisk at the front stands for any subdomain.',
		},
	];

	/**
	 * Requests the deletion of no devices. Nexthink rejects that with 400 EMPTY_REQUEST after it has checked everything else, so this
	 * harmless answer proves host, token and permission. n8n makes the token request itself, before this one.
	 *
	 * n8n's rules name what is red and compare for equality only, so the one green answer is what they leave over. Within a body they can
	 * reach into a text: a code without a length is none, and one that differs from the wanted one in its length or first letter is
	 * another one. n8n 1 doesn't throw by status: there the rules for bodies judge every answer.
	 */
	test: ICredentialTestRequest = {
		request: {
			method: 'POST',
			baseURL: hostExpression('$credentials', 'apiBaseUrl'),
			url: PATHS.deletions,
			body: { devices: [] },
			json: true,
			disableFollowRedirect: true,
			timeout: 30_000,
			ignoreHttpStatusErrors: { ignore: true, except: THROWN_STATUSES },
		},
		rules: [
			...Object.entries(MESSAGES_OF_CODES).map(([code, message]) =>
				bodyRule('code', code, message),
			),
			bodyRule('code.length', undefined, NO_CODE),
			...OTHER_LENGTHS.map((length) => bodyRule('code.length', length, UNFAMILIAR_CODE)),
			...OTHER_FIRST_LETTERS.map((letter) => bodyRule('code[0]', letter, UNFAMILIAR_CODE)),
			...EXPLAINED_STATUSES.map((status) => statusRule(status, messageOfStatus(status))),
			// n8n reads both kinds of rules from one list, although its type allows only lists of one kind.
		] as ICredentialTestRequest['rules'],
	};
}

function bodyRule(key: string, value: string | number | undefined, message: string) {
	return { type: 'responseSuccessBody' as const, properties: { key, value, message } };
}

function statusRule(value: number, message: string) {
	return { type: 'responseCode' as const, properties: { value, message } };
}

function numbers(first: number, last: number): number[] {
	return Array.from({ length: last - first + 1 }, (_, position) => first + position);
}

function without<Value>(unwanted: Value, values: readonly Value[]): Value[] {
	return values.filter((value) => value !== unwanted);
}

function messageOfStatus(status: number): string {
	if (status === 403) return FORBIDDEN;
	const row = rowOf(status, undefined);
	return row === 'UNEXPECTED_RESPONSE' || row === 'BATCH_SIZE_EXCEEDED'
		? `Another server responded instead of Nexthink (HTTP ${status}). ${ADDRESS_ADVICE}`
		: messageOf(row);
}

function messagesOf(...codes: KnownErrorCode[]): Record<string, string> {
	return Object.fromEntries(codes.map((code) => [code, messageOf(code)]));
}

/** The advice of the table is for a run; what may succeed later is simply tested later. */
function messageOf(code: KnownErrorCode): string {
	const { message, advice, retryable } = ERROR_CODES[code];
	return `${message}. ${retryable ? 'Test the credential again in a few minutes.' : advice}`;
}
