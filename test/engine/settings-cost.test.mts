import { createRequire } from 'node:module';
import type { INodeParameters } from 'n8n-workflow';
import { describe, expect, it, vi } from 'vitest';

import { useTestBench } from './delete-workflow.mts';

const bench = useTestBench();

// The build of n8n-workflow that n8n-core and the node load.
const { Expression } = createRequire(import.meta.url)(
	'n8n-workflow',
) as typeof import('n8n-workflow');

const SAME_FOR_ALL_ITEMS: INodeParameters = {
	dryRun: "={{ $execution.id !== '' }}",
	uidField: "={{ $vars.uid_field ?? 'uid' }}",
	nameField: "={{ $input.first().json.name_field ?? 'name' }}",
};
const OPTIONS: INodeParameters = {
	batchSize: "={{ $('Source').all().length > 0 ? 100 : 1 }}",
	concurrency: '={{ $vars.concurrency ?? 4 }}',
	failOnUnscheduled: "={{ $workflow.name === '' }}",
	includeInputFields: "={{ $execution.mode === 'none' }}",
	maxRetries: '={{ $vars.max_retries ?? 3 }}',
	maxRetryWait: '={{ $max(300, 60) }}',
	requestId: "={{ $vars.request_id ?? '0f8fad5b-d9cb-469f-a165-70867728950e' }}",
	timeout: "={{ Number('60') }}",
	uidValidation: "={{ $if($vars.strict, 'strict', 'warn') }}",
};

/** How many expressions n8n evaluates in a run. */
async function evaluationsOf(
	count: number,
	parameters: INodeParameters,
	options?: INodeParameters,
): Promise<number> {
	const spy = vi.spyOn(Expression.prototype, 'resolveSimpleParameterValue');
	try {
		const items = bench.devices(count);
		const { statusWords } = await bench.run({
			items,
			parameters: { maxDevices: 10_000, ...parameters },
			...(options && { options }),
		});
		expect(statusWords).toEqual(items.map(() => 'DRY_RUN'));
		return spy.mock.calls.filter(([value]) => String(value).startsWith('=')).length;
	} finally {
		spy.mockRestore();
	}
}

describe('an expression in a setting', () => {
	it('is evaluated once in a run of 2,000 devices if it cannot differ from item to item', async () => {
		const fixed = await evaluationsOf(2_000, { dryRun: true });
		const byExpressions = await evaluationsOf(2_000, SAME_FOR_ALL_ITEMS, OPTIONS);

		const expressions = Object.keys({ ...SAME_FOR_ALL_ITEMS, ...OPTIONS }).length;
		expect(byExpressions - fixed).toBe(expressions);
	});

	it('is evaluated once for each item if it may differ', async () => {
		const fixed = await evaluationsOf(100, { dryRun: true });

		expect(await evaluationsOf(100, { dryRun: '={{ $json.uid !== "" }}' })).toBe(fixed + 100);
	});
});
