const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Makes text from outside fit for hints and descriptions, which n8n's editor shows as HTML: a link or a picture in it is shown as the
 * text that it is. Messages are shown as text, so they stay as they are. For text between tags alone, not for an attribute's value.
 */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>]/g, (character) => ENTITIES[character]!);
}
