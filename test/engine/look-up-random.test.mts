import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FACTS } from '../properties/look-up-facts.mts';
import { writtenFile, type ScenarioFile } from '../properties/look-up-file.mts';
import { matchTextOf } from '../properties/look-up-rules.mts';
import { equalityOf, type AskedValue, type PlayedLookUp } from '../properties/look-up-run.mts';
import {
	COLUMNS,
	inputOf,
	lookUpScenarios,
	METHODS,
	rowsOf,
	TITLES,
	type LookUpScenario,
	type Method,
} from '../properties/look-up-scenario.mts';
import { brokenFacts } from '../properties/look-up-search.mts';
import { randomSeed } from '../properties/search.mts';
import type { Fault } from '../simulator/tenant.mts';
import { useTestBench } from './delete-workflow.mts';
import { findings, runQuery } from './query-workflow.mts';

const bench = useTestBench({ pauses: 'short' });

const CASES = 40;
/** Of each method, so that what is queued is worth comparing: most runs fail, as their scenario wants it. */
const LEAST_QUEUED = 5;
const { FUZZ_SEED } = process.env;
const seed = FUZZ_SEED === undefined ? randomSeed() : Number(FUZZ_SEED);

/** The file of the scenario, as the tenant can send it. Faults of time are left to the runs in virtual time. */
function fileOf(scenario: LookUpScenario, needed: readonly string[], now: number): Fault {
	const [file] = scenario.files as [ScenarioFile];
	const rows = rowsOf(scenario, 'export', now) as Array<Record<string, string>>;
	const cells = rows.map((row) => TITLES.map((title) => row[title]!));
	const { bytes, brokenAt, isChunked, httpStatus } = writtenFile(file, [TITLES, ...cells], needed);
	if (httpStatus !== undefined) return { kind: 'status', status: httpStatus };
	const cut = (afterBytes: number): Fault => ({
		...{ kind: 'file', framing: 'length' },
		cut: { afterBytes, ending: 'close' },
	});
	switch (file.fault) {
		case 'broken off':
		case 'fewer bytes than announced':
			// Within the titles: the tenant quotes less than the scenario, so its file may be shorter.
			return cut(Math.min(brokenAt ?? bytes.length, 50));
		case 'packed for its way':
			return { kind: 'file', contentEncoding: 'gzip', framing: 'length' };
		case 'no end that can be told':
			return { kind: 'file', framing: 'close' };
		case 'a last line without its line break, and no length':
			return { kind: 'file', framing: 'chunked', style: { finalLineEnd: false } };
	}
	if (file.fault !== null || !isChunked) return { kind: 'status', status: 200, body: bytes };
	const style = {
		quoting: file.quoting === 'everywhere' ? 'all' : 'minimal',
		lineEnd: file.lineEnd === '\n' ? 'LF' : 'CRLF',
		byteOrderMark: file.hasByteOrderMark,
	} as const;
	return { kind: 'file', framing: 'chunked', style };
}

const status = (fate: unknown): Fault[] =>
	typeof fate === 'number' ? [{ kind: 'status', status: fate }] : [];

/** The tenant knows the devices of the scenario; some requests do not succeed, and some files are none. */
function prepare(scenario: LookUpScenario): void {
	const { tenant } = bench;
	const now = Date.now();
	tenant.reset();
	tenant.knownDevices.splice(0, Infinity);
	tenant.queries.push(
		{
			id: '#some',
			parameters: ['device_name'],
			rows: (_, { device_name: wanted }) => {
				const isWanted = equalityOf(scenario.comparison, wanted!);
				return rowsOf(scenario, 'query', now).filter((_row, position) =>
					isWanted(matchTextOf(scenario.devices[position]!, position, scenario, 'export') ?? ''),
				);
			},
		},
		{ id: '#all', columns: () => TITLES, rows: () => rowsOf(scenario, 'export', now) },
	);
	const { fates, exportFates, exportStates, isCutByLicence } = scenario;
	const play =
		(route: 'nqlExecute' | 'nqlExport' | 'nqlStatus' | 'file', from: number) => (fault: Fault) =>
			tenant.faults.add({ route, from, play: fault });
	fates.forEach((fate, position) => status(fate).forEach(play('nqlExecute', position + 1)));
	const [start, ...states] = exportFates;
	status(start).forEach(play('nqlExport', 1));
	states.forEach((fate, position) => status(fate).forEach(play('nqlStatus', position + 1)));
	const { matchColumn, checks, minDays } = scenario;
	const needed = ['id', 'name', matchColumn, ...checks] as const;
	const columns = needed.map((field): string => COLUMNS[field]);
	play('file', 1)(fileOf(scenario, minDays === null ? columns : [...columns, 'seen'], now));
	Object.assign(tenant.settings, { exportStates, exportCutByLicence: isCutByLicence });
}

async function playInEngine(scenario: LookUpScenario, method: Method): Promise<PlayedLookUp> {
	prepare(scenario);
	const { checks, minDays, includeInputFields, concurrency, matchColumn, hostNameOnly } = scenario;
	const options = {
		hostNameOnly,
		includeInputFields,
		maxRetries: 0,
		...(method === 'query' && { concurrency }),
		...(checks.length > 0 && {
			checks: { check: checks.map((field) => ({ column: COLUMNS[field], field })) },
		}),
		...(minDays !== null && { lastSeen: { values: { column: 'seen', minDays } } }),
	};
	const result = await runQuery(bench, {
		items: scenario.items.map(inputOf),
		parameters: {
			...{ resource: 'device', operation: 'lookUp', lookupMethod: method },
			queryId: method === 'query' ? '#some' : '#all',
			lookupField: matchColumn,
			matchColumn: COLUMNS[matchColumn],
		},
		options,
		onError: 'continueErrorOutput',
		deleteBehind: { success: {}, error: {} },
	});
	const to = (...routes: string[]) => result.requests.filter(({ route }) => routes.includes(route));
	const fateOf = (httpStatus: number | null) =>
		(httpStatus === 200 || httpStatus === 206 ? 'answered' : httpStatus) as 503;
	const asked = to('nqlExecute').map(({ body, status: httpStatus }): AskedValue => {
		const { parameters } = JSON.parse(body) as { parameters: { device_name: string } };
		return { value: parameters.device_name, fate: fateOf(httpStatus) };
	});
	const { success, failed } = result;
	return {
		...{ scenario, method, asked },
		outcomes: findings(result) as unknown as PlayedLookUp['outcomes'],
		starts: to('nqlExport').length,
		exportAnswers: to('nqlExport', 'nqlStatus').map((request) => fateOf(request.status)),
		fetched: to('file').map(() => scenario.files[0]!),
		distinct: new Set(asked.map(({ value }) => value)).size,
		branches: {
			sameOutput: { success: [], error: [] },
			errorOutput: {
				success,
				error: failed as unknown as PlayedLookUp['branches']['errorOutput']['error'],
			},
		},
	};
}

it(`in ${CASES} or more random look-ups by each method, each branch wired into Delete, the tenant queues only what is certain`, async () => {
	console.log(`Random look-ups in the engine with the seed ${seed}.`);
	const scenarios = fc.sample(lookUpScenarios, { numRuns: 5 * CASES, seed });
	const queued = { query: 0, export: 0 };
	for (const [index, drawn] of scenarios.entries()) {
		if (index >= CASES && METHODS.every((method) => queued[method] >= LEAST_QUEUED)) break;
		const [file] = drawn.files as [ScenarioFile];
		const files = [{ ...file, fault: file.fault === 'its time over' ? null : file.fault }];
		const scenario: LookUpScenario = { ...drawn, files, maxRetries: 0 };
		const told = JSON.stringify(scenario);
		const played: Partial<Record<Method, PlayedLookUp>> = {};
		for (const method of METHODS) {
			played[method] = await playInEngine(scenario, method);
			const { entries } = bench.tenant.ledger;
			for (const { uid, name } of entries) {
				for (const [fact, holds] of Object.entries(FACTS)) {
					const isTrue = holds({ scenario, method }, { uid, name });
					expect([fact, isTrue], told).toEqual([fact, true]);
				}
			}
			const found = played[method].outcomes.flatMap((outcome) =>
				outcome.match === 'FOUND' ? [outcome.uid] : [],
			);
			expect(bench.tenant.ledger.uids()).toEqual(new Set(found));
			queued[method] += entries.length;
		}
		expect(brokenFacts(played as Record<Method, PlayedLookUp>), told).toEqual([]);
	}
	for (const method of METHODS) expect(queued[method], method).toBeGreaterThanOrEqual(LEAST_QUEUED);
}, 240_000);
