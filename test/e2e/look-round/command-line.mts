import { Command, InvalidArgumentError } from 'commander';

export interface CommandLine {
	/** Port of n8n on 127.0.0.1; undefined for a free one. */
	readonly port: number | undefined;
	readonly devices: number;
}

/**
 * In: the process's arguments. Out: what was asked for. Ends the process after `--help`, and with a message and exit code 1 for
 * anything it does not know.
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
	const program = new Command('npm run editor --')
		.description(
			'A real n8n with this node, its examples and a simulated Nexthink tenant, for a look round in the browser. Nothing real is touched, and nothing is left when it ends.',
		)
		.option('--port <number>', "port of n8n's editor (default: a free one)", wholeNumber(1, 65_535))
		.option('--devices <number>', "size of the tenant's inventory", wholeNumber(1, 1_000_000), 1000)
		.allowExcessArguments(false)
		.showHelpAfterError('(npm run editor -- --help lists the options)')
		.addHelpText(
			'after',
			`
The first call installs n8n, which takes some minutes. Ctrl-C ends n8n and the tenant.`,
		);
	const { port, devices } = program.parse(argv).opts<{ port?: number; devices: number }>();
	return { port, devices };
}

function wholeNumber(least: number, most: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (/^\d+$/.test(text) && value >= least && value <= most) return value;
		const range = `${least} to ${most.toLocaleString('en-US')}`;
		throw new InvalidArgumentError(`It must be a whole number from ${range}.`);
	};
}
