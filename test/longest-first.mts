import { BaseSequencer, type TestSequencerConstructor, type TestSpecification } from 'vitest/node';

/** In: ends of the names of files that take long. Out: begins with these, lest one of them runs alone at the end. */
export function longestFirst(long: readonly string[]): TestSequencerConstructor {
	return class extends BaseSequencer {
		override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
			const others = await super.sort(files);
			const first = long.flatMap((name) =>
				others.filter(({ moduleId }) => moduleId.endsWith(`/${name}`)),
			);
			return [...new Set([...first, ...others])];
		}
	};
}
