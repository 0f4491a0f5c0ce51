import type { NodeExecutionHint } from 'n8n-workflow';

import { escapeHtml } from '../api/escapeHtml';

/**
 * The one place that makes hints. n8n shows them as HTML, and they tell of field names and of Nexthink's own words: all of it is to be
 * read as text.
 */
export function hint(message: string, type: 'info' | 'warning' = 'warning'): NodeExecutionHint {
	return { message: escapeHtml(message), type, location: 'outputPane' };
}
