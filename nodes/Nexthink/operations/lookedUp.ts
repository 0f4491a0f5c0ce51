import type { IDataObject } from 'n8n-workflow';

import { isObject } from '../api/isObject';
import { plainText } from '../api/plainText';
import { ownValue } from '../input/ownValue';
import { MATCHES } from '../lookUp/match';

/** What an item of a look-up says of the device in it. */
export interface LookedUp {
	/** Why no device of this item may be sent: a sentence. */
	refused?: string;
	/** The value that was looked up, as the name to show. */
	name?: string;
	/** The UIDs of the row that the look-up found, in lower case. */
	uids: ReadonlySet<string>;
}

/**
 * Recognises an item of Device > Look Up, also one of its error output, into which n8n has merged the fields of the look-up's own input.
 *
 * @returns undefined for any other item
 */
export function lookedUp(json: unknown): LookedUp | undefined {
	// The error came last: what an earlier look-up has found stands beside it.
	const finding = [ownValue(ownValue(json, 'error'), 'device'), json].find(isFinding);
	if (finding === undefined) return undefined;
	const { lookup, match, reason, uid, device } = finding;
	if (match !== 'FOUND') {
		const why = typeof reason === 'string' ? plainText(reason) : '';
		return {
			refused: `The lookup of this device ended with ${match}. ${why}`.trim(),
			...(typeof lookup === 'string' && { name: lookup }),
			uids: new Set(),
		};
	}
	// A node in between, such as Merge, may have put another UID beside the row.
	const given = isObject(device) ? Object.values(device) : [uid];
	const texts = given.filter((value) => typeof value === 'string');
	return { uids: new Set(texts.map((text) => text.trim().toLowerCase())) };
}

type Finding = IDataObject & { match: string };

function isFinding(json: unknown): json is Finding {
	return (
		typeof json === 'object' &&
		json !== null &&
		Object.hasOwn(json, 'lookup') &&
		(MATCHES as readonly unknown[]).includes(ownValue(json, 'match'))
	);
}
