import type { Logger } from 'n8n-workflow';

import type { Clock } from '../../requests/pace';

const INTERVAL = 30_000;

/**
 * Logs how far a long run is, at most every 30 seconds. Counts only: names and UIDs of devices do not belong in a log.
 *
 * @returns takes how many devices an answer has scheduled
 */
export function progressLog(
	logger: Pick<Logger, 'info'>,
	devices: number,
	{ elapsed }: Pick<Clock, 'elapsed'>,
): (scheduled: number) => void {
	let scheduledSoFar = 0;
	let next = elapsed() + INTERVAL;
	return (scheduled) => {
		scheduledSoFar += scheduled;
		if (elapsed() < next) return;
		next = elapsed() + INTERVAL;
		const [part, whole] = [scheduledSoFar, devices].map((count) => count.toLocaleString('en-US'));
		logger.info(`Nexthink: ${part} of ${whole} devices scheduled`);
	};
}
