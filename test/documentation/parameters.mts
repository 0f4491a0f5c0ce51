import type { INodePropertyOptions } from 'n8n-workflow';

import { deleteDevices } from '../../nodes/Nexthink/operations/deleteDevices/operation.ts';
import { executeQuery } from '../../nodes/Nexthink/operations/executeQuery/operation.ts';
import { exportQuery } from '../../nodes/Nexthink/operations/exportQuery/operation.ts';
import { lookUpDevices } from '../../nodes/Nexthink/operations/lookUp/operation.ts';
import type { Operation } from '../../nodes/Nexthink/operations/operation.ts';
import type {
	ForTool,
	Group,
	Parameter,
	Parameters,
	Scope,
	Shown,
} from '../../nodes/Nexthink/operations/settings/parameter.ts';
import { table } from './format.mts';

/** By the name of their markers. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
	delete: deleteDevices,
	'look-up': lookUpDevices,
	execute: executeQuery,
	export: exportQuery,
};

/** What the operations are called, in the editor and in the JSON of a workflow. */
export function operationTable(): string {
	return table(
		['Resource', 'Operation', '`resource`', '`operation`', 'What it does', 'As a tool'],
		Object.values(OPERATIONS).map(({ resource, name, value, description, isTool }) => [
			resource.name,
			name,
			`\`${resource.value}\``,
			`\`${value}\``,
			description,
			isTool ? 'yes' : 'no',
		]),
	);
}

const SCOPES: Readonly<Record<Scope, string>> = {
	run: 'one value for the run',
	fixed: 'fixed, no expression',
	item: 'per item',
};

/** All parameters of an operation, with its options, as they are declared. */
export function parameterTable({ parameters: { top, options }, isTool }: Operation): string {
	const rows = [...rowsOf(top, '', top), ...rowsOf(options, 'options.', top)];
	return table(
		['Parameter', 'Name', 'Default', 'Values', 'Scope', 'What it does'],
		rows.map(({ label, path, declared, scope, shownFor }) => {
			const { shown } = declared;
			const forTool = isTool ? (declared.forTool ?? {}) : {};
			return [
				label,
				`\`${path}\``,
				withTool(defaultOf(declared, shown), forTool, ['default'], (other) =>
					defaultOf(declared, { ...shown, ...other }),
				),
				withTool(valuesOf(declared, shown), forTool, ['options'], (other) =>
					valuesOf(declared, { ...shown, ...other }),
				),
				scope,
				[
					...sentencesOf(shown),
					...otherwiseAsTool(shown, forTool),
					...shownFor,
					...toolSentences(forTool),
				].join(' '),
			];
		}),
	);
}

interface Row {
	label: string;
	path: string;
	declared: Parameter | Group;
	scope: string;
	shownFor: string[];
}

function rowsOf(declared: Parameters['top'], prefix: string, top: Parameters['top']): Row[] {
	return Object.entries(declared).flatMap(([name, parameter]): Row[] => {
		const path = `${prefix}${name}`;
		const label = parameter.shown.displayName;
		if (parameter.kind === 'value') {
			const scope = SCOPES[parameter.scope];
			return [{ label, path, declared: parameter, scope, shownFor: shownForOf(parameter, top) }];
		}
		const { rows, rowName, fields } = parameter;
		const inner = `${path}.${rowName}${rows === 'many' ? '[]' : ''}.`;
		return [
			{ label, path, declared: parameter, scope: 'see its fields', shownFor: [] },
			...rowsOf(fields, inner, top).map((row) => ({ ...row, label: `${label} > ${row.label}` })),
		];
	});
}

function shownForOf({ shownFor = {} }: Parameter, top: Parameters['top']): string[] {
	return Object.entries(shownFor).map(([name, values]) => {
		const { displayName, options = [] } = top[name]!.shown;
		const labels = values.map((value) => nameOf(options as INodePropertyOptions[], value));
		return `Only if **${displayName}** is **${labels.join('** or **')}**.`;
	});
}

function nameOf(options: readonly INodePropertyOptions[], value: string): string {
	return options.find((option) => option.value === value)!.name;
}

/** What holds as a tool besides, where it is otherwise. */
function withTool(
	said: string,
	{ shown = {} }: ForTool,
	keys: ReadonlyArray<keyof Shown>,
	say: (shown: Partial<Shown>) => string,
): string {
	return keys.some((key) => key in shown) ? `${said}; as a tool ${say(shown)}` : said;
}

function defaultOf({ kind }: Parameter | Group, shown: Shown): string {
	return kind === 'group' || shown.default === '' ? 'none' : `\`${String(shown.default)}\``;
}

function valuesOf(declared: Parameter | Group, shown: Shown): string {
	if (declared.kind === 'group') {
		const labels = Object.values(declared.fields).map((field) => field.shown.displayName);
		const fields = labels.join(' and ');
		return declared.rows === 'many' ? `rows, each of ${fields}` : `one pair of ${fields}`;
	}
	if (shown.type === 'options') {
		const values = (shown.options as INodePropertyOptions[]).map(({ value }) => value);
		return values.map((value) => `\`${String(value)}\``).join(', ');
	}
	if (shown.type === 'boolean') return '`true`, `false`';
	if (declared.scope !== 'item') return declared.mustBe;
	return shown.type === 'json' ? 'a list as JSON' : 'text';
}

function sentencesOf({ description = '', hint = '', type, options = [] }: Shown): string[] {
	const choices = type === 'options' ? (options as INodePropertyOptions[]) : [];
	return [
		sentence(description === '' ? hint : description),
		...choices.flatMap((choice) =>
			choice.description === undefined ? [] : [`_${choice.name}_: ${sentence(choice.description)}`],
		),
	];
}

function otherwiseAsTool({ description = '' }: Shown, { shown = {} }: ForTool): string[] {
	const { description: other } = shown;
	const isTold = other === undefined || description.startsWith(other);
	return isTold ? [] : [`As a tool: ${sentence(other)}`];
}

function toolSentences({ offered, refused, leftToModel }: ForTool): string[] {
	return [
		...(offered === 'never' ? ['Not there as a tool.'] : []),
		...(offered === 'only' ? ['Only there as a tool.'] : []),
		...(leftToModel ? ['As a tool, the model can set it.'] : []),
		...(refused === undefined ? [] : [`Refused as a tool: ${sentence(refused)}`]),
	];
}

/** The editor writes a single sentence without its full stop. */
function sentence(text: string): string {
	return text === '' || text.endsWith('.') ? text : `${text}.`;
}
