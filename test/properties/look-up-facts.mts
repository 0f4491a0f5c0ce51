import type { Device } from '../../nodes/Nexthink/deletion/plan.ts';
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
	'has the serial number of an item that wants it, and not a blank one': (played, sent) => {
		if (!played.scenario.checks) return true;
		const { name, serialNumber } = deviceOf(played, sent).device;
		const serial = serialNumber?.trim().toLowerCase() ?? '';
		return wanting(played, name).some(
			({ serialNumber: wanted }) =>
				typeof wanted === 'string' && serial !== '' && wanted.trim().toLowerCase() === serial,
		);
	},
};
