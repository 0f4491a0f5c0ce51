import fc from 'fast-check';
import lodash from 'lodash';

import { scenarioFiles, type ScenarioFile } from './look-up-file.mts';
import { cellOf, textOf, uidOf } from './look-up-rules.mts';

/** How the devices come from Nexthink. */
export const METHODS = ['query', 'export'] as const;

export type Method = (typeof METHODS)[number];

/** What a device has in a column. A number is one in an answer, and its digits in the file of an export. */
export type Cell = string | null | { number: string };

/** A moment, and how Nexthink writes it. */
export interface Seen {
	/** Whole hours and a half, so that no run is long enough to make a limit of days pass by. */
	hoursAgo: number;
	form: 'Z' | 'offset' | 'no offset' | 'date';
}

/** A device as the tenant knows it. The UID is its own, the name need not be. */
export interface ScenarioDevice {
	name: Cell;
	serialNumber: Cell;
	site: Cell;
	/** When it was last seen; null: nobody knows, text and number: not to be read. */
	lastSeen: Seen | Cell;
	/** What nobody asks for. */
	notes: string;
}

/** One item of the list: what it says of a device, and whose UID it brings along. */
export interface ScenarioItem {
	name: unknown;
	serialNumber: unknown;
	site: unknown;
	/** Of the device, as another system has it. */
	id: unknown;
	/** Position of a device whose UID stands in the item, though nobody vouches for it; null: none. */
	misleading: number | null;
}

/** The column of the result for each field of an item. */
export const COLUMNS = {
	name: 'device.name',
	serialNumber: 'serialNumber',
	site: 'site',
	id: 'device.uid',
} as const;

/** All columns of the result. */
export const TITLES: readonly string[] = [...Object.values(COLUMNS), 'seen', 'notes'];

/** How the tenant compares values in a query: as documented, or otherwise. */
export const COMPARISONS = [
	'documented',
	'exact',
	'case of A to Z alone',
	'whatever could be equal',
	'beginning',
	'anything',
] as const;

/** What becomes of one query. */
export const FATES = [
	...['answered', 503, 403, 400, 'lost', 'a page of HTML'],
	/** With a count that its rows don't have, in part only, without a column, or of a query that has a limit. */
	...['miscounted', 'in part', 'without a column', 'limited'],
] as const;

/** The same of the start of an export, and of the question how far it is. */
export const EXPORT_FATES = ['answered', 503, 403, 400, 'lost', 'a page of HTML'] as const;

/** What can be checked. */
export const CHECKED = ['name', 'serialNumber', 'site', 'id'] as const;

export const MATCHED = ['name', 'serialNumber', 'id'] as const;

/** One after the other, and then from the start again. */
type InTurn<Each> = readonly Each[];

export interface LookUpScenario {
	devices: readonly ScenarioDevice[];
	items: readonly ScenarioItem[];
	/** The field that is looked up, in the column that belongs to it. */
	matchColumn: (typeof MATCHED)[number];
	hostNameOnly: boolean;
	/** The columns that are checked, each against the field of the same name. */
	checks: ReadonlyArray<(typeof CHECKED)[number]>;
	/** Days; null: not checked. */
	minDays: number | null;
	comparison: (typeof COMPARISONS)[number];
	/** Of the requests. */
	fates: InTurn<(typeof FATES)[number]>;
	exportFates: InTurn<(typeof EXPORT_FATES)[number]>;
	/** How often the export is said to be not complete. */
	exportStates: number;
	isCutByLicence: boolean;
	/** One for each time that the file is fetched. */
	files: InTurn<ScenarioFile>;
	/** Hours that the tenant's time zone is before UTC: an export without an offset has its time. */
	tenantOffset: number;
	concurrency: number;
	maxRetries: number;
	stopOnFailure: boolean;
	includeInputFields: boolean;
}

const mostly = <Value,>(usual: Value, other: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
	fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

/** Few letters, so that namesakes come about; among them those that change their length or their kind with their case or by NFKC. */
const LETTERS = [
	...'aAbB1-". ıIiİſsSßẞkK',
	...[
		'\u212a',
		'é',
		'É',
		'e\u0301',
		'ａ',
		'Ａ',
		'ﬀ',
		'ff',
		'ss',
		'ß',
		'ı',
		'\u00a0',
		'²',
		'2',
		'．',
		'。',
		'\u200b',
		'\u00ad',
	],
];

const shortText = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 4 });

const name = fc.oneof(
	{ weight: 9, arbitrary: shortText },
	{
		weight: 1,
		arbitrary: fc.constantFrom('10.0.0.1', 'fe80::1', 'pc1', 'pc1.corp', 'pc1.lan', '', ' ', '?'),
	},
);

const same = (text: string) => text;

type Variation = typeof same;

/** Ways to write a text by which it might still be taken for the same. */
const LOOSE_VARIATIONS: Variation[] = [
	...[lodash.toUpper, lodash.toLower, lodash.toUpper, lodash.toLower],
	(text) => ` ${text}`,
	(text) => `${text} `,
	(text) => `${text}\u00a0`,
	(text) => text.normalize('NFD'),
	(text) =>
		text.replace(/[!-~]/g, (letter) => String.fromCodePoint(letter.codePointAt(0)! + 0xfee0)),
	(text) => text.replace(/ss/giu, 'ß').replace(/i/giu, 'ı'),
	(text) => text.replaceAll('ß', 'ẞ').replaceAll('ı', 'i'),
];

/** The same of a name with its domain and without. */
const DOMAIN_VARIATIONS: Variation[] = [
	(text) => `${text}.corp`,
	(text) => `${text}.LAN.`,
	(text) => text.split('.', 1)[0]!,
];

/** Whoever writes the list may mean many devices, too. */
const variationsFor = ({ hostNameOnly }: Aim): fc.Arbitrary<Variation> =>
	fc.oneof(
		{ weight: 4, arbitrary: fc.constantFrom(...LOOSE_VARIATIONS) },
		{ weight: hostNameOnly ? 6 : 1, arbitrary: fc.constantFrom(...DOMAIN_VARIATIONS) },
		{ weight: 1, arbitrary: fc.constant((text: string) => `${text}*`) },
	);

const seldomNumber = (text: fc.Arbitrary<string>, digits: readonly string[]): fc.Arbitrary<Cell> =>
	fc.oneof(
		{ weight: 8, arbitrary: text },
		{ weight: 1, arbitrary: fc.constantFrom(...digits).map((number) => ({ number })) },
		{ weight: 1, arbitrary: fc.constant(null) },
	);

/** The last ones are no number that an answer could have. */
const DIGITS = ['11', '1', '7', '-12', '9007199254740991', '9007199254740993', '1.5', '1e21'];

const serialText = fc.oneof(
	{ weight: 6, arbitrary: fc.integer({ min: 10, max: 29 }).map((number) => `S${number}`) },
	{ weight: 2, arbitrary: fc.constantFrom(...DIGITS) },
	{
		weight: 1,
		arbitrary: fc.constantFrom('', ' ', '0', '0000', '-', 'none', ' N/A', 'Default string', '007'),
	},
);

const siteText = fc.constantFrom('Lyon', 'Lyon', 'Lyon', 'LYON ', 'Oslo', '', 'Straße', 'STRASSE');

const DAYS = [0, 1, 30, 60];

/** Many of them near the limit. */
const seenFor = ({ minDays }: Aim): fc.Arbitrary<Seen> =>
	fc.record({
		hoursAgo: fc.oneof(
			fc.integer({ min: -48, max: 90 * 24 }),
			fc.integer({ min: -30, max: 30 }).map((hours) => 24 * (minDays ?? 30) + hours),
		),
		form: fc.constantFrom('Z', 'offset', 'no offset', 'date'),
	});

const NO_TIMES: Cell[] = [
	...[null, '', 'never', '01/02/2020', '1970-01-01T00:00:00Z', '1999-12-31T11:00:00Z'],
	...['1999-12-31', { number: '1700000000000' }],
];

const NOTES = ['', 'a,b', 'said "no"', 'two\nlines', 'two\r\nlines', '"', '😀', ' x '];

/** Devices of which many are almost namesakes of another, in the column that is looked up. */
const devicesFor = (aim: Aim): fc.Arbitrary<ScenarioDevice[]> => {
	const column = aim.matchColumn === 'serialNumber' ? 'serialNumber' : 'name';
	return fc
		.array(
			fc.record({
				device: fc.record({
					name: seldomNumber(name, DIGITS),
					serialNumber: seldomNumber(serialText, DIGITS),
					site: seldomNumber(siteText, ['7']),
					lastSeen: fc.oneof(
						{ weight: 6, arbitrary: seenFor(aim) as fc.Arbitrary<Seen | Cell> },
						{ weight: 1, arbitrary: fc.constantFrom(...NO_TIMES) },
					),
					notes: fc.constantFrom(...NOTES),
				}),
				like: fc.oneof(fc.constant(null), fc.nat(5)),
				vary: fc.oneof(
					{ weight: 4, arbitrary: variationsFor(aim) },
					{ weight: 1, arbitrary: fc.constant(same) },
				),
			}),
			{ maxLength: 10 },
		)
		.map((drafts) =>
			drafts.map(({ device, like, vary }) => {
				const other = like === null ? undefined : drafts[like]?.device[column];
				return typeof other === 'string' ? { ...device, [column]: vary(other) } : device;
			}),
		);
};

/** Most items say of a device of the tenant what the tenant has, in one way of writing or another. */
const itemsOf = (devices: readonly ScenarioDevice[], aim: Aim): fc.Arbitrary<ScenarioItem[]> => {
	const position = devices.length === 0 ? fc.constant(0) : fc.nat(devices.length - 1);
	const field = (field: keyof typeof COLUMNS, other: fc.Arbitrary<unknown>) =>
		fc
			.oneof(
				{ weight: 10, arbitrary: fc.constant(same) },
				{ weight: aim.hostNameOnly ? 10 : 3, arbitrary: variationsFor(aim) },
				{ weight: 1, arbitrary: other.map((value) => ({ value })) },
				{
					weight: 1,
					arbitrary: fc
						.constantFrom<unknown>(null, undefined, 1, 11, true, [], ' ')
						.map((value) => ({
							value,
						})),
				},
			)
			.map((how) => ({
				of: (device: number): unknown => {
					if (typeof how !== 'function') return how.value;
					const cell = devices[device] && cellOf(devices[device], device, field);
					return how((cell != null && textOf(cell, 'export')) || '');
				},
			}));
	const item = fc
		.record({
			position,
			name: field('name', name),
			serialNumber: field('serialNumber', serialText),
			site: field('site', siteText),
			id: field('id', position.map(uidOf)),
			misleading: fc.oneof(fc.constant(null), position),
		})
		.map(({ position: device, misleading, ...fields }) => ({
			name: fields.name.of(device),
			serialNumber: fields.serialNumber.of(device),
			site: fields.site.of(device),
			id: fields.id.of(device),
			misleading,
		}));
	return fc.array(item, { maxLength: 12 });
};

const inTurn = <Each,>(usual: Each, other: fc.Arbitrary<Each>): fc.Arbitrary<Each[]> =>
	fc.oneof(
		fc.constant<Each[]>([usual]),
		fc.array(mostly<Each>(usual, other), { minLength: 1, maxLength: 8 }),
	);

/** What is looked up, and what a device must be for it. */
type Aim = Pick<LookUpScenario, 'matchColumn' | 'hostNameOnly' | 'minDays'>;

const aims: fc.Arbitrary<Aim> = fc
	.record({
		matchColumn: fc.constantFrom(...MATCHED, 'name' as const),
		hostNameOnly: fc.constantFrom(false, false, true),
		minDays: fc.oneof(fc.constant(null), fc.constantFrom(...DAYS)),
	})
	.map((aim) => ({ ...aim, hostNameOnly: aim.hostNameOnly && aim.matchColumn === 'name' }));

/** All else that belongs to a scenario. */
const circumstances: fc.Arbitrary<Omit<LookUpScenario, keyof Aim | 'devices' | 'items'>> =
	fc.record({
		checks: fc.oneof(
			fc.constant([]),
			fc.subarray([...CHECKED], { minLength: 1, maxLength: 2 }),
			fc.subarray([...CHECKED]),
		),
		comparison: mostly<LookUpScenario['comparison']>('documented', fc.constantFrom(...COMPARISONS)),
		fates: inTurn<LookUpScenario['fates'][number]>(
			'answered',
			fc.constantFrom(...FATES, ...(['limited', 'limited', 'limited'] as const)),
		),
		exportFates: inTurn<LookUpScenario['exportFates'][number]>(
			'answered',
			fc.constantFrom(...EXPORT_FATES),
		),
		exportStates: fc.nat(2),
		isCutByLicence: mostly(
			false,
			fc.nat(9).map((n) => n < 3),
		),
		files: fc.array(scenarioFiles, { minLength: 1, maxLength: 3 }),
		tenantOffset: fc.oneof(fc.integer({ min: -12, max: 14 }), fc.constantFrom(-12, 14)),
		concurrency: fc.integer({ min: 1, max: 4 }),
		maxRetries: fc.integer({ min: 0, max: 2 }),
		stopOnFailure: mostly(false, fc.constant(true)),
		includeInputFields: fc.boolean(),
	});

export const lookUpScenarios: fc.Arbitrary<LookUpScenario> = aims
	.chain((aim) => devicesFor(aim).map((devices) => ({ ...aim, devices })))
	.chain((about) => fc.tuple(fc.constant(about), itemsOf(about.devices, about), circumstances))
	.map(([about, items, rest]) => ({ ...about, items, ...rest }));

/** The json of each input item. */
export function inputOf({ misleading, ...fields }: ScenarioItem): Record<string, unknown> {
	return {
		...lodash.pickBy(fields, (value) => value !== undefined),
		...(misleading !== null && { uid: uidOf(misleading) }),
	};
}

const HOUR = 3_600_000;

/**
 * The rows of the tenant, each column as it comes.
 *
 * @param now when time began for the scenario, in milliseconds since 1970
 */
export function rowsOf(
	scenario: LookUpScenario,
	method: Method,
	now: number,
): Array<Record<string, unknown>> {
	const valueOf = (cell: Cell): unknown => {
		if (method === 'export') return textOf(cell, method) ?? '';
		return typeof cell === 'object' && cell !== null ? JSON.parse(cell.number) : cell;
	};
	// Answers are asked for in UTC.
	const offset = method === 'query' ? 0 : scenario.tenantOffset;
	return scenario.devices.map((device, position) => {
		const { name, serialNumber, site, lastSeen, notes } = device;
		return {
			'device.uid': uidOf(position),
			'device.name': valueOf(name),
			serialNumber: valueOf(serialNumber),
			site: valueOf(site),
			seen: isSeen(lastSeen) ? timeOf(lastSeen, now, offset) : valueOf(lastSeen),
			notes,
		};
	});
}

const isSeen = (seen: Seen | Cell): seen is Seen =>
	seen !== null && typeof seen === 'object' && 'form' in seen;

function timeOf({ hoursAgo, form }: Seen, now: number, offset: number): string {
	const moment = now - (hoursAgo + 0.5) * HOUR;
	const local = (hours: number) => new Date(moment + hours * HOUR).toISOString();
	switch (form) {
		case 'Z':
			return local(0);
		case 'offset':
			return local(5.5).replace('Z', '+05:30');
		case 'no offset':
			return local(offset).replace('T', ' ').slice(0, 19);
		case 'date':
			return local(offset).slice(0, 10);
	}
}
