import { randomUUID } from 'crypto';

import type { Failure } from '../api/failure';
import {
	RequestRun,
	type Load,
	type LoadQueue,
	type RequestRunSettings,
	type StopReason,
	type Surroundings,
} from './requestRun';

/** The answer to one question, or why there is none. */
export type Reply<Answer> = { answer: Answer } | { failure: Failure };

/** Asks one question in one request, and never throws; repeats have the same request id. Once halted, nothing leaves any more. */
export type Ask<Question, Answer> = (
	question: Question,
	requestId: string,
	halted: AbortSignal,
) => Promise<Reply<Answer>>;

export interface Replies<Answer> {
	/** One for each question, in their order; undefined where it was never asked. */
	replies: Array<Reply<Answer> | undefined>;
	/** How many requests there were, repeats included. */
	requests: number;
	stoppedBy?: StopReason;
}

interface AskedQuestion extends Load {
	position: number;
	requestId: string;
}

/** So many questions that are refused before any was answered say that it is not the questions. */
const REFUSALS_AT_FIRST = 2;

/** Asks independent questions, each in a request of its own, and repeats what may be repeated. Never throws. */
export async function askEach<Question, Answer>(
	questions: readonly Question[],
	settings: RequestRunSettings,
	{ ask, ...surroundings }: Surroundings & { ask: Ask<Question, Answer> },
): Promise<Replies<Answer>> {
	const replies = questions.map((): Reply<Answer> | undefined => undefined);
	let requests = 0;
	let refusedAtFirst = 0;
	const run: RequestRun<AskedQuestion, Reply<Answer>> = new RequestRun(
		{
			queue: new QuestionQueue(questions.length),
			send: async ({ position, requestId }, halted) => {
				requests++;
				return await ask(questions[position]!, requestId, halted);
			},
			settle: async (load, reply): Promise<void> => {
				if (hasNotLeft(reply)) return run.stop('CANCELLED');
				replies[load.position] = reply;
				if ('answer' in reply) {
					run.accepted();
					return run.completed(true);
				}
				const { failure } = reply;
				if (failure.row === 'CANCELLED') run.stop('CANCELLED');
				const isRefused = failure.then === 'goOn' && !run.anyAccepted;
				if (isRefused && ++refusedAtFirst >= REFUSALS_AT_FIRST) run.stop(failure);
				if (run.stoppedBy === undefined) await run.followUp(load, failure);
			},
		},
		settings,
		surroundings,
		questions.length,
	);
	await run.unlessCancelled(async () => await run.drainQueue());
	return { replies, requests, ...(run.stoppedBy && { stoppedBy: run.stoppedBy }) };
}

/** Its run had ended before it had a token: it was never asked. */
function hasNotLeft(reply: Reply<unknown>): boolean {
	return (
		'failure' in reply && reply.failure.row === 'CANCELLED' && reply.failure.evidence === 'NOT_SENT'
	);
}

class QuestionQueue implements LoadQueue<AskedQuestion> {
	private readonly repeats: AskedQuestion[] = [];

	private nextPosition = 0;

	constructor(private readonly count: number) {}

	next(): AskedQuestion | undefined {
		const repeat = this.repeats.shift();
		if (repeat !== undefined || this.nextPosition >= this.count) return repeat;
		return { position: this.nextPosition++, requestId: randomUUID(), attempts: 0 };
	}

	get isNextARepeat(): boolean {
		return this.repeats.length > 0;
	}

	putBack(question: AskedQuestion): void {
		this.repeats.push(question);
	}
}
