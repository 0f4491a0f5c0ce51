import { z } from 'zod';

import { correlationIdsOf, failureOfAnswer, type Failure, type HttpAnswer } from './failure';

/** One device of a request: what the documented body holds. */
export interface DeletionRequestDevice {
	uid: string;
	name: string;
}

/** What an answer says of one device; Nexthink marks no field as required. */
export interface AnsweredDevice {
	uid?: string;
	name?: string;
	/** The API's own word, familiar or not. */
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
	  }
	| { accepted: false; failure: Failure };

/** Sends one request and never throws; `requestId` becomes its `x-request-id`. */
export type SendDeletion = (
	devices: readonly DeletionRequestDevice[],
	requestId: string,
) => Promise<DeletionAnswer>;

/** The devices are read apart from it: a schema for each of 100,000 took most of the time that an answer takes (measured). */
const acceptedSchema = z.object({
	devices: z.array(z.unknown()),
	scheduledCount: z.number().optional().catch(undefined),
});

/**
 * Reads any answer of the deletions endpoint. A 2xx without a list of devices is a failure: it may have been carried out, but says
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
	if (httpStatus >= 200 && httpStatus < 300) {
		const body = acceptedSchema.safeParse(answer.body);
		if (body.success) {
			return {
				accepted: true,
				httpStatus,
				...correlationIdsOf(answer, sentRequestId),
				scheduledCount: body.data.scheduledCount,
				devices: body.data.devices.map(readDevice),
			};
		}
	}
	return { accepted: false, failure: failureOfAnswer(answer, sentRequestId, now) };
}

/** Lenient field by field: what cannot be read of one device must not lose what is said of the others. */
function readDevice(device: unknown): AnsweredDevice {
	if (typeof device !== 'object' || device === null) return {};
	const { uid, name, status } = device as Record<keyof AnsweredDevice, unknown>;
	return { uid: textOrNothing(uid), name: textOrNothing(name), status: textOrNothing(status) };
}

function textOrNothing(value: unknown): string | undefined {
	return typeof value === 'string' ? value : undefined;
}
