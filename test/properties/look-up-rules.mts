import type {
	Cell,
	LookUpScenario,
	Method,
	ScenarioDevice,
	ScenarioItem,
} from './look-up-scenario.mts';

/**
 * The rules of look-ups as the tests read them: from the contract, and without a function of the node, so that a mistake in one of those
 * is not made here as well.
 */

/** By what text a device has a value: an answer has numbers, of which not all are exact, and the file of an export has their digits. */
export function textOf(cell: Cell, method: Method): string | undefined {
	if (cell === null || typeof cell === 'string') return cell ?? undefined;
	if (method === 'export') return cell.number;
	const number = Number(cell.number);
	return Number.isSafeInteger(number) ? String(number) : undefined;
}

/** Whether both methods show the same text. */
export function isExact(cell: Cell): boolean {
	return textOf(cell, 'query') === textOf(cell, 'export');
}

/** Equal but for case, as whoever wrote the list would say. */
export function isEqual(wanted: unknown, text: string | undefined): boolean {
	if (typeof wanted !== 'string' || text === undefined) return false;
	const folds = [(each: string) => each.toLowerCase(), (each: string) => each.toUpperCase()];
	return folds.every((fold) => fold(wanted) === fold(text));
}

/**
 * Whether two texts could ever be taken for equal: one of them becomes the other, or both become a third, by changes of case (of a whole
 * text, or character by character), by compatible forms of characters, without what can't be seen, and by trimming, in any order.
 */
export function isLooselyEqual(one: string, other: string): boolean {
	return shareOne(formsOf(one), formsOf(other));
}

/** The same of the host names of two names, whichever kind of dot ends them. */
export function haveLooselyOneHost(one: string, other: string): boolean {
	return shareOne(hostFormsOf(one), hostFormsOf(other));
}

const UNSEEN = /[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;

type Change = (text: string) => string;

const CHANGES: readonly Change[] = [
	(text) => text.toLowerCase(),
	(text) => text.toUpperCase(),
	// The one character that is two in lower case.
	(text) => text.replaceAll('İ', 'i'),
	(text) => text.normalize('NFKC'),
	(text) => text.replace(UNSEEN, ''),
	(text) => text.trim(),
];

const shareOne = (some: ReadonlySet<string>, others: ReadonlySet<string>) =>
	[...some].some((form) => others.has(form));

const formsOf = formsBy(CHANGES);
const hostFormsOf = formsBy([...CHANGES, (text) => text.split(/[.。]/, 1)[0]!]);

/** Out: what makes all forms of a text, and remembers them. */
function formsBy(changes: readonly Change[]): (text: string) => ReadonlySet<string> {
	const known = new Map<string, Set<string>>();
	return (text) => {
		const found = known.get(text) ?? new Set([text]);
		// A set is walked through to the end, with what is added on the way.
		if (!known.has(text))
			for (const form of found) for (const change of changes) found.add(change(form));
		known.set(text, found);
		return found;
	};
}

/** The text of a check value of the list. */
export function checkTextOf(value: unknown): string | undefined {
	const isPlain = Number.isSafeInteger(value) || typeof value === 'boolean';
	return typeof value === 'string' || isPlain ? String(value).trim() : undefined;
}

/**
 * Whether a check passes: neither value is blank or stands for none, and they are equal but for case and spaces at the ends. A name may be
 * one that would stand for no serial number.
 */
export function agrees(wanted: unknown, known: string | undefined, isName: boolean): boolean {
	const text = checkTextOf(wanted);
	return (
		text !== undefined && text !== '' && (isName || !isFiller(text)) && isEqual(text, known?.trim())
	);
}

/** Only letters and digits count, in lower case. */
const lettersOf = (text: string) =>
	[...text.normalize('NFKC').toLowerCase()]
		.filter((sign) => /[\p{L}\p{M}\p{N}]/u.test(sign))
		.join('');

const FILLERS =
	`To Be Filled By O.E.M.|Default string|System Serial Number|Chassis Serial Number|Serial Number|Not Specified
Not Applicable|Not Available|None|Null|N/A|NA|Unknown|Invalid|OEM|Empty|Undefined|-|0123456789|123456789|1234567890`
		.split(/[|\n]/)
		.map(lettersOf);

export function isFiller(text: string): boolean {
	const letters = lettersOf(text);
	const isRepetition = (signs: string) => new Set(signs).size === 1;
	return (
		FILLERS.includes(letters) || isRepetition(letters) || isRepetition(text.trim().toLowerCase())
	);
}

/** Whether no character of a text can be seen. */
export const isBlank = (text: string): boolean => text.replace(UNSEEN, '').trim() === '';

export const hostOf = (name: string): string => /^[^.]*/.exec(name)![0];

const domainOf = (name: string): string =>
	name
		.trim()
		.replace(/^[^.]*\.?|\.+$/g, '')
		.toLowerCase();

/** Whether a name has no host name. An IP address may be written in other ways than four numbers. */
export const hasNoHost = (name: string): boolean =>
	name.includes(':') || isBlank(hostOf(name)) || /^\d+\.[\d.]*$/.test(name.trim());

/** What the match column must have for an item; undefined where that is nothing that can be looked up. */
export function wantedBy(
	item: Partial<ScenarioItem>,
	{ matchColumn, hostNameOnly }: Pick<LookUpScenario, 'matchColumn' | 'hostNameOnly'>,
): string | undefined {
	const value = item[matchColumn];
	if (typeof value !== 'string' || isBlank(value) || /[*?]/.test(value)) return undefined;
	if (matchColumn !== 'name' && isFiller(value)) return undefined;
	if (!hostNameOnly) return value;
	return hasNoHost(value) ? undefined : hostOf(value);
}

/** Whether the list has names of one host in different domains. What can't be looked up isn't a name. */
export function isOfSeveralDomains(
	wanted: string,
	{ items, hostNameOnly }: LookUpScenario,
): boolean {
	if (!hostNameOnly) return false;
	const domains = items.flatMap(({ name }) => {
		const host = wantedBy({ name }, { matchColumn: 'name', hostNameOnly });
		return host !== undefined && haveLooselyOneHost(host, wanted) ? [domainOf(String(name))] : [];
	});
	return new Set(domains.filter((domain) => domain !== '')).size > 1;
}

/** Devices that any comparison whatever could take for the wanted one, by their positions. A query has no names cut. */
export function looseNamesakes(wanted: string, scenario: LookUpScenario, method: Method): number[] {
	const { devices, hostNameOnly } = scenario;
	return devices.flatMap((device, position) => {
		// What isn't there is an empty text in a file, and so is what can't be seen.
		const text = matchTextOf(device, position, scenario, method) ?? '';
		const isCut = hostNameOnly && method === 'export';
		const areNamesakes = isCut ? haveLooselyOneHost : isLooselyEqual;
		return areNamesakes(text, wanted) ? [position] : [];
	});
}

/** What a device has in the match column. */
export function matchTextOf(
	device: ScenarioDevice,
	position: number,
	{ matchColumn }: Pick<LookUpScenario, 'matchColumn'>,
	method: Method,
): string | undefined {
	return textOf(cellOf(device, position, matchColumn), method);
}

/** A UID for each device of a scenario, by its position. */
export function uidOf(position: number): string {
	return `00000000-0000-4000-8000-${String(position).padStart(12, '0')}`;
}

export function cellOf(
	device: ScenarioDevice,
	position: number,
	column: LookUpScenario['matchColumn'] | 'site',
): Cell {
	return column === 'id' ? uidOf(position) : device[column];
}

/** How long ago a device was really seen, in hours; undefined where nobody knows. */
export function hoursSince({ lastSeen }: ScenarioDevice): number | undefined {
	return lastSeen !== null && typeof lastSeen === 'object' && 'hoursAgo' in lastSeen
		? lastSeen.hoursAgo + 0.5
		: undefined;
}

/** Hours by which a time without an offset may seem later than it is: another time zone, and the time zone farthest behind. */
const WITHOUT_OFFSET = 14 + 12;

/** By so many hours the two methods may take a last-seen time for another one. */
export function slackOf({ lastSeen }: ScenarioDevice): number {
	if (lastSeen === null || typeof lastSeen !== 'object' || !('form' in lastSeen)) return 0;
	return { Z: 0, offset: 0, 'no offset': WITHOUT_OFFSET, date: WITHOUT_OFFSET + 24 }[lastSeen.form];
}
