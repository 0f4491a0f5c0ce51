import { posix } from 'node:path';
import ts from 'typescript';

/** One import of a source file, in whatever way it is written. */
interface Import {
	module: string;
	/** Nothing of it is left when the file has been compiled. */
	isOfTypesOnly: boolean;
}

type Room =
	| 'the node'
	| 'operations'
	| 'deletion'
	| 'look-ups'
	| 'exports'
	| 'requests'
	| 'input'
	| 'api'
	| 'credentials';

interface RoomRule {
	/** The rooms whose code it may use, besides its own. */
	mayUse: Room[];
	/** The rooms of which it may use types, and nothing that runs. */
	mayUseTypesOf: Room[];
	/** The modules of others that it may use. */
	modules: string[];
}

/** What n8n provides to every node, and lets a verified node use. */
const ANY_MODULE = ['n8n-workflow', 'zod', 'lodash', 'crypto', 'luxon', 'p-limit'];

/** A job that knows neither n8n nor the wire: it is given what sends, and a clock. */
const JOB: RoomRule = {
	mayUse: ['requests', 'input'],
	mayUseTypesOf: ['api'],
	modules: ['lodash', 'crypto', 'luxon', 'p-limit'],
};

const RULES: Record<Room, RoomRule> = {
	'the node': { mayUse: ['operations', 'api'], mayUseTypesOf: [], modules: ANY_MODULE },
	operations: {
		mayUse: ['deletion', 'look-ups', 'exports', 'requests', 'input', 'api'],
		mayUseTypesOf: [],
		modules: ANY_MODULE,
	},
	deletion: JOB,
	'look-ups': JOB,
	exports: JOB,
	requests: { ...JOB, mayUse: [] },
	input: { ...JOB, mayUse: [], mayUseTypesOf: [] },
	api: { mayUse: [], mayUseTypesOf: [], modules: ANY_MODULE },
	credentials: { mayUse: ['api'], mayUseTypesOf: [], modules: ['n8n-workflow'] },
};

const FOLDERS: Array<[folder: string, room: Room]> = [
	['nodes/Nexthink/operations/', 'operations'],
	['nodes/Nexthink/deletion/', 'deletion'],
	['nodes/Nexthink/lookUp/', 'look-ups'],
	['nodes/Nexthink/queryExport/', 'exports'],
	['nodes/Nexthink/requests/', 'requests'],
	['nodes/Nexthink/input/', 'input'],
	['nodes/Nexthink/api/', 'api'],
	['credentials/', 'credentials'],
];

function roomOf(path: string): Room | undefined {
	const found = FOLDERS.find(([folder]) => path.startsWith(folder));
	if (found !== undefined) return found[1];
	return posix.dirname(path) === 'nodes/Nexthink' ? 'the node' : undefined;
}

/**
 * Where a source file leaves its place in the layering.
 *
 * @param file path from the top of the repository, with slashes
 * @returns a sentence for each import that is not allowed
 */
export function breachesOf(file: string, source: string): string[] {
	const room = roomOf(file);
	if (room === undefined) return [`${file} is in no folder of the layering.`];
	return importsOf(file, source).flatMap((imported) => {
		const why = whyNotAllowed(file, room, imported);
		return why === undefined ? [] : [`${file} imports '${imported.module}': ${why}.`];
	});
}

function whyNotAllowed(
	file: string,
	room: Room,
	{ module, isOfTypesOnly }: Import,
): string | undefined {
	const { mayUse, mayUseTypesOf, modules } = RULES[room];
	if (!module.startsWith('.')) {
		return modules.includes(module) ? undefined : `${room} may use ${listOf(modules)} only`;
	}
	const other = roomOf(posix.join(posix.dirname(file), module));
	if (other === undefined) return 'it is not part of what is shipped';
	if (other === room || mayUse.includes(other)) return undefined;
	if (!mayUseTypesOf.includes(other)) return `${room} may not use ${other}`;
	return isOfTypesOnly ? undefined : `${room} may use types of ${other} only`;
}

function listOf(words: string[]): string {
	return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function importsOf(file: string, source: string): Import[] {
	const found: Import[] = [];
	const visit = (node: ts.Node): void => {
		const imported = importAt(node);
		if (imported !== undefined) found.push(imported);
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest));
	return found;
}

function importAt(node: ts.Node): Import | undefined {
	if (ts.isImportDeclaration(node)) {
		return importOf(node.moduleSpecifier, isTypesOnly(node.importClause));
	}
	if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
		return importOf(node.moduleSpecifier, node.isTypeOnly || allAreTypes(node.exportClause));
	}
	if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
		return importOf(node.moduleReference.expression, node.isTypeOnly);
	}
	if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
		return importOf(node.argument.literal, true);
	}
	return ts.isCallExpression(node) && isLoadingCall(node)
		? importOf(node.arguments[0], false)
		: undefined;
}

function importOf(specifier: ts.Node | undefined, isOfTypesOnly: boolean): Import {
	const module =
		specifier !== undefined && ts.isStringLiteralLike(specifier)
			? specifier.text
			: 'a module that only a run would tell';
	return { module, isOfTypesOnly };
}

function isTypesOnly(clause: ts.ImportClause | undefined): boolean {
	if (clause === undefined) return false;
	return clause.isTypeOnly || (clause.name === undefined && allAreTypes(clause.namedBindings));
}

function allAreTypes(bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined) {
	return (
		bindings !== undefined &&
		(ts.isNamedImports(bindings) || ts.isNamedExports(bindings)) &&
		bindings.elements.length > 0 &&
		bindings.elements.every(({ isTypeOnly }) => isTypeOnly)
	);
}

function isLoadingCall({ expression }: ts.CallExpression): boolean {
	if (expression.kind === ts.SyntaxKind.ImportKeyword) return true;
	return ts.isIdentifier(expression) && expression.text === 'require';
}
