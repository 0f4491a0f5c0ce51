/** 8-4-4-4-12 hexadecimal digits: what Nexthink documents of UIDs and of request ids. */
export const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const UUID_WITHIN = new RegExp(UUID_PATTERN.source.slice(1, -1), 'i');

export function isUuid(text: string): boolean {
	return UUID_PATTERN.test(text);
}

/** Whether one stands anywhere in a text. */
export function containsUuid(text: string): boolean {
	return UUID_WITHIN.test(text);
}
