import lodash from 'lodash';

import type { Device } from '../../nodes/Nexthink/deletion/plan.ts';
import { devicesSent, type PlayedLookUp } from './look-up-run.mts';
import { uidOf, type LookUpScenario, type ScenarioItem } from './look-up-scenario.mts';

interface Played {
	scenario: LookUpScenario;
}

/** Equal but for case, as the person who wrote the list would say. */
const isEqual = (wanted: unknown, name: string) =>
	typeof wanted === 'string' &&
	(wanted === name ||
		(wanted.toLowerCase() === name.toLowerCase() && wanted.toUpperCase() === name.toUpperCase()));

function deviceOf({ scenario }: Played, { uid }: Device) {
	const position = scenario.devices.findIndex((_, number) => uidOf(number) === uid);
	return { position, device: scenario.devices[position]! };
}

/** The items that want the device under its name. */
const wanting = ({ scenario }: Played, name: string): ScenarioItem[] =>
	scenario.items.filter((item) => isEqual(item.name, name));

/** What must hold of every device that a Delete behind the look-up would send: a fact, and whether it holds. */
export const FACTS: Record<string, (played: Played, sent: Device) => boolean> = {
	'is one that the tenant knows under the name that is sent': (played, sent) => {
		const { device } = deviceOf(played, sent);
		return device !== undefined && device.name === sent.name;
	},
	'has a name that an item of the list wants, equal but for case': (played, sent) =>
		wanting(played, deviceOf(played, sent).device.name).length > 0,
	'has a name without * and ?, and is not blank': (_, { name }) =>
		!/[*?]/.test(name) && name.trim() !== '',
	'has no namesake, but in a tenant that compares names otherwise than documented': (
		played,
		sent,
	) => {
		const { name } = deviceOf(played, sent).device;
		const namesakes = played.scenario.devices.filter((device) => isEqual(device.name, name));
		const exact = namesakes.filter((device) => device.name === name);
		const isDocumented = ['documented', 'anything'].includes(played.scenario.comparison);
		return (isDocumented ? namesakes : exact).length === 1;
	},
	'was seen long enough ago, and somebody knows when': (played, sent) => {
		const { minDays } = played.scenario;
		const { lastSeen } = deviceOf(played, sent).device;
		return minDays === null || (typeof lastSeen === 'number' && lastSeen >= minDays);
	},
	'agrees in all that is checked with one item that wants it, and in nothing blank': (
		played,
		sent,
	) => {
		const { device } = deviceOf(played, sent);
		const same = (wanted: unknown, known: string | null) =>
			typeof wanted === 'string' &&
			wanted.trim() !== '' &&
			wanted.trim().toLowerCase() === known?.trim().toLowerCase();
		return wanting(played, device.name).some((item) =>
			played.scenario.checks.every((checked) => same(item[checked], device[checked])),
		);
	},
};

/** Success branch, error branch and both, of each On Error mode that has items. */
export function wiringsOf({ branches }: PlayedLookUp): Device[] {
	return Object.values(branches).flatMap(({ success, error }) => [
		...devicesSent(success),
		...devicesSent(error),
		...devicesSent([...success, ...error]),
	]);
}

interface Told {
	index: number;
	match: string;
	uid?: unknown;
	name?: unknown;
	device?: unknown;
}

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
	'no name with * or ? and no blank one is ever asked for': ({ asked }) =>
		asked.every((name) => !/[*?]/.test(name) && name.trim() !== ''),
	'no name is asked for again more than Maximum Retries times, and all repeats are at most 10 and a tenth of the names':
		({ asked, distinct, scenario: { maxRetries } }) => {
			const times = Object.values(lodash.countBy(asked));
			return (
				times.length <= distinct &&
				Math.max(0, ...times) <= 1 + maxRetries &&
				asked.length <= distinct + 10 + distinct / 10
			);
		},
};
