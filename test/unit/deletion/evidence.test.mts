import { describe, expect, it } from 'vitest';

import { weighEvidence, type Evidence } from '../../../nodes/Nexthink/deletion/evidence.ts';

/** From the strongest to the weakest, as the design has it. */
const STRENGTH: Evidence[] = [
	'SCHEDULED',
	'INVALID',
	'UNKNOWN',
	'NOT_TAKEN',
	'FAILED',
	'REJECTED',
	'NOT_SENT',
];

const PAIRS = STRENGTH.flatMap((known, rank) =>
	STRENGTH.map((attempt, otherRank): [Evidence, Evidence, Evidence] => [
		known,
		attempt,
		STRENGTH[Math.min(rank, otherRank)]!,
	]),
);

describe('what is known of a device', () => {
	it.each(PAIRS)('after %s and %s is %s, in either order', (known, attempt, expected) => {
		expect(weighEvidence(known, attempt)).toBe(expected);
		expect(weighEvidence(attempt, known)).toBe(expected);
	});

	it('does not depend on the order of three attempts', () => {
		for (const first of STRENGTH) {
			for (const second of STRENGTH) {
				for (const third of STRENGTH) {
					const known = weighEvidence(weighEvidence(first, second), third);
					expect(weighEvidence(first, weighEvidence(second, third))).toBe(known);
					expect(weighEvidence(weighEvidence(third, first), second)).toBe(known);
				}
			}
		}
	});
});
