import { Command, InvalidArgumentError } from 'commander';

import { FACTS_OF_CSV, searchCsv } from './csv-facts.mts';
import { FACTS_OF_BOTH, FACTS_OF_LOOK_UPS } from './look-up-facts.mts';
import { searchLookUps } from './look-up-search.mts';
import { ExpressionEngine, FACT_OF_EXPRESSIONS, searchExpressions } from './random-expressions.mts';
import { FACTS, randomSeed, search, type Breach } from './search.mts';
import { FACTS_OF_SETTINGS } from './settings-facts.mts';
import { FACTS_OF_SETTINGS_RUNS, searchSettingsRuns, SettingsBench } from './settings-runs.mts';
import { searchSettings } from './settings-search.mts';

function wholeNumber(text: string): number {
	const number = Number(text);
	if (!Number.isSafeInteger(number) || number < 0) {
		throw new InvalidArgumentError('It must be a whole number.');
	}
	return number;
}

const { cases, seed } = new Command('test:fuzz')
	.description(
		"Plays random lists, settings and faults through deletion runs, and as many through look-ups by each method, in virtual time, reads as many random settings and CSV files and a tenth as many expressions, has n8n's engine evaluate those expressions that the node takes for the same for all items, and runs a hundredth as many nodes in that engine. Looks for breaches of what must always hold.",
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

console.log(
	`${number(cases)} random deletion runs, look-ups, settings and CSV files with the seed ${seed}`,
);
const sums = {
	runs: 0,
	lookUps: 0,
	requests: 0,
	settings: 0,
	files: 0,
	expressions: 0,
	runsInEngine: 0,
};
const count = (what: 'runs' | 'lookUps', requests: readonly unknown[]) => {
	sums[what]++;
	sums.requests += requests.length;
	if (sums[what] % 5_000 === 0) console.log(`… ${number(sums[what])}`);
};

const breaches = [
	...(await search({ cases, seed, onPlayed: ({ exchanges }) => count('runs', exchanges) })),
	...(await searchLookUps({
		cases,
		seed,
		onPlayed: ({ query, export: exported }) =>
			count('lookUps', [...query.asked, ...exported.exportAnswers, ...exported.fetched]),
	})),
	...searchSettings({ cases, seed, onRead: () => sums.settings++ }),
	...searchCsv({ cases, seed, onRead: () => sums.files++ }),
	...(await searchInEngine()),
];

async function searchInEngine(): Promise<Breach[]> {
	const bench = await SettingsBench.open();
	try {
		return [
			...(await searchExpressions({
				cases: Math.ceil(cases / 10),
				seed,
				engine: await ExpressionEngine.load(),
				onSame: () => sums.expressions++,
			})),
			...(await searchSettingsRuns({
				cases: Math.ceil(cases / 100),
				seed,
				bench,
				onRun: () => sums.runsInEngine++,
			})),
		];
	} finally {
		await bench.close();
	}
}

const facts = [
	...FACTS,
	...Object.keys(FACTS_OF_LOOK_UPS),
	...Object.keys(FACTS_OF_BOTH),
	...Object.values(FACTS_OF_SETTINGS),
	...Object.keys(FACTS_OF_CSV),
	FACT_OF_EXPRESSIONS,
	...Object.values(FACTS_OF_SETTINGS_RUNS),
];
for (const fact of facts) {
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
	`\n${number(sums.runs)} deletion runs and ${number(sums.lookUps)} look-ups with ${number(sums.requests)} requests, ${number(sums.settings)} settings and ${number(sums.files)} CSV files read, ${number(sums.expressions)} expressions and ${number(sums.runsInEngine)} runs in n8n's engine, seed ${seed}: ` +
		(breaches.length === 0 ? 'no fact broken' : `${breaches.length} facts broken`),
);
if (breaches.length > 0) process.exitCode = 1;
