import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeBinary } from './folders.mts';

const run = promisify(execFile);

export function databaseFile(userFolder: string): string {
	return join(userFolder, '.n8n', 'database.sqlite');
}

export type Row = Readonly<Record<string, string | number | null>>;

// The SQLite of Node 24, because Node 20 has none.
const QUERY = `
const { DatabaseSync } = require('node:sqlite');
const [file, sql] = process.argv.slice(1);
const database = new DatabaseSync(file, { readOnly: true });
const rows = database.prepare(sql).all();
process.stdout.write(JSON.stringify(rows, (key, value) =>
	value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value));
`;

/** Reads n8n's database, with n8n running or not. */
export async function query(userFolder: string, sql: string): Promise<Row[]> {
	const { stdout } = await run(
		nodeBinary(),
		['--no-warnings', '--eval', QUERY, databaseFile(userFolder), sql],
		{ maxBuffer: 1024 * 1024 * 1024 },
	);
	return JSON.parse(stdout) as Row[];
}

/** Every row of every table. SQLite splits long values over its pages, so the bytes of the file alone would not do for a search. */
export async function everyRow(userFolder: string): Promise<Array<{ table: string; rows: Row[] }>> {
	const tables = await query(userFolder, "SELECT name FROM sqlite_master WHERE type = 'table'");
	const contents: Array<{ table: string; rows: Row[] }> = [];
	for (const { name } of tables) {
		const table = String(name);
		contents.push({ table, rows: await query(userFolder, `SELECT * FROM "${table}"`) });
	}
	return contents;
}
