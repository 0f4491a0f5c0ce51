import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { INodeParameters } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { ALL_DEVICES_QUERY, LOOK_UP_QUERY } from '../simulator/saved-queries.mts';
import type { FaultRule } from '../simulator/tenant.mts';
import { deleteNode, useTestBench, type DeleteRun } from './delete-workflow.mts';
import type { ExecutionResult, SavedError, ToolRoute } from './harness/engine.mts';
import { runQuery, type QueryRun } from './query-workflow.mts';

const bench = useTestBench();

const require = createRequire(import.meta.url);

/** The words for which n8n replaces a message, from its own table. */
const N8N_WORDS = (() => {
	const n8nWorkflow = path.dirname(require.resolve('n8n-workflow'));
	const source = readFileSync(path.join(n8nWorkflow, 'errors/abstract/node.error.js'), 'utf8');
	const table = /COMMON_ERRORS = \{([^]*?)\n\};/.exec(source)?.[1] ?? '';
	return [...table.matchAll(/^\s+([A-Z_]+):/gm)].map(([, word]) => word!);
})();

/** A word for which n8n replaces nothing. */
const NEUTRAL = 'NEUTRAL_WORD';

/** A run under Stop Workflow that ends with a message in which a word stands, as it is or within another. */
interface Place {
	name: string;
	end: (word: string) => Promise<ExecutionResult>;
	/** Where the word comes to stand. */
	within: 'message' | 'description';
}

function refuse(route: FaultRule['route'], status: number, body: object, from = 1): void {
	bench.tenant.faults.add({
		route,
		from,
		times: Infinity,
		play: { kind: 'status', status, body },
	});
}

async function deletion(run: Partial<DeleteRun> = {}): Promise<ExecutionResult> {
	const items = bench.devices(3);
	return (await bench.run({ items, onError: 'stopWorkflow', ...run })).execution;
}

async function query(run: Pick<QueryRun, 'parameters'> & Partial<QueryRun>) {
	const { execution } = await runQuery(bench, {
		items: bench.devices(1),
		onError: 'stopWorkflow',
		...run,
	});
	return execution;
}

const LOOK_UP = { operation: 'lookUp', queryId: LOOK_UP_QUERY };
const EXECUTE = { resource: 'nqlQuery', operation: 'execute', queryId: ALL_DEVICES_QUERY };
const EXPORT = { resource: 'nqlQuery', operation: 'export', queryId: ALL_DEVICES_QUERY };

const PLACES: Place[] = [
	{
		name: 'the name of a field of the input',
		within: 'message',
		end: async (word) => await deletion({ items: [{ [`device${word}s`]: 'x' }] }),
	},
	{
		name: "Nexthink's words for a code that is new",
		within: 'message',
		end: async (word) => {
			refuse('deletions', 409, { code: 'LATER', message: `Caller lacks full${word}ible.` });
			return await deletion();
		},
	},
	{
		name: 'a code that is new',
		within: 'message',
		end: async (word) => {
			refuse('deletions', 409, { code: word, message: 'Not now.' });
			return await deletion();
		},
	},
	{
		name: "Nexthink's words in the middle of a run",
		within: 'description',
		end: async (word) => {
			refuse('deletions', 422, { message: `Caller lacks full${word}ible` }, 2);
			return await deletion({ options: { batchSize: 1, concurrency: 1 } });
		},
	},
	{
		name: 'the name of a column, of a look-up',
		within: 'message',
		end: async (word) => {
			refuse('nqlExecute', 200, { rows: 1, data: [{ [`device.${word.toLowerCase()}s`]: 'x' }] });
			return await query({ parameters: LOOK_UP });
		},
	},
	{
		name: "Nexthink's words on a query",
		within: 'description',
		end: async (word) => {
			refuse('nqlExecute', 400, { code: 5, message: `It has no full${word}ible.` });
			return await query({ parameters: EXECUTE });
		},
	},
	{
		name: "Nexthink's words on an export",
		within: 'description',
		end: async (word) => {
			refuse('nqlExport', 400, { code: 5, message: `It has no full${word}ible.` });
			return await query({ parameters: EXPORT });
		},
	},
	{
		name: 'the name of a parameter of a query',
		within: 'message',
		end: async (word) => {
			const parameter = [{ name: `p${word}`, value: '={{ $json.none }}' }];
			const queryParameters = { parameter } as unknown as INodeParameters;
			return await query({ parameters: { ...EXECUTE, queryParameters } });
		},
	},
];

/** What n8n has saved of an error; ids, times and the stack left out. */
function savedOf(error: SavedError | undefined): string {
	const saved = JSON.stringify({ ...error, stack: null, timestamp: null, node: null });
	return saved.replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{32}/gi, 'ID');
}

it('n8n still replaces a message that has one of these words in it', () => {
	const { NodeOperationError } = require('n8n-workflow') as typeof import('n8n-workflow');
	expect(N8N_WORDS.length).toBeGreaterThan(10);
	expect(N8N_WORDS).toEqual(expect.arrayContaining(['EACCES', 'EPERM', 'EEXIST', 'GETADDRINFO']));
	for (const word of N8N_WORDS) {
		const message = `Caller lacks full${word.toLowerCase()}ible`;
		expect(new NodeOperationError(deleteNode({}), message).message).not.toBe(message);
	}
});

describe.each(PLACES)('$name', ({ end, within }) => {
	it.each(N8N_WORDS)('leaves the message whole where it holds %s', async (word) => {
		const neutral = (await end(NEUTRAL)).error;
		bench.tenant.reset();
		const { error } = await end(word);
		expect(error![within]?.toUpperCase()).toContain(word);
		const wanted = savedOf(neutral)
			.replaceAll(NEUTRAL, word)
			.replaceAll(NEUTRAL.toLowerCase(), word.toLowerCase());
		expect(savedOf(error)).toBe(wanted);
		expect(error!.messages).toEqual([]);
	});
});

describe('a message that n8n would replace', () => {
	it('lists the fields of the input as they are', async () => {
		const { error } = await deletion({ items: [{ exchangeAccessState: 1, deviceExists: true }] });
		expect(error).toMatchObject({
			name: 'NodeOperationError',
			message: expect.stringContaining('"exchangeAccessState", "deviceExists"') as string,
			context: { data: { code: 'INVALID_PARAMETER' } },
			failure: { cause: 'configuration-invalid' },
		});
	});

	it('gives sums, code and status, and the words of Nexthink beside it', async () => {
		refuse('deletions', 422, { message: 'Caller lacks fullDeviceAccess' }, 2);
		const { error } = await deletion({ options: { batchSize: 1, concurrency: 1 } });
		expect(error).toMatchObject({
			name: 'NodeApiError',
			httpCode: '422',
			message: expect.stringMatching(
				/\(422 REQUEST_REFUSED\)\. 1 of 3 devices scheduled/,
			) as string,
			description: expect.stringContaining('"Caller lacks fullDeviceAccess"') as string,
			context: { data: { code: 'REQUEST_REFUSED', httpStatus: 422 } },
		});
	});

	it.each<ToolRoute>(['engine', 'invoke'])('is given to a model as it is (%s)', async (route) => {
		refuse('deletions', 409, { code: 'LATER', message: 'Caller lacks fullDeviceAccess' });
		const { response } = await bench.engine.runAsTool({
			node: {
				...deleteNode({}),
				parameters: {
					operation: 'delete',
					deviceSource: 'jsonList',
					dryRun: false,
					devicesJson: '={{ $fromAI("devices", "", "json") }}',
				},
				type: 'n8n-nodes-nexthink.nexthinkTool',
			},
			arguments: { devices: bench.devices(1) },
			credentials: [bench.credential()],
			route,
		});
		expect(response).toContain('Nexthink responded: Caller lacks fullDeviceAccess (409 LATER).');
	});
});

describe('markup from outside', () => {
	const MARKUP =
		'<a href="https://evil.example">Session expired</a><img src="https://evil.example/x">';
	const ESCAPED = MARKUP.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
	/** A notification of n8n's editor shows a message as HTML; without tags there is nothing to show. */
	const WITHOUT_TAGS = MARKUP.replaceAll('<', '< ');

	/** Anything that a browser would take for a tag. */
	const TAG = /<[a-z/!?]/i;

	it('is text in a hint, and stays as it is in items, where Nexthink has sent it', async () => {
		refuse('deletions', 403, { code: 'NEW', message: `${MARKUP} & more` });
		const { hints, failed, statuses } = await bench.run({
			items: bench.devices(1),
			onError: 'continueErrorOutput',
		});
		expect(hints[0]).not.toMatch(TAG);
		expect(hints[0]).toContain(`Nexthink responded: ${ESCAPED} &amp; more (403 NEW).`);
		expect(failed[0]!.message).toContain(`Nexthink responded: ${MARKUP} & more (403 NEW).`);
		expect(statuses[0]!.reason).toContain(`${MARKUP} & more`);
	});

	it('is text in message and description of an error', async () => {
		refuse('deletions', 409, { code: 'NEW', message: MARKUP });
		const { error } = await deletion();
		expect(error!.message).toContain(`Nexthink responded: ${WITHOUT_TAGS} (409 NEW).`);
		expect(error!.message).not.toMatch(TAG);

		bench.tenant.reset();
		refuse('nqlExecute', 400, { code: 5, message: MARKUP });
		const ended = await query({ parameters: EXECUTE });
		expect(ended.error!.description).toContain(`Nexthink said: "${ESCAPED}"`);
	});

	it.each<[where: string, run: () => Promise<{ execution: ExecutionResult; hints: string[] }>]>([
		[
			'the title of a column of a CSV file',
			async () => await bench.run({ items: [{ [MARKUP]: 'x' }], onError: 'continueRegularOutput' }),
		],
		[
			'the name of a column of a result',
			async () => {
				refuse('nqlExecute', 200, { rows: 1, data: [{ [MARKUP.slice(0, 60)]: 'x' }] });
				return await runQuery(bench, {
					items: bench.devices(1),
					parameters: LOOK_UP,
					onError: 'continueRegularOutput',
				});
			},
		],
		[
			'the name of a parameter',
			async () => {
				const parameter = [{ name: '<img/src=x>', value: '={{ $json.none }}' }];
				return await runQuery(bench, {
					items: [{}],
					parameters: { ...EXECUTE, queryParameters: { parameter } as unknown as INodeParameters },
					onError: 'continueRegularOutput',
				});
			},
		],
	])('is text in a hint as %s', async (_, run) => {
		const { hints } = await run();
		expect(hints.join(' ')).not.toMatch(TAG);
		expect(hints.join(' ')).toMatch(/&lt;(?:a|img)/);
	});

	it('is text in the message of an error as the title of a column', async () => {
		const { error } = await deletion({ items: [{ [MARKUP.slice(0, 50)]: 'x' }] });
		expect(error!.message).toContain('"< a href="https://evil.example">Session');
		expect(error!.description).not.toMatch(TAG);
	});
});

describe('the field by which n8n learns why a run ended', () => {
	const limited = (headers: Record<string, string>, status = 429) =>
		bench.tenant.faults.add({
			route: 'deletions',
			times: Infinity,
			play: { kind: 'status', status, headers },
		});
	const endOf = async () => (await deletion({ options: { maxRetries: 0 } })).error!.failure;

	it('says when to try again', async () => {
		limited({ 'Retry-After': '3600' });
		const failure = await endOf();
		expect(failure).toEqual({ cause: 'rate-limited', retryAfterMs: expect.any(Number) as number });
		expect(failure!.retryAfterMs).toBeGreaterThan(3_590_000);
		expect(failure!.retryAfterMs).toBeLessThanOrEqual(3_600_000);
	});

	it('asks for no wait that is over', async () => {
		limited({ 'Retry-After': '0' });
		expect(await endOf()).toEqual({ cause: 'rate-limited', retryAfterMs: 0 });
	});

	it('says nothing of a time where waiting does not help, or none was said', async () => {
		limited({ 'Retry-After': '3600' }, 403);
		expect(await endOf()).toEqual({ cause: 'credential-invalid' });
		bench.tenant.reset();
		limited({}, 503);
		expect(await endOf()).toEqual({ cause: 'temporarily-unavailable' });
	});
});
