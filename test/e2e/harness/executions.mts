import { parse } from 'flatted';
import { query } from './database.mts';

/** One run of one node. */
export interface NodeRun {
	readonly executionStatus?: string;
	readonly hints?: ReadonlyArray<{ readonly message: string }>;
	/** `main` holds the outputs, the error output second. */
	readonly data?: { readonly main?: ReadonlyArray<readonly OutputItem[] | null> };
	readonly error?: SavedError;
}

export interface OutputItem {
	readonly json: Readonly<Record<string, unknown>>;
	readonly pairedItem?: unknown;
	readonly binary?: Readonly<Record<string, SavedFile>>;
}

/** What n8n says of a file; `id` tells where it is kept. */
export interface SavedFile {
	readonly id?: string;
	readonly fileName?: string;
	readonly mimeType: string;
	readonly bytes?: number;
}

export interface SavedError {
	readonly message: string;
	readonly description?: string | null;
	readonly context?: Readonly<Record<string, unknown>>;
}

interface ResultData {
	readonly runData?: Readonly<Record<string, readonly NodeRun[]>>;
	readonly error?: SavedError;
}

/** An execution as n8n saved it; the editor shows the same. */
export class SavedExecution {
	readonly id: string;
	readonly status: string;
	readonly mode: string;
	/** Text of the saved data, for whoever wants to search it. */
	readonly text: string;
	readonly #result: ResultData;

	constructor(row: Readonly<Record<'id' | 'status' | 'mode' | 'data', unknown>>) {
		this.id = String(row.id);
		this.status = String(row.status);
		this.mode = String(row.mode);
		this.text = String(row.data);
		// An execution that has just begun holds next to nothing.
		const saved = parse(this.text) as { resultData?: ResultData } | undefined;
		this.#result = saved?.resultData ?? {};
	}

	get error(): SavedError | undefined {
		return this.#result.error;
	}

	/** Runs of a node; empty if it did not run. */
	runs(node: string): readonly NodeRun[] {
		return this.#result.runData?.[node] ?? [];
	}

	/** The json of the items that a node's last run put out; output 1 is the error output. */
	output(node: string, output = 0): ReadonlyArray<Readonly<Record<string, unknown>>> {
		const items = this.runs(node).at(-1)?.data?.main?.[output] ?? [];
		return items.map(({ json }) => json);
	}

	/** The texts of the hints that a node's last run left. */
	hints(node: string): string[] {
		return (this.runs(node).at(-1)?.hints ?? []).map(({ message }) => message);
	}
}

/** The executions in n8n's database, oldest first; with n8n running or not. */
export async function savedExecutions(userFolder: string): Promise<SavedExecution[]> {
	const rows = await query(
		userFolder,
		'SELECT id, status, mode, data FROM execution_entity JOIN execution_data ON id = executionId ORDER BY id',
	);
	return rows.map(
		(row) => new SavedExecution(row as ConstructorParameters<typeof SavedExecution>[0]),
	);
}

/** The newest execution. Throws if there is none. */
export async function lastExecution(userFolder: string): Promise<SavedExecution> {
	const last = (await savedExecutions(userFolder)).at(-1);
	if (last === undefined) throw new Error(`n8n saved no execution in ${userFolder}`);
	return last;
}
