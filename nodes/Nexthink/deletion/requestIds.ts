import { createHash, randomUUID } from 'crypto';

import type { Device } from './plan';

/**
 * Gives each new request body its `x-request-id`; repeats of a body keep theirs.
 *
 * @param given the id for the first body; every other gets one derived from it and from the UIDs in the body, so that running the same
 * list with the same id again gives the same ids. Without it all ids are random.
 */
export function requestIdSource(given: string | undefined): (devices: readonly Device[]) => string {
	let first = true;
	return (devices) => {
		if (given === undefined) return randomUUID();
		const id = first ? given : uuidVersion5(given, devices.map((device) => device.uid).join('\n'));
		first = false;
		return id;
	};
}

/** RFC 9562, 5.5: SHA-1 of namespace and name, with the bits of version and variant set. */
function uuidVersion5(namespace: string, name: string): string {
	const bytes = createHash('sha1')
		.update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
		.update(name)
		.digest()
		.subarray(0, 16);
	bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
	bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
	return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
