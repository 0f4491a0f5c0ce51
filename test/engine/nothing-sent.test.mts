import type { INodeParameters } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { type DeleteRun, ON_ERROR_MODES, useTestBench } from './delete-workflow.mts';

const bench = useTestBench();

interface Refusal {
	name: string;
	/** A part of the message. */
	message: string;
	code?: string;
	parameters?: INodeParameters;
	options?: INodeParameters;
	run?: () => Partial<DeleteRun>;
}

/** Everything that keeps a run from sending anything, by the code and the message that say so. */
const REFUSALS: Refusal[] = [
	{
		name: 'more devices than Maximum Devices',
		parameters: { maxDevices: 2 },
		code: 'MAX_DEVICES_EXCEEDED',
		message: 'The device list has 3 devices and Maximum Devices allows 2, so nothing was sent',
	},
	{
		name: 'more devices than Maximum Devices in a dry run',
		parameters: { maxDevices: 2, dryRun: true },
		code: 'MAX_DEVICES_EXCEEDED',
		message: 'The device list has 3 devices and Maximum Devices allows 2, so nothing was sent',
	},
	{
		name: 'an expression in Maximum Devices',
		parameters: { maxDevices: '={{ 1000 }}' },
		message: 'Maximum Devices must be a whole number from 1 to 1,000,000',
	},
	...[0, -1, 1.5, 1_000_001].map((maxDevices) => ({
		name: `Maximum Devices of ${maxDevices}`,
		parameters: { maxDevices },
		message: 'Maximum Devices must be a whole number from 1 to 1,000,000',
	})),
	...[0, 101, -5, 2.5, 'many', '={{ undefined }}'].map((batchSize) => ({
		name: `Batch Size of ${batchSize}`,
		options: { batchSize },
		message: 'Batch Size must be a whole number from 1 to 100',
	})),
	...[0, 11].map((concurrency) => ({
		name: `Concurrency of ${concurrency}`,
		options: { concurrency },
		message: 'Concurrency must be a whole number from 1 to 10',
	})),
	...[-1, 11].map((maxRetries) => ({
		name: `Maximum Retries of ${maxRetries}`,
		options: { maxRetries },
		message: 'Maximum Retries must be a whole number from 0 to 10',
	})),
	{
		name: 'Maximum Retry Wait of -1',
		options: { maxRetryWait: -1 },
		message: 'Maximum Retry Wait (Seconds) must be a whole number from 0',
	},
	{
		name: 'Timeout of 0',
		options: { timeout: 0 },
		message: 'Timeout (Seconds) must be a whole number from 1',
	},
	...[
		'ticket 42',
		'0f8fad5b-d9cb-469f-a165-70867728950e\r\nx-evil: 1',
		'0f8fad5b-d9cb-469f-a165-70867728950e\n',
		'{0f8fad5b-d9cb-469f-a165-70867728950e}',
		42,
	].map((requestId) => ({
		name: `Request ID ${JSON.stringify(requestId)}`,
		options: { requestId },
		message: 'Request ID must be a UUID, such as 0f8fad5b-d9cb-469f-a165-70867728950e',
	})),
	{
		name: 'UID Validation of a word that is none of its options',
		options: { uidValidation: '={{ "lenient" }}' },
		message: 'UID Validation must be one of Permissive, Skip, Strict and Warn',
	},
	{
		name: 'Stop on Unscheduled Devices that is neither true nor false',
		options: { failOnUnscheduled: '={{ "yes" }}' },
		message:
			'Stop on Unscheduled Devices must be true or false, but its expression returns the text "yes"',
	},
	{
		name: 'an option that cannot be read',
		options: { batchSize: "={{ $('No Such Node').first().json.size }}" },
		message: "Batch Size can't be read: ",
	},
	...[
		["={{ 'yes' }}", 'the text "yes"'],
		['={{ "true" }}', 'the text "true"'],
		['={{ 0 }}', '0'],
		['={{ $json.unknown }}', 'nothing'],
		['={{ null }}', 'nothing'],
		['={{ "" }}', 'empty text'],
	].map(([dryRun, came]) => ({
		name: `Dry Run ${dryRun}`,
		parameters: { dryRun: dryRun! },
		message: `Dry Run must be true or false, but its expression returns ${came}.`,
	})),
	{
		name: 'Dry Run that differs from item to item',
		parameters: { dryRun: '={{ $itemIndex > 0 }}' },
		message:
			'Dry Run must be the same for all items, but its expression returns false for item 0 and true for item 1.',
	},
	{
		name: 'Dry Run that cannot be read',
		parameters: { dryRun: "={{ $('No Such Node').first().json.dry }}" },
		message: "Dry Run can't be read: ",
	},
	{
		name: 'a credential that is gone',
		run: () => ({ credential: { ...bench.credential(), id: '2' } }),
		message: "A setting of the node or its credential can't be read: ",
	},
	...[
		'https://acme.eu',
		'acme.eu',
		'acme/evil',
		'evil.example.com#',
		'acme@evil.example.com',
		'ac me',
		'-acme',
		'',
		'a'.repeat(58),
	].map((instance) => ({
		name: `the instance "${instance}"`,
		run: () => ({ credential: bench.credential({ region: 'eu', instance }) }),
		message:
			'Instance must be the name of your tenant, such as "acme", or its address at nexthink.cloud',
	})),
	{
		name: 'an instance that is an address in another region',
		run: () => ({
			credential: bench.credential({ region: 'eu', instance: 'https://acme.us.nexthink.cloud' }),
		}),
		message: 'Instance is an address in the region us, but Region is eu',
	},
	{
		name: 'a region that is none',
		run: () => ({ credential: bench.credential({ region: 'moon', instance: 'acme' }) }),
		message: 'Region must be one of the listed regions',
	},
	...[
		'http://nexthink.example.com',
		'http://127.0.0.1.example.com',
		'http://localhost.example.com',
		'http://10.0.0.1',
		'https://user:password@example.com',
		'https://example.com?x=1',
		'https://example.com#x',
		'ftp://example.com',
		'//example.com',
		'example.com',
		'',
	].map((apiBaseUrl) => ({
		name: `the API base URL "${apiBaseUrl}"`,
		run: () => ({ credential: bench.credential({ apiBaseUrl }) }),
		message: 'API Base URL must start with https:// (http:// is accepted for this machine only)',
	})),
	{
		name: 'a token URL over http to another machine',
		run: () => ({
			credential: bench.credential({ tokenUrl: 'http://nexthink.example.com/token' }),
		}),
		message: 'Token URL must start with https:// (http:// is accepted for this machine only)',
	},
];

describe.each(REFUSALS)(
	'$name',
	({ message, code = 'INVALID_PARAMETER', parameters, options, run }) => {
		it.each(ON_ERROR_MODES)('sends nothing, and says why (%s)', async (onError) => {
			const deletion = await bench.run({
				items: bench.devices(3),
				onError,
				...(parameters && { parameters }),
				...(options && { options }),
				...run?.(),
			});

			expect(deletion.allRequests).toEqual([]);
			if (onError === 'stopWorkflow') {
				expect(deletion.error).toMatchObject({
					name: 'NodeOperationError',
					node: { name: 'Delete' },
				});
				expect(deletion.error!.message).toContain(message);
				expect(deletion.error!.message).toContain('0 of 3 devices scheduled, 3 not sent.');
				expect(deletion.error!.description).toMatch(/\w.*\.$/);
				expect(deletion.errorData).toMatchObject({ code, httpStatus: null, requestId: null });
				return;
			}
			expect(deletion.execution.status).toBe('success');
			expect(deletion.statusWords).toEqual(['NOT_SENT', 'NOT_SENT', 'NOT_SENT']);
			expect(deletion.statuses.map(({ uid }) => uid)).toEqual(
				bench.devices(3).map(({ uid }) => uid),
			);
			const said =
				onError === 'continueErrorOutput'
					? deletion.failed.map(({ error, message }) => ({ ...error, message }))
					: deletion.success.map(({ apiError }) => apiError!);
			expect(said).toHaveLength(3);
			for (const failure of said) {
				expect(failure).toMatchObject({
					code,
					httpStatus: null,
					requestId: null,
					retryable: false,
				});
				expect(failure.message).toContain(message);
			}
			expect(deletion.hints[0]).toContain('0 of 3 devices scheduled, 3 not sent.');
		});
	},
);

describe('Maximum Devices', () => {
	it('counts distinct devices that would be sent', async () => {
		const [one, two] = bench.devices(2);
		const items = [one!, one!, two!, { uid: '', name: 'blank' }, two!];

		const deletion = await bench.run({ items, parameters: { maxDevices: 2 } });

		expect(deletion.batchSizes).toEqual([2]);
	});

	it('is 1000 where nothing else is said', async () => {
		const allowed = await bench.run({ items: bench.devices(1000) });
		const refused = await bench.run({ items: bench.devices(1001) });

		expect(allowed.sentUids).toHaveLength(1000);
		expect(refused.allRequests).toEqual([]);
		expect(refused.errorData).toMatchObject({
			code: 'MAX_DEVICES_EXCEEDED',
			counts: { notSent: 1001 },
			omitted: { notScheduled: 1, batches: 0 },
		});
		expect(refused.errorData.notScheduled).toHaveLength(1000);
	});

	it('holds for the lists of all items together', async () => {
		const items = [{ list: bench.devices(2) }, { list: bench.devices(2, 2) }];

		const deletion = await bench.run({
			items,
			parameters: { deviceSource: 'jsonList', devicesJson: '={{ $json.list }}', maxDevices: 3 },
		});

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.errorData.code).toBe('MAX_DEVICES_EXCEEDED');
	});
});

describe('Dry Run', () => {
	it.each(ON_ERROR_MODES)('makes no request, not even for a token (%s)', async (onError) => {
		const items = bench.devices(250);

		const deletion = await bench.run({ items, parameters: { dryRun: true }, onError });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.execution.status).toBe('success');
		expect(deletion.success).toEqual(
			items.map((device, index) => ({
				...device,
				status: 'DRY_RUN',
				reason: 'Would be sent for deletion.',
				scheduled: false,
				index,
			})),
		);
		expect(deletion.hints).toEqual([
			'Dry run: 250 of 250 devices would be sent. Nothing was sent.',
		]);
	});

	it('judges every entry as a real run does', async () => {
		const [one, two, three] = bench.devices(3);
		const items = [
			one!,
			{ uid: 7, name: 'NUMBER' },
			{ uid: 'malformed', name: 'ODD' },
			one!,
			two!,
			{ ...two!, name: 'OTHER' },
			three!,
			{ uid: three!.uid.toUpperCase(), name: three!.name },
		];

		const dry = await bench.run({
			items,
			parameters: { dryRun: true },
			options: { uidValidation: 'skip' },
		});
		const real = await bench.run({ items, options: { uidValidation: 'skip' } });

		expect(dry.allRequests).toEqual([]);
		expect(dry.statusWords).toEqual([
			'DRY_RUN',
			'INVALID',
			'INVALID',
			'DRY_RUN',
			'INVALID',
			'INVALID',
			'DRY_RUN',
			'DRY_RUN',
		]);
		const judged = (run: typeof dry) =>
			run.statuses.map(({ uid, name, status, reason, duplicateOf }) => ({
				uid,
				name,
				status: status === 'DRY_RUN' ? 'SCHEDULED' : status,
				reason: reason
					.replace('Would be sent for deletion.', 'Sent.')
					.replace('Queued for deletion, not yet removed.', 'Sent.'),
				duplicateOf,
			}));
		expect(judged(real)).toEqual(judged(dry));
		expect(dry.hints[0]).toBe(
			'Dry run: 6 devices in 8 items: 2 would be sent, 4 invalid. Nothing was sent.',
		);
	});

	it('tells of a malformed UID on its own row', async () => {
		const [well] = bench.devices(1);
		const items = [well!, { uid: 'malformed', name: 'ODD' }];

		for (const uidValidation of ['warn', 'permissive']) {
			const dry = await bench.run({
				items,
				parameters: { dryRun: true },
				options: { uidValidation },
			});

			expect(dry.statuses.map(({ status, reason }) => [status, reason])).toEqual([
				['DRY_RUN', 'Would be sent for deletion.'],
				[
					'DRY_RUN',
					'Would be sent, although its UID is malformed: Nexthink decides whether to accept it.',
				],
			]);
		}
	});

	it('can depend on how the workflow was started', async () => {
		const parameters = { dryRun: "={{ $execution.mode === 'test' }}" };
		const byHand = await bench.run({ items: bench.devices(2), parameters });
		const bySchedule = await bench.run({ items: bench.devices(2), parameters, mode: 'trigger' });

		expect(byHand.allRequests).toEqual([]);
		expect(byHand.statusWords).toEqual(['DRY_RUN', 'DRY_RUN']);
		expect(bySchedule.statusWords).toEqual(['SCHEDULED', 'SCHEDULED']);
	});

	it('may come from the items where all of them agree', async () => {
		const items = bench.devices(2).map((device) => ({ ...device, simulate: true }));

		const deletion = await bench.run({ items, parameters: { dryRun: '={{ $json.simulate }}' } });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.statusWords).toEqual(['DRY_RUN', 'DRY_RUN']);
	});

	it('does not wake a refused credential', async () => {
		const credential = bench.credential({ clientSecret: 'wrong' });

		const deletion = await bench.run({
			items: bench.devices(1),
			parameters: { dryRun: true },
			credential,
		});

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.statusWords).toEqual(['DRY_RUN']);
	});
});
