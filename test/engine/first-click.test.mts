import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NEEDS_SERVER, prepareExample } from '../demonstration/example-runs.mts';
import {
	credentialsFor,
	deletionNodes,
	nexthinkNodes,
	readExampleWorkflow,
	readExampleWorkflows,
	triggerNodes,
} from '../demonstration/example-workflows.mts';
import { outcomesOf } from '../demonstration/outcomes.mts';
import { startTenant, type Tenant } from '../simulator/tenant.mts';
import { loadEngine, type Engine } from './harness/engine.mts';

const PACKAGE_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

let engine: Engine;
let tenant: Tenant;
beforeAll(async () => {
	engine = await loadEngine({ packageFolder: PACKAGE_FOLDER });
	tenant = await startTenant({ settings: { exportStates: 0 } });
});
beforeEach(() => tenant.reset());
afterAll(async () => await tenant.close());

/** A click on Execute Workflow is `manual`; n8n calls all else production: schedules, callers, and the Retry of a manual run. */
const MODES = ['manual', 'trigger'] as const;

const EXAMPLES = readExampleWorkflows().filter(({ file }) => file !== NEEDS_SERVER);

const EVERY = EXAMPLES.flatMap((example) =>
	triggerNodes(example).flatMap(({ name }) =>
		MODES.map((mode) => [example.file, name, mode] as const),
	),
);

it('every ready workflow has a trigger', () => {
	expect([...new Set(EVERY.map(([file]) => file))]).toEqual(EXAMPLES.map(({ file }) => file));
});

describe('a ready workflow as it is imported', () => {
	it.each(EVERY)('sends no deletion request: %s from "%s" (%s)', async (file, startNode, mode) => {
		const { workflow } = prepareExample(readExampleWorkflow(file), {}, false);
		const credentials = credentialsFor(workflow, tenant);
		const result = await engine.run(workflow, { startNode, mode, pauses: 'short', credentials });
		expect(result.error).toBeUndefined();
		for (const { name } of nexthinkNodes(workflow)) {
			expect([name, result.runs(name)]).toEqual([name, 1]);
		}
		for (const { name } of deletionNodes(workflow)) {
			const statuses = outcomesOf(result, name).map(({ status }) => status);
			expect([name, new Set(statuses)]).toEqual([name, new Set(['DRY_RUN'])]);
		}
		expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
		expect(tenant.ledger.size).toBe(0);
	});
});
