import fc from 'fast-check';

import type { Operation } from '../../nodes/Nexthink/operations/operation';
import type {
	Group,
	Parameter,
	Parameters,
} from '../../nodes/Nexthink/operations/settings/parameter';
import { codeOf, OPERATIONS, valuesOf } from '../engine/declared-parameters.mts';

/** How one parameter is set. */
export interface Setting {
	/** As the workflow has it. */
	raw: unknown;
	/** What it comes out as for each item; an expression that throws has none. */
	values: ReadonlyArray<{ value?: unknown; throws?: true }>;
	/** Whether it, or a part of it, is an expression. */
	isCode: boolean;
	/** Whether its expression reads nothing that items have of their own. */
	isSameForAllItems: boolean;
}

/** The rows of a group, or something else in their place. */
export interface GroupSetting {
	rows?: ReadonlyArray<Record<string, Setting>>;
	/** What stands there instead of rows. */
	instead?: Setting;
}

export type AnySetting = Setting | GroupSetting;

/** A node as its author set it. What is not in here is not set. */
export interface SettingsScenario {
	operation: Operation;
	isTool: boolean;
	hasErrorOutput: boolean;
	/** The json of each input item. As a tool there is one, with what the model gave. */
	items: ReadonlyArray<Record<string, unknown>>;
	top: Record<string, AnySetting>;
	options: Record<string, AnySetting>;
}

export const isGroupSetting = (setting: AnySetting): setting is GroupSetting =>
	!('values' in setting);

/** Which values of a parameter are tried: by default all that it takes, and all that it refuses. */
export type Pool = (
	path: string,
	parameter: Parameter,
) => { usable: unknown[]; unusable: unknown[] };

const SPELLINGS = ['$fromAI', '$fromAi', '$fromai'];

interface Place {
	path: string;
	isTool: boolean;
	items: SettingsScenario['items'];
	pool: Pool;
	/** How many of a hundred settings are of a kind that must refuse the run. */
	bad: number;
}

const sameFor = (items: Place['items'], value: unknown): Setting['values'] =>
	items.map(() => ({ value }));

function fixed({ items }: Place, value: unknown): Setting {
	return { raw: value, values: sameFor(items, value), isCode: false, isSameForAllItems: true };
}

/** Code that yields a value, in forms of which each can be told to be the same for all items. */
const SAME_FORMS: ReadonlyArray<(code: string) => string> = [
	(code) => `={{ ${code} }}`,
	(code) => `={{${code}}}`,
	(code) => `={{ $vars.not_set ?? ${code} }}`,
	(code) => `={{ $execution.mode === 'none' ? 0 : ${code} }}`,
	(code) => `={{ $input.all().length > 0 && $workflow.id ? ${code} : ${code} }}`,
	(code) => `={{ $if($input.first().json.unknown, 1, ${code}) }}`,
];

/** The same in forms that must be evaluated for each item. */
const OWN_FORMS: ReadonlyArray<(code: string) => string> = [
	(code) => `={{ $itemIndex >= 0 ? ${code} : 0 }}`,
	(code) => `={{ $json.unknown ?? ${code} }}`,
	(code) => `={{ (() => ${code})() }}`,
	(code) => `={{ /a/.test('a') && ${code} }}`,
];

function expressionOf({ items }: Place, value: unknown, form: number): Setting {
	const forms = [...SAME_FORMS, ...OWN_FORMS];
	const isObject = typeof value === 'object' && value !== null;
	const raw = forms[form % forms.length]!(codeOf(value));
	return {
		raw,
		values: sameFor(items, value),
		isCode: true,
		isSameForAllItems: !isObject && form % forms.length < SAME_FORMS.length,
	};
}

function perItem({ items }: Place, values: readonly unknown[]): Setting {
	const code = items
		.map((_, item) => `$itemIndex === ${item} ? ${codeOf(values[item % values.length])} : `)
		.join('');
	return {
		raw: `={{ ${code}null }}`,
		values: items.map((_, item) => ({ value: values[item % values.length] })),
		isCode: true,
		isSameForAllItems: false,
	};
}

/** Expressions within a list of objects. */
function nested(place: Place, values: readonly unknown[]): Setting {
	const own = perItem(place, values);
	const same = expressionOf(place, values[0], 0);
	return {
		raw: [{ uid: own.raw, name: same.raw }, { uid: 'fixed' }],
		values: own.values.map(({ value }) => ({
			value: [{ uid: value, name: values[0] }, { uid: 'fixed' }],
		})),
		isCode: true,
		isSameForAllItems: false,
	};
}

function throwing({ items }: Place): Setting {
	return {
		raw: "={{ $('No Such Node').first().json.a }}",
		values: items.map(() => ({ throws: true })),
		isCode: true,
		isSameForAllItems: true,
	};
}

/** What the model gives is on its item as `given`. */
function fromModel({ items }: Place, spelling: number, within: boolean): Setting {
	const call = `${SPELLINGS[spelling]}('given', '', 'json')`;
	return {
		raw: within ? `={{ [${call}][0] }}` : `={{ ${call} }}`,
		values: items.map(({ given }) => ({ value: given })),
		isCode: true,
		isSameForAllItems: false,
	};
}

function valueSettings(place: Place, parameter: Parameter): fc.Arbitrary<Setting> {
	const { usable, unusable } = place.pool(place.path, parameter);
	const good = fc.constantFrom(...usable);
	const bad = fc.constantFrom(...unusable);
	const form = fc.nat(SAME_FORMS.length + OWN_FORMS.length - 1);
	const isKept = place.isTool && parameter.forTool?.leftToModel === undefined;
	const takesCode = parameter.scope !== 'fixed' && !isKept;
	const weigh = (arbitrary: fc.Arbitrary<Setting>, isGood: boolean, weight = 1) => ({
		arbitrary,
		weight: weight * (isGood ? 100 - place.bad : place.bad),
	});
	const expression = fc.tuple(good, form).map(([value, n]) => expressionOf(place, value, n));
	return fc.oneof(
		weigh(
			good.map((value) => fixed(place, value)),
			true,
			4,
		),
		...(takesCode ? [weigh(expression, true, 3)] : [weigh(expression, false)]),
		...(parameter.scope === 'item' && takesCode
			? [perItem, nested].map((make) =>
					weigh(
						fc.array(good, { minLength: 3, maxLength: 3 }).map((values) => make(place, values)),
						true,
						2,
					),
				)
			: []),
		...(place.isTool
			? [
					weigh(
						fc.tuple(fc.nat(2), fc.boolean()).map(([n, within]) => fromModel(place, n, within)),
						!isKept,
					),
				]
			: []),
		weigh(
			// What is undefined is not set.
			bad.map((value) => fixed(place, value === undefined ? null : value)),
			false,
			2,
		),
		weigh(
			fc.tuple(bad, form).map(([value, n]) => expressionOf(place, value, n)),
			false,
			2,
		),
		weigh(
			fc
				.tuple(good, fc.oneof(good, bad), fc.boolean())
				.map(([one, other, isFirst]) =>
					perItem(place, isFirst ? [one, other, one] : [one, one, other]),
				),
			false,
		),
		weigh(fc.constant(throwing(place)), false),
	);
}

function groupSettings(place: Place, group: Group): fc.Arbitrary<GroupSetting> {
	const row = fc.record(
		Object.fromEntries(
			Object.entries(group.fields).map(([field, parameter]) => [
				field,
				valueSettings({ ...place, path: `${place.path}.${field}` }, parameter),
			]),
		),
	);
	const rows = fc.array(row, { minLength: 1, maxLength: group.rows === 'many' ? 3 : 1 });
	const instead = fc.constantFrom(
		fixed(place, '={{ $json.rows }}'),
		fixed(place, {}),
		fixed(place, { [group.rowName]: '={{ $json.rows }}' }),
		fixed(place, { [group.rowName]: [] }),
		fixed(place, { [group.rowName]: ['={{ $json.row }}'] }),
		fixed(place, { [group.rowName]: [null] }),
		fixed(place, null),
	);
	return fc.oneof(
		{ arbitrary: rows.map((each) => ({ rows: each })), weight: 100 - place.bad },
		{ arbitrary: instead.map((each) => ({ instead: each })), weight: Math.ceil(place.bad / 4) },
	);
}

/** Nodes that are set in any way, right ones as often as wrong ones. */
export function settingsScenarios(
	pool: Pool = (_, parameter) => (parameter.scope === 'item' ? OF_ITEMS : valuesOf(parameter)),
	operations: readonly Operation[] = OPERATIONS,
): fc.Arbitrary<SettingsScenario> {
	const users = operations.flatMap((operation) =>
		[false, true]
			.filter((isTool) => !isTool || operation.isTool)
			.map((isTool) => ({ operation, isTool })),
	);
	const kinds = users.flatMap((user) => SHARES_OF_BAD.map((bad) => ({ ...user, bad })));
	return fc.oneof(
		...kinds.map(({ operation, isTool, bad }): fc.Arbitrary<SettingsScenario> => {
			const items = isTool
				? [{ given: 'given by the model', rows: [] }]
				: [{ n: 0, rows: [] }, { n: 1 }, { n: 2 }];
			const settings = (declared: Parameters['top'], prefix: string) =>
				Object.fromEntries(
					Object.entries(declared).map(([name, parameter]) => {
						const place = { path: `${prefix}${name}`, isTool, items, pool, bad };
						const arbitrary: fc.Arbitrary<AnySetting> =
							parameter.kind === 'group'
								? groupSettings(place, parameter)
								: valueSettings(place, parameter);
						return [name, arbitrary];
					}),
				);
			return fc.record({
				operation: fc.constant(operation),
				isTool: fc.constant(isTool),
				hasErrorOutput: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
				items: fc.constant(items),
				// n8n fills in what is not set, but for options.
				top: fc.record(settings(operation.parameters.top, '')),
				options: fc.record(settings(operation.parameters.options, 'options.'), {
					requiredKeys: [],
				}) as fc.Arbitrary<Record<string, AnySetting>>,
			});
		}),
	);
}

/** An item may have anything. */
const OF_ITEMS = {
	usable: ['a text', '', 7, false, null, ['a', 'b'], [], { uid: 'a' }],
	unusable: [undefined],
};

/** In hundredths: half of the nodes are set without a fault, others have about one, or many. */
const SHARES_OF_BAD = [0, 0, 6, 40];
