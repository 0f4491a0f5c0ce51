import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { z, type ZodType } from 'zod';

/** For what a parameter has its value. */
export type Scope =
	/** For the whole run: an expression must come out the same for all items. */
	| 'run'
	/** For the whole run, and never from an expression. */
	| 'fixed'
	/** For each item its own. */
	| 'item';

/** One value for all items. */
type ForAll = Exclude<Scope, 'item'>;

/** What the editor shows of a parameter, but for its name and when it is shown. */
export type Shown = Omit<INodeProperties, 'name' | 'displayOptions' | 'noDataExpression'>;

/** A parameter with one value. Everything that anybody needs to know of it is declared here. */
export interface Parameter<Value = unknown, In extends Scope = Scope> {
	kind: 'value';
	scope: In;
	shown: Shown;
	/** What the value must pass. */
	schema: ZodType<Value>;
	/** The same in words, behind "must be". */
	mustBe: string;
	/** The parameters, and their values, that it is shown for. */
	shownFor?: Record<string, string[]>;
	forTool?: ForTool;
	/** What to do where an expression in it does not yield what is needed. */
	adviceOnExpression?: string;
	/** Left empty it counts as not set; an expression that comes out empty does not. */
	mayBeLeftEmpty?: true;
	/** What the editor says right above it. */
	notices?: Notice[];
}

/** A text of the editor without a value, as HTML of n8n's own kind. */
export interface Notice {
	name: string;
	html: string;
	shownFor?: Record<string, string[]>;
}

/** How a parameter is otherwise, or whether it is there at all, where an AI Agent uses the node as a tool. */
export interface ForTool {
	/** `never`: the tool doesn't have it; `only`: nothing but the tool has it. */
	offered?: 'never' | 'only';
	/** Why it refuses the run there. It is offered all the same: n8n would drop what a tool doesn't have, and a check with it. */
	refused?: string;
	/** The one parameter that a model may set. */
	leftToModel?: true;
	shown?: Partial<Shown>;
}

/** A parameter with several fields of its own, in one row or in any number of rows. */
export interface Group<
	Fields extends Values = Values,
	Rows extends 'one' | 'many' = 'one' | 'many',
> {
	kind: 'group';
	shown: Shown;
	rows: Rows;
	/** n8n keeps the rows of a group below a name. */
	rowName: string;
	rowLabel: string;
	fields: Fields;
	/** A group that is there without a row is a check that would not be made: it refuses the run. */
	mayBeEmpty: boolean;
	forTool?: ForTool;
}

export type Values = Record<string, Parameter>;

/** All parameters of an operation, in the order of the editor. */
export interface Parameters {
	top: Record<string, Parameter | Group>;
	/** Those in the collection "Options". */
	options: Record<string, Parameter | Group>;
}

type More = Pick<
	Parameter,
	'shownFor' | 'forTool' | 'adviceOnExpression' | 'mayBeLeftEmpty' | 'notices'
>;

type Declaration<Type extends INodeProperties['type']> = Omit<Shown, 'type' | 'default'> &
	More & { default: Type extends 'number' ? number : Type extends 'boolean' ? boolean : string };

function declare<Value, In extends Scope>(
	scope: In,
	{ shownFor, forTool, adviceOnExpression, mayBeLeftEmpty, notices, ...shown }: Shown & More,
	schema: ZodType<Value>,
	mustBe: string,
): Parameter<Value, In> {
	return {
		...{ kind: 'value', scope, shown, schema, mustBe },
		...{ shownFor, forTool, adviceOnExpression, mayBeLeftEmpty, notices },
	};
}

/** A whole number in a range, the ends included. */
export function wholeNumber({
	from,
	to,
	scope = 'run',
	...declaration
}: Declaration<'number'> & { from: number; to: number; scope?: ForAll }): Parameter<
	number,
	ForAll
> {
	return declare(
		scope,
		{
			...declaration,
			type: 'number',
			typeOptions: { minValue: from, maxValue: to, numberPrecision: 0 },
		},
		z.number().int().min(from).max(to),
		`a whole number from ${from.toLocaleString('en-US')} to ${to.toLocaleString('en-US')}`,
	);
}

export function trueOrFalse(declaration: Declaration<'boolean'>): Parameter<boolean, ForAll> {
	return declare('run', { ...declaration, type: 'boolean' }, z.boolean(), 'true or false');
}

/** One of some words. */
export function choice<const Word extends string>({
	scope = 'run',
	...declaration
}: Omit<Declaration<'options'>, 'options'> & {
	options: ReadonlyArray<INodePropertyOptions & { value: Word }>;
	scope?: ForAll;
}): Parameter<Word, ForAll> {
	const { options } = declaration;
	const words = options.map(({ value }) => value) as [Word, ...Word[]];
	const labels = options.map(({ name }) => name);
	return declare(
		scope,
		{ ...declaration, type: 'options', options: [...options] },
		z.enum(words) as unknown as ZodType<Word>,
		`one of ${labels.slice(0, -1).join(', ')} and ${labels.at(-1)}`,
	);
}

/**
 * A text.
 *
 * @param pattern what it must match
 * @param mustBe the same in words
 */
export function text({
	pattern,
	mustBe,
	...declaration
}: Declaration<'string'> & { pattern: RegExp; mustBe: string }): Parameter<string, ForAll> {
	return declare('run', { ...declaration, type: 'string' }, z.string().regex(pattern), mustBe);
}

/** The name of a field of the input, or the path to it, as the editor writes it when a field is dragged. */
export function fieldPath(declaration: Declaration<'string'>): Parameter<string, ForAll> {
	return declare(
		'run',
		{ ...declaration, type: 'string', requiresDataPath: 'single' },
		z.string().regex(/\S/),
		'the name of an input field',
	);
}

/** A value that each item may have otherwise; whoever reads it says what it must be. */
export function ofEachItem(
	type: 'string' | 'json',
	declaration: Declaration<'string'>,
): Parameter<unknown, 'item'> {
	return declare('item', { ...declaration, type }, z.unknown(), 'anything');
}

/** Several fields in rows. */
export function group<Fields extends Values, Rows extends 'one' | 'many'>({
	rows,
	rowName,
	rowLabel,
	fields,
	mayBeEmpty = false,
	forTool,
	...shown
}: Omit<Shown, 'type' | 'default' | 'options'> &
	Pick<Group<Fields, Rows>, 'rows' | 'rowName' | 'rowLabel' | 'fields' | 'forTool'> & {
		mayBeEmpty?: boolean;
	}): Group<Fields, Rows> {
	return {
		kind: 'group',
		shown: {
			...shown,
			type: 'fixedCollection',
			// Said outright: without it n8n 1.123 saves nothing of a row whose fields have their defaults (measured).
			typeOptions: { multipleValues: rows === 'many' },
			default: {},
		},
		...{ rows, rowName, rowLabel, fields, mayBeEmpty, forTool },
	};
}
