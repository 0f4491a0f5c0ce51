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

	it.each(['.corp.example', ' .corp', '.', '..', ' . ', '.1', '', '\u00ad.corp'])(
		'%j has none before its first dot',
		(name) => {
			expect(whyNoHost(name)).toBe('The name is empty before its first dot.');
		},
	);
});

describe('the loose key of a host name', () => {
	it.each([
		['PC1', 'pc1', 'pc1.corp.example', 'Pc1.', ' pc1 ', 'pc1 .corp', 'pc1\u00a0.corp'],
		// Other dots, of which Nexthink or an inventory might have any.
		['pc1', 'pc1\uff0ecorp', 'pc1\u2024corp', 'pc1\u3002corp', 'pc1\uff61corp', 'ｐｃ1．corp'],
		['pc1', 'pc\u200b1', 'pc1\u00ad.corp', '\u2060pc1', 'pc\u034f1.corp', 'pc1\u200b\uff0ecorp'],
		['straße.corp', 'STRASSE', 'straẞe.home'],
	])('is the same for %j and whatever might be taken for it', (name, ...others) => {
		for (const other of others) {
			expect([other, looseHostKey(other)]).toEqual([other, looseHostKey(name)]);
		}
	});

	it.each([
		['pc1', 'pc10'],
		['pc1', 'pc1-corp'],
		['pc1', 'pc1,corp'],
		['pc1.a', 'pc2.a'],
		['pc1', '.pc1'],
	])('is another one for %j and %j', (one, other) => {
		expect(looseHostKey(one)).not.toBe(looseHostKey(other));
	});
});
