import { chunk, range } from 'lodash';

import type { Load, LoadQueue } from '../requests/requestRun';

/** Some devices in one request body. Repeats of a body keep its id and number. */
export interface Batch extends Load {
	/** From 1; 0 until it is first sent. */
	number: number;
	/** Positions of its devices in the run. */
	devices: readonly number[];
	requestId: string;
	/** Whether its devices came back as `FAILED` before and are sent once more. */
	isSecondPass: boolean;
}

/**
 * What is still to be sent, in order. Batches are cut only when their turn comes: what Nexthink refused as too many decides how large
 * the rest may be, and a run of many batches holds only those under way.
 */
export class BatchQueue implements LoadQueue<Batch> {
	private readonly repeats: Batch[] = [];

	private readonly waiting: Batch[] = [];

	private nextDevice = 0;

	/** The number of the batch that was sent last for the first time. */
	lastNumber = 0;

	/** Whether devices that were in no request yet go before what was cut again. */
	private prefersNew = false;

	constructor(
		private readonly deviceCount: number,
		private batchSize: number,
		private readonly requestIdOf: (devices: readonly number[]) => string,
	) {}

	/** The next batch to send: repeats first, then what was cut again, then the devices that were in none yet. */
	next(): Batch | undefined {
		let batch = this.repeats.shift() ?? this.nextNew() ?? this.waiting.shift() ?? this.cutNext();
		// It was cut before a smaller one was refused as too large.
		if (batch !== undefined && batch.attempts === 0 && batch.devices.length > this.batchSize) {
			this.waiting.unshift(...this.cut(batch.devices, this.batchSize, batch.isSecondPass));
			batch = this.waiting.shift();
		}
		if (batch !== undefined && batch.number === 0) batch.number = ++this.lastNumber;
		return batch;
	}

	/** Whether the next batch was sent before. */
	get isNextARepeat(): boolean {
		return this.repeats.length > 0;
	}

	/** Puts a batch back to be sent again as it is. */
	putBack(batch: Batch): void {
		this.repeats.push(batch);
	}

	/**
	 * Cuts a batch that Nexthink refused as too large, and everything after it, to half of what was refused.
	 *
	 * @returns false for a batch of one device, which cannot be cut
	 */
	halve(batch: Batch): boolean {
		const half = Math.floor(batch.devices.length / 2);
		if (half === 0) return false;
		this.batchSize = Math.min(this.batchSize, half);
		this.waiting.unshift(...this.cut(batch.devices, this.batchSize, batch.isSecondPass));
		return true;
	}

	/**
	 * Cuts a batch into two, of which one is free of the device at fault.
	 *
	 * @param isUrgent whether they are sent before what waits already
	 */
	split({ devices, isSecondPass }: Batch, isUrgent: boolean): void {
		const halves = this.cut(devices, Math.ceil(devices.length / 2), isSecondPass);
		if (isUrgent) this.waiting.unshift(...halves);
		else this.waiting.push(...halves);
	}

	/**
	 * Queues devices that came back as `FAILED`.
	 *
	 * @returns the number of batches, at most `mostBatches`; devices beyond that are not queued
	 */
	sendAgain(devices: readonly number[], mostBatches: number): number {
		const sent = devices.slice(0, mostBatches * this.batchSize);
		return this.waiting.push(...this.cut(sent, this.batchSize, true));
	}

	/** Has devices that were in no request yet sent next, once: whether Nexthink takes them tells whether it is the devices that it refuses. */
	tryAnother(): void {
		this.prefersNew = true;
	}

	private nextNew(): Batch | undefined {
		const batch = this.prefersNew ? this.cutNext() : undefined;
		this.prefersNew = false;
		return batch;
	}

	private cutNext(): Batch | undefined {
		const size = Math.min(this.batchSize, this.deviceCount - this.nextDevice);
		if (size <= 0) return undefined;
		this.nextDevice += size;
		return this.batchOf(range(this.nextDevice - size, this.nextDevice), false);
	}

	private cut(devices: readonly number[], size: number, isSecondPass: boolean): Batch[] {
		return chunk(devices, size).map((part) => this.batchOf(part, isSecondPass));
	}

	private batchOf(devices: readonly number[], isSecondPass: boolean): Batch {
		return { number: 0, devices, requestId: this.requestIdOf(devices), attempts: 0, isSecondPass };
	}
}
