import { createSign, generateKeyPairSync } from 'node:crypto';
import tls from 'node:tls';

/** What a TLS server on loopback shows and proves itself with; PEM. */
export interface ServerIdentity {
	key: string;
	cert: string;
}

const DAY = 86_400_000;

/**
 * Makes a certificate that is signed by nobody but itself: X.509 (RFC 5280) in DER, with the fewest fields that TLS needs.
 *
 * @param name DNS name or IPv4 address that it is for
 * @param days for how many days from now on it is valid; less than 0: it has expired
 */
export function selfSigned(name: string, days = 1): ServerIdentity {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const signing = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
	const subject = sequence(
		der(0x31, sequence(objectId(0x55, 0x04, 0x03), der(0x0c, Buffer.from(name)))),
	);
	const octets = name.split('.').map(Number);
	const alternative = octets.every((octet) => octet >= 0)
		? der(0x87, Buffer.from(octets))
		: der(0x82, Buffer.from(name));
	const extension = sequence(objectId(0x55, 0x1d, 0x11), der(0x04, sequence(alternative)));
	const now = Date.now();
	const body = sequence(
		der(0xa0, der(0x02, Buffer.from([2]))),
		der(0x02, Buffer.from([1])),
		signing,
		subject,
		sequence(time(now - 10 * DAY), time(now + days * DAY)),
		subject,
		publicKey.export({ type: 'spki', format: 'der' }),
		der(0xa3, sequence(extension)),
	);
	const signature = createSign('sha256').update(body).sign(privateKey);
	const whole = sequence(body, signing, der(0x03, Buffer.from([0]), signature));
	const base64 = whole.toString('base64').replace(/.{64}/g, '$&\n');
	return {
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
		cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
	};
}

/** Has this process trust a certificate, as NODE_EXTRA_CA_CERTS would, until the returned function is called. */
export function trust({ cert }: ServerIdentity): () => void {
	const { createSecureContext } = tls;
	tls.createSecureContext = (options) => {
		const context = createSecureContext(options);
		(context.context as { addCACert(cert: string): void }).addCACert(cert);
		return context;
	};
	return () => {
		tls.createSecureContext = createSecureContext;
	};
}

function der(tag: number, ...parts: Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	const { length } = content;
	const lengthBytes =
		length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...lengthBytes]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
	return der(0x30, ...parts);
}

function objectId(...bytes: number[]): Buffer {
	return der(0x06, Buffer.from(bytes));
}

/** GeneralizedTime. */
function time(milliseconds: number): Buffer {
	const digits = new Date(milliseconds).toISOString().replace(/\D/g, '').slice(0, 14);
	return der(0x18, Buffer.from(`${digits}Z`));
}
