import { describe, expect, it } from 'vitest';

import { escapeHtml } from '../../../nodes/Nexthink/api/escapeHtml.ts';

describe('text for a place that n8n shows as HTML', () => {
	it.each([
		['a link', '<a href="https://evil.example">Session expired</a>'],
		['a picture', "<img src='https://evil.example/x.png'>"],
		['a comment', '<!-- --!><b>'],
		['a tag that does not end', '<svg/onload=alert(1)'],
		['a tag in escaped form', '&lt;b&gt;&#60;b&#62;'],
	])('holds no markup of %s', (_, text) => {
		expect(escapeHtml(text)).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
	});

	it('reads as it was written', () => {
		const text = 'Names & <"titles"> of \'R&D\' &amp; others, 2 > 1';
		const shown = escapeHtml(text)
			.replace(/&lt;/g, '<')
			.replace(/&gt;/g, '>')
			.replace(/&amp;/g, '&');
		expect(shown).toBe(text);
	});

	it('stays as it is where nothing needs it', () => {
		expect(escapeHtml('Zürich "東京" \'x\' 💻')).toBe('Zürich "東京" \'x\' 💻');
	});
});
