import type { DeletionAnswer, DeviceAnswer } from '../simulator/deletions.mts';
import type { Fault } from '../simulator/faults.mts';

/**
 * What one request says of one of its devices to whoever reads its answer with care. This is the tests' own reading, made from what
 * the tenant did and not from what the run understood.
 */
export type Word =
	/** A 202 says so. */
	| DeviceAnswer['status']
	/** It might have been carried out, and no word of it came through. */
	| 'LOST'
	/** Nothing of it was carried out. */
	| 'REFUSED'
	/** It did not get to Nexthink. */
	| 'NEVER_ARRIVED';

/** One way in which a 202 can differ from what the documentation shows. */
export interface Alteration {
	/** "An answer …" */
	name: string;
	change: (body: DeletionAnswer) => unknown;
	/** The word on a device; `honest` is its status before the change. */
	word: (honest: DeviceAnswer['status'], position: number, devices: number) => Word;
	/** Says of devices that they are scheduled although they are not. */
	lies?: true;
}

const asItWas: Alteration['word'] = (honest) => honest;
const nothing: Alteration['word'] = () => 'LOST';

export const ALTERATIONS: readonly Alteration[] = [
	{
		name: 'in reverse order',
		change: (body) => ({ ...body, devices: [...body.devices].reverse() }),
		word: asItWas,
	},
	{
		name: 'with its UIDs in upper case',
		change: (body) => withEach(body, (device) => ({ ...device, uid: device.uid.toUpperCase() })),
		word: asItWas,
	},
	{
		name: 'with a device that nobody asked for',
		change: (body) => ({
			...body,
			devices: [{ uid: 'stranger', name: 'STRANGER', status: 'SCHEDULED' }, ...body.devices],
		}),
		word: asItWas,
	},
	{
		name: 'without the first device',
		change: (body) => ({ ...body, devices: body.devices.slice(1) }),
		word: (honest, position) => (position === 0 ? 'LOST' : honest),
	},
	{
		name: 'that calls the last device both SCHEDULED and FAILED',
		change: (body) => ({
			...body,
			devices: body.devices.flatMap((device, position, { length }) =>
				position === length - 1
					? [
							{ ...device, status: 'SCHEDULED' },
							{ ...device, status: 'FAILED' },
						]
					: [device],
			),
		}),
		word: (honest, position, devices) => (position === devices - 1 ? 'LOST' : honest),
	},
	{
		name: 'with an unfamiliar status for every other device',
		change: (body) =>
			withEach(body, (device, position) =>
				position % 2 === 0 ? { ...device, status: 'QUEUED' } : device,
			),
		word: (honest, position) => (position % 2 === 0 ? 'LOST' : honest),
	},
	{
		name: 'without statuses',
		change: (body) => withEach(body, ({ uid, name }) => ({ uid, name })),
		word: nothing,
	},
	{
		name: 'without UIDs',
		change: (body) => withEach(body, ({ name, status }) => ({ name, status })),
		word: asItWas,
	},
	{
		name: 'without UIDs and names',
		change: (body) => withEach(body, ({ status }) => ({ status })),
		word: asItWas,
	},
	{
		name: 'without UIDs and one device short',
		change: (body) => ({
			devices: body.devices.slice(1).map(({ name, status }) => ({ name, status })),
		}),
		word: nothing,
	},
	{
		name: 'without UIDs and with other names',
		change: (body) => withEach(body, ({ status }) => ({ name: 'ANOTHER-PC', status })),
		word: nothing,
	},
	{
		name: 'that counts one scheduled device too many',
		change: (body) => ({ ...body, scheduledCount: body.scheduledCount + 1 }),
		word: asItWas,
	},
	{
		name: 'with statuses alone, no list around them',
		change: (body) => body.devices[0],
		word: nothing,
	},
	{ name: 'with an empty list', change: () => ({ devices: [] }), word: nothing },
	{ name: 'of broken JSON', change: (body) => JSON.stringify(body).slice(0, -9), word: nothing },
	{
		name: 'that calls every device INVALID',
		change: (body) => withEach(body, (device) => ({ ...device, status: 'INVALID' })),
		word: () => 'INVALID',
		lies: true,
	},
	{
		name: 'that calls every device SCHEDULED, the malformed ones too',
		change: (body) => withEach(body, (device) => ({ ...device, status: 'SCHEDULED' })),
		word: () => 'SCHEDULED',
		lies: true,
	},
];

function withEach(
	body: DeletionAnswer,
	change: (device: DeviceAnswer, position: number) => object,
): object {
	return { ...body, devices: body.devices.map(change) };
}

/** The words of an answer that came through whole. */
export function wordsOfAnswer(
	status: number,
	accepted: DeletionAnswer | undefined,
	fault: Fault | undefined,
	devices: number,
): Word[] {
	if (status >= 200 && status < 300) {
		const readable = fault?.kind === undefined || SHOWS_WHAT_WAS_DONE.has(fault.kind);
		if (accepted === undefined || !readable) return same('LOST', devices);
		const alteration =
			fault?.kind === 'answer' && ALTERATIONS.find(({ change }) => change === fault.change);
		const statuses = accepted.devices.map((device) => device.status);
		return alteration
			? statuses.map((honest, position) => alteration.word(honest, position, devices))
			: statuses;
	}
	const refused = status >= 400 && status < 500 && status !== 408 && status !== 499;
	return same(refused ? 'REFUSED' : 'LOST', devices);
}

/** Faults whose 2xx is the honest one, or made of it. */
const SHOWS_WHAT_WAS_DONE: ReadonlySet<Fault['kind']> = new Set([
	'answer',
	'delay',
	'drip',
	'expireTokens',
	'failDevices',
]);

export function same(word: Word, devices: number): Word[] {
	return Array.from({ length: devices }, () => word);
}
