import { mostRequests } from '../../properties/request-bound.mts';
import type { RequestRecord, SubmittedDevice, Tenant } from '../../simulator/tenant.mts';
import type { Deletion, DeviceStatus } from '../delete-workflow.mts';

/** What a run says of one device. */
export interface Said {
	readonly index: number;
	readonly uid: string | null;
	readonly status: DeviceStatus;
}

/** What was asked for, what was said of it, and what is true. */
export interface Evidence {
	readonly asked: readonly SubmittedDevice[];
	readonly batchSize: number;
	/** How many devices were in each request that was refused as too large. */
	readonly tooLarge: readonly number[];
	readonly said: readonly Said[];
	readonly requests: readonly RequestRecord[];
	readonly ledger: Pick<Tenant['ledger'], 'has'>;
}

/** Out: what a run said of each device, be it in items or, after a throw, in the data of the error. */
export function saidBy(deletion: Deletion, asked: readonly SubmittedDevice[]): Said[] {
	if (deletion.error === undefined) return deletion.statuses;
	const { notScheduled, omitted } = deletion.errorData;
	if (omitted.notScheduled > 0)
		throw new Error('The list of devices is too long to be told whole.');
	const named = new Map(notScheduled.map((device) => [device.index, device]));
	return asked.map(({ uid }, index) => named.get(index) ?? { index, uid, status: 'SCHEDULED' });
}

/** Out: the invariants that do not hold, as sentences. */
export function brokenInvariants(evidence: Evidence): string[] {
	return [...brokenBySaid(evidence), ...brokenByRequests(evidence)];
}

function brokenBySaid({ asked, said, requests, ledger }: Evidence): string[] {
	const order = JSON.stringify(said.map(({ uid }) => uid));
	const sent = new Set(uidsOf(requests));
	const answered = new Set(uidsOf(requests.filter(({ status }) => isSuccess(status))));
	return [
		...(order === JSON.stringify(asked.map(({ uid }) => uid))
			? []
			: ['Not exactly one outcome for each device, in the order of the input.']),
		...said.flatMap(({ index, uid, status }) => {
			const device = (uid ?? '').toLowerCase();
			const untrue: Partial<Record<DeviceStatus, boolean>> = {
				SCHEDULED: !ledger.has(device) || !answered.has(device),
				NOT_SENT: sent.has(device),
				REJECTED: !sent.has(device) || ledger.has(device),
				INVALID: !sent.has(device) || ledger.has(device),
				FAILED: !answered.has(device),
				UNKNOWN: !sent.has(device),
				DRY_RUN: true,
			};
			return untrue[status] ? [`Device ${index} is called ${status} and is not.`] : [];
		}),
	];
}

function brokenByRequests({ asked, batchSize, tooLarge, requests }: Evidence): string[] {
	const known = new Set(asked.map(deviceText));
	const sent = requests.flatMap(({ devices = [] }) => devices.map(deviceText));
	const largest = Math.max(0, ...requests.map(({ devices = [] }) => devices.length));
	// A 401 makes n8n send the same request once more, with a new token.
	const refreshed = requests.filter(
		({ requestId }, position) =>
			requests[position - 1]?.status === 401 && requests[position - 1]?.requestId === requestId,
	);
	const made = requests.length - refreshed.length;
	const most = mostRequests(asked.length, batchSize, tooLarge);
	return [
		...sent.filter((device) => !known.has(device)).map((device) => `Nobody asked for ${device}.`),
		...(largest > batchSize ? [`A request holds ${largest} devices.`] : []),
		...(made > most ? [`${made} requests where ${most} are the most.`] : []),
	];
}

function uidsOf(requests: readonly RequestRecord[]): string[] {
	return requests.flatMap(({ devices = [] }) => devices.map(({ uid }) => uid.toLowerCase()));
}

function deviceText({ uid, name }: SubmittedDevice): string {
	return `${uid} ${name}`;
}

function isSuccess(status: number | null): boolean {
	return status !== null && status >= 200 && status < 300;
}
