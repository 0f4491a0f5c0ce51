import { compact } from 'lodash';
import type { NodeExecutionHint } from 'n8n-workflow';

import { escapeHtml } from '../api/escapeHtml';

/**
 * The one place that makes hints. n8n shows them as HTML, and they tell of field names and of Nexthink's own words: all of it is to be
 * read as text.
 */
export function hint(message: string, type: 'info' | 'warning' = 'warning'): NodeExecutionHint {
	return { message: escapeHtml(message), type, location: 'outputPane' };
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
