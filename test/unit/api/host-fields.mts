import type { HostFields, Hosts } from '../../../nodes/Nexthink/api/hosts.ts';

/** Fields of a credential, and the addresses that they mean. */
export interface GoodFields {
	fields: HostFields;
	hosts: Hosts;
}

/** Fields of a credential that must be refused, and the label of the field to change. */
export interface BadFields {
	fields: HostFields;
	label: 'Instance' | 'Region' | 'API Base URL' | 'Token URL';
}

const LONGEST_INSTANCE = 'a'.repeat(57);

const GOOD_INSTANCES = [
	'acme',
	'ACME',
	'Acme-EU',
	'a',
	'7',
	'42acme',
	'acme-login',
	'acme--x',
	'null',
	LONGEST_INSTANCE,
];

const BAD_INSTANCES: unknown[] = [
	'',
	' ',
	' acme',
	'acme ',
	'acme\n',
	'\nacme',
	'acme\u0000',
	'-acme',
	'acme-',
	'-',
	'acme_eu',
	'acme.eu',
	'acme.',
	'.acme',
	'acme.api.eu.nexthink.cloud',
	'https://acme.eu.nexthink.cloud',
	'http://acme',
	'//acme',
	'acme/',
	'acme/path',
	'acme\\path',
	'acme:443',
	'user@acme',
	'evil.example/',
	'evil.example#',
	'evil.example?',
	'evil.example\\',
	'acme#',
	'acme?x=1',
	'acme%2e',
	'acme eu',
	'acme,eu',
	'{{ acme }}',
	'b\u00fccher',
	'\u0430cme',
	'\u212aelvin',
	'\u017fhort',
	'\uff41cme',
	'\ud83d\udcbb',
	'[::1]',
	`${LONGEST_INSTANCE}a`,
	'a'.repeat(100_000),
	123,
	0,
	true,
	null,
	undefined,
	['acme'],
	{ acme: true },
];

const BAD_REGIONS: unknown[] = [
	'',
	'EU',
	'Eu',
	' eu',
	'eu ',
	'eu.evil.example/',
	'de',
	'apac',
	'Custom',
	'constructor',
	'__proto__',
	null,
	undefined,
	0,
	['eu'],
	{},
];

export const GOOD_URLS = [
	'https://acme.api.eu.nexthink.cloud',
	'https://ACME.API.EU.NEXTHINK.CLOUD',
	'HTTPS://acme.example',
	'https://acme.example:8443',
	'https://acme.example:8443/nexthink',
	'https://proxy.example/nexthink/eu-1/v1.0/~tenant_a',
	'https://localhost',
	'https://192.0.2.10:8443',
	'https://[2001:db8::1]',
	'https://[2001:db8::1]:8443/nexthink',
	'http://localhost',
	'http://LOCALHOST:3000',
	'http://localhost:3000/nexthink',
	'http://127.0.0.1',
	'http://127.0.0.1:49152',
	'http://127.8.9.10:3000/nexthink',
	'http://[::1]',
	'http://[::1]:3000/nexthink',
];

const BAD_URLS: unknown[] = [
	'',
	' ',
	'acme.api.eu.nexthink.cloud',
	'//acme.example',
	'/api',
	'https:',
	'https://',
	'https:///path',
	'https:acme.example',
	'https:/acme.example',
	'https:\\\\acme.example',
	' https://acme.example',
	'https://acme.example ',
	'https://acme.example\n',
	'\nhttps://acme.example',
	'https://acme.example\nhttps://evil.example',
	'https://acme.exam\tple',
	'http://acme.example',
	'http://192.0.2.10',
	'http://10.0.0.1',
	'http://0.0.0.0',
	'http://0',
	'http://2130706433',
	'http://127.1',
	'http://[::]',
	'http://[::ffff:127.0.0.1]',
	'http://[2001:db8::1]',
	'http://localhost.evil.example',
	'http://localhost@evil.example',
	'http://localhost:80@evil.example',
	'http://localhost:pass@evil.example/x',
	'http://127.0.0.1.evil.example',
	'http://127.0.0.1@evil.example',
	'http://127.0.0.1:3000@evil.example',
	'http://127.0.0.1#@evil.example',
	'http://127.0.0.1\\@evil.example',
	'http://127.0.0.1.',
	'http://localhost.',
	'http://evil.example/http://localhost',
	'http://evil.example#http://localhost',
	'https://user@acme.example',
	'https://user:secret@acme.example',
	'https://acme.example?tenant=1',
	'https://acme.example/path?tenant=1',
	'https://acme.example#part',
	'https://acme.example/path#part',
	'https://acme.example/with space',
	'https://acme.example/a%2fb',
	'https://acme.example:',
	'https://acme.example:port',
	'https://acme.example:1234567',
	'https://-acme.example',
	'https://acme.example-',
	'https://.acme.example',
	'https://acme.example.',
	'https://b\u00fccher.example',
	'https://acme_eu.example',
	'https://{{instance}}.example',
	'https://[acme]',
	'https://[::1',
	'ftp://acme.example',
	'file:///etc/passwd',
	'javascript:void(0)',
	'data:text/plain,x',
	'ws://localhost',
	443,
	true,
	null,
	undefined,
	['https://acme.example'],
	{ href: 'https://acme.example' },
];

const TOKEN_URL = 'https://login.example/oauth2/default/v1/token';
const API_BASE_URL = 'https://api.example';

const derived = (instance: string, region: string): GoodFields => ({
	fields: { region, instance },
	hosts: {
		apiBaseUrl: `https://${instance}.api.${region}.nexthink.cloud`,
		tokenUrl: `https://${instance}-login.${region}.nexthink.cloud/oauth2/default/v1/token`,
	},
});

const custom = (apiBaseUrl: unknown, tokenUrl: unknown): HostFields => ({
	region: 'custom',
	apiBaseUrl,
	tokenUrl,
});

export const GOOD_FIELDS: GoodFields[] = [
	...['eu', 'meta', 'pac', 'us'].map((region) => derived('acme', region)),
	...GOOD_INSTANCES.map((instance) => derived(instance, 'eu')),
	...GOOD_URLS.map((url) => ({
		fields: custom(url, TOKEN_URL),
		hosts: { apiBaseUrl: url, tokenUrl: TOKEN_URL },
	})),
	...GOOD_URLS.map((url) => ({
		fields: custom(API_BASE_URL, `${url}/token`),
		hosts: { apiBaseUrl: API_BASE_URL, tokenUrl: `${url}/token` },
	})),
	{
		// What is left in the fields of the other choice does not count.
		fields: { region: 'eu', instance: 'acme', apiBaseUrl: 'http://evil.example', tokenUrl: '' },
		hosts: derived('acme', 'eu').hosts,
	},
	{
		fields: { ...custom(API_BASE_URL, TOKEN_URL), instance: 'not an instance' },
		hosts: { apiBaseUrl: API_BASE_URL, tokenUrl: TOKEN_URL },
	},
];

export const BAD_FIELDS: BadFields[] = [
	...BAD_INSTANCES.map(
		(instance): BadFields => ({
			fields: { region: 'eu', instance },
			label: 'Instance',
		}),
	),
	...BAD_REGIONS.map(
		(region): BadFields => ({
			fields: { region, instance: 'acme', apiBaseUrl: API_BASE_URL, tokenUrl: TOKEN_URL },
			label: 'Region',
		}),
	),
	...BAD_URLS.map(
		(url): BadFields => ({
			fields: custom(url, TOKEN_URL),
			label: 'API Base URL',
		}),
	),
	...BAD_URLS.map(
		(url): BadFields => ({
			fields: custom(API_BASE_URL, url),
			label: 'Token URL',
		}),
	),
];

/** A test's name that shows what is meant, cut and with control characters made visible. */
export function named<Row extends { fields: HostFields }>(row: Row): [string, Row] {
	const shown = JSON.stringify(row.fields, (_, value: unknown) => value ?? String(value));
	return [shown.length > 120 ? `${shown.slice(0, 120)}…` : shown, row];
}
