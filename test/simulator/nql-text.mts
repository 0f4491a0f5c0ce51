import { columnsOfDevices, rowWith, valueOf } from './device-rows.mts';
import type { KnownDevice } from './known-devices.mts';
import type { QueryCircumstances, SavedQuery } from './saved-queries.mts';
import type { NqlEquality } from './settings.mts';

/**
 * In: id, text, and whether the rows are to have the further columns of the devices as well, as though they were listed. Out: the query
 * that finds what its text says. It can say this much of NQL, and is refused with an Error if it says anything else:
 *
 *     devices during past 7d | where device.name == $device_name and device.uid == "…" | list device.uid, device.name | limit 10
 */
export function queryOf(
	id: string,
	text: string,
	{ furtherColumns = false }: { readonly furtherColumns?: boolean } = {},
): SavedQuery {
	const { days, comparisons, columns, limit } = readText(text);
	const columnsFor = (devices: readonly KnownDevice[]) =>
		furtherColumns ? [...new Set([...columns, ...columnsOfDevices(devices)])] : columns;
	return {
		id,
		text,
		parameters: comparisons.flatMap(({ parameter = [] }) => parameter),
		columns: columnsFor,
		*rows(devices, parameters, { at, equality, extraDevices } = ordinaryCircumstances()) {
			const isWanted = matching(comparisons, parameters, equality);
			const listed = columnsFor(devices);
			let left = limit;
			for (const source of [devices, extraDevices()]) {
				for (const device of source) {
					if (left === 0) return;
					if (device.lastSeen < at - days * DAY || !isWanted(device)) continue;
					left -= 1;
					yield rowWith(device, listed);
				}
			}
		},
	};
}

/** Now, without what settings say otherwise: for a query that is run by hand. */
function ordinaryCircumstances(): QueryCircumstances {
	return { at: Date.now(), equality: 'simple', extraDevices: () => [] };
}

/**
 * In: a query, and the texts of its parameters. Out: what was executed, its text with those in it. A query without a text is said to
 * compare each parameter with a column of that name.
 */
export function executedText(
	{ text, parameters: declared = [] }: SavedQuery,
	parameters: Readonly<Record<string, string>>,
): string {
	const where = declared.map((name) => `${name} == $${name}`).join(' and ');
	const saved = text ?? (where === '' ? 'devices' : `devices | where ${where}`);
	return saved.replace(/\$(\w+)/g, (whole, name: string) =>
		Object.hasOwn(parameters, name) ? JSON.stringify(parameters[name]) : whole,
	);
}

interface Folding {
	readonly fold: (text: string) => string;
	/** Of the regular expression. */
	readonly flags: string;
}

const SIMPLE: Folding = { fold: (text) => text, flags: 'iu' };

const FOLDINGS: Readonly<Record<NqlEquality, Folding>> = {
	simple: SIMPLE,
	'without wildcards': SIMPLE,
	upper: { fold: (text) => text.toUpperCase(), flags: 'u' },
	lower: { fold: (text) => text.toLowerCase(), flags: 'u' },
	loose: { fold: (text) => text.normalize('NFKC').toUpperCase().toLowerCase(), flags: 'iu' },
};

/** NQL's `==` on text as documented: without case, `*` for any text, `?` for any one character. */
export function equalityWith(
	wanted: string,
	equality: NqlEquality = 'simple',
): (value: string) => boolean {
	const { fold, flags } = FOLDINGS[equality];
	const wildcards = equality === 'without wildcards' ? {} : WILDCARDS;
	const trimmed = (text: string) => (equality === 'loose' ? text.trim() : text);
	// The wildcards are those that were sent, not those that folding makes of other characters.
	const pattern = trimmed(wanted)
		.split(/([*?])/)
		.map((part) => wildcards[part] ?? fold(part).replace(/[.+*?^${}()|[\]\\]/g, '\\$&'))
		.join('');
	const expression = new RegExp(`^${pattern}$`, flags);
	return (value) => expression.test(fold(trimmed(value)));
}

const WILDCARDS: Readonly<Record<string, string>> = { '*': '[^]*', '?': '[^]' };

const DAY = 86_400_000;

/** One comparison of `where`, with a parameter or with a text. */
interface Comparison {
	readonly column: string;
	readonly parameter?: string;
	readonly literal?: string;
}

const COLUMN = String.raw`[\w.#]+`;
const COMPARISON = String.raw`(${COLUMN})\s*==\s*(?:\$(\w+)|("(?:[^"\\]|\\.)*"))`;
const WHERE = COMPARISON.replace(/\((?!\?)/g, '(?:');
const QUERY = new RegExp(
	[
		String.raw`^\s*devices(?:\s+during\s+past\s+(?<days>\d+)d)?`,
		String.raw`(?:\s*\|\s*where\s+(?<where>${WHERE}(?:\s+and\s+${WHERE})*))?`,
		String.raw`\s*\|\s*list\s+(?<list>${COLUMN}(?:\s*,\s*${COLUMN})*)`,
		String.raw`(?:\s*\|\s*limit\s+(?<limit>\d+))?\s*$`,
	].join(''),
);

function readText(text: string) {
	const { days, where = '', list, limit } = QUERY.exec(text)?.groups ?? {};
	if (list === undefined) throw new Error(`The simulated tenant can't read the query: ${text}`);
	const comparisons = [...where.matchAll(new RegExp(COMPARISON, 'g'))];
	return {
		days: Number(days ?? Infinity),
		limit: Number(limit ?? Infinity),
		columns: list.split(',').map((column) => column.trim()),
		comparisons: comparisons.map(([, column = '', parameter, literal]): Comparison => {
			if (literal === undefined) return { column, parameter };
			return { column, literal: JSON.parse(literal) as string };
		}),
	};
}

/** In: comparisons, and what parameters are. Out: whether all of them hold for a device. A device without a value equals nothing. */
function matching(
	comparisons: readonly Comparison[],
	parameters: Readonly<Record<string, string>>,
	equality: NqlEquality,
): (device: KnownDevice) => boolean {
	const conditions = comparisons.map(({ column, parameter, literal }) => ({
		column,
		equals: equalityWith(literal ?? parameters[parameter!] ?? '', equality),
	}));
	return (device) =>
		conditions.every(({ column, equals }) => {
			const value = valueOf(device, column);
			return value !== null && equals(String(value));
		});
}
