import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { IDataObject, IExecuteFunctions, INode, INodeType } from 'n8n-workflow';

import { mayDifferByItem } from '../../nodes/Nexthink/operations/settings/expression';
import { describe } from '../engine/harness/built-in-nodes.mts';
import { loadEngine, type Engine } from '../engine/harness/engine.mts';
import type { Breach } from './search.mts';

const VALUES = 'test.values';

/** Outputs, for each item, what each text of a list comes out as. */
const valuesNode: INodeType = {
	description: describe('values', {
		properties: [{ displayName: 'Texts', name: 'texts', type: 'json', default: '[]' }],
	}),
	async execute(this: IExecuteFunctions) {
		const { texts } = this.getNode().parameters as { texts: string[] };
		const valueOf = (index: number, item: number) => {
			try {
				return shown(this.getNodeParameter(`texts[${index}]`, item));
			} catch (error) {
				return `throws ${(error as Error).message}`;
			}
		};
		return [
			this.getInputData().map((_, item) => ({
				json: { values: texts.map((_text, index) => valueOf(index, item)) },
			})),
		];
	},
};

function shown(value: unknown): string {
	try {
		return `${typeof value} ${JSON.stringify(value) ?? String(value)}`;
	} catch {
		return typeof value;
	}
}

const ITEMS: IDataObject[] = [
	{ n: 1, kind: 'uid', list: [1, 2], date: '2024-01-01', deep: { name: 'a' } },
	{ n: 2, kind: 'name', list: [3], date: '2025-02-02', deep: { name: 'b' } },
	{ n: 3, kind: '', list: [], date: null, deep: null },
];

const plainNode = (name: string, type: string, parameters: IDataObject = {}): INode =>
	({ id: name, name, type, typeVersion: 1, position: [0, 0], parameters }) as INode;

/** n8n's own engine, for expressions alone. */
export class ExpressionEngine {
	private constructor(private readonly engine: Engine) {}

	static async load(): Promise<ExpressionEngine> {
		const packageFolder = fileURLToPath(new URL('../..', import.meta.url));
		return new ExpressionEngine(
			await loadEngine({ packageFolder, nodes: { [VALUES]: valuesNode } }),
		);
	}

	/** In: texts as parameters hold them. Out: what each comes out as, for each item. */
	async valuesOf(texts: readonly string[]): Promise<string[][]> {
		const execution = await this.engine.run({
			nodes: [
				plainNode('Start', 'n8n-nodes-base.manualTrigger'),
				plainNode('Source', 'n8n-nodes-base.serviceNow'),
				plainNode('Values', VALUES, { texts: [...texts] }),
			],
			connections: {
				Start: { main: [[{ node: 'Source', type: 'main', index: 0 }]] },
				Source: { main: [[{ node: 'Values', type: 'main', index: 0 }]] },
			},
			pinData: { Source: ITEMS.map((json) => ({ json })) },
			settings: { executionOrder: 'v1' },
		});
		const [items = []] = execution.outputs('Values');
		if (items.length !== ITEMS.length) throw new Error(execution.error?.message ?? 'No values');
		const byItem = items.map(({ json }) => json.values as string[]);
		return texts.map((_, index) => byItem.map((values) => values[index]!));
	}
}

/** Parts that are the same for all items, and parts that are not. */
const SAME = [
	...['1', '0', "'a'", '"b"', "''", 'true', 'null', 'undefined', '[]', '[1, 2, 3]'],
	...['$vars.a', '$execution.mode', '$workflow.name', '$runIndex', '$prevNode.name', '$env.HOME'],
	...["$('Source').first().json", "$('Source').last().json.list", "$('Source').all()"],
	...['$input.first().json.kind', '$input.last().json', '$input.all()', '$input.all()[0].json.n'],
	...['String', 'Number', 'JSON', '"2024-01-01".toDateTime()', '$if(true, 1, 2)', '$max(1, 2)'],
	...['"$json.n"', "'}}'", "'{{'", '"it\'s"', "'//'", "'/* '", "' */'", '"`"', "') + $json.n + ('"],
];
const DIFFERENT = [
	...['$json.n', '$json["kind"]', '$json.list', '$json', '$itemIndex', '$position', '$thisItem'],
	...["$('Source').item.json.n", '$input.item.json.kind', '$input.item', "$node['Source'].json.n"],
	...['Math.random()', '$now.toMillis()', 'Date.now()', 'new Date().getTime()', 'DateTime.now()'],
	...[
		"$('Source').all()[$itemIndex].json.n",
		'$input.all().shift().json.n',
		'$items()[$itemIndex]',
	],
	...['[1, 2, 3].randomItem()', 'this.$json.n', '`${$json.n}`', '(() => $json.n)()', '$data.n'],
	...[
		'$jmespath($json, "n")',
		'$evaluateExpression("$json.n")',
		'$getPairedItem',
		'$item(1).$json.n',
	],
];
const METHODS = [
	...['trim', 'toString', 'first', 'last', 'at', 'slice', 'join', 'split', 'includes', 'isEmpty'],
	...['toNumber', 'toInt', 'toFixed', 'toUpperCase', 'parse', 'stringify', 'startsWith', 'concat'],
	...['pop', 'shift', 'randomItem', 'shuffle', 'diffNow', 'toRelative', 'isInLast', 'map', 'call'],
	...[
		'valueOf',
		'sort',
		'reverse',
		'json',
		'length',
		'constructor',
		'item',
		'keys',
		'hash',
		'unique',
	],
];
const OPERATORS = [
	...['+', '-', '*', '/', '%', '==', '===', '!=', '!==', '<', '>', '<=', '>=', '&&', '||', '??'],
	...[',', '=', '+=', '??=', 'in', 'instanceof', '&', '|', '^', '**', '=>'],
];
const SPACES = ['', ' ', '\n', '\t', '/* x */', '/* " */', "// '\n"];

const expressions = fc.letrec<{ code: string; text: string }>((tie) => {
	const atom = fc.oneof(
		{ arbitrary: fc.constantFrom(...SAME), weight: 6 },
		{ arbitrary: fc.constantFrom(...DIFFERENT), weight: 2 },
	);
	const code = tie('code');
	const space = fc.oneof(
		{ arbitrary: fc.constantFrom('', ' '), weight: 8 },
		{ arbitrary: fc.constantFrom(...SPACES), weight: 1 },
	);
	const method = fc.constantFrom(...METHODS);
	const dot = fc.constantFrom('.', '.', '?.', ' . ');
	const call = fc.constantFrom('(', '(', ' (', '?.(');
	const all = (...parts: Array<fc.Arbitrary<string> | string>) =>
		fc
			.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
			.map((texts) => texts.join(''));
	return {
		code: fc.oneof(
			{ maxDepth: 4, withCrossShrink: true },
			atom,
			all(code, space, fc.constantFrom(...OPERATORS), space, code),
			all(code, dot, method),
			all(code, dot, method, call, fc.oneof(fc.constant(''), code), ')'),
			all(code, '[', code, ']'),
			all(code, '["', method, '"]', fc.constantFrom('', '()', '?.()')),
			all('(', code, dot, method, ')', fc.constantFrom('', '()')),
			all('(', space, code, space, ')'),
			all('!', code),
			all('-', code),
			all(code, fc.constantFrom('++', '--')),
			all('[', code, ', ', code, ']'),
			all('({ a: ', code, ' }).a'),
			all('`', code, '${', code, '}`'),
			all('(() => ', code, ')()'),
			all('/', method, '/.test(', code, ')'),
			all(code, ' ? ', code, ' : ', code),
			all('String(', code, ')'),
			all('$ifEmpty(', code, ', ', code, ')'),
			all("'", code, "'"),
			all('"', code, '"'),
			all(code, '; ', code),
			all('typeof ', code),
		),
		text: fc.oneof(
			{ arbitrary: all('={{', space, code, space, '}}'), weight: 8 },
			{ arbitrary: all('=a {{ ', code, ' }} b {{ ', code, ' }}'), weight: 2 },
			{ arbitrary: all('={{ ', code, ' \\}} ', code, ' }}'), weight: 1 },
			{ arbitrary: all('=\\{{ ', code, ' }} {{ ', code, ' }}'), weight: 1 },
			{ arbitrary: all('={{ ', code, ' {{ ', code, ' }} ', code, ' }}'), weight: 1 },
		),
	};
}).text;

export const FACT_OF_EXPRESSIONS =
	'an expression that is taken for the same for all items comes out the same in n8n for every item';

export interface ExpressionSearch {
	cases: number;
	seed: number;
	engine: ExpressionEngine;
	/** Called with each expression that is taken for the same, and what it comes out as. */
	onSame?: (text: string, value: string) => void;
}

const TOGETHER = 50;

/** Has n8n evaluate random expressions, and looks for one that differs though it is taken for the same for all items. */
export async function searchExpressions({
	cases,
	seed,
	engine,
	onSame,
}: ExpressionSearch): Promise<Breach[]> {
	const found: string[] = [];
	await fc.assert(
		fc.asyncProperty(
			fc.array(expressions, { minLength: TOGETHER, maxLength: TOGETHER }),
			async (texts) => {
				const same = texts.filter((text) => !mayDifferByItem(text));
				const values = await engine.valuesOf(same);
				same.forEach((text, index) => {
					const ofItems = values[index]!;
					onSame?.(text, ofItems[0]!);
					if (new Set(ofItems).size > 1) found.push(`${text}\n  ${ofItems.join('\n  ')}`);
				});
			},
		),
		{ numRuns: Math.ceil(cases / TOGETHER), seed },
	);
	if (found.length === 0) return [];
	const [shortest] = found.sort((one, other) => one.length - other.length);
	return [{ fact: FACT_OF_EXPRESSIONS, cases: found.length, counterexample: shortest! }];
}
