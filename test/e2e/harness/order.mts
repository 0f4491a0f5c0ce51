import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files by name, and the one that searches what all the others left behind at the end. */
export class FilesInOrder extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		return [...files].sort((one, other) => {
			const last = Number(isLast(one)) - Number(isLast(other));
			return last === 0 ? one.moduleId.localeCompare(other.moduleId) : last;
		});
	}
}

function isLast({ moduleId }: TestSpecification): boolean {
	return moduleId.endsWith('/secrets.test.mts');
}
