import { describe, expect, it } from 'vitest';
import type { Fault } from '../simulator/tenant.mts';
import {
	type ApiError,
	type Deletion,
	type DeleteRun,
	type ErrorData,
	ON_ERROR_MODES,
	useTestBench,
} from './delete-workflow.mts';
import { DOUBTS, type FaultCase, json, REFUSALS } from './fault-cases.mts';
import { shown } from './said-texts.mts';

const bench = useTestBench();

/**
 * Three requests of which the second is spoilt: what came before and what comes after is seen as well. They hold one device each, so
 * that a refused request leaves nothing to divide.
 */
async function spoilSecondRequest(
	{ play, timeout = 60 }: FaultCase,
	onError: DeleteRun['onError'],
) {
	// A 401 that lasts meets the repetition with the new token too.
	const times = play.kind === 'unauthorized' ? 2 : 1;
	bench.tenant.faults.add({ route: 'deletions', from: 2, times, play });
	const options = { batchSize: 1, concurrency: 1, maxRetries: 0, timeout };
	return await bench.run({ items: bench.devices(3), options, onError });
}

function expectFailure(actual: ApiError, fault: FaultCase, deletion: Deletion): void {
	const { code, httpStatus, retryable = false, retryAfter, causeCode } = fault;
	const { requestId, traceId } = deletion.requests[1]!;
	expect(actual).toMatchObject({ code, httpStatus, retryable, requestId });
	expect(actual.causeCode).toBe(causeCode);
	expect(actual.traceId).toBe(httpStatus === null ? null : traceId);
	if (retryAfter === undefined) {
		expect(actual.retryAfter).toBeNull();
	} else {
		const away = Date.parse(actual.retryAfter ?? '') - Date.now();
		expect(away).toBeGreaterThan(1000 * retryAfter - 10_000);
		expect(away).toBeLessThanOrEqual(1000 * retryAfter + 1000);
	}
}

function expectDevices(deletion: Deletion, { status, stopsRun, httpStatus }: FaultCase): void {
	expect(deletion.statusWords).toEqual(['SCHEDULED', status, stopsRun ? 'NOT_SENT' : 'SCHEDULED']);
	expect(deletion.statuses[1]).toMatchObject({
		scheduled: status === 'UNKNOWN' ? null : false,
		batch: 2,
		attempts: 1,
		...(httpStatus !== null && { httpStatus }),
	});
	expect(deletion.statuses[1]!.reason).toMatch(/\.$/);
}

describe.each([...REFUSALS, ...DOUBTS])('$name', (fault) => {
	const { sendings = 1 } = fault;
	const requestsWhereTheRunGoesOn = (fault.stopsRun ? 1 : 2) + sendings;

	it('ends the run in one complete error (Stop Workflow)', async () => {
		const deletion = await spoilSecondRequest(fault, 'stopWorkflow');

		const { error, errorData } = deletion;
		expect(deletion.execution.status).toBe('error');
		expect(deletion.requests).toHaveLength(1 + sendings);
		expect(error).toMatchObject({ name: 'NodeApiError', node: { name: 'Delete' } });
		expectToldOnce(`${error!.message} ${shown(error!.description)}`, fault);
		expect(error!.message).toContain(fault.message);
		const word = fault.status === 'UNKNOWN' ? 'unknown' : 'rejected';
		expect(error!.message).toContain(`1 of 3 devices scheduled, `);
		expect(error!.message).toContain(`1 ${word}`);
		expect(error!.message).toContain('1 not sent');
		expect(shown(error!.description)).toContain(fault.advice);
		expect(error!.description).toContain(`Request ID: ${deletion.requests[1]!.requestId}.`);

		expectFailure(errorData, fault, deletion);
		expect(Object.keys(errorData).sort()).toEqual(keysOf(fault, ...KEYS_OF_DATA));
		expect(errorData.notScheduled).toEqual([
			{
				index: 1,
				...bench.devices(1, 1)[0]!,
				status: fault.status,
				reason: expect.stringMatching(/^[A-Z].*\.$/) as string,
				requestId: deletion.requests[1]!.requestId,
			},
			{
				index: 2,
				...bench.devices(1, 2)[0]!,
				status: 'NOT_SENT',
				reason: expect.stringMatching(/^Not sent, because the run ended before: .*\.$/) as string,
				requestId: null,
			},
		]);
		expectBatches(errorData, fault, deletion);
	});

	it('marks its devices on the one output (Continue)', async () => {
		const deletion = await spoilSecondRequest(fault, 'continueRegularOutput');

		expect(deletion.execution.status).toBe('success');
		expect(deletion.requests).toHaveLength(requestsWhereTheRunGoesOn);
		expectDevices(deletion, fault);
		expect(deletion.failed).toEqual([]);
		const item = deletion.success[1]!;
		expectFailure(item.apiError!, fault, deletion);
		expect(Object.keys(item.apiError!).sort()).toEqual(keysOf(fault, ...KEYS_OF_API_ERROR));
		expectToldOnce(item.apiError!.message, fault);
		expect(item).not.toHaveProperty('error');
		expect(deletion.success[0]).not.toHaveProperty('apiError');
		if (fault.stopsRun) expect(deletion.success[2]!.apiError!.code).toBe(fault.code);
	});

	it('sends its devices to the error output with what is known of them', async () => {
		const deletion = await spoilSecondRequest(fault, 'continueErrorOutput');

		expect(deletion.execution.status).toBe('success');
		expect(deletion.requests).toHaveLength(requestsWhereTheRunGoesOn);
		expectDevices(deletion, fault);
		expect(deletion.success.map(({ index }) => index)).toEqual(fault.stopsRun ? [0] : [0, 2]);
		expect(deletion.failed).toHaveLength(fault.stopsRun ? 2 : 1);
		const item = deletion.failed[0]!;
		// The input's own two fields and the two that n8n routes by.
		expect(Object.keys(item).sort()).toEqual(['error', 'message', 'name', 'uid']);
		expect(Object.keys(item.error).sort()).toEqual(keysOf(fault, ...KEYS_OF_ERROR));
		expectFailure(item.error, fault, deletion);
		expectToldOnce(item.message, fault);
		expect(item.error.device).not.toHaveProperty('error');
		if (fault.stopsRun) expect(deletion.failed[1]!.error.code).toBe(fault.code);
	});
});

/** What happened, how to get on, and Nexthink's own words, none of it twice. */
function expectToldOnce(text: unknown, { message, advice, apiMessage }: FaultCase): void {
	const parts = [message, advice, apiMessage?.replace(/\.$/, '')];
	for (const part of parts.filter((each) => each !== undefined)) {
		expect([part, String(text).split(part)]).toEqual([
			part,
			[expect.any(String), expect.any(String)],
		]);
	}
}

const FAILURE_KEYS = ['code', 'httpStatus', 'requestId', 'retryAfter', 'retryable', 'traceId'];
const KEYS_OF_API_ERROR = [...FAILURE_KEYS, 'message'];
const KEYS_OF_ERROR = [...FAILURE_KEYS, 'device'];
const KEYS_OF_DATA = [...FAILURE_KEYS, 'batches', 'counts', 'notScheduled', 'omitted'];

const keysOf = ({ causeCode }: FaultCase, ...keys: string[]): string[] =>
	[...keys, ...(causeCode === undefined ? [] : ['causeCode'])].sort();

function expectBatches(data: ErrorData, fault: FaultCase, { requests }: Deletion): void {
	expect(data.counts).toMatchObject({
		entries: 3,
		scheduled: 1,
		[fault.status === 'UNKNOWN' ? 'unknown' : 'rejected']: 1,
		notSent: 1,
	});
	expect(data.batches).toEqual([
		expect.objectContaining({
			batch: 2,
			attempts: 1,
			devices: 1,
			scheduled: 0,
			code: fault.code,
		}),
		{
			batch: 1,
			attempts: 1,
			devices: 1,
			scheduled: 1,
			httpStatus: 202,
			requestId: requests[0]!.requestId,
			traceId: requests[0]!.traceId,
			code: null,
		},
	]);
	expect(data.omitted).toEqual({ notScheduled: 0, batches: 0 });
}

describe('the second of three full requests', () => {
	it.each(ON_ERROR_MODES)(
		'costs none of the other 150 devices their outcome (%s)',
		async (onError) => {
			const devices = bench.devices(250);
			const play: Fault = { kind: 'reset', queued: true };
			bench.tenant.faults.add({ route: 'deletions', from: 2, play });

			const options = { concurrency: 1, maxRetries: 0 };
			const deletion = await bench.run({ items: devices, options, onError });

			if (onError === 'stopWorkflow') {
				expect(deletion.batchSizes).toEqual([100, 100]);
				expect(deletion.errorData.counts).toMatchObject({
					scheduled: 100,
					unknown: 100,
					notSent: 50,
				});
				expect(deletion.errorData.notScheduled.map(({ uid }) => uid)).toEqual(
					devices.slice(100).map(({ uid }) => uid),
				);
				return;
			}
			expect(deletion.batchSizes).toEqual([100, 100, 50]);
			expect(deletion.statuses.map(({ uid }) => uid)).toEqual(devices.map(({ uid }) => uid));
			expect(deletion.statusWords).toEqual(
				devices.map((_, index) => (index >= 100 && index < 200 ? 'UNKNOWN' : 'SCHEDULED')),
			);
			expect(deletion.failed).toHaveLength(onError === 'continueErrorOutput' ? 100 : 0);
		},
	);
});

describe('400 INVALID_REQUEST', () => {
	const refuseRequestsWith = (uids: readonly string[]) =>
		bench.tenant.faults.add({
			route: 'deletions',
			times: Infinity,
			when: ({ devices }) => devices?.some(({ uid }) => uids.includes(uid)) ?? false,
			play: json(400, 'INVALID_REQUEST', 'devices[3].name is not allowed'),
		});

	it.each(ON_ERROR_MODES)('makes INVALID the device at fault alone (%s)', async (onError) => {
		const devices = bench.devices(20);
		refuseRequestsWith([devices[13]!.uid]);

		const options = { batchSize: 10, concurrency: 1, maxRetries: 0 };
		const deletion = await bench.run({ items: devices, options, onError });

		expect(deletion.execution.status).toBe('success');
		expect(deletion.failed).toHaveLength(onError === 'continueErrorOutput' ? 1 : 0);
		expect(deletion.statuses.filter(({ status }) => status !== 'SCHEDULED')).toMatchObject([
			{
				uid: devices[13]!.uid,
				index: 13,
				status: 'INVALID',
				scheduled: false,
				reason: expect.stringContaining(
					"Nexthink doesn't accept this device: devices[3].name is not allowed",
				) as string,
				httpStatus: 400,
			},
		]);
		expect(bench.tenant.ledger.size).toBe(19);
	});

	it('of every device is taken for no fault of the devices', async () => {
		const devices = bench.devices(20);
		refuseRequestsWith(devices.map(({ uid }) => uid));

		const options = { batchSize: 10, concurrency: 1, maxRetries: 0 };
		const deletion = await bench.run({ items: devices, options, onError: 'continueErrorOutput' });

		expect(deletion.success).toEqual([]);
		expect(new Set(deletion.statusWords)).toEqual(new Set(['REJECTED']));
		expect(new Set(deletion.failed.map(({ error }) => error.code))).toEqual(
			new Set(['INVALID_REQUEST']),
		);
		expect(deletion.requests.length).toBeLessThan(10);
	});
});

describe('400 INVALID_REQUEST for everything after the first batch', () => {
	it.each(ON_ERROR_MODES)('stops the run, and no device is INVALID (%s)', async (onError) => {
		bench.tenant.faults.add({
			route: 'deletions',
			from: 2,
			times: Infinity,
			play: json(400, 'INVALID_REQUEST', 'Header X is missing'),
		});
		const deletion = await bench.run({ items: bench.devices(400), onError });

		expect(deletion.requests.length).toBeLessThan(30);
		const counts = deletion.error && deletion.errorData.counts;
		if (counts === undefined) {
			const words = new Set(deletion.statusWords);
			expect(words).toEqual(new Set(['SCHEDULED', 'REJECTED']));
			expect(deletion.statusWords.filter((word) => word === 'SCHEDULED')).toHaveLength(100);
		} else {
			expect(counts).toMatchObject({ scheduled: 100, rejected: 300, invalid: 0 });
		}
	});
});

describe('a 202 that tells a known status of no device', () => {
	const ANSWERS: Array<[name: string, devices: (uids: string[]) => object[], message: string]> = [
		[
			'lists none',
			() => [],
			"Nexthink's response doesn't say what happened to the devices (202 UNEXPECTED_RESPONSE).",
		],
		[
			'has a word for them that is not known',
			(uids) => uids.map((uid) => ({ uid, status: 'QUEUED' })),
			'Nexthink returned a status that this node doesn\'t know: "QUEUED" (202 UNEXPECTED_RESPONSE).',
		],
		[
			'has no word for them',
			(uids) => uids.map((uid) => ({ uid })),
			"Nexthink's response doesn't say what happened to the devices (202 UNEXPECTED_RESPONSE).",
		],
		[
			'is about others',
			() => [{ uid: '00000000-0000-0000-0000-000000000000', status: 'SCHEDULED' }],
			"Nexthink's response doesn't say what happened to the devices (202 UNEXPECTED_RESPONSE).",
		],
	];

	it.each(ANSWERS)('and %s is taken for no success', async (_, devicesOf, message) => {
		bench.tenant.faults.add({
			route: 'deletions',
			times: Infinity,
			play: {
				kind: 'answer',
				change: ({ devices }) => ({ devices: devicesOf(devices.map(({ uid }) => uid)) }),
			},
		});
		const run = { items: bench.devices(1000), options: { batchSize: 10 } };

		const stopped = await bench.run({ ...run, onError: 'stopWorkflow' });
		expect(stopped.requests).toHaveLength(1);
		expect(stopped.error!.message).toContain(message);
		expect(stopped.errorData.counts).toMatchObject({ unknown: 10, notSent: 990 });

		const gone = await bench.run({ ...run, onError: 'continueRegularOutput' });
		expect(gone.requests).toHaveLength(3);
		expect(new Set(gone.statusWords.slice(0, 30))).toEqual(new Set(['UNKNOWN']));
		expect(new Set(gone.statusWords.slice(30))).toEqual(new Set(['NOT_SENT']));
		expect(gone.success[0]!.apiError).toMatchObject({
			code: 'UNEXPECTED_RESPONSE',
			httpStatus: 202,
		});
		expect(gone.success[99]!.apiError!.code).toBe('CIRCUIT_OPEN');
	});
});

describe('INVALID for a well-formed UID after a lost answer', () => {
	it('leaves it open whether the device is queued', async () => {
		bench.tenant.faults.add({ route: 'deletions', play: { kind: 'reset', queued: true } });
		bench.tenant.faults.add({
			route: 'deletions',
			from: 2,
			play: {
				kind: 'answer',
				change: ({ devices }) => ({
					devices: devices.map((device) => ({ ...device, status: 'INVALID' })),
				}),
			},
		});
		const { success } = await bench.run({
			items: bench.devices(1),
			onError: 'continueRegularOutput',
		});

		expect(bench.tenant.ledger.size).toBeGreaterThan(0);
		expect(success).toMatchObject([{ status: 'UNKNOWN', scheduled: null, attempts: 2 }]);
		expect(success[0]!.reason).toContain('An earlier request with this device');
	});
});

describe('400 BATCH_SIZE_EXCEEDED', () => {
	it.each(ON_ERROR_MODES)('makes the batches smaller until they fit (%s)', async (onError) => {
		bench.tenant.settings.deploymentCap = 30;

		const deletion = await bench.run({
			items: bench.devices(150),
			options: { concurrency: 1 },
			onError,
		});

		expect(deletion.execution.status).toBe('success');
		expect(new Set(deletion.statusWords)).toEqual(new Set(['SCHEDULED']));
		expect(deletion.batchSizes).toEqual([100, 50, 25, 25, 25, 25, 25, 25]);
		expect(bench.tenant.ledger.size).toBe(150);
	});
});

describe('what an answer says', () => {
	it('reaches messages clean and short', async () => {
		const message = `Line one\r\nline two \u202e\u0000${'x'.repeat(100_000)}`;
		bench.tenant.faults.add({ route: 'deletions', play: json(500, 'INTERNAL_ERROR', message) });

		const deletion = await bench.run({ items: bench.devices(1), options: { maxRetries: 0 } });

		const { description } = deletion.error!;
		expect(description).toMatch(/"Line one line two +xxx/);
		expect(description!.length).toBeLessThan(1000);
	});

	it('may name no other code than one of capital letters', async () => {
		const body = { code: 'javascript:alert(1)', message: { nested: true } };
		bench.tenant.faults.add({ route: 'deletions', play: { kind: 'status', status: 400, body } });

		const deletion = await bench.run({ items: bench.devices(1) });

		expect(deletion.errorData.code).toBe('REQUEST_REFUSED');
	});
});
