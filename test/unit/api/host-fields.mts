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
	/** The sentence, where it isn't the same for all values of the field. */
	refused?: string;
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

/** Everything that `trim()` removes: spaces of all widths, line ends and a byte order mark. */
const AROUND = [
	' ',
	'\t \r\n',
	'\v\f',
	'\u00a0',
	'\u1680',
	'\u2000\u2009\u200a',
	'\u2028\u2029',
	'\u202f\u205f',
	'\u3000',
	'\ufeff',
];

/** Ways in which the address of a tenant named acme in eu is copied. */
const ADDRESSES = [
	'https://acme.eu.nexthink.cloud',
	'https://acme.eu.nexthink.cloud/',
	'https://acme.eu.nexthink.cloud:443/',
	'https://acme.eu.nexthink.cloud/portal/devices/(a~b)?tab=1&x=%20#/top',
	'https://acme.eu.nexthink.cloud?x=1',
	'https://acme.eu.nexthink.cloud#top',
	'http://acme.eu.nexthink.cloud',
	'HTTPS://acme.EU.Nexthink.CLOUD/X',
	'acme.eu.nexthink.cloud',
	'acme.eu.nexthink.cloud/',
	'acme.api.eu.nexthink.cloud',
	'https://acme.api.eu.nexthink.cloud/api/v1/data-management/device/deletions',
	'https://acme.data.eu.nexthink.cloud/#/home',
	'acme-login.eu.nexthink.cloud',
	'https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token',
	'https://acme.eu.nexthink.cloud/https://evil.example',
	'https://acme.eu.nexthink.cloud/@evil.example',
	'https://acme.eu.nexthink.cloud#@evil.example',
];

/** Addresses of tenants with names that look like something else. */
const ODD_ADDRESSES = [
	['ACME.eu.nexthink.cloud', 'ACME'],
	['a.eu.nexthink.cloud', 'a'],
	['7-login.eu.nexthink.cloud', '7'],
	['acme-login.api.eu.nexthink.cloud', 'acme-login'],
	['acme-login-login.eu.nexthink.cloud', 'acme-login'],
	['acme--login.eu.nexthink.cloud', 'acme--login'],
	['login.eu.nexthink.cloud', 'login'],
	['api.api.eu.nexthink.cloud', 'api'],
	['nexthink.data.eu.nexthink.cloud', 'nexthink'],
	[`https://${LONGEST_INSTANCE}-login.eu.nexthink.cloud`, LONGEST_INSTANCE],
] as const;

/** Addresses that don't lie in eu, and where they say that they lie. */
const ADDRESSES_ELSEWHERE = [
	['https://acme.us.nexthink.cloud', 'us'],
	['acme.META.nexthink.cloud', 'meta'],
	['acme.api.pac.nexthink.cloud/api', 'pac'],
	['acme-login.us.nexthink.cloud', 'us'],
	['https://acme.data.us.nexthink.cloud', 'us'],
	['https://acme.apac.nexthink.cloud', 'apac'],
	['acme.eu-2.nexthink.cloud', 'eu-2'],
	['acme.api.nexthink.cloud', 'api'],
] as const;

const BAD_INSTANCES: unknown[] = [
	'',
	' ',
	'acme\u0000',
	'-acme',
	'acme-',
	'-',
	'acme_eu',
	'acme.eu',
	'acme.',
	'.acme',
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
	'ac me',
	'\u200bacme',
	'acme\u2060',
	'https://acme',
	'https://acme.eu',
	'acme.nexthink.cloud',
	'nexthink.cloud',
	'https://eu.nexthink.cloud',
	'https://acme.eu.nexthink.cloud.evil.example',
	'https://acme.eu.nexthink.cloud@evil.example',
	'https://acme.eu.nexthink.cloud:443@evil.example',
	'https://acme.eu.nexthink.cloud\\@evil.example',
	'https://acme.eu.nexthink.cloud\nhttps://evil.example',
	'https://acme.eu.nexthink.cloud/ https://evil.example',
	'https://user@acme.eu.nexthink.cloud',
	'https://evil.example/acme.eu.nexthink.cloud',
	'https://evil.example#acme.eu.nexthink.cloud',
	'evil.example/.eu.nexthink.cloud',
	'evil.acme.eu.nexthink.cloud',
	'acme.login.eu.nexthink.cloud',
	'acme-api.x.eu.nexthink.cloud',
	'acme_x.eu.nexthink.cloud',
	'-acme.eu.nexthink.cloud',
	'acme-.eu.nexthink.cloud',
	'.eu.nexthink.cloud',
	'acme..nexthink.cloud',
	'acme.eu.nexthinkxcloud',
	'acme.eu.nexthink.cloud.',
	'ftp://acme.eu.nexthink.cloud',
	'//acme.eu.nexthink.cloud',
	'b\u00fccher.eu.nexthink.cloud',
	'\u212aelvin.eu.nexthink.cloud',
	'acme.eu.nexthin\u212a.cloud',
	`${LONGEST_INSTANCE}a.eu.nexthink.cloud`,
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
	'eu.evil.example/',
	'e u',
	'\u200beu',
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
	...ADDRESSES.map((address) => ({
		fields: { region: 'eu', instance: address },
		hosts: derived('acme', 'eu').hosts,
	})),
	...ODD_ADDRESSES.map(([address, instance]) => ({
		fields: { region: 'eu', instance: address },
		hosts: derived(instance, 'eu').hosts,
	})),
	...['us', 'meta', 'pac'].map((region) => ({
		fields: { region, instance: `https://acme.${region}.nexthink.cloud` },
		hosts: derived('acme', region).hosts,
	})),
	...AROUND.flatMap((space) => {
		const within = (text: string) => `${space}${text}${space}`;
		return [
			{
				fields: { region: within('eu'), instance: within('acme') },
				hosts: derived('acme', 'eu').hosts,
			},
			{
				fields: { region: 'eu', instance: within('https://acme.eu.nexthink.cloud/') },
				hosts: derived('acme', 'eu').hosts,
			},
			{
				fields: {
					region: within('custom'),
					apiBaseUrl: within(API_BASE_URL),
					tokenUrl: within(TOKEN_URL),
				},
				hosts: { apiBaseUrl: API_BASE_URL, tokenUrl: TOKEN_URL },
			},
		];
	}),
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
	...ADDRESSES_ELSEWHERE.map(
		([instance, region]): BadFields => ({
			fields: { region: 'eu', instance },
			label: 'Instance',
			refused: `Instance is an address in the region ${region}, but Region is eu`,
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
