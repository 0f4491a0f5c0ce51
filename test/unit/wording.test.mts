import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { NexthinkOAuth2Api } from '../../credentials/NexthinkOAuth2Api.credentials.ts';
import { Nexthink } from '../../nodes/Nexthink/Nexthink.node.ts';
import { parameterProperties } from '../../nodes/Nexthink/operations/settings/editor.ts';
import type { Parameters } from '../../nodes/Nexthink/operations/settings/parameter.ts';
import { SHIPPED_SOURCES, TOP } from './shipped-sources.mts';
import { textsOf, textsOfProperties, type Text } from './texts.mts';

const TEXTS = SHIPPED_SOURCES.flatMap((file) =>
	textsOf(file, readFileSync(join(TOP, file), 'utf8')).map((text) => ({ ...text, file })),
);

/** What every operation declares, whichever there are. */
const DECLARED = await Promise.all(
	SHIPPED_SOURCES.filter((file) => /^nodes\/.*\/operations\/\w+\/parameters\.ts$/.test(file)).map(
		async (file) => {
			const exported = Object.values((await import(join(TOP, file))) as Record<string, Parameters>);
			expect(exported.map(Object.keys), file).toEqual([['top', 'options']]);
			return exported[0]!;
		},
	),
);

const PLACE = { resource: 'any', operation: 'any', isTool: true };

/** Of n8n's UX guide: words that frighten and help nobody. */
const FRIGHTENING = /\b(?:errors?|problems?|failures?|mistakes?)\b/i;

/** n8n's own names of things, which a user looks for on the screen. */
const NAMES_OF_N8N = /On Error|error branch|error output/g;

/** Words of a title that stay small. */
const SMALL_WORDS = /^(?:a|an|and|at|by|for|from|in|of|on|or|the|to|with)$/;

/** What is against n8n's UX guide in a text. */
function objectionsTo({ kind, text, isOfBoolean }: Omit<Text, 'line'>): string[] {
	const objections = [];
	if (FRIGHTENING.test(text.replace(NAMES_OF_N8N, ''))) objections.push('frightens');
	if (kind === 'displayName' || kind === 'optionName') {
		if (!isTitle(text)) objections.push('is not in Title Case');
	} else if (kind === 'placeholder') {
		if (!/^e\.g\. |^Add [a-z]+(?: [a-z]+)?$/.test(text))
			objections.push('does not begin with e.g.');
	} else if (kind === 'action' || kind === 'description') {
		if (!isInSentenceCase(text)) objections.push('is not in Sentence case');
		if (!isPunctuated(text)) objections.push('has a full stop too many, or lacks one');
	}
	if (kind === 'action' && /\b(?:an?|the)\b/i.test(text)) objections.push('has an article');
	if (kind === 'description' && isOfBoolean !== text.startsWith('Whether ')) {
		objections.push('begins with Whether where it should not, or does not where it should');
	}
	return objections;
}

function isTitle(text: string): boolean {
	// The code of a region stands in parentheses.
	const words = text.replace(/ \([a-z]+\)$/, '').split(/[ -]/);
	return words.every(
		(word, index) => /^\(?[A-Z0-9]/.test(word) || (index > 0 && SMALL_WORDS.test(word)),
	);
}

function isInSentenceCase(text: string): boolean {
	return /^[A-Z]/.test(text) && (text.split(' ').length < 3 || !isTitle(text));
}

/** In: a property. Out: the labels of each list in it that a user chooses from. */
function listsOf({ options = [] }: INodeProperties): string[][] {
	const labels = options.map((each) => ('displayName' in each ? each.displayName : each.name));
	return [labels, ...options.flatMap((each) => ('type' in each ? listsOf(each) : []))];
}

/** One sentence has no full stop, several have one each. */
function isPunctuated(text: string): boolean {
	const isOne = !/\.\s+[A-Z]/.test(text);
	return isOne ? !text.endsWith('.') : text.endsWith('.');
}

describe('the texts that users read', () => {
	it('are found, of every kind', () => {
		const count = (kind: Text['kind']) => TEXTS.filter((text) => text.kind === kind).length;
		expect(count('displayName')).toBeGreaterThan(15);
		expect(count('description')).toBeGreaterThan(15);
		expect(count('optionName')).toBeGreaterThan(5);
		expect(count('placeholder')).toBeGreaterThan(5);
		expect(count('action')).toBeGreaterThan(0);
		expect(count('words')).toBeGreaterThan(50);
	});

	it.each(SHIPPED_SOURCES)("keep to n8n's guide in %s", (file) => {
		const objections = TEXTS.filter((text) => text.file === file).flatMap((text) =>
			objectionsTo(text).map((objection) => `line ${text.line}: "${text.text}" ${objection}`),
		);
		expect(objections).toEqual([]);
	});

	it("keep to n8n's guide in every property that the editor is given, wherever its text comes from", () => {
		expect(DECLARED.length).toBeGreaterThan(3);
		const shown = DECLARED.flatMap((parameters) =>
			textsOfProperties(parameterProperties(parameters, PLACE)),
		);
		expect(shown.length).toBeGreaterThan(100);
		for (const kind of ['displayName', 'optionName', 'description', 'placeholder', 'words']) {
			expect(shown.map((text) => text.kind)).toContain(kind);
		}
		const objections = shown.flatMap((text) => {
			const isAdd = text.kind === 'placeholder' && text.text.startsWith('Add ');
			const misplaced = isAdd === (text.kind === 'placeholder' && text.isOfList) ? [] : ['adds'];
			return [...objectionsTo(text), ...misplaced].map((why) => `${text.path}: ${why}`);
		});
		expect(objections).toEqual([]);
	});

	it('are in the order of the alphabet where a user chooses from a list', () => {
		const { description } = new Nexthink();
		const { properties: ofCredential } = new NexthinkOAuth2Api();
		const lists = [...description.properties, ...ofCredential].flatMap(listsOf);
		expect(lists.length).toBeGreaterThan(10);
		for (const list of lists) expect(list).toEqual([...list].sort());
	});

	it('have no tag in a notice but those that one n8n or the other keeps: links, line breaks and lists', () => {
		const notices = DECLARED.flatMap((parameters) => parameterProperties(parameters, PLACE)).filter(
			({ type }) => type === 'notice',
		);
		const tags = notices.flatMap(({ displayName }) => displayName.match(/(?<=<)\w+/g) ?? []);
		expect([...new Set(tags)].sort()).toEqual(['a', 'br', 'ul']);
	});

	it('hold n8n to be the product, and scheduled to be no more than scheduled', () => {
		for (const { text, file, line } of TEXTS) {
			expect(text, `${file}:${line}`).not.toMatch(/\bN8N\b|\bN8n\b/);
			expect(text, `${file}:${line}`).not.toMatch(/\b(?:is|are|was|were|been|have|has) deleted\b/i);
		}
	});
});

describe("n8n's guide", () => {
	it.each<[source: string, objection: string]>([
		["const x = 'There was an error here';", 'frightens'],
		['const x = `The ${y} is a failure`;', 'frightens'],
		["x({ displayName: 'Batch size' });", 'is not in Title Case'],
		["x({ name: 'json list', value: 'jsonList' });", 'is not in Title Case'],
		["x({ placeholder: 'acme' });", 'does not begin with e.g.'],
		["x({ action: 'Delete Many Devices' });", 'is not in Sentence case'],
		["x({ action: 'delete devices' });", 'is not in Sentence case'],
		["x({ action: 'Delete a device' });", 'has an article'],
		["x({ description: 'How many at most.' });", 'has a full stop too many, or lacks one'],
		["x({ description: 'How many. At most' });", 'has a full stop too many, or lacks one'],
		[
			"x({ type: 'boolean', description: 'Send nothing' });",
			'begins with Whether where it should not, or does not where it should',
		],
		[
			"trueOrFalse({ displayName: 'Dry Run', description: 'Send nothing' });",
			'begins with Whether where it should not, or does not where it should',
		],
		[
			"trueOrFalse({ default: true, forTool: { shown: { description: 'Send nothing' } } });",
			'begins with Whether where it should not, or does not where it should',
		],
		[
			"group({ fields: { x: wholeNumber({ description: 'Whether to send nothing' }) } });",
			'begins with Whether where it should not, or does not where it should',
		],
		["x({ placeholder: 'Add One More Row' });", 'does not begin with e.g.'],
		[
			"x({ type: 'string', description: 'Whether to send nothing' });",
			'begins with Whether where it should not, or does not where it should',
		],
	])('is broken by %s', (source, objection) => {
		expect(textsOf('made-up.ts', source).flatMap(objectionsTo)).toEqual([objection]);
	});

	it.each([
		"x({ displayName: 'Stop on Unscheduled Devices', type: 'boolean', description: 'Whether to stop' });",
		"trueOrFalse({ displayName: 'Dry Run', default: false, description: 'Whether to send nothing' });",
		"trueOrFalse({ forTool: { shown: { description: 'Whether to send nothing' } } });",
		"group({ placeholder: 'Add last seen', fields: { x: trueOrFalse({ description: 'Whether to send' }) } });",
		"x({ name: 'European Union (eu)', value: 'eu' });",
		"x({ displayName: 'Timeout (Seconds)', placeholder: 'e.g. 60' });",
		"x({ action: 'Delete devices', description: 'Delete devices from Nexthink' });",
		"const x = 'Treated as On Error says, or sent to the error branch';",
		"import { x } from './failure';",
	])('is kept by %s', (source) => {
		expect(textsOf('made-up.ts', source).flatMap(objectionsTo)).toEqual([]);
	});
});
