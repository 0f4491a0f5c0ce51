import { emptyAnswer, jsonAnswer, type Answer } from './answers.mts';
import { isJsonObject, parseJson } from './json.mts';
import type { RequestRecord, SubmittedDevice } from './request-log.mts';
import type { TenantSettings } from './settings.mts';

/** What a 202 says of one device; these three are all that Nexthink documents. */
export interface DeviceAnswer {
	uid: string;
	name: string;
	status: 'SCHEDULED' | 'INVALID' | 'FAILED';
}

/** Body of a 202. */
export interface DeletionAnswer {
	scheduledCount: number;
	status: 'ACCEPTED';
	devices: DeviceAnswer[];
}

/** What the checks need to know besides the request itself. */
export interface DeletionCircumstances {
	readonly settings: Readonly<TenantSettings>;
	/** In: the bearer, if any. Out: whether it is good. */
	readonly accepts: (bearer: string | undefined) => boolean;
	/** Whether the client of the bearer has the permission. */
	readonly isPermitted: boolean;
	/** What a device with this UID gets, if it is well-formed; default `SCHEDULED`. */
	readonly statusOf?: (uid: string) => DeviceAnswer['status'];
	/** Stands for "a downstream error kept this device from being scheduled". */
	readonly fails?: (uid: string) => boolean;
	/** True: devices that fail are queued although they are answered `FAILED`. */
	readonly queuesFailed?: boolean;
}

/** What an honest tenant does with a request. Nothing is done yet. */
export interface DeletionVerdict {
	readonly answer: Answer;
	/** Body of the answer, if it is a 202. */
	readonly accepted?: DeletionAnswer;
	/** The devices to queue, in order. */
	readonly queued: readonly SubmittedDevice[];
}

const UID_FORM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Judges a deletions request as Nexthink documents it. In: the request with its whole body. Out:
 * the answer and what to queue. The order of the checks:
 *
 * 1. method: 404
 * 2. bearer missing, unknown, expired or revoked: 401 without a body
 * 3. permission: 403 with a body without a code (this one is not documented)
 * 4. feature: 403 `FEATURE_NOT_ENABLED`
 * 5. tenant claim: 400 `EMPTY_TENANT`
 * 6. no JSON object, or `devices` is no list: 400 `INVALID_REQUEST`
 * 7. `devices` missing or empty: 400 `EMPTY_REQUEST`
 * 8. over the cap: 400 `BATCH_SIZE_EXCEEDED`
 * 9. a UID or name of one device blank or no text: 400 `INVALID_REQUEST` for the whole request
 * 10. per device: a malformed UID is `INVALID`, every other device is queued and `SCHEDULED`
 *
 * What a well-formed UID that is not in the inventory gets, or one that is queued already, is not
 * documented; here both are what the settings say. Only what is `SCHEDULED` is queued.
 */
export function judgeDeletions(
	request: RequestRecord,
	circumstances: DeletionCircumstances,
): DeletionVerdict {
	const barred = accessRefusal(request, circumstances);
	if (barred !== undefined) return { answer: barred, queued: [] };
	const read = readDevices(request.body, circumstances.settings.deploymentCap);
	if (!read.ok) return { answer: read.refusal, queued: [] };
	return schedule(read.devices, circumstances);
}

/** In: a request for which there is no route. Out: the 404; its body is not documented. */
export function noSuchRoute(request: RequestRecord): Answer {
	return jsonAnswer(404, {
		status: 404,
		error: 'Not Found',
		message: `No route for ${request.method} ${request.path}`,
	});
}

function accessRefusal(
	request: RequestRecord,
	{ settings, accepts, isPermitted }: DeletionCircumstances,
): Answer | undefined {
	if (request.method !== 'POST') return noSuchRoute(request);
	if (!accepts(request.bearer)) return emptyAnswer(401);
	if (!settings.permissionGranted || !isPermitted)
		return jsonAnswer(403, { message: 'Access denied.' });
	if (!settings.featureEnabled) {
		const message = 'The Data management API is not enabled for this tenant.';
		return refusal(403, 'FEATURE_NOT_ENABLED', message);
	}
	if (!settings.tenantInToken) {
		return refusal(400, 'EMPTY_TENANT', 'No tenant found in the JWT claims.');
	}
	return undefined;
}

type ReadDevices =
	| { readonly ok: true; readonly devices: readonly SubmittedDevice[] }
	| { readonly ok: false; readonly refusal: Answer };

function readDevices(body: string, cap: number): ReadDevices {
	const parsed = parseJson(body);
	if (!isJsonObject(parsed)) return refuse('INVALID_REQUEST', 'The body must be a JSON object.');
	const listed: unknown = parsed.devices ?? [];
	if (!Array.isArray(listed)) return refuse('INVALID_REQUEST', 'devices must be a list.');
	if (listed.length === 0) return refuse('EMPTY_REQUEST', 'devices must not be empty.');
	if (listed.length > cap) {
		const message = `The request has ${listed.length} devices; the maximum is ${cap}.`;
		return refuse('BATCH_SIZE_EXCEEDED', message);
	}
	const devices: SubmittedDevice[] = [];
	for (const [position, entry] of listed.entries()) {
		const { uid, name }: Record<string, unknown> = isJsonObject(entry) ? entry : {};
		if (!isFilled(uid)) return refuse('INVALID_REQUEST', blankMessage(position, 'uid'));
		if (!isFilled(name)) return refuse('INVALID_REQUEST', blankMessage(position, 'name'));
		devices.push({ uid, name });
	}
	return { ok: true, devices };
}

function schedule(
	submitted: readonly SubmittedDevice[],
	{ fails, queuesFailed = false, statusOf }: DeletionCircumstances,
): DeletionVerdict {
	const queued: SubmittedDevice[] = [];
	const devices = submitted.map(({ uid, name }): DeviceAnswer => {
		if (!UID_FORM.test(uid)) return { uid, name, status: 'INVALID' };
		const undocumented = statusOf?.(uid) ?? 'SCHEDULED';
		if (undocumented !== 'SCHEDULED') return { uid, name, status: undocumented };
		const failed = fails?.(uid) ?? false;
		if (!failed || queuesFailed) queued.push({ uid, name });
		return { uid, name, status: failed ? 'FAILED' : 'SCHEDULED' };
	});
	const scheduledCount = devices.filter(({ status }) => status === 'SCHEDULED').length;
	const accepted: DeletionAnswer = { scheduledCount, status: 'ACCEPTED', devices };
	return { answer: jsonAnswer(202, accepted), accepted, queued };
}

function isFilled(value: unknown): value is string {
	return typeof value === 'string' && value.trim() !== '';
}

function blankMessage(position: number, field: string): string {
	return `devices[${position}].${field} must not be blank`;
}

function refuse(code: string, message: string): ReadDevices {
	return { ok: false, refusal: refusal(400, code, message) };
}

function refusal(status: number, code: string, message: string): Answer {
	return jsonAnswer(status, { code, message });
}
