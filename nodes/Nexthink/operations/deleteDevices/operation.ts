import { sleep, type IExecuteFunctions, type NodeExecutionHint } from 'n8n-workflow';

import { deletionSender } from '../../api/send';
import { runDeletion } from '../../deletion/run';
import { MACHINE_CLOCK } from '../../requests/pace';
import { errorOf } from './error';
import { counted } from '../counted';
import { endOf, errorPathOf, sentenceOf, summaryItem, type ErrorPath } from '../failures';
import { hint, hintsWith, whereReasonIs } from '../hints';
import { RESOURCES, type Operation } from '../operation';
import { isTool } from '../settings/read';
import { makeItems, type MadeItems } from './items';
import { prepare, type Preparation } from './preparation';
import { deleteDevicesParameters } from './parameters';
import { progressLog } from './progress';
import { countsOf, sumsOf, type Counts, type DeletionReport } from './report';

/**
 * Device > Delete: items, devices, plan, batches, answers, outcomes, items. Under On Error: Stop Workflow it throws at most one error, at
 * the end of the run.
 */
export const deleteDevices: Operation = {
	resource: RESOURCES.device,
	value: 'delete',
	name: 'Delete',
	action: 'Delete devices',
	description: 'Schedule devices for deletion and get the status of each device',
	isTool: true,
	parameters: deleteDevicesParameters,
	async execute(context) {
		const errorPath = errorPathOf(context);
		const preparation = await prepare(context);
		const report = await carryOut(context, preparation, errorPath);
		const { settings, inputs } = preparation;
		const made = makeItems(report, {
			...(settings.includeInputFields && { inputs }),
			areEntriesOfLists: settings.deviceSource === 'jsonList',
		});
		const counts = countsOf(report, made.outcomes);
		logEnd(context, report, counts);

		const error =
			errorPath === 'stop' ? errorOf(context.getNode(), report, made.outcomes, counts) : undefined;
		if (error !== undefined) throw error;
		context.addExecutionHints(...hintsOf(context, preparation, report, counts, made));
		if (!isTool(context)) return [made.items];
		// A model reads every item it is given: the sums, and only those devices that need a decision.
		const notScheduled = made.items.filter(
			(_, index) => made.outcomes[index]!.failure !== undefined,
		);
		return [[summaryItem(sumsOf(counts, report.dryRun), report.refusal, counts), ...notScheduled]];
	},
};

async function carryOut(
	context: IExecuteFunctions,
	{ plan, settings, access, refusal }: Preparation,
	errorPath: ErrorPath,
): Promise<DeletionReport> {
	const { dryRun, failOnUnscheduled, batchSize, timeout } = settings;
	const requestId = settings.requestId === '' ? undefined : settings.requestId;
	const report: DeletionReport = { plan, dryRun, errorPath, failOnUnscheduled };
	if (access === undefined) return { ...report, refusal };
	if (dryRun || plan.devices.length === 0) return report;

	context.logger.info('Nexthink: scheduling device deletions', {
		devices: plan.devices.length,
		batches: Math.ceil(plan.devices.length / batchSize),
		...(requestId !== undefined && { requestId }),
	});
	const result = await runDeletion(
		plan.devices,
		{ ...settings, requestId, stopOnFailure: errorPath === 'stop' },
		{
			send: deletionSender(context, { ...access, timeout }),
			progress: progressLog(context.logger, plan.devices.length, MACHINE_CLOCK),
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
	if (counts.entries === 0 && report.refusal === undefined) {
		return [hint('The device list is empty, so nothing was sent.', 'info')];
	}
	const ended = endOf(report);
	const isWhole = counts.scheduled + counts.dryRun === counts.entries - counts.duplicates;
	const warnings = [
		settings.uidValidation === 'warn' && malformedInWords(report, made.outcomes),
		report.result !== undefined &&
			report.result.strangers > 0 &&
			`Devices in the responses that weren't in the requests, left out here: ${report.result.strangers}.`,
		report.result !== undefined &&
			report.result.miscounts > 0 &&
			`Responses that state another number of scheduled devices than their statuses show: ${report.result.miscounts}. The statuses decide.`,
		context.getNode().retryOnFail === true &&
			made.items[0]?.json.error !== undefined &&
			'Because the first item is on the error output and Retry On Fail is on, n8n runs this node again and sends scheduled devices once more. That does no harm. To prevent it, turn off Retry On Fail.',
	];
	// Under Continue nothing is thrown, so that the hint is the one place that says what ended the run.
	const sums = [
		sumsOf(counts, report.dryRun),
		ended && sentenceOf(ended),
		whereReasonIs(made.items),
	]
		.filter(Boolean)
		.join(' ');
	return hintsWith(sums, isWhole && ended === undefined, warnings);
}

function malformedInWords(
	{ plan, dryRun }: DeletionReport,
	outcomes: MadeItems['outcomes'],
): string | undefined {
	const malformedUids = plan.entries.filter(
		({ isMalformed, duplicateOf }, index) =>
			isMalformed &&
			duplicateOf === undefined &&
			(outcomes[index]!.attempts > 0 || outcomes[index]!.status === 'DRY_RUN'),
	).length;
	if (malformedUids === 0) return undefined;
	const were = dryRun ? 'would be' : malformedUids === 1 ? 'was' : 'were';
	const them = malformedUids === 1 ? 'it' : 'them';
	return `${counted(malformedUids, 'malformed UID')} ${were} sent; Nexthink decides whether to accept ${them}. A UID has the form 8-4-4-4-12 hexadecimal digits.`;
}
