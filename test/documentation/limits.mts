import type { Parameters } from '../../nodes/Nexthink/operations/settings/parameter.ts';
import { table } from './format.mts';
import { OPERATIONS } from './parameters.mts';

interface NumberSetting {
	label: string;
	value: string;
	range: string;
}

/** Every parameter that is a number: its default, its range, and the operations that have it. */
export function numberTable(): string {
	const operationsOf = new Map<string, string[]>();
	for (const operation of Object.values(OPERATIONS)) {
		const { top, options } = operation.parameters;
		for (const setting of [...numbersIn(top), ...numbersIn(options)]) {
			const row = JSON.stringify(setting);
			operationsOf.set(row, [...(operationsOf.get(row) ?? []), operation.name]);
		}
	}
	return table(
		['Parameter', 'Operations', 'Default', 'Range'],
		[...operationsOf].map(([row, operations]) => {
			const { label, value, range } = JSON.parse(row) as NumberSetting;
			return [label, operations.join(', '), value, range];
		}),
	);
}

function numbersIn(declared: Parameters['top']): NumberSetting[] {
	return Object.values(declared).flatMap((parameter): NumberSetting[] => {
		const { displayName } = parameter.shown;
		if (parameter.kind === 'group') {
			return numbersIn(parameter.fields).map((field) => ({
				...field,
				label: `${displayName} > ${field.label}`,
			}));
		}
		const { type, default: value, typeOptions: { minValue, maxValue } = {} } = parameter.shown;
		if (type !== 'number') return [];
		const ofTool = parameter.forTool?.shown?.default;
		return [
			{
				label: displayName,
				value:
					ofTool === undefined ? inWords(value) : `${inWords(value)}; as a tool ${inWords(ofTool)}`,
				range: `${inWords(minValue)} to ${inWords(maxValue)}`,
			},
		];
	});
}

function inWords(value: unknown): string {
	return Number(value).toLocaleString('en-US');
}
