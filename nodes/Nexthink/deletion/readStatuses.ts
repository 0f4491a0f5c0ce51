import type { AnsweredDevice } from '../api/deletionAnswer';
import { isUuid } from '../input/uuid';
import type { Device } from './plan';
import type { Evidence } from './evidence';

/** What an accepted request says of one device that was in it. */
export interface DeviceAnswer {
	evidence: Extract<Evidence, 'SCHEDULED' | 'INVALID' | 'NOT_TAKEN' | 'FAILED' | 'UNKNOWN'>;
	/** The API's own word, where it is unfamiliar. */
	apiStatus?: string;
	/** Why the outcome is unknown: a sentence. */
	reason?: string;
}

export interface ReadStatuses {
	/** One for each device of the request, in its order. */
	answers: DeviceAnswer[];
	/** How many devices the answer names that were not in the request. */
	strangers: number;
}

const MISSING = "The response doesn't contain this device.";

/**
 * Finds the word on each device of a request in its answer: by UID, without case; where the answer has no UIDs at all and as many
 * devices as the request, by position. What it says of devices that were not asked for is ignored and counted.
 */
export function readStatuses(
	sent: readonly Device[],
	answered: readonly AnsweredDevice[],
): ReadStatuses {
	if (answered.every((device) => device.uid === undefined)) {
		return answered.length === sent.length
			? {
					answers: sent.map((device, position) => byPosition(device, answered[position]!)),
					strangers: 0,
				}
			: { answers: sent.map(() => ({ evidence: 'UNKNOWN', reason: MISSING })), strangers: 0 };
	}
	const statuses = new Map<string, Set<string | undefined>>();
	for (const { uid, status } of answered) {
		if (uid === undefined) continue;
		const key = uid.trim().toLowerCase();
		const known = statuses.get(key) ?? new Set();
		statuses.set(key, known.add(status));
	}
	const answers = sent.map((device): DeviceAnswer => {
		const key = device.uid.toLowerCase();
		const said = statuses.get(key);
		if (said === undefined) return { evidence: 'UNKNOWN', reason: MISSING };
		statuses.delete(key);
		if (said.size > 1) {
			const reason = 'The response has two different statuses for this device.';
			return { evidence: 'UNKNOWN', reason };
		}
		return ofStatus(device, [...said][0]);
	});
	return { answers, strangers: statuses.size };
}

function byPosition(device: Device, answered: AnsweredDevice): DeviceAnswer {
	const agrees =
		answered.name === undefined || answered.name.toLowerCase() === device.name.toLowerCase();
	return agrees
		? ofStatus(device, answered.status)
		: { evidence: 'UNKNOWN', reason: 'The response has another device in this place.' };
}

function ofStatus({ uid }: Device, status: string | undefined): DeviceAnswer {
	if (status === undefined) {
		return { evidence: 'UNKNOWN', reason: 'The response has no status for this device.' };
	}
	if (status === 'SCHEDULED') return { evidence: status };
	if (status === 'INVALID') {
		return {
			evidence: isUuid(uid) ? 'NOT_TAKEN' : status,
			reason: 'Nexthink skipped this device because it considers the UID malformed.',
		};
	}
	if (status === 'FAILED') {
		return { evidence: status, reason: "Nexthink couldn't schedule this device at the moment." };
	}
	return {
		evidence: 'UNKNOWN',
		apiStatus: status,
		reason: `Nexthink gave this device a status that this node doesn't know: "${status}".`,
	};
}
