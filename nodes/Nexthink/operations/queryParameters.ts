import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { Query } from '../api/queryAnswer';
import { sentenceOfError } from './fields';
import { mayDifferByItem } from './settings';

/** The values of a saved query's parameters. As a tool, these are what a model may set. */
export const QUERY_PARAMETERS = {
	displayName: 'Query Parameters',
	name: 'queryParameters',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add parameter',
	default: {},
	description: 'Values for the parameters that the saved query declares',
	options: [
		{
			displayName: 'Parameter',
			name: 'parameter',
			values: [
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. device_name',
					description: 'Name of the parameter as the query declares it, without its $',
				},
				{
					displayName: 'Value',
					name: 'value',
					type: 'string',
					default: '',
					placeholder: 'e.g. LAPTOP-0042',
					description:
						'What the parameter stands for. In a comparison, * and ? stand for other characters.',
				},
			],
		},
	],
} satisfies INodeProperties;

/** One query for an input item, or why there is none: a sentence. */
export type ItemQuery = { query: Query } | { refused: string };

/**
 * Reads one query for each input item, and each parameter as often as it can differ: an expression costs n8n about half a millisecond.
 */
export function readQueries(
	context: IExecuteFunctions,
	queryId: string,
	itemCount: number,
): ItemQuery[] {
	if (itemCount === 0) return [];
	if (!mayDifferByItem(context.getNode().parameters.queryParameters)) {
		const query = readQuery(context, queryId, 0);
		return Array.from({ length: itemCount }, () => query);
	}
	return Array.from({ length: itemCount }, (_, item) => readQuery(context, queryId, item));
}

function readQuery(context: IExecuteFunctions, queryId: string, itemIndex: number): ItemQuery {
	try {
		const given = context.getNodeParameter('queryParameters', itemIndex, {}) as {
			parameter?: Array<{ name?: unknown; value?: unknown }>;
		};
		const parameters = new Map<string, string>();
		for (const { name, value } of given.parameter ?? []) {
			const refused = whyNoParameter(name, value, parameters);
			if (refused !== undefined) return { refused };
			parameters.set(name as string, String(value));
		}
		return { query: { queryId, parameters: Object.fromEntries(parameters) } };
	} catch (error) {
		return { refused: `The parameters of the query cannot be read: ${sentenceOfError(error)}` };
	}
}

function whyNoParameter(
	name: unknown,
	value: unknown,
	others: ReadonlyMap<string, string>,
): string | undefined {
	if (typeof name !== 'string' || !/^[^\s$][^\s]*$/.test(name)) {
		return 'The name of a query parameter must be the one that the query declares, without its $.';
	}
	if (others.has(name)) return `The query parameter ${name} is given twice.`;
	return ['string', 'number', 'boolean'].includes(typeof value)
		? undefined
		: `The query parameter ${name} has no value that can be sent as text.`;
}

/** The distinct ones of some queries, and which of them each item asks for. */
export interface DistinctQueries {
	queries: Query[];
	/** One for each item: a position in `queries`; undefined where the item has none. */
	positions: Array<number | undefined>;
}

export function distinctQueries(items: readonly ItemQuery[]): DistinctQueries {
	const known = new Map<string, number>();
	const queries: Query[] = [];
	const positions = items.map((item) => {
		if ('refused' in item) return undefined;
		const { parameters } = item.query;
		const key = JSON.stringify(
			Object.keys(parameters)
				.sort()
				.map((name) => [name, parameters[name]]),
		);
		const position = known.get(key) ?? queries.push(item.query) - 1;
		known.set(key, position);
		return position;
	});
	return { queries, positions };
}
