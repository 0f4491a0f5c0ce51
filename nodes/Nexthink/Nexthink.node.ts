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
import { executeQuery } from './operations/executeQuery/operation';
import { executeQueryParameters } from './operations/executeQuery/parameters';
import { exportQuery } from './operations/exportQuery/operation';
import { exportQueryParameters } from './operations/exportQuery/parameters';
import { lookUpDevices } from './operations/lookUp/operation';
import { lookUpParameters } from './operations/lookUp/parameters';
import { AS_TOOL } from './operations/parameters';

type Operation = (context: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

/** By resource and operation. */
const OPERATIONS: Record<string, Operation> = {
	'device delete': deleteDevices,
	'device lookUp': lookUpDevices,
	'nqlQuery execute': executeQuery,
	'nqlQuery export': exportQuery,
};

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
			'Schedule the deletion of devices in Nexthink, in bulk, and learn what became of each; find devices by name; run saved queries',
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
				options: [
					{ name: 'Device', value: 'device' },
					{ name: 'NQL Query', value: 'nqlQuery' },
				],
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
					{
						name: 'Look Up',
						value: 'lookUp',
						action: 'Look up devices',
						description: 'Find the UIDs of devices by their names, where that is certain',
					},
				],
			},
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'execute',
				displayOptions: { show: { resource: ['nqlQuery'] }, hide: AS_TOOL },
				options: [
					{
						name: 'Execute',
						value: 'execute',
						action: 'Execute an NQL query',
						description: 'Run a saved query and get one item for each row',
					},
					{
						name: 'Export',
						value: 'export',
						action: 'Export an NQL query',
						description: 'Run a saved query with a large result and get a file',
					},
				],
			},
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'execute',
				displayOptions: { show: { resource: ['nqlQuery'], ...AS_TOOL } },
				options: [
					{
						name: 'Execute',
						value: 'execute',
						action: 'Execute an NQL query',
						description: 'Run a saved query and get one item for each row',
					},
				],
			},
			...deleteDevicesParameters,
			...lookUpParameters,
			...executeQueryParameters,
			...exportQueryParameters,
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const resource = String(this.getNodeParameter('resource', 0));
		const operation = String(this.getNodeParameter('operation', 0));
		return await OPERATIONS[`${resource} ${operation}`]!(this);
	}
}
