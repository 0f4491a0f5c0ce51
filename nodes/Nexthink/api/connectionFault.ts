/** What Node, and n8n on top of it, tell of a connection that failed. `config` and `request` hold the bearer and must not get into anything. */
export interface ThrownError {
	name?: unknown;
	code?: unknown;
	message?: unknown;
	syscall?: unknown;
	/** Of several addresses of one name, each has its own. */
	errors?: unknown;
	request?: unknown;
	cause?: unknown;
}

/** Why a connection failed. */
export interface ConnectionFault {
	/** Node's own code, for people who search for it. */
	code?: string;
	/** What happened to it, as a sentence goes on after a colon. */
	words?: string;
	/** What to do, in sentences. */
	advice?: string;
	/** Whether not a byte of the request left. Where nothing tells, it may have left. */
	neverSent: boolean;
}

interface Cause {
	words: string;
	advice: string;
}

/** What the advice begins with where the address may be wrong that the credential leads to, or another server may have answered. */
export const CHECK_HOST = 'Check Region and Instance in the credential.';
export const CHECK_PROXY = 'Check that no proxy responds instead of Nexthink.';

const CHECK_FIREWALL = 'Check that the firewall lets n8n connect to Nexthink.';

/** The causes that have several codes, and those that have none. */
export const CAUSES = {
	UNTRUSTED: {
		words: "its certificate isn't trusted",
		advice:
			'If your network inspects TLS connections, save its root certificate on the machine that runs n8n. Set NODE_EXTRA_CA_CERTS to the path of that file. Restart n8n.',
	},
	UNREACHABLE: { words: "there's no network route to it", advice: CHECK_FIREWALL },
	NOT_FOUND: {
		words: "its host name wasn't found",
		advice: `${CHECK_HOST} Check the DNS settings of the machine that runs n8n.`,
	},
	CLOSED: {
		words: 'the connection was closed before the response was complete',
		advice: 'Check the proxies and firewalls between n8n and Nexthink.',
	},
	HANDSHAKE: {
		words: 'the TLS handshake failed',
		advice: `${CHECK_PROXY} Check that the address has no other port than that of HTTPS.`,
	},
	/** Also said of a server that could not be connected in time, whatever the code. */
	SLOW: { words: 'the connection attempt timed out', advice: CHECK_FIREWALL },
	PROXY: {
		words: "n8n's proxy couldn't be reached",
		advice: 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY of n8n. Check that the proxy is running.',
	},
	BLOCKED: {
		words: 'n8n blocked the address',
		advice:
			'Ask your n8n administrator to add the host to N8N_SSRF_ALLOWED_HOSTNAMES. n8n blocks internal addresses.',
	},
	/** What a proxy answers in place of a connection to the server behind it. */
	REFUSED_BY_PROXY: {
		words: "n8n's proxy rejected the connection",
		advice:
			'Check HTTPS_PROXY and NO_PROXY of n8n. Ask your network team to allow the hosts of your Nexthink tenant.',
	},
} as const satisfies Record<string, Cause>;

/** Codes of certificates that are refused, which happens before anything is sent. */
const CERTIFICATES: Partial<Record<string, Cause>> = {
	CERT_HAS_EXPIRED: {
		words: 'its certificate has expired',
		advice: `Check the clock of the machine that runs n8n. ${CHECK_PROXY}`,
	},
	CERT_NOT_YET_VALID: {
		words: "its certificate isn't valid yet",
		advice: `Check the clock of the machine that runs n8n. ${CHECK_PROXY}`,
	},
	ERR_TLS_CERT_ALTNAME_INVALID: {
		words: 'its certificate is for another host name',
		advice: `${CHECK_HOST} ${CHECK_PROXY}`,
	},
	CERT_SIGNATURE_FAILURE: CAUSES.UNTRUSTED,
	CERT_UNTRUSTED: CAUSES.UNTRUSTED,
	DEPTH_ZERO_SELF_SIGNED_CERT: CAUSES.UNTRUSTED,
	SELF_SIGNED_CERT_IN_CHAIN: CAUSES.UNTRUSTED,
	UNABLE_TO_GET_ISSUER_CERT: CAUSES.UNTRUSTED,
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CAUSES.UNTRUSTED,
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: CAUSES.UNTRUSTED,
};

const CAUSES_BY_CODE: Partial<Record<string, Cause>> = {
	...CERTIFICATES,
	EAI_AGAIN: CAUSES.NOT_FOUND,
	ECONNREFUSED: {
		words: 'the connection was refused',
		advice: `${CHECK_HOST} ${CHECK_FIREWALL}`,
	},
	ECONNRESET: CAUSES.CLOSED,
	EHOSTDOWN: CAUSES.UNREACHABLE,
	EHOSTUNREACH: CAUSES.UNREACHABLE,
	ENETDOWN: CAUSES.UNREACHABLE,
	ENETUNREACH: CAUSES.UNREACHABLE,
	ENOTFOUND: CAUSES.NOT_FOUND,
	EPIPE: CAUSES.CLOSED,
	EPROTO: CAUSES.HANDSHAKE,
	ETIMEDOUT: CAUSES.SLOW,
};

const LONGEST_CHAIN = 6;

/** An error and those that it was made of, the outermost first. */
export function chainOf(error: unknown): ThrownError[] {
	const chain: ThrownError[] = [];
	let link = error;
	while (typeof link === 'object' && link !== null && chain.length < LONGEST_CHAIN) {
		const thrown: ThrownError = link;
		chain.push(thrown);
		link = thrown.cause ?? (Array.isArray(thrown.errors) ? thrown.errors[0] : undefined);
	}
	return chain;
}

/**
 * Tells why a connection failed, and whether anything of the request may have left.
 *
 * @param chain as n8n or `chainOf` yield it
 * @param address of the server that was to be reached, which tells a proxy from it
 */
export function connectionFaultOf(chain: readonly ThrownError[], address: string): ConnectionFault {
	const code = chain.map((link) => link.code).find((each) => isNodeCode(each));
	const isUnfinished = chain.some(({ request }) => isWithoutConnection(request));
	const isBlocked = chain.some(({ name }) => String(name).startsWith('SsrfBlocked'));
	const ofConnecting = chain.some(
		({ syscall }) => syscall === 'connect' || syscall === 'getaddrinfo',
	);
	const cause = isBlocked
		? CAUSES.BLOCKED
		: (proxyCauseOf(chain, address) ?? causeOf(code, isUnfinished));
	return {
		...cause,
		...(code !== undefined && { code }),
		neverSent:
			isBlocked || isUnfinished || ofConnecting || (code !== undefined && code in CERTIFICATES),
	};
}

function causeOf(code: string | undefined, isUnfinished: boolean): Cause | undefined {
	if (code === undefined) return undefined;
	const cause = CAUSES_BY_CODE[code];
	if (cause === CAUSES.CLOSED && isUnfinished) return CAUSES.HANDSHAKE;
	return cause ?? (/^ERR_(?:SSL|TLS)_/.test(code) ? CAUSES.HANDSHAKE : undefined);
}

/** axios has codes of its own, which say nothing of the connection. */
function isNodeCode(code: unknown): code is string {
	return (
		typeof code === 'string' &&
		/^[A-Z][A-Z0-9_]+$/.test(code) &&
		!/^ERR_(?!SSL|TLS)/.test(code) &&
		code !== 'ECONNABORTED'
	);
}

/** Node sends nothing before a request has a connection, and over TLS nothing before the handshake is done. */
function isWithoutConnection(request: unknown): boolean {
	if (typeof request !== 'object' || request === null || !('socket' in request)) return false;
	const socket = request.socket as { secureConnecting?: unknown } | null | undefined;
	return !socket || socket.secureConnecting === true;
}

/** Node's messages name the other side: "connect ECONNREFUSED 10.0.0.1:3128", "getaddrinfo ENOTFOUND proxy.corp.example". */
function proxyCauseOf(chain: readonly ThrownError[], address: string): Cause | undefined {
	const { protocol, hostname, port } = new URL(address);
	const ownPort = port || (protocol === 'http:' ? '80' : '443');
	for (const { message } of chain) {
		const said = String(message);
		if (said.startsWith('Proxy connection ended')) return CAUSES.REFUSED_BY_PROXY;
		const otherPort = /^connect \w+ \S+:(\d+)\b/.exec(said)?.[1] ?? ownPort;
		const otherHost = /^getaddrinfo \w+ (\S+)/.exec(said)?.[1] ?? hostname;
		if (otherPort !== ownPort || otherHost !== hostname) return CAUSES.PROXY;
	}
	return undefined;
}
