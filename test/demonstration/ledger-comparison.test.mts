import { describe, expect, it } from 'vitest';
import { compareWithLedger } from './ledger-comparison.mts';
import { STATUSES, type Outcome } from './outcomes.mts';

const UID = '8a71fc60-e261-4276-8a71-444a859a1f6f';

const outcome = (more: Partial<Outcome> = {}): Outcome => ({
	index: 0,
	uid: UID,
	name: 'PAR-LT-000001',
	status: 'SCHEDULED',
	requestId: 'first',
	...more,
});

const entry = (more: { uid?: string; requestId?: string } = {}) => ({
	uid: UID,
	name: 'PAR-LT-000001',
	requestId: 'first',
	request: 2,
	at: 0,
	...more,
});

describe('the comparison with the ledger', () => {
	it('takes a UID in another letter case for the same device', () => {
		const said = [outcome(), outcome({ index: 1, uid: UID.toUpperCase(), duplicateOf: 0 })];
		expect(compareWithLedger(said, [entry()])).toEqual({
			devices: 1,
			queued: 1,
			disagreements: [],
		});
	});

	it.each(STATUSES.map((status) => [status, status !== 'SCHEDULED'] as const))(
		'agrees with %s about a device that is not queued: %s',
		(status, agrees) => {
			const { disagreements } = compareWithLedger([outcome({ status })], []);
			expect(disagreements).toHaveLength(agrees ? 0 : 1);
		},
	);

	it.each(STATUSES.map((status) => [status, ['SCHEDULED', 'UNKNOWN'].includes(status)] as const))(
		'agrees with %s about a queued device: %s',
		(status, agrees) => {
			const { disagreements } = compareWithLedger([outcome({ status })], [entry()]);
			expect(disagreements).toHaveLength(agrees ? 0 : 1);
		},
	);

	it('finds a device that was queued by another request than the node names', () => {
		const { disagreements } = compareWithLedger([outcome()], [entry({ requestId: 'second' })]);
		expect(disagreements).toEqual([expect.stringContaining('request second queued it')]);
	});

	it('takes any of the requests that queued a device', () => {
		const queuedTwice = [entry({ requestId: 'second' }), entry()];
		expect(compareWithLedger([outcome()], queuedTwice).disagreements).toEqual([]);
	});

	it('finds a queued device that was not on the list', () => {
		const stranger = '00000000-0000-4000-8000-000000000000';
		const { disagreements } = compareWithLedger([outcome()], [entry(), entry({ uid: stranger })]);
		expect(disagreements).toEqual([expect.stringContaining(stranger)]);
	});
});
