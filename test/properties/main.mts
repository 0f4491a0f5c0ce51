import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

import { Command, InvalidArgumentError } from 'commander';
import lodash from 'lodash';

import { FACTS_OF_CSV } from './csv-facts.mts';
import { FACTS_OF_BOTH, FACTS_OF_LOOK_UPS } from './look-up-facts.mts';
import type { Part, PartResult, Sums } from './part.mts';
import { FACT_OF_EXPRESSIONS } from './random-expressions.mts';
import { FACTS, randomSeed } from './search.mts';
import { FACTS_OF_SETTINGS } from './settings-facts.mts';
import { FACTS_OF_SETTINGS_RUNS } from './settings-runs.mts';

const { range, sumBy } = lodash;

/** So few that a search soon shows what it finds, and so many that starting a process for them costs nothing beside it. */
const CASES_OF_A_PART = 20_000;

function wholeNumber(text: string): number {
	const number = Number(text);
	if (!Number.isSafeInteger(number) || number < 0) {
		throw new InvalidArgumentError('It must be a whole number.');
	}
	return number;
}

const { cases, seed } = new Command('test:fuzz')
	.description(
		"Plays random lists, settings and faults through deletion runs, and as many through look-ups by each method, in virtual time, reads as many random settings and CSV files and a tenth as many expressions, has n8n's engine evaluate those expressions that the node takes for the same for all items, and runs a hundredth as many nodes in that engine. Looks for breaches of what must always hold. Keeps all processors busy.",
	)
	.option('--cases <number>', 'how many random runs', wholeNumber, CASES_OF_A_PART)
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

const facts = [
	...FACTS,
	...Object.keys(FACTS_OF_LOOK_UPS),
	...Object.keys(FACTS_OF_BOTH),
	...Object.values(FACTS_OF_SETTINGS),
	...Object.keys(FACTS_OF_CSV),
	FACT_OF_EXPRESSIONS,
	...Object.values(FACTS_OF_SETTINGS_RUNS),
];

// A part's seed is the search's, plus the number of its first case: the part can be played again without those before it.
const parts = range(0, cases, CASES_OF_A_PART)
	.map((first) => ({ cases: Math.min(CASES_OF_A_PART, cases - first), seed: seed + first }))
	.values();
const results: PartResult[] = [];
await Promise.all(
	range(availableParallelism()).map(async () => {
		for (const part of parts) {
			const result = await play(part);
			results.push(result);
			tell(part, result);
		}
	}),
);

const broken = new Set(results.flatMap(({ breaches }) => breaches.map(({ fact }) => fact)));
for (const fact of facts) console.log(`${broken.has(fact) ? 'BROKEN ' : 'holds  '} ${fact}`);
const sum = (what: keyof Sums) => number(sumBy(results, ({ sums }) => sums[what]));
console.log(
	`\n${sum('deletionRuns')} deletion runs and ${sum('lookUps')} look-ups with ${sum('requests')} requests, ${sum('settings')} settings and ${sum('files')} CSV files read, ${sum('expressions')} expressions and ${sum('runsInEngine')} runs in n8n's engine, seed ${seed}: ` +
		(broken.size === 0 ? 'no fact broken' : `${broken.size} facts broken`),
);
if (broken.size > 0) process.exitCode = 1;

/** Plays a part in a process of its own. Throws where that process ends without an answer. */
async function play(part: Part): Promise<PartResult> {
	const child = fork(fileURLToPath(new URL('part.mts', import.meta.url)));
	return await new Promise((resolve, reject) => {
		child.once('message', resolve);
		child.once('error', reject);
		child.once('exit', (code, signal) =>
			reject(
				new Error(`The part with the seed ${part.seed} ended without a word: ${code ?? signal}`),
			),
		);
		child.send(part);
	});
}

function tell(part: Part, { breaches }: PartResult): void {
	const again = `--cases ${part.cases} --seed ${part.seed}`;
	console.log(`${again}: ${breaches.length === 0 ? 'no fact broken' : 'BROKEN'}`);
	for (const { fact, cases: count, counterexample } of breaches) {
		console.log(`BROKEN  ${fact}: in ${count} runs, for example\n\n${counterexample}\n`);
	}
}
