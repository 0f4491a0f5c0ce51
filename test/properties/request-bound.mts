/** What one run may spend besides one request for each batch; the numbers of docs/how-a-run-works.md. */
const REPEATS_OF_ANY_RUN = 10;
const REPEATS_PER_BATCH = 0.1;
const EXTRA_REQUESTS_FOR_SPLITTING = 100;

/**
 * The most requests that a run may make:
 *
 *     batches + (10 + batches / 10) + 100
 *
 * for its batches, for repeats of batches and of FAILED devices, and for finding devices that Nexthink does not take.
 *
 * Where the tenant refused requests as too large, batches are smaller than they were set. Then there are as many as devices of the list
 * in the smallest size make, and as many again because a cut leaves a shorter rest; and to each refused request come those that it was
 * cut into.
 *
 * A request that n8n sends again with a new token, after a 401, is one request here.
 *
 * @param tooLarge how many devices were in each request that was refused as too large
 */
export function mostRequests(
	devices: number,
	batchSize: number,
	tooLarge: readonly number[],
): number {
	const batches = Math.ceil(devices / batchSize);
	const repeats = mostRepeats(devices, batchSize);
	if (tooLarge.length === 0) return batches + repeats + EXTRA_REQUESTS_FOR_SPLITTING;
	const smallest = sizeAfter(batchSize, tooLarge);
	const pieces = (of: number) => 2 * Math.ceil(of / smallest);
	const cutAgain = tooLarge.reduce((sum, refused) => sum + 1 + pieces(refused), 0);
	return pieces(devices) + cutAgain + repeats + EXTRA_REQUESTS_FOR_SPLITTING;
}

/** The most repeats of batches and requests with FAILED devices together. */
export function mostRepeats(devices: number, batchSize: number): number {
	const batches = Math.ceil(devices / batchSize);
	return REPEATS_OF_ANY_RUN + Math.floor(REPEATS_PER_BATCH * batches);
}

/** Batch size is half of what was refused, if that is smaller than it was. */
export function sizeAfter(batchSize: number, tooLarge: readonly number[]): number {
	return tooLarge.reduce(
		(size, refused) => Math.min(size, Math.max(1, Math.floor(refused / 2))),
		batchSize,
	);
}

/**
 * The most requests from the moment on at which a tenant went down: three batches in a row without success end the run, so that no more
 * than three, or as many as may be under way at once, are tried to the end.
 */
export function mostRequestsOfAnOutage(concurrency: number, maxRetries: number): number {
	return Math.max(3, concurrency) * (1 + maxRetries);
}
