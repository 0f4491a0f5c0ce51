import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeBinary } from './folders.mts';

const run = promisify(execFile);

export function databaseFile(userFolder: string): string {
	return join(userFolder, '.n8n', 'database.sqlite');
}

export type Row = Readonly<Record<string, string | number | null>>;

// The SQLite of Node 24, because Node 20 has none. Without a query: every table.
const QUERY = `
const { DatabaseSync } = require('node:sqlite');
const [file, sql] = process.argv.slice(1);
const database = new DatabaseSync(file, { readOnly: true });
const tables = () => database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
const rowsOf = ({ name }) => ({ table: name, rows: database.prepare('SELECT * FROM "' + name + '"').all() });
const answer = sql === undefined ? tables().map(rowsOf) : database.prepare(sql).all();
process.stdout.write(JSON.stringify(answer, (key, value) =>
	value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value));
`;

/** Reads n8n's database, with n8n running or not. */
export async function query(userFolder: string, sql: string): Promise<Row[]> {
	return (await ask(userFolder, sql)) as Row[];
}

const CHANGE = `
const { DatabaseSync } = require('node:sqlite');
const [file, sql, ...values] = process.argv.slice(1);
const database = new DatabaseSync(file);
database.exec('PRAGMA busy_timeout = 30000');
database.prepare(sql).run(...values);
`;

/** Changes n8n's database, with n8n running or not. `values` stand for the question marks. */
export async function change(
	userFolder: string,
	sql: string,
	...values: readonly string[]
): Promise<void> {
	const args = ['--no-warnings', '--eval', CHANGE, databaseFile(userFolder), sql, ...values];
	await run(nodeBinary(), args);
}

/** Every row of every table. SQLite splits long values over its pages, so the bytes of the file alone would not do for a search. */
export async function everyRow(userFolder: string): Promise<Array<{ table: string; rows: Row[] }>> {
	return (await ask(userFolder)) as Array<{ table: string; rows: Row[] }>;
}

async function ask(userFolder: string, ...sql: readonly string[]): Promise<unknown> {
	const args = ['--no-warnings', '--eval', QUERY, databaseFile(userFolder), ...sql];
	const { stdout } = await run(nodeBinary(), args, { maxBuffer: 1024 * 1024 * 1024 });
	return JSON.parse(stdout);
}
