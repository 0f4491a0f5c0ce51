import type { UidValidation } from '../../nodes/Nexthink/deletion/plan.ts';
import type { DeletionSettings } from '../../nodes/Nexthink/deletion/run.ts';
import { describeList, type ListEntry } from './list-entries.mts';
import type { Mishap } from './mishaps.mts';

/** A list, the settings of the node and everything that the world does with them: the whole input of a random run. */
export interface Scenario {
	list: readonly ListEntry[];
	uidValidation: UidValidation;
	maxDevices: number;
	settings: DeletionSettings;
	/** Most devices that the tenant takes in one request. */
	deploymentCap: number;
	/** Of the devices, every so many-th makes the tenant refuse the whole request; 0: none. */
	refusedShare: number;
	mishaps: readonly Mishap[];
	/** Milliseconds that answers take, one after the other and then from the start again. */
	latencies: readonly number[];
	/** What is drawn for the waits, from 0 up to 1, one after the other and then from the start again. */
	jitter: readonly number[];
	/** Milliseconds that tokens take, in the same way. */
	tokenDelays: readonly number[];
	/** Seconds. */
	timeout: number;
	hasToken: boolean;
	/** Milliseconds from the start, or null. */
	cancelAfter: number | null;
	/** Whether n8n ends requests in flight when it cancels. */
	cancelEndsRequests: boolean;
}

export function describeScenario(scenario: Scenario): string {
	const { settings } = scenario;
	return [
		`List:     ${describeList(scenario.list)}`,
		`Settings: batches of ${settings.batchSize}, ${settings.concurrency} at a time, ${settings.maxRetries} retries, ` +
			`waits of ${settings.maxRetryWait} s in all, timeout ${scenario.timeout} s, ` +
			`On Error: ${settings.stopOnFailure ? 'Stop Workflow' : 'Continue'}, UID Validation: ${scenario.uidValidation}, ` +
			`Maximum Devices: ${scenario.maxDevices}, Request ID: ${settings.requestId ?? 'none'}`,
		`Tenant:   takes ${scenario.deploymentCap} devices in a request, ${
			scenario.refusedShare === 0
				? 'refuses none'
				: `refuses requests with a device whose number is a multiple of ${scenario.refusedShare}`
		}`,
		`Mishaps:  ${scenario.mishaps.map(describeMishap).join('; ') || 'none'}`,
		`Time:     answers after ${scenario.latencies.join(', ')} ms, tokens after ${scenario.tokenDelays.join(', ')} ms, waits drawn as ${scenario.jitter.join(', ')}, ` +
			`${scenario.hasToken ? 'a' : 'no'} token at the start, ${
				scenario.cancelAfter === null
					? 'not cancelled'
					: `cancelled after ${scenario.cancelAfter} ms, ${scenario.cancelEndsRequests ? 'requests in flight too' : 'answers still come'}`
			}`,
	].join('\n');
}

function describeMishap({ what, from, times }: Mishap): string {
	if (times === Infinity) return `from request ${from} on: ${what}`;
	return `${times === 1 ? 'request' : `${times} requests`} from ${from} on: ${what}`;
}
