import { deleteDevices } from '../../nodes/Nexthink/operations/deleteDevices/operation';
import { executeQuery } from '../../nodes/Nexthink/operations/executeQuery/operation';
import { exportQuery } from '../../nodes/Nexthink/operations/exportQuery/operation';
import { lookUpDevices } from '../../nodes/Nexthink/operations/lookUp/operation';
import type { Operation } from '../../nodes/Nexthink/operations/operation';
import type { ForTool, Group, Parameter } from '../../nodes/Nexthink/operations/settings/parameter';

export const OPERATIONS: readonly Operation[] = [
	deleteDevices,
	lookUpDevices,
	executeQuery,
	exportQuery,
];

/** The parameters of a node, as a workflow file has them. */
export type NodeParameters = Record<string, unknown>;

/** One parameter of an operation, wherever it stands. */
export interface DeclaredParameter {
	operation: Operation;
	/** Such as `options.checks.column`. */
	path: string;
	/** As messages name it. */
	label: string;
	parameter: Parameter;
	/** The group that it is a field of. */
	group?: Group;
	/** What applies where the node is a tool, of the group or of its field. */
	forTool: ForTool;
	/** Whether the node, or the tool, can be set so that this one is shown. */
	isShown: (user: 'node' | 'tool') => boolean;
	/** In: parameters of a node. Out: the same with this value, the other fields of a group being usable. */
	withValue: (parameters: NodeParameters, value: unknown) => NodeParameters;
}

/** Every parameter of an operation: those at the top, the options, and the fields of groups. */
export function declaredParameters(operation: Operation): DeclaredParameter[] {
	const { top, options } = operation.parameters;
	const declared = [
		...declaredIn(top, '', (parameters, name, value) => ({
			...parameters,
			[name]: value,
		})),
		...declaredIn(options, 'options.', (parameters, name, value) => ({
			...parameters,
			options: { ...(parameters.options as object), [name]: value },
		})),
	];
	return declared.map((each) => ({
		...each,
		operation,
		isShown: (user) =>
			each.forTool.offered !== (user === 'tool' ? 'never' : 'only') &&
			Object.entries(each.parameter.shownFor ?? {}).every(([name, values]) => {
				const words = wordsOf(top[name] as Parameter, user);
				return values.some((value) => words.includes(value));
			}),
	}));
}

/** What a choice may be set to. */
function wordsOf({ shown, forTool }: Parameter, user: 'node' | 'tool'): unknown[] {
	const { options = [] } = { ...shown, ...(user === 'tool' && forTool?.shown) };
	return options.flatMap((option) => ('value' in option ? [option.value] : []));
}

function declaredIn(
	declared: Record<string, Parameter | Group>,
	prefix: string,
	set: (parameters: NodeParameters, name: string, value: unknown) => NodeParameters,
): Array<Omit<DeclaredParameter, 'operation' | 'isShown'>> {
	return Object.entries(declared).flatMap(([name, parameter]) => {
		if (parameter.kind === 'value') {
			return [
				{
					path: `${prefix}${name}`,
					label: parameter.shown.displayName,
					parameter,
					forTool: parameter.forTool ?? {},
					withValue: (parameters: NodeParameters, value: unknown) => set(parameters, name, value),
				},
			];
		}
		return Object.entries(parameter.fields).map(([field, fieldParameter]) => ({
			path: `${prefix}${name}.${field}`,
			label: `${parameter.shown.displayName} > ${fieldParameter.shown.displayName}`,
			parameter: fieldParameter,
			group: parameter,
			forTool: { ...fieldParameter.forTool, ...parameter.forTool },
			withValue: (parameters: NodeParameters, value: unknown) =>
				set(parameters, name, groupOf(parameter, { [field]: value })),
		}));
	});
}

/** A group with one row, as a workflow file has it. */
export function groupOf({ rows, rowName, fields }: Group, given: NodeParameters): NodeParameters {
	const usable = Object.entries(fields).map(([field, parameter]) => [
		field,
		usableValue(parameter),
	]);
	const row = { ...(Object.fromEntries(usable) as NodeParameters), ...given };
	return { [rowName]: rows === 'many' ? [row] : row };
}

/** Texts, numbers and the like of which any parameter takes some and refuses others. */
const CANDIDATES: readonly unknown[] = [
	...['', ' ', 'true', 'uid', '$name', ' name', '#two', 'not a UUID'],
	...['0f8fad5b-d9cb-469f-a165-70867728950e', '0f8fad5b-d9cb-469f-a165-708677289501'],
	...[true, false, 0, 1, 2, -1, 1.5, 1e9, null, undefined],
	...[[], ['uid'], [1], {}, { uid: 1 }],
];

export interface Values {
	/** At least two. */
	usable: unknown[];
	/** One of each kind: without a value, of other types, and all that are out of range or none of its words. */
	unusable: unknown[];
}

/** What a parameter must take, and what it must refuse. Throws where that cannot be told: such a parameter needs more candidates. */
export function valuesOf(parameter: Parameter): Values {
	const { shown, schema, scope } = parameter;
	const placeholder = (shown.placeholder ?? '').replace(/^e\.g\. /, '');
	const { minValue = 0, maxValue = 0 } = shown.typeOptions ?? {};
	const words = (shown.options ?? []).flatMap((option) =>
		'value' in option ? [option.value] : [],
	);
	const candidates = [
		...[shown.default, placeholder, `${placeholder}_2`, ...words],
		...[minValue, maxValue, minValue - 1, maxValue + 1],
		...CANDIDATES,
	];
	const isUsable = (value: unknown) => schema.safeParse(value).success;
	const unique = candidates.filter((value, index) => candidates.indexOf(value) === index);
	const usable = unique.filter(isUsable);
	const refused = unique.filter((value) => !isUsable(value));
	const kindOf = (value: unknown) => (typeof value === typeof usable[0] ? value : kind(value));
	const kinds = refused.map(kindOf);
	const unusable = refused.filter((_, index) => kinds.indexOf(kinds[index]) === index);
	if (scope === 'item') return { usable, unusable };
	const needed: Array<[string, boolean]> = [
		['two values', usable.length >= 2],
		['to refuse nothing', [undefined, null, ''].every((value) => unusable.includes(value))],
		['to refuse another type', unusable.some((value) => typeof value !== typeof usable[0])],
		[
			'to refuse what is out of range',
			shown.type === 'boolean' ||
				(shown.type === 'string' && shown.requiresDataPath !== undefined) ||
				unusable.some((value) => typeof value === typeof usable[0]),
		],
		[
			'the range that the editor shows',
			shown.type !== 'number' ||
				(isUsable(minValue) &&
					isUsable(maxValue) &&
					!isUsable(minValue - 1) &&
					!isUsable(maxValue + 1)),
		],
	];
	const missing = needed.filter(([, isThere]) => !isThere).map(([what]) => what);
	if (missing.length > 0) {
		throw new Error(`No values are known for ${shown.displayName}: it needs ${missing.join(', ')}`);
	}
	return { usable, unusable };
}

function kind(value: unknown): string {
	if (value === null || value === undefined || value === '')
		return JSON.stringify(value) ?? 'undefined';
	return Array.isArray(value) ? 'list' : typeof value;
}

/** The default, where it can be used, else what the placeholder shows. */
export function usableValue(parameter: Parameter): unknown {
	return parameter.scope === 'item' ? parameter.shown.default : valuesOf(parameter).usable[0];
}

/** A value as code of an expression has it. */
export function codeOf(value: unknown): string {
	if (value === undefined) return '$vars.not_set';
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? `(${JSON.stringify(value)})`
		: JSON.stringify(value);
}
