import { QUERIES_TO_SAVE } from '../../nodes/Nexthink/operations/lookUp/queriesToSave.ts';
import { deletionCodeTable, queryCodeTable } from './error-codes.mts';
import { code } from './format.mts';
import { numberTable } from './limits.mts';
import { matchTable, shortStatusTable, statusTable } from './outcomes.mts';
import { OPERATIONS, operationTable, parameterTable } from './parameters.mts';

/** Tables and queries that say what the code says, by the name of their markers. */
export type Tables = Readonly<Record<string, () => string>>;

/** The pages that have such tables, by their paths. */
export const PAGES: Readonly<Record<string, Tables>> = {
	'README.md': { statuses: shortStatusTable },
	'docs/error-codes.md': {
		'deletion-codes': deletionCodeTable,
		'query-codes': queryCodeTable,
	},
	'docs/limits.md': { numbers: numberTable },
	'docs/look-up.md': {
		'query-to-save': () => code(QUERIES_TO_SAVE.query),
		'export-to-save': () => code(QUERIES_TO_SAVE.export),
		matches: matchTable,
	},
	'docs/output.md': { statuses: statusTable },
	'docs/parameters.md': {
		operations: operationTable,
		...Object.fromEntries(
			Object.entries(OPERATIONS).map(([name, operation]) => [
				`${name}-parameters`,
				() => parameterTable(operation),
			]),
		),
	},
};

/** Puts fresh tables between their markers, `<!-- name -->` and `<!-- /name -->`; everything else stays. */
export function withFreshTables(markdown: string, tables: Tables): string {
	return Object.entries(tables).reduce((text, [name, render]) => {
		const place = new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`);
		if (!place.test(text)) throw new Error(`The page has no place for the table ${name}.`);
		return text.replace(
			place,
			(_, start: string, end: string) => `${start}\n\n${render()}\n\n${end}`,
		);
	}, markdown);
}
