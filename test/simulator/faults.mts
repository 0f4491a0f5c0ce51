import type { DeletionAnswer } from './deletions.mts';
import type { FileChanges } from './exports.mts';
import type { RequestRecord, Route } from './request-log.mts';

/**
 * What can go wrong with one request. Where a fault has `queued`, true means that the request is
 * first handled honestly, so that its devices stand in the ledger, and only then answered like
 * this. "Honestly" means with every check: a request with a dead token queues nothing either way.
 */
export type Fault =
	/** Any answer. Bytes and text are sent as they stand (text as `text/plain` unless `headers` say), any other object as JSON. */
	| {
			readonly kind: 'status';
			readonly status: number;
			readonly body?: string | object;
			readonly headers?: Readonly<Record<string, string>>;
			readonly queued?: boolean;
	  }
	/** A gateway's HTML page. */
	| { readonly kind: 'html'; readonly status: number; readonly queued?: boolean }
	/** The connection is reset in place of an answer. */
	| { readonly kind: 'reset'; readonly queued: boolean }
	/** No answer until the tenant is closed or reset. */
	| { readonly kind: 'silence'; readonly queued?: boolean }
	/** The honest answer that many milliseconds late; the devices are queued at once. */
	| { readonly kind: 'delay'; readonly milliseconds: number }
	/** The honest head, half of the body, then the end of the connection. `queued`: default true. */
	| { readonly kind: 'cutOff'; readonly queued?: boolean }
	/**
	 * The honest answer slowly: byte by byte up to 100 bytes a second, in small pieces above. The head
	 * of the answer comes at once, unless `head` is true: then it is as slow.
	 */
	| { readonly kind: 'drip'; readonly bytesPerSecond: number; readonly head?: boolean }
	/**
	 * An answer whose JSON begins well and runs on for that many bytes (Infinity allowed), without a
	 * Content-Length. `status`: default 202.
	 */
	| {
			readonly kind: 'huge';
			readonly bytes: number;
			readonly status?: number;
			readonly queued?: boolean;
	  }
	/** `location` may be another server or a path. */
	| {
			readonly kind: 'redirect';
			readonly status: number;
			readonly location: string;
			readonly queued?: boolean;
	  }
	/**
	 * The honest 202, queuing included, with its body changed. `change` gets a copy that it may alter
	 * and returns what is sent: text as it stands, anything else as JSON. A request that is honestly
	 * refused is answered so, unchanged.
	 */
	| {
			readonly kind: 'answer';
			readonly change: (body: DeletionAnswer, request: RequestRecord) => unknown;
			readonly status?: number;
			readonly headers?: Readonly<Record<string, string>>;
	  }
	/**
	 * The file of an export, written, packed on the way, framed or broken in another way than the settings say. A request for a file
	 * that is honestly refused is answered so, unchanged. `status`: default 200.
	 */
	| (FileChanges & {
			readonly kind: 'file';
			readonly cut?: FileCut;
			readonly status?: number;
			readonly headers?: Readonly<Record<string, string>>;
	  })
	/**
	 * These devices are answered `FAILED` and not queued (with `queued`: queued all the same), the
	 * others honestly. UIDs in any letter case, or a function that gets each UID as submitted.
	 */
	| {
			readonly kind: 'failDevices';
			readonly uids: readonly string[] | ((uid: string) => boolean);
			readonly queued?: boolean;
	  }
	/** 401 without a body, though the token is fine. */
	| { readonly kind: 'unauthorized' }
	/** Every token ends now; then honestly, so 401. */
	| { readonly kind: 'expireTokens' };

/** Where a file is cut, counted as it is sent (packed, if it is), and what a client sees there. */
export interface FileCut {
	readonly afterBytes: number;
	/**
	 * `reset`: the connection is reset; what was sent last may not arrive. `close`: the connection ends, before its Content-Length or
	 * without a last chunk; where the file has neither, that is how it ends anyway. `proper`: Content-Length or last chunk are right for
	 * what is sent, so that nothing but the file itself can tell. `silence`: the connection stays, and nothing more comes.
	 */
	readonly ending: 'reset' | 'close' | 'proper' | 'silence';
}

/** When a fault is played. */
export interface FaultRule {
	readonly route: Exclude<Route, 'other'>;
	/** The nth request of that route since the rule was added, 1 being the next; default 1. */
	readonly from?: number;
	/** How often it plays at most; default 1, Infinity allowed. */
	readonly times?: number;
	/** A request for which this is false is neither counted nor spoilt; default: every one. */
	readonly when?: (request: RequestRecord) => boolean;
	readonly play: Fault;
}

/**
 * The rules of a tenant, in the order added. Every rule counts every request of its route (for
 * which its `when` holds). The first rule that has reached its `from` and has plays left is the one
 * that plays; so two rules added one after the other with nothing said play on the first and on
 * the second request.
 */
export interface FaultScript {
	/** Adds a rule. Throws a RangeError or TypeError for one that no real tenant could show. */
	add(rule: FaultRule): void;
	/** Removes every rule. */
	clear(): void;
}

interface LiveRule {
	readonly rule: FaultRule;
	counted: number;
	played: number;
}

/** The script as the tenant reads it. */
export class TenantFaultScript implements FaultScript {
	#live: LiveRule[] = [];

	add(rule: FaultRule): void {
		refuseImpossible(rule);
		this.#live.push({ rule, counted: 0, played: 0 });
	}

	clear(): void {
		this.#live = [];
	}

	/** In: a request with its whole body. Counts it. Out: the fault to play, if any. */
	next(request: RequestRecord): Fault | undefined {
		const counting = this.#live.filter(
			({ rule }) => rule.route === request.route && (rule.when?.(request) ?? true),
		);
		for (const live of counting) live.counted += 1;
		const playing = counting.find(
			({ rule, counted, played }) => counted >= (rule.from ?? 1) && played < (rule.times ?? 1),
		);
		if (playing === undefined) return undefined;
		playing.played += 1;
		return playing.rule.play;
	}
}

const OF_DELETIONS_ONLY: ReadonlySet<Fault['kind']> = new Set(['answer', 'failDevices']);

function refuseImpossible({ route, from = 1, times = 1, play }: FaultRule): void {
	if (!Number.isInteger(from) || from < 1) throw new RangeError(`from must be 1 or more: ${from}`);
	if (!(times >= 1)) throw new RangeError(`times must be 1 or more: ${times}`);
	if (route !== 'deletions' && OF_DELETIONS_ONLY.has(play.kind)) {
		throw new TypeError(`The fault ${play.kind} is for the deletions route only.`);
	}
	if (route !== 'file' && play.kind === 'file') {
		throw new TypeError('The fault file is for the file route only.');
	}
	if (play.kind === 'file' && play.cut !== undefined && !(play.cut.afterBytes >= 0)) {
		throw new RangeError(`afterBytes must be 0 or more: ${play.cut.afterBytes}`);
	}
	if (route === 'token' && play.kind === 'expireTokens') {
		throw new TypeError('The fault expireTokens is not for the token route.');
	}
	if (play.kind === 'drip' && !(play.bytesPerSecond > 0)) {
		throw new RangeError(`bytesPerSecond must be more than 0: ${play.bytesPerSecond}`);
	}
	// A longer timer would fire at once. Use silence for an answer that never comes.
	if (play.kind === 'delay' && !(play.milliseconds >= 0 && play.milliseconds < 2 ** 31)) {
		throw new RangeError(`milliseconds must be from 0 to 2147483647: ${play.milliseconds}`);
	}
	if ('status' in play && play.status !== undefined) refuseImpossibleStatus(play, play.status);
}

function refuseImpossibleStatus(play: Fault, status: number): void {
	if (!Number.isInteger(status) || status < 200 || status > 599) {
		throw new RangeError(`status must be from 200 to 599: ${status}`);
	}
	if (play.kind === 'redirect' && (status < 300 || status > 399)) {
		throw new RangeError(`A redirect has a status from 300 to 399: ${status}`);
	}
	const queued = play.kind === 'answer' || ('queued' in play && play.queued === true);
	if (queued && !mayFollowQueuing(status)) {
		throw new RangeError(`No tenant queues devices and then answers ${status}.`);
	}
}

// A definite refusal means that nothing was queued: the node's REJECTED rests on that. What may
// come after queuing is success, a redirect, or an answer that says nothing of the work behind it.
function mayFollowQueuing(status: number): boolean {
	return status < 400 || status === 408 || status === 499 || status >= 500;
}
