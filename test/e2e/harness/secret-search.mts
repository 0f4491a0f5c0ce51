import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { databaseFile, everyRow } from './database.mts';
import { secretsFile, type Run, type Secret } from './run.mts';
import { IMPORT_FILE_ENDING } from './workflows.mts';

/** A secret in one of the forms in which it could lie about. */
interface Form {
	readonly what: string;
	readonly text: string;
}

/**
 * The forms that are looked for. Inside a longer text base64 depends on where the secret begins, so there are three of it, each without the
 * characters at its ends that its neighbours change.
 */
export function formsOf({ what, value }: Secret): Form[] {
	const encoded = [0, 1, 2].map((offset) => {
		const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
		const whole = bytes.toString('base64').replace(/=+$/, '');
		return whole.slice(offset === 0 ? 0 : offset + 1, bytes.length % 3 === 0 ? undefined : -1);
	});
	const forms = [
		{ what: 'plain', text: value },
		{ what: 'URL-encoded', text: encodeURIComponent(value) },
		{ what: 'form-encoded', text: new URLSearchParams({ '': value }).toString().slice(1) },
		...encoded.map((text) => ({ what: 'base64', text })),
		...encoded.map((text) => ({
			what: 'base64url',
			text: text.replaceAll('+', '-').replaceAll('/', '_'),
		})),
	];
	return forms.map((form) => ({ what: `${what}, ${form.what}`, text: form.text }));
}

/** Where a secret was found; never quotes it. */
export interface Find {
	readonly what: string;
	readonly where: string;
}

export interface Search {
	readonly finds: readonly Find[];
	/** What was looked through, so that nobody takes an empty place for a clean one. */
	readonly looked: { readonly files: number; readonly rows: number; readonly bytes: number };
}

/** A user folder's copy of the editor out of n8n's package, made at each start: n8n keeps nothing of a run in it. */
const COPY_OF_EDITOR = join('.cache', 'n8n', 'public', sep);

/**
 * Looks for secrets in everything that the n8n of a run left: every row of their databases, and the bytes of every file of their user
 * folders, logs included. Left out are files that were handed to n8n to import, which hold the client secret by design, and copies of the
 * editor.
 */
export async function searchRun(run: Run, secrets: readonly Secret[]): Promise<Search> {
	const formsIn = finderOf(uniqueForms(secrets));
	const finds: Find[] = [];
	const looked = { files: 0, rows: 0, bytes: 0 };
	const lookThrough = (text: string, where: string) => {
		looked.bytes += text.length;
		for (const { what } of formsIn(text)) finds.push({ what, where });
	};
	for (const file of filesBelow(run.folder)) {
		if (file === secretsFile(run) || file.endsWith(IMPORT_FILE_ENDING)) continue;
		if (file.includes(COPY_OF_EDITOR)) continue;
		looked.files += 1;
		lookThrough(readFileSync(file, 'latin1'), relative(run.folder, file));
	}
	for (const userFolder of userFolders(run)) {
		for (const { table, rows } of await everyRow(userFolder)) {
			looked.rows += rows.length;
			lookThrough(JSON.stringify(rows), `${relative(run.folder, userFolder)}, table ${table}`);
		}
	}
	return { finds, looked };
}

const BITS = 7;
const BEGINNING = 3;

/** Finds those of many forms that are in a text in one pass over it, by their first three characters: gigabytes are looked through. */
function finderOf(forms: readonly Form[]): (text: string) => Set<Form> {
	const last = BEGINNING - 1;
	const mask = 2 ** (BITS * BEGINNING) - 1;
	const next = (key: number, text: string, position: number) =>
		((key << BITS) | (text.charCodeAt(position) & (2 ** BITS - 1))) & mask;
	const beginnings = new Uint8Array(mask + 1);
	const byBeginning = new Map<number, Form[]>();
	for (const form of forms) {
		let key = 0;
		for (let position = 0; position <= last; position++) key = next(key, form.text, position);
		beginnings[key] = 1;
		byBeginning.set(key, [...(byBeginning.get(key) ?? []), form]);
	}
	return (text) => {
		const found = new Set<Form>();
		let key = 0;
		for (let position = 0; position < text.length; position++) {
			key = next(key, text, position);
			if (beginnings[key] === 0) continue;
			for (const form of byBeginning.get(key)!) {
				if (text.startsWith(form.text, position - last)) found.add(form);
			}
		}
		return found;
	};
}

function uniqueForms(secrets: readonly Secret[]): Form[] {
	const forms = new Map<string, Form>();
	for (const form of secrets.flatMap(formsOf)) {
		if (!forms.has(form.text)) forms.set(form.text, form);
	}
	return [...forms.values()];
}

/** Those in which n8n has been started. */
export function userFolders(run: Run): string[] {
	const users = join(run.folder, 'users');
	return readdirSync(users)
		.map((name) => join(users, name))
		.filter((userFolder) => existsSync(databaseFile(userFolder)));
}

/** Without what links lead to: a folder of packages that a test links is no folder of n8n. */
function filesBelow(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => join(parentPath, name));
}
