import fc from 'fast-check';
import lodash from 'lodash';

/** A device as the tenant knows it. The UID is its own, the name need not be. */
export interface ScenarioDevice {
	name: string;
	serialNumber: string | null;
	site: string | null;
	/** Days since it was last seen; null: nobody knows, text: unreadable. */
	lastSeen: number | string | null;
}

/** One item of the list: what it is called, which serial number and site it has, and whose UID it brings along. */
export interface ScenarioItem {
	name: unknown;
	serialNumber: unknown;
	site: unknown;
	/** Position of a device whose UID stands in the item, though nobody vouches for it; null: none. */
	misleading: number | null;
}

/** How the tenant compares names: as documented, or otherwise. */
export const COMPARISONS = [
	'documented',
	'exact',
	'case of A to Z alone',
	'beginning',
	'anything',
] as const;

/** What becomes of one request. */
export const FATES = ['answered', 503, 403, 400, 'lost', 'a page of HTML', 'miscounted'] as const;

/** What can be checked. */
export const CHECKED = ['serialNumber', 'site'] as const;

export interface LookUpScenario {
	devices: readonly ScenarioDevice[];
	items: readonly ScenarioItem[];
	comparison: (typeof COMPARISONS)[number];
	/** Of the requests, one after the other and then from the start again. */
	fates: ReadonlyArray<(typeof FATES)[number]>;
	/** The columns that are checked, each against the field of the same name. */
	checks: ReadonlyArray<(typeof CHECKED)[number]>;
	/** Days; null: not checked. */
	minDays: number | null;
	concurrency: number;
	maxRetries: number;
	stopOnFailure: boolean;
	includeInputFields: boolean;
}

const mostly = <Value,>(usual: Value, other: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
	fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

/** Few letters, so that namesakes come about; among them those that change their length or their kind with their case. */
const LETTERS = [...'aAbB1-*? ıIiİſsSßkK', '\u212a', 'é', 'É', 'e\u0301'];

const name = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 0, maxLength: 4 });

const serialNumber = mostly('S1', fc.constantFrom('s1', 'S2', '', ' ', '1'));

const site = fc.constantFrom('Lyon', 'Lyon', 'LYON ', 'Oslo', '');

const device: fc.Arbitrary<ScenarioDevice> = fc.record({
	name,
	serialNumber: fc.oneof(serialNumber, fc.constant(null)),
	site: mostly<string | null>('Lyon', fc.oneof(site, fc.constant(null))),
	lastSeen: fc.oneof(
		{ weight: 4, arbitrary: fc.integer({ min: -2, max: 90 }) },
		{ weight: 1, arbitrary: fc.constantFrom(null, '', 'never', '01/02/2020') },
	),
});

const recase = (text: string, how: number) =>
	[text, text.toUpperCase(), text.toLowerCase(), `${text}*`, ` ${text}`][how]!;

/** Most items name a device of the tenant, in one way or another. */
const itemsOf = (devices: readonly ScenarioDevice[]): fc.Arbitrary<ScenarioItem[]> => {
	const known =
		devices.length === 0
			? name
			: fc
					.tuple(fc.constantFrom(...devices), fc.constantFrom(0, 0, 0, 1, 2, 3, 4))
					.map(([{ name: text }, how]) => recase(text, how));
	const item = fc.record({
		name: fc.oneof(
			{ weight: 8, arbitrary: known as fc.Arbitrary<unknown> },
			{ weight: 2, arbitrary: name },
			{ weight: 1, arbitrary: fc.constantFrom<unknown>(null, undefined, 1, [], ' ') },
		),
		serialNumber: fc.oneof(
			{ weight: 5, arbitrary: serialNumber as fc.Arbitrary<unknown> },
			{ weight: 1, arbitrary: fc.constantFrom<unknown>(null, undefined, 1) },
		),
		site: mostly<unknown>('Lyon', fc.oneof(site, fc.constantFrom<unknown>(null, undefined, 1))),
		misleading: fc.oneof(fc.constant(null), fc.nat(Math.max(0, devices.length - 1))),
	});
	return fc.array(item, { maxLength: 12 });
};

export const lookUpScenarios: fc.Arbitrary<LookUpScenario> = fc
	.array(device, { maxLength: 10 })
	.chain((devices) =>
		fc.record({
			devices: fc.constant(devices),
			items: itemsOf(devices),
			comparison: mostly<LookUpScenario['comparison']>(
				'documented',
				fc.constantFrom(...COMPARISONS),
			),
			fates: fc.array(
				mostly<LookUpScenario['fates'][number]>('answered', fc.constantFrom(...FATES)),
				{ minLength: 1, maxLength: 8 },
			),
			checks: fc.subarray([...CHECKED]),
			minDays: fc.oneof(fc.constant(null), fc.constantFrom(0, 1, 30, 60)),
			concurrency: fc.integer({ min: 1, max: 4 }),
			maxRetries: fc.integer({ min: 0, max: 2 }),
			stopOnFailure: mostly(false, fc.constant(true)),
			includeInputFields: fc.boolean(),
		}),
	);

export const DAY = 86_400_000;

/** A UID for each device of a scenario, by its position. */
export function uidOf(position: number): string {
	return `00000000-0000-4000-8000-${String(position).padStart(12, '0')}`;
}

/** What stands in the last-seen column. */
export function lastSeenOf({ lastSeen }: ScenarioDevice, now: number): unknown {
	return typeof lastSeen === 'number' ? new Date(now - lastSeen * DAY).toISOString() : lastSeen;
}

/** The json of each input item. */
export function inputOf({ misleading, ...fields }: ScenarioItem): Record<string, unknown> {
	return {
		...lodash.pickBy(fields, (value) => value !== undefined),
		...(misleading !== null && { uid: uidOf(misleading) }),
	};
}
