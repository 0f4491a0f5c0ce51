import type { Reporter, TestModule } from 'vitest/node';

/** Closes a run with one plain line, for people and for CI systems that look for a count. */
export default class ClosingCount implements Reporter {
	onTestRunEnd(modules: readonly TestModule[]): void {
		const states = modules.flatMap((module) =>
			[...module.children.allTests()].map((test) => test.result().state),
		);
		const brokenModules = modules.filter((module) => module.errors().length > 0).length;
		const count = (state: string) => states.filter((each) => each === state).length;
		console.log(`\n${count('passed')} passed, ${count('failed') + brokenModules} failed`);
	}
}
