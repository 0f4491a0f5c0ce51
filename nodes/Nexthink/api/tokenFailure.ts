import {
	CHECK_HOST,
	CHECK_PROXY,
	chainOf,
	connectionFaultOf,
	type ThrownError,
} from './connectionFault';
import { failureWithoutAnswer, withCause, type Failure } from './failure';

/** The fields of an error of the login that tell what happened. Measured in n8n 2.41.1 and 1.123.81. */
interface TokenError extends ThrownError {
	status?: unknown;
	body?: unknown;
	response?: { status?: unknown };
	failure?: { cause?: unknown };
	/** What n8n 1.123 leaves of the cause: its status or code, and its message. */
	httpCode?: unknown;
	messages?: unknown;
}

/** Words that speak of a moment, not of the client; n8n 1.123 keeps a sentence of its own instead. */
const TEMPORARY =
	/^(?:server_error|slow_down|temporarily_unavailable|too_many_requests)$|^The authorization server (?:encountered|is currently)/;

/**
 * The words of RFC 6749 for a client that is refused, and what frameworks say with 401. n8n keeps no status of an answer with an `error`
 * in it, and a proxy or a gateway has such answers, too: "Not Found", "rate_limit_exceeded". n8n 1.123 keeps a sentence of its own instead.
 */
const REFUSAL =
	/^(?:access_denied|invalid_(?:client|grant|request|scope)|unauthorized(?:_client)?|unsupported_grant_type)$|^(?:Client authentication failed|The (?:authorization grant type|client is not authorized|provided authorization grant|request is missing|requested scope|resource owner))/i;

/**
 * Tells why n8n has no token for a request. It wraps what it met two or three times and replaces the message, so the chain of causes is
 * read instead.
 *
 * @returns a failure that says nothing yet of whether a request had left before
 */
export function failureOfToken(error: unknown, tokenUrl: string): Failure {
	const chain = tokenErrors(error);
	const httpStatus = statusOf(chain);
	const answer = oauthAnswerOf(chain);
	if (httpStatus === 401 || answer === 'refusal') {
		return { ...failureWithoutAnswer('UNAUTHORIZED', 'NOT_SENT'), httpStatus };
	}
	const failure = { ...failureWithoutAnswer('TOKEN_UNAVAILABLE', 'NOT_SENT'), httpStatus };
	if (answer === 'for a moment') return failure;
	if (httpStatus === null && answer === undefined && !chain.some(isAnswerWithoutToken)) {
		return withCause(failure, connectionFaultOf(chain, tokenUrl));
	}
	const mayBeBusy = httpStatus === 429 || (httpStatus ?? 0) >= 500;
	return withCause(failure, {
		words: `${mayBeBusy ? "it isn't available, or " : ''}another server, such as a proxy, responded`,
		advice: `${CHECK_HOST} ${CHECK_PROXY}`,
	});
}

/** n8n 1.123 drops the cause. It keeps the code or the status of what it met, and its message. */
function tokenErrors(error: unknown): TokenError[] {
	const chain: TokenError[] = chainOf(error);
	const [outermost] = chain;
	if (chain.length !== 1 || typeof outermost?.httpCode !== 'string') return chain;
	const { httpCode, messages } = outermost;
	const message: unknown = Array.isArray(messages) ? messages[0] : undefined;
	return [...chain, { status: Number(httpCode) || undefined, code: httpCode, message }];
}

/** n8n's OAuth2 client throws EAUTH for any JSON with an `error` in it, and keeps no status then. */
function oauthAnswerOf(
	chain: readonly TokenError[],
): 'for a moment' | 'of another server' | 'refusal' | undefined {
	// n8n's own error where it wants the credential to be connected again.
	if (chain.some(({ failure }) => failure?.cause === 'credential-invalid')) return 'refusal';
	const thrown = chain.find(({ code }) => code === 'EAUTH');
	if (thrown === undefined) return undefined;
	const word = (thrown.body as { error?: unknown } | undefined)?.error;
	const said = String(word ?? thrown.message);
	if (TEMPORARY.test(said)) return 'for a moment';
	return REFUSAL.test(said) ? 'refusal' : 'of another server';
}

/** A 200 that holds no token, or is no JSON at all. */
function isAnswerWithoutToken({ name, message }: TokenError): boolean {
	return name === 'SyntaxError' || String(message).startsWith('Unable to sign without');
}

function statusOf(chain: readonly TokenError[]): number | null {
	const statuses = chain.flatMap(({ status, response }) => [status, response?.status]);
	return statuses.find((status) => typeof status === 'number') ?? null;
}
