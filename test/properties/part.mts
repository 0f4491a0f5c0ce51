// One part of a search by test:fuzz, in a process of its own: takes a Part, answers with a PartResult.
import { searchCsv } from './csv-facts.mts';
import { searchLookUps } from './look-up-search.mts';
import { ExpressionEngine, searchExpressions } from './random-expressions.mts';
import { search, type Breach } from './search.mts';
import { searchSettingsRuns, SettingsBench } from './settings-runs.mts';
import { searchSettings } from './settings-search.mts';

/** How many cases a part has, and where its random numbers begin. */
export interface Part {
	readonly cases: number;
	readonly seed: number;
}

/** How much of each was played. */
export interface Sums {
	deletionRuns: number;
	lookUps: number;
	/** Of deletion runs and look-ups together. */
	requests: number;
	settings: number;
	files: number;
	expressions: number;
	runsInEngine: number;
}

export interface PartResult {
	readonly sums: Sums;
	readonly breaches: readonly Breach[];
}

async function play({ cases, seed }: Part): Promise<PartResult> {
	const sums: Sums = {
		deletionRuns: 0,
		lookUps: 0,
		requests: 0,
		settings: 0,
		files: 0,
		expressions: 0,
		runsInEngine: 0,
	};
	const breaches = [
		...(await search({
			cases,
			seed,
			onPlayed: ({ exchanges }) => {
				sums.deletionRuns++;
				sums.requests += exchanges.length;
			},
		})),
		...(await searchLookUps({
			cases,
			seed,
			onPlayed: ({ query, export: exported }) => {
				sums.lookUps++;
				sums.requests +=
					query.asked.length + exported.exportAnswers.length + exported.fetched.length;
			},
		})),
		...searchSettings({ cases, seed, onRead: () => sums.settings++ }),
		...searchCsv({ cases, seed, onRead: () => sums.files++ }),
		...(await searchInEngine({ cases, seed }, sums)),
	];
	return { sums, breaches };
}

/** A tenth as many expressions and a hundredth as many nodes: n8n's engine takes long for each. */
async function searchInEngine({ cases, seed }: Part, sums: Sums): Promise<Breach[]> {
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

// Whoever asked is gone: nobody would read the answer.
process.on('disconnect', () => process.exit());
process.on('message', async (part: Part) => {
	process.send!(await play(part));
	process.disconnect();
});
