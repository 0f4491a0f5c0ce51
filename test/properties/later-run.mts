import { planDeletion } from '../../nodes/Nexthink/deletion/plan.ts';
import {
	outcomeOf,
	type DeletionReport,
} from '../../nodes/Nexthink/operations/deleteDevices/report.ts';
import { watchRun } from './deletion-run.mts';
import type { Played } from './play.mts';

/**
 * Runs once more with what is not scheduled, as the advice says, once the tenant is well: it plays no faults and refuses no device any
 * more; what it takes in one request stays as it is.
 *
 * @returns one text for each device that was neither INVALID nor refused by a guard, and is not queued after that
 */
export async function missingAfterLaterRun(played: Played): Promise<string[]> {
	const { report, plan, entries, outcomes, tenant, time, scenario } = played;
	if (report.refusal !== undefined || report.result === undefined) return [];
	const left = entries.filter((_, index) => {
		const { status } = outcomes[index]!;
		return status !== 'SCHEDULED' && status !== 'INVALID';
	});
	const invalid = new Set(
		plan.entries.flatMap(({ uid }, index) =>
			outcomes[index]!.status === 'INVALID' && uid !== null ? [uid.toLowerCase()] : [],
		),
	);
	tenant.faults.clear();
	const laterPlan = planDeletion(left, scenario.uidValidation);
	const { result } = await watchRun(laterPlan.devices, tenant, time, {
		settings: scenario.settings,
		road: { latencies: scenario.latencies },
	});
	const later: DeletionReport = {
		plan: laterPlan,
		dryRun: false,
		errorPath: 'sameOutput',
		failOnUnscheduled: false,
		result,
	};
	const unfinished = laterPlan.entries.flatMap((entry) => {
		const { status } = outcomeOf(later, entry);
		return status === 'SCHEDULED' || status === 'INVALID'
			? []
			: [`${entry.uid} is ${status} although the tenant is well`];
	});
	const missing = plan.devices.flatMap(({ uid }) =>
		uid.startsWith('malformed') || invalid.has(uid.toLowerCase()) || tenant.ledger.has(uid)
			? []
			: [`${uid} was never queued`],
	);
	return [...unfinished, ...missing];
}
