/** What manufacturers leave in the place of a serial number, in lower case, without anything but letters and digits. */
const FILLERS = new Set([
	...['tobefilledbyoem', 'defaultstring', 'systemserialnumber', 'chassisserialnumber'],
	...['serialnumber', 'notspecified', 'notapplicable', 'notavailable', 'none', 'null', 'na'],
	...['unknown', 'invalid', 'oem', 'empty', 'undefined', '0123456789', '123456789', '1234567890'],
]);

/**
 * Whether many devices share this value, because it stands for none. Manufacturers write each of them in many ways, so case, spaces and
 * punctuation are ignored: "N/A", "n.a.", "#N/A", "0000-0000".
 */
export function isFiller(text: string): boolean {
	const small = text.trim().toLowerCase();
	const bare = small.normalize('NFKC').replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
	return bare === '' || FILLERS.has(bare) || [small, bare].some((each) => /^(.)\1*$/su.test(each));
}
