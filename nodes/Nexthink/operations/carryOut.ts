import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { plainText } from '../api/plainText';
import { errorPathOf, itemOnErrorPath, messageOf } from './failures';
import type { Operation } from './operation';
import { runErrorOf } from './runError';
import { failureOfRefusal, Refusal } from './settings/refusal';

/** Carries out the operation that the node is set to; a workflow made by hand may name one that there is not. */
export async function carryOut(
	context: IExecuteFunctions,
	operations: readonly Operation[],
): Promise<INodeExecutionData[][]> {
	const { resource, operation } = context.getNode().parameters;
	const chosen = operations.find(
		(each) => each.resource.value === resource && each.value === operation,
	);
	if (chosen !== undefined) return await chosen.execute(context);

	const failure = failureOfRefusal(
		new Refusal(
			`This node has no operation "${plainText(String(operation), 60)}" for the resource "${plainText(String(resource), 60)}"`,
			'Open the node and choose a resource and an operation.',
		),
	);
	const errorPath = errorPathOf(context);
	if (errorPath === 'stop') {
		throw runErrorOf(context.getNode(), failure, {
			summary: '',
			data: {},
			anyRequest: false,
			onRetryOnFail: '',
		});
	}
	const nothing = { json: {}, atError: {} };
	return [
		context
			.getInputData()
			.map((_, item) => itemOnErrorPath(errorPath, failure, messageOf(failure), nothing, { item })),
	];
}
