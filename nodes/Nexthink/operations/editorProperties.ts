import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { RESOURCES, type Operation } from './operation';
import { AS_TOOL, parameterProperties } from './settings/editor';

/** All that the editor shows of the node: the choice of resource and operation, and what each operation declares. */
export function propertiesOf(operations: readonly Operation[]): INodeProperties[] {
	const resources = Object.values(RESOURCES);
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			default: 'device',
			options: resources,
		},
		...resources.flatMap(({ value }) =>
			choiceOf(
				value,
				operations.filter(({ resource }) => resource.value === value),
			),
		),
		...operations.flatMap(({ resource, value, isTool, parameters }) =>
			parameterProperties(parameters, { resource: resource.value, operation: value, isTool }),
		),
	];
}

/** An AI Agent is offered fewer operations, if not all of a resource are for it. */
function choiceOf(resource: string, operations: readonly Operation[]): INodeProperties[] {
	const choice = (offered: readonly Operation[], forWhom: object): INodeProperties => ({
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		default: firstOf(offered),
		options: offered.map(
			({ name, value, action, description }): INodePropertyOptions => ({
				...{ name, value, action, description },
			}),
		),
		displayOptions: forWhom,
	});
	const show = { resource: [resource] };
	const forTools = operations.filter(({ isTool }) => isTool);
	return forTools.length === operations.length
		? [choice(operations, { show })]
		: [
				choice(operations, { show, hide: AS_TOOL }),
				choice(forTools, { show: { ...show, ...AS_TOOL } }),
			];
}

function firstOf([first]: readonly Operation[]): string {
	return first!.value;
}
