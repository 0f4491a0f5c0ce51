import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { CREDENTIAL_TYPE } from './api/send';
import { deleteDevices } from './operations/deleteDevices/operation';
import { deleteDevicesParameters } from './operations/deleteDevices/parameters';

export class Nexthink implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Nexthink',
		name: 'nexthink',
		icon: { light: 'file:nexthink.svg', dark: 'file:nexthink.dark.svg' },
		group: ['output'],
		version: 1,
		// The raw parameter: an expression that cannot be resolved before a run would take the whole subtitle away.
		subtitle:
			'={{ $parameter["operation"] + ": " + $parameter["resource"] + ($rawParameter["dryRun"] === true ? " (dry run)" : "") }}',
		description:
			'Schedule the deletion of devices in Nexthink, in bulk, and learn what became of each',
		defaults: { name: 'Nexthink' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: CREDENTIAL_TYPE, required: true }],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				default: 'device',
				options: [{ name: 'Device', value: 'device' }],
			},
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'delete',
				displayOptions: { show: { resource: ['device'] } },
				options: [
					{
						name: 'Delete',
						value: 'delete',
						action: 'Delete devices',
						description: 'Schedule devices for deletion from the Nexthink inventory',
					},
				],
			},
			...deleteDevicesParameters,
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await deleteDevices(this);
	}
}
