import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { CREDENTIAL_TYPE } from './api/attempt';
import { carryOut } from './operations/carryOut';
import { deleteDevices } from './operations/deleteDevices/operation';
import { propertiesOf } from './operations/editorProperties';
import { executeQuery } from './operations/executeQuery/operation';
import { exportQuery } from './operations/exportQuery/operation';
import { lookUpDevices } from './operations/lookUp/operation';

const OPERATIONS = [deleteDevices, lookUpDevices, executeQuery, exportQuery];

/** What the editor calls resources and operations. */
const WORDS = Object.fromEntries(
	[...OPERATIONS, ...OPERATIONS.map(({ resource }) => resource)].map(({ value, name }) => [
		value,
		name,
	]),
);

export class Nexthink implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Nexthink',
		name: 'nexthink',
		icon: { light: 'file:nexthink.svg', dark: 'file:nexthink.dark.svg' },
		group: ['output'],
		version: 1,
		// The raw parameter: an expression that cannot be resolved before a run would take the whole subtitle away.
		subtitle: `={{ (${JSON.stringify(WORDS)})[$parameter["operation"]] + ": " + (${JSON.stringify(WORDS)})[$parameter["resource"]] + ($rawParameter["dryRun"] === true ? " (Dry Run)" : "") }}`,
		description:
			'Schedule device deletions in Nexthink in bulk and get the status of each device; find devices by name; run saved queries',
		defaults: { name: 'Nexthink' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: CREDENTIAL_TYPE, required: true }],
		properties: propertiesOf(OPERATIONS),
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await carryOut(this, OPERATIONS);
	}
}
