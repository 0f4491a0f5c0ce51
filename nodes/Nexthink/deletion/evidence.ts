/**
 * What is known of a device, over all attempts. `NOT_TAKEN` is a device that Nexthink called invalid although its UID is well-formed, or
 * for which it refused a request that held nothing else: one that is queued already might be answered so too. Users see it as `INVALID`.
 */
export type Evidence =
	| 'SCHEDULED'
	| 'INVALID'
	| 'UNKNOWN'
	| 'NOT_TAKEN'
	| 'FAILED'
	| 'REJECTED'
	| 'NOT_SENT';

/**
 * From the strongest to the weakest. A word that a device is queued can't be taken back by a later attempt; an answer that was lost
 * may have queued it, which outweighs a later refusal.
 */
const STRENGTH: readonly Evidence[] = [
	'SCHEDULED',
	'INVALID',
	'UNKNOWN',
	'NOT_TAKEN',
	'FAILED',
	'REJECTED',
	'NOT_SENT',
];

/** What is known of a device after one more attempt. The order of attempts makes no difference. */
export function weighEvidence(known: Evidence, attempt: Evidence): Evidence {
	return STRENGTH.find((strongest) => strongest === known || strongest === attempt)!;
}
