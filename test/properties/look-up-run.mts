import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import {
	queryFailure,
	readExecuted,
	type QueryResult,
} from '../../nodes/Nexthink/api/queryAnswer.ts';
import { planDeletion, type Device } from '../../nodes/Nexthink/deletion/plan.ts';
import { missingColumn, type MatchRules } from '../../nodes/Nexthink/lookUp/match.ts';
import { planLookUps } from '../../nodes/Nexthink/lookUp/questions.ts';
import { entryOf, entryOfFields } from '../../nodes/Nexthink/operations/deleteDevices/entries.ts';
import type { ErrorPath } from '../../nodes/Nexthink/operations/failures.ts';
import { fieldReader } from '../../nodes/Nexthink/operations/fields.ts';
import {
	makeItems,
	outcomeOf,
	type LookUpOutcome,
	type LookUpReport,
} from '../../nodes/Nexthink/operations/lookUp/report.ts';
import { askEach, type Reply } from '../../nodes/Nexthink/requests/askEach.ts';
import { equalityWith } from '../simulator/saved-queries.mts';
import { inputOf, lastSeenOf, uidOf, type LookUpScenario } from './look-up-scenario.mts';
import { VirtualTime } from './virtual-time.mts';

export interface PlayedLookUp {
	scenario: LookUpScenario;
	now: number;
	outcomes: LookUpOutcome[];
	/** Every name that was asked for, in order. */
	asked: string[];
	/** How many names there are to ask for. */
	distinct: number;
	/** What left through both branches, by On Error mode, as the next node gets it. */
	branches: Record<Exclude<ErrorPath, 'stop'>, { success: IDataObject[]; error: IDataObject[] }>;
}

export const RULES = { uidColumn: 'device.uid', nameColumn: 'device.name' };

/** Plays a look-up in virtual time, with the node's own code on all ways but the wire. */
export async function playLookUp(scenario: LookUpScenario): Promise<PlayedLookUp> {
	const time = new VirtualTime();
	const inputs = scenario.items.map(inputOf) as IDataObject[];
	const plan = planLookUps(
		inputs.map((json, itemIndex) => ({
			itemIndex,
			value: json.name,
			checks: scenario.checks.map((field) => json[field]),
		})),
	);
	const rules: MatchRules = {
		...RULES,
		checkColumns: scenario.checks,
		...(scenario.minDays !== null && { lastSeen: { column: 'seen', minDays: scenario.minDays } }),
	};
	const asked: string[] = [];
	const result = await time.until(
		askEach(
			plan.questions,
			{ ...scenario, maxRetryWait: 300 },
			{
				...time,
				ask: async (name, requestId) => {
					asked.push(name);
					const reply = answerOf(scenario, name, asked.length - 1, requestId, time.now());
					if ('failure' in reply || missingColumn(reply.answer, rules) === undefined) return reply;
					return { failure: queryFailure('COLUMN_MISSING') };
				},
			},
		),
	);
	const now = time.now();
	const report: LookUpReport = { plan, rules, now, result };
	const outcomes = plan.entries.map((entry) => outcomeOf(report, entry));
	const carried = scenario.includeInputFields ? inputs : undefined;
	const branchesOf = (path: ErrorPath) =>
		routed(makeItems(report, outcomes, path, carried), inputs);
	return {
		scenario,
		now,
		outcomes,
		asked,
		distinct: plan.questions.length,
		branches: { sameOutput: branchesOf('sameOutput'), errorOutput: branchesOf('errorOutput') },
	};
}

function answerOf(
	scenario: LookUpScenario,
	name: string,
	number: number,
	requestId: string,
	now: number,
): Reply<QueryResult> {
	const fate = scenario.fates[number % scenario.fates.length]!;
	if (fate === 'lost') return { failure: queryFailure('TIMEOUT') };
	const isAnswer = fate === 'answered' || fate === 'miscounted';
	const rows = rowsFor(scenario, name, now);
	const count = fate === 'miscounted' ? (rows.length + 1) % 3 : rows.length;
	const body = isAnswer ? { rows: count, data: rows } : '<html></html>';
	const httpStatus = typeof fate === 'number' ? fate : 200;
	return readExecuted({ httpStatus, headers: {}, body }, requestId, now);
}

function rowsFor({ devices, comparison }: LookUpScenario, wanted: string, now: number) {
	const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
	const finds: Record<LookUpScenario['comparison'], (name: string) => boolean> = {
		documented: equalityWith(wanted),
		exact: (name) => name === wanted,
		'case of A to Z alone': (name) => lower(name) === lower(wanted),
		beginning: (name) => name.startsWith(wanted),
		anything: () => true,
	};
	return devices.flatMap((device, position) =>
		finds[comparison](device.name)
			? [
					{
						'device.uid': uidOf(position),
						'device.name': device.name,
						serialNumber: device.serialNumber,
						site: device.site,
						seen: lastSeenOf(device, now),
					},
				]
			: [],
	);
}

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
		return items.map((json, index) => entryOfFields(json, index, uid, name));
	};
	const ways = [
		fields('uid', 'name'),
		fields('error.device.uid', 'error.device.name'),
		fields('error.device.uid', 'name'),
		items.map((json, index) => entryOf(json, index)),
	];
	return ways.flatMap((entries) => planDeletion(entries, 'permissive').devices);
}
