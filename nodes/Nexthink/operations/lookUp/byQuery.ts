import { sleep, type IExecuteFunctions } from 'n8n-workflow';

import type { Failure } from '../../api/failure';
import { plainText } from '../../api/plainText';
import { queryFailure, type QueryResult } from '../../api/queryAnswer';
import { querySender, type QuerySender } from '../../api/send';
import {
	abridged,
	hidingPart,
	missingColumn,
	type Gathered,
	type MatchRules,
} from '../../lookUp/match';
import { askEach, type Ask, type Replies } from '../../requests/askEach';
import { MACHINE_CLOCK } from '../../requests/pace';
import type { Access } from '../access';
import type { ErrorPath } from '../failures';
import { keysOf } from '../fields';
import type { SettingsOf } from '../settings/read';
import type { lookUpParameters } from './parameters';

/** Asks for each value in a request of its own. Never throws. */
export async function gatherByQuery(
	context: IExecuteFunctions,
	questions: readonly string[],
	settings: SettingsOf<typeof lookUpParameters> & Access,
	rules: MatchRules,
	errorPath: ErrorPath,
): Promise<Replies<Gathered>> {
	return await askEach(
		questions,
		{ ...settings, stopOnFailure: errorPath === 'stop' },
		{
			ask: asking(querySender(context, settings), settings, rules),
			signal: context.getExecutionCancelSignal(),
			...MACHINE_CLOCK,
			sleep,
		},
	);
}

/** Why nothing that was answered can be relied on: an answer that shows nothing of it is no more certain than the one that does. */
export function voidedBy({ replies }: Pick<Replies<Gathered>, 'replies'>): Failure | undefined {
	const failures = replies.flatMap((reply) => (reply && 'failure' in reply ? [reply.failure] : []));
	return failures.find(({ row }) => row === 'QUERY_HIDES_DEVICES');
}

/**
 * One question. Until an answer had all needed columns, a result without one of them is no answer, and neither would the others be. After
 * that it is a row that has no value there.
 */
export function asking(
	sender: Pick<QuerySender, 'execute'>,
	{
		queryId,
		parameterName,
	}: Pick<SettingsOf<typeof lookUpParameters>, 'queryId' | 'parameterName'>,
	rules: MatchRules,
): Ask<string, Gathered> {
	let hadAllColumns = false;
	return async (value, requestId, halted) => {
		const startedAt = Date.now();
		const parameters = { [parameterName]: value };
		const reply = await sender.execute({ queryId, parameters }, requestId, halted);
		if ('failure' in reply) return reply;
		const failure =
			whyHiding(reply.answer) ?? (hadAllColumns ? undefined : whyLacking(reply.answer, rules));
		if (failure !== undefined) return { failure: { ...failure, requestId } };
		hadAllColumns ||= reply.answer.rows.some((row) => row !== null);
		return { answer: { ...abridged(reply.answer), startedAt } };
	};
}

function whyHiding({ executedQuery = '' }: QueryResult): Failure | undefined {
	const part = hidingPart(executedQuery);
	if (part === undefined) return undefined;
	const failure = queryFailure('QUERY_HIDES_DEVICES');
	return { ...failure, message: `The saved query hides devices: it has "${plainText(part, 100)}"` };
}

function whyLacking(answer: QueryResult, rules: MatchRules): Failure | undefined {
	const missing = missingColumn(answer, rules);
	if (missing === undefined) return undefined;
	const row = answer.rows.find((each) => each !== null) ?? undefined;
	return missingColumnFailure(missing, keysOf(row, 'Its first row'));
}

/** @param columns which ones there are: a sentence */
export function missingColumnFailure(missing: string, columns: string): Failure {
	const message = `The result of the query has no column "${plainText(missing, 100)}". ${columns}`;
	return { ...queryFailure('COLUMN_MISSING'), message: message.replace(/\.$/, '') };
}
