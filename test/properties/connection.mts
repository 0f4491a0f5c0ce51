import {
	readDeletionAnswer,
	type DeletionAnswer,
} from '../../nodes/Nexthink/api/deletionAnswer.ts';
import {
	failureOfAnswer,
	failureWithoutAnswer,
	type Failure,
} from '../../nodes/Nexthink/api/failure.ts';
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

/** Whether the run had ended before there was a token for it, so that it was no request. */
export function isUnmade({ answer }: Exchange): boolean {
	if (answer!.accepted) return false;
	return answer!.failure.row === 'CANCELLED' && answer!.failure.evidence === 'NOT_SENT';
}

/** What goes wrong, or slowly, between n8n and Nexthink. */
export interface Road {
	/** Milliseconds that an answer takes, one after the other and then from the start again. */
	latencies: readonly number[];
	/** Seconds after which an answer comes too late. */
	timeout: number;
	/** Requests that find no connection, counted from 1. */
	isBlocked: (number: number) => boolean;
	/** Milliseconds that a token takes, one after the other and then from the start again. */
	tokenDelays: readonly number[];
	/** Whether n8n holds a token at the start. */
	hasToken: boolean;
	/** Ends what is in flight; nothing that was sent comes back. */
	signal?: AbortSignal;
}

export const GOOD_ROAD: Road = {
	latencies: [50],
	timeout: 60,
	isBlocked: () => false,
	tokenDelays: [0],
	hasToken: true,
};

/** What becomes of one request that leaves, and how long it takes in milliseconds. */
interface Call {
	after: number;
	answer: DeletionAnswer;
	words: Word[];
	/** For a 401, which n8n answers with a new token. */
	tokenRefused?: true;
}

/** What is known at the end of a request. */
type Outcome = Pick<Exchange, 'words'> & { answer: DeletionAnswer };

/**
 * The way from the run to the tenant and back, in virtual time: it does what n8n and this node's sender do there, tokens included. All
 * answers are read by the node's own code.
 */
export class Connection {
	/** Every request of the run, in the order in which they left. */
	readonly exchanges: Exchange[] = [];

	#inFlight = 0;

	#token: string | undefined;

	#logins = 0;

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
		halted: AbortSignal,
	): Promise<DeletionAnswer> => {
		const exchange: Exchange = {
			requestId,
			devices,
			others: this.#inFlight++,
			sentAt: this.time.elapsed(),
			words: same('NEVER_ARRIVED', devices.length),
			arrived: false,
		};
		this.exchanges.push(exchange);
		const { words, answer } = await this.#attempt(exchange, this.exchanges.length, halted);
		exchange.words = words;
		exchange.answer = answer;
		exchange.answeredAt = this.time.elapsed();
		exchange.leftByThen = this.exchanges.length;
		this.#inFlight--;
		return answer;
	};

	async #attempt(exchange: Exchange, number: number, halted: AbortSignal): Promise<Outcome> {
		const { devices, requestId } = exchange;
		const limit = exchange.sentAt + 1000 * this.road.timeout;
		const latency = this.#latency(number);
		const unsent = (failure: Failure): Outcome => ({
			words: same('NEVER_ARRIVED', devices.length),
			answer: { accepted: false, failure },
		});
		if (this.road.isBlocked(number)) {
			const came = await this.#comesThrough(Math.min(latency, limit - this.time.elapsed()));
			return unsent(failureWithoutAnswer(came ? 'NETWORK_ERROR' : 'CANCELLED', 'NOT_SENT'));
		}
		if (this.#token === undefined) {
			const refused = await this.#login(limit, halted);
			if (refused !== undefined) return unsent(failureWithoutAnswer(refused, 'NOT_SENT'));
		}
		const first = await this.#leave(exchange, latency, limit);
		if (first.tokenRefused === undefined) return first;
		const refused = await this.#login(limit, halted);
		if (refused === undefined) return await this.#leave(exchange, latency, limit);
		// The run had its stop from another request: the 401 is all that is known.
		const isHalted = refused === 'CANCELLED' && this.road.signal?.aborted !== true;
		if (isHalted) return first;
		const failure = failureWithoutAnswer(refused, 'REJECTED', requestId);
		return { ...first, answer: { accepted: false, failure } };
	}

	#latency(number: number): number {
		return this.road.latencies[(number - 1) % this.road.latencies.length]!;
	}

	/** Waits for an answer; false where the execution is cancelled before, which ends the request. */
	async #comesThrough(after: number): Promise<boolean> {
		return await Promise.race([
			this.time.sleep(after).then(() => true),
			this.#cancelled.then(() => false),
		]);
	}

	/**
	 * n8n waits for its token to the end, and stores it; the request waits until its time is over.
	 *
	 * @returns the code of the failure, or undefined where there is a new token in time
	 */
	async #login(
		limit: number,
		halted: AbortSignal,
	): Promise<'CANCELLED' | 'TOKEN_UNAVAILABLE' | 'UNAUTHORIZED' | undefined> {
		const { tokenDelays } = this.road;
		const delay = tokenDelays[this.#logins++ % tokenDelays.length]!;
		const { reaction, token } = this.tenant.receiveLogin();
		const status = reaction.kind === 'whole' ? reaction.answer.status : 0;
		const answered = this.time.sleep(delay).then(() => {
			if (status === 200) this.#token = token;
			return status;
		});
		let giveUp = () => {};
		const isOver = new Promise<'CANCELLED'>((resolve) => {
			giveUp = () => resolve('CANCELLED');
			if (halted.aborted) giveUp();
			halted.addEventListener('abort', giveUp);
			void this.#cancelled.then(giveUp);
		});
		const isLate = this.time.sleep(limit - this.time.elapsed()).then(() => 'LATE' as const);
		const first = await Promise.race([isOver, answered, isLate]);
		halted.removeEventListener('abort', giveUp);
		if (first === 'CANCELLED') return first;
		if (first === 'LATE') return 'TOKEN_UNAVAILABLE';
		if (first === 200) return undefined;
		return first === 401 ? 'UNAUTHORIZED' : 'TOKEN_UNAVAILABLE';
	}

	/** The request leaves with the token that there is. */
	async #leave(
		exchange: Exchange,
		latency: number,
		limit: number,
	): Promise<Outcome & Pick<Call, 'tokenRefused'>> {
		const { devices, requestId } = exchange;
		exchange.arrived = true;
		const call = this.#exchange(devices, requestId, latency, limit - this.time.elapsed());
		if (await this.#comesThrough(call.after)) return call;
		return {
			words: same('LOST', devices.length),
			answer: lostAnswer('CANCELLED', requestId),
		};
	}

	#exchange(devices: readonly Device[], requestId: string, latency: number, limit: number): Call {
		const reception = this.tenant.receiveDeletion(devices, requestId, this.#token!);
		const { after, answer } = this.#delivery(reception, latency);
		const lost = { words: same('LOST', devices.length) };
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
