import { Command, InvalidArgumentError } from 'commander';

export interface CommandLine {
	readonly devices: number;
	readonly latency: number;
	readonly all: boolean;
}

/** The tenant has some more, and from 1,000,000 on no lookup relies on an export. */
const MOST_DEVICES = 900_000;

/**
 * In: the process's arguments. Out: what was asked for. Ends the process after `--help`, and with a
 * message and exit code 1 for anything it does not know.
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
	const program = new Command('npm start --')
		.description(
			"Schedules device deletions in n8n's own engine, with the workflows of examples/, on a simulated Nexthink tenant on this machine. Nothing real is touched.",
		)
		.option('--devices <number>', 'good devices on the list', wholeNumber(1, MOST_DEVICES), 250)
		.option(
			'--latency <milliseconds>',
			'how long the tenant waits before each answer',
			wholeNumber(0, 600_000),
			0,
		)
		.option('--all', 'print every device and batch, not just the telling ones', false)
		.allowExcessArguments(false)
		.showHelpAfterError('(npm start -- --help lists the options)')
		.addHelpText(
			'after',
			`
Examples:
  npm start -- --devices 10000
  npm start -- --devices 500 --latency 2000
  npm start -- --all

Ends with 1 if the node and the tenant's ledger disagree about a device.`,
		);
	return program.parse(argv).opts<CommandLine>();
}

function wholeNumber(least: number, most: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (/^\d+$/.test(text) && value >= least && value <= most) return value;
		const range = `${least} to ${most.toLocaleString('en-US')}`;
		throw new InvalidArgumentError(`It must be a whole number from ${range}.`);
	};
}
