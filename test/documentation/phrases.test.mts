import { describe, expect, it } from 'vitest';

import { USER_PAGES, userTexts, type UserText } from './user-texts.mts';

/** What no text says any more: word for word translations, and words that name no one. */
const PHRASES = [
	'gives one item back for each, with what is known of its device and no more',
	'the right Data management',
	'Put a node in front that yields items',
	'a tenant that is down is left in peace',
	'The login of Nexthink gave no access token',
	'Check that no proxy answers in the place of Nexthink',
	'The connection to Nexthink broke off or could not be made',
	'How many requests are under way at once at most',
	'How often one request is sent again at most',
	'Malformed UIDs, left to Nexthink to decide on',
	'The credential may not delete devices in Nexthink',
	'until Nexthink is well again',
	'A blank too many makes another name',
	'nobody',
	'somebody',
	'whoever',
	'the right Data',
	'the right NQL',
	'in the place of',
	'is well again',
	'broke off',
	'can do without',
];

const PATTERN = new RegExp(`\\b(?:${PHRASES.join('|')})\\b`, 'gi');

/** Out: what a text says of the list, in the words of the text. */
function phrasesIn({ text }: Pick<UserText, 'text'>): string[] {
	return text.match(PATTERN) ?? [];
}

const TEXTS = userTexts();

describe('a phrase that reads like a translation', () => {
	it.each(PHRASES)('is found wherever a text says: %s', (phrase) => {
		expect(phrasesIn({ text: `Then ${phrase}.` })).not.toEqual([]);
		expect(phrasesIn({ text: `Then ${phrase.toUpperCase()}.` })).not.toEqual([]);
	});

	it('is looked for on every page, in the ready workflows, and in the texts of node and credential', () => {
		const looked = new Set(TEXTS.map(({ path }) => path));
		expect([...looked]).toEqual(expect.arrayContaining(USER_PAGES));
		for (const path of [
			'examples/csv-export.json',
			'nodes/Nexthink/api/errorCodes.ts',
			'credentials/NexthinkOAuth2Api.credentials.ts',
		]) {
			expect(looked).toContain(path);
		}
	});

	it('is looked for in the tables of a page as in the texts of the node, and nowhere else', () => {
		const ofTables = TEXTS.filter(({ isOfTable }) => isOfTable);
		expect(ofTables.some(({ text }) => text.includes('UNEXPECTED_RESPONSE'))).toBe(true);
		expect(ofTables.some(({ text }) => text.includes('Available for 15 minutes'))).toBe(false);
	});

	it.each([...new Set(TEXTS.map(({ path }) => path))])('is nowhere in %s', (path) => {
		const found = TEXTS.filter((text) => text.path === path).flatMap((text) =>
			phrasesIn(text).map((phrase) => `${text.place}: ${phrase}`),
		);
		expect(found).toEqual([]);
	});
});
