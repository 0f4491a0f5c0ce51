import type { KnownErrorCode } from './errorCodes';
import { failureOfAnswer, failureWithoutAnswer, type Failure } from './failure';

/** What n8n was asked to do when it threw. */
export interface ThrownContext {
	tokenUrl: string;
	/** Whether n8n had a token to send before this request, so that it asked for a new one only after a 401 of the API. */
	hadToken: boolean;
	/** Whether n8n was asked to hand out every status but 401 as an answer: another one that it throws is the login's. */
	statusesAreAnswers: boolean;
	requestId: string;
	/** Milliseconds since 1970. */
	now: number;
}

/** The fields of an error that tell what happened; its `config` holds the bearer and must not get into anything. */
interface Cause {
	code?: unknown;
	message?: unknown;
	status?: unknown;
	body?: unknown;
	config?: { url?: unknown };
	response?: { status?: unknown; headers?: unknown; data?: unknown };
	failure?: { cause?: unknown };
	cause?: unknown;
	/** What n8n 1.123 leaves of the cause. */
	httpCode?: unknown;
	messages?: unknown;
	context?: { data?: unknown };
}

/**
 * Tells what an error thrown by n8n's `httpRequestWithAuthentication` says about the devices of the request. n8n wraps what it met two
 * or three times and replaces the message, so the chain of causes is read instead. Measured in n8n 2.41.1 and 1.123.81.
 */
export function failureOfThrown(error: unknown, context: ThrownContext): Failure {
	const causes = chainOf(error);
	const tokenFailure = failureOfToken(causes, context);
	if (tokenFailure !== undefined) return tokenFailure;
	for (const { response } of causes) {
		if (typeof response?.status === 'number') {
			const headers = { ...(response.headers as Record<string, unknown> | undefined) };
			const answer = { httpStatus: response.status, headers, body: response.data };
			return failureOfAnswer(answer, context.requestId, context.now);
		}
	}
	if (causes.some(({ code }) => NEVER_CONNECTED.has(code))) {
		return failureWithoutAnswer('NETWORK_ERROR', 'NOT_SENT');
	}
	const isTimeout = causes.some(({ code }) => TIMED_OUT.has(code));
	return failureWithoutAnswer(
		isTimeout ? 'TIMEOUT' : 'NETWORK_ERROR',
		'UNKNOWN',
		context.requestId,
	);
}

/** The connection was never made: not a byte of the request left. */
const NEVER_CONNECTED = new Set<unknown>([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'CERT_HAS_EXPIRED',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'ERR_TLS_CERT_ALTNAME_INVALID',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const TIMED_OUT = new Set<unknown>(['ECONNABORTED', 'ETIMEDOUT']);

const LONGEST_CHAIN = 6;

function chainOf(error: unknown): Cause[] {
	const chain: Cause[] = [];
	let link: unknown = error;
	while (typeof link === 'object' && link !== null && chain.length < LONGEST_CHAIN) {
		chain.push(link);
		link = (link as Cause).cause;
	}
	return chain.length === 1 ? [...chain, ...remainderOf(chain[0]!)] : chain;
}

/**
 * n8n 1.123 drops the cause. It keeps the code or the status of what it met, its message and a body that was JSON; headers are lost.
 */
function remainderOf({ httpCode, messages, context }: Cause): Cause[] {
	if (typeof httpCode !== 'string') return [];
	const message: unknown = Array.isArray(messages) ? messages[0] : undefined;
	if (!/^\d{3}$/.test(httpCode)) return [{ code: httpCode, message, body: { error: message } }];
	const status = Number(httpCode);
	return OAUTH2_CLIENT_WORDS.some((words) => startsWith(message, words))
		? [{ code: 'ESTATUS', status, message }]
		: [{ response: { status, data: context?.data }, message }];
}

/** How the messages of n8n's OAuth2 client begin; those of a request begin otherwise. */
const OAUTH2_CLIENT_WORDS = ['HTTP status ', 'Unsupported content type'];

/** What n8n's OAuth2 client calls an answer that is no token. */
const TOKEN_REFUSED = new Set<unknown>(['ESTATUS', 'EAUTH']);

/** Words of RFC 6749 and of common login servers that speak of a moment, not of the client. */
const TEMPORARY = new Set<unknown>([
	'server_error',
	'slow_down',
	'temporarily_unavailable',
	'too_many_requests',
]);

function failureOfToken(
	causes: readonly Cause[],
	{ tokenUrl, hadToken, statusesAreAnswers, requestId }: ThrownContext,
): Failure | undefined {
	const first = causes.some(({ message }) => startsWith(message, 'Failed to acquire OAuth2'));
	const unsigned = causes.some(({ message }) => startsWith(message, 'Unable to sign without'));
	const ofToken =
		first ||
		unsigned ||
		causes.some(
			({ code, config, response, failure }) =>
				TOKEN_REFUSED.has(code) ||
				config?.url === tokenUrl ||
				(statusesAreAnswers && config === undefined && isOtherThan401(response?.status)) ||
				failure?.cause === 'credential-invalid',
		);
	if (!ofToken) return undefined;
	const httpStatus = statusOf(causes);
	// Where n8n keeps causes it says so of a first token. What it asked for later followed a 401, to a first token as well.
	const keepsCauses = causes[0]?.cause !== undefined;
	const neverSent = first || (!hadToken && (unsigned || !keepsCauses));
	const code = tokenCode(causes, httpStatus);
	const failure = neverSent
		? failureWithoutAnswer(code, 'NOT_SENT')
		: failureWithoutAnswer(code, 'REJECTED', requestId);
	return { ...failure, httpStatus };
}

function tokenCode(causes: readonly Cause[], httpStatus: number | null): KnownErrorCode {
	const said = causes.map(({ body }) => (body as { error?: unknown } | undefined)?.error);
	if (said.some((word) => TEMPORARY.has(word))) return 'TOKEN_UNAVAILABLE';
	const isRefusal =
		httpStatus === null
			? causes.some(
					({ code, failure }) => code === 'EAUTH' || failure?.cause === 'credential-invalid',
				)
			: httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 && httpStatus !== 429;
	return isRefusal ? 'UNAUTHORIZED' : 'TOKEN_UNAVAILABLE';
}

function isOtherThan401(status: unknown): boolean {
	return typeof status === 'number' && status !== 401;
}

function statusOf(causes: readonly Cause[]): number | null {
	for (const { status, response } of causes) {
		if (typeof status === 'number') return status;
		if (typeof response?.status === 'number') return response.status;
	}
	return null;
}

function startsWith(message: unknown, beginning: string): boolean {
	return typeof message === 'string' && message.startsWith(beginning);
}
