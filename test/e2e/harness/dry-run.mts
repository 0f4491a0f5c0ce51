import { expect } from 'vitest';
import type { Tenant } from '../../simulator/tenant.mts';
import type { SavedExecution } from './executions.mts';

/** That each device of its list has one line in the outcome, found in it by its own name and UID, and that nothing was sent. */
export function expectDryRun(execution: SavedExecution, tenant: Tenant): void {
	const lines = execution.output('Outcome');
	const wouldGo = lines.filter(({ status }) => status === 'DRY_RUN');
	expect(wouldGo.length).toBeGreaterThan(0);
	for (const { name, lookup } of wouldGo) {
		expect(tenant.knownDevices.find(({ uid }) => uid === lookup)?.name).toBe(name);
	}
	const rest = lines.filter(({ status }) => status === '');
	expect(rest.map(({ match }) => match)).toContain('RECENTLY_SEEN');
	expect(execution.runs('Manual review')).toHaveLength(1);
	expect(execution.output('Manual review')).toEqual(rest);
	expect(lines).toHaveLength(wouldGo.length + rest.length);
	expect(lines).toHaveLength(execution.output('Look up').length);
	expect(tenant.requests.filter(({ route }) => route === 'deletions')).toEqual([]);
}
