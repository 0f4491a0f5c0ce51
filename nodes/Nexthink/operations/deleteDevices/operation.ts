import {
	sleep,
	type IExecuteFunctions,
	type INodeExecutionData,
	type NodeExecutionHint,
} from 'n8n-workflow';

import { deletionSender } from '../../api/send';
import { runDeletion } from '../../deletion/run';
import { MACHINE_CLOCK } from '../../requests/pace';
import { errorOf } from './error';
import { errorPathOf, sentenceOf, stopFailure, type ErrorPath } from '../failures';
import { isTool } from '../settings';
import { makeItems, type MadeItems } from './items';
import { prepare, type Preparation } from './preparation';
import { countsOf, isOnErrorPath, sumsOf, type Counts, type DeletionReport } from './report';

/**
 * Device > Delete: items, devices, plan, batches, answers, outcomes, items.
 *
 * Under On Error: Stop Workflow it throws at most one error, at the end of the run. In the other modes it never throws: n8n would then
 * pass all input items on as successes (measured).
 */
export async function deleteDevices(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const errorPath = errorPathOf(context);
	const preparation = await prepare(context);
	const report = await carryOut(context, preparation, errorPath);
	const made = makeItems(
		report,
		errorPath,
		preparation.settings.includeInputFields ? preparation.inputs : undefined,
		preparation.isListOfOneItem,
	);
	const counts = countsOf(report, made.outcomes);
	logEnd(context, report, counts);

	if (errorPath === 'stop') {
		const error = errorOf(context.getNode(), report, made.outcomes);
		if (error !== undefined) throw error;
	}
	context.addExecutionHints(...hintsOf(context, preparation, report, counts, made));
	return [isTool(context) ? answerToAgent(report, counts, made) : made.items];
}

async function carryOut(
	context: IExecuteFunctions,
	{ plan, settings, hosts, refusal }: Preparation,
	errorPath: ErrorPath,
): Promise<DeletionReport> {
	const { dryRun, failOnUnscheduled, batchSize, requestId, timeout } = settings;
	const report: DeletionReport = { plan, dryRun, failOnUnscheduled };
	if (hosts === undefined) return { ...report, refusal };
	if (dryRun || plan.devices.length === 0) return report;

	const batches = Math.ceil(plan.devices.length / batchSize);
	context.logger.info('Nexthink: scheduling device deletions', {
		devices: plan.devices.length,
		batches,
		...(requestId !== undefined && { requestId }),
	});
	const result = await runDeletion(
		plan.devices,
		{ ...settings, stopOnFailure: errorPath === 'stop' },
		{
			send: deletionSender(context, { hosts, timeout }),
			signal: context.getExecutionCancelSignal(),
			...MACHINE_CLOCK,
			sleep,
		},
	);
	return { ...report, result };
}

/** Counts and request ids only: names and UIDs of devices do not belong in a log. */
function logEnd({ logger }: IExecuteFunctions, { result }: DeletionReport, counts: Counts): void {
	if (result === undefined) return;
	const { stoppedBy } = result;
	logger.info('Nexthink: device deletions ended', {
		...counts,
		...(stoppedBy !== undefined && {
			stoppedBy: typeof stoppedBy === 'string' ? stoppedBy : stoppedBy.code,
		}),
		requestIds: [...new Set(result.requests.map((request) => request.requestId))],
	});
}

function hintsOf(
	context: IExecuteFunctions,
	{ settings }: Preparation,
	report: DeletionReport,
	counts: Counts,
	made: MadeItems,
): NodeExecutionHint[] {
	if (counts.entries === 0) {
		return [
			{ message: 'The list of devices is empty, so nothing was sent.', location: 'outputPane' },
		];
	}
	const allWell = counts.scheduled + counts.dryRun === counts.entries - counts.duplicates;
	const warnings = [
		settings.uidValidation === 'warn' &&
			report.plan.malformedUids > 0 &&
			`Malformed UIDs, left to Nexthink to decide on: ${report.plan.malformedUids}. A UID has the form 8-4-4-4-12 hexadecimal digits.`,
		report.result !== undefined &&
			report.result.strangers > 0 &&
			`Devices that Nexthink answered for although they were not asked for, left out here: ${report.result.strangers}.`,
		report.result !== undefined &&
			report.result.miscounts > 0 &&
			`Answers that state another number of scheduled devices than their statuses show: ${report.result.miscounts}. The statuses decide.`,
		context.getNode().retryOnFail === true &&
			made.items[0]?.json.error !== undefined &&
			'Because the first item is on the error branch and Retry On Fail is on, n8n runs this node again and sends scheduled devices once more. That does no harm; turn off Retry On Fail to spare it.',
	].filter((message) => typeof message === 'string');
	return [
		{
			message: [sumsOf(counts, report.dryRun), whyEnded(report)].filter(Boolean).join(' '),
			type: allWell ? 'info' : 'warning',
			location: 'outputPane',
		},
		...warnings.map(
			(message): NodeExecutionHint => ({
				message,
				type: 'warning',
				location: 'outputPane',
			}),
		),
	];
}

/** Under Continue nothing is thrown, so that the hint is the one place that says what ended the run. */
function whyEnded({ refusal, result }: DeletionReport): string | undefined {
	if (refusal !== undefined) return sentenceOf(refusal);
	return result?.stoppedBy === undefined ? undefined : sentenceOf(stopFailure(result));
}

/** A model reads every item it is given: the sums, and only those devices that need a decision. */
function answerToAgent(
	{ dryRun, failOnUnscheduled }: DeletionReport,
	counts: Counts,
	{ items, outcomes }: MadeItems,
): INodeExecutionData[] {
	const notScheduled = items.filter((_, index) => {
		const { status } = outcomes[index]!;
		return status === 'INVALID' || status === 'FAILED' || isOnErrorPath(status, failOnUnscheduled);
	});
	return [
		{ json: { summary: sumsOf(counts, dryRun), counts: { ...counts } }, pairedItem: { item: 0 } },
		...notScheduled,
	];
}
