import { describe, expect, it } from 'vitest';

import {
	accepted,
	answered,
	devicesOf,
	refusing,
	runOf,
	unanswered,
	type Answering,
	type SentRequest,
} from './scripted-tenant.mts';

const uidsOf = (requests: SentRequest[]) => requests.map(({ uids }) => uids.join());

const allUids = (count: number) => devicesOf(count).map(({ uid }) => uid);

describe('a batch that Nexthink refuses because of a device', () => {
	it('is divided until that device stands alone, and the others are sent', async () => {
		const { requests, evidence, result } = await runOf(8, {
			batchSize: 8,
			answers: refusing(['u-5']),
		});
		expect(uidsOf(requests)).toEqual([
			'u-0,u-1,u-2,u-3,u-4,u-5,u-6,u-7',
			'u-0,u-1,u-2,u-3',
			'u-4,u-5,u-6,u-7',
			'u-4,u-5',
			'u-4',
			'u-5',
			'u-6,u-7',
		]);
		expect(evidence).toEqual(allUids(8).map((uid) => (uid === 'u-5' ? 'NOT_TAKEN' : 'SCHEDULED')));
		expect(result.stoppedBy).toBeUndefined();
	});

	it('tells of that device what the API said', async () => {
		const { result } = await runOf(2, {
			batchSize: 2,
			answers: refusing(['u-1'], 'devices[0].name is odd'),
		});
		expect(result.outcomes[1]!.reason).toContain('devices[0].name is odd');
	});

	it.each([
		[undefined, "Nexthink doesn't accept this device."],
		['Its name is odd.', "Nexthink doesn't accept this device: Its name is odd."],
		['Odd. Very odd', "Nexthink doesn't accept this device: Odd. Very odd."],
	])('tells of it in one sentence where the API said %j', async (message, reason) => {
		const answers = [answered(400, { code: 'INVALID_REQUEST', message }), accepted()];
		const { result } = await runOf(2, { answers });
		expect(result.outcomes[0]).toMatchObject({ evidence: 'NOT_TAKEN', reason });
	});

	it('finds every device at fault, in whatever places they stand, unless two stand side by side', async () => {
		const devices = devicesOf(12);
		let found = 0;
		for (let faults = 0; faults < 2 ** 6; faults++) {
			if ((faults & (faults >> 1)) !== 0) continue;
			// The first batch is accepted; the second has its devices at fault in every combination.
			const atFault = allUids(12).filter((_, index) => index >= 6 && faults & (1 << (index - 6)));
			const { evidence, result } = await runOf(devices, {
				batchSize: 6,
				answers: refusing(atFault),
			});
			expect(evidence).toEqual(
				devices.map(({ uid }) => (atFault.includes(uid) ? 'NOT_TAKEN' : 'SCHEDULED')),
			);
			expect(result.stoppedBy).toBeUndefined();
			found++;
		}
		expect(found).toBe(21);
	});

	it('finds two side by side where another batch is accepted in between', async () => {
		const { requests, evidence, result } = await runOf(6, {
			batchSize: 2,
			answers: refusing(['u-2', 'u-3']),
		});
		expect(uidsOf(requests)).toEqual(['u-0,u-1', 'u-2,u-3', 'u-2', 'u-4,u-5', 'u-3']);
		expect(evidence.slice(2, 4)).toEqual(['NOT_TAKEN', 'NOT_TAKEN']);
		expect(result.stoppedBy).toBeUndefined();
	});

	it('is found in a list of a single device', async () => {
		const { evidence } = await runOf(1, { answers: refusing(['u-0']) });
		expect(evidence).toEqual(['NOT_TAKEN']);
	});

	it('stops the run where the first two that stand alone are refused: it is not the devices', async () => {
		const { requests, evidence, result } = await runOf(8, {
			batchSize: 4,
			answers: refusing(allUids(8)),
		});
		expect(uidsOf(requests)).toEqual([
			'u-0,u-1,u-2,u-3',
			'u-0,u-1',
			'u-0',
			// Others are tried before the neighbour: the two might be at fault.
			'u-4,u-5,u-6,u-7',
			'u-1',
		]);
		expect(result.stoppedBy).toMatchObject({ code: 'INVALID_REQUEST' });
		expect(evidence).toEqual(Array(8).fill('REJECTED'));
	});

	it('stops it after an acceptance, too', async () => {
		const { requests, evidence, result } = await runOf(400, {
			batchSize: 100,
			answers: [accepted(), ...Array<Answering>(100).fill(refusing(allUids(400)))],
		});
		expect(result.stoppedBy).toMatchObject({ code: 'INVALID_REQUEST' });
		expect(requests.length).toBeLessThan(20);
		expect(evidence.slice(0, 100)).toEqual(Array(100).fill('SCHEDULED'));
		expect(new Set(evidence.slice(100))).toEqual(new Set(['NOT_SENT', 'REJECTED']));
	});

	it('does not stop the run where one was accepted between them', async () => {
		const { evidence, result } = await runOf(4, {
			batchSize: 2,
			answers: refusing(['u-0', 'u-2']),
		});
		expect(evidence).toEqual(['NOT_TAKEN', 'SCHEDULED', 'NOT_TAKEN', 'SCHEDULED']);
		expect(result.stoppedBy).toBeUndefined();
	});

	it.each([2, 3])(
		'does not stop the run where both were under way together (%i at a time)',
		async (concurrency) => {
			const { evidence, result } = await runOf(5, {
				concurrency,
				answers: refusing(['u-1', 'u-2']),
			});
			expect(evidence).toEqual(['SCHEDULED', 'NOT_TAKEN', 'NOT_TAKEN', 'SCHEDULED', 'SCHEDULED']);
			expect(result.stoppedBy).toBeUndefined();
		},
	);

	it('believes neither of two that were under way together at the end', async () => {
		const { evidence, result } = await runOf(3, {
			concurrency: 3,
			answers: refusing(['u-1', 'u-2']),
		});
		expect(evidence).toEqual(['SCHEDULED', 'REJECTED', 'REJECTED']);
		expect(result.stoppedBy).toMatchObject({ code: 'INVALID_REQUEST' });
	});

	it('costs a run 100 extra requests at most, and the undivided rest is refused', async () => {
		const { requests, evidence } = await runOf(500, {
			batchSize: 100,
			answers: refusing(allUids(500).filter((_, index) => index > 100 && index % 2 === 0)),
		});
		expect(requests).toHaveLength(5 + 100);
		expect(evidence.slice(0, 100)).toEqual(Array(100).fill('SCHEDULED'));
		expect(new Set(evidence.slice(100))).toEqual(new Set(['NOT_TAKEN', 'REJECTED', 'SCHEDULED']));
	});

	it('is divided in half under On Error: Stop Workflow too', async () => {
		const { evidence, result } = await runOf(4, {
			batchSize: 4,
			stopOnFailure: true,
			answers: refusing(['u-2']),
		});
		expect(evidence).toEqual(['SCHEDULED', 'SCHEDULED', 'NOT_TAKEN', 'SCHEDULED']);
		expect(result.stoppedBy).toBeUndefined();
	});

	it('has parts that are repeated each for itself', async () => {
		const { requests, evidence } = await runOf(4, {
			batchSize: 4,
			maxRetries: 1,
			answers: [answered(400, { code: 'INVALID_REQUEST' }), answered(503), accepted(), accepted()],
		});
		expect(uidsOf(requests).slice(1)).toEqual(['u-0,u-1', 'u-0,u-1', 'u-2,u-3']);
		expect(requests[1]!.requestId).toBe(requests[2]!.requestId);
		expect(new Set(requests.map(({ requestId }) => requestId)).size).toBe(3);
		expect(evidence).toEqual(Array(4).fill('SCHEDULED'));
	});

	it('does not hide that an attempt with the device was lost before', async () => {
		const { evidence } = await runOf(2, {
			maxRetries: 1,
			answers: [accepted(), unanswered(), answered(400, { code: 'INVALID_REQUEST' })],
		});
		expect(evidence).toEqual(['SCHEDULED', 'UNKNOWN']);
	});
});

describe('a tenant that takes fewer devices in one request', () => {
	const taking =
		(cap: number, refusal = answered(400, { code: 'BATCH_SIZE_EXCEEDED' })): Answering =>
		(devices, ...rest) =>
			(devices.length > cap ? refusal : accepted())(devices, ...rest);

	it('gets half of what it refused, and the run goes on with that size', async () => {
		const { requests, evidence } = await runOf(12, { batchSize: 6, answers: taking(4) });
		expect(requests.map(({ uids }) => uids.length)).toEqual([6, 3, 3, 3, 3]);
		expect(requests.slice(1).flatMap(({ uids }) => uids)).toEqual(allUids(12));
		expect(evidence).toEqual(Array(12).fill('SCHEDULED'));
	});

	it.each([1, 2, 3, 7, 50, 99, 100])(
		'of %i gets all devices, and no more in any request than half of what it refused',
		async (cap) => {
			const { requests, evidence, result } = await runOf(250, {
				batchSize: 100,
				answers: taking(cap),
			});
			expect(evidence).toEqual(Array(250).fill('SCHEDULED'));
			expect(result.stoppedBy).toBeUndefined();
			let limit = 100;
			for (const { uids } of requests) {
				expect(uids.length).toBeLessThanOrEqual(limit);
				if (uids.length > cap) limit = Math.floor(uids.length / 2);
			}
		},
	);

	it('may be a gateway that answers 413', async () => {
		const { evidence } = await runOf(10, { batchSize: 10, answers: taking(3, answered(413)) });
		expect(evidence).toEqual(Array(10).fill('SCHEDULED'));
	});

	it('stops the run where it refuses even one device', async () => {
		const { requests, evidence, result } = await runOf(6, { batchSize: 4, answers: taking(0) });
		expect(requests.map(({ uids }) => uids.length)).toEqual([4, 2, 1]);
		expect(result.stoppedBy).toMatchObject({ code: 'BATCH_SIZE_EXCEEDED' });
		expect(evidence).toEqual([...Array(4).fill('REJECTED'), ...Array(2).fill('NOT_SENT')]);
	});

	it('gets a body again as it was, where that waited for its repeat meanwhile', async () => {
		const busy: Answering[] = [answered(503)];
		const { requests, evidence } = await runOf(6, {
			batchSize: 2,
			concurrency: 2,
			maxRetries: 1,
			sleep: () => new Promise<void>((resolve) => setImmediate(resolve)),
			answers: (devices, ...rest) => {
				const first = devices[0]!.uid;
				const isTooLarge = first === 'u-4' && devices.length > 1;
				const answering = isTooLarge
					? answered(413)
					: ((first === 'u-2' ? busy.shift() : undefined) ?? accepted());
				return answering(devices, ...rest);
			},
		});
		expect(uidsOf(requests)).toEqual(['u-0,u-1', 'u-2,u-3', 'u-4,u-5', 'u-4', 'u-5', 'u-2,u-3']);
		expect(requests[5]!.requestId).toBe(requests[1]!.requestId);
		expect(evidence).toEqual(Array(6).fill('SCHEDULED'));
	});

	it('does not get larger requests again when a smaller one was refused late', async () => {
		const { requests } = await runOf(20, {
			batchSize: 8,
			concurrency: 3,
			answers: taking(2),
		});
		const sizes = requests.map(({ uids }) => uids.length);
		expect(sizes.filter((size) => size > 2).length).toBeLessThanOrEqual(6);
		expect(sizes.at(-1)).toBeLessThanOrEqual(2);
	});
});
