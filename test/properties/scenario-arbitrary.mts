import fc from 'fast-check';

import { COPIES, UNUSABLE, type ListEntry } from './list-entries.mts';
import { ALTERED, LASTING, LOGIN, NO_CONNECTION, PASSING, type Mishap } from './mishaps.mts';
import type { Scenario } from './scenario.mts';

const keysOf = <Key extends string>(table: Record<Key, unknown>) => Object.keys(table) as Key[];

const listEntry: fc.Arbitrary<ListEntry> = fc.oneof(
	{ weight: 40, arbitrary: fc.constant<ListEntry>('device') },
	{
		weight: 4,
		arbitrary: fc.record({
			copyOf: fc.nat(1999),
			how: fc.constantFrom(...keysOf(COPIES)),
		}),
	},
	{ weight: 2, arbitrary: fc.constant<ListEntry>('malformed UID') },
	{ weight: 2, arbitrary: fc.constantFrom(...keysOf(UNUSABLE)) },
);

/** 0 to 2,000 entries. Most lists are short: what goes wrong goes wrong with few devices, and is found in more cases. */
const list = fc.oneof(
	{ weight: 5, arbitrary: fc.array(listEntry, { maxLength: 20, size: 'max' }) },
	{ weight: 4, arbitrary: fc.array(listEntry, { maxLength: 150, size: 'max' }) },
	{ weight: 1, arbitrary: fc.array(listEntry, { maxLength: 2000, size: 'max' }) },
);

/** Mostly one value, which stands for what is usual. */
const mostly = <Value,>(usual: Value, other: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
	fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

const times = fc.oneof(
	{ weight: 4, arbitrary: fc.constant(1) },
	{ weight: 3, arbitrary: fc.integer({ min: 2, max: 6 }) },
	{ weight: 1, arbitrary: fc.constant(Infinity) },
);

const from = fc.oneof(
	{ weight: 4, arbitrary: fc.integer({ min: 1, max: 6 }) },
	{ weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }) },
);

const mishapOf = (what: readonly string[], first = from): fc.Arbitrary<Mishap> =>
	fc.record({ what: fc.constantFrom(...what), from: first, times });

/** Most are such that the run goes on after them, or there would be little to see. */
const mishap = fc.oneof(
	{ weight: 10, arbitrary: mishapOf([...keysOf(PASSING), NO_CONNECTION]) },
	{ weight: 4, arbitrary: mishapOf(keysOf(ALTERED)) },
	{ weight: 4, arbitrary: mishapOf(keysOf(LASTING)) },
	// There are few requests for a token.
	{ weight: 2, arbitrary: mishapOf(keysOf(LOGIN), fc.constantFrom(1, 2)) },
);

const batchSize = fc.oneof(
	{ weight: 2, arbitrary: fc.integer({ min: 1, max: 5 }) },
	{ weight: 1, arbitrary: fc.integer({ min: 1, max: 100 }) },
	{ weight: 1, arbitrary: fc.constant(100) },
);

const settings: fc.Arbitrary<Scenario['settings']> = fc.record(
	{
		batchSize,
		concurrency: fc.integer({ min: 1, max: 10 }),
		maxRetries: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 10 })),
		maxRetryWait: mostly(300, fc.constantFrom(0, 1, 10, 1_000_000)),
		stopOnFailure: mostly(false, fc.constant(true)),
		requestId: fc.uuid(),
	},
	{
		requiredKeys: ['batchSize', 'concurrency', 'maxRetries', 'maxRetryWait', 'stopOnFailure'],
	},
);

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
	list,
	uidValidation: mostly('warn', fc.constantFrom('permissive', 'skip', 'strict')),
	maxDevices: mostly(1_000_000, fc.integer({ min: 1, max: 2000 })),
	settings,
	deploymentCap: mostly(100, fc.integer({ min: 1, max: 99 })),
	refusedShare: mostly(
		0,
		fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 4, max: 200 })),
	),
	mishaps: fc.array(mishap, { maxLength: 6, size: 'max' }),
	latencies: fc.array(fc.integer({ min: 0, max: 3000 }), {
		minLength: 1,
		maxLength: 7,
		size: 'max',
	}),
	jitter: fc.array(
		fc.integer({ min: 0, max: 99 }).map((hundredths) => hundredths / 100),
		{ minLength: 1, maxLength: 5, size: 'max' },
	),
	tokenDelays: mostly<readonly number[]>(
		[0],
		fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 3, size: 'max' }),
	),
	timeout: mostly(60, fc.integer({ min: 1, max: 3 })),
	hasToken: fc.boolean(),
	cancelAfter: mostly<number | null>(
		null,
		fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 200_000 })),
	),
	cancelEndsRequests: fc.boolean(),
});
