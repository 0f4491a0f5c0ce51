import type { IExecuteFunctions, INodeExecutionData, NodeExecutionHint } from 'n8n-workflow';

import type { Failure } from '../../api/failure';
import { inWordsOfQueries } from '../../api/queryAnswer';
import { questionKey } from '../../input/sameText';
import { looseKeyOf, type MatchRules } from '../../lookUp/match';
import { planLookUps, type LookUpPlan } from '../../lookUp/questions';
import { readAccess, type Access } from '../access';
import { causeOf, hintOfExports, ON_RETRY_ON_FAIL } from '../exporting';
import { endOf, errorPathOf, sentenceOf, summaryItem, type ErrorPath } from '../failures';
import { hint, hintsWith, whereReasonIs } from '../hints';
import { RESOURCES, type Operation } from '../operation';
import { runErrorOf } from '../runError';
import { isTool, readSettings, type SettingsOf } from '../settings/read';
import { Refusal } from '../settings/refusal';
import { gatherByExport } from './byExport';
import { gatherByQuery, voidedBy } from './byQuery';
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
	description:
		'Find devices by name, serial number or UID, and get their UIDs if the match is certain',
	isTool: true,
	parameters: lookUpParameters,
	async execute(context) {
		const errorPath = errorPathOf(context);
		const preparation = await prepare(context);
		const report = await carryOut(context, preparation, errorPath);
		const outcomes = report.plan.entries.map((entry) => outcomeOf(report, entry));
		const counts = countsOf(report, outcomes);
		logEnd(context, report, counts);

		const error = errorPath === 'stop' ? errorOf(context, report, outcomes, counts) : undefined;
		if (error !== undefined) throw error;
		const inputs = preparation.settings.includeInputFields ? preparation.inputs : undefined;
		const items = makeItems(report, outcomes, errorPath, inputs);
		context.addExecutionHints(...hintsOf(context, report, counts, items));
		const summary = summaryItem(sumsOf(counts), report.refusal, counts);
		return [isTool(context) ? [summary, ...items] : items];
	},
};

/** Reads input, parameters and credential. Asks nothing and never throws. */
async function prepare(context: IExecuteFunctions): Promise<Preparation> {
	const { settings, refusal: unusable } = readSettings(context, lookUpParameters);
	const { entries, inputs, refusal } = readNames(context, settings, context.getInputData());
	const { matchColumn, uidColumn, nameColumn, checks, lastSeen, hostNameOnly } = settings;
	const isByExport = settings.lookupMethod === 'export';
	const rules = {
		...{ matchColumn, uidColumn, nameColumn, lastSeen, hostNameOnly, mayBeLocal: isByExport },
		checkColumns: checks.map(({ column }) => column),
	};
	const noNames =
		hostNameOnly && matchColumn !== nameColumn
			? new Refusal(
					'Host Name Only needs names to look up, and Match Column is not Name Column',
					'Turn off Host Name Only, or set Match Column and Name Column to the same column.',
				)
			: undefined;
	const way = await readAccess(context, unusable ?? noNames ?? refusal);
	const keyOf = isByExport ? looseKeyOf(rules) : questionKey;
	const plan = planLookUps(entries, rules, keyOf, !isByExport);
	return { settings, rules, inputs, plan, ...way };
}

async function carryOut(
	context: IExecuteFunctions,
	{ plan, settings, rules, access, refusal }: Preparation,
	errorPath: ErrorPath,
): Promise<LookUpReport> {
	const report: LookUpReport = { plan, rules };
	if (access === undefined) return { ...report, refusal };
	const { questions } = plan;
	if (questions.length === 0) return report;

	context.logger.info('Nexthink: looking up devices', {
		values: plan.entries.length,
		questions: questions.length,
		method: settings.lookupMethod,
	});
	const way = { ...settings, ...access };
	if (settings.lookupMethod === 'query') {
		const result = await gatherByQuery(context, questions, way, rules, errorPath);
		return { ...report, result, voidBy: voidedBy(result) };
	}
	const { gathered, made, failure } = await gatherByExport(context, questions, way, rules);
	if (gathered === undefined) return { ...report, made, voidBy: failure };
	return { ...report, made, result: { replies: gathered.map((answer) => ({ answer })) } };
}

const MOST_LISTED = 1000;

/** Nexthink advises an export for more than some hundred requests (documented without a number). */
const MANY_QUESTIONS = 500;

function errorOf(
	context: IExecuteFunctions,
	report: LookUpReport,
	outcomes: readonly LookUpOutcome[],
	counts: LookUpCounts,
) {
	const { refusal, voidBy, made, result } = report;
	const failed = outcomes.filter(({ failure }) => failure !== undefined);
	const ended = endOf({ refusal: refusal ?? voidBy, result });
	if (failed.length === 0 && ended === undefined) return undefined;
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
		anyRequest: made !== undefined || (result?.requests ?? 0) > 0,
		...(made === undefined
			? { onRetryOnFail: 'Retry On Fail makes n8n run the whole node again, with all its lookups.' }
			: { onRetryOnFail: ON_RETRY_ON_FAIL, cause: causeOf(made) }),
	});
}

/** Counts only: names of devices do not belong in a log. */
function logEnd(
	{ logger }: IExecuteFunctions,
	{ result, made }: LookUpReport,
	counts: LookUpCounts,
): void {
	if (result === undefined) return;
	const { stoppedBy, requests } = result;
	logger.info('Nexthink: lookups ended', {
		...counts,
		...(requests !== undefined && { requests }),
		...(made?.file && { devicesInExport: made.file.deviceCount }),
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
		return [hint('The device list is empty, so nothing was looked up.', 'info')];
	}
	const { refusal, voidBy, result, made } = report;
	const requests = result?.requests ?? 0;
	const ended = endOf({ refusal: refusal ?? voidBy, result });
	const why = ended && sentenceOf(inWordsOfQueries(ended));
	const where = whereReasonIs(items);
	const sums = [sumsOf(counts), why, sizeOf(report), where].filter(Boolean).join(' ');
	const runsAgain = context.getNode().retryOnFail === true && items[0]?.json.error !== undefined;
	const isWhole = counts.found === counts.entries - counts.duplicates;
	return hintsWith(sums, isWhole && ended === undefined, [
		runsAgain &&
			'Because the first item is on the error output and Retry On Fail is on, n8n runs this node again with all its lookups. Turn off Retry On Fail to prevent that.',
		requests > MANY_QUESTIONS &&
			!isTool(context) &&
			`The node made ${requests.toLocaleString('en-US')} requests. For long lists set Lookup Method to Export, which makes one export for all values.`,
		made && hintOfExports(context),
		counts.found > 0 && isByNameAlone(report.rules) && hintOfName(isTool(context)),
	]);
}

/** Names are used again, also for a computer that was set up anew: the name is certain then, and the device another one. */
function isByNameAlone({ matchColumn, nameColumn, checkColumns, lastSeen }: MatchRules): boolean {
	const isOfName = (column: string) => column === nameColumn;
	return [matchColumn, ...checkColumns].every(isOfName) && lastSeen === undefined;
}

function hintOfName(asTool: boolean): string {
	const what = asTool ? 'Last Seen' : 'Checks, such as a serial number, or Last Seen';
	return `A name alone doesn't show whether a device is still the one you mean: add ${what}.`;
}

/** How many devices were searched: whoever expects more of them looks for a limit in the saved query. */
function sizeOf({ made }: LookUpReport): string | undefined {
	const count = made?.file?.deviceCount;
	if (count === 0) {
		return 'The export contains no devices: check the saved query, and which devices the credential can see.';
	}
	if (count === undefined) return undefined;
	return `The export contains ${count.toLocaleString('en-US')} ${count === 1 ? 'device' : 'devices'}.`;
}
