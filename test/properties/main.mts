import { Command, InvalidArgumentError } from 'commander';

import { FACTS, randomSeed, search } from './search.mts';

function wholeNumber(text: string): number {
	const number = Number(text);
	if (!Number.isSafeInteger(number) || number < 0) {
		throw new InvalidArgumentError('It must be a whole number.');
	}
	return number;
}

const { cases, seed } = new Command('test:fuzz')
	.description(
		'Plays random lists, settings and faults through a deletion run in virtual time, and looks for breaches of what must always hold.',
	)
	.option('--cases <number>', 'how many random runs', wholeNumber, 20_000)
	.option(
		'--seed <number>',
		'where the random runs begin; the same ones again',
		wholeNumber,
		randomSeed(),
	)
	.parse()
	.opts<{ cases: number; seed: number }>();

console.log(`${cases.toLocaleString('en-US')} random runs with the seed ${seed}`);
const sums = { runs: 0, requests: 0, devices: 0 };
const breaches = await search({
	cases,
	seed,
	onPlayed: ({ exchanges, plan }) => {
		sums.runs++;
		sums.requests += exchanges.length;
		sums.devices += plan.devices.length;
		if (sums.runs % 5_000 === 0) console.log(`… ${sums.runs.toLocaleString('en-US')} runs`);
	},
});

for (const fact of FACTS) {
	const breach = breaches.find((each) => each.fact === fact);
	if (breach === undefined) {
		console.log(`holds   ${fact}`);
	} else {
		console.log(
			`BROKEN  ${fact}: in ${breach.cases} runs, for example\n\n${breach.counterexample}\n`,
		);
	}
}
console.log(
	`\n${sums.runs.toLocaleString('en-US')} runs with ${sums.devices.toLocaleString('en-US')} devices and ${sums.requests.toLocaleString('en-US')} requests, seed ${seed}: ` +
		(breaches.length === 0 ? 'no fact broken' : `${breaches.length} facts broken`),
);
if (breaches.length > 0) process.exitCode = 1;
