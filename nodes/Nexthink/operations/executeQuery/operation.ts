import {
	sleep,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type NodeExecutionHint,
} from 'n8n-workflow';

import type { Failure } from '../../api/failure';
import { plainText } from '../../api/plainText';
import { inWordsOfQueries, type QueryResult } from '../../api/queryAnswer';
import { querySender } from '../../api/send';
import { askEach, type Replies } from '../../requests/askEach';
import { MACHINE_CLOCK } from '../../requests/pace';
import { readAccess } from '../access';
import {
	errorPathOf,
	itemOnErrorPath,
	messageOf,
	refusalOf,
	sentenceOf,
	stopFailure,
	type ErrorPath,
} from '../failures';
import { distinctQueries, readQueries, type ItemQuery } from '../queryParameters';
import {
	DEFAULT_QUERY_OPTIONS,
	readQueryId,
	whyNoTool,
	whyQueryOptionsUnusable,
	type QueryOptions,
} from '../querySettings';
import { runErrorOf } from '../runError';
import { isTool, UnusableSetting, whyNotTheSameForAll } from '../settings';
import { executeQueryParameters } from './parameters';

/** What one input item has for an answer. */
type ItemAnswer = { result: QueryResult } | { failure: Failure };

/** Documented: one execution yields so many rows at most. */
const MOST_ROWS = 1_000;

/** NQL Query > Execute: one item per row, typed as it came. Equal queries of several input items are asked once. */
export async function executeQuery(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const errorPath = errorPathOf(context);
	const { answers, replies } = await answersOf(context, errorPath);
	const failed = answers.flatMap((answer) => ('failure' in answer ? [answer.failure] : []));
	if (errorPath === 'stop' && failed.length > 0) {
		const stopped = replies?.stoppedBy && inWordsOfQueries(stopFailure(replies));
		throw runErrorOf(context.getNode(), stopped ?? failed[0]!, {
			summary:
				answers.length > 1 ? `${failed.length} of ${answers.length} queries have no answer.` : '',
			data: { failedItems: failed.length, items: answers.length },
			anyRequest: (replies?.requests ?? 0) > 0,
			onRetryOnFail: 'Retry On Fail makes n8n run the whole node again, with all its queries.',
		});
	}
	const items = answers.flatMap((answer, item) => itemsOf(answer, errorPath, { item }));
	context.addExecutionHints(...hintsOf(answers, items.length - failed.length));
	// n8n gives a model that gets no item an empty text.
	if (isTool(context) && items.length === 0)
		return [[{ json: { rows: 0 }, pairedItem: { item: 0 } }]];
	return [items];
}

/** Never throws: in two of the three On Error modes that would make n8n pass all items on as successes. */
async function answersOf(
	context: IExecuteFunctions,
	errorPath: ErrorPath,
): Promise<{ answers: ItemAnswer[]; replies?: Replies<QueryResult> }> {
	const itemCount = context.getInputData().length;
	const refuse = (sentence: string) => {
		const failure = refusalOf('INVALID_PARAMETER', sentence);
		return { answers: Array.from({ length: itemCount }, () => ({ failure })) };
	};
	try {
		const noTool = whyNoTool(
			context,
			'queryParameters',
			'the values of Query Parameters',
			executeQueryParameters,
		);
		if (noTool !== undefined) return refuse(noTool);
		const differs = whyNotTheSameForAll(context, ['queryId', 'options'], executeQueryParameters);
		if (differs !== undefined) return refuse(differs);
		const queryId = readQueryId(context);
		if (queryId instanceof UnusableSetting) return refuse(queryId.sentence);
		const given = context.getNodeParameter('options', 0, {}) as Partial<QueryOptions>;
		const options = { ...DEFAULT_QUERY_OPTIONS, ...given };
		const unusable = whyQueryOptionsUnusable(options);
		if (unusable !== undefined) return refuse(unusable);
		const access = await readAccess(context);
		if (access instanceof UnusableSetting) return refuse(access.sentence);

		const asked = readQueries(context, queryId, itemCount);
		const { queries, positions } = distinctQueries(asked);
		const { execute } = querySender(context, { ...access, timeout: options.timeout });
		context.logger.info('Nexthink: running queries', { queries: queries.length });
		const replies = await askEach(
			queries,
			{ ...options, stopOnFailure: errorPath === 'stop' },
			{
				ask: execute,
				signal: context.getExecutionCancelSignal(),
				...MACHINE_CLOCK,
				sleep,
			},
		);
		context.logger.info('Nexthink: queries ended', { requests: replies.requests });
		const answers = asked.map((each, item) => answerOf(each, positions[item], replies));
		return { answers, replies };
	} catch (error) {
		return refuse(
			`A setting of the node or its credential cannot be read: ${plainText(error instanceof Error ? error.message : String(error))}`,
		);
	}
}

function answerOf(
	asked: ItemQuery,
	position: number | undefined,
	replies: Replies<QueryResult>,
): ItemAnswer {
	if ('refused' in asked) return { failure: refusalOf('INVALID_PARAMETER', asked.refused) };
	const reply = replies.replies[position!];
	if (reply === undefined) return { failure: inWordsOfQueries(stopFailure(replies)) };
	return 'answer' in reply ? { result: reply.answer } : reply;
}

function itemsOf(
	answer: ItemAnswer,
	errorPath: ErrorPath,
	pairedItem: { item: number },
): INodeExecutionData[] {
	if ('failure' in answer) {
		const message = messageOf(answer.failure);
		return [
			itemOnErrorPath(errorPath, answer.failure, message, { json: {}, atError: {} }, pairedItem),
		];
	}
	const rows = answer.result.rows.filter((row) => row !== null);
	return rows.map((row) => ({ json: row as IDataObject, pairedItem }));
}

function hintsOf(answers: readonly ItemAnswer[], rowCount: number): NodeExecutionHint[] {
	const results = answers.flatMap((answer) => ('result' in answer ? [answer.result] : []));
	const cut = results.filter(
		({ rows, count }) => rows.length >= MOST_ROWS || (count ?? 0) > rows.length,
	);
	const unreadable = results.reduce(
		(sum, { rows }) => sum + rows.filter((row) => row === null).length,
		0,
	);
	const failed = answers.length - results.length;
	const failure = answers.find((answer) => 'failure' in answer);
	const warnings = [
		cut.length > 0 &&
			'The result may be cut: Nexthink gives 1,000 rows at most for one query. Export has room for 1,000,000.',
		unreadable > 0 && `Rows that cannot be read, left out here: ${unreadable}.`,
		failure !== undefined &&
			'failure' in failure &&
			`${failed} of ${answers.length} queries have no answer. ${sentenceOf(failure.failure)}`,
	].filter((message) => typeof message === 'string');
	const rows =
		results.length > 1
			? `${rowCount} rows for ${results.length} input items, of which each gets all rows of its query.`
			: `The query yielded ${rowCount} row${rowCount === 1 ? '' : 's'}.`;
	return [
		...(results.length > 0 ? [{ message: rows, location: 'outputPane' } as const] : []),
		...warnings.map((message) => ({ message, type: 'warning', location: 'outputPane' }) as const),
	];
}
