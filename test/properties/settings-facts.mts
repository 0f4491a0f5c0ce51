import lodash from 'lodash';

import type {
	Group,
	Parameter,
	Parameters,
} from '../../nodes/Nexthink/operations/settings/parameter';
import {
	settingsFrom,
	type ReadSettings,
	type Source,
} from '../../nodes/Nexthink/operations/settings/read';
import {
	isGroupSetting,
	type AnySetting,
	type GroupSetting,
	type Setting,
	type SettingsScenario,
} from './settings-scenario.mts';

const { get, isEqual } = lodash;

/** The parameters of the node, as the workflow has them. */
export function parametersOf({
	operation,
	top,
	options,
}: SettingsScenario): Record<string, unknown> {
	const raw = (settings: Record<string, AnySetting>, declared: Parameters['top']) =>
		Object.fromEntries(
			Object.entries(settings).map(([name, setting]) => [
				name,
				isGroupSetting(setting) ? rawGroup(setting, declared[name] as Group) : setting.raw,
			]),
		);
	return {
		resource: operation.resource.value,
		operation: operation.value,
		...raw(top, operation.parameters.top),
		options: raw(options, operation.parameters.options),
	};
}

function rawGroup({ rows, instead }: GroupSetting, { rows: many, rowName }: Group): unknown {
	if (rows === undefined) return instead!.raw;
	const rawRows = rows.map((row) =>
		Object.fromEntries(Object.entries(row).map(([field, { raw }]) => [field, raw])),
	);
	return { [rowName]: many === 'many' ? rawRows : rawRows[0] };
}

/** One parameter that is set, where the reader looks for it. */
interface Placed {
	path: string;
	label: string;
	parameter: Parameter;
	group?: Group;
	setting: Setting;
}

function placedIn({ operation, top, options }: SettingsScenario): Placed[] {
	const within = (
		settings: Record<string, AnySetting>,
		declared: Parameters['top'],
		prefix: string,
	): Placed[] =>
		Object.entries(settings).flatMap(([name, setting]): Placed[] => {
			const parameter = declared[name]!;
			const path = `${prefix}${name}`;
			const label = parameter.shown.displayName;
			if (parameter.kind === 'value') {
				return [{ path, label, parameter, setting: setting as Setting }];
			}
			return ((setting as GroupSetting).rows ?? []).flatMap((row, index) =>
				Object.entries(row).map(([field, each]) => ({
					path: `${path}.${parameter.rowName}${parameter.rows === 'many' ? `[${index}]` : ''}.${field}`,
					label: `${label} > ${parameter.fields[field]!.shown.displayName}`,
					parameter: parameter.fields[field]!,
					group: parameter,
					setting: each,
				})),
			);
		});
	return [
		...within(top, operation.parameters.top, ''),
		...within(options, operation.parameters.options, 'options.'),
	];
}

const firstOf = ({ values: [first] }: Setting): unknown => first!.value;

function isShown(scenario: SettingsScenario, declared: Parameter | Group): boolean {
	const { offered } = declared.forTool ?? {};
	if (offered === (scenario.isTool ? 'never' : 'only')) return false;
	if (declared.kind === 'group') return true;
	return Object.entries(declared.shownFor ?? {}).every(([name, values]) =>
		values.includes(firstOf(scenario.top[name] as Setting) as string),
	);
}

/** Whether a parameter can be used as it is set, by its declaration alone. */
function isUsable(scenario: SettingsScenario, { parameter, setting }: Placed): boolean {
	const { scope, schema, forTool, mayBeLeftEmpty } = parameter;
	if (scenario.isTool && forTool?.leftToModel !== true && setting.isCode) return false;
	if (scope === 'item') return true;
	if (scope === 'fixed' && setting.isCode) return false;
	if (mayBeLeftEmpty && (setting.raw === '' || setting.raw === null)) return true;
	const first = firstOf(setting);
	const offered = scenario.isTool ? forTool?.shown?.options : undefined;
	return (
		setting.values.every(({ throws, value }) => throws !== true && isEqual(value, first)) &&
		schema.safeParse(first).success &&
		(offered === undefined ||
			offered.some((option) => (option as { value: unknown }).value === first))
	);
}

/** What the reader must make of a scenario. */
export interface Expected {
	/** The labels of what cannot be used; empty where the run must not be refused. */
	unusable: string[];
	/** What each setting must be where the run is not refused: a value, or for each item one. */
	settings: Record<string, unknown>;
}

export function expectedOf(scenario: SettingsScenario): Expected {
	const { operation, isTool, hasErrorOutput, top, options } = scenario;
	const unusable: string[] = isTool && hasErrorOutput ? ['error output'] : [];
	const settings: Record<string, unknown> = {};
	const placed = placedIn(scenario);
	const judge = (
		name: string,
		declared: Parameter | Group,
		setting: AnySetting | undefined,
		path: string,
	): void => {
		settings[name] = defaultOf(declared, scenario);
		if (setting === undefined || !isShown(scenario, declared)) return;
		const { displayName } = declared.shown;
		if (isTool && declared.forTool?.refused !== undefined) {
			unusable.push(declared.forTool.refused);
			return;
		}
		const own = placed.filter((each) => each.path === path || each.path.startsWith(`${path}.`));
		unusable.push(...own.filter((each) => !isUsable(scenario, each)).map(({ label }) => label));
		if (declared.kind === 'value') {
			settings[name] = valueOf(own[0]!);
			return;
		}
		const { rows } = setting as GroupSetting;
		if (rows === undefined) {
			const isEmpty = isEmptyGroup(setting as GroupSetting, declared);
			if (!isEmpty || !declared.mayBeEmpty) unusable.push(displayName);
			return;
		}
		const fields = Object.keys(declared.fields);
		const read = rows.map((_, row) =>
			Object.fromEntries(
				fields.map((field, column) => [field, valueOf(own[row * fields.length + column]!)]),
			),
		);
		settings[name] = declared.rows === 'many' ? read : read[0];
	};
	for (const [name, declared] of Object.entries(operation.parameters.top)) {
		judge(name, declared, top[name], name);
	}
	for (const [name, declared] of Object.entries(operation.parameters.options)) {
		judge(name, declared, options[name], `options.${name}`);
	}
	return { unusable, settings };
}

function isEmptyGroup({ instead }: GroupSetting, { rowName }: Group): boolean {
	const given = get(instead!.raw, rowName) as unknown;
	return (
		instead!.raw === null ||
		isEqual(instead!.raw, {}) ||
		(Array.isArray(given) && given.length === 0)
	);
}

function defaultOf(declared: Parameter | Group, { isTool, items }: SettingsScenario): unknown {
	if (declared.kind === 'group') return declared.rows === 'many' ? [] : undefined;
	const shown = { ...declared.shown, ...(isTool && declared.forTool?.shown) };
	return declared.scope === 'item' ? items.map(() => ({ value: shown.default })) : shown.default;
}

function valueOf({ parameter, setting }: Placed): unknown {
	if (parameter.scope === 'item') return setting.values;
	return parameter.mayBeLeftEmpty && setting.raw === null ? '' : firstOf(setting);
}

/** What was read, with the readers of items asked for every item. */
function plain(settings: unknown, itemCount: number): unknown {
	if (typeof settings === 'function') {
		const read = settings as (item: number) => { value?: unknown; unreadable?: string };
		return Array.from({ length: itemCount }, (_, item) => {
			const reading = read(item);
			return 'value' in reading ? { value: reading.value } : { throws: true };
		});
	}
	if (Array.isArray(settings)) return settings.map((each) => plain(each, itemCount));
	if (typeof settings !== 'object' || settings === null) return settings;
	return Object.fromEntries(
		Object.entries(settings).map(([name, each]) => [name, plain(each, itemCount)]),
	);
}

export const FACTS_OF_SETTINGS = {
	NEVER_THROWS: 'reading settings never throws',
	REFUSED: 'a run with a parameter that cannot be used is refused, and the refusal names one',
	NOT_REFUSED: 'a run whose parameters can all be used is not refused',
	EXACT: 'settings are exactly what was given, and what was not given has its default',
	ONCE: 'an expression that cannot differ from item to item is evaluated once',
} as const;

export type FactOfSettings = (typeof FACTS_OF_SETTINGS)[keyof typeof FACTS_OF_SETTINGS];

/** Out: for each fact that does not hold of the scenario, what is wrong. */
export function breachesOfSettings(scenario: SettingsScenario): Map<FactOfSettings, string> {
	const { NEVER_THROWS, REFUSED, NOT_REFUSED, EXACT, ONCE } = FACTS_OF_SETTINGS;
	const broken = new Map<FactOfSettings, string>();
	const placed = placedIn(scenario);
	const evaluations = new Map<string, number>();
	const parameters = parametersOf(scenario);
	const source: Source = {
		parameters,
		isTool: scenario.isTool,
		hasErrorOutput: scenario.hasErrorOutput,
		itemCount: scenario.items.length,
		valueOf: (path, item) => {
			evaluations.set(path, (evaluations.get(path) ?? 0) + 1);
			const found = placed.find((each) => each.path === path);
			if (found === undefined) throw new Error(`Could not get parameter "${path}"`);
			const { throws, value } = found.setting.values[item]!;
			if (throws) throw new Error("Referenced node doesn't exist");
			return value;
		},
	};
	let read: ReadSettings<Parameters>;
	try {
		read = settingsFrom(source, scenario.operation.parameters);
	} catch (error) {
		return broken.set(NEVER_THROWS, String(error));
	}
	const { unusable, settings } = expectedOf(scenario);
	const said = read.refusal && `${read.refusal.sentence}`;
	if (unusable.length > 0 && !unusable.some((label) => said?.includes(label))) {
		broken.set(REFUSED, `${unusable.join(', ')} cannot be used, but: ${said ?? 'not refused'}`);
	}
	if (unusable.length > 0) return broken;
	if (said !== undefined) broken.set(NOT_REFUSED, said);
	const got = plain(read.settings, scenario.items.length);
	if (!isEqual(got, settings)) {
		broken.set(EXACT, `${JSON.stringify(got)} instead of ${JSON.stringify(settings)}`);
	}
	for (const { path, setting } of placed) {
		const count = evaluations.get(path) ?? 0;
		if (setting.isSameForAllItems && count > 1) broken.set(ONCE, `${path}: ${count} times`);
	}
	return broken;
}
