import lodash from 'lodash';
import { identifierFor } from './inventory.mts';
import type { KnownDevice } from './known-devices.mts';
import type { Ledger, LedgerEntry } from './ledger.mts';
import type { TenantSettings } from './settings.mts';

/** In: what was queued. Out: of a device, the first entry that means it, by the UID that counts, and that was made after a time. */
export function entryFinder(
	entries: readonly LedgerEntry[],
	{ deletionMeans, nameChecked }: TenantSettings,
): (device: KnownDevice, since?: number) => LedgerEntry | undefined {
	const byUid = lodash.groupBy(entries, ({ uid }) => uid.toLowerCase());
	return (device, since = 0) =>
		byUid[device[deletionMeans].toLowerCase()]?.find(
			({ name, at }) =>
				at > since && (!nameChecked || name.toLowerCase() === device.name.toLowerCase()),
		);
}

/** Removes queued devices once their time has come, and brings them back, as the settings say. */
export class Removals {
	/** The devices that are gone, each with the time of its removal in milliseconds since the epoch. */
	readonly #removed = new Map<KnownDevice, number>();
	/** When devices that are back were removed: what was queued before is done with. */
	readonly #returned = new Map<KnownDevice, number>();

	/** In: the devices that queries find, what was queued, the settings, and the time. Changes the devices. */
	carryOut(
		devices: KnownDevice[],
		{ entries }: Pick<Ledger, 'entries'>,
		settings: TenantSettings,
		now = Date.now(),
	): void {
		const { removalSeconds, returnSeconds = Infinity, returnsWithSameUid } = settings;
		// Every request comes by here.
		if (removalSeconds === undefined) return;
		const due = entries.filter(({ at }) => at + removalSeconds * 1000 <= now);
		const entryFor = entryFinder(due, settings);
		const left = devices.filter((device) => {
			const entry = entryFor(device, this.#returned.get(device));
			if (entry !== undefined) this.#removed.set(device, entry.at + removalSeconds * 1000);
			return entry === undefined;
		});
		if (left.length < devices.length) devices.splice(0, Infinity, ...left);
		for (const [device, at] of this.#removed) {
			if (at + returnSeconds * 1000 > now) continue;
			this.#removed.delete(device);
			this.#returned.set(device, at);
			devices.push(returnsWithSameUid ? device : withNewUids(device));
		}
	}

	/** Forgets what was removed. */
	clear(): void {
		this.#removed.clear();
		this.#returned.clear();
	}
}

function withNewUids(device: KnownDevice): KnownDevice {
	const uid = identifierFor(`later life of ${device.uid}`);
	return { ...device, uid, collectorUid: identifierFor(`later collector of ${device.uid}`) };
}
