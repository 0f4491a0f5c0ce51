import lodash from 'lodash';

import type { Device } from '../../nodes/Nexthink/deletion/plan.ts';
import { equalityWith } from '../simulator/saved-queries.mts';
import {
	agrees,
	cellOf,
	haveLooselyOneHost,
	hostOf,
	hoursSince,
	isBlank,
	isEqual,
	isExact,
	isOfSeveralDomains,
	looseNamesakes,
	matchTextOf,
	slackOf,
	textOf,
	uidOf,
	wantedBy,
} from './look-up-rules.mts';
import { devicesSent, equalityOf, type PlayedBoth, type PlayedLookUp } from './look-up-run.mts';
import type { LookUpScenario, Method, ScenarioDevice, ScenarioItem } from './look-up-scenario.mts';

interface Played {
	scenario: LookUpScenario;
	method: Method;
	/** By query: every value that was asked for. Without it, all of the list were. */
	asked?: ReadonlyArray<{ value: string }>;
}

/** A device that is sent, as the tenant knows it. */
interface Known {
	position: number;
	device: ScenarioDevice;
	/** What it has in the match column. */
	text?: string;
}

function knownAs({ scenario, method }: Played, { uid }: Device): Known | undefined {
	const position = scenario.devices.findIndex((_, number) => uidOf(number) === uid);
	const device = scenario.devices[position];
	return device && { position, device, text: matchTextOf(device, position, scenario, method) };
}

/** The items that want the device by what is looked up. */
function wanting({ scenario }: Played, { text }: Known): ScenarioItem[] {
	return scenario.items.filter((item) => isEqual(wantedBy(item, scenario), text));
}

/** Whether the item and the device agree in all that is checked. */
function passesChecks(
	{ scenario, method }: Played,
	{ device, position }: Known,
	item: ScenarioItem,
) {
	return scenario.checks.every((checked) =>
		agrees(item[checked], textOf(cellOf(device, position, checked), method), checked === 'name'),
	);
}

/** Whether this tenant compares in queries as documented, or takes even more values for equal. */
const comparesAsDocumented = ({ comparison }: LookUpScenario) =>
	comparison === 'documented' || comparison === 'whatever could be equal';

type Fact = (played: Played, sent: Device) => boolean;

/** A fact of a device that the tenant knows. */
const known =
	(holds: (played: Played, device: Known, sent: Device) => boolean): Fact =>
	(played, sent) => {
		const device = knownAs(played, sent);
		return device !== undefined && holds(played, device, sent);
	};

/** What must hold of every device that a Delete behind the look-up would send: a fact, and whether it holds. */
export const FACTS: Record<string, Fact> = {
	'is one that the tenant knows under the name that is sent': known(
		({ method }, { device }, { name }) => textOf(device.name, method) === name,
	),
	'has a name that is not blank': (_, { name }) => !isBlank(name),
	'has what an item of the list looks up, equal but for case': known(
		(played, device) => wanting(played, device).length > 0,
	),
	'is looked up by a value without * and ?, that is not blank and does not stand for none': known(
		// What holds of a value of the list holds of its equal.
		({ scenario }, { text }) => wantedBy({ [scenario.matchColumn]: text }, scenario) !== undefined,
	),
	'has no namesake, but in queries of a tenant that compares otherwise than documented': known(
		(played, device) => {
			const { scenario, method } = played;
			const { hostNameOnly } = scenario;
			const { text = '', position } = device;
			const isLoose = method === 'export' || scenario.comparison === 'whatever could be equal';
			const isDocumented = ['documented', 'anything'].includes(scenario.comparison);
			const namesakes = (wanted: string): number[] => {
				if (isLoose) return looseNamesakes(wanted, scenario, method);
				const inAnyDomain = isDocumented && hostNameOnly ? equalityWith(`${wanted}.*`) : undefined;
				const isNamesake = (other = '') =>
					isDocumented ? isEqual(wanted, other) || inAnyDomain?.(other) : other === wanted;
				return scenario.devices.flatMap((each, number) =>
					isNamesake(matchTextOf(each, number, scenario, method)) ? [number] : [],
				);
			};
			const isAlone = (wanted: string) => namesakes(wanted).every((each) => each === position);
			// By its host name, and by every name with a domain that was asked for. An export has them all.
			const wasAsked = (name: string) =>
				method === 'export' || played.asked?.some(({ value }) => value === name) !== false;
			const names = wanting(played, device).map((item) => String(item[scenario.matchColumn]));
			const withDomain = names.filter(
				(name) => hostNameOnly && hostOf(name) !== name && wasAsked(name),
			);
			return isAlone(text) && names.some(isAlone) && withDomain.every(isAlone);
		},
	),
	'was looked up by a host name that the list has in one domain alone': known(
		({ scenario }, { text = '' }) => !isOfSeveralDomains(text, scenario),
	),
	'was seen long enough ago, and somebody knows when': known(
		({ scenario: { minDays } }, { device }) => {
			const hours = hoursSince(device);
			return minDays === null || (hours !== undefined && hours >= 24 * minDays);
		},
	),
	'agrees in all that is checked with one item that wants it, and in nothing blank': known(
		(played, device) => wanting(played, device).some((item) => passesChecks(played, device, item)),
	),
};

/** Success branch, error branch and both, of each On Error mode that has items. */
export function wiringsOf({ branches }: PlayedLookUp): Device[] {
	const known = wirings.get(branches);
	if (known !== undefined) return known;
	const sent = Object.values(branches).flatMap(({ success, error }) => [
		...devicesSent(success),
		...devicesSent(error),
		...devicesSent([...success, ...error]),
	]);
	const distinct = lodash.uniqWith(sent, lodash.isEqual);
	wirings.set(branches, distinct);
	return distinct;
}

const wirings = new WeakMap<object, Device[]>();

interface Told {
	index: number;
	match: string;
	uid?: unknown;
	name?: unknown;
	device?: unknown;
}

const isFound = ({ outcomes }: PlayedLookUp) => outcomes.some(({ match }) => match === 'FOUND');

/** What must hold of a whole look-up. */
export const FACTS_OF_LOOK_UPS: Record<string, (played: PlayedLookUp) => boolean> = {
	...Object.fromEntries(
		Object.entries(FACTS).map(([fact, holds]) => [
			`every device that is sent ${fact}`,
			(played: PlayedLookUp) => wiringsOf(played).every((sent) => holds(played, sent)),
		]),
	),
	'nothing is sent from the error branch': ({ branches }) =>
		devicesSent(branches.errorOutput.error).length === 0,
	'every item has exactly one outcome, and a UID only where it was found': ({
		branches: { errorOutput },
		scenario,
	}) => {
		const told = [
			...errorOutput.success,
			...errorOutput.error.map(({ error }) => (error as { device: object }).device),
		] as unknown as Told[];
		const isRight = ({ match, uid, name, device }: Told) =>
			[typeof uid === 'string', typeof name === 'string', device !== undefined].every(
				(isThere) => isThere === (match === 'FOUND'),
			);
		const indexes = new Set(told.map(({ index }) => index));
		const { length } = scenario.items;
		return told.length === length && indexes.size === length && told.every(isRight);
	},
	'no value with * or ? is ever asked for, but a host name with any domain, and no blank one and none that stands for none':
		({ asked, scenario: { matchColumn, hostNameOnly } }) =>
			asked.every(({ value }) => {
				const listed = hostNameOnly ? value.replace(/\.\*$/, '') : value;
				return (
					wantedBy({ [matchColumn]: listed }, { matchColumn, hostNameOnly: false }) !== undefined
				);
			}),
	'no value is asked for again more than Maximum Retries times, and all repeats are at most 10 and a tenth of the values':
		({ asked, distinct, scenario: { maxRetries } }) => {
			const times = Object.values(lodash.countBy(asked, 'value'));
			return (
				times.length <= distinct &&
				Math.max(0, ...times) <= 1 + maxRetries &&
				asked.length <= distinct + 10 + distinct / 10
			);
		},
	'the start of an export is repeated at most Maximum Retries times, and so is the fetch of its file':
		({ starts, fetched, scenario: { maxRetries } }) =>
			starts <= 1 + maxRetries && fetched.length <= 1 + maxRetries,
	'nothing is found in a file with any fault, or of an export that the licence cut': (played) => {
		const { method, fetched, scenario } = played;
		if (method === 'query') return true;
		const isWhole = fetched.at(-1)?.fault === null && !scenario.isCutByLicence;
		return isWhole || !isFound(played);
	},
	'nothing is found by a query of which any answer shows a limit': (played) =>
		!isFound(played) || played.asked.every(({ fate }) => fate !== 'limited'),
	'what is certain is found, if nothing went wrong': (played) =>
		wentWrong(played) ||
		played.scenario.items.every((item, index) => {
			const certain = certainDevice(played, item);
			const outcome = played.outcomes[index]!;
			return certain === undefined || (outcome.match === 'FOUND' && outcome.uid === uidOf(certain));
		}),
};

function wentWrong({ method, scenario, asked, exportAnswers, fetched }: PlayedLookUp): boolean {
	if (method === 'query') return asked.some(({ fate }) => fate !== 'answered');
	const isAnswered = exportAnswers.every((fate) => fate === 'answered');
	return !isAnswered || scenario.isCutByLicence || fetched.some(({ fault }) => fault !== null);
}

/** The device that an item means beyond any doubt, by its position. */
function certainDevice(played: Played, item: ScenarioItem): number | undefined {
	const { scenario, method } = played;
	const wanted = wantedBy(item, scenario);
	if (wanted === undefined || isOfSeveralDomains(wanted, scenario)) return undefined;
	if (method === 'query' && !comparesAsDocumented(scenario)) return undefined;
	// The tenant compares digits, whatever an answer makes of them.
	const namesakes = looseNamesakes(wanted, scenario, 'export');
	const [position] = namesakes;
	if (position === undefined || namesakes.length > 1) return undefined;
	const device = scenario.devices[position]!;
	const known = { position, device, text: matchTextOf(device, position, scenario, method) };
	const name = textOf(device.name, method) ?? '';
	const { minDays } = scenario;
	const isOld = minDays === null || (hoursSince(device) ?? NaN) >= 24 * minDays + slackOf(device);
	const isCertain =
		isEqual(wanted, known.text) && !isBlank(name) && passesChecks(played, known, item) && isOld;
	return isCertain ? position : undefined;
}

/** What must hold of the same list, looked up by both methods. */
export const FACTS_OF_BOTH: Record<string, (played: PlayedBoth) => boolean> = {
	'a device is found by one method only if the other finds it as well, or says nothing because it may not':
		(played) => differencesOf(played).every((reason) => reason !== undefined),
};

/** For each device that one method finds and the other doesn't, the reason why that may be; undefined where there is none. */
export function differencesOf(played: PlayedBoth): Array<Reason | undefined> {
	return (['query', 'export'] as const).flatMap((method) => {
		const other = played[method === 'query' ? 'export' : 'query'];
		return played[method].outcomes.flatMap((outcome, index) => {
			if (outcome.match !== 'FOUND') return [];
			const its = other.outcomes[index]!;
			if (its.match !== 'FOUND') return [whyNotFound(other, index, outcome.uid)];
			return its.uid === outcome.uid ? [] : [undefined];
		});
	});
}

/** Why a method may not find a device that the other one finds: all reasons that there are. */
export const REASONS = [
	'a number that an answer cannot hold',
	'a time near the limit that may be of another time zone',
	'an export that failed, or whose file had a fault',
	'a namesake in the file that queries of this tenant do not take for one',
	'a query that failed, or whose answer was odd',
	'a tenant whose queries compare otherwise than documented',
] as const;

type Reason = (typeof REASONS)[number];

/** A host name is asked for with any domain, too. */
const questionsFor = (wanted: string, { hostNameOnly }: LookUpScenario): string[] =>
	hostNameOnly ? [wanted, `${wanted}.*`] : [wanted];

/** The names of the list with a host name: each is asked for, too. */
const listedAs = (
	wanted: string,
	{ items, matchColumn, hostNameOnly }: LookUpScenario,
): string[] =>
	hostNameOnly
		? items.flatMap((item) => {
				const host = wantedBy(item, { matchColumn, hostNameOnly });
				return host !== undefined && haveLooselyOneHost(host, wanted)
					? [String(item[matchColumn])]
					: [];
			})
		: [];

/** Values that are the same in this way are asked for together, and others are not. */
const inSmallAToZ = (value: string) => value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function whyNotFound(played: PlayedLookUp, index: number, uid: string): Reason | undefined {
	const { scenario, method, outcomes } = played;
	const { match } = outcomes[index]!;
	const wanted = wantedBy(scenario.items[index]!, scenario)!;
	const { device, position } = knownAs(played, { uid, name: '' })!;
	const { matchColumn, checks, minDays, comparison } = scenario;
	const compared = [matchColumn, 'name' as const, ...checks];
	if (!compared.every((column) => isExact(cellOf(device, position, column)))) return REASONS[0];
	const hours = hoursSince(device);
	const isNear =
		minDays !== null && hours !== undefined && Math.abs(hours - 24 * minDays) < slackOf(device);
	if (isNear && match === 'RECENTLY_SEEN') return REASONS[1];
	if (method === 'export') {
		if (match === 'UNKNOWN') return wentWrong(played) ? REASONS[2] : undefined;
		const areFoundByQuery = questionsFor(wanted, scenario).map((question) =>
			equalityOf(comparison, question),
		);
		const hasOther = looseNamesakes(wanted, scenario, method).some((namesake) => {
			const text = matchTextOf(scenario.devices[namesake]!, namesake, scenario, method) ?? '';
			return !areFoundByQuery.some((isFound) => isFound(text));
		});
		return match === 'AMBIGUOUS' && hasOther ? REASONS[3] : undefined;
	}
	const isPlain = [...questionsFor(wanted, scenario), ...listedAs(wanted, scenario)].every(
		(each) => {
			const requests = played.asked.filter(({ value }) => inSmallAToZ(value) === inSmallAToZ(each));
			return requests.at(-1)?.fate === 'answered';
		},
	);
	const isOdd = match === 'UNKNOWN' ? wentWrong(played) : !isPlain;
	if (isOdd) return REASONS[4];
	return comparesAsDocumented(scenario) ? undefined : REASONS[5];
}
