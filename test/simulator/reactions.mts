import {
	bytesAnswer,
	emptyAnswer,
	htmlAnswer,
	jsonAnswer,
	rawJsonAnswer,
	textAnswer,
	type Answer,
} from './answers.mts';
import { beginningOf } from './chunks.mts';
import type { DeletionAnswer } from './deletions.mts';
import type { FileChanges } from './exports.mts';
import type { Fault } from './faults.mts';
import type { RequestRecord } from './request-log.mts';

/** What goes back to the client, and how. Milliseconds and bytes. */
export type Reaction =
	| WholeReaction
	| CutReaction
	| {
			readonly kind: 'drip';
			readonly answer: Answer;
			readonly bytesPerSecond: number;
			readonly head: boolean;
	  }
	| { readonly kind: 'huge'; readonly answer: Answer; readonly bytes: number }
	| { readonly kind: 'reset' | 'silence' };

/** The whole answer, `delay` milliseconds late. */
interface WholeReaction {
	readonly kind: 'whole';
	readonly answer: Answer;
	readonly delay?: number;
}

/** The beginning of the answer, by default half of its body; then the connection ends, or is reset. */
interface CutReaction {
	readonly kind: 'cutOff';
	readonly answer: Answer;
	readonly afterBytes?: number;
	readonly ending?: 'close' | 'reset' | 'silence';
}

/** How the honest handling is to differ; by default not at all. */
export interface HonestHandlingOptions {
	/** False: work out the answer, but queue nothing. */
	readonly queue?: boolean;
	readonly fails?: (uid: string) => boolean;
	readonly queuesFailed?: boolean;
	readonly file?: FileChanges;
}

/** The honest answer, and its body where it is a 202 of the deletions route. */
export interface HonestAnswer {
	readonly answer: Answer;
	readonly accepted?: DeletionAnswer;
}

/** What a fault may ask of the tenant. */
export interface HonestTenant {
	handle(request: RequestRecord, options?: HonestHandlingOptions): HonestAnswer;
	expireTokens(): void;
}

/**
 * In: a request, and the fault that plays on it, if any. Lets the tenant handle the request where
 * the fault says so. Out: what to send.
 */
export function react(
	request: RequestRecord,
	fault: Fault | undefined,
	tenant: HonestTenant,
): Reaction {
	if (fault === undefined) return whole(tenant.handle(request).answer);
	if ('queued' in fault && fault.queued === true) return afterQueuing(request, fault, tenant);
	return withoutQueuing(request, fault, tenant);
}

function afterQueuing(request: RequestRecord, fault: Fault, tenant: HonestTenant): Reaction {
	// These two handle the request themselves; a second time would queue its devices twice.
	if (fault.kind !== 'failDevices' && fault.kind !== 'cutOff') tenant.handle(request);
	return withoutQueuing(request, fault, tenant);
}

function withoutQueuing(request: RequestRecord, fault: Fault, tenant: HonestTenant): Reaction {
	switch (fault.kind) {
		case 'reset':
		case 'silence':
			return { kind: fault.kind };
		case 'cutOff': {
			const { answer } = tenant.handle(request, { queue: fault.queued ?? true });
			return { kind: 'cutOff', answer };
		}
		case 'drip': {
			const { answer } = tenant.handle(request);
			const { bytesPerSecond, head = false } = fault;
			return { kind: 'drip', answer, bytesPerSecond, head };
		}
		case 'huge':
			return { kind: 'huge', answer: rawJsonAnswer(fault.status ?? 202, ''), bytes: fault.bytes };
		case 'file':
			return changedFile(tenant.handle(request, { file: fault }).answer, fault);
		case 'delay':
			return { ...whole(tenant.handle(request).answer), delay: fault.milliseconds };
		default:
			return whole(answerFor(request, fault, tenant));
	}
}

type AnsweringFault = Exclude<
	Fault,
	{ kind: 'reset' | 'silence' | 'cutOff' | 'drip' | 'huge' | 'file' | 'delay' }
>;

function answerFor(request: RequestRecord, fault: AnsweringFault, tenant: HonestTenant): Answer {
	switch (fault.kind) {
		case 'status':
			return withHeaders(bodyAnswer(fault.status, fault.body), fault.headers);
		case 'html':
			return htmlAnswer(fault.status);
		case 'redirect':
			return emptyAnswer(fault.status, { location: fault.location });
		case 'unauthorized':
			return emptyAnswer(401);
		case 'expireTokens':
			tenant.expireTokens();
			return tenant.handle(request).answer;
		case 'failDevices':
			return tenant.handle(request, {
				fails: memberOf(fault.uids),
				queuesFailed: fault.queued === true,
			}).answer;
		case 'answer': {
			const { answer, accepted } = tenant.handle(request);
			if (accepted === undefined) return answer;
			const changed = fault.change(structuredClone(accepted), request);
			const status = fault.status ?? answer.status;
			return withHeaders(changedAnswer(status, changed), fault.headers);
		}
	}
}

function whole(answer: Answer): WholeReaction {
	return { kind: 'whole', answer };
}

function changedFile(
	answer: Answer,
	{ cut, status = 200, headers }: Extract<Fault, { kind: 'file' }>,
): Reaction {
	const { streamed } = answer;
	if (streamed === undefined) return whole(answer);
	const changed = withHeaders({ ...answer, status }, headers);
	if (cut === undefined) return whole(changed);
	const { afterBytes, ending } = cut;
	if (ending !== 'proper') return { kind: 'cutOff', answer: changed, afterBytes, ending };
	const chunks = () => beginningOf(streamed.chunks(), afterBytes);
	return whole({ ...changed, streamed: { ...streamed, chunks } });
}

function bodyAnswer(status: number, body: unknown): Answer {
	if (body === undefined) return emptyAnswer(status);
	if (Buffer.isBuffer(body)) return bytesAnswer(status, body);
	return typeof body === 'string' ? textAnswer(status, body) : jsonAnswer(status, body);
}

// Text is most often broken JSON, which a server would still call JSON.
function changedAnswer(status: number, changed: unknown): Answer {
	if (typeof changed === 'string') return rawJsonAnswer(status, changed);
	return bodyAnswer(status, changed);
}

function withHeaders(answer: Answer, headers: Readonly<Record<string, string>> = {}): Answer {
	const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
	return { ...answer, headers: { ...answer.headers, ...Object.fromEntries(lowerCase) } };
}

function memberOf(uids: readonly string[] | ((uid: string) => boolean)): (uid: string) => boolean {
	if (typeof uids === 'function') return uids;
	const wanted = new Set(uids.map((uid) => uid.toLowerCase()));
	return (uid) => wanted.has(uid.toLowerCase());
}
