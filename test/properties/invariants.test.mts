import { describe, expect, it } from 'vitest';

import { failureWithoutAnswer } from '../../nodes/Nexthink/api/failure.ts';
import type { DeviceStatus } from '../../nodes/Nexthink/operations/deleteDevices/report.ts';
import type { Exchange } from './connection.mts';
import { INVARIANTS } from './invariants.mts';
import { missingAfterLaterRun } from './later-run.mts';
import { play, type Played } from './play.mts';
import type { Scenario } from './scenario.mts';
import { VirtualTime } from './virtual-time.mts';

/** Seven devices in four requests, of which the second is lost and sent again. */
const SCENARIO: Scenario = {
	list: Array.from({ length: 7 }, () => 'device'),
	uidValidation: 'warn',
	maxDevices: 1000,
	settings: {
		batchSize: 2,
		concurrency: 1,
		maxRetries: 1,
		maxRetryWait: 300,
		stopOnFailure: false,
	},
	deploymentCap: 100,
	refusedShare: 0,
	mishaps: [{ what: '503 after queuing', from: 2, times: 1 }],
	latencies: [50],
	jitter: [0.5],
	tokenDelays: [0],
	timeout: 60,
	hasToken: true,
	cancelAfter: null,
	cancelEndsRequests: true,
};

type Doctoring = (played: Played) => Partial<Played>;

const settings =
	(changed: Partial<Scenario['settings']>): Doctoring =>
	({ scenario }) => ({
		scenario: { ...scenario, settings: { ...scenario.settings, ...changed } },
	});

const status =
	(changed: DeviceStatus): Doctoring =>
	({ devices }) => ({ devices: devices.map((device) => ({ ...device, status: changed })) });

const exchange =
	(position: number, change: (exchange: Exchange) => Partial<Exchange>): Doctoring =>
	({ exchanges }) => ({
		exchanges: exchanges.map((each, index) =>
			index === position ? { ...each, ...change(each) } : each,
		),
	});

const failed = (code: 'FORBIDDEN' | 'SERVICE_UNAVAILABLE'): Exchange['answer'] => ({
	accepted: false,
	failure: failureWithoutAnswer(code, 'UNKNOWN'),
});

/** What a run would look like that breaks each of the facts. */
const DOCTORED: Array<[fact: string, name: string, change: Doctoring]> = [
	[
		'every entry has exactly one item',
		'an entry too many',
		({ entries }) => ({ entries: [...entries, entries[0]!] }),
	],
	[
		'every entry has exactly one item',
		'entries in another order',
		({ plan }) => ({ plan: { ...plan, entries: [...plan.entries].reverse() } }),
	],
	[
		'every entry has exactly one item',
		'another input item behind an entry',
		({ entries }) => ({ entries: entries.map((entry) => ({ ...entry, itemIndex: 0 })) }),
	],
	[
		'the sums count every distinct device once',
		'an entry without an outcome',
		({ outcomes }) => ({ outcomes: outcomes.slice(1) }),
	],
	[
		'a device is SCHEDULED only if',
		'a lost device is called SCHEDULED',
		(played) => ({
			...status('SCHEDULED')(played),
			said: new Map(
				played.devices.map(({ uid }) => [uid, { words: ['LOST'], refusedAlone: false }]),
			),
		}),
	],
	[
		'a device is SCHEDULED only if',
		'a tenant that queued nothing',
		({ tenant }) => {
			tenant.ledger.clear();
			return {};
		},
	],
	['a device is NOT_SENT only if', 'a sent device is called NOT_SENT', status('NOT_SENT')],
	['a device is REJECTED only if', 'a queued device is called REJECTED', status('REJECTED')],
	[
		'a device is REJECTED only if',
		'a device that never arrived is called REJECTED',
		(played) => {
			played.tenant.requests.length = 0;
			return status('REJECTED')(played);
		},
	],
	[
		'a device that is INVALID or FAILED is not queued',
		'a queued device is INVALID',
		status('INVALID'),
	],
	[
		'a device that is INVALID or FAILED is not queued',
		'a queued device is FAILED',
		status('FAILED'),
	],
	['the status of a device is what', 'all are called UNKNOWN', status('UNKNOWN')],
	[
		'nothing is sent that was not in the input',
		'a device that nobody named',
		exchange(0, ({ devices }) => ({ devices: [...devices, { uid: 'x', name: 'y' }] })),
	],
	[
		'nothing is sent that was not in the input',
		'a device twice in one request',
		exchange(0, ({ devices }) => ({ devices: [...devices, ...devices] })),
	],
	[
		'nothing is sent that was not in the input',
		'a device of an entry that was refused',
		({ plan }) => ({
			plan: { ...plan, entries: plan.entries.map((entry) => ({ ...entry, refused: 'No.' })) },
		}),
	],
	[
		'no request holds more devices than',
		'smaller batches were asked for',
		settings({ batchSize: 1 }),
	],
	[
		'a run makes no more requests than',
		'hundreds of requests more',
		({ exchanges }) => ({ exchanges: Array.from({ length: 115 }, () => exchanges[0]!) }),
	],
	[
		'repeats of a run are at most',
		'more repeats of one request than were asked for',
		settings({ maxRetries: 0 }),
	],
	[
		'repeats of a run are at most',
		'more repeats than a run has',
		({ exchanges }) => ({ exchanges: Array.from({ length: 12 }, () => exchanges[0]!) }),
	],
	[
		'a run that went well ends',
		'seven requests to a tenant that is down',
		({ exchanges }) => ({
			exchanges: Array.from({ length: 7 }, (_, number) => ({
				...exchanges[0]!,
				requestId: `${number}`,
				answer: failed('SERVICE_UNAVAILABLE'),
			})),
		}),
	],
	[
		'a repeat keeps its id and body',
		'two bodies with one id',
		exchange(1, () => ({ devices: [] })),
	],
	['a repeat keeps its id and body', 'another id than the given', settings({ requestId: 'given' })],
	['never two requests are in flight', 'two at once', exchange(3, () => ({ others: 1 }))],
	['a run waits no longer', 'no wait was allowed', settings({ maxRetryWait: 0 })],
	[
		'a run waits no longer',
		'a repeat before the time that was asked for',
		exchange(1, ({ answer }) => {
			const { failure } = answer as Extract<Exchange['answer'], { accepted: false }>;
			const retryAfter = new Date(Date.UTC(2026, 0, 1) + 60_000).toISOString();
			return { answer: { accepted: false, failure: { ...failure, retryAfter } } };
		}),
	],
	[
		'a cancelled run sends nothing more',
		'a request after the run was cancelled',
		({ run }) => ({ run: { ...run!, cancelled: { at: run!.endedAt, requests: 3 } } }),
	],
	[
		'a cancelled run sends nothing more',
		'a run that goes on after that',
		({ run, exchanges }) => ({
			run: { ...run!, cancelled: { at: run!.endedAt - 1, requests: exchanges.length } },
		}),
	],
	[
		'nothing arrives after the run has ended',
		'a request of a token that came too late',
		({ tenant, run }) => {
			const [request] = tenant.requests;
			const at = Date.UTC(2026, 0, 1) + run!.endedAt + 1;
			tenant.requests.push({ ...request!, at });
			return {};
		},
	],
	[
		'a tenant that is well but for some devices',
		'a device left behind without a mishap',
		(played) => ({
			scenario: { ...SCENARIO, mishaps: [] },
			...status('FAILED')(played),
		}),
	],
	[
		'nothing leaves after an answer that ends the run',
		'requests after a refusal',
		exchange(0, () => ({ answer: failed('FORBIDDEN') })),
	],
	[
		'nothing leaves after an answer that ends the run',
		'requests after one that did not succeed, under On Error: Stop Workflow',
		settings({ stopOnFailure: true, maxRetries: 0 }),
	],
	[
		'the run keeps every request',
		'a request less',
		({ run }) => ({
			run: { ...run!, result: { ...run!.result, requests: run!.result.requests.slice(1) } },
		}),
	],
	[
		'the run keeps every request',
		'the last request of another device',
		({ run }) => ({
			run: {
				...run!,
				result: { ...run!.result, outcomes: [...run!.result.outcomes].reverse() },
			},
		}),
	],
];

describe('the search for breaches', () => {
	it('finds none in a run that is as it should be', async () => {
		const played = await play(SCENARIO);
		expect(played.exchanges).toHaveLength(5);
		for (const { breaches } of INVARIANTS) expect(breaches(played)).toEqual([]);
		expect(await missingAfterLaterRun(played)).toEqual([]);
	});

	it.each(DOCTORED)('"%s …" is seen to be broken: %s', async (beginning, _, change) => {
		const played = await play(SCENARIO);
		const invariants = INVARIANTS.filter(({ fact }) => fact.startsWith(beginning));
		expect(invariants).toHaveLength(1);
		expect(invariants[0]!.breaches({ ...played, ...change(played) })).not.toEqual([]);
	});

	it('has a run that breaks it for each of its facts', () => {
		const unbroken = INVARIANTS.filter(
			({ fact }) => !DOCTORED.some(([beginning]) => fact.startsWith(beginning)),
		);
		expect(unbroken.map(({ fact }) => fact)).toEqual([]);
	});

	it('finds a device that a later run leaves behind', async () => {
		const played = await play(SCENARIO);
		const { tenant } = played;
		tenant.ledger.clear();
		expect(await missingAfterLaterRun(played)).toHaveLength(7);
	});

	it('finds a run that never ends', async () => {
		const time = new VirtualTime();
		await expect(time.until(new Promise(() => {}))).rejects.toThrow('nothing will ever happen');
		await expect(time.until(time.sleep(5).then(() => time.elapsed()))).resolves.toBe(5);
	});
});
