import { compact } from 'lodash';
import type { IExecuteFunctions, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { CAUSES, chainOf, connectionFaultOf } from './connectionFault';
import {
	correlationIdsOf,
	failureOfAnswer,
	failureWithoutAnswer,
	withCause,
	type Failure,
	type HttpAnswer,
} from './failure';
import { isByteStream, readBody } from './readBody';
import { failureOfToken } from './tokenFailure';

export const CREDENTIAL_TYPE = 'nexthinkOAuth2Api';

/** One request, and within which time it may be made. */
export interface AttemptOptions {
	method: 'GET' | 'POST';
	url: string;
	tokenUrl: string;
	body?: object;
	headers?: Record<string, string>;
	requestId: string;
	/** Milliseconds for the whole of it, token and answer included. */
	timeout: number;
	/** From then on it does not leave any more; what has left by then is waited for. */
	halted?: AbortSignal;
	/** Bytes that the answer may have; default: more than any answer to a deletion. */
	longestBody?: number;
}

/**
 * One attempt to have a request answered. n8n adds the bearer, fetches a token where none is stored and renews it once after a 401; its
 * requests for tokens obey no signal. So the attempt lets n8n do all that with a context whose function for the request itself is its
 * own: it refuses once the time is over, which leaves nothing to follow a late token, and it knows for certain what has left.
 */
export class Attempt {
	private readonly deadline: AbortSignal;

	private readonly cancel: AbortSignal | undefined;

	/** Ends what has left. */
	private readonly end: AbortSignal;

	/** Nothing leaves any more. */
	private readonly over: AbortSignal;

	/** The 401 after which n8n renews the token: until more is known, Nexthink has refused the request. */
	private refusal?: HttpAnswer;

	/** What became of the request where it left without an answer, or found no way. */
	private failure?: Failure;

	private isUnderWay = false;

	private giveUp: () => void = () => {};

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly options: AttemptOptions,
	) {
		this.deadline = AbortSignal.timeout(options.timeout);
		this.cancel = context.getExecutionCancelSignal();
		this.end = AbortSignal.any(compact([this.deadline, this.cancel]));
		this.over = AbortSignal.any(compact([this.end, options.halted]));
	}

	/** Never throws: whatever n8n throws comes back as the failure that it means. */
	async outcome(): Promise<HttpAnswer | Failure> {
		if (this.over.aborted) return this.failureOfToken();
		const tooLate = new Promise<undefined>((resolve) => {
			this.giveUp = () => {
				if (this.over.aborted && !this.isUnderWay) resolve(undefined);
			};
		});
		this.over.addEventListener('abort', this.giveUp);
		try {
			const answer = await Promise.race([this.call(), tooLate]);
			return answer === undefined ? this.failureOfToken() : await this.read(answer);
		} catch (error) {
			if (this.failure !== undefined) return this.failure;
			// What has left may have arrived, whatever went wrong then.
			const { requestId } = this.options;
			if (this.isUnderWay) return failureWithoutAnswer('NETWORK_ERROR', 'UNKNOWN', requestId);
			return this.failureOfToken(error);
		} finally {
			this.over.removeEventListener('abort', this.giveUp);
		}
	}

	private async call(): Promise<IN8nHttpFullResponse> {
		const { context } = this;
		const { method, url, body, headers, requestId, timeout } = this.options;
		// n8n sends the request, and its repeat, by this function of the context that it is called with (measured in 2.41.1 and 1.123.81).
		const httpRequest = async (request: IHttpRequestOptions) => await this.exchange(request);
		const derived = Object.create(context, {
			helpers: { value: { ...context.helpers, httpRequest } },
		}) as IExecuteFunctions;
		return (await context.helpers.httpRequestWithAuthentication.call(derived, CREDENTIAL_TYPE, {
			method,
			url,
			headers: { ...headers, 'x-request-id': requestId },
			...(body !== undefined && { body }),
			json: true,
			timeout,
			returnFullResponse: true,
			// n8n would wait for the end of any body, however long it is and however slowly it comes (measured).
			encoding: 'stream',
			// A redirect would carry the bearer to another host.
			disableFollowRedirect: true,
		})) as IN8nHttpFullResponse;
	}

	/** Sends the request with the bearer that n8n has added. */
	private async exchange(request: IHttpRequestOptions): Promise<IN8nHttpFullResponse> {
		if (this.over.aborted) throw new Error('The time of the request is over');
		this.isUnderWay = true;
		let answer: IN8nHttpFullResponse;
		try {
			const options = { ...request, abortSignal: this.end };
			answer = (await this.context.helpers.httpRequest(options)) as IN8nHttpFullResponse;
		} catch (error) {
			answer = this.answerIn(error as ThrownAnswer | undefined);
		}
		if (answer.statusCode !== 401 || this.refusal !== undefined) return answer;
		this.refusal = { httpStatus: 401, headers: answer.headers, body: undefined };
		close(answer.body);
		this.isUnderWay = false;
		this.giveUp();
		// n8n renews the token where an error has this status, and then comes back here.
		throw Object.assign(new Error('The token was refused'), { response: { status: 401 } });
	}

	/** An answer outside 2xx is thrown, with the connection that it came over. Throws where there is no answer of Nexthink's. */
	private answerIn(error: ThrownAnswer | undefined): IN8nHttpFullResponse {
		const response = error?.response;
		if (typeof response?.status !== 'number')
			throw this.kept(error, this.failureOfConnection(error));
		const { status: statusCode, headers, data: body } = response;
		if (this.isOfProxy(error?.request)) {
			close(body);
			const failure = { ...notConnected(CAUSES.REFUSED_BY_PROXY), httpStatus: statusCode };
			throw this.kept(error, this.unsent(failure));
		}
		return { statusCode, headers: { ...headers }, body };
	}

	/** Keeps in mind what it means, and gives n8n the error to throw. */
	private kept(error: unknown, failure: Failure): unknown {
		this.failure = failure;
		return error;
	}

	/** Where a proxy refuses to connect to a server, its answer comes in place of the server's, and not over TLS. */
	private isOfProxy(request: ThrownAnswer['request']): boolean {
		const socket = request?.socket;
		return /^https:/i.test(this.options.url) && Boolean(socket) && socket?.encrypted !== true;
	}

	private async read(response: IN8nHttpFullResponse): Promise<HttpAnswer | Failure> {
		const { statusCode: httpStatus, headers, body } = response;
		const { requestId, longestBody } = this.options;
		const read = isByteStream(body) ? await readBody(body, this.end, longestBody) : { body };
		if ('body' in read) return { httpStatus, headers, body: read.body };
		const answer = { httpStatus, headers, body: undefined };
		// A status that refuses the request says enough without its body; a success does not.
		if (httpStatus < 200 || httpStatus > 299) return answer;
		const code = this.isCancelled() ? 'CANCELLED' : CODES_OF_UNREAD_BODIES[read.unread];
		const failure = failureWithoutAnswer(code, 'UNKNOWN');
		return { ...failure, httpStatus, ...correlationIdsOf(answer, requestId) };
	}

	/** Why there is no token, in time or at all, so that the request, or its repeat, did not leave. */
	private failureOfToken(error?: unknown): Failure {
		const { tokenUrl, requestId } = this.options;
		if (!this.over.aborted) return this.unsent(failureOfToken(error, tokenUrl));
		if (this.deadline.aborted && !this.isCancelled()) {
			const late = failureWithoutAnswer('TOKEN_UNAVAILABLE', 'NOT_SENT');
			return this.unsent(withCause(late, { words: "it didn't respond in time" }));
		}
		if (this.isCancelled() || this.refusal === undefined) {
			return this.unsent(failureWithoutAnswer('CANCELLED', 'NOT_SENT'));
		}
		// The run was stopped by another request. Tokens expire: so far the 401 is nothing against the credential.
		return {
			...failureOfAnswer(this.refusal, requestId, Date.now()),
			message:
				"Nexthink didn't accept the access token, and the run ended before n8n had a new one",
			advice: 'Run the workflow again.',
			retryable: true,
		};
	}

	private failureOfConnection(error: unknown): Failure {
		const chain = chainOf(error);
		const fault = connectionFaultOf(chain, this.options.url);
		const isLate = this.deadline.aborted || chain.some(({ code }) => LATE.has(code));
		const row = this.isCancelled() ? 'CANCELLED' : isLate ? 'TIMEOUT' : 'NETWORK_ERROR';
		if (fault.neverSent) {
			return this.unsent(
				row === 'CANCELLED'
					? failureWithoutAnswer(row, 'NOT_SENT')
					: notConnected({ ...(isLate && CAUSES.SLOW), ...fault }),
			);
		}
		const lost = failureWithoutAnswer(row, 'UNKNOWN', this.options.requestId);
		// The devices might be queued, which the advice of the table says.
		return row === 'NETWORK_ERROR'
			? withCause(lost, { ...fault, advice: undefined }, "Nexthink didn't respond")
			: lost;
	}

	/** What is known where the request did not leave, or, after a 401, its repeat did not. */
	private unsent(failure: Failure): Failure {
		if (this.refusal === undefined) return failure;
		const ids = correlationIdsOf(this.refusal, this.options.requestId);
		return { ...failure, evidence: 'REJECTED', ...ids };
	}

	private isCancelled(): boolean {
		return this.cancel?.aborted === true;
	}
}

function notConnected(cause: Parameters<typeof withCause>[1]): Failure {
	const failure = failureWithoutAnswer('NETWORK_ERROR', 'NOT_SENT');
	return withCause(failure, cause, "Couldn't connect to Nexthink");
}

/** What axios throws of an answer outside 2xx. */
interface ThrownAnswer {
	request?: { socket?: { encrypted?: boolean } | null };
	response?: { status?: unknown; headers?: object; data?: IN8nHttpFullResponse['body'] };
}

const CODES_OF_UNREAD_BODIES = {
	ENDED: 'TIMEOUT',
	TOO_LONG: 'UNEXPECTED_RESPONSE',
	BROKEN_OFF: 'NETWORK_ERROR',
} as const;

/** axios' codes for a server that stays silent; the second is the system's own, too. */
const LATE = new Set<unknown>(['ECONNABORTED', 'ETIMEDOUT']);

function close(body: unknown): void {
	if (isByteStream(body)) body.destroy();
}
