import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';

/** A process of its own that answers one question at a time. */
export class Child<Question extends object, Answer extends object> {
	readonly #process: ChildProcess;

	constructor(file: URL, options: ForkOptions = {}) {
		this.#process = fork(file, options);
	}

	/** Rejects if the process ends instead. */
	async ask(question: Question): Promise<Answer> {
		const over = new AbortController();
		const { signal } = over;
		const ended = once(this.#process, 'exit', { signal }).then(([code]) => {
			throw new Error(`${this.#process.spawnargs.at(-1)} ended with exit code ${String(code)}.`);
		});
		const answered = once(this.#process, 'message', { signal });
		try {
			this.#process.send(question);
			const [answer] = (await Promise.race([answered, ended])) as [Answer];
			return answer;
		} finally {
			for (const waiting of [ended, answered]) waiting.catch(() => undefined);
			over.abort();
		}
	}

	/** Safe to call twice. */
	async end(): Promise<void> {
		if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
		const ended = once(this.#process, 'exit');
		this.#process.kill('SIGTERM');
		await ended;
	}
}

/** The other side: answers every question until the one who asks is gone. */
export function answerQuestions<Question extends object, Answer extends object>(
	answer: (question: Question) => Promise<Answer>,
): void {
	process.on('disconnect', () => process.exit());
	process.on('message', (question: Question) => {
		answer(question).then(
			(answered) => process.send?.(answered),
			(error: unknown) => {
				console.error(error);
				process.exit(1);
			},
		);
	});
}
