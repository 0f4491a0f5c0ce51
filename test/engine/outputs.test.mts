import { describe, expect, it } from 'vitest';
import type { Fault } from '../simulator/tenant.mts';
import { type Deletion, ON_ERROR_MODES, type OnError, useTestBench } from './delete-workflow.mts';

const bench = useTestBench();

const ticketed = (count: number) =>
	bench.devices(count).map((device, index) => ({ ...device, ticket: `INC-${index}` }));

const refuseRequest = (nth: number, play: Fault = { kind: 'status', status: 415 }) =>
	bench.tenant.faults.add({ route: 'deletions', from: nth, play });

describe('the items that come in', () => {
	it.each(ON_ERROR_MODES)('stay as they are for every other node (%s)', async (onError) => {
		refuseRequest(2);
		const items = ticketed(6).map((device) => ({ ...device, uid: ` ${device.uid}`, owner: {} }));
		const before = structuredClone(items);

		const deletion = await bench.run({
			items,
			options: { batchSize: 2, concurrency: 1, includeInputFields: true },
			onError,
		});

		const [source = []] = deletion.execution.outputs('Source');
		expect(source.map(({ json }) => json)).toEqual(before);
	});
});

describe("$('Source').item", () => {
	const ticketsBehind = (deletion: Deletion, node: string) =>
		(deletion.execution.outputs(node)[0] ?? []).map(({ json }) => json.ticket);

	it.each(['inputFields', 'expressions'])(
		'resolves for every item on both branches (%s)',
		async (deviceSource) => {
			refuseRequest(2);

			const deletion = await bench.run({
				items: ticketed(6),
				parameters: { deviceSource },
				options: { batchSize: 2, concurrency: 1 },
				onError: 'continueErrorOutput',
				askForTicket: true,
			});

			expect(ticketsBehind(deletion, 'After Success')).toEqual([
				'INC-0',
				'INC-1',
				'INC-4',
				'INC-5',
			]);
			expect(ticketsBehind(deletion, 'After Error')).toEqual(['INC-2', 'INC-3']);
		},
	);

	it('resolves for every entry of the lists of several items', async () => {
		refuseRequest(2);
		const items = [
			{ ticket: 'INC-0', list: bench.devices(3) },
			{ ticket: 'INC-1', list: bench.devices(3, 3) },
		];

		const deletion = await bench.run({
			items,
			parameters: { deviceSource: 'jsonList', devicesJson: '={{ $json.list }}' },
			options: { batchSize: 2, concurrency: 1 },
			onError: 'continueErrorOutput',
			askForTicket: true,
		});

		expect(ticketsBehind(deletion, 'After Success')).toEqual(['INC-0', 'INC-0', 'INC-1', 'INC-1']);
		expect(ticketsBehind(deletion, 'After Error')).toEqual(['INC-0', 'INC-1']);
	});

	it('resolves for every entry of the list of a single item', async () => {
		refuseRequest(2);

		const deletion = await bench.run({
			items: [{ ticket: 'INC-0', list: bench.devices(5) }],
			parameters: { deviceSource: 'jsonList', devicesJson: '={{ $json.list }}' },
			options: { batchSize: 2, concurrency: 1 },
			onError: 'continueErrorOutput',
			askForTicket: true,
		});

		expect(ticketsBehind(deletion, 'After Success')).toEqual(['INC-0', 'INC-0', 'INC-0']);
		expect(ticketsBehind(deletion, 'After Error')).toEqual(['INC-0', 'INC-0']);
	});

	it.each([
		{ name: 'one list of 101 entries', lists: [101], linked: 0 },
		{ name: 'lists of 101 and of 100 entries', lists: [101, 100], linked: 100 },
		{ name: 'eleven lists of 91 entries', lists: Array<number>(11).fill(91), linked: 0 },
	])(
		'resolves for $name as far as n8n needs no copies of long lists for it',
		async ({ lists, linked }) => {
			bench.tenant.settings.featureEnabled = false;
			let from = 0;
			const items = lists.map((length, index) => {
				const list = bench.devices(length, from);
				from += length;
				return { ticket: `INC-${index}`, list };
			});

			const deletion = await bench.run({
				items,
				parameters: {
					deviceSource: 'jsonList',
					devicesJson: '={{ $json.list }}',
					maxDevices: 2000,
				},
				onError: 'continueErrorOutput',
			});

			expect(deletion.failed).toHaveLength(from);
			// n8n merges nothing into items without a link, so they have the node's own two keys.
			const merged = deletion.failed.filter((item) => 'ticket' in item);
			expect(merged).toHaveLength(linked);
		},
	);

	it('resolves for items that the node refused before any request', async () => {
		const deletion = await bench.run({
			items: ticketed(2),
			parameters: { maxDevices: 1 },
			onError: 'continueErrorOutput',
			askForTicket: true,
		});

		expect(ticketsBehind(deletion, 'After Error')).toEqual(['INC-0', 'INC-1']);
	});
});

describe('an input with fields of its own called error and message', () => {
	it('is routed by the status of its device alone', async () => {
		refuseRequest(2);
		const items = bench.devices(2).map((device) => ({ ...device, error: 'old', message: 'old' }));

		const deletion = await bench.run({
			items,
			options: { batchSize: 1, concurrency: 1 },
			onError: 'continueErrorOutput',
		});

		expect(deletion.success).toMatchObject([{ index: 0, status: 'SCHEDULED' }]);
		expect(deletion.success[0]).not.toHaveProperty('error');
		expect(deletion.failed).toMatchObject([
			{ error: { code: 'REQUEST_REFUSED', device: { index: 1, status: 'REJECTED' } } },
		]);
	});
});

describe('Include Input Fields', () => {
	const options = { includeInputFields: true, batchSize: 1, concurrency: 1 };

	it.each(['inputFields', 'expressions'])(
		'adds the json of the input item to each status (%s)',
		async (deviceSource) => {
			refuseRequest(2);
			const items = [...ticketed(2), { uid: 7, name: 'NUMBER', ticket: 'INC-2' }];

			const deletion = await bench.run({
				items,
				parameters: { deviceSource },
				options,
				onError: 'continueErrorOutput',
			});

			expect(deletion.statusWords).toEqual(['SCHEDULED', 'REJECTED', 'INVALID']);
			expect(deletion.statuses.map(({ input }) => input)).toEqual(items);
		},
	);

	it('adds the entry of a list to each status, and nothing where there is none', async () => {
		const [one, two] = ticketed(2);
		const list = [one, 'text', two];

		const deletion = await bench.run({
			items: [{ list, secret: 'of the item' }],
			parameters: { deviceSource: 'jsonList', devicesJson: '={{ $json.list }}' },
			options,
		});

		expect(deletion.success.map(({ input }) => input)).toEqual([one, undefined, two]);
	});

	it('is off by default', async () => {
		const deletion = await bench.run({ items: ticketed(1) });

		expect(deletion.success[0]).not.toHaveProperty('input');
		expect(deletion.success[0]).not.toHaveProperty('ticket');
	});
});

describe('Retry On Fail', () => {
	const node = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };

	const failedFirst = async (onError: OnError) => {
		const [failing, well] = bench.devices(2);
		refuseRequest(1, { kind: 'failDevices', uids: [failing!.uid] });
		return await bench.run({
			items: [failing!, well!],
			options: { maxRetries: 0 },
			onError,
			node,
		});
	};

	it.each(['stopWorkflow', 'continueRegularOutput'] as const)(
		'does not run the node again for INVALID and FAILED devices (%s)',
		async (onError) => {
			const deletion = await failedFirst(onError);
			const invalidFirst = await bench.run({
				items: [{ uid: 'malformed', name: 'ODD' }, ...bench.devices(1)],
				onError,
				node,
			});

			expect(deletion.statusWords).toEqual(['FAILED', 'SCHEDULED']);
			expect(deletion.requests).toHaveLength(1);
			expect(invalidFirst.statusWords).toEqual(['INVALID', 'SCHEDULED']);
			expect(invalidFirst.requests).toHaveLength(1);
		},
	);

	it('runs the node again for a first device that is FAILED on the error output, with all its devices', async () => {
		const deletion = await failedFirst('continueErrorOutput');

		// The fault was played once: in the second try Nexthink queues both.
		expect(deletion.requests).toHaveLength(2);
		expect(deletion.batchSizes).toEqual([2, 2]);
		expect(deletion.statusWords).toEqual(['SCHEDULED', 'SCHEDULED']);
		const [failing, well] = bench.devices(2);
		expect(bench.tenant.ledger.entries.map(({ uid }) => uid)).toEqual([
			well!.uid,
			failing!.uid,
			well!.uid,
		]);
	});

	it('runs the node to its last try for a first device that is INVALID on the error output, and a hint says so', async () => {
		const items = [{ uid: 'malformed', name: 'ODD' }, ...bench.devices(2)];

		const deletion = await bench.run({ items, onError: 'continueErrorOutput', node });

		expect(deletion.requests).toHaveLength(3);
		expect(deletion.statusWords).toEqual(['INVALID', 'SCHEDULED', 'SCHEDULED']);
		expect(bench.tenant.ledger.size).toBe(6);
		expect(deletion.hints.join(' ')).toContain('Retry On Fail is on');
	});

	it('does not run the node again where only later items are on the error branch', async () => {
		refuseRequest(2);

		const deletion = await bench.run({
			items: bench.devices(2),
			options: { batchSize: 1, concurrency: 1 },
			onError: 'continueErrorOutput',
			node,
		});

		expect(deletion.requests).toHaveLength(2);
		expect(deletion.hints).toHaveLength(1);
	});

	it('runs the node again where the first item is on the error branch, and a hint says so', async () => {
		bench.tenant.settings.featureEnabled = false;

		const deletion = await bench.run({
			items: bench.devices(2),
			onError: 'continueErrorOutput',
			node,
		});

		expect(deletion.requests).toHaveLength(3);
		expect(deletion.failed).toHaveLength(2);
		expect(deletion.hints[1]).toContain('Retry On Fail is on, n8n runs this node again');
	});

	it('runs the node again after a thrown error, which says so', async () => {
		bench.tenant.settings.featureEnabled = false;

		const deletion = await bench.run({ items: bench.devices(2), node });

		expect(deletion.requests).toHaveLength(3);
		expect(deletion.error!.description).toContain(
			'Retry On Fail makes n8n run the whole node again.',
		);
	});
});

describe.each([
	{ name: 'one list of 2,000 devices', lists: [2000] },
	{ name: 'two lists of 1,000 devices', lists: [1000, 1000] },
	{ name: 'a hundred lists of 20 devices', lists: Array<number>(100).fill(20) },
])('$name, all of them rejected', ({ lists }) => {
	const list = () => ({
		items: lists.map((length, index) => ({ list: bench.devices(length, index * length) })),
		parameters: { deviceSource: 'jsonList', devicesJson: '={{ $json.list }}', maxDevices: 2000 },
	});

	it.each(ON_ERROR_MODES)('keeps the saved run under 5 MB (%s)', async (onError) => {
		bench.tenant.settings.featureEnabled = false;

		const deletion = await bench.run({ ...list(), onError });

		if (onError === 'stopWorkflow') {
			expect(deletion.errorData.counts).toMatchObject({ rejected: 100, notSent: 1900 });
		} else {
			expect(deletion.statuses).toHaveLength(2000);
		}
		expect(deletion.execution.saved.length).toBeLessThan(5_000_000);
	});

	it('by this node itself keeps the saved run under 5 MB', async () => {
		const { items, parameters } = list();

		const deletion = await bench.run({
			items,
			parameters: { ...parameters, maxDevices: 1999 },
			onError: 'continueErrorOutput',
			askForTicket: true,
		});

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.failed).toHaveLength(2000);
		expect(deletion.execution.saved.length).toBeLessThan(5_000_000);
	});
});

describe('the data of a thrown error', () => {
	it('lists at most 1,000 devices and 100 batches, those not fully scheduled first', async () => {
		refuseRequest(151);

		const deletion = await bench.run({
			items: bench.devices(1400),
			parameters: { maxDevices: 2000 },
			options: { batchSize: 1, concurrency: 1 },
		});

		const { batches, notScheduled, omitted, counts } = deletion.errorData;
		expect(counts).toMatchObject({ scheduled: 150, rejected: 1, notSent: 1249 });
		expect(notScheduled).toHaveLength(1000);
		expect(notScheduled[0]).toMatchObject({ index: 150, status: 'REJECTED' });
		expect(batches).toHaveLength(100);
		expect(batches[0]).toMatchObject({ batch: 151, scheduled: 0, code: 'REQUEST_REFUSED' });
		expect(batches[1]).toMatchObject({ batch: 1, scheduled: 1, code: null });
		expect(omitted).toEqual({ notScheduled: 250, batches: 51 });
	});
});

describe('the log', () => {
	it('has a line before the first request and one at the end, with counts and request ids', async () => {
		refuseRequest(2);
		const requestId = '0f8fad5b-d9cb-469f-a165-70867728950e';

		const deletion = await bench.run({
			items: [...bench.devices(5), { uid: '', name: 'BLANK' }, bench.devices(1)[0]!],
			options: { batchSize: 2, concurrency: 1, requestId },
			onError: 'continueErrorOutput',
		});

		const lines = deletion.execution.logs.filter(({ message }) => message.startsWith('Nexthink'));
		expect(lines).toEqual([
			{
				level: 'info',
				message: 'Nexthink: scheduling device deletions',
				meta: { devices: 5, batches: 3, requestId },
			},
			{
				level: 'info',
				message: 'Nexthink: device deletions ended',
				meta: {
					entries: 7,
					duplicates: 1,
					scheduled: 3,
					invalid: 1,
					failed: 0,
					rejected: 2,
					notSent: 0,
					unknown: 0,
					dryRun: 0,
					requestIds: deletion.requests.map((request) => request.requestId),
				},
			},
		]);
	});

	it('says nothing of a dry run, nor of a run that was refused', async () => {
		const dry = await bench.run({ items: bench.devices(2), parameters: { dryRun: true } });
		const refused = await bench.run({ items: bench.devices(2), parameters: { maxDevices: 1 } });

		for (const { execution } of [dry, refused]) {
			expect(
				execution.logs.filter(
					({ level, message }) => level === 'info' && message.startsWith('Nexthink'),
				),
			).toEqual([]);
		}
	});
});

describe('secrets', () => {
	const faults: Array<{ name: string; route: 'deletions' | 'token'; play: Fault }> = [
		{ name: 'a success', route: 'deletions', play: { kind: 'delay', milliseconds: 0 } },
		{ name: 'a reset connection', route: 'deletions', play: { kind: 'reset', queued: true } },
		{ name: 'a cut-off body', route: 'deletions', play: { kind: 'cutOff' } },
		{ name: 'a 401', route: 'deletions', play: { kind: 'unauthorized' } },
		{ name: 'a 403', route: 'deletions', play: { kind: 'status', status: 403 } },
		{ name: 'a 500', route: 'deletions', play: { kind: 'html', status: 500 } },
		{
			name: 'a redirect',
			route: 'deletions',
			play: { kind: 'redirect', status: 302, location: '/' },
		},
		{
			name: 'a refused client',
			route: 'token',
			play: { kind: 'status', status: 401, body: { error: 'invalid_client' } },
		},
		{ name: 'a login that is down', route: 'token', play: { kind: 'status', status: 500 } },
		{ name: 'a login that breaks off', route: 'token', play: { kind: 'reset', queued: false } },
	];

	it.each(faults)(
		'are in no log line and no saved run of $name, nor is a device in the log',
		async ({ route, play }) => {
			for (const onError of ON_ERROR_MODES) {
				bench.tenant.reset();
				bench.tenant.faults.add({ route, times: Infinity, play });
				const items = bench.devices(2);

				const { execution } = await bench.run({ items, options: { maxRetries: 0 }, onError });

				const logs = JSON.stringify(execution.logs);
				const { clientId, clientSecret, issuedTokens } = bench.tenant;
				const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
				for (const secret of [clientSecret, basic, ...issuedTokens]) {
					expect(logs).not.toContain(secret);
					expect(execution.saved).not.toContain(secret);
				}
				// At the level debug n8n itself logs the whole error of an execution, devices included.
				const shown = JSON.stringify(execution.logs.filter(({ level }) => level !== 'debug'));
				for (const { uid, name } of items) {
					expect(shown).not.toContain(uid);
					expect(shown).not.toContain(name);
				}
			}
		},
	);
});
