import type { IExecuteFunctions } from 'n8n-workflow';

import type { MatchRules } from '../../lookUp/match';
import {
	DEFAULT_QUERY_OPTIONS,
	readQueryId,
	whyNoTool,
	whyQueryOptionsUnusable,
	type QueryOptions,
} from '../querySettings';
import { isTool, UnusableSetting, whyNoWholeNumber, whyNotTheSameForAll } from '../settings';
import { lookUpParameters } from './parameters';

/** Every parameter that holds for the whole run, read once. */
export interface LookUpSettings extends QueryOptions {
	queryId: string;
	/** Of the saved query, without its `$`. */
	parameterName: string;
	rules: MatchRules;
	/** Field of the input that must agree with the check column. */
	checkField?: string;
}

/** What a refused run is reported with. */
export const DEFAULT_SETTINGS: LookUpSettings = {
	...DEFAULT_QUERY_OPTIONS,
	queryId: '',
	parameterName: 'device_name',
	rules: { uidColumn: 'device.uid', nameColumn: 'device.name' },
};

const READ_ONCE = [
	'queryId',
	'lookupField',
	'parameterName',
	'uidColumn',
	'nameColumn',
	'options',
] as const;

export function readSettings(context: IExecuteFunctions): LookUpSettings | UnusableSetting {
	const noTool = whyNoTool(context, 'lookupValues', 'the names to look up', lookUpParameters);
	if (noTool !== undefined) return new UnusableSetting(noTool);
	const differs = whyNotTheSameForAll(context, READ_ONCE, lookUpParameters);
	if (differs !== undefined) return new UnusableSetting(differs);
	const queryId = readQueryId(context);
	if (queryId instanceof UnusableSetting) return queryId;
	const text = (name: string) => context.getNodeParameter(name, 0) as unknown;
	const [parameterName, uidColumn, nameColumn] = [
		text('parameterName'),
		text('uidColumn'),
		text('nameColumn'),
	];
	const given = context.getNodeParameter('options', 0, {}) as Record<string, unknown>;
	const options = { ...DEFAULT_QUERY_OPTIONS, ...given };
	const { checkColumn = '', checkField = '', lastSeenColumn = '', minDaysSinceLastSeen } = given;
	const refused =
		whyNoParameterName(parameterName) ??
		whyNoColumn('UID Column', uidColumn) ??
		whyNoColumn('Name Column', nameColumn) ??
		whyNoPair('Check Column', checkColumn, 'Check Field', checkField) ??
		whyNoCheck(context, checkField) ??
		whyNoLastSeen(lastSeenColumn, minDaysSinceLastSeen) ??
		whyQueryOptionsUnusable(options);
	if (refused !== undefined) return new UnusableSetting(refused);
	return {
		...(options as QueryOptions),
		queryId,
		parameterName: parameterName as string,
		rules: {
			uidColumn: uidColumn as string,
			nameColumn: nameColumn as string,
			...(checkColumn !== '' && { checkColumn: checkColumn as string }),
			...(lastSeenColumn !== '' && {
				lastSeen: { column: lastSeenColumn as string, minDays: minDaysSinceLastSeen as number },
			}),
		},
		...(checkField !== '' && { checkField: checkField as string }),
	};
}

function whyNoParameterName(value: unknown): string | undefined {
	return typeof value === 'string' && /^[^\s$][^\s]*$/.test(value)
		? undefined
		: 'Parameter Name must be the name that the saved query declares, without its $, such as device_name.';
}

function whyNoColumn(label: string, value: unknown): string | undefined {
	return isFilled(value)
		? undefined
		: `${label} must be the name of a column, such as device.name.`;
}

/** Half a check would check nothing, unnoticed. */
function whyNoPair(
	one: string,
	oneValue: unknown,
	other: string,
	otherValue: unknown,
): string | undefined {
	const areBothUnset = oneValue === '' && otherValue === '';
	return areBothUnset || (isFilled(oneValue) && isFilled(otherValue))
		? undefined
		: `${one} and ${other} must be set together.`;
}

/** A model's list has names and nothing to check them against. */
function whyNoCheck(context: IExecuteFunctions, checkField: unknown): string | undefined {
	return isTool(context) && checkField !== ''
		? 'As a tool of an AI Agent the node gets names alone, and no field to check. Remove the options Check Column and Check Field.'
		: undefined;
}

function whyNoLastSeen(column: unknown, days: unknown): string | undefined {
	if (column === '' && days === undefined) return undefined;
	if (!isFilled(column) || days === undefined) {
		return 'Last Seen Column and Minimum Days Since Last Seen must be set together.';
	}
	return whyNoWholeNumber('Minimum Days Since Last Seen', days, 0, 100_000);
}

function isFilled(value: unknown): value is string {
	return typeof value === 'string' && value.trim() !== '';
}
