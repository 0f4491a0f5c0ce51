import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import type { DeletionSettings } from '../../../nodes/Nexthink/deletion/run.ts';
import { DEFAULT_SETTINGS, watchRun, type RunOptions } from '../../properties/deletion-run.mts';
import { InProcessTenant } from '../../properties/in-process-tenant.mts';
import { VirtualTime } from '../../properties/virtual-time.mts';
import type { Fault, FaultRule } from '../../simulator/faults.mts';
import { generateInventory } from '../../simulator/inventory.mts';

const page = await readFile(new URL('../../../docs/how-a-run-works.md', import.meta.url), 'utf8');

const BATCHES = 1000;
const DEVICES = generateInventory(2 * BATCHES);

/** What a dead tenant shows, all of which is repeated. */
const DEATHS: Record<string, Fault> = {
	'answers 503': { kind: 'status', status: 503 },
	'answers 500 after queuing': { kind: 'status', status: 500, queued: true },
	'answers 502 with a page of a gateway': { kind: 'html', status: 502 },
	'breaks the connection off': { kind: 'reset', queued: false },
	'answers nothing': { kind: 'silence' },
	'answers 429 to everything': { kind: 'status', status: 429 },
};

/** Runs of equal and of unequal waits and answers: a batch that gives up early makes room for the next one. */
const JITTERS: Record<string, number[]> = {
	'no wait': [0],
	'equal waits': [0.5],
	'unequal waits': [0.9, 0.01, 0.02, 0.85, 0, 0.6, 0.99, 0.1, 0.3],
};

interface Budget extends RunOptions {
	batches?: number;
	faults: FaultRule[];
	jitter?: number[];
	/** Two devices in one batch cost less time than a hundred; the number of batches is what counts. */
	batchSize?: number;
}

async function spend({
	batches = BATCHES,
	faults,
	jitter = [0.5],
	batchSize = 2,
	...options
}: Budget) {
	const time = new VirtualTime(jitter);
	const tenant = new InProcessTenant(time.now);
	for (const rule of faults) tenant.faults.add(rule);
	const settings = { ...options.settings, batchSize };
	const run = await watchRun(DEVICES.slice(0, batches * batchSize), tenant, time, {
		...options,
		settings,
	});
	const ids = new Set(run.exchanges.map(({ requestId }) => requestId));
	return {
		...run,
		tenant,
		requests: run.exchanges.length,
		repeats: run.exchanges.length - ids.size,
	};
}

const dying = (from: number, play: Fault): FaultRule[] => [
	{ route: 'deletions', from, times: Infinity, play },
];

const SETTINGS: Array<Pick<DeletionSettings, 'maxRetries' | 'concurrency'>> = [
	DEFAULT_SETTINGS,
	...[0, 1, 3, 10].flatMap((maxRetries) =>
		[1, 2, 3, 10].map((concurrency) => ({ maxRetries, concurrency })),
	),
].map(({ maxRetries, concurrency }) => ({ maxRetries, concurrency }));

describe('1,000 batches to a tenant that is dead from the start', () => {
	it.each(Object.entries(DEATHS))('and %s make 12 requests', async (_, play) => {
		const { requests, result } = await spend({ faults: dying(1, play) });
		expect(requests).toBe(12);
		expect(result.stoppedBy).toBe('CIRCUIT_OPEN');
	});

	it('and cannot be reached make 12 requests', async () => {
		const { requests, tenant } = await spend({ faults: [], road: { isBlocked: () => true } });
		expect(requests).toBe(12);
		expect(tenant.requests).toHaveLength(0);
	});

	it('and gives no token make 12 requests for one, and none with a device', async () => {
		const faults: FaultRule[] = [
			{ route: 'token', times: Infinity, play: { kind: 'status', status: 503 } },
		];
		const { requests, tenant } = await spend({ faults, road: { hasToken: false } });
		expect(requests).toBe(12);
		expect(tenant.requests.map(({ route }) => route)).toEqual(Array(12).fill('token'));
	});

	it('and answers what nobody can read make 3 requests', async () => {
		const { requests } = await spend({ faults: dying(1, { kind: 'html', status: 200 }) });
		expect(requests).toBe(3);
	});

	it('of the largest size make 12 requests', async () => {
		const faults = dying(1, DEATHS['answers 503']!);
		expect((await spend({ faults, batches: 20, batchSize: 100 })).requests).toBe(12);
	});

	it.each(SETTINGS)(
		'make three times $maxRetries + 1 requests at most, $concurrency at a time',
		async ({ maxRetries, concurrency }) => {
			for (const jitter of Object.values(JITTERS)) {
				const settings = { maxRetries, concurrency, maxRetryWait: 1_000_000 };
				const faults = dying(1, DEATHS['answers 503']!);
				const { requests } = await spend({ faults, settings, jitter });
				expect(requests).toBe(3 * (1 + maxRetries));
			}
		},
	);
});

describe('1,000 batches to a tenant that dies at the 500th', () => {
	it.each(
		SETTINGS.flatMap((settings) =>
			Object.keys(JITTERS).flatMap((jitter) =>
				[[50], [50, 10, 80, 20, 50, 30]].map((latencies) => ({ ...settings, jitter, latencies })),
			),
		),
	)(
		'add one round of repeats at most: $maxRetries retries, $concurrency at a time, $jitter, answers after $latencies ms',
		async ({ maxRetries, concurrency, jitter, latencies }) => {
			const { exchanges, repeats, result } = await spend({
				faults: dying(500, DEATHS['answers 503']!),
				settings: { maxRetries, concurrency, maxRetryWait: 1_000_000 },
				jitter: JITTERS[jitter],
				road: { latencies },
			});
			// An answer from before may come late, and shows the run a tenant that is well.
			const lastAccepted = Math.max(
				...exchanges.map(({ answer, answeredAt }) => (answer!.accepted ? answeredAt! : 0)),
			);
			const since = exchanges.filter(({ answeredAt }) => answeredAt! > lastAccepted);
			expect(since.length).toBeLessThanOrEqual(Math.max(3, concurrency) * (1 + maxRetries));
			expect(repeats).toBeLessThanOrEqual(10 + BATCHES / 10);
			expect(result.stoppedBy).toBe('CIRCUIT_OPEN');
		},
	);

	it.each(Object.entries(DEATHS))('and %s make 16 more requests at most', async (_, play) => {
		const { requests } = await spend({ faults: dying(500, play) });
		expect(requests - 499).toBeLessThanOrEqual(16);
		expect(requests - 499).toBeGreaterThanOrEqual(12);
	});
});

describe('the repeats of a run', () => {
	/** Of the batches with an even number every first attempt is lost, so no three in a row fail. */
	const flaky = (): FaultRule => {
		const seen = new Set<string>();
		let batch = 0;
		return {
			route: 'deletions',
			times: Infinity,
			when: ({ requestId }) => {
				if (seen.has(requestId)) return false;
				seen.add(requestId);
				return ++batch % 2 === 0;
			},
			play: { kind: 'status', status: 503 },
		};
	};

	it.each([
		[1, 0],
		[10, 5],
		[20, 10],
		[24, 12],
		[30, 13],
		[199, 29],
		[200, 30],
		[BATCHES, 110],
	])('of %i batches are %i: 10 plus a tenth of the batches at most', async (batches, expected) => {
		const { repeats, requests } = await spend({ batches, faults: [flaky()] });
		expect(repeats).toBe(expected);
		expect(requests).toBe(batches + expected);
	});

	it('include those of FAILED devices', async () => {
		// Every second device fails whenever it is sent: 50 batches of 2 have 50 such devices, in 25 batches of a second pass.
		const failing = new Set(DEVICES.filter((_, index) => index % 2 === 0).map(({ uid }) => uid));
		const play: Fault = { kind: 'failDevices', uids: (uid) => failing.has(uid) };
		const { requests } = await spend({ batches: 50, faults: dying(1, play) });
		expect(requests).toBe(50 + 10 + 5);
	});
});

describe('devices that make Nexthink refuse a whole request', () => {
	it('cost a run 100 extra requests at most, however many there are', async () => {
		// One in each batch but the first.
		const refused = new Set(
			DEVICES.filter((_, index) => index % 2 === 1 && index > 1).map(({ uid }) => uid),
		);
		const faults: FaultRule[] = [
			{
				route: 'deletions',
				times: Infinity,
				when: ({ devices = [] }) => devices.some(({ uid }) => refused.has(uid)),
				play: { kind: 'status', status: 400, body: { code: 'INVALID_REQUEST', message: 'No.' } },
			},
		];
		const { requests, result } = await spend({ faults });
		expect(requests).toBe(BATCHES + 100);
		const count = (evidence: string) =>
			result.outcomes.filter((outcome) => outcome.evidence === evidence).length;
		expect(count('NOT_TAKEN')).toBe(50);
		expect(count('SCHEDULED')).toBe(2 + 50);
		expect(count('REJECTED')).toBe(2 * BATCHES - 102);
	});
});

describe('the page on how a run works', () => {
	it.each([
		'three batches in a row without success end the run',
		'the retries of one run are at most 10 plus a tenth of its batches',
		'at most 100 extra requests',
		'With the defaults, 1,000 batches to a tenant that is down from the start make 12 requests',
		'If the tenant goes down in the middle, at most 16 more are made',
	])('states: %s', (statement) => {
		expect(page).toContain(statement);
	});
});
