import {
	readDeletionAnswer,
	type DeletionAnswer,
	type SendDeletion,
} from '../../../nodes/Nexthink/api/deletionAnswer.ts';
import { failureWithoutAnswer, type FailureEvidence } from '../../../nodes/Nexthink/api/failure.ts';
import type { KnownErrorCode } from '../../../nodes/Nexthink/api/errorCodes.ts';
import type { Device } from '../../../nodes/Nexthink/deletion/plan.ts';
import {
	runDeletion,
	type DeletionResult,
	type DeletionSettings,
} from '../../../nodes/Nexthink/deletion/run.ts';

/** How one request is answered. */
export type Answering = (
	devices: Parameters<SendDeletion>[0],
	requestId: string,
	now: number,
) => DeletionAnswer | Promise<DeletionAnswer>;

/** One request as it left. */
export interface SentRequest {
	uids: string[];
	requestId: string;
}

export interface ScriptedRun {
	result: DeletionResult;
	/** In the order in which they left. */
	requests: SentRequest[];
	/** Milliseconds, in the order in which the run began to wait. */
	waits: number[];
	/** What is known of each device, one word each. */
	evidence: string[];
}

export interface RunOptions extends Partial<DeletionSettings> {
	/** Each answers one request; those after the last one are accepted. A single function answers all. */
	answers?: Answering[] | Answering;
	signal?: AbortSignal;
	random?: () => number;
	sleep?: (milliseconds: number) => Promise<void>;
}

export const START = Date.parse('2026-03-01T12:00:00Z');

export function devicesOf(count: number): Device[] {
	return Array.from({ length: count }, (_, index) => ({ uid: `u-${index}`, name: `PC-${index}` }));
}

/** Runs against a list of answers, with a clock that stands still but for the waits of the run. */
export async function runOf(
	devices: number | Device[],
	{ answers = [], signal, random = () => 0.5, sleep, ...settings }: RunOptions = {},
): Promise<ScriptedRun> {
	const requests: SentRequest[] = [];
	const waits: number[] = [];
	let now = START;
	const send: SendDeletion = async (body, requestId) => {
		requests.push({ uids: body.map(({ uid }) => uid), requestId });
		const answering =
			typeof answers === 'function' ? answers : (answers[requests.length - 1] ?? accepted());
		return await answering(body, requestId, now);
	};
	const result = await runDeletion(
		typeof devices === 'number' ? devicesOf(devices) : devices,
		{
			batchSize: 1,
			concurrency: 1,
			maxRetries: 0,
			maxRetryWait: 300,
			stopOnFailure: false,
			...settings,
		},
		{
			send,
			signal,
			random,
			now: () => now,
			elapsed: () => now - START,
			sleep: async (milliseconds) => {
				waits.push(milliseconds);
				await sleep?.(milliseconds);
				now += milliseconds;
			},
		},
	);
	return { result, requests, waits, evidence: result.outcomes.map(({ evidence }) => evidence) };
}

/** An answer over HTTP, read as the node reads it. */
export function answered(
	httpStatus: number,
	body: unknown = '',
	headers: Record<string, string> = {},
): Answering {
	return (_, requestId, now) => readDeletionAnswer({ httpStatus, headers, body }, requestId, now);
}

/** 202 with one status for all devices, or with the status that a function gives for each UID. */
export function accepted(
	status: string | ((uid: string) => string) = 'SCHEDULED',
	more: object = {},
): Answering {
	return (devices, requestId, now) => {
		const answeredDevices = devices.map((device) => ({
			...device,
			status: typeof status === 'string' ? status : status(device.uid),
		}));
		const body = { status: 'ACCEPTED', devices: answeredDevices, ...more };
		return answered(202, body)(devices, requestId, now);
	};
}

/** 400 for the whole request where it holds one of these devices; else 202. */
export function refusing(uids: string[], message = 'devices[0].name must not be blank'): Answering {
	return (devices, ...rest) => {
		const isAtFault = devices.some(({ uid }) => uids.includes(uid));
		const answering = isAtFault ? answered(400, { code: 'INVALID_REQUEST', message }) : accepted();
		return answering(devices, ...rest);
	};
}

/** No answer. */
export function unanswered(
	row: KnownErrorCode = 'TIMEOUT',
	evidence: FailureEvidence = 'UNKNOWN',
): Answering {
	return (_, requestId) => ({
		accepted: false,
		failure: failureWithoutAnswer(row, evidence, evidence === 'NOT_SENT' ? null : requestId),
	});
}

export const neverConnected = () => unanswered('NETWORK_ERROR', 'NOT_SENT');
