import type { INodeTypeDescription } from 'n8n-workflow';

/** A node with one input and one output, which is all that n8n wants to know of these. */
export function description(
	displayName: string,
	rest: Pick<INodeTypeDescription, 'name' | 'properties'> &
		Partial<Pick<INodeTypeDescription, 'credentials'>>,
): INodeTypeDescription {
	return {
		displayName,
		group: ['transform'],
		version: 1,
		description: 'Part of the benchmark',
		defaults: { name: displayName },
		inputs: ['main'],
		outputs: ['main'],
		...rest,
	};
}
