import { writeFileSync } from 'node:fs';
import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';
import { description } from './description.mts';
import { uidOf } from './devices.mts';
import { isMemoryMeasured, readMemory, type MemoryReading } from './memory.mts';
import { endProfile, readTime, type TimeReading } from './stopwatch.mts';

/** What a measured workflow answers. */
export interface BenchAnswer {
	/** What the source began to measure. */
	readonly reading: TimeReading | MemoryReading;
	/** How many items came with which outcome. */
	readonly statuses: Readonly<Record<string, number>>;
}

/** Ends what the source began and makes one item of all, so that hardly any data of the run is saved or sent. */
export class BenchEnd implements INodeType {
	description = description('Bench End', {
		name: 'benchEnd',
		properties: [{ displayName: 'Profile File', name: 'profileFile', type: 'string', default: '' }],
	});

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const reading = isMemoryMeasured() ? readMemory() : readTime();
		const profile = await endProfile();
		if (profile !== undefined) {
			writeFileSync(this.getNodeParameter('profileFile', 0) as string, JSON.stringify(profile));
		}
		const statuses: Record<string, number> = {};
		for (const { json } of this.getInputData()) {
			const status = outcomeOf(json);
			statuses[status] = (statuses[status] ?? 0) + 1;
		}
		return [[{ json: { reading, statuses } satisfies BenchAnswer as unknown as IDataObject }]];
	}
}

/** A device that was found must be the one that was looked up. */
function outcomeOf({ status, match, lookup, uid }: IDataObject): string {
	const isAnother = match === 'FOUND' && lookup !== undefined && uid !== uidOf(String(lookup));
	return isAnother ? 'FOUND another' : String(status ?? match);
}
