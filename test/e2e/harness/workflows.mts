import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IConnections, INode, INodeParameters, IPinData } from 'n8n-workflow';
import { CREDENTIAL_TYPE } from './tenant.mts';

/** n8n's export format, as far as the tests need it. */
export interface WorkflowFile {
	readonly id: string;
	readonly name: string;
	readonly active: boolean;
	readonly nodes: readonly INode[];
	readonly connections: IConnections;
	readonly pinData?: IPinData;
	readonly settings: Readonly<Record<string, unknown>>;
}

export const NEXTHINK_NODE = 'n8n-nodes-nexthink.nexthink';
export const IMPORT_FILE_ENDING = '.import.json';
export const MANUAL_TRIGGER = 'n8n-nodes-base.manualTrigger';

/** From one node's output (0 is the first) to another's input. */
export type Link = readonly [from: string, to: string, output?: number];

/** In: an id of 16 letters and digits at most, which is the name as well. */
export function workflowOf(
	id: string,
	nodes: readonly INode[],
	links: readonly Link[],
): WorkflowFile {
	const connections: IConnections = {};
	for (const [from, to, output = 0] of links) {
		const outputs = ((connections[from] ??= {}).main ??= []);
		while (outputs.length <= output) outputs.push([]);
		outputs[output]?.push({ node: to, type: 'main', index: 0 });
	}
	return { id, name: id, active: false, nodes, connections, settings: { executionOrder: 'v1' } };
}

let positions = 0;

function nodeOf(name: string, type: string, rest: Partial<INode> = {}): INode {
	positions += 1;
	const position: [number, number] = [200 * positions, 0];
	return { id: name, name, type, typeVersion: 1, position, parameters: {}, ...rest };
}

export function manualTrigger(name = 'Start'): INode {
	return nodeOf(name, MANUAL_TRIGGER);
}

/** A node that puts out these items, whatever comes in. */
export function listNode(name: string, items: readonly object[]): INode {
	const code = `return ${JSON.stringify(items.map((json) => ({ json })))};`;
	return nodeOf(name, 'n8n-nodes-base.code', { typeVersion: 2, parameters: { jsCode: code } });
}

export interface NexthinkNodeOptions {
	readonly credentialId: string;
	readonly parameters?: INodeParameters;
	readonly onError?: INode['onError'];
}

export function nexthinkNode(
	name: string,
	{ credentialId, parameters = {}, onError }: NexthinkNodeOptions,
): INode {
	return nodeOf(name, NEXTHINK_NODE, {
		parameters,
		credentials: { [CREDENTIAL_TYPE]: { id: credentialId, name: credentialId } },
		...(onError === undefined ? {} : { onError }),
	});
}

/**
 * Writes what an import takes into the user folder. Out: the argument that names the file. Such files hold client secrets by design; the
 * search for secrets knows them by their name.
 */
export function importFile(userFolder: string, name: string, contents: readonly object[]): string {
	const file = join(userFolder, `${name}${IMPORT_FILE_ENDING}`);
	writeFileSync(file, JSON.stringify(contents));
	return `--input=${file}`;
}
