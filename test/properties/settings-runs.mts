import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';

import { deleteDevices } from '../../nodes/Nexthink/operations/deleteDevices/operation';
import { executeQuery } from '../../nodes/Nexthink/operations/executeQuery/operation';
import { lookUpDevices } from '../../nodes/Nexthink/operations/lookUp/operation';
import { valuesOf } from '../engine/declared-parameters.mts';
import {
	loadEngine,
	type Engine,
	type ExecutionResult,
	type StoredCredential,
} from '../engine/harness/engine.mts';
import { startTenant, type RequestRecord, type Tenant } from '../simulator/tenant.mts';
import type { SavedQuery } from '../simulator/saved-queries.mts';
import type { Breach } from './search.mts';
import { expectedOf, parametersOf } from './settings-facts.mts';
import {
	isGroupSetting,
	settingsScenarios,
	type AnySetting,
	type GroupSetting,
	type Pool,
	type Setting,
	type SettingsScenario,
} from './settings-scenario.mts';

const NODE_TYPE = 'n8n-nodes-nexthink.nexthink';
const CREDENTIAL_TYPE = 'nexthinkOAuth2Api';

/** Values with which a run can go through; of a parameter that is not named here, all that it takes. */
const WORKABLE: Record<string, unknown[]> = {
	uidField: ['uid', 'row.uid', 'device.uid', "row['other uid']"],
	nameField: ['name', 'row.name', ' name'],
	maxDevices: [3, 10, 1_000_000],
	queryId: ['#first', '#second'],
	lookupField: ['name', 'row.name'],
	parameterName: ['device_name', 'b', 'device.name'],
	matchColumn: ['device.name', 'device.uid'],
	uidColumn: ['device.uid', 'device.collector.uid'],
	nameColumn: ['device.name'],
	'queryParameters.name': ['device_name', 'b', 'c'],
	'options.batchSize': [1, 2, 3, 100],
	'options.maxExportWait': [60, 1_000_000],
	'options.timeout': [30, 60, 1_000_000],
	'options.checks.column': ['device.hardware.machine_serial_number'],
	'options.checks.field': ['serial', 'row.serial'],
	'options.lastSeen.column': ['device.last_seen'],
};

/** What each item has, as code of an expression: whatever else is tried there belongs to the reader's own tests. */
const OF_ITEMS: Record<string, unknown> = {
	deviceUid: '={{ $json.uid }}',
	deviceName: '={{ $json.name }}',
	devicesJson: [{ uid: '={{ $json.uid }}', name: '={{ $json.name }}' }],
	lookupValues: ['={{ $json.name }}'],
	value: '={{ $json.name }}',
};

const pool: Pool = (path, parameter) => {
	if (parameter.scope === 'item') return { usable: ['a'], unusable: ['b'] };
	const { usable, unusable } = valuesOf(parameter);
	// n8n itself puts the default in the place of a text that is null.
	return { usable: WORKABLE[path] ?? usable, unusable };
};

const withItems = (setting: Setting, name: string): Setting =>
	name in OF_ITEMS ? { ...setting, raw: OF_ITEMS[name] } : setting;

/** In: a node as generated. Out: one that n8n hands on as it is. */
function workable(scenario: SettingsScenario): SettingsScenario {
	const all = (settings: Record<string, AnySetting>): Record<string, AnySetting> =>
		Object.fromEntries(
			Object.entries(settings).flatMap(([name, setting]): Array<[string, AnySetting]> => {
				if (!isGroupSetting(setting)) return [[name, withItems(setting, name)]];
				if (setting.rows === undefined) return [];
				const rows = setting.rows.map((row) =>
					Object.fromEntries(
						Object.entries(row).map(([field, each]) => [field, withItems(each, field)]),
					),
				);
				return [[name, { rows } as GroupSetting]];
			}),
		);
	return { ...scenario, top: all(scenario.top), options: all(scenario.options) };
}

const isNull = ({ raw }: Setting) => raw === null || raw === '';
const isAsGiven = ({ top, options }: SettingsScenario) =>
	[...Object.values(top), ...Object.values(options)]
		.flatMap((setting) =>
			isGroupSetting(setting)
				? (setting.rows ?? []).flatMap((row) => Object.values(row))
				: [setting],
		)
		.every((setting) => !isNull(setting));

const scenarios = settingsScenarios(pool, [deleteDevices, lookUpDevices, executeQuery])
	.map(workable)
	.filter(isAsGiven);

/** A run with random settings, as n8n and the tenant saw it. */
export interface SettingsRun {
	scenario: SettingsScenario;
	execution: ExecutionResult;
	/** What a model was given. */
	response: string;
	/** All of them, those for a token included. */
	requests: RequestRecord[];
	devices: ReadonlyArray<{ uid: string; name: string }>;
}

/** An engine and a tenant. */
export class SettingsBench {
	private constructor(
		private readonly engine: Engine,
		private readonly tenant: Tenant,
	) {}

	static async open(): Promise<SettingsBench> {
		const packageFolder = fileURLToPath(new URL('../..', import.meta.url));
		return new SettingsBench(
			await loadEngine({ packageFolder }),
			await startTenant({ devices: 10 }),
		);
	}

	async close(): Promise<void> {
		await this.tenant.close();
	}

	async run(scenario: SettingsScenario): Promise<SettingsRun> {
		const { tenant, engine } = this;
		tenant.reset();
		const { settings } = expectedOf(scenario);
		tenant.queries.push(savedQuery(scenario, settings));
		const devices = tenant.inventory.slice(0, scenario.items.length);
		const items = devices.map((device, n) => ({ ...scenario.items[n], ...itemOf(device) }));
		const credentials = [credentialOf(tenant)];
		const node = nodeOf(scenario);
		if (scenario.isTool) {
			const { execution, response } = await engine.runAsTool({
				node,
				arguments: items[0] as IDataObject,
				credentials,
			});
			return { scenario, execution, response, requests: [...tenant.requests], devices };
		}
		const execution = await engine.run(
			{
				nodes: [
					plainNode('Start', 'n8n-nodes-base.manualTrigger'),
					plainNode('Source', 'n8n-nodes-base.serviceNow'),
					node,
				],
				connections: {
					Start: { main: [[{ node: 'Source', type: 'main', index: 0 }]] },
					Source: { main: [[{ node: node.name, type: 'main', index: 0 }]] },
				},
				pinData: { Source: items.map((json) => ({ json: json as IDataObject })) },
				settings: { executionOrder: 'v1' },
			},
			{ credentials, pauses: 'short' },
		);
		return { scenario, execution, response: '', requests: [...tenant.requests], devices };
	}
}

function itemOf({ uid, name }: Tenant['inventory'][number]) {
	const serial = `SN-${name}`;
	return {
		...{ uid, name, 'device.uid': uid, ' name': name, serial },
		row: { uid, name, 'other uid': uid, serial },
	};
}

function plainNode(name: string, type: string): INode {
	return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters: {} };
}

function nodeOf(scenario: SettingsScenario): INode {
	const onError = scenario.hasErrorOutput ? 'continueErrorOutput' : undefined;
	return {
		...plainNode('Nexthink', `${NODE_TYPE}${scenario.isTool ? 'Tool' : ''}`),
		parameters: parametersOf(scenario) as INodeParameters,
		credentials: { [CREDENTIAL_TYPE]: { id: '1', name: 'Nexthink account' } },
		...(onError && { onError }),
	};
}

function credentialOf({ apiBaseUrl, tokenUrl, clientId, clientSecret }: Tenant): StoredCredential {
	const data = { region: 'custom', apiBaseUrl, tokenUrl, clientId, clientSecret };
	return { id: '1', name: 'Nexthink account', type: CREDENTIAL_TYPE, data };
}

type Rows = ReadonlyArray<{ name: string }>;

/** Whether one export serves a look-up of the whole list. */
const isByExport = (settings: Record<string, unknown>) => settings.lookupMethod === 'export';

/** A query that declares what the node asks with, has the columns that it needs, and finds nothing. */
function savedQuery(
	{ operation }: SettingsScenario,
	settings: Record<string, unknown>,
): SavedQuery {
	const names =
		operation === lookUpDevices
			? [settings.parameterName as string]
			: ((settings.queryParameters as Rows | undefined) ?? []).map(({ name }) => name);
	const { matchColumn, uidColumn, nameColumn, checks, lastSeen } = settings as Record<
		string,
		string
	> & {
		checks?: ReadonlyArray<{ column: string }>;
		lastSeen?: { column: string };
	};
	const columns = [matchColumn, uidColumn, nameColumn, lastSeen?.column].concat(
		(checks ?? []).map(({ column }) => column),
	);
	return {
		id: settings.queryId as string,
		parameters: isByExport(settings) ? [] : names,
		columns: () => columns.filter((column) => column !== undefined),
		rows: () => [],
	};
}

/** The bodies that must be sent, as far as the settings alone tell, in any order. */
function expectedBodies({ scenario, devices }: SettingsRun): unknown[] {
	const { settings } = expectedOf(scenario);
	const { queryId, parameterName, queryParameters, hostNameOnly, batchSize, dryRun } = settings;
	const list = devices.map(({ uid, name }) => ({ uid, name }));
	if (scenario.operation === deleteDevices) {
		if (dryRun === true) return [];
		const size = batchSize as number;
		const batches = Math.ceil(list.length / size);
		return Array.from({ length: batches }, (_, batch) => ({
			devices: list.slice(batch * size, (batch + 1) * size),
		}));
	}
	if (isByExport(settings)) return [{ queryId, parameters: {}, compression: 'NONE' }];
	const rows = (queryParameters as Rows | undefined) ?? [];
	const parametersFor = (name: string): object[] => {
		if (scenario.operation !== lookUpDevices) {
			return [Object.fromEntries(rows.map((row) => [row.name, name]))];
		}
		// The names have no domain. Namesakes might have one.
		const asked = hostNameOnly === true ? [name, `${name}.*`] : [name];
		return asked.map((value) => ({ [parameterName as string]: value }));
	};
	const queries = devices.flatMap(({ name }) =>
		parametersFor(name).map((parameters) => ({ queryId, parameters })),
	);
	const texts = queries.map((query) => JSON.stringify(query));
	return queries.filter((_, index) => texts.indexOf(texts[index]!) === index);
}

/** Whether host names are to be looked up in a column that has none. */
function cutsNoNames(scenario: SettingsScenario): boolean {
	const { hostNameOnly, matchColumn, nameColumn } = expectedOf(scenario).settings;
	return hostNameOnly === true && matchColumn !== nameColumn;
}

/** Whether the names of the query's parameters can serve no query. */
function givesOneTwice(scenario: SettingsScenario): boolean {
	const names = ((expectedOf(scenario).settings.queryParameters as Rows | undefined) ?? []).map(
		({ name }) => name,
	);
	return new Set(names).size < names.length;
}

export const FACTS_OF_SETTINGS_RUNS = {
	NOTHING: 'a run with a parameter that cannot be used sends nothing, not even for a token',
	SAID: 'a run with a parameter that cannot be used ends with INVALID_PARAMETER',
	EXACT: 'a run whose parameters can all be used sends what they say, no more and no less',
} as const;

type FactOfRuns = (typeof FACTS_OF_SETTINGS_RUNS)[keyof typeof FACTS_OF_SETTINGS_RUNS];

export const mustBeRefused = (scenario: SettingsScenario) =>
	expectedOf(scenario).unusable.length > 0 || givesOneTwice(scenario) || cutsNoNames(scenario);

/** Out: for each fact that does not hold of the run, what is wrong. */
export function breachesOfRun(run: SettingsRun): Map<FactOfRuns, string> {
	const { scenario, requests, execution, response } = run;
	const { NOTHING, SAID, EXACT } = FACTS_OF_SETTINGS_RUNS;
	const broken = new Map<FactOfRuns, string>();
	if (mustBeRefused(scenario)) {
		if (requests.length > 0) broken.set(NOTHING, requests.map(({ body }) => body).join('\n'));
		const said = [
			execution.nodeError('Nexthink'),
			execution.outputs('Nexthink'),
			// n8n gives a model nothing of the error output.
			execution.hints('Nexthink').map(({ message }) => message),
		];
		const told = `${JSON.stringify(said)}${response}`;
		if (!/INVALID_PARAMETER|has no error output/.test(told)) broken.set(SAID, told);
		return broken;
	}
	// The address of a file is no part of the API.
	const sent = requests.filter(({ route }) => route !== 'token' && route !== 'file');
	const asking = sent.filter(({ method }) => method === 'POST');
	const bodies = asking.map(({ body }) => JSON.stringify(JSON.parse(body))).sort();
	const expected = expectedBodies(run)
		.map((body) => JSON.stringify(body))
		.sort();
	const wrong = [];
	if (JSON.stringify(bodies) !== JSON.stringify(expected)) {
		wrong.push(`sent ${bodies.join(' ')} instead of ${expected.join(' ')}`);
	}
	const { requestId, includeInputFields } = expectedOf(scenario).settings;
	const firstId = sent[0]?.headers['x-request-id'];
	if (sent.length > 0 && (requestId ?? '') !== '' && firstId !== requestId) {
		wrong.push(`the first request has the ID ${String(firstId)}`);
	}
	const authorizations = new Set(sent.map(({ headers }) => headers.authorization));
	if (authorizations.size > 1) wrong.push(`${authorizations.size} values of Authorization`);
	const items = execution.outputs('Nexthink').flat();
	const withInput = items.some(({ json }) => 'input' in json);
	if (!scenario.isTool && includeInputFields !== undefined && withInput !== includeInputFields) {
		wrong.push(`items ${withInput ? 'with' : 'without'} input`);
	}
	const error = execution.error ?? execution.nodeError('Nexthink');
	if (error !== undefined) wrong.push(error.message);
	if (wrong.length > 0) broken.set(EXACT, wrong.join('; '));
	return broken;
}

export interface SettingsRunSearch {
	cases: number;
	seed: number;
	bench: SettingsBench;
	onRun?: (run: SettingsRun) => void;
}

/** Runs nodes with random settings in n8n's engine, and looks for breaches of any fact. */
export async function searchSettingsRuns({
	cases,
	seed,
	bench,
	onRun,
}: SettingsRunSearch): Promise<Breach[]> {
	const broken = new Map<FactOfRuns, { cases: number; counterexample: string }>();
	await fc.assert(
		fc.asyncProperty(scenarios, async (scenario) => {
			const run = await bench.run(scenario);
			onRun?.(run);
			for (const [fact, breach] of breachesOfRun(run)) {
				const user = scenario.isTool ? 'as a tool' : 'as a node';
				const told = `${user}, with ${JSON.stringify(parametersOf(scenario), null, 1)}:\n${breach}`;
				const known = broken.get(fact) ?? { cases: 0, counterexample: told };
				const shorter = [known.counterexample, told].sort((a, b) => a.length - b.length)[0]!;
				broken.set(fact, { cases: known.cases + 1, counterexample: shorter });
			}
		}),
		{ numRuns: cases, seed },
	);
	return [...broken].map(([fact, breach]) => ({ fact, ...breach }));
}
