import type { INodeProperties } from 'n8n-workflow';

import {
	entryForQueries,
	ERROR_CODES,
	type ErrorCodeEntry,
	type KnownErrorCode,
} from '../../nodes/Nexthink/api/errorCodes.ts';
import { deleteDevicesParameters } from '../../nodes/Nexthink/operations/deleteDevices/parameters.ts';
import { executeQueryParameters } from '../../nodes/Nexthink/operations/executeQuery/parameters.ts';
import { exportQueryParameters } from '../../nodes/Nexthink/operations/exportQuery/parameters.ts';
import { lookUpParameters } from '../../nodes/Nexthink/operations/lookUp/parameters.ts';

/** The tables of the README that say what the code says, by the name of their marker. */
export const TABLES: Record<string, () => string> = {
	'delete-parameters': () => parametersOf(deleteDevicesParameters),
	'delete-options': () => optionsOf(deleteDevicesParameters),
	'look-up-parameters': () => parametersOf(lookUpParameters),
	'look-up-options': () => optionsOf(lookUpParameters),
	'query-parameters': () => parametersOf(executeQueryParameters),
	'export-options': () => optionsOf(exportQueryParameters),
	'error-codes': () =>
		table(
			['Code', 'What happened', 'How to go on'],
			rowsOf(
				CODES.filter((code) => !isOfQueriesAlone(code)),
				(code) => ERROR_CODES[code],
			),
		),
	'query-error-codes': () =>
		table(
			['Code', 'What happened', 'How to go on'],
			rowsOf(
				CODES.filter((code) => isOfQueriesAlone(code) || 'forQueries' in ERROR_CODES[code]),
				entryForQueries,
			),
		),
};

const CODES = Object.keys(ERROR_CODES) as KnownErrorCode[];

function isOfQueriesAlone(code: KnownErrorCode): boolean {
	return /^(COLUMN|EXPORT|FILE)_/.test(code);
}

function rowsOf(
	codes: KnownErrorCode[],
	entryOf: (code: KnownErrorCode) => ErrorCodeEntry,
): string[][] {
	return codes.map((code) => {
		const { message, advice } = entryOf(code);
		return [`\`${code}\``, message, advice];
	});
}

function parametersOf(parameters: INodeProperties[]): string {
	return parameterTable(distinct(parameters.filter(({ name }) => name !== 'options')));
}

function optionsOf(parameters: INodeProperties[]): string {
	const options = parameters.find(({ name }) => name === 'options')?.options;
	return parameterTable(options as INodeProperties[], 'options.');
}

/** Puts fresh tables between their markers, `<!-- name -->` and `<!-- /name -->`; everything else stays. */
export function withFreshTables(markdown: string): string {
	return Object.entries(TABLES).reduce((text, [name, render]) => {
		const place = new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`);
		if (!place.test(text)) throw new Error(`The README has no place for the table ${name}.`);
		return text.replace(
			place,
			(_, start: string, end: string) => `${start}\n\n${render()}\n\n${end}`,
		);
	}, markdown);
}

/** Some parameters stand twice in the description, once for the node and once for the tool. */
function distinct(parameters: INodeProperties[]): INodeProperties[] {
	return parameters.filter(
		({ name }, position) => parameters.findIndex((other) => other.name === name) === position,
	);
}

function parameterTable(parameters: INodeProperties[], prefix = ''): string {
	return table(
		['Parameter', 'Name', 'Default', 'Values', 'What it does'],
		parameters.map((parameter) => [
			parameter.displayName,
			`\`${prefix}${parameter.name}\``,
			parameter.default === '' || parameter.type === 'fixedCollection'
				? 'none'
				: `\`${String(parameter.default)}\``,
			valuesOf(parameter),
			parameter.description ?? parameter.hint ?? '',
		]),
	);
}

function valuesOf(parameter: INodeProperties): string {
	const { minValue, maxValue } = parameter.typeOptions ?? {};
	switch (parameter.type) {
		case 'options':
			return (parameter.options ?? [])
				.map((option) => `\`${String('value' in option ? option.value : option.name)}\``)
				.join(', ');
		case 'number':
			return maxValue === undefined
				? `${minValue ?? 0} or more`
				: `${minValue ?? 0} to ${maxValue.toLocaleString('en-US')}`;
		case 'boolean':
			return '`true`, `false`';
		case 'json':
			return 'a list as JSON';
		case 'fixedCollection':
			return 'names and values';
		default:
			return parameter.requiresDataPath === 'single' ? 'field name or path' : 'text';
	}
}

/** In: head and rows. Out: a Markdown table. */
export function table(head: string[], rows: string[][]): string {
	const line = (cells: string[]) =>
		`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
