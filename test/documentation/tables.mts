import type { INodeProperties } from 'n8n-workflow';

import { ERROR_CODES } from '../../nodes/Nexthink/api/errorCodes.ts';
import { deleteDevicesParameters } from '../../nodes/Nexthink/operations/deleteDevices/parameters.ts';

/** The tables of the README that say what the code says, by the name of their marker. */
export const TABLES: Record<string, () => string> = {
	'delete-parameters': () =>
		parameterTable(distinct(deleteDevicesParameters.filter(({ name }) => name !== 'options'))),
	'delete-options': () => {
		const options = deleteDevicesParameters.find(({ name }) => name === 'options')?.options;
		return parameterTable(options as INodeProperties[], 'options.');
	},
	'error-codes': () =>
		table(
			['Code', 'What happened', 'How to go on'],
			Object.entries(ERROR_CODES).map(([code, { message, advice }]) => [
				`\`${code}\``,
				message,
				advice,
			]),
		),
};

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
			parameter.default === '' ? 'none' : `\`${String(parameter.default)}\``,
			valuesOf(parameter),
			parameter.description ?? '',
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
