import { describe, expect, it } from 'vitest';

import { chainOf, connectionFaultOf } from '../../../nodes/Nexthink/api/connectionFault.ts';

const ADDRESS = 'https://acme.api.eu.nexthink.cloud/api/v1/data-management/device/deletions';

const read = (error: unknown, address = ADDRESS) => connectionFaultOf(chainOf(error), address);

// The shapes below were printed from errors that n8n 2.41.1 and 1.123.81 threw; fields that nothing reads are left out.

/** What axios makes of an error of Node. */
const thrown = (
	cause: { code?: string; message?: string; syscall?: string },
	request?: object,
) => ({
	name: 'Error',
	isAxiosError: true,
	...cause,
	config: { headers: { Authorization: 'Bearer canary' } },
	...(request && { request }),
	cause,
});

const connecting = (code: string) =>
	thrown({ code, message: `connect ${code} 203.0.113.9:443`, syscall: 'connect' });

const CERTIFICATES: Array<[code: string, words: string]> = [
	['CERT_HAS_EXPIRED', 'its certificate has expired'],
	['CERT_NOT_YET_VALID', "its certificate isn't valid yet"],
	['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another host name'],
	['DEPTH_ZERO_SELF_SIGNED_CERT', "its certificate isn't trusted"],
	['SELF_SIGNED_CERT_IN_CHAIN', "its certificate isn't trusted"],
	['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', "its certificate isn't trusted"],
	['UNABLE_TO_VERIFY_LEAF_SIGNATURE', "its certificate isn't trusted"],
];

const HOST = 'Check Region and Instance in the credential.';
const NO_PROXY = 'Check that no proxy responds instead of Nexthink.';

describe('a connection that could not be made', () => {
	it.each(CERTIFICATES)('because of %s: nothing was sent, %s', (code, words) => {
		expect(read(thrown({ code }))).toMatchObject({ code, words, neverSent: true });
	});

	it.each([
		['ECONNREFUSED', 'the connection was refused'],
		['ECONNRESET', 'the connection was closed before the response was complete'],
		['EHOSTUNREACH', "there's no network route to it"],
		['ENETUNREACH', "there's no network route to it"],
		['ETIMEDOUT', 'the connection attempt timed out'],
	])('because of %s while connecting: nothing was sent, %s', (code, words) => {
		expect(read(connecting(code))).toMatchObject({ code, words, neverSent: true });
	});

	it.each([
		['CERT_HAS_EXPIRED', `Check the clock of the machine that runs n8n. ${NO_PROXY}`],
		['CERT_NOT_YET_VALID', `Check the clock of the machine that runs n8n. ${NO_PROXY}`],
		['ERR_TLS_CERT_ALTNAME_INVALID', `${HOST} ${NO_PROXY}`],
		['ECONNREFUSED', `${HOST} Check that the firewall lets n8n connect to Nexthink.`],
		['EHOSTDOWN', 'Check that the firewall lets n8n connect to Nexthink.'],
		['ENOTFOUND', `${HOST} Check the DNS settings of the machine that runs n8n.`],
		['EPIPE', 'Check the proxies and firewalls between n8n and Nexthink.'],
		['EPROTO', `${NO_PROXY} Check that the address has no other port than that of HTTPS.`],
	])('because of %s leads to the place where it can be mended', (code, advice) => {
		expect(read(thrown({ code })).advice).toBe(advice);
	});

	it.each([
		...['ERR_BAD_REQUEST', 'ERR_NETWORK', 'ECONNABORTED', 'Econnreset', 'eCONNRESET', 'ECONNRESEt'],
		...['ECONN RESET', '', 7],
	])(
		'with %j, which is no code of Node, is told by the code behind it, if there is one',
		(code) => {
			const outer = { name: 'AxiosError', message: 'x', code };
			expect(read(outer)).toStrictEqual({ neverSent: false });
			expect(read({ ...outer, cause: { code: 'ENETDOWN', message: 'y' } }).code).toBe('ENETDOWN');
		},
	);

	it('because of a code that nothing is known of: nothing was sent', () => {
		expect(read(connecting('ESOMETHING'))).toEqual({ code: 'ESOMETHING', neverSent: true });
	});

	it.each(['ENOTFOUND', 'EAI_AGAIN'])('because of %s: its name was not found', (code) => {
		const message = `getaddrinfo ${code} acme.api.eu.nexthink.cloud`;
		const fault = read(thrown({ code, message, syscall: 'getaddrinfo' }));
		expect(fault).toMatchObject({ code, words: "its host name wasn't found", neverSent: true });
	});

	it('to any of several addresses is told by the first', () => {
		const errors = ['::1', '127.0.0.1'].map((host) => ({
			code: 'ECONNREFUSED',
			message: `connect ECONNREFUSED ${host}:443`,
			syscall: 'connect',
		}));
		const error = thrown({ code: 'ECONNREFUSED', message: '' });
		expect(read({ ...error, cause: { ...error.cause, errors } })).toMatchObject({
			code: 'ECONNREFUSED',
			words: 'the connection was refused',
			neverSent: true,
		});
	});

	it.each(['ECONNRESET', 'EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'])(
		'because TLS was not agreed on (%s): nothing was sent',
		(code) => {
			const fault = read(thrown({ code }, { socket: { secureConnecting: true } }));
			expect(fault).toMatchObject({ code, words: 'the TLS handshake failed', neverSent: true });
		},
	);

	it.each([
		['CERT_HAS_EXPIRED', 'its certificate has expired'],
		['ETIMEDOUT', 'the connection attempt timed out'],
	])('is told by its code before TLS was agreed on, too: %s', (code, words) => {
		const fault = read(thrown({ code }, { socket: { secureConnecting: true } }));
		expect(fault).toMatchObject({ code, words, neverSent: true });
	});

	it.each([
		['connect ECONNREFUSED 127.0.0.1:80', 'http://localhost/x'],
		['cannot connect to port:8080', ADDRESS],
		['no getaddrinfo for proxy.corp.example', ADDRESS],
		['connect ECONNREFUSED 127.0.0.1:443', 'https://localhost/x'],
		['connect ECONNREFUSED 127.0.0.1:8443', 'https://localhost:8443/x'],
	])('to Nexthink is not told of a proxy: %s', (message, address) => {
		const fault = read(thrown({ code: 'ECONNREFUSED', message, syscall: 'connect' }), address);
		expect(fault.words).toBe('the connection was refused');
	});

	it.each([
		['by its name', 'getaddrinfo ENOTFOUND proxy.corp.example', ADDRESS],
		['by its port', 'connect ECONNREFUSED 10.0.0.1:3128', ADDRESS],
		['by its port, IPv6', 'connect ECONNREFUSED ::1:3128', ADDRESS],
		['beside a port', 'connect ECONNREFUSED 10.0.0.1:3128', 'https://localhost:8443/x'],
		['beside HTTP', 'connect ECONNREFUSED 10.0.0.1:3128', 'http://localhost/x'],
	])('to a proxy is told from one to Nexthink, %s', (_, message, address) => {
		const code = message.split(' ')[1]!;
		expect(read(thrown({ code, message, syscall: message.split(' ')[0] }), address)).toMatchObject({
			code,
			words: "n8n's proxy couldn't be reached",
			neverSent: true,
		});
	});

	it('because the proxy hung up: nothing was sent', () => {
		const message = 'Proxy connection ended before receiving CONNECT response';
		expect(read(thrown({ message }, { socket: null }))).toMatchObject({
			words: "n8n's proxy rejected the connection",
			neverSent: true,
		});
	});

	it.each(['SsrfBlockedIpError', 'SsrfBlockedHostnameError'])(
		"because of n8n's own protection (%s): nothing was sent",
		(name) => {
			expect(read({ name, message: 'The request was blocked' })).toMatchObject({
				words: 'n8n blocked the address',
				neverSent: true,
			});
		},
	);
});

describe('a connection that broke', () => {
	it.each(['ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'HPE_INVALID_CONSTANT', 'ERR_SSL_WRONG_VERSION'])(
		'with %s later than that may have carried the request',
		(code) => {
			const socket = { secureConnecting: false };
			const error = thrown({ code, message: `read ${code}`, syscall: 'read' }, { socket });
			expect(read(error)).toMatchObject({ code, neverSent: false });
		},
	);

	it.each<[what: string, error: unknown]>([
		['undefined', undefined],
		['null', null],
		['a text', 'ECONNREFUSED'],
		['an empty object', {}],
		['a plain error', new Error('Something else')],
		['a request that tells nothing', { request: {} }],
		['a request that is none', { request: 'GET' }],
		['null for its request', { request: null }],
		['a code that is no text', { code: 5 }],
		['a list for its code', { code: ['ECONNRESET'] }],
		['a code of axios', { code: 'ERR_CANCELED' }],
		['a message that is no text', { message: { startsWith: 1 } }],
	])('with %s may have carried the request', (_, error) => {
		expect(read(error)).toEqual({ neverSent: false });
	});

	it('shows nothing of the bearer', () => {
		for (const code of ['ECONNRESET', 'CERT_HAS_EXPIRED']) {
			expect(JSON.stringify(read(thrown({ code })))).not.toContain('canary');
		}
	});
});
