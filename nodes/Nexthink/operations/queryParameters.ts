import type { IExecuteFunctions } from 'n8n-workflow';

import type { Failure } from '../api/failure';
import type { Query } from '../api/queryAnswer';
import { readAccess, type Access } from './access';
import { refusalOf } from './failures';
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

/** The settings that say which query to run, besides others. */
interface QuerySettings {
	queryId: string;
	queryParameters: ReadonlyArray<{ name: string; value: ItemReader }>;
}

/** What an input item asks for: a position in `PlannedQueries.queries`; or why it asks for nothing. */
export type AskedQuery = { position: number } | { failure: Failure };

export interface PlannedQueries {
	access: Access;
	/** The distinct ones. */
	queries: Query[];
	/** One for each input item. */
	asked: AskedQuery[];
}

/**
 * Finds what is to be asked, and the way to Nexthink. Never throws.
 *
 * @param refused why the run is refused already
 */
export async function planQueries(
	context: IExecuteFunctions,
	settings: QuerySettings,
	refused: Refusal | undefined,
): Promise<PlannedQueries | { refusal: Failure }> {
	const names = settings.queryParameters.map(({ name }) => name);
	const twice = names.find((name, position) => names.indexOf(name) !== position);
	const { access, refusal } = await readAccess(
		context,
		refused ??
			(twice === undefined
				? undefined
				: new Refusal(`The query parameter ${twice} is given twice`)),
	);
	if (access === undefined) return { refusal };
	const positions = new Map<string, number>();
	const queries: Query[] = [];
	const asked = context.getInputData().map((_, item): AskedQuery => {
		const query = queryOf(settings, item);
		if (typeof query === 'string') return { failure: refusalOf('INVALID_PARAMETER', query) };
		const key = JSON.stringify(query.parameters);
		const position = positions.get(key) ?? queries.push(query) - 1;
		positions.set(key, position);
		return { position };
	});
	return { access, queries, asked };
}

/** @returns the query of an item, or a sentence that says why there is none. */
function queryOf({ queryId, queryParameters }: QuerySettings, item: number): Query | string {
	const parameters = new Map<string, string>();
	for (const { name, value: valueOf } of queryParameters) {
		const { value, unreadable } = valueOf(item);
		if (unreadable !== undefined) return `The query parameter ${name} can't be read: ${unreadable}`;
		if (!['string', 'number', 'boolean'].includes(typeof value)) {
			return `The query parameter ${name} has no value that can be sent as text.`;
		}
		parameters.set(name, String(value));
	}
	return { queryId, parameters: Object.fromEntries(parameters) };
}
