import type { IExecuteFunctions } from 'n8n-workflow';

import type { KnownErrorCode } from '../../api/errorCodes';
import { ArrivingFile } from '../../api/exportedFile';
import type { Failure } from '../../api/failure';
import { queryFailure } from '../../api/queryAnswer';
import type { ArrivedFile } from '../../api/send';
import { containsUuid } from '../../input/uuid';
import { Inventory } from '../../lookUp/inventory';
import { neededColumns, type Gathered, type MatchRules } from '../../lookUp/match';
import { CsvReader, otherDelimiterOf } from '../../queryExport/csv';
import type { Reply } from '../../requests/askEach';
import type { Access } from '../access';
import { makeExport, type MadeExport, type Receive } from '../exporting';
import { keysOf } from '../fields';
import type { SettingsOf } from '../settings/read';
import { missingColumnFailure } from './byQuery';
import type { lookUpParameters } from './parameters';

/** What an export of all devices has for each value, or why nothing can be told by it. */
export interface GatheredByExport {
	gathered?: Gathered[];
	made: MadeExport<Inventory>;
	/** Why there is nothing. */
	failure?: Failure;
}

/** Makes one export of all devices and finds the values in it while its file arrives. Never throws. */
export async function gatherByExport(
	context: IExecuteFunctions,
	questions: readonly string[],
	settings: SettingsOf<typeof lookUpParameters> & Access,
	rules: MatchRules,
): Promise<GatheredByExport> {
	const query = { queryId: settings.queryId, parameters: {}, compression: 'NONE' as const };
	const made = await makeExport(context, query, settings, receiving(questions, rules));
	return gatheredFrom(made);
}

/** A file that is fetched anew is read from its beginning. */
export function receiving(questions: readonly string[], rules: MatchRules): Receive<Inventory> {
	return async (arrived, ended) =>
		await readInventory(arrived, ended, new Inventory(questions, rules), rules);
}

/** What the file of an export tells, if there is one and nothing could be missing in it. */
export function gatheredFrom(made: MadeExport<Inventory>): GatheredByExport {
	const { file, startedAt, isCutByLicence } = made;
	if (file === undefined) return { made, failure: made.failure && ofAllDevices(made.failure) };
	if (isCutByLicence) {
		return { made, failure: unusable('The licence cut its result, so devices are missing.') };
	}
	return { made, gathered: file.gathered().map((each) => ({ ...each, startedAt })) };
}

/** What else there is to do where the query of an export must list all devices. */
const ADVICE: Partial<Record<KnownErrorCode, string>> = {
	REQUEST_REFUSED:
		'Use a saved query without parameters that lists all devices. If it is one, run it in Nexthink to see whether it still works.',
	EXPORT_UNFINISHED:
		'Raise Maximum Wait. Nexthink might still complete the export, but its file can only be fetched by a new one.',
};

function ofAllDevices(failure: Failure): Failure {
	return { ...failure, advice: ADVICE[failure.row] ?? failure.advice };
}

/** Reads the file to its end. Whatever could hide a device makes it unusable. Never throws. */
async function readInventory(
	arrived: ArrivedFile,
	ended: AbortSignal,
	inventory: Inventory,
	rules: MatchRules,
): Promise<Reply<Inventory>> {
	const arriving = new ArrivingFile('NONE', Infinity);
	arriving.endIfSilent(arrived.body, arrived.longestSilence);
	const reader = new CsvReader((cells) => inventory.take(cells));
	let [bytes, fault]: [number, string | undefined] = [0, undefined];
	try {
		for await (const chunk of arrived.body as AsyncIterable<Uint8Array>) {
			bytes += chunk.length;
			arriving.passOn(chunk);
			fault = reader.read(chunk);
			if (fault !== undefined) break;
		}
	} catch {
		if (arriving.refusal === undefined) return { failure: brokenOff() };
	}
	if (ended.aborted) return { failure: brokenOff() };
	arriving.end();
	const { refusal, packing } = arriving;
	if (packing !== undefined) return { failure: unusable(`It is packed with ${packing}.`) };
	if (refusal !== undefined) return { failure: refusal };
	fault ??= reader.end() ?? (inventory.titles.length === 0 ? 'It is empty.' : undefined);
	if (inventory.missingColumn !== undefined) {
		return { failure: lacking(inventory.missingColumn, inventory.titles, rules) };
	}
	fault ??= whyPerhapsCut(bytes, reader.endsWithLineBreak, arrived);
	return fault === undefined ? { answer: inventory } : { failure: unusable(fault) };
}

/** A file that was cut between two rows looks like a whole one. */
function whyPerhapsCut(
	bytes: number,
	endsWithLineBreak: boolean,
	{ length, isChunked }: ArrivedFile,
): string | undefined {
	if (bytes === length) return undefined;
	if (length !== undefined) {
		// n8n unpacks on the way what was packed for it, and a part that is missing then doesn't show.
		return `It has ${bytes} bytes, and its host announced ${length}.`;
	}
	if (!isChunked) {
		return "Its host doesn't say how long it is, so the node can't tell whether all of it arrived.";
	}
	return endsWithLineBreak
		? undefined
		: "Its last line has no line break, so the node can't tell whether all of it arrived.";
}

function lacking(missing: string, titles: readonly string[], rules: MatchRules): Failure {
	const delimiter = otherDelimiterOf(titles, neededColumns(rules));
	if (delimiter !== undefined) {
		return unusable(`Its columns are separated by ${delimiter}, and the node needs commas.`);
	}
	const line = titles.join(',');
	// The first line of a file without titles is a device. What came instead of the file may repeat its address, with its signature.
	if (containsUuid(line) || /:\/\/|\?[^?\s]*=/.test(line)) {
		return unusable('Its first line has no titles.');
	}
	const columns = Object.fromEntries(titles.map((title) => [title, true]));
	return missingColumnFailure(missing, keysOf(columns, 'The file'));
}

function brokenOff(): Failure {
	const failure = queryFailure('FILE_UNAVAILABLE');
	return { ...failure, message: `${failure.message}: the connection was closed before its end` };
}

function unusable(why: string): Failure {
	const failure = queryFailure('FILE_UNUSABLE');
	return { ...failure, message: `${failure.message}. ${why.replace(/\.$/, '')}` };
}
