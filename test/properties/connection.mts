import {
	readDeletionAnswer,
	type DeletionAnswer,
} from '../../nodes/Nexthink/api/deletionAnswer.ts';
import { failureOfAnswer, failureWithoutAnswer } from '../../nodes/Nexthink/api/failure.ts';
import type { Device } from '../../nodes/Nexthink/deletion/plan.ts';
import type { Answer } from '../simulator/answers.mts';
import { parseJson } from '../simulator/json.mts';
import type { RequestRecord } from '../simulator/request-log.mts';
import type { InProcessTenant, Reception } from './in-process-tenant.mts';
import type { VirtualTime } from './virtual-time.mts';
import { same, wordsOfAnswer, type Word } from './words.mts';

/** One request of the run, from its start to its answer. */
export interface Exchange {
	requestId: string;
	devices: readonly Device[];
	/** How many others were in flight when it left. */
	others: number;
	/** Milliseconds since time began. */
	sentAt: number;
	/** The same; undefined while it is in flight. */
	answeredAt?: number;
	/** How many requests of the run had left when its answer came. */
	leftByThen?: number;
	answer?: DeletionAnswer;
	/** What it says of each of its devices. */
	words: Word[];
	/** Whether it got to the tenant. */
	arrived: boolean;
}

/** What goes wrong, or slowly, between n8n and Nexthink. */
export interface Road {
	/** Milliseconds that an answer takes, one after the other and then from the start again. */
	latencies: readonly number[];
	/** Seconds after which an answer comes too late. */
	timeout: number;
	/** Requests that find no connection, counted from 1. */
	isBlocked: (number: number) => boolean;
	/** Whether n8n holds a token at the start. */
	hasToken: boolean;
	/** Ends what is in flight; nothing that was sent comes back. */
	signal?: AbortSignal;
}

export const GOOD_ROAD: Road = {
	latencies: [50],
	timeout: 60,
	isBlocked: () => false,
	hasToken: true,
};

/** What became of one call of n8n's request function, and how long it took in milliseconds. */
interface Call {
	after: number;
	answer: DeletionAnswer;
	words: Word[];
	arrived: boolean;
	/** For a 401, which n8n answers with a new token. */
	tokenRefused?: true;
}

/**
 * The way from the run to the tenant and back, in virtual time: it does what n8n and this node's sender do there, tokens included. All
 * answers are read by the node's own code.
 */
export class Connection {
	/** Every request of the run, in the order in which they left. */
	readonly exchanges: Exchange[] = [];

	#inFlight = 0;

	#token: string | undefined;

	readonly #cancelled: Promise<void>;

	constructor(
		private readonly tenant: InProcessTenant,
		private readonly time: VirtualTime,
		private readonly road: Road = GOOD_ROAD,
	) {
		if (road.hasToken) this.#token = tenant.issueToken();
		this.#cancelled = new Promise((resolve) => {
			road.signal?.addEventListener('abort', () => resolve());
		});
	}

	readonly send = async (
		devices: readonly Device[],
		requestId: string,
	): Promise<DeletionAnswer> => {
		const exchange: Exchange = {
			requestId,
			devices,
			others: this.#inFlight++,
			sentAt: this.time.elapsed(),
			words: same('LOST', devices.length),
			arrived: false,
		};
		this.exchanges.push(exchange);
		const call = this.#call(devices, requestId);
		exchange.arrived = call.arrived;
		const cameThrough = await Promise.race([
			this.time.sleep(call.after).then(() => true),
			this.#cancelled.then(() => false),
		]);
		if (cameThrough) exchange.words = call.words;
		exchange.answer = cameThrough ? call.answer : lostAnswer('CANCELLED', requestId);
		exchange.answeredAt = this.time.elapsed();
		exchange.leftByThen = this.exchanges.length;
		this.#inFlight--;
		return exchange.answer;
	};

	#call(devices: readonly Device[], requestId: string): Call {
		const number = this.exchanges.length;
		const after = this.#latency(number);
		if (this.road.isBlocked(number)) {
			return unsent(after, devices, failureWithoutAnswer('NETWORK_ERROR', 'NOT_SENT'));
		}
		if (this.#token === undefined) {
			const refused = this.#login();
			if (refused !== undefined) {
				return unsent(after, devices, failureWithoutAnswer(refused, 'NOT_SENT'));
			}
		}
		const first = this.#exchange(devices, requestId, after);
		if (first.tokenRefused === undefined) return first;
		const refused = this.#login();
		if (refused === undefined) return this.#exchange(devices, requestId, after + first.after);
		const failure = failureWithoutAnswer(refused, 'REJECTED', requestId);
		return { ...first, answer: { accepted: false, failure } };
	}

	#latency(number: number): number {
		return this.road.latencies[(number - 1) % this.road.latencies.length]!;
	}

	/** @returns the code of the failure, or undefined where there is a new token */
	#login(): 'TOKEN_UNAVAILABLE' | 'UNAUTHORIZED' | undefined {
		const { reaction, token } = this.tenant.receiveLogin();
		const status = reaction.kind === 'whole' ? reaction.answer.status : 0;
		if (status === 200) {
			this.#token = token;
			return undefined;
		}
		return status >= 400 && status < 500 && status !== 408 && status !== 429
			? 'UNAUTHORIZED'
			: 'TOKEN_UNAVAILABLE';
	}

	#exchange(devices: readonly Device[], requestId: string, latency: number): Call {
		const reception = this.tenant.receiveDeletion(devices, requestId, this.#token!);
		const limit = 1000 * this.road.timeout;
		const { after, answer } = this.#delivery(reception, latency);
		const lost = { arrived: true, words: same('LOST', devices.length) };
		if (after >= limit) return { ...lost, after: limit, answer: lostAnswer('TIMEOUT', requestId) };
		if (typeof answer === 'string') {
			return { ...lost, after, answer: lostAnswer(answer, requestId) };
		}
		const { fault, accepted, reaction, request } = reception;
		const refused = answer.status < 200 || answer.status > 299;
		const whole = reaction.kind !== 'cutOff' && reaction.kind !== 'huge';
		const words = wordsOfAnswer(answer.status, whole ? accepted : undefined, fault, devices.length);
		const http = httpAnswer(answer, request, whole);
		const now = this.time.now() + after;
		const call: Call = {
			arrived: true,
			after,
			words,
			answer: readDeletionAnswer(http, requestId, now),
		};
		if (!whole) {
			// As the sender has it: a refusal says enough without its body, a success does not.
			const code = reaction.kind === 'huge' ? 'UNEXPECTED_RESPONSE' : 'NETWORK_ERROR';
			call.answer = refused
				? { accepted: false, failure: failureOfAnswer(http, requestId, now) }
				: lostAnswer(code, requestId, answer.status);
		}
		return answer.status === 401 ? { ...call, tokenRefused: true } : call;
	}

	#delivery({ reaction }: Reception, latency: number) {
		switch (reaction.kind) {
			case 'reset':
				return { after: latency, answer: 'NETWORK_ERROR' } as const;
			case 'silence':
				return { after: Infinity, answer: 'TIMEOUT' } as const;
			case 'drip': {
				const seconds = Buffer.byteLength(reaction.answer.body) / reaction.bytesPerSecond;
				return { after: latency + 1000 * seconds, answer: reaction.answer };
			}
			case 'whole':
				return { after: latency + (reaction.delay ?? 0), answer: reaction.answer };
			default:
				return { after: latency, answer: reaction.answer };
		}
	}
}

function httpAnswer(answer: Answer, request: RequestRecord, whole: boolean) {
	return {
		httpStatus: answer.status,
		headers: {
			'x-request-id': request.requestId,
			'x-trace-id': request.traceId,
			...answer.headers,
		},
		body: whole ? (parseJson(String(answer.body)) ?? answer.body) : undefined,
	};
}

function lostAnswer(
	code: 'CANCELLED' | 'NETWORK_ERROR' | 'TIMEOUT' | 'UNEXPECTED_RESPONSE',
	requestId: string,
	httpStatus: number | null = null,
): DeletionAnswer {
	const failure = failureWithoutAnswer(code, 'UNKNOWN', requestId);
	return { accepted: false, failure: { ...failure, httpStatus } };
}

function unsent(
	after: number,
	devices: readonly Device[],
	failure: ReturnType<typeof failureWithoutAnswer>,
): Call {
	return {
		after,
		answer: { accepted: false, failure },
		words: same('NEVER_ARRIVED', devices.length),
		arrived: false,
	};
}
