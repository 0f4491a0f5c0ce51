import { existsSync, readFileSync } from 'node:fs';
import type { N8nVersion } from './folders.mts';
import { spawnN8n } from './processes.mts';
import { takeTurn } from './turn.mts';

export interface CommandOptions {
	readonly version: N8nVersion;
	readonly userFolder: string;
	readonly env?: Readonly<Record<string, string>>;
	/** Called before a command is repeated after a crash, so that what it did the first time does not count twice. */
	readonly beforeRepeat?: () => void | Promise<void>;
}

export interface CommandResult {
	readonly exitCode: number | null;
	readonly stdout: string;
	/** What n8n logged, one JSON object a line; a command prints through the log. */
	readonly log: string;
}

/** Runs one n8n command to its end, such as `['import:workflow', '--input=…']`. Its exit code is the caller's to judge. */
export async function runCommand(
	args: readonly string[],
	options: CommandOptions,
): Promise<CommandResult> {
	const first = await runOnce(args, options);
	if (!crashedAfterItsWork(first)) return first;
	console.warn(`n8n ${args[0]} crashed (exit 139) after complete output; it is run once more.`);
	await options.beforeRepeat?.();
	return await runOnce(args, options);
}

async function runOnce(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
	const { version, userFolder, env } = options;
	const giveBackTurn = takeTurn(`n8n ${args[0]} in ${userFolder}`);
	try {
		const n8n = await spawnN8n({ version, userFolder, args, ...(env && { env }) });
		const { exitCode, signal } = await n8n.ended;
		const ownLog = n8n.logFile.replace(/\.log$/, '.n8n.log');
		return {
			exitCode: signal === 'SIGSEGV' ? 139 : exitCode,
			stdout: n8n.stdout(),
			log: existsSync(ownLog) ? readFileSync(ownLog, 'utf8') : '',
		};
	} finally {
		giveBackTurn();
	}
}

/** Seen on machines with few cores: n8n has done everything, then its process crashes while it ends. */
function crashedAfterItsWork({ exitCode, log }: CommandResult): boolean {
	return exitCode === 139 && LAST_WORDS.test(log);
}

/** What import and execute log last; `execute` prints the execution as JSON, after a failed one with its stack. */
const LAST_WORDS = /Successfully imported|"message":"\{\\n {2}\\"data\\"|Error executing workflow/;
