import { setTimeout as later } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../simulator/tenant.mts';
import {
	ON_ERROR_MODES,
	useTestBench,
	type Deletion,
	type DeleteRun,
	type OnError,
} from './delete-workflow.mts';
import { runQuery, type QueryRun } from './query-workflow.mts';

const bench = useTestBench();

/** Milliseconds that the login takes, and seconds that a request may take. */
const DELAY = 1_500;
const TIMEOUT = 1;

const slowToken = () =>
	bench.tenant.faults.add({
		route: 'token',
		times: Infinity,
		play: { kind: 'delay', milliseconds: DELAY },
	});

/** n8n waits for a token even where the run that wanted it is over. What would follow it is due by then. */
async function wellAfterTheToken(): Promise<void> {
	await later(1.5 * DELAY);
	expect(bench.tenant.issuedTokens.length).toBeGreaterThan(0);
}

const inAllModes = async <Result,>(run: (onError: OnError) => Promise<Result>): Promise<Result[]> =>
	await Promise.all(ON_ERROR_MODES.map(run));

/** A token that n8n has stored, and that Nexthink does not take any more. */
async function deadToken() {
	const credential = bench.credential();
	await bench.run({ items: bench.devices(1), credential });
	bench.tenant.revokeTokens();
	bench.tenant.reset();
	return credential;
}

async function tokenAsked(): Promise<void> {
	while (!bench.tenant.requests.some(({ route }) => route === 'token')) await later(5);
}

const apiRequests = (): readonly RequestRecord[] =>
	bench.tenant.requests.filter(({ route }) => route !== 'token');

/** The status of each device, of a run that throws as well. */
function statusesOf(deletion: Deletion): string[] {
	return deletion.error === undefined
		? deletion.statusWords
		: deletion.errorData.notScheduled.map(({ status }) => status);
}

const messageOf = ({ error, failed, success }: Deletion): unknown =>
	error?.message ?? failed[0]?.message ?? success[0]!.apiError!.message;

const endOf = ({ execution }: Deletion): unknown =>
	execution.logs.find(({ message }) => message === 'Nexthink: device deletions ended')?.meta;

describe('a token that comes after the time of its request', () => {
	const options = { timeout: TIMEOUT, maxRetries: 0 };

	it('is followed by nothing: NOT_SENT, whatever On Error says', async () => {
		slowToken();
		const run: DeleteRun = { items: bench.devices(4), options };
		const deletions = await inAllModes(async (onError) => await bench.run({ ...run, onError }));

		expect(apiRequests()).toEqual([]);
		for (const deletion of deletions) {
			expect(statusesOf(deletion)).toEqual(Array(4).fill('NOT_SENT'));
			expect(messageOf(deletion)).toContain(
				"Nexthink didn't return an access token: it didn't respond in time",
			);
		}
		// Nothing has left, so it is no attempt and has no request id.
		const [, { success }] = deletions as [Deletion, Deletion, Deletion];
		expect(success[0]).toMatchObject({
			attempts: 0,
			apiError: { code: 'TOKEN_UNAVAILABLE', httpStatus: null, requestId: null, retryable: true },
		});
		await wellAfterTheToken();
		expect(apiRequests()).toEqual([]);
		expect(bench.tenant.ledger.size).toBe(0);
	});

	it('renewed after a 401 is followed by nothing: REJECTED, whatever On Error says', async () => {
		const credentials = [await deadToken(), await deadToken(), await deadToken()];
		slowToken();
		const run: DeleteRun = { items: bench.devices(4), options };
		const deletions = await inAllModes(
			async (onError) =>
				await bench.run({
					...run,
					onError,
					credential: credentials[ON_ERROR_MODES.indexOf(onError)]!,
				}),
		);

		for (const deletion of deletions) {
			expect(statusesOf(deletion)).toEqual(Array(4).fill('REJECTED'));
		}
		await wellAfterTheToken();
		expect(apiRequests().map(({ status }) => status)).toEqual([401, 401, 401]);
		expect(bench.tenant.ledger.size).toBe(0);
	});

	it('serves the repeat of the request', async () => {
		slowToken();
		const deletion = await bench.run({
			items: bench.devices(4),
			options: { timeout: TIMEOUT, maxRetries: 10 },
		});
		expect(new Set(deletion.statusWords)).toEqual(new Set(['SCHEDULED']));
		expect(deletion.success[0]!.attempts).toBe(1);
		expect(apiRequests()).toHaveLength(1);
	});
});

describe('a token that comes after the execution was cancelled', () => {
	it('is followed by nothing, whatever On Error says', async () => {
		slowToken();
		const run: DeleteRun = { items: bench.devices(4), cancelWhen: tokenAsked() };
		const deletions = await inAllModes(async (onError) => await bench.run({ ...run, onError }));

		await wellAfterTheToken();
		expect(apiRequests()).toEqual([]);
		for (const deletion of deletions) {
			expect(deletion.execution.status).toBe('canceled');
			expect(endOf(deletion)).toMatchObject({
				notSent: 4,
				stoppedBy: 'CANCELLED',
				requestIds: [],
			});
		}
	});

	it('is followed by nothing after a 401 either, whatever On Error says', async () => {
		const credential = await deadToken();
		slowToken();
		const run: DeleteRun = { items: bench.devices(4), credential, cancelWhen: tokenAsked() };
		const deletions = await inAllModes(async (onError) => await bench.run({ ...run, onError }));

		await wellAfterTheToken();
		expect(apiRequests().map(({ status }) => status)).toEqual([401, 401, 401]);
		for (const deletion of deletions) {
			expect(deletion.execution.status).toBe('canceled');
			expect(endOf(deletion)).toMatchObject({ rejected: 4, stoppedBy: 'CANCELLED' });
		}
	});
});

describe('a run that one request has stopped', () => {
	it('sends nothing more of those that wait for a token', async () => {
		// The first is accepted. Of the next four three lose their token, and wait for a new one when the fourth is refused for good.
		const { faults } = bench.tenant;
		faults.add({ route: 'token', from: 2, play: { kind: 'delay', milliseconds: DELAY } });
		faults.add({ route: 'deletions', from: 2, times: 3, play: { kind: 'unauthorized' } });
		faults.add({ route: 'deletions', from: 5, play: { kind: 'status', status: 403, body: {} } });
		const deletion = await bench.run({
			items: bench.devices(8),
			options: { batchSize: 1 },
			onError: 'continueRegularOutput',
		});

		await wellAfterTheToken();
		expect(apiRequests()).toHaveLength(5);
		expect(bench.tenant.ledger.size).toBe(1);
		expect([...deletion.statusWords].sort()).toEqual([
			...Array<string>(3).fill('NOT_SENT'),
			...Array<string>(4).fill('REJECTED'),
			'SCHEDULED',
		]);
		expect(deletion.success.flatMap(({ apiError }) => apiError?.code ?? []).sort()).toEqual([
			...Array<string>(4).fill('FORBIDDEN'),
			...Array<string>(3).fill('UNAUTHORIZED'),
		]);
		// Their tokens have expired, which is nothing against the credential.
		for (const { reason, apiError } of deletion.success) {
			if (apiError?.code !== 'UNAUTHORIZED') continue;
			expect(reason).toBe(
				"Nexthink didn't accept the access token, and the run ended before n8n had a new one (401 UNAUTHORIZED).",
			);
			expect(apiError.message).not.toContain('credential');
			expect(apiError.retryable).toBe(true);
		}
	});
});

describe('a look-up by either method, a query and an export', () => {
	const readings: QueryRun[] = [
		{
			items: [{ name: 'PC-1' }, { name: 'PC-2' }],
			parameters: { resource: 'device', operation: 'lookUp', queryId: '#get_device' },
		},
		{
			items: [{ name: 'PC-1' }, { name: 'PC-2' }],
			parameters: {
				...{ resource: 'device', operation: 'lookUp' },
				...{ lookupMethod: 'export', queryId: '#all_devices' },
			},
		},
		{ items: [{}], parameters: { resource: 'nqlQuery', operation: 'execute', queryId: '#any' } },
		{ items: [{}], parameters: { resource: 'nqlQuery', operation: 'export', queryId: '#any' } },
	];

	it('ask for nothing once their time is over, whatever On Error says', async () => {
		slowToken();
		const options = { timeout: TIMEOUT, maxRetries: 0 };
		await Promise.all(
			readings.map(async (reading) => {
				const results = await inAllModes(
					async (onError) => await runQuery(bench, { ...reading, options, onError }),
				);
				const statuses = results.map(({ execution }) => execution.status);
				expect(statuses).toEqual(['error', 'success', 'success']);
			}),
		);
		await wellAfterTheToken();
		expect(apiRequests()).toEqual([]);
	});

	it('ask for nothing more once their time is over, with a new token after a 401', async () => {
		const credentials = [
			await deadToken(),
			await deadToken(),
			await deadToken(),
			await deadToken(),
		];
		slowToken();
		const options = { timeout: TIMEOUT, maxRetries: 0 };
		const results = await Promise.all(
			readings.map(
				async (reading, index) =>
					await runQuery(bench, { ...reading, options, credential: credentials[index]! }),
			),
		);
		for (const { execution } of results) {
			expect(execution.error!.message).toContain("Nexthink didn't return an access token");
		}
		await wellAfterTheToken();
		expect(apiRequests().map(({ status }) => status)).toEqual(Array(readings.length).fill(401));
	});

	it('ask for nothing once they are cancelled', async () => {
		slowToken();
		const cancelWhen = tokenAsked();
		const results = await Promise.all(
			readings.map(async (reading) => await runQuery(bench, { ...reading, cancelWhen })),
		);
		await wellAfterTheToken();
		expect(results.map(({ execution }) => execution.status)).toEqual(
			Array(readings.length).fill('canceled'),
		);
		expect(apiRequests()).toEqual([]);
	});
});
