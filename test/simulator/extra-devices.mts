import type { KnownDevice } from './known-devices.mts';

const SITES = ['PAR', 'LAU', 'BOS', 'MAD', 'BLR'] as const;

const DAY = 86_400_000;

/**
 * In: how many, and the time. Out: as many devices besides those that a tenant knows, each made when it is asked for, so that a file of
 * any length takes no memory.
 */
export function* extraDevices(count: number, now: number): Generator<KnownDevice> {
	for (let position = 0; position < count; position += 1) yield extraDevice(position, now);
}

/**
 * In: a position from 0 to 16,777,215, and the time. Out: the extra device there, the same in every run but for the time that it was
 * last seen, up to 200 days ago. No UID, name or serial number is there twice, and none of them is in an inventory.
 */
export function extraDevice(position: number, now: number): KnownDevice {
	const serial = String(numberFor(position, 8)).padStart(10, '0');
	return {
		uid: uuidFor(position, 0),
		name: `${SITES[position % SITES.length]}-XT-${String(position + 1).padStart(7, '0')}`,
		collectorUid: uuidFor(position, 4),
		serialNumber: `XT${serial}`,
		lastSeen: now - ((position * 37) % 200) * DAY - 60_000,
	};
}

/** A UUID as `identifierFor` makes it, but without a digest, which would take longer than all the rest of a file. */
function uuidFor(position: number, purpose: number): string {
	const a = numberFor(position, purpose);
	const b = numberFor(position, purpose + 1);
	const c = numberFor(position, purpose + 2);
	const d = numberFor(position, purpose + 3);
	const start = `${high(a)}${low(a)}-${high(b)}-${low((b & 0xfff) | 0x4000)}`;
	return `${start}-${low((c & 0x3fff) | 0x8000)}-${high(c)}${high(d)}${low(d)}`;
}

/** 32 bits. No two positions or purposes have the same, since the last step of MurmurHash3 gives each number another one. */
function numberFor(position: number, purpose: number): number {
	let hash = position + purpose * 2 ** 24;
	hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}

const DIGITS: readonly string[] = Array.from({ length: 0x1_0000 }, (_, number) =>
	number.toString(16).padStart(4, '0'),
);

function high(number: number): string {
	return DIGITS[number >>> 16]!;
}

function low(number: number): string {
	return DIGITS[number & 0xffff]!;
}
