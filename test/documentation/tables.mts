import {
	entryForQueries,
	ERROR_CODES,
	type ErrorCodeEntry,
	type KnownErrorCode,
} from '../../nodes/Nexthink/api/errorCodes.ts';
import { table } from './format.mts';
import { OPERATIONS, operationTable, parameterTable } from './parameters.mts';

/** Tables that say what the code says, by the name of their markers. */
export type Tables = Readonly<Record<string, () => string>>;

/** The pages that have such tables, by their paths. */
export const PAGES: Readonly<Record<string, Tables>> = {
	'README.md': {
		'error-codes': () =>
			codeTable(
				CODES.filter((code) => !isOfQueriesAlone(code)),
				(code) => ERROR_CODES[code],
			),
		'query-error-codes': () =>
			codeTable(
				CODES.filter((code) => isOfQueriesAlone(code) || 'forQueries' in ERROR_CODES[code]),
				entryForQueries,
			),
	},
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

const CODES = Object.keys(ERROR_CODES) as KnownErrorCode[];

function isOfQueriesAlone(code: KnownErrorCode): boolean {
	return /^(COLUMN|EXPORT|FILE)_/.test(code);
}

function codeTable(
	codes: readonly KnownErrorCode[],
	entryOf: (code: KnownErrorCode) => ErrorCodeEntry,
): string {
	return table(
		['Code', 'What happened', 'How to go on'],
		codes.map((code) => {
			const { message, advice } = entryOf(code);
			return [`\`${code}\``, message, advice];
		}),
	);
}

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
