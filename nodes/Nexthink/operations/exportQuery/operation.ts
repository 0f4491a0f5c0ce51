import type {
	IBinaryData,
	IExecuteFunctions,
	INodeExecutionData,
	NodeExecutionHint,
} from 'n8n-workflow';

import { ArrivingFile } from '../../api/exportedFile';
import type { Failure } from '../../api/failure';
import { plainText } from '../../api/plainText';
import { queryFailure, type Compression, type Query } from '../../api/queryAnswer';
import type { ArrivedFile } from '../../api/send';
import type { Reply } from '../../requests/askEach';
import type { Access } from '../access';
import { counted } from '../counted';
import {
	causeOf,
	hintOfExports,
	makeExport,
	ON_RETRY_ON_FAIL,
	type MadeExport,
} from '../exporting';
import { errorPathOf, itemOnErrorPath, messageOf, sentenceOf, type ErrorPath } from '../failures';
import { hintsWith } from '../hints';
import { RESOURCES, type Operation } from '../operation';
import { planQueries, type PlannedQueries } from '../queryParameters';
import { runErrorOf } from '../runError';
import { isTool, readSettings, type SettingsOf } from '../settings/read';
import { Refusal } from '../settings/refusal';
import { exportQueryParameters } from './parameters';

type ExportSettings = SettingsOf<typeof exportQueryParameters>;

/** One export and the input items that ask for it. */
interface AskedExport {
	items: number[];
	query?: Query;
	/** Absent where none was made. */
	outcome?: MadeExport<IBinaryData>;
	/** Why there is no file. */
	failure?: Failure;
}

/**
 * NQL Query > Export: one item with a file for each distinct query, however many input items ask for it. Nexthink takes few exports in
 * a day, so they go one after the other, and the first that fails for good ends them under On Error: Stop Workflow.
 */
export const exportQuery: Operation = {
	resource: RESOURCES.nqlQuery,
	value: 'export',
	name: 'Export',
	action: 'Export NQL query',
	description: 'Run a saved query with a large result and get a file',
	isTool: false,
	parameters: exportQueryParameters,
	async execute(context) {
		const errorPath = errorPathOf(context);
		const { options, made } = await makeExports(context, errorPath);
		const failed = made.find(({ failure }) => failure !== undefined);
		if (errorPath === 'stop' && failed !== undefined) {
			const { failure, outcome } = failed;
			throw runErrorOf(context.getNode(), failure!, {
				summary: '',
				data: { exportId: outcome?.exportId ?? null },
				anyRequest: outcome !== undefined,
				onRetryOnFail: ON_RETRY_ON_FAIL,
				cause: causeOf({ exportId: outcome?.exportId, failure }),
			});
		}
		context.addExecutionHints(...hintsOf(context, made));
		return [made.map((each) => itemOf(each, options, errorPath))];
	},
};

/** Never throws: in two of the three On Error modes that would make n8n pass all items on as successes. */
async function makeExports(
	context: IExecuteFunctions,
	errorPath: ErrorPath,
): Promise<{ options: ExportSettings; made: AskedExport[] }> {
	const { settings: options, refusal } = readSettings(context, exportQueryParameters);
	const noTool = isTool(context)
		? new Refusal(
				"Export can't be a tool of an AI Agent: a model couldn't read its file",
				'Use Execute.',
			)
		: undefined;
	const planned = await planQueries(context, options, refusal ?? noTool);
	if ('refusal' in planned) {
		const failure = planned.refusal;
		return { options, made: context.getInputData().map((_, item) => ({ items: [item], failure })) };
	}
	const made = exportsOf(planned);
	let notStarted: Failure | undefined;
	for (const each of made) {
		// What is known to have failed ends the run before the next request: exports are few in a day.
		if (errorPath === 'stop' && made.some(({ failure }) => failure !== undefined)) break;
		if (each.query === undefined) continue;
		if (notStarted === undefined) {
			each.outcome = await exportOne(context, each.query, planned.access, options);
		}
		each.failure = notStarted ?? each.outcome!.failure;
		// One that could not even be started has met what the others would meet: no right, no such query, no export left today.
		if (each.outcome?.exportId === undefined && speaksForAll(each.failure)) {
			notStarted = each.failure;
		}
	}
	return { options, made };
}

function speaksForAll(failure: Failure | undefined): boolean {
	return failure?.then === 'stop' || failure?.code === 'RATE_LIMITED';
}

function exportsOf({ queries, asked }: PlannedQueries): AskedExport[] {
	const exports = queries.map((query): AskedExport => ({ items: [], query }));
	const refused: AskedExport[] = [];
	asked.forEach((each, item) => {
		if ('failure' in each) refused.push({ items: [item], failure: each.failure });
		else exports[each.position]!.items.push(item);
	});
	return [...exports, ...refused];
}

async function exportOne(
	context: IExecuteFunctions,
	query: Query,
	access: Access,
	options: ExportSettings,
): Promise<MadeExport<IBinaryData>> {
	const { compression } = options;
	return await makeExport(
		context,
		{ ...query, compression },
		{ ...options, ...access },
		async (arrived, ended) => await storeFile(context, query, arrived, ended, options),
	);
}

const FILE_TYPES: Record<Compression, [extension: string, mimeType: string]> = {
	NONE: ['csv', 'text/csv'],
	GZIP: ['csv.gz', 'application/gzip'],
	ZSTD: ['csv.zst', 'application/zstd'],
};

/** The file goes from the connection into n8n's binary data, without a stay in memory where n8n is set up so. Never throws. */
async function storeFile(
	context: IExecuteFunctions,
	{ queryId }: Query,
	{ body, longestSilence, end }: ArrivedFile,
	ended: AbortSignal,
	{ compression, maxFileSize }: ExportSettings,
): Promise<Reply<IBinaryData>> {
	const arriving = new ArrivingFile(compression, maxFileSize);
	arriving.endIfSilent(longestSilence, end, ended);
	try {
		const [extension, mimeType] = FILE_TYPES[compression];
		const file = await context.helpers.prepareBinaryData(
			body.map((chunk: Uint8Array) => arriving.passOn(chunk)),
			`${queryId.slice(1)}.${extension}`,
			mimeType,
		);
		arriving.end();
		if (arriving.refusal === undefined && !ended.aborted) return { answer: file };
	} catch (error) {
		// A transfer that breaks off is an error of the stream itself.
		const arrived = arriving.refusal === undefined && body.errored === null && !ended.aborted;
		if (arrived) return { failure: notStored(error) };
	}
	return { failure: arriving.refusal ?? queryFailure('FILE_UNAVAILABLE') };
}

/** n8n says in its own words what is missing: space, or the size of file that it takes. */
function notStored(error: unknown): Failure {
	const failure = queryFailure('FILE_NOT_STORED');
	const said = plainText(error instanceof Error ? error.message : String(error));
	return { ...failure, message: `${failure.message}: ${said.replace(/\.$/, '')}` };
}

function itemOf(
	{ items, query, outcome, failure }: AskedExport,
	{ binaryPropertyName }: ExportSettings,
	errorPath: ErrorPath,
): INodeExecutionData {
	const pairedItem = items.map((item) => ({ item }));
	const exportId = outcome?.exportId ?? null;
	if (failure !== undefined) {
		return itemOnErrorPath(
			errorPath,
			failure,
			messageOf(failure),
			{ json: { exportId }, atError: { exportId } },
			pairedItem,
		);
	}
	return {
		json: {
			queryId: query!.queryId,
			exportId,
			status: 'COMPLETED',
			isCutByLicence: outcome!.isCutByLicence,
		},
		binary: { [binaryPropertyName]: outcome!.file! },
		pairedItem,
	};
}

function hintsOf(context: IExecuteFunctions, made: readonly AskedExport[]): NodeExecutionHint[] {
	const complete = made.filter(({ failure }) => failure === undefined).length;
	const failed = made.find(({ failure }) => failure !== undefined)?.failure;
	const sums = `${complete} of ${counted(made.length, 'export')} complete.`;
	return hintsWith(failed ? `${sums} ${sentenceOf(failed)}` : sums, failed === undefined, [
		made.some(({ outcome }) => outcome?.isCutByLicence === true) &&
			'The licence cut the result of the export: the file is incomplete.',
		hintOfExports(context),
	]);
}
