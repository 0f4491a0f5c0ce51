/** What manufacturers leave in the place of a serial number, in lower case. */
const FILLERS = new Set([
	...['to be filled by o.e.m.', 'default string', 'system serial number', 'chassis serial number'],
	...['serial number', 'not specified', 'not applicable', 'not available', 'none', 'null', 'n/a'],
	...['na', 'unknown', 'invalid', 'oem', 'empty', 'undefined', '-', '0123456789', '123456789'],
	'1234567890',
]);

/** Whether many devices share this value, because it stands for none: case and spaces at the ends are ignored. */
export function isFiller(text: string): boolean {
	const bare = text.trim().toLowerCase();
	return FILLERS.has(bare) || /^(.)\1*$/su.test(bare);
}
