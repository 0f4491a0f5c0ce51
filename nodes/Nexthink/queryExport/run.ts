import type { KnownErrorCode } from '../api/errorCodes';
import type { Failure } from '../api/failure';
import type { ExportStatus } from '../api/queryAnswer';
import { askEach, type Reply } from '../requests/askEach';
import type { RequestRunSettings, Surroundings } from '../requests/requestRun';

export interface ExportSettings extends Omit<RequestRunSettings, 'concurrency' | 'stopOnFailure'> {
	/** Seconds from the start of the export until its file must have arrived. */
	maxExportWait: number;
}

/** What the run needs of the world. Nothing of it throws. */
export interface ExportDependencies<Query, File> extends Surroundings {
	start: AskWithin<Query, string>;
	status: AskWithin<string, ExportStatus>;
	/** Fetches a whole file within so many milliseconds. */
	fetch: (url: string, milliseconds: number) => Promise<Reply<File>>;
}

/** @param milliseconds how long it may take at most; 0: there is no time left, and the reply says so without a request */
export type AskWithin<Question, Answer> = (
	question: Question,
	requestId: string,
	milliseconds: number,
) => Promise<Reply<Answer>>;

/** Why an export has no file: a failure, or the code of one that this run met itself. */
export type ExportEnd =
	| Failure
	| Extract<
			KnownErrorCode,
			'CANCELLED' | 'EXPORT_FAILED' | 'EXPORT_UNFINISHED' | 'UNEXPECTED_RESPONSE'
	  >;

export interface ExportOutcome<File> {
	/** Absent where the export was never started. */
	exportId?: string;
	/** Whether the licence cut the result. */
	isCutByLicence: boolean;
	file?: File;
	endedBy?: ExportEnd;
	/** Nexthink's own words on an export that it could not complete. */
	description?: string;
}

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

/** Less is no time to ask how far an export is and to fetch its file. */
const SHORTEST_PAUSE = 500;

/** Starts an export, asks with growing pauses how far it is, and fetches its file. Never throws. */
export async function runExport<Query, File>(
	query: Query,
	settings: ExportSettings,
	dependencies: ExportDependencies<Query, File>,
): Promise<ExportOutcome<File>> {
	return await new ExportRun(query, settings, dependencies).toTheEnd();
}

class ExportRun<Query, File> {
	/** On the clock that nobody can set. */
	private readonly endsAt: number;

	/** Milliseconds that all repeats together may still wait. */
	private waitLeft: number;

	private readonly outcome: ExportOutcome<File> = { isCutByLicence: false };

	constructor(
		private readonly query: Query,
		private readonly settings: ExportSettings,
		private readonly dependencies: ExportDependencies<Query, File>,
	) {
		this.endsAt = dependencies.elapsed() + 1000 * settings.maxExportWait;
		this.waitLeft = 1000 * settings.maxRetryWait;
	}

	async toTheEnd(): Promise<ExportOutcome<File>> {
		const started = await this.askOne(this.query, this.startWithin());
		if ('endedBy' in started) return { ...this.outcome, ...started };
		this.outcome.exportId = started.answer;
		const file = await this.awaitFile(started.answer);
		return { ...this.outcome, ...file };
	}

	/** Where its time ends before any start has left, it ends with what kept them back: nothing is under way in Nexthink. */
	private startWithin(): AskWithin<Query, string> {
		let mayHaveStarted = false;
		let keptBack: Failure | undefined;
		return async (query, requestId, milliseconds) => {
			if (milliseconds <= 0 && keptBack !== undefined && !mayHaveStarted) {
				return { failure: { ...keptBack, then: 'stop' } };
			}
			const reply = await this.dependencies.start(query, requestId, milliseconds);
			keptBack = 'failure' in reply ? reply.failure : undefined;
			mayHaveStarted ||= keptBack?.evidence === 'UNKNOWN';
			return reply;
		};
	}

	private async awaitFile(exportId: string): Promise<{ file: File } | Ended> {
		let vainFetches = 0;
		let lastVain: Failure | undefined;
		for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, 2 * pause)) {
			const ended = await this.pause(pause);
			// It was complete, and its file was not to be had.
			if (ended?.endedBy === 'EXPORT_UNFINISHED' && lastVain) return { endedBy: lastVain };
			if (ended !== undefined) return ended;
			const asked = await this.askOne(exportId, this.dependencies.status);
			if ('endedBy' in asked) {
				return this.isCutShort(asked) ? { endedBy: 'EXPORT_UNFINISHED' } : asked;
			}
			const { status, fileUrl, description, isCutByLicence } = asked.answer;
			this.outcome.isCutByLicence ||= isCutByLicence;
			if (status === 'ERROR') {
				return { endedBy: 'EXPORT_FAILED', ...(description !== undefined && { description }) };
			}
			if (status !== 'COMPLETED') continue;
			if (fileUrl === undefined) return { endedBy: 'UNEXPECTED_RESPONSE' };
			const fetched = await this.dependencies.fetch(fileUrl, this.timeLeft());
			if ('answer' in fetched) return { file: fetched.answer };
			lastVain = fetched.failure;
			// The address of a file lives 15 minutes only; the next answer may hold another one.
			const mayRepeat = lastVain.then === 'repeat' && vainFetches++ < this.settings.maxRetries;
			if (!mayRepeat) return { endedBy: this.isCancelled() ? 'CANCELLED' : lastVain };
		}
	}

	/** One question of its own run: repeats, waits and cancel are as everywhere. */
	private async askOne<Question, Answer>(
		question: Question,
		askWithin: AskWithin<Question, Answer>,
	): Promise<{ answer: Answer } | Ended> {
		const { replies, stoppedBy } = await askEach(
			[question],
			{
				concurrency: 1,
				stopOnFailure: true,
				maxRetries: this.settings.maxRetries,
				maxRetryWait: Math.min(this.waitLeft, this.timeLeft()) / 1000,
			},
			{
				...this.dependencies,
				sleep: async (milliseconds) => {
					this.waitLeft -= milliseconds;
					await this.dependencies.sleep(milliseconds);
				},
				ask: async (asked, requestId) => await askWithin(asked, requestId, this.timeLeft()),
			},
		);
		const [reply] = replies;
		if (reply !== undefined && 'answer' in reply) return reply;
		return { endedBy: typeof stoppedBy === 'object' ? stoppedBy : 'CANCELLED' };
	}

	private async pause(milliseconds: number): Promise<Ended | undefined> {
		const left = this.timeLeft();
		const { sleep, signal } = this.dependencies;
		let wake = () => {};
		const cancelled = new Promise<void>((resolve) => {
			wake = resolve;
		});
		signal?.addEventListener('abort', wake);
		// What remains behind the pause is for the file.
		const wait = Math.min(milliseconds, left, Math.max(SHORTEST_PAUSE, left / 2));
		if (!this.isCancelled()) await Promise.race([sleep(wait), cancelled]);
		signal?.removeEventListener('abort', wake);
		return this.timeLeft() <= 0 ? { endedBy: 'EXPORT_UNFINISHED' } : undefined;
	}

	/** The last request for the status gets no more than the time that is left. */
	private isCutShort({ endedBy }: Ended): boolean {
		return (
			typeof endedBy === 'object' && endedBy.httpStatus === null && this.timeLeft() < SHORTEST_PAUSE
		);
	}

	private isCancelled(): boolean {
		return this.dependencies.signal?.aborted === true;
	}

	private timeLeft(): number {
		return Math.max(0, this.endsAt - this.dependencies.elapsed());
	}
}

interface Ended {
	endedBy: ExportEnd;
	description?: string;
}
