import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take more than five seconds, because they wait or play much. */
const LONG = [
	'engine/fault-matrix.test.mts',
	'properties/random-runs.test.mts',
	'demonstration/main.test.mts',
	'engine/nql-export.test.mts',
	'engine/hostile-tenant.test.mts',
	'engine/hostile-input.test.mts',
	'engine/messages.test.mts',
	'engine/faults.test.mts',
	'engine/look-up.test.mts',
	'engine/look-up-random.test.mts',
	'engine/hostile-queries.test.mts',
];

/** Begins with the files that take long, lest one of them runs alone at the end. */
export class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const others = await super.sort(files);
		const long = LONG.flatMap((name) => others.filter(({ moduleId }) => moduleId.endsWith(name)));
		return [...new Set([...long, ...others])];
	}
}
