import { isEqual, isPlainObject, once } from 'lodash';
import type { IExecuteFunctions } from 'n8n-workflow';

import { plainText } from '../../api/plainText';
import { holdsCode, isExpression, mayDifferByItem } from './expression';
import type { Group, Parameter, Parameters, Values } from './parameter';
import { Refusal, refusalBy } from './refusal';

/** The value that an item has for a parameter. */
export interface Reading {
	value?: unknown;
	/** Why there is none: a sentence. */
	unreadable?: string;
}

/** Reads a parameter for one item. Never throws. */
export type ItemReader = (itemIndex: number) => Reading;

type ValueOf<Declared> =
	Declared extends Parameter<infer Value, infer In>
		? In extends 'item'
			? ItemReader
			: Value
		: Declared extends Group<infer Fields, infer Rows>
			? Rows extends 'many'
				? Array<RowOf<Fields>>
				: RowOf<Fields> | undefined
			: never;

type RowOf<Fields extends Values> = { [Field in keyof Fields]: ValueOf<Fields[Field]> };

/** The values of an operation's parameters, the options among them. What is not shown has its default. */
export type SettingsOf<Declared extends Parameters> = {
	[Name in keyof Declared['top']]: ValueOf<Declared['top'][Name]>;
} & { [Name in keyof Declared['options']]: ValueOf<Declared['options'][Name]> };

export interface ReadSettings<Declared extends Parameters> {
	/** Complete in any case: what cannot be used has its default here, and refuses the run. */
	settings: SettingsOf<Declared>;
	/** The first thing that cannot be used. */
	refusal?: Refusal;
}

/** n8n gives the node another type name where an AI Agent uses it as a tool (measured; `isToolExecution()` does not tell). */
export function isTool(context: IExecuteFunctions): boolean {
	return context.getNode().type.endsWith('Tool');
}

/** The settings of a node for one run. */
export interface Source {
	/** The parameters as the workflow has them. */
	parameters: Record<string, unknown>;
	isTool: boolean;
	hasErrorOutput: boolean;
	itemCount: number;
	/** What a parameter comes out as for an item. Throws where its expression does. */
	valueOf: (path: string, itemIndex: number) => unknown;
}

/** The settings of the node that is being executed. Never throws. */
export function readSettings<Declared extends Parameters>(
	context: IExecuteFunctions,
	declared: Declared,
): ReadSettings<Declared> {
	const { parameters, onError } = context.getNode();
	return settingsFrom(
		{
			parameters,
			isTool: isTool(context),
			hasErrorOutput: onError === 'continueErrorOutput',
			itemCount: context.getInputData().length,
			valueOf: (path, itemIndex) => context.getNodeParameter(path, itemIndex),
		},
		declared,
	);
}

/**
 * The one way in which parameters are read: as they are declared, all of them, once. A value that an expression does not yield is never
 * replaced by the default. Never throws.
 */
export function settingsFrom<Declared extends Parameters>(
	source: Source,
	declared: Declared,
): ReadSettings<Declared> {
	return new Reader(source, declared).read() as ReadSettings<Declared>;
}

class Reader {
	private readonly settings: Record<string, unknown> = {};

	private refusal?: Refusal;

	constructor(
		private readonly source: Source,
		private readonly declared: Parameters,
	) {}

	read(): { settings: Record<string, unknown>; refusal?: Refusal } {
		const { parameters, hasErrorOutput } = this.source;
		if (this.source.isTool && hasErrorOutput) {
			this.refuse(
				'As a tool of an AI Agent the node has no error output, and n8n would give the model an empty answer',
				'Set On Error to Stop Workflow or Continue.',
			);
		}
		this.readAll(this.declared.top, parameters, '');
		const options = (parameters.options ?? {}) as Record<string, unknown>;
		if (!isPlainObject(options))
			this.refuse('Options must be set one by one, not by an expression');
		this.readAll(this.declared.options, options, 'options.');
		return { settings: this.settings, refusal: this.refusal };
	}

	/** @param raws the parameters as the workflow has them; undefined where one is not set */
	private readAll(
		declared: Parameters['top'],
		raws: Record<string, unknown>,
		prefix: string,
	): void {
		for (const [name, parameter] of Object.entries(declared)) {
			this.settings[name] = defaultOf(parameter, this.source.isTool);
			if (!this.isShown(parameter) || raws[name] === undefined) continue;
			try {
				this.settings[name] = this.readOne(parameter, `${prefix}${name}`, raws[name]);
			} catch (error) {
				this.refusal ??= refusalBy(error);
			}
		}
	}

	private readOne(parameter: Parameter | Group, path: string, raw: unknown): unknown {
		const { refused } = parameter.forTool ?? {};
		if (this.source.isTool && refused !== undefined) {
			throw new Refusal(refused, `Remove ${parameter.shown.displayName}.`);
		}
		return parameter.kind === 'group'
			? this.rowsOf(parameter, path, raw)
			: this.valueOf(parameter, path, raw);
	}

	private refuse(sentence: string, advice?: string): void {
		this.refusal ??= new Refusal(sentence, advice);
	}

	private isShown(parameter: Parameter | Group): boolean {
		if (parameter.forTool?.offered === (this.source.isTool ? 'never' : 'only')) return false;
		return (
			parameter.kind === 'group' ||
			Object.entries(parameter.shownFor ?? {}).every(([name, values]) =>
				values.includes(this.settings[name] as string),
			)
		);
	}

	private rowsOf(
		{ shown: { displayName }, rows, rowName, fields, mayBeEmpty }: Group,
		path: string,
		raw: unknown,
	): unknown {
		const given =
			typeof raw === 'object' ? (raw as Record<string, unknown> | null)?.[rowName] : raw;
		const rawRows = Array.isArray(given)
			? (given as unknown[])
			: given === undefined
				? []
				: [given];
		if (rawRows.some((row) => typeof row !== 'object' || row === null)) {
			throw new Refusal(`${displayName} must be set field by field, not by an expression`);
		}
		if (rawRows.length === 0 && !mayBeEmpty) {
			throw new Refusal(
				`${displayName} was added to the options but is empty`,
				'Fill it in, or remove it.',
			);
		}
		const read = (rawRows as Array<Record<string, unknown>>).map((row, index) => {
			const rowPath = `${path}.${rowName}${rows === 'many' ? `[${index}]` : ''}`;
			return Object.fromEntries(
				Object.entries(fields).map(([name, field]) => [
					name,
					this.valueOf(field, `${rowPath}.${name}`, row[name] ?? field.shown.default, displayName),
				]),
			);
		});
		return rows === 'many' ? read : read[0];
	}

	private valueOf(parameter: Parameter, path: string, raw: unknown, within?: string): unknown {
		const label = [within, parameter.shown.displayName].filter(Boolean).join(' > ');
		// Whatever an expression takes from the input, the model may have put there.
		if (this.source.isTool && parameter.forTool?.leftToModel === undefined && holdsCode(raw)) {
			const leftToModel = labelled(this.declared.top).find(([each]) => each.forTool?.leftToModel);
			throw new Refusal(
				`As a tool of an AI Agent the node needs a fixed value in ${label}: the model can set ${leftToModel?.[1]} only`,
				`Set ${label} to a fixed value.`,
			);
		}
		if (parameter.scope === 'fixed' && holdsCode(raw)) {
			throw new Refusal(`${label} must be ${parameter.mustBe}, not an expression`);
		}
		if (parameter.scope === 'item') return this.readerOf(path, raw);
		if (parameter.mayBeLeftEmpty && (raw === '' || raw === null)) return '';
		const value = this.readOrRefuse(label, path, 0);
		const correctIt = parameter.adviceOnExpression ?? `Correct the expression in ${label}.`;
		const [source, advice] = isExpression(raw) ? ['its expression returns', correctIt] : ['it is'];
		if (mayDifferByItem(raw)) this.compareItems(label, path, value, advice);
		const offered = this.source.isTool ? parameter.forTool?.shown?.options : undefined;
		if (
			offered !== undefined &&
			!offered.some((option) => 'value' in option && option.value === value)
		) {
			const labels = offered.map(({ name }) => name).join(' or ');
			throw new Refusal(
				`Set ${label} to ${labels}: as a tool of an AI Agent the node accepts nothing else`,
			);
		}
		if (!parameter.schema.safeParse(value).success) {
			throw new Refusal(
				`${label} must be ${parameter.mustBe}, but ${source} ${inWords(value)}`,
				advice,
			);
		}
		return value;
	}

	private readOrRefuse(label: string, path: string, itemIndex: number): unknown {
		const { value, unreadable } = this.reading(path, itemIndex);
		if (unreadable === undefined) return value;
		throw new Refusal(
			`${label} can't be read: ${unreadable}`,
			`Correct the expression in ${label}.`,
		);
	}

	private reading(path: string, itemIndex: number): Reading {
		try {
			return { value: this.source.valueOf(path, itemIndex) };
		} catch (error) {
			return { unreadable: sentenceOfError(error) };
		}
	}

	private compareItems(label: string, path: string, first: unknown, advice?: string): void {
		for (let item = 1; item < this.source.itemCount; item++) {
			const other = this.readOrRefuse(label, path, item);
			if (isEqual(other, first)) continue;
			throw new Refusal(
				`${label} must be the same for all items, but its expression returns ${inWords(first)} for item 0 and ${inWords(other)} for item ${item}`,
				advice,
			);
		}
	}

	private readerOf(path: string, raw: unknown): ItemReader {
		return mayDifferByItem(raw)
			? (itemIndex) => this.reading(path, itemIndex)
			: once(() => this.reading(path, 0));
	}
}

function defaultOf(parameter: Parameter | Group, isOfTool: boolean): unknown {
	if (parameter.kind === 'group') return parameter.rows === 'many' ? [] : undefined;
	const shown = { ...parameter.shown, ...(isOfTool && parameter.forTool?.shown) };
	return parameter.scope === 'item' ? () => ({ value: shown.default }) : shown.default;
}

/** All parameters with a value, those within groups among them, and their labels. */
function labelled(declared: Parameters['top']): Array<[parameter: Parameter, label: string]> {
	return Object.values(declared).flatMap((each) =>
		each.kind === 'value'
			? [[each, each.shown.displayName]]
			: Object.values(each.fields).map((field): [Parameter, string] => [
					field,
					`${each.shown.displayName} > ${field.shown.displayName}`,
				]),
	);
}

/** What came instead of a usable value. */
function inWords(value: unknown): string {
	if (value === undefined || value === null) return 'nothing';
	if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
	if (typeof value !== 'string') return String(value);
	return value === '' ? 'empty text' : `the text "${plainText(value, 100)}"`;
}

/** What an error says, as a sentence. */
export function sentenceOfError(error: unknown): string {
	const text = plainText(error instanceof Error ? error.message : String(error), 200);
	return /[.!?…]$/.test(text) ? text : `${text}.`;
}
