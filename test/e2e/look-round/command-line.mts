import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { REPOSITORY } from '../harness/folders.mts';

export interface CommandLine {
	/** Port of n8n on 127.0.0.1; undefined for a free one. */
	readonly port: number | undefined;
	readonly devices: number;
	/** The folder with the sources that are compiled whenever one of them changes; undefined: none is watched. */
	readonly sources: string | undefined;
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
		.option(
			'--watch [folder]',
			'compile each change of a source file: after a reload of the page n8n shows it (default folder: this repository)',
		)
		.allowExcessArguments(false)
		.showHelpAfterError('(npm run editor -- --help lists the options)')
		.addHelpText(
			'after',
			`
The first call installs n8n, which takes some minutes. Ctrl-C ends n8n and the tenant.`,
		);
	const { port, devices, watch } = program
		.parse(argv)
		.opts<{ port?: number; devices: number; watch?: string | true }>();
	const sources = watch === true ? REPOSITORY : watch && resolve(watch);
	return { port, devices, sources };
}

function wholeNumber(least: number, most: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (/^\d+$/.test(text) && value >= least && value <= most) return value;
		const range = `${least} to ${most.toLocaleString('en-US')}`;
		throw new InvalidArgumentError(`It must be a whole number from ${range}.`);
	};
}
