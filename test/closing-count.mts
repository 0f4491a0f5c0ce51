import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Closes a run with one plain line, for people and for CI systems that look for a count. A file that can't be loaded, a hook that fails
 * and a process that ends count as a failure each.
 */
export default class ClosingCount implements Reporter {
	onTestRunEnd(
		modules: readonly TestModule[],
		unhandledErrors: readonly SerializedError[] = [],
	): void {
		const states = modules.flatMap((module) =>
			[...module.children.allTests()].map((test) => test.result().state),
		);
		const broken = modules
			.flatMap((module) => [module, ...module.children.allSuites()])
			.filter((part) => part.errors().length > 0).length;
		const count = (state: string) => states.filter((each) => each === state).length;
		const failed = count('failed') + broken + unhandledErrors.length;
		console.log(`\n${count('passed')} passed, ${failed} failed`);
	}
}
