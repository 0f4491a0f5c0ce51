import { compact, sumBy } from 'lodash';
import {
	sleep,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type NodeExecutionHint,
} from 'n8n-workflow';

import { inWordsOfQueries, type QueryResult } from '../../api/queryAnswer';
import { querySender } from '../../api/send';
import { askEach, type Replies, type Reply } from '../../requests/askEach';
import { MACHINE_CLOCK } from '../../requests/pace';
import { counted } from '../counted';
import {
	errorPathOf,
	itemOnErrorPath,
	messageOf,
	sentenceOf,
	stopFailure,
	type ErrorPath,
} from '../failures';
import { hint } from '../hints';
import { RESOURCES, type Operation } from '../operation';
import { planQueries } from '../queryParameters';
import { runErrorOf } from '../runError';
import { isTool, readSettings } from '../settings/read';
import { executeQueryParameters } from './parameters';

/** What one input item has for an answer. */
type ItemAnswer = Reply<QueryResult>;

/** Documented: one execution yields so many rows at most. */
const MOST_ROWS = 1_000;

/** NQL Query > Execute: one item per row, typed as it came. Equal queries of several input items are asked once. */
export const executeQuery: Operation = {
	resource: RESOURCES.nqlQuery,
	value: 'execute',
	name: 'Execute',
	action: 'Execute NQL query',
	description: 'Run a saved query and get one item for each row',
	isTool: true,
	parameters: executeQueryParameters,
	async execute(context) {
		const errorPath = errorPathOf(context);
		const { answers, replies } = await answersOf(context, errorPath);
		const failed = answers.flatMap((answer) => ('failure' in answer ? [answer.failure] : []));
		if (errorPath === 'stop' && failed.length > 0) {
			const stopped = replies?.stoppedBy && inWordsOfQueries(stopFailure(replies));
			throw runErrorOf(context.getNode(), stopped ?? failed[0]!, {
				summary: answers.length > 1 ? withoutAnswer(failed.length, answers.length) : '',
				data: { failedItems: failed.length, items: answers.length },
				anyRequest: (replies?.requests ?? 0) > 0,
				onRetryOnFail: 'Retry On Fail makes n8n run the whole node again, with all its queries.',
			});
		}
		const newNames = namesThatPass(answers);
		const items = answers.flatMap((answer, item) => itemsOf(answer, errorPath, newNames, { item }));
		context.addExecutionHints(...hintsOf(answers, items.length - failed.length, newNames));
		// n8n gives a model that gets no item an empty text.
		if (isTool(context) && items.length === 0)
			return [[{ json: { rows: 0 }, pairedItem: { item: 0 } }]];
		return [items];
	},
};

/** Never throws: in two of the three On Error modes that would make n8n pass all items on as successes. */
async function answersOf(
	context: IExecuteFunctions,
	errorPath: ErrorPath,
): Promise<{ answers: ItemAnswer[]; replies?: Replies<QueryResult> }> {
	const { settings, refusal } = readSettings(context, executeQueryParameters);
	const planned = await planQueries(context, settings, refusal);
	if ('refusal' in planned) {
		return { answers: context.getInputData().map(() => ({ failure: planned.refusal })) };
	}
	const { access, queries, asked } = planned;
	const { execute } = querySender(context, { ...access, timeout: settings.timeout });
	context.logger.info('Nexthink: running queries', { queries: queries.length });
	const replies = await askEach(
		queries,
		{ ...settings, stopOnFailure: errorPath === 'stop' },
		{
			ask: execute,
			signal: context.getExecutionCancelSignal(),
			...MACHINE_CLOCK,
			sleep,
		},
	);
	context.logger.info('Nexthink: queries ended', { requests: replies.requests });
	const unasked = () => ({ failure: inWordsOfQueries(stopFailure(replies)) });
	const answers = asked.map((each) =>
		'failure' in each ? each : (replies.replies[each.position] ?? unasked()),
	);
	return { answers, replies };
}

/**
 * Columns that n8n would take for a sign that the item failed: it would send the row to the error output, lose its other columns, or run
 * the query again with Retry On Fail (measured).
 */
const COLUMNS_OF_FAILED_ITEMS = ['error', '$error'];

/** The names under which such columns come out, where there are any; none of them is the name of another column. */
function namesThatPass(answers: readonly ItemAnswer[]): ReadonlyMap<string, string> {
	const rows = rowsOf(answers);
	const isColumn = (name: string) => rows.some((row) => Object.hasOwn(row, name));
	return new Map(
		COLUMNS_OF_FAILED_ITEMS.filter(isColumn).map((column) => {
			const free = `${column}_column`;
			let name = free;
			for (let more = 2; isColumn(name); more++) name = `${free}_${more}`;
			return [column, name];
		}),
	);
}

function itemsOf(
	answer: ItemAnswer,
	errorPath: ErrorPath,
	newNames: ReadonlyMap<string, string>,
	pairedItem: { item: number },
): INodeExecutionData[] {
	if ('failure' in answer) {
		const { failure } = answer;
		const nothing = { json: {}, atError: {} };
		return [itemOnErrorPath(errorPath, failure, messageOf(failure), nothing, pairedItem)];
	}
	return rowsOf([answer]).map((row) => ({ json: renamed(row, newNames), pairedItem }));
}

function rowsOf(answers: readonly ItemAnswer[]): IDataObject[] {
	return answers.flatMap((answer) =>
		'answer' in answer ? answer.answer.rows.filter((row) => row !== null) : [],
	) as IDataObject[];
}

function renamed(row: IDataObject, newNames: ReadonlyMap<string, string>): IDataObject {
	if (newNames.size === 0) return row;
	return Object.fromEntries(
		Object.entries(row).map(([column, value]) => [newNames.get(column) ?? column, value]),
	);
}

/** "1 of 3 queries has no answer." */
function withoutAnswer(failed: number, all: number): string {
	return `${failed} of ${counted(all, 'query', 'queries')} ${failed === 1 ? 'has' : 'have'} no answer.`;
}

function hintsOf(
	answers: readonly ItemAnswer[],
	rowCount: number,
	newNames: ReadonlyMap<string, string>,
): NodeExecutionHint[] {
	const results = answers.flatMap((answer) => ('answer' in answer ? [answer.answer] : []));
	const failures = answers.flatMap((answer) => ('failure' in answer ? [answer.failure] : []));
	const unreadable = sumBy(results, ({ rows }) => rows.filter((row) => row === null).length);
	const warnings = compact([
		results.some(({ rows, count }) => rows.length >= MOST_ROWS || (count ?? 0) > rows.length) &&
			'The result might be incomplete: Nexthink returns 1,000 rows at most for one query. Export returns up to 1,000,000.',
		unreadable > 0 && `The output lacks ${counted(unreadable, 'row')} that couldn't be read.`,
		...[...newNames].map(
			([column, name]) =>
				`The column "${column}" is named "${name}" in the output, because n8n treats items with a field "${column}" as failed ones.`,
		),
		failures.length > 0 &&
			`${withoutAnswer(failures.length, answers.length)} ${sentenceOf(failures[0]!)}`,
	]);
	const rows =
		results.length > 1
			? `${counted(rowCount, 'row')} for ${counted(results.length, 'input item')}. Each item gets all rows of its query.`
			: `The query returned ${counted(rowCount, 'row')}.`;
	return [
		...(results.length > 0 ? [hint(rows, 'info')] : []),
		...warnings.map((message) => hint(message)),
	];
}
