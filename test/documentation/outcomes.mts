import type { Evidence } from '../../nodes/Nexthink/deletion/evidence.ts';
import { nothingKnown } from '../../nodes/Nexthink/deletion/outcomes.ts';
import { MATCHES, type Match } from '../../nodes/Nexthink/lookUp/match.ts';
import { makeItems } from '../../nodes/Nexthink/operations/deleteDevices/items.ts';
import {
	isOnErrorPath,
	type DeletionReport,
	type DeviceStatus,
} from '../../nodes/Nexthink/operations/deleteDevices/report.ts';
import { table } from './format.mts';

/** What each status of Device > Delete means; a status that is added must be told here, or this doesn't compile. */
const STATUSES: Readonly<Record<DeviceStatus, { short: string; whole: string }>> = {
	SCHEDULED: {
		short: '**Queued** for deletion in Nexthink, not yet removed',
		whole:
			"Nexthink has queued the deletion. The device **isn't removed yet**, and Nexthink doesn't document how long that takes.",
	},
	DRY_RUN: { short: 'Would be sent', whole: 'Dry run: the device would be sent.' },
	INVALID: {
		short: "The UID or the name can't be used",
		whole:
			"The UID or the name can't be used, as this node or Nexthink found. Correct it at its source.",
	},
	FAILED: {
		short: "Nexthink couldn't queue it; send it again",
		whole: "Nexthink couldn't queue the device because of a fault on its own side. Send it again.",
	},
	REJECTED: {
		short: 'Nexthink rejected the request; not queued',
		whole: "Nexthink rejected every request with the device. It isn't queued.",
	},
	NOT_SENT: {
		short: 'Never left n8n; not queued',
		whole: "No request with the device left n8n. It isn't queued.",
	},
	UNKNOWN: {
		short: '**Might be queued**: the response was lost or unreadable',
		whole:
			'A response was lost, unreadable or unfamiliar. The device **might be queued**. Sending it again soon after does no harm.',
	},
};

/** What each match of Device > Look Up means, and what to do then. */
const MEANINGS: Readonly<Record<Match, { means: string; toDo: string }>> = {
	FOUND: {
		means: 'Exactly one device has the value, equal but for case, and all checks passed.',
		toDo: 'Get it approved, and send it.',
	},
	NOT_FOUND: {
		means: 'No device has the value.',
		toDo: 'Check the spelling. If the value is right, the device might be gone.',
	},
	AMBIGUOUS: {
		means:
			'Several devices have the value, for example because a computer was set up anew, or several names of the list have the same host name. A check that fits one of them changes nothing.',
		toDo: 'Compare the devices in `candidates` in Nexthink, and look up the one that is meant by its UID.',
	},
	VALUE_MISMATCH: {
		means: 'Nexthink returned one device, and it has another value.',
		toDo: 'If it is the device, correct the value in your list.',
	},
	CHECK_MISMATCH: {
		means:
			'The column of one of the **Checks** differs from its field, or one of the two is empty or a placeholder.',
		toDo: 'Find out which of the two is right. It might be another device with the same name.',
	},
	RECENTLY_SEEN: {
		means:
			"The device was seen more recently than **Last Seen** allows, or the node can't tell when.",
		toDo: "Don't send it: it might be in use. Find out who uses it.",
	},
	REFUSED: {
		means:
			'Not looked up: the value is empty, not text, a placeholder such as `Default string`, or contains `*` or `?`, which Nexthink treats as wildcards.',
		toDo: 'Correct the value, or look the device up by another one.',
	},
	UNKNOWN: {
		means:
			"There is no response, the node can't read it, its file might lack devices, or the run ended before.",
		toDo: 'Remove the cause that `message` names, and look the device up again.',
	},
};

/** Each status in short. */
export function shortStatusTable(): string {
	return table(
		['Status', 'What it means', 'Output'],
		statuses().map((status) => [`\`${status}\``, STATUSES[status].short, outputOf(status)]),
	);
}

/** Each status, and all that depends on it. */
export function statusTable(): string {
	return table(
		['Status', '`scheduled`', 'What it means', 'Output', 'With **Stop Workflow**'],
		statuses().map((status) => [
			`\`${status}\``,
			`\`${String(scheduledOf(status))}\``,
			STATUSES[status].whole,
			outputOf(status),
			underStopWorkflow(status),
		]),
	);
}

/** With an error output. */
function outputOf(status: DeviceStatus): string {
	const isError = isOnErrorPath(status, { errorPath: 'errorOutput', failOnUnscheduled: false });
	return isError ? 'error' : 'success';
}

function underStopWorkflow(status: DeviceStatus): string {
	const ends = (failOnUnscheduled: boolean) =>
		isOnErrorPath(status, { errorPath: 'stop', failOnUnscheduled });
	if (ends(false)) return 'ends the execution';
	return ends(true) ? 'ends it if **Stop on Unscheduled Devices** is on' : 'goes on';
}

export function matchTable(): string {
	return table(
		['Match', 'What it means', 'What to do', 'Output'],
		MATCHES.map((match) => [
			`\`${match}\``,
			MEANINGS[match].means,
			MEANINGS[match].toDo,
			match === 'UNKNOWN' ? 'error' : 'success',
		]),
	);
}

function statuses(): DeviceStatus[] {
	return Object.keys(STATUSES) as DeviceStatus[];
}

/** As the node itself makes the item of a device that ended so. */
function scheduledOf(status: DeviceStatus): unknown {
	const outcome = { ...nothingKnown(), evidence: status as Evidence };
	const report: DeletionReport = {
		plan: {
			entries: [{ itemIndex: 0, uid: 'u', name: 'n', device: 0 }],
			devices: [{ uid: 'u', name: 'n' }],
			malformedUids: 0,
		},
		errorPath: 'sameOutput',
		failOnUnscheduled: false,
		dryRun: status === 'DRY_RUN',
		result: { outcomes: [outcome], requests: [], strangers: 0, miscounts: 0 },
	};
	const [item] = makeItems(report, { areEntriesOfLists: false }).items;
	if (item?.json.status !== status) throw new Error(`The node made no item with ${status}.`);
	return item.json.scheduled;
}
