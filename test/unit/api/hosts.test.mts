import { describe, expect, it } from 'vitest';

import { hostsOf, PATHS } from '../../../nodes/Nexthink/api/hosts.ts';
import { NQL_PATHS } from '../../simulator/client.mts';
import { DELETIONS_PATH } from '../../simulator/request-log.mts';
import { BAD_FIELDS, GOOD_FIELDS, GOOD_URLS, named } from './host-fields.mts';
import { cpuMillisecondsOf } from '../cpu-time.mts';

describe('the routes of the API', () => {
	it('are those that a tenant has', () => {
		expect(PATHS).toEqual({
			deletions: DELETIONS_PATH,
			executeQuery: NQL_PATHS.execute,
			exportQuery: NQL_PATHS.export,
			exportStatus: NQL_PATHS.status,
		});
	});
});

describe('the hosts of a credential', () => {
	it.each(GOOD_FIELDS.map(named))('follow from %s', (_, { fields, hosts }) => {
		expect(hostsOf(fields)).toEqual(hosts);
	});

	it.each(BAD_FIELDS.map(named))('are refused, naming the field, for %s', (_, row) => {
		const hosts = hostsOf(row.fields);
		expect(Object.keys(hosts)).toEqual(['refused']);
		const { refused } = hosts as { refused: string };
		if (row.refused === undefined) expect(refused).toMatch(new RegExp(`^${row.label} must `));
		else expect(refused).toBe(row.refused);
	});

	it('have no slash at the end of the API base, so that a path can follow', () => {
		const tokenUrl = 'https://login.example/token';
		for (const url of GOOD_URLS) {
			const hosts = hostsOf({ region: 'custom', apiBaseUrl: `${url}//`, tokenUrl });
			expect(hosts).toEqual({ apiBaseUrl: url, tokenUrl });
		}
	});

	it('use http for this machine alone, as JavaScript reads the address', () => {
		for (const { fields } of GOOD_FIELDS) {
			for (const url of Object.values(hostsOf(fields))) {
				const { protocol, hostname, username, password, search, hash } = new URL(url as string);
				expect([username, password, search, hash]).toEqual(['', '', '', '']);
				if (protocol === 'https:') continue;
				expect(protocol).toBe('http:');
				expect(hostname).toMatch(/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/);
			}
		}
	});

	it('take no longer than a moment for a hostile text', async () => {
		const took = await cpuMillisecondsOf(() => {
			for (const text of ['a'.repeat(100_000), 'a-'.repeat(50_000), 'a.'.repeat(50_000)]) {
				hostsOf({ region: 'eu', instance: text });
				hostsOf({ region: 'eu', instance: `https://${text}.eu.nexthink.cloud` });
				hostsOf({ region: 'eu', instance: `acme.eu.nexthink.cloud/${text} ` + text });
				hostsOf({ region: 'custom', apiBaseUrl: `https://${text}_`, tokenUrl: '' });
			}
		});
		expect(took).toBeLessThan(2000);
	});
});
