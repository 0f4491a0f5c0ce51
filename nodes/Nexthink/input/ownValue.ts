/** The value that an object has itself under a key; undefined where it has none, or is no object. */
export function ownValue(value: unknown, key: string): unknown {
	return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
		? (value as Record<string, unknown>)[key]
		: undefined;
}
