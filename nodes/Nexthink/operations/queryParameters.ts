import type { Query } from '../api/queryAnswer';
import { group, ofEachItem, text } from './settings/parameter';
import type { ItemReader } from './settings/read';
import { Refusal } from './settings/refusal';

/** How a saved query names its parameters. */
export const PARAMETER_NAME = {
	pattern: /^[^\s$]\S*$/,
	mustBe: 'the name that the saved query declares, without its $, such as device_name',
};

/** The values of a saved query's parameters. As a tool, these are what a model may set. */
export const QUERY_PARAMETERS = group({
	displayName: 'Query Parameters',
	placeholder: 'Add parameter',
	rows: 'many',
	rowName: 'parameter',
	rowLabel: 'Parameter',
	mayBeEmpty: true,
	description: 'Values for the parameters that the saved query declares',
	fields: {
		name: text({
			displayName: 'Name',
			default: '',
			placeholder: 'e.g. device_name',
			description: 'Name of the parameter as the query declares it, without its $',
			...PARAMETER_NAME,
		}),
		value: ofEachItem('string', {
			displayName: 'Value',
			default: '',
			placeholder: 'e.g. LAPTOP-0042',
			description: 'Value of the parameter. In a comparison, * and ? stand for other characters.',
			forTool: { leftToModel: true },
		}),
	},
});

/** One query for an input item, or why there is none: a sentence. */
export type ItemQuery = { query: Query } | { refused: string };

interface QuerySettings {
	queryId: string;
	queryParameters: ReadonlyArray<{ name: string; value: ItemReader }>;
}

/** One query for each input item. Throws where the names of the parameters can serve none of them. */
export function queriesOf(
	{ queryId, queryParameters }: QuerySettings,
	itemCount: number,
): ItemQuery[] {
	const names = queryParameters.map(({ name }) => name);
	const twice = names.find((name, position) => names.indexOf(name) !== position);
	if (twice !== undefined) throw new Refusal(`The query parameter ${twice} is given twice`);
	return Array.from({ length: itemCount }, (_, item) => queryOf(queryId, queryParameters, item));
}

function queryOf(queryId: string, rows: QuerySettings['queryParameters'], item: number): ItemQuery {
	const parameters = new Map<string, string>();
	for (const { name, value: valueOf } of rows) {
		const reading = valueOf(item);
		if ('unreadable' in reading) {
			return { refused: `The query parameter ${name} cannot be read: ${reading.unreadable}` };
		}
		if (!['string', 'number', 'boolean'].includes(typeof reading.value)) {
			return { refused: `The query parameter ${name} has no value that can be sent as text.` };
		}
		parameters.set(name, String(reading.value));
	}
	return { query: { queryId, parameters: Object.fromEntries(parameters) } };
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
		const key = JSON.stringify(item.query.parameters);
		const position = known.get(key) ?? queries.push(item.query) - 1;
		known.set(key, position);
		return position;
	});
	return { queries, positions };
}
