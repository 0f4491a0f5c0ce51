import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { withoutCredentials } from '../../../nodes/Nexthink/api/withoutCredentials.ts';
import { TOP } from '../shipped-sources.mts';
import { cpuMillisecondsOf } from '../cpu-time.mts';

const UID = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** Random bytes that are the same in every run. */
function bytes(seed: string, length: number): Buffer {
	const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, block) =>
		createHash('sha512').update(`${seed} ${block}`).digest(),
	);
	return Buffer.concat(blocks).subarray(0, length);
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const of = (alphabet: string, length: number) => (seed: string) =>
	[...bytes(seed, length)].map((byte) => alphabet[byte % alphabet.length]).join('');

const TOKENS: Array<[what: string, make: (seed: string) => string]> = [
	['40 hexadecimal digits', (seed) => bytes(seed, 20).toString('hex')],
	['64 hexadecimal digits in upper case', (seed) => bytes(seed, 32).toString('hex').toUpperCase()],
	['24 bytes in base64', (seed) => bytes(seed, 24).toString('base64')],
	['32 bytes in base64', (seed) => bytes(seed, 32).toString('base64')],
	['32 bytes in base64url', (seed) => bytes(seed, 32).toString('base64url')],
	['48 bytes in base64url', (seed) => bytes(seed, 48).toString('base64url')],
	[
		'33 bytes in base64, percent-encoded',
		(seed) => encodeURIComponent(bytes(seed, 33).toString('base64')),
	],
	['40 letters and digits', of(`${LOWER}${UPPER}0123456789`, 40)],
	['40 letters and digits in lower case', of(`${LOWER}0123456789`, 40)],
	['52 letters and digits of base32', of(`${UPPER}234567`, 52)],
	['40 letters', of(LOWER + UPPER, 40)],
	['64 letters in lower case', of(LOWER, 64)],
];

const CREDENTIALS: Array<[what: string, text: string, expected: string]> = [
	['a bearer in odd case', 'bEaReR a1b2c3 is unknown', '[removed] is unknown'],
	['a bearer of letters', 'BEARER kGvZqtYb', '[removed]'],
	['a long bearer in lower case', 'bearer qwkzjxvbnmplkjhgfdsaq', '[removed]'],
	['a bearer that begins with two capitals', 'Bearer GVzqtyb', '[removed]'],
	['a bearer behind two spaces', 'Bearer  a1b2c3', '[removed]'],
	['an encoded bearer', 'Bearer%20kG3v%2BZq0%3D', '[removed]'],
	['a key in base64', 'bad key B/zmgwLBEIFFKiccxtrzvea7bwsfCT+chg==', 'bad key [removed]'],
	['a header', 'Authorization: Bearer xyz', 'Authorization: [removed]'],
	['a header with more spaces', 'Authorization: Bearer  xyz', 'Authorization: [removed]'],
	['a header as JSON', '{"Authorization":"Bearer xyz"}', '{"Authorization":"[removed]"}'],
	['a header as an assignment', 'authorization=xyz', 'authorization=[removed]'],
	['a client and its secret', 'got basic Y2xpZW50OnNlY3JldA==', 'got [removed]'],
	['a token in a query', '/x?access_token=abc&y=1', '/x?access_token=[removed]&y=1'],
	['a token in JSON', '{"access_token":"abc","n":1}', '{"access_token":"[removed]","n":1}'],
	['a token in spaced JSON', '{ "Access_Token" : "abc" }', '{ "Access_Token" : "[removed]" }'],
	[
		'a token in escaped JSON',
		String.raw`{\"accessToken\":\"abc\"}`,
		String.raw`{\"accessToken\":\"[removed]\"}`,
	],
	['a token in an encoded query', 'x%3Faccess_token%3Dabc', 'x%3Faccess_token%3D[removed]'],
	['a token in encoded JSON', '%22id_token%22%3A%22abc', '%22id_token%22%3A%22[removed]'],
	[
		'a secret in a form',
		'client_id=me&client_secret=s3&x',
		'client_id=me&client_secret=[removed]&x',
	],
	['a secret in prose', 'with the Client Secret: Zq0tYb', 'with the Client Secret: [removed]'],
	['an API key', "X-Api-Key: 'k1'", "X-Api-Key: 'k1'"],
	['a longer API key', 'X-Api-Key: k1-9f3a', 'X-Api-Key: [removed]'],
	['an API key in one word', 'apikey=k1', 'apikey=[removed]'],
	['a password', 'Password=hunter', 'Password=[removed]'],
	[
		'a signed address',
		`https://files.example/a?X-Amz-Signature=${'0a1b2c3d'.repeat(8)}&x=1`,
		'https://files.example/a?[removed]&x=1',
	],
	['a JSON Web Token', 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln!', '[removed]!'],
	['a token with a dot in it', 'ya29.a0AfB3cD4eF5gH6iJ7kL8mN9oP0qR1sT2uV3', 'ya29.[removed]'],
	['a token joined to an ID', `${UID}/kG3v_Zq0-tYb7nLx2PwEr9sUaHdCf4MjQi6oWg1e`, '[removed]'],
	['a token of letters joined to a word', `session-${of(LOWER, 64)('joined')}`, '[removed]'],
	['a token next to an ID', `${UID} kG3v_Zq0-tYb7nLx2PwEr9sUaHdCf4MjQi6oWg1e`, `${UID} [removed]`],
];

const HARMLESS = [
	UID,
	UID.toUpperCase(),
	`${UID}/${UID}_${UID}`,
	UID.replaceAll('-', ''),
	'00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
	'1-67891233-abcdef012345678912345678',
	'01ARZ3NDEKTSV4RRFFQ69G5FAV',
	'req_2026-11-26T00:35:12.345Z_0042',
	'#find_device_by_name_and_serial_number_2026',
	'#find_device_by_name_with_a_very_long_name_that_ends_in_v2_of_2026_11',
	`DESKTOP0A1B2C3/${UID}`,
	'Lieferanten%20Gesellschaft%20Niederlassung%20Braunschweig%20Verwaltung',
	'BASIC AUTHENTICATION IS OFF, BEARER AUTHENTICATION IS ON',
	'LAPTOP-ACME-DE-MUC-000123, DESKTOP-0A1B2C3, DE-MUC-HR-01-PC-0042',
	'MacBook-Pro-of-John-C02XK0AAJGH5',
	'srv-frankfurt-rack02-slot03-blade, aks-nodepool1-12345678-vmss000001',
	'ip-10-120-134-199.eu-central-1.compute.internal',
	'VMware-564d3b5e8c9b1a2f7d0c1b2a3d4e5f60',
	'device.collector.uid, device.days_since_last_seen',
	'/api/v1/data-management/device/deletions',
	'https://acme.api.eu.nexthink.cloud/api/v1/nql/status/4f2b8c1d-0000-4000-8000-000000000001',
	'SERVICE_UNAVAILABLE_BECAUSE_OF_MAINTENANCE_2026',
	'ScheduleDeviceDeletionRequestValidator.validateRequestedDevices',
	'Basic authentication is off, bearer authentication is on, the bearer token is missing',
	'Bearer realm="nexthink", error="invalid_token", error_description="The access token expired"',
	'{"error":"invalid_token","token_type":"Bearer","expires_in":900}',
	'The token: expired. Password: required. Secret: "wrong". Authorization: missing',
	'Der Bearer wurde abgelehnt: Kraftfahrzeughaftpflichtversicherungsgesellschaft',
	'Donaudampfschifffahrtselektrizit\u00e4tenhauptbetriebswerkbauunterbeamtengesellschaft',
	'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch',
	'\u8bbe\u5907\u5df2\u5728\u961f\u5217\u4e2d\u7b49\u5f85\u5220\u9664\u8bf7\u7a0d\u540e\u518d\u8bd5\u6216\u8005\u8054\u7cfb\u7ba1\u7406\u5458\u83b7\u53d6\u66f4\u591a\u5e2e\u52a9',
	'\u0423\u0441\u0442\u0440\u043e\u0439\u0441\u0442\u0432\u043e \u043d\u0435 \u043d\u0430\u0439\u0434\u0435\u043d\u043e: \u0432\u044b\u0441\u043e\u043a\u043e\u043f\u0440\u0435\u0432\u043e\u0441\u0445\u043e\u0434\u0438\u0442\u0435\u043b\u044c\u0441\u0442\u0432\u043e',
	`${'x'.repeat(200)} ${'-'.repeat(200)} ${'='.repeat(60)} ${'0'.repeat(64)}`,
];

describe('what looks like a credential in a text from outside', () => {
	it.each(CREDENTIALS)('is taken out: %s', (_, text, expected) => {
		expect(withoutCredentials(text)).toBe(expected);
	});

	it.each(TOKENS)('is taken out at least 98 times of 100 without a word to it: %s', (_, make) => {
		const missed = Array.from({ length: 500 }, (__, seed) => make(`token ${seed}`)).filter(
			(token) =>
				withoutCredentials(`The token "${token}" expired.`) !== 'The token "[removed]" expired.',
		);
		expect(missed.length).toBeLessThanOrEqual(10);
	});

	it.each(TOKENS)('is always taken out after a word to it: %s', (_, make) => {
		for (let seed = 0; seed < 100; seed++) {
			const token = make(`named ${seed}`);
			expect(withoutCredentials(`Bearer ${token}`)).toBe('[removed]');
			expect(withoutCredentials(`{"access_token":"${token}"}`)).toBe(
				'{"access_token":"[removed]"}',
			);
		}
	});

	it.each(HARMLESS)('is nothing like %s', (text) => {
		expect(withoutCredentials(text)).toBe(text);
	});

	it('is nothing that this project writes', () => {
		const pages = [
			'README.md',
			'SECURITY.md',
			...readdirSync(join(TOP, 'docs')).map((name) => join('docs', name)),
		];
		for (const page of pages.filter((name) => name.endsWith('.md'))) {
			const text = readFileSync(join(TOP, page), 'utf8');
			expect(withoutCredentials(text)).toBe(text);
		}
	});

	it('is looked for in no more than a moment, whatever the text', async () => {
		const took = await cpuMillisecondsOf(() => {
			for (const part of [
				'a',
				'aA0',
				'token',
				'bearer ',
				'%',
				'%3D',
				'eyJ.',
				'-',
				'0f8fad5b-',
				'\\"',
			]) {
				withoutCredentials(part.repeat(20_000 / part.length));
			}
		});
		expect(took).toBeLessThan(2000);
	});
});
