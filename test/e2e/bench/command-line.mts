import { Command } from 'commander';

export interface CommandLine {
	/** Fewer rounds and shorter lists, within five minutes or so. */
	readonly short: boolean;
	/** Writes docs/performance.md. */
	readonly write: boolean;
	/** Only shows where the CPU spends its time. */
	readonly profile: boolean;
	/** Only measures what has this word in its name. */
	readonly only?: string;
}

/** Ends the process after `--help`, and with a message and exit code 1 for anything it does not know. */
export function readCommandLine(argv: readonly string[]): CommandLine {
	const program = new Command('npm run bench --')
		.description(
			'How fast the node is in a real n8n, against what users would build without it, against the least that n8n itself takes, and from short lists to long ones. Ends with exit code 1 where a stated ratio is missed.',
		)
		.option('--short', 'fewer rounds and shorter lists: five minutes', false)
		.option('--write', 'write docs/performance.md, the profile included', false)
		.option('--profile', 'only show what the CPU does with 100,000 devices', false)
		.option('--only <word>', 'only measure what has this word in its name, such as settings')
		.allowExcessArguments(false)
		.showHelpAfterError('(npm run bench -- --help lists the options)');
	const commandLine = program.parse([...argv]).opts<CommandLine>();
	if (
		commandLine.write &&
		(commandLine.short || commandLine.profile || commandLine.only !== undefined)
	) {
		program.error('error: --write needs the whole benchmark');
	}
	return commandLine;
}
