import { Readable } from 'node:stream';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import {
	queryFailure,
	readExecuted,
	readExportStart,
	readExportStatus,
	type QueryResult,
	type Read,
	type ReadAnswer,
} from '../../nodes/Nexthink/api/queryAnswer.ts';
import { planDeletion, type Device } from '../../nodes/Nexthink/deletion/plan.ts';
import { questionKey } from '../../nodes/Nexthink/input/sameText.ts';
import type { Inventory } from '../../nodes/Nexthink/lookUp/inventory.ts';
import { looseKeyOf, neededColumns, type MatchRules } from '../../nodes/Nexthink/lookUp/match.ts';
import { planLookUps, type LookUpPlan } from '../../nodes/Nexthink/lookUp/questions.ts';
import { entryOf, entryOfFields } from '../../nodes/Nexthink/operations/deleteDevices/entries.ts';
import type { ErrorPath } from '../../nodes/Nexthink/operations/failures.ts';
import { fieldReader, holdersOf } from '../../nodes/Nexthink/operations/fields.ts';
import { gatheredFrom, receiving } from '../../nodes/Nexthink/operations/lookUp/byExport.ts';
import { asking, voidedBy } from '../../nodes/Nexthink/operations/lookUp/byQuery.ts';
import {
	makeItems,
	outcomeOf,
	type LookUpOutcome,
	type LookUpReport,
} from '../../nodes/Nexthink/operations/lookUp/report.ts';
import { runExport } from '../../nodes/Nexthink/queryExport/run.ts';
import { askEach, type Reply } from '../../nodes/Nexthink/requests/askEach.ts';
import { equalityWith } from '../simulator/saved-queries.mts';
import { arriving, writtenFile, type ScenarioFile } from './look-up-file.mts';
import { isLooselyEqual, matchTextOf } from './look-up-rules.mts';
import {
	COLUMNS,
	inputOf,
	rowsOf,
	TITLES,
	type LookUpScenario,
	type Method,
} from './look-up-scenario.mts';
import { VirtualTime } from './virtual-time.mts';

/** One request for one value, and what became of it. */
export interface AskedValue {
	value: string;
	fate: LookUpScenario['fates'][number];
}

export interface PlayedLookUp {
	scenario: LookUpScenario;
	method: Method;
	outcomes: LookUpOutcome[];
	/** By query: every value that was asked for, in order. */
	asked: AskedValue[];
	/** By export: how often its start was asked for. */
	starts: number;
	/** By export: what became of each request, those for the file left out. */
	exportAnswers: Array<LookUpScenario['exportFates'][number]>;
	/** By export: the files that were fetched, in order. */
	fetched: ScenarioFile[];
	/** How many values there are to ask for. */
	distinct: number;
	/** What left through both branches, by On Error mode, as the next node gets it. */
	branches: Record<Exclude<ErrorPath, 'stop'>, { success: IDataObject[]; error: IDataObject[] }>;
}

/** The same devices and the same list, by each method. */
export type PlayedBoth = Record<Method, PlayedLookUp>;

const SAVED = { queryId: '#devices', parameterName: 'device_name' };

export async function playBoth(scenario: LookUpScenario): Promise<PlayedBoth> {
	return {
		query: await playLookUp(scenario, 'query'),
		export: await playLookUp(scenario, 'export'),
	};
}

/** Plays a look-up in virtual time, with the node's own code on all ways but the wire. */
export async function playLookUp(scenario: LookUpScenario, method: Method): Promise<PlayedLookUp> {
	const { matchColumn, checks, minDays, hostNameOnly } = scenario;
	const inputs = scenario.items.map(inputOf) as IDataObject[];
	const rules: MatchRules = {
		matchColumn: COLUMNS[matchColumn],
		uidColumn: COLUMNS.id,
		nameColumn: COLUMNS.name,
		checkColumns: checks.map((check) => COLUMNS[check]),
		...(minDays !== null && { lastSeen: { column: 'seen', minDays } }),
		hostNameOnly,
		mayBeLocal: method === 'export',
	};
	const plan = planLookUps(
		inputs.map((json, itemIndex) => ({
			itemIndex,
			value: json[matchColumn],
			checks: checks.map((field) => json[field]),
		})),
		rules,
		method === 'export' ? looseKeyOf(rules) : questionKey,
		method === 'query',
	);
	const seen = { asked: [], starts: 0, exportAnswers: [], fetched: [] };
	const play = method === 'query' ? playQueries : playExport;
	const known = plan.questions.length === 0 ? {} : await play(scenario, plan, rules, seen);
	const report: LookUpReport = { plan, rules, ...known };
	const outcomes = plan.entries.map((entry) => outcomeOf(report, entry));
	const carried = scenario.includeInputFields ? inputs : undefined;
	const branchesOf = (path: ErrorPath) =>
		routed(makeItems(report, outcomes, path, carried), inputs);
	return {
		...{ scenario, method, outcomes, ...seen },
		distinct: plan.questions.length,
		branches: { sameOutput: branchesOf('sameOutput'), errorOutput: branchesOf('errorOutput') },
	};
}

/** What is seen of a run from outside. */
type SeenOutside = Pick<PlayedLookUp, 'asked' | 'starts' | 'exportAnswers' | 'fetched'>;

type Play = (
	scenario: LookUpScenario,
	plan: LookUpPlan,
	rules: MatchRules,
	seen: SeenOutside,
) => Promise<Partial<LookUpReport>>;

const inTurn = <Each,>(list: readonly Each[], number: number): Each => list[number % list.length]!;

const playQueries: Play = async (scenario, { questions }, rules, { asked }) => {
	const time = new VirtualTime();
	const began = time.now();
	const ask = asking(
		{
			execute: async ({ parameters }, requestId) => {
				const value = parameters[SAVED.parameterName]!;
				const fate = inTurn(scenario.fates, asked.length);
				asked.push({ value, fate });
				return answerOf(scenario, value, fate, requestId, began);
			},
		},
		SAVED,
		rules,
	);
	const result = await time.until(
		askEach(
			questions,
			{ ...scenario, maxRetryWait: 300 },
			{
				...time,
				ask: async (...question) => {
					const startedAt = time.now();
					const reply = await ask(...question);
					return 'answer' in reply ? { answer: { ...reply.answer, startedAt } } : reply;
				},
			},
		),
	);
	return { result, voidBy: voidedBy(result) };
};

function answerOf(
	scenario: LookUpScenario,
	wanted: string,
	fate: AskedValue['fate'],
	requestId: string,
	now: number,
): Read<QueryResult> {
	if (fate === 'lost') return { failure: queryFailure('TIMEOUT') };
	const found = rowsFor(scenario, wanted, now);
	const rows =
		fate === 'without a column'
			? found.map((row) => ({ ...row, [COLUMNS.id]: undefined }))
			: fate === 'limited'
				? found.slice(0, 1)
				: found;
	const count = fate === 'miscounted' ? (rows.length + 1) % 3 : rows.length;
	const executedQuery = `devices | list device.uid${fate === 'limited' ? ' | limit 1' : ''}`;
	const isPage = typeof fate === 'number' || fate === 'a page of HTML';
	const body = isPage ? '<html></html>' : { rows: count, data: rows, executedQuery };
	const httpStatus = fate === 'in part' ? 206 : typeof fate === 'number' ? fate : 200;
	return readExecuted({ httpStatus, headers: {}, body: sent(body) }, requestId, now);
}

/** As JSON brings it: without what is undefined. */
function sent(body: unknown): unknown {
	return JSON.parse(JSON.stringify(body));
}

function rowsFor(scenario: LookUpScenario, wanted: string, now: number) {
	const isWanted = equalityOf(scenario.comparison, wanted);
	const rows = rowsOf(scenario, 'query', now);
	return scenario.devices.flatMap((device, position) => {
		const text = matchTextOf(device, position, scenario, 'export');
		return isWanted(text ?? '') ? [rows[position]!] : [];
	});
}

/** How a tenant compares: whether a text is one that a query for another text finds. */
export function equalityOf(
	comparison: LookUpScenario['comparison'],
	wanted: string,
): (text: string) => boolean {
	const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
	const finds: Record<LookUpScenario['comparison'], (text: string) => boolean> = {
		documented: equalityWith(wanted),
		exact: (text) => text === wanted,
		'case of A to Z alone': (text) => lower(text) === lower(wanted),
		'whatever could be equal': (text) => isLooselyEqual(text, wanted),
		beginning: (text) => text.startsWith(wanted),
		anything: () => true,
	};
	return finds[comparison];
}

const playExport: Play = async (scenario, { questions }, rules, seen) => {
	const time = new VirtualTime();
	const began = time.now();
	let [states, startedAt] = [0, began];
	const reply = <Answer,>(
		body: object,
		requestId: string,
		read: ReadAnswer<Answer>,
		success = 200,
	): Reply<Answer> => {
		const fate = inTurn(scenario.exportFates, seen.exportAnswers.length);
		seen.exportAnswers.push(fate);
		if (fate === 'lost') return { failure: queryFailure('TIMEOUT') };
		const httpStatus = typeof fate === 'number' ? fate : success;
		const isWhole = fate === 'answered';
		return read(
			{ httpStatus, headers: {}, body: isWhole ? body : '<html></html>' },
			requestId,
			time.now(),
		);
	};
	const receive = receiving(questions, rules);
	const outcome = await time.until(
		runExport<string, Inventory>(
			SAVED.queryId,
			{ ...scenario, maxRetryWait: 300, maxExportWait: 900 },
			{
				...time,
				start: async (_, requestId) => {
					seen.starts++;
					startedAt = time.now();
					return reply({ exportId: '1' }, requestId, readExportStart);
				},
				status: async (_, requestId) => {
					const isDone = states++ >= scenario.exportStates;
					const resultsFileUrl = 'https://files.example/1';
					const body = isDone ? { status: 'COMPLETED', resultsFileUrl } : { status: 'IN_PROGRESS' };
					const success = isDone && scenario.isCutByLicence ? 206 : 200;
					return reply(body, requestId, readExportStatus, success);
				},
				fetch: async () => {
					const file = inTurn(scenario.files, seen.fetched.length);
					seen.fetched.push(file);
					const rows = rowsOf(scenario, 'export', began) as Array<Record<string, string>>;
					const cells = rows.map((row) => TITLES.map((title) => row[title]!));
					const written = writtenFile(file, [TITLES, ...cells], neededColumns(rules));
					if (written.httpStatus !== undefined) {
						const { httpStatus } = written;
						return { failure: { ...queryFailure('FILE_UNAVAILABLE'), httpStatus } };
					}
					const body = Readable.from(arriving(file, written));
					const ended = written.isLate ? AbortSignal.abort() : new AbortController().signal;
					return await receive({ body, longestSilence: 60_000, ...written }, ended);
				},
			},
		),
	);
	const { endedBy } = outcome;
	const failure = typeof endedBy === 'string' ? queryFailure(endedBy) : endedBy;
	const { gathered, ...told } = gatheredFrom({ ...outcome, failure, startedAt });
	if (gathered === undefined) return { made: told.made, voidBy: told.failure };
	return { made: told.made, result: { replies: gathered.map((answer) => ({ answer })) } };
};

/** What n8n does with the items of a node that has an error output: handleNodeErrorOutput in n8n-core. */
function routed(items: readonly INodeExecutionData[], inputs: readonly IDataObject[]) {
	const success: IDataObject[] = [];
	const error: IDataObject[] = [];
	for (const { json, pairedItem } of items) {
		const isError =
			Boolean(json.error) && Object.keys(json).every((key) => key === 'error' || key === 'message');
		if (isError) error.push({ ...inputs[(pairedItem as { item: number }).item], ...json });
		else success.push(json);
	}
	return { success, error };
}

/** Every way in which somebody may wire items into Device > Delete: what would be sent. */
export function devicesSent(items: readonly IDataObject[]): Device[] {
	const fields = (uidField: string, nameField: string) => {
		const [uid, name] = [fieldReader(uidField), fieldReader(nameField)];
		const holders = holdersOf(uidField);
		return items.map((json, index) => entryOfFields(json, index, uid, name, holders(json)));
	};
	const ways = [
		fields('uid', 'name'),
		fields('error.device.uid', 'error.device.name'),
		fields('error.device.uid', 'name'),
		items.map((json, index) => entryOf(json, index)),
	];
	return ways.flatMap((entries) => planDeletion(entries, 'permissive').devices);
}
