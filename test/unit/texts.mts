import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';
import ts from 'typescript';

/** A text of the shipped code that a user may read, as far as its place in the source tells. */
export interface Text {
	/** What the text is in n8n's descriptions; `words` is any other text of several words. */
	kind: 'displayName' | 'optionName' | 'description' | 'placeholder' | 'action' | 'words';
	text: string;
	line: number;
	/** Of a parameter that is true or false. */
	isOfBoolean: boolean;
}

/** @returns every text in a source file, in order; what a template fills in stands as `…` */
export function textsOf(file: string, source: string): Text[] {
	const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
	const found: Text[] = [];
	const visit = (node: ts.Node): void => {
		const text = textAt(node);
		const kind = text === undefined ? undefined : kindOf(node, text);
		if (text !== undefined && kind !== undefined) {
			const { line } = parsed.getLineAndCharacterOfPosition(node.getStart());
			found.push({ kind, text, line: line + 1, isOfBoolean: isOfBoolean(node.parent) });
		}
		ts.forEachChild(node, visit);
	};
	visit(parsed);
	return found;
}

function textAt(node: ts.Node): string | undefined {
	if (ts.isStringLiteralLike(node)) return node.text;
	if (!ts.isTemplateExpression(node)) return undefined;
	return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
}

function kindOf({ parent }: ts.Node, text: string): Text['kind'] | undefined {
	if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) {
		const name = parent.name.getText();
		if (name === 'displayName' || name === 'description') return name;
		if (name === 'placeholder' || name === 'action') return name;
		if (name === 'name' && siblingsOf(parent).has('value')) return 'optionName';
	}
	return /[a-z]+ [a-z]+/i.test(text) ? 'words' : undefined;
}

/** By its own type, or by the function that declares it, however deep in its argument the text stands. */
function isOfBoolean(parent: ts.Node): boolean {
	const type = siblingsOf(parent).get('type');
	if (type !== undefined) return type === "'boolean'";
	const call = ts.findAncestor(parent, ts.isCallExpression);
	return call?.expression.getText() === 'trueOrFalse';
}

/** Every text that n8n's editor shows of some properties, rows and choices among them, in order. */
export function textsOfProperties(
	properties: readonly INodeProperties[],
): Array<Omit<Text, 'line'> & { path: string; isOfList: boolean }> {
	return properties.flatMap((property) => {
		const { name, type, displayName, description, placeholder, options = [] } = property;
		const about = { isOfBoolean: type === 'boolean', isOfList: /collection$/i.test(type) };
		const choices = options as Array<INodePropertyOptions | INodeProperties>;
		const inner = (options as INodePropertyCollection[]).flatMap(({ values = [] }) => values);
		// A notice has its whole text in the place of a label.
		const label = type === 'notice' ? { words: displayName } : { displayName };
		const own = Object.entries({ ...label, description, placeholder }).flatMap(([kind, text]) =>
			text === undefined ? [] : [{ kind: kind as Text['kind'], text, path: name, ...about }],
		);
		const ofChoices = choices.flatMap((choice) => {
			if (!('value' in choice)) return [];
			const ofChoice = { ...about, isOfBoolean: false, path: `${name}.${String(choice.value)}` };
			return [
				{ kind: 'optionName' as const, text: choice.name, ...ofChoice },
				...(choice.description === undefined
					? []
					: [{ kind: 'description' as const, text: choice.description, ...ofChoice }]),
			];
		});
		const nested = [...inner, ...(type === 'collection' ? (options as INodeProperties[]) : [])];
		return [
			...own,
			...ofChoices,
			...textsOfProperties(nested).map((text) => ({ ...text, path: `${name}.${text.path}` })),
		];
	});
}

function siblingsOf({ parent }: ts.Node): Map<string, string> {
	if (parent === undefined || !ts.isObjectLiteralExpression(parent)) return new Map();
	const properties = parent.properties.filter(ts.isPropertyAssignment);
	return new Map(
		properties.map(({ name, initializer }) => [name.getText(), initializer.getText()]),
	);
}
