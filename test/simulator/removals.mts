import { identifierFor } from './inventory.mts';
import type { KnownDevice } from './known-devices.mts';
import type { Ledger, LedgerEntry } from './ledger.mts';
import type { TenantSettings } from './settings.mts';

/** In: a device and what was queued. Out: the first entry that means this device, by the UID that counts. */
export function entryFor(
	device: KnownDevice,
	{ entries }: Pick<Ledger, 'entries'>,
	{ deletionMeans, nameChecked }: TenantSettings,
): LedgerEntry | undefined {
	const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
	return entries.find(
		({ uid, name }) =>
			same(uid, device[deletionMeans]) && (!nameChecked || same(name, device.name)),
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
		const { removalSeconds = Infinity, returnSeconds = Infinity, returnsWithSameUid } = settings;
		for (const device of [...devices]) {
			const since = this.#returned.get(device) ?? 0;
			const due = entries.filter(({ at }) => at > since && at + removalSeconds * 1000 <= now);
			const entry = entryFor(device, { entries: due }, settings);
			if (entry === undefined) continue;
			devices.splice(devices.indexOf(device), 1);
			this.#removed.set(device, entry.at + removalSeconds * 1000);
		}
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
