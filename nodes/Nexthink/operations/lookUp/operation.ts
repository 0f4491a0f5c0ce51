import {
	sleep,
	type IExecuteFunctions,
	type INodeExecutionData,
	type NodeExecutionHint,
} from 'n8n-workflow';

import type { Failure } from '../../api/failure';
import { plainText } from '../../api/plainText';
import { inWordsOfQueries, queryFailure, type QueryResult } from '../../api/queryAnswer';
import { querySender, type QuerySender } from '../../api/send';
import { abridged, missingColumn, type MatchRules } from '../../lookUp/match';
import { planLookUps, type LookUpPlan } from '../../lookUp/questions';
import { askEach, type Ask } from '../../requests/askEach';
import { MACHINE_CLOCK } from '../../requests/pace';
import { readAccess, type Access } from '../access';
import { endOf, errorPathOf, sentenceOf, summaryItem, type ErrorPath } from '../failures';
import { keysOf } from '../fields';
import { hint, hintsWith } from '../hints';
import { runErrorOf } from '../runError';
import { RESOURCES, type Operation } from '../operation';
import { isTool, readSettings, type SettingsOf } from '../settings/read';
import { readNames, type ReadNames } from './entries';
import { lookUpParameters } from './parameters';
import {
	countsOf,
	makeItems,
	outcomeOf,
	sumsOf,
	type LookUpCounts,
	type LookUpOutcome,
	type LookUpReport,
} from './report';

/** Everything that is known before the first request. */
interface Preparation {
	settings: SettingsOf<typeof lookUpParameters>;
	rules: MatchRules;
	inputs: ReadNames['inputs'];
	plan: LookUpPlan;
	/** Absent where the run is refused. */
	access?: Access;
	/** Why nothing at all may be asked. */
	refusal?: Failure;
}

/** Device > Look Up: items, names, questions, answers, findings, items. Only a lookup that has no answer takes the error path. */
export const lookUpDevices: Operation = {
	resource: RESOURCES.device,
	value: 'lookUp',
	name: 'Look Up',
	action: 'Look up devices',
	description: 'Find the UIDs of devices by their names, where that is certain',
	isTool: true,
	parameters: lookUpParameters,
	async execute(context) {
		const errorPath = errorPathOf(context);
		const preparation = await prepare(context);
		const report = await carryOut(context, preparation, errorPath);
		const outcomes = report.plan.entries.map((entry) => outcomeOf(report, entry));
		const counts = countsOf(outcomes);
		logEnd(context, report, counts);

		const error = errorPath === 'stop' ? errorOf(context, report, outcomes, counts) : undefined;
		if (error !== undefined) throw error;
		const inputs = preparation.settings.includeInputFields ? preparation.inputs : undefined;
		const items = makeItems(report, outcomes, errorPath, inputs);
		context.addExecutionHints(...hintsOf(context, report, counts, items));
		const { refusal } = report;
		return [isTool(context) ? [summaryItem(sumsOf(counts), refusal, counts), ...items] : items];
	},
};

/** Reads input, parameters and credential. Asks nothing and never throws. */
async function prepare(context: IExecuteFunctions): Promise<Preparation> {
	const { settings, refusal: unusable } = readSettings(context, lookUpParameters);
	const { entries, inputs, refusal } = readNames(context, settings, context.getInputData());
	const { uidColumn, nameColumn, checks, lastSeen } = settings;
	const rules = {
		...{ uidColumn, nameColumn, lastSeen },
		checkColumns: checks.map(({ column }) => column),
	};
	const way = await readAccess(context, unusable ?? refusal);
	return { settings, rules, inputs, plan: planLookUps(entries), ...way };
}

async function carryOut(
	context: IExecuteFunctions,
	{ plan, settings, rules, access, refusal }: Preparation,
	errorPath: ErrorPath,
): Promise<LookUpReport> {
	const report: LookUpReport = { plan, rules, now: Date.now() };
	if (access === undefined) return { ...report, refusal };
	if (plan.questions.length === 0) return report;

	context.logger.info('Nexthink: looking up devices', {
		names: plan.entries.length,
		distinct: plan.questions.length,
	});
	const sender = querySender(context, { ...access, timeout: settings.timeout });
	const result = await askEach(
		plan.questions,
		{ ...settings, stopOnFailure: errorPath === 'stop' },
		{
			ask: asking(sender, settings, rules),
			signal: context.getExecutionCancelSignal(),
			...MACHINE_CLOCK,
			sleep,
		},
	);
	return { ...report, now: Date.now(), result };
}

/**
 * One question. Until an answer had all needed columns, a result without one of them is no answer, and neither would the others be. After
 * that it is a row that has no value there.
 */
function asking(
	sender: QuerySender,
	{ queryId, parameterName }: Preparation['settings'],
	rules: MatchRules,
): Ask<string, QueryResult> {
	let hadAllColumns = false;
	return async (name, requestId, halted) => {
		const parameters = { [parameterName]: name };
		const reply = await sender.execute({ queryId, parameters }, requestId, halted);
		if ('failure' in reply) return reply;
		const missing = hadAllColumns ? undefined : missingColumn(reply.answer, rules);
		if (missing === undefined) {
			hadAllColumns ||= reply.answer.rows.some((row) => row !== null);
			return { answer: abridged(reply.answer) };
		}
		const row = reply.answer.rows.find((each) => each !== null) ?? undefined;
		const message = `The result of the query has no column "${plainText(missing, 100)}". ${keysOf(row, 'Its first row')}`;
		return {
			failure: {
				...queryFailure('COLUMN_MISSING'),
				message: message.replace(/\.$/, ''),
				requestId,
			},
		};
	};
}

const MOST_LISTED = 1000;

function errorOf(
	context: IExecuteFunctions,
	{ refusal, result }: LookUpReport,
	outcomes: readonly LookUpOutcome[],
	counts: LookUpCounts,
) {
	const failed = outcomes.filter(({ failure }) => failure !== undefined);
	if (failed.length === 0 && refusal === undefined) return undefined;
	const ended = endOf({ refusal, result });
	const unknown = outcomes.flatMap(({ failure }, index) =>
		failure === undefined ? [] : [{ index, requestId: failure.requestId }],
	);
	return runErrorOf(context.getNode(), ended ? inWordsOfQueries(ended) : failed[0]!.failure!, {
		summary: sumsOf(counts),
		data: {
			counts,
			unknown: unknown.slice(0, MOST_LISTED),
			omitted: Math.max(0, unknown.length - MOST_LISTED),
		},
		anyRequest: (result?.requests ?? 0) > 0,
		onRetryOnFail: 'Retry On Fail makes n8n run the whole node again, with all its look-ups.',
	});
}

/** Counts only: names of devices do not belong in a log. */
function logEnd(
	{ logger }: IExecuteFunctions,
	{ result }: LookUpReport,
	counts: LookUpCounts,
): void {
	if (result === undefined) return;
	const { stoppedBy, requests } = result;
	logger.info('Nexthink: look-ups ended', {
		...counts,
		requests,
		...(stoppedBy !== undefined && {
			stoppedBy: typeof stoppedBy === 'string' ? stoppedBy : stoppedBy.code,
		}),
		requestIdsWithoutAnswer: result.replies
			.flatMap((reply) => (reply && 'failure' in reply ? [reply.failure.requestId] : []))
			.slice(0, MOST_LISTED),
	});
}

function hintsOf(
	context: IExecuteFunctions,
	report: LookUpReport,
	counts: LookUpCounts,
	items: readonly INodeExecutionData[],
): NodeExecutionHint[] {
	if (counts.entries === 0 && report.refusal === undefined) {
		return [hint('There are no names, so nothing was looked up.', 'info')];
	}
	const ended = endOf(report);
	const why = ended && sentenceOf(inWordsOfQueries(ended));
	const sums = [sumsOf(counts), why].filter(Boolean).join(' ');
	const runsAgain = context.getNode().retryOnFail === true && items[0]?.json.error !== undefined;
	return hintsWith(sums, counts.found === counts.entries, [
		runsAgain &&
			'Because the first item is on the error branch and Retry On Fail is on, n8n runs this node again with all its look-ups. Turn off Retry On Fail to spare it.',
	]);
}
