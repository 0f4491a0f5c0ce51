import { Command, InvalidArgumentError } from 'commander';

import { FACTS_OF_LOOK_UPS } from './look-up-facts.mts';
import { searchLookUps } from './look-up-search.mts';
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
		'Plays random lists, settings and faults through deletion runs, and as many through look-ups, in virtual time, and looks for breaches of what must always hold.',
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

const number = (count: number) => count.toLocaleString('en-US');

console.log(`${number(cases)} random deletion runs and as many look-ups with the seed ${seed}`);
const sums = { runs: 0, lookUps: 0, requests: 0 };
const count = (what: 'runs' | 'lookUps', requests: readonly unknown[]) => {
	sums[what]++;
	sums.requests += requests.length;
	if (sums[what] % 5_000 === 0) console.log(`… ${number(sums[what])}`);
};

const breaches = [
	...(await search({ cases, seed, onPlayed: ({ exchanges }) => count('runs', exchanges) })),
	...(await searchLookUps({ cases, seed, onPlayed: ({ asked }) => count('lookUps', asked) })),
];

for (const fact of [...FACTS, ...Object.keys(FACTS_OF_LOOK_UPS)]) {
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
	`\n${number(sums.runs)} deletion runs and ${number(sums.lookUps)} look-ups with ${number(sums.requests)} requests, seed ${seed}: ` +
		(breaches.length === 0 ? 'no fact broken' : `${breaches.length} facts broken`),
);
if (breaches.length > 0) process.exitCode = 1;
