import type { Deletion, DeviceStatus, TestBench } from '../delete-workflow.mts';
import { MATRIX_FAULTS, type MatrixFault } from './faults.mts';
import { brokenInvariants, saidBy } from './invariants.mts';
import { playCells, type Cell, type Play } from './play.mts';

/** What a run of the matrix is set to; what is not named here has its default. */
export const MATRIX_RUN = { devices: 12, batchSize: 2, concurrency: 1 } as const;

/** Plays every fault for Device > Delete. */
export async function playMatrix(): Promise<Cell[]> {
	return await playCells('deletions', MATRIX_FAULTS, MATRIX_RUN.devices, playDeletion);
}

const playDeletion: Play = async (bench, credential, { fault, onError, maxRetries }) => {
	const { devices, ...options } = MATRIX_RUN;
	const { timeout = 60 } = fault;
	const asked = bench.devices(devices);
	const deletion = await bench.run({
		items: asked,
		...credential,
		options: { ...options, timeout, maxRetries },
		onError,
	});
	return findings(fault, bench, deletion, asked);
};

function findings(
	{ isTooLarge }: MatrixFault,
	{ tenant: { ledger } }: TestBench,
	deletion: Deletion,
	asked: ReturnType<TestBench['devices']>,
): Awaited<ReturnType<Play>> {
	const { requests } = deletion;
	const said = saidBy(deletion, asked);
	const outcomes: Partial<Record<DeviceStatus, number>> = {};
	for (const { status } of said) outcomes[status] = (outcomes[status] ?? 0) + 1;
	const { batchSize } = MATRIX_RUN;
	const tooLarge = requests.flatMap(({ status, devices = [] }) =>
		isTooLarge === true && (status === 400 || status === 413) ? [devices.length] : [],
	);
	return {
		requests: requests.length,
		outcomes,
		thrown: deletion.error && deletion.errorData.code,
		broken: brokenInvariants({ asked, batchSize, tooLarge, said, requests, ledger }),
	};
}
