import { compact } from 'lodash';
import type { INodeExecutionData, NodeExecutionHint } from 'n8n-workflow';

import { escapeHtml } from '../api/escapeHtml';

/**
 * The one place that makes hints. n8n shows them as HTML, and they tell of field names and of Nexthink's own words: all of it is to be
 * read as text.
 */
export function hint(message: string, type: 'info' | 'warning' = 'warning'): NodeExecutionHint {
	return { message: escapeHtml(message), type, location: 'outputPane' };
}

/** On the error output n8n shows the fields of the input first, and the reason is in none of the columns that the other output has. */
export function whereReasonIs(items: readonly INodeExecutionData[]): string | undefined {
	const isOnErrorOutput = items.some(({ json }) => json.error !== undefined);
	return isOnErrorOutput
		? 'On the error output, the field "message" contains the reason.'
		: undefined;
}

/** The hint with the sums, and those that warn of something besides. */
export function hintsWith(
	sums: string,
	allWell: boolean,
	warnings: ReadonlyArray<string | false | undefined>,
): NodeExecutionHint[] {
	const more = compact(warnings).map((message) => hint(message));
	return [hint(sums, allWell ? 'info' : 'warning'), ...more];
}
