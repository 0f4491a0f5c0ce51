/** 8-4-4-4-12 hexadecimal digits: what Nexthink documents of UIDs and of request ids. */
export const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
	return UUID_PATTERN.test(text);
}
