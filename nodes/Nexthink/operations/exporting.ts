import { compact } from 'lodash';
import { sleep, type IExecuteFunctions } from 'n8n-workflow';

import type { Failure } from '../api/failure';
import { isFileAddress } from '../api/hosts';
import { queryFailure, type Compression, type Query } from '../api/queryAnswer';
import { fetchFile, querySender, type ArrivedFile, type QuerySender } from '../api/send';
import { runExport, type ExportOutcome, type ExportSettings } from '../queryExport/run';
import type { Reply } from '../requests/askEach';
import { MACHINE_CLOCK } from '../requests/pace';
import type { Access } from './access';

/** What n8n's Retry On Fail does after an export that ended the run. */
export const ON_RETRY_ON_FAIL =
	'Retry On Fail makes n8n start the export anew, which counts as one more of the day.';

/** Takes a file while it arrives, and never throws; once it is ended, no more of the file comes. */
export type Receive<File> = (arrived: ArrivedFile, ended: AbortSignal) => Promise<Reply<File>>;

/** An export as it ended. */
export interface MadeExport<File> extends ExportOutcome<File> {
	/** Why there is no file. */
	failure?: Failure;
	/** When it was started, the last time, in milliseconds since 1970. */
	startedAt: number;
}

/** Makes one export with n8n's requests, and has its file received. Never throws. */
export async function makeExport<File>(
	context: IExecuteFunctions,
	query: Query & { compression: Compression },
	settings: ExportSettings & Access & { timeout: number },
	receive: Receive<File>,
): Promise<MadeExport<File>> {
	let startedAt = Date.now();
	const { hosts, timeout } = settings;
	const within = async <Answer>(
		milliseconds: number,
		ask: (sender: QuerySender) => Promise<Reply<Answer>>,
	): Promise<Reply<Answer>> =>
		milliseconds > 0
			? await ask(querySender(context, { hosts, timeout: Math.min(timeout, milliseconds / 1000) }))
			: { failure: queryFailure('EXPORT_UNFINISHED') };
	const outcome = await runExport(query, settings, {
		start: async (asked, requestId, milliseconds) => {
			startedAt = Date.now();
			return await within(milliseconds, async (sender) => {
				const reply = await sender.startExport(asked, requestId);
				if (mayHaveStarted(reply)) countExport(context);
				return reply;
			});
		},
		status: async (exportId, requestId, milliseconds) =>
			await within(milliseconds, async (sender) => await sender.exportStatus(exportId, requestId)),
		fetch: async (url, milliseconds) =>
			await receiveFile(context, url, milliseconds, settings, receive),
		signal: context.getExecutionCancelSignal(),
		...MACHINE_CLOCK,
		sleep,
	});
	context.logger.info('Nexthink: export ended', {
		exportId: outcome.exportId ?? null,
		isComplete: outcome.file !== undefined,
	});
	return { ...outcome, startedAt, failure: failureOf(outcome) };
}

async function receiveFile<File>(
	context: IExecuteFunctions,
	url: string,
	milliseconds: number,
	{ hosts, timeout }: Access & { timeout: number },
	receive: Receive<File>,
): Promise<Reply<File>> {
	if (!isFileAddress(url, hosts)) {
		const message = "The node doesn't fetch a file from such an address";
		return { failure: { ...queryFailure('UNEXPECTED_RESPONSE'), message } };
	}
	const deadline = AbortSignal.timeout(Math.max(1, Math.ceil(milliseconds)));
	const ended = AbortSignal.any(compact([deadline, context.getExecutionCancelSignal()]));
	const fetched = await fetchFile(context, url, timeout, ended);
	const received = 'failure' in fetched ? fetched : await receive(fetched, ended);
	if ('body' in fetched) fetched.body.destroy();
	const isLate = 'failure' in received && deadline.aborted;
	return isLate ? { failure: queryFailure('EXPORT_UNFINISHED') } : received;
}

function failureOf({ endedBy, description }: ExportOutcome<unknown>): Failure | undefined {
	const failure = typeof endedBy === 'string' ? queryFailure(endedBy) : endedBy;
	return failure && description !== undefined ? { ...failure, apiMessage: description } : failure;
}

/** n8n's own word for an export that Nexthink refuses to start for today: it has the status of too many requests. */
export function causeOf({
	exportId,
	failure,
}: Pick<MadeExport<unknown>, 'exportId' | 'failure'>): 'quota-exhausted' | undefined {
	const isRefused = exportId === undefined && failure?.code === 'RATE_LIMITED';
	return isRefused ? 'quota-exhausted' : undefined;
}

/** Where the exports of an execution are counted, in all its nodes and their runs. */
const COUNT = 'nexthinkExports';

function exportsOf(context: IExecuteFunctions): number {
	return (context.getContext('flow')[COUNT] as number | undefined) ?? 0;
}

/** A start whose answer is lost may have used up one of the day, too. */
function mayHaveStarted(reply: Reply<string>): boolean {
	return 'answer' in reply || reply.failure.evidence === 'UNKNOWN';
}

function countExport(context: IExecuteFunctions): void {
	context.getContext('flow')[COUNT] = exportsOf(context) + 1;
}

/** Says how many exports an execution has started, from the second one on: a sentence. */
export function hintOfExports(context: IExecuteFunctions): string | undefined {
	const count = exportsOf(context);
	return count < 2
		? undefined
		: `This execution has started ${count} exports so far. Nexthink allows 50 exports a day.`;
}
