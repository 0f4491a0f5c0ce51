/**
 * What is known of a device, over all attempts. `REFUSED_ALONE` is a device for which Nexthink refused a request that held nothing
 * else; users see it as `INVALID`.
 */
export type Evidence =
	| 'SCHEDULED'
	| 'INVALID'
	| 'UNKNOWN'
	| 'REFUSED_ALONE'
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
	'REFUSED_ALONE',
	'FAILED',
	'REJECTED',
	'NOT_SENT',
];

/** What is known of a device after one more attempt. The order of attempts makes no difference. */
export function weighEvidence(known: Evidence, attempt: Evidence): Evidence {
	return STRENGTH.indexOf(attempt) <= STRENGTH.indexOf(known) ? attempt : known;
}
