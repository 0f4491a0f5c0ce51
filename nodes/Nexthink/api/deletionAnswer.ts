import { z } from 'zod';

import {
	correlationIdsOf,
	failureOfAnswer,
	failureWithoutAnswer,
	type Failure,
	type HttpAnswer,
} from './failure';
import { plainText } from './plainText';

/** One device of a request: what the documented body holds. */
export interface DeletionRequestDevice {
	uid: string;
	name: string;
}

/** What an answer says of one device; Nexthink marks no field as required. */
export interface AnsweredDevice {
	uid?: string;
	name?: string;
	/** The API's own word, familiar or not; an unfamiliar one is cleaned. */
	status?: string;
}

/** The answer to one deletion request, read once at the edge. */
export type DeletionAnswer =
	| {
			accepted: true;
			httpStatus: number;
			requestId: string;
			traceId: string | null;
			devices: AnsweredDevice[];
			scheduledCount?: number;
			/** What the answer amounts to where it tells a known status of none of the devices that were asked for. */
			silence: Failure;
	  }
	| { accepted: false; failure: Failure };

/**
 * Sends one request and never throws; `requestId` becomes its `x-request-id`. It does not leave any more once it is halted: what it waited
 * for then is `CANCELLED`.
 */
export type SendDeletion = (
	devices: readonly DeletionRequestDevice[],
	requestId: string,
	halted: AbortSignal,
) => Promise<DeletionAnswer>;

/** The devices are read apart from it: a schema for each of 100,000 took most of the time that an answer takes (measured). */
const acceptedSchema = z.object({
	devices: z.array(z.unknown()),
	scheduledCount: z.number().optional().catch(undefined),
});

/**
 * Reads any answer of the deletions endpoint. A 2xx without a list of devices is a failure: it might have been carried out, but says
 * nothing of any device.
 *
 * @param now milliseconds since 1970
 */
export function readDeletionAnswer(
	answer: HttpAnswer,
	sentRequestId: string,
	now: number,
): DeletionAnswer {
	const { httpStatus } = answer;
	const body = acceptedSchema.safeParse(answer.body);
	if (httpStatus < 200 || httpStatus > 299 || !body.success) {
		return { accepted: false, failure: failureOfAnswer(answer, sentRequestId, now) };
	}
	const devices = body.data.devices.map(readDevice);
	const ids = { httpStatus, ...correlationIdsOf(answer, sentRequestId) };
	return {
		accepted: true,
		...ids,
		scheduledCount: body.data.scheduledCount,
		devices,
		silence: { ...silenceOf(devices), ...ids },
	};
}

/** Lenient field by field: what cannot be read of one device must not lose what is said of the others. */
function readDevice(device: unknown): AnsweredDevice {
	const { uid, name, status } = (device ?? {}) as Partial<Record<keyof AnsweredDevice, unknown>>;
	return { uid: textOrNothing(uid), name: textOrNothing(name), status: wordOf(status) };
}

/** Cleaned, a word that isn't familiar must not become one that is: then it stays in its quotes, with whatever differs in it. */
function wordOf(status: unknown): string | undefined {
	if (typeof status !== 'string' || KNOWN_STATUSES.has(status)) return textOrNothing(status);
	const word = plainText(status, LONGEST_WORD);
	return KNOWN_STATUSES.has(word) ? plainText(JSON.stringify(status), LONGEST_WORD) : word;
}

/** Documented. */
const KNOWN_STATUSES = new Set(['SCHEDULED', 'INVALID', 'FAILED']);

const LONGEST_WORD = 100;

function silenceOf(devices: readonly AnsweredDevice[]): Failure {
	const failure = failureWithoutAnswer('UNEXPECTED_RESPONSE', 'UNKNOWN');
	const word = devices.find(({ status = 'FAILED' }) => !KNOWN_STATUSES.has(status))?.status;
	const message = `Nexthink returned a status that this node doesn't know: "${word}"`;
	return { ...failure, ...(word !== undefined && { message }) };
}

function textOrNothing(value: unknown): string | undefined {
	return typeof value === 'string' ? value : undefined;
}
