import { describe, expect, it } from 'vitest';

import {
	domainOf,
	hostOf,
	looseHostKey,
	whyNoHost,
} from '../../../nodes/Nexthink/lookUp/hostName.ts';

describe('a name', () => {
	it.each([
		['pc1', 'pc1', ''],
		['pc1.corp.example', 'pc1', 'corp.example'],
		['PC1.Corp.Example', 'PC1', 'corp.example'],
		['pc1.corp.example.', 'pc1', 'corp.example'],
		['pc1.corp.example ', 'pc1', 'corp.example'],
		['pc1.', 'pc1', ''],
		['pc1..', 'pc1', ''],
		[' pc1.corp', ' pc1', 'corp'],
		['.corp', '', 'corp'],
		['', '', ''],
	])('%j has the host name %j and the domain %j', (name, host, domain) => {
		expect(hostOf(name)).toBe(host);
		expect(domainOf(name)).toBe(domain);
	});

	it.each([
		[
			'pc1',
			'PC1.corp.example',
			'pc1.',
			' pc1 .x',
			'ｐｃ1.corp',
			'pc1．corp',
			'pc1。corp',
			'pc1｡corp',
		],
		['straße.a', 'STRASSE.b', 'strasse'],
		['', '.corp', ' . '],
	])('%j has the same host name, for all that Nexthink might see, as others', (name, ...others) => {
		for (const other of others) {
			expect([other, looseHostKey(other)]).toEqual([other, looseHostKey(name)]);
		}
	});

	it.each([
		['pc1', 'pc10'],
		['pc1.corp', 'pc2.corp'],
		['pc1', 'pc1-corp'],
	])('%j has another host name than %j', (name, other) => {
		expect(looseHostKey(name)).not.toBe(looseHostKey(other));
	});

	it.each([
		...['pc1', 'pc1.corp.example', 'pc1.', '10', '10-0-0-1.corp.example', '10.corp', '1pc.2'],
		...['fe80--1.ipv6-literal.net', 'ПК1.домен', ' pc1 '],
	])('%j has a host name', (name) => {
		expect(whyNoHost(name)).toBeUndefined();
	});

	it.each([
		...['10.0.0.1', ' 10.0.0.1 ', '10.0.0.1.', '192.168.1', '999.999.999.999'],
		...['fe80::1', '::1', '[2001:db8::1]', 'fe80::1%eth0', '::ffff:10.0.0.1'],
	])('%j is an IP address without one', (name) => {
		expect(whyNoHost(name)).toBe(
			'The name is an IP address, which has no host name. Look up the device by its name.',
		);
	});

	it.each(['.corp.example', ' .corp', '.', '..', ' . ', '.1', ''])(
		'%j has none before its first dot',
		(name) => {
			expect(whyNoHost(name)).toBe('The name is empty before its first dot.');
		},
	);
});
