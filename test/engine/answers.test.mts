import { describe, expect, it } from 'vitest';
import type { DeletionAnswer, Fault } from '../simulator/tenant.mts';
import { type DeviceStatus, ON_ERROR_MODES, useTestBench } from './delete-workflow.mts';

const bench = useTestBench();

/** Four devices, all of them queued, and an answer that says something else. */
async function runAnswered(change: (body: DeletionAnswer) => unknown, status?: number) {
	const play: Fault = { kind: 'answer', change, ...(status !== undefined && { status }) };
	bench.tenant.faults.add({ route: 'deletions', play });
	return await bench.run({
		items: bench.devices(4),
		options: { maxRetries: 0 },
		onError: 'continueErrorOutput',
	});
}

interface AnswerCase {
	name: string;
	change: (body: DeletionAnswer) => unknown;
	statuses: DeviceStatus[];
	/** Of the device at the position of the first status that is not SCHEDULED. */
	reason?: string;
	/** Beside the sums. */
	hints?: string[];
}

const S = 'SCHEDULED';
const U = 'UNKNOWN';
const STRANGER = "Devices in the responses that weren't in the requests, left out here: 1.";
const MISCOUNT =
	'Responses that state another number of scheduled devices than their statuses show: 1. The statuses decide.';
const MISSING = "The response doesn't contain this device.";

/** The devices of an answer, changed by position. */
const devicesOf = (body: DeletionAnswer, change: (position: number) => object) => ({
	...body,
	devices: body.devices.map((device, position) => ({ ...device, ...change(position) })),
});

const replaced = ({ devices }: DeletionAnswer, at: number, by: object | null) =>
	devices.map((device, position) => (position === at ? by : device));

const stranger = { uid: '00000000-0000-4000-8000-000000000000', name: 'STRANGER', status: S };

const CASES: AnswerCase[] = [
	{
		name: 'misses a device',
		change: (body) => ({
			...body,
			scheduledCount: 3,
			devices: body.devices.filter((_, at) => at !== 1),
		}),
		statuses: [S, U, S, S],
		reason: MISSING,
	},
	{
		name: 'names no device at all',
		change: (body) => ({ ...body, scheduledCount: 0, devices: [] }),
		statuses: [U, U, U, U],
		reason: MISSING,
	},
	{
		name: 'names devices that were not asked for',
		change: (body) => ({ ...body, devices: [stranger, ...body.devices] }),
		statuses: [S, S, S, S],
		hints: [STRANGER],
	},
	{
		name: 'names another device in the place of one',
		change: (body) => ({ ...body, devices: replaced(body, 2, stranger) }),
		statuses: [S, S, U, S],
		reason: MISSING,
		hints: [STRANGER, MISCOUNT],
	},
	{
		name: 'has another order',
		change: (body) => {
			const devices = devicesOf(body, (position) => (position === 0 ? { status: 'INVALID' } : {}));
			return { scheduledCount: 3, devices: devices.devices.reverse() };
		},
		statuses: ['INVALID', S, S, S],
		reason: 'Nexthink skipped this device because it considers the UID malformed.',
	},
	{
		name: 'names a device twice with one status',
		change: (body) => ({ ...body, devices: [...body.devices, body.devices[0]] }),
		statuses: [S, S, S, S],
	},
	{
		name: 'names a device twice with two statuses',
		change: (body) => ({
			...body,
			devices: [...body.devices, { ...body.devices[3], status: 'INVALID' }],
		}),
		statuses: [S, S, S, U],
		reason: 'The response has two different statuses for this device.',
		hints: [MISCOUNT],
	},
	{
		name: 'writes UIDs in another letter case',
		change: (body) =>
			devicesOf(body, (position) => ({ uid: body.devices[position]!.uid.toUpperCase() })),
		statuses: [S, S, S, S],
	},
	{
		name: 'writes other names',
		change: (body) => devicesOf(body, (position) => ({ name: `RENAMED-${position}` })),
		statuses: [S, S, S, S],
	},
	{
		name: 'has no UIDs',
		change: (body) =>
			devicesOf(body, (position) => ({
				uid: undefined,
				...(position === 2 && { status: 'FAILED' }),
			})),
		statuses: [S, S, 'FAILED', S],
		hints: [MISCOUNT],
	},
	{
		name: 'has no UIDs and other names',
		change: (body) =>
			devicesOf(body, (position) => ({ uid: undefined, ...(position === 2 && { name: 'OTHER' }) })),
		statuses: [S, S, U, S],
		reason: 'The response has another device in this place.',
		hints: [MISCOUNT],
	},
	{
		name: 'has no UIDs and another length',
		change: (body) => ({
			...body,
			devices: body.devices.slice(1).map(({ name, status }) => ({ name, status })),
		}),
		statuses: [U, U, U, U],
		reason: MISSING,
		hints: [MISCOUNT],
	},
	{
		name: 'has statuses alone',
		change: (body) => ({ devices: body.devices.map(({ status }) => ({ status })) }),
		statuses: [S, S, S, S],
	},
	{
		name: 'has no status for a device',
		change: (body) => devicesOf(body, (position) => (position === 1 ? { status: undefined } : {})),
		statuses: [S, U, S, S],
		reason: 'The response has no status for this device.',
		hints: [MISCOUNT],
	},
	{
		name: 'has something other than text as status',
		change: (body) => devicesOf(body, (position) => (position === 1 ? { status: 202 } : {})),
		statuses: [S, U, S, S],
		reason: 'The response has no status for this device.',
		hints: [MISCOUNT],
	},
	{
		name: 'has an entry that is no device',
		change: (body) => ({ ...body, devices: replaced(body, 3, null) }),
		statuses: [S, S, S, U],
		reason: MISSING,
		hints: [MISCOUNT],
	},
	{
		name: 'has fields that nobody knows',
		change: (body) => ({ ...devicesOf(body, () => ({ eta: 'P1D' })), page: { next: null } }),
		statuses: [S, S, S, S],
	},
	{
		name: 'counts more than its statuses show',
		change: (body) => ({
			...devicesOf(body, (position) => (position === 0 ? { status: 'INVALID' } : {})),
			scheduledCount: 4,
		}),
		statuses: ['INVALID', S, S, S],
		hints: [MISCOUNT],
	},
	{
		name: 'counts none although its statuses say so',
		change: (body) => ({ ...body, scheduledCount: 0 }),
		statuses: [S, S, S, S],
		hints: [MISCOUNT],
	},
	{
		name: 'counts in words',
		change: (body) => ({ ...body, scheduledCount: 'four' }),
		statuses: [S, S, S, S],
	},
	{
		name: 'has no count',
		change: ({ devices }) => ({ devices }),
		statuses: [S, S, S, S],
	},
];

describe('a 202', () => {
	it.each(CASES)('that $name', async ({ change, statuses, reason, hints = [] }) => {
		const deletion = await runAnswered(change);

		expect(deletion.execution.status).toBe('success');
		expect(deletion.requests).toHaveLength(1);
		expect(deletion.statusWords).toEqual(statuses);
		expect(deletion.failed.map(({ error }) => error.device.status)).toEqual(
			statuses.filter((status) => status !== S),
		);
		const spoilt = deletion.statuses.find(({ status }) => status !== S);
		if (reason !== undefined) expect(spoilt!.reason).toBe(reason);
		expect(deletion.hints.slice(1)).toEqual(hints);
	});

	it('with a status of later days is UNKNOWN, with the word that Nexthink used', async () => {
		const deletion = await runAnswered((body) =>
			devicesOf(body, (position) => (position === 1 ? { status: 'POSTPONED' } : {})),
		);

		const { error } = deletion.failed[0]!;
		expect(error).toMatchObject({
			code: 'UNEXPECTED_RESPONSE',
			httpStatus: 202,
			requestId: deletion.requests[0]!.requestId,
			device: {
				index: 1,
				status: 'UNKNOWN',
				scheduled: null,
				apiStatus: 'POSTPONED',
				reason: 'Nexthink gave this device a status that this node doesn\'t know: "POSTPONED".',
			},
		});
	});

	it('as 200 counts as well', async () => {
		const deletion = await runAnswered((body) => body, 200);

		expect(deletion.statusWords).toEqual([S, S, S, S]);
		expect(deletion.success[0]!.httpStatus).toBe(200);
	});

	it('that leaves devices in doubt ends a run under Stop Workflow in an error that says so', async () => {
		bench.tenant.faults.add({
			route: 'deletions',
			play: { kind: 'answer', change: (body) => ({ ...body, devices: body.devices.slice(1) }) },
		});

		const deletion = await bench.run({ items: bench.devices(2), options: { maxRetries: 0 } });

		expect(deletion.error!.message).toBe(
			"The response doesn't contain this device (202 UNEXPECTED_RESPONSE). 1 of 2 devices scheduled, 1 unknown. Scheduled means queued, not yet removed.",
		);
		expect(deletion.errorData.notScheduled).toMatchObject([{ index: 0, status: 'UNKNOWN' }]);
	});
});

describe('INVALID and FAILED devices', () => {
	const spoilt = () => {
		const [failing, well] = bench.devices(2);
		bench.tenant.faults.add({
			route: 'deletions',
			times: Infinity,
			play: { kind: 'failDevices', uids: [failing!.uid] },
		});
		return [failing!, { uid: 'malformed', name: 'ODD' }, { uid: '', name: 'BLANK' }, well!];
	};
	const statuses = ['FAILED', 'INVALID', 'INVALID', 'SCHEDULED'];

	const MODES_WITH_ONE_OUTPUT = ON_ERROR_MODES.filter((mode) => mode !== 'continueErrorOutput');

	it.each(MODES_WITH_ONE_OUTPUT)('stay on the one output (%s)', async (onError) => {
		const deletion = await bench.run({ items: spoilt(), options: { maxRetries: 0 }, onError });

		expect(deletion.execution.status).toBe('success');
		expect(deletion.failed).toEqual([]);
		expect(deletion.success.map(({ status }) => status)).toEqual(statuses);
		expect(deletion.success.filter((item) => 'apiError' in item || 'error' in item)).toEqual([]);
		expect(deletion.hints[0]).toBe(
			'1 of 4 devices scheduled, 2 invalid, 1 failed. Scheduled means queued, not yet removed.',
		);
	});

	const options = { maxRetries: 0, failOnUnscheduled: true };

	it('end the run in an error under Stop Workflow with Stop on Unscheduled Devices', async () => {
		const deletion = await bench.run({ items: spoilt(), options });

		expect(deletion.error!.message).toContain('1 of 4 devices scheduled, 2 invalid, 1 failed.');
		expect(deletion.error!.name).toBe('NodeApiError');
		expect(deletion.errorData).toMatchObject({
			code: 'DEVICE_FAILED',
			notScheduled: [
				{ index: 0, status: 'FAILED' },
				{ index: 1, status: 'INVALID' },
				{ index: 2, uid: '', status: 'INVALID', requestId: null },
			],
		});
	});

	it('stay on the one output under Continue, whatever Stop on Unscheduled Devices says', async () => {
		const deletion = await bench.run({
			items: spoilt(),
			options,
			onError: 'continueRegularOutput',
		});

		expect(deletion.success.map(({ status }) => status)).toEqual(statuses);
		expect(deletion.success.filter((item) => 'apiError' in item)).toEqual([]);
	});

	it.each([true, false])(
		'take the error output, so that Success means scheduled (Stop on Unscheduled Devices: %s)',
		async (failOnUnscheduled) => {
			const deletion = await bench.run({
				items: spoilt(),
				options: { maxRetries: 0, failOnUnscheduled },
				onError: 'continueErrorOutput',
			});

			expect(deletion.success.map(({ status }) => status)).toEqual(['SCHEDULED']);
			expect(
				deletion.failed.map(({ error }) => [error.code, error.device.status, error.retryable]),
			).toEqual([
				['DEVICE_FAILED', 'FAILED', true],
				['DEVICE_INVALID', 'INVALID', false],
				['DEVICE_INVALID', 'INVALID', false],
			]);
			expect(deletion.failed.map(({ message }) => message.split(': ')[0])).toEqual([
				`FAILED ${bench.devices(1)[0]!.name}`,
				'INVALID ODD',
				'INVALID BLANK',
			]);
		},
	);

	it('are named by their UID on the error output where they have no name', async () => {
		const [{ uid }, sound] = bench.devices(2) as [{ uid: string }, { uid: string; name: string }];
		const deletion = await bench.run({
			items: [{ uid, name: ' ' }, { uid: '', name: '' }, sound!],
			onError: 'continueErrorOutput',
		});

		expect(deletion.failed.map(({ message }) => message.split('. ')[0])).toEqual([
			`INVALID ${uid}: The name is empty`,
			'INVALID without UID and name: The UID is empty',
		]);
	});

	it('do not turn a later request away', async () => {
		const deletion = await bench.run({
			items: spoilt(),
			options: { ...options, batchSize: 1, concurrency: 1 },
		});

		expect(deletion.requests).toHaveLength(3);
		expect(deletion.errorData.counts).toMatchObject({ scheduled: 1, failed: 1, invalid: 2 });
	});
});
