import {
	planDeletion,
	type DeletionPlan,
	type DeviceEntry,
} from '../../nodes/Nexthink/deletion/plan.ts';
import { whyRefused } from '../../nodes/Nexthink/operations/deleteDevices/preparation.ts';
import {
	outcomeOf,
	type DeletionReport,
	type DeviceStatus,
	type EntryOutcome,
} from '../../nodes/Nexthink/operations/deleteDevices/report.ts';
import type { Exchange } from './connection.mts';
import { watchRun, type WatchedRun } from './deletion-run.mts';
import { InProcessTenant } from './in-process-tenant.mts';
import { entriesOf } from './list-entries.mts';
import { isBlocked, rulesOf } from './mishaps.mts';
import { testimonies, type Testimony } from './proof.mts';
import type { Scenario } from './scenario.mts';
import { VirtualTime } from './virtual-time.mts';

/** Everything that can be known of a scenario once it was played. */
export interface Played {
	scenario: Scenario;
	entries: DeviceEntry[];
	plan: DeletionPlan;
	report: DeletionReport;
	tenant: InProcessTenant;
	time: VirtualTime;
	/** Empty where nothing was to be sent. */
	exchanges: readonly Exchange[];
	/** Absent where nothing was to be sent. */
	run?: WatchedRun;
	/** What users see of each entry. */
	outcomes: EntryOutcome[];
	/** The same of each distinct device, where any were sent. */
	devices: Array<{ uid: string; status: DeviceStatus }>;
	/** What all requests say of each device, by UID. */
	said: Map<string, Testimony>;
}

/** Takes a list the way that the node takes it, up to the report that items are made of. */
export async function play(scenario: Scenario): Promise<Played> {
	const { list, uidValidation, maxDevices } = scenario;
	const time = new VirtualTime(scenario.jitter);
	const tenant = new InProcessTenant(time.now, { deploymentCap: scenario.deploymentCap });
	const entries = entriesOf(list);
	const plan = planDeletion(entries, uidValidation);
	const refusal = whyRefused(plan, { uidValidation, maxDevices });
	const report: DeletionReport = {
		plan,
		dryRun: false,
		errorPath: 'sameOutput',
		failOnUnscheduled: false,
	};
	const played = { scenario, entries, plan, report, tenant, time, exchanges: [] };
	if (refusal !== undefined) return judged({ ...played, report: { ...report, refusal } });
	if (plan.devices.length === 0) return judged(played);

	for (const rule of rulesOf(scenario.mishaps)) tenant.faults.add(rule);
	refuseSomeDevices(played);
	const run = await watchRun(plan.devices, tenant, time, {
		settings: scenario.settings,
		road: {
			latencies: scenario.latencies,
			tokenDelays: scenario.tokenDelays,
			timeout: scenario.timeout,
			hasToken: scenario.hasToken,
			isBlocked: (request) => isBlocked(scenario.mishaps, request),
		},
		cancelAfter: scenario.cancelAfter ?? undefined,
		cancelEndsRequests: scenario.cancelEndsRequests,
	});
	const { result, exchanges } = run;
	return judged({ ...played, report: { ...report, result }, exchanges, run });
}

function judged(played: Omit<Played, 'devices' | 'outcomes' | 'said'>): Played {
	const { plan, report, exchanges } = played;
	const outcomes = plan.entries.map((entry) => outcomeOf(report, entry));
	const devices = plan.devices.map(({ uid }) => ({ uid, status: 'NOT_SENT' as DeviceStatus }));
	plan.entries.forEach(({ device }, index) => {
		if (device !== undefined) devices[device]!.status = outcomes[index]!.status;
	});
	const sent = report.result === undefined ? [] : devices;
	return { ...played, outcomes, devices: sent, said: testimonies(exchanges) };
}

export function refusedDevices({ scenario, plan }: Pick<Played, 'plan' | 'scenario'>): Set<string> {
	const { refusedShare } = scenario;
	const refused = plan.devices.filter((_, number) => number % refusedShare === 0);
	return new Set(refused.map(({ uid }) => uid));
}

function refuseSomeDevices({
	tenant,
	...played
}: Pick<Played, 'plan' | 'scenario' | 'tenant'>): void {
	const refused = refusedDevices(played);
	if (refused.size === 0) return;
	tenant.faults.add({
		route: 'deletions',
		times: Infinity,
		when: ({ devices = [] }) =>
			devices.length <= tenant.settings.deploymentCap &&
			devices.some(({ uid }) => refused.has(uid)),
		play: {
			kind: 'status',
			status: 400,
			body: { code: 'INVALID_REQUEST', message: 'devices[0].name must not be blank' },
		},
	});
}
