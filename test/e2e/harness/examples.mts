import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INode, INodeParameters } from 'n8n-workflow';
import {
	clientFor,
	SETTINGS_NODE,
	withLive,
	withParameters,
} from '../../demonstration/example-workflows.mts';
import { csvOf } from '../../simulator/exports.mts';
import { rowOf } from '../../simulator/saved-queries.mts';
import { REPOSITORY } from './folders.mts';
import { credentialFor, CREDENTIAL_TYPE, type CredentialFile } from './tenant.mts';
import { listNode, MANUAL_TRIGGER, NEXTHINK_NODE, type WorkflowFile } from './workflows.mts';
import type { Tenant } from '../../simulator/tenant.mts';

const EXAMPLES = join(REPOSITORY, 'examples');

export interface Example {
	/** Name of its file in `examples/`. */
	readonly file: string;
	readonly workflow: WorkflowFile;
}

/** n8n runs these in a server only, or they wait for somebody who calls them there. */
const SERVER_NODES = ['dataTable', 'wait', 'webhook'].map((name) => `n8n-nodes-base.${name}`);

/** The ready workflows of the package, every file of `examples/`. */
export const EXAMPLES_TO_RUN: readonly Example[] = readdirSync(EXAMPLES)
	.filter((file) => file.endsWith('.json'))
	.sort()
	.map((file) => ({
		file,
		workflow: JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as WorkflowFile,
	}));

const exampleOf = (wanted: string) => EXAMPLES_TO_RUN.find(({ file }) => file === wanted)!;

/** The one that looks devices up in an export. */
export const LARGE_LIST = exampleOf('large-list-by-export.json');

/** The one that posts a list in chunks, and the one that it posts them to. */
export const FAN_OUT = exampleOf('fan-out-in-queue-mode.json');
export const WEBHOOK = exampleOf('webhook-with-answer.json');

/** The one that schedules a device after some nights in a row as stale. */
export const NIGHTLY = exampleOf('nightly-with-audit-trail.json');

/** Those that look devices up by name, ask a person and schedule them. */
export const LOOKUP_EXAMPLES = EXAMPLES_TO_RUN.filter(
	(example) => holdsNode(example, 'Wait for approval') && isByName(example),
);

/** Those that look up UIDs of their own and need no server, under other ids, so that they can be beside those that are switched to live. */
export const UID_EXAMPLES: readonly Example[] = EXAMPLES_TO_RUN.filter(
	(example) => holdsNode(example, 'Look up') && !isByName(example) && !needsServer(example),
).map(({ file, workflow }) => {
	return { file, workflow: { ...workflow, id: `${workflow.id.slice(0, -4)}Copy` } };
});

export function holdsNode({ workflow }: Example, name: string): boolean {
	return workflow.nodes.some((node) => node.name === name);
}

/** Whether an example looks devices up by name; others do so by UID, or not at all. */
export function isByName({ workflow }: Example): boolean {
	const lookUp = workflow.nodes.find(({ name }) => name === 'Look up');
	return lookUp !== undefined && lookUp.parameters.matchColumn === undefined;
}

/** Out: the example with `live` set to true, and with a field that has the address of its form, as a node has it that sends it. */
export function asLive(example: Example): Example {
	const workflow = withLive(example.workflow, true);
	const nodes = workflow.nodes.map((node) =>
		node.name === SETTINGS_NODE ? withFormUrl(node) : node,
	);
	return { ...example, workflow: { ...workflow, nodes } };
}

/** Out: the example of every night, as it runs so many days before today. */
export function onNight(example: Example, daysAgo: number): Example {
	const night = `={{ $now.minus({ days: ${daysAgo} }).toISODate() }}`;
	const { nodes } = example.workflow;
	const settings = nodes.find(({ name }) => name === SETTINGS_NODE)!;
	const { assignments } = settings.parameters.assignments as { assignments: INodeParameters[] };
	const changed = assignments.map((each) =>
		each.name === 'night' ? { ...each, value: night } : each,
	);
	const workflow = withParameters(example.workflow, (node) => node === settings, {
		assignments: { assignments: changed },
	});
	return { ...example, workflow };
}

function withFormUrl(node: INode): INode {
	const { assignments } = node.parameters.assignments as { assignments: INodeParameters[] };
	const value = '={{ $execution.resumeFormUrl }}';
	const field = { id: 'formUrl', name: 'formUrl', value, type: 'string' };
	const changed = { assignments: { assignments: [...assignments, field] } };
	return { ...node, parameters: { ...node.parameters, ...changed } };
}

export function needsServer(example: Example): boolean {
	const { nodes } = example.workflow;
	return example === FAN_OUT || nodes.some(({ type }) => SERVER_NODES.includes(type));
}

/** Out: the fan-out example with the address that it posts its chunks to. */
export function postingTo(url: string, { workflow }: Example = FAN_OUT): WorkflowFile {
	const nodes = workflow.nodes.map((node) =>
		node.name === 'Send a chunk' ? { ...node, parameters: { ...node.parameters, url } } : node,
	);
	return { ...workflow, nodes };
}

/** Out: the webhook example as it takes the chunks of the fan-out. */
export function takingChunks({ workflow }: Example = WEBHOOK): WorkflowFile {
	const nodes = workflow.nodes.map((node) =>
		node.type === NEXTHINK_NODE
			? { ...node, parameters: { ...node.parameters, maxDevices: 1000 } }
			: node,
	);
	return { ...workflow, nodes };
}

/** Out: the production address of a workflow that a webhook starts. */
export function addressOf(origin: string, { nodes }: WorkflowFile): string {
	const webhook = nodes.find(({ type }) => type === 'n8n-nodes-base.webhook');
	if (webhook === undefined) throw new Error('No webhook starts this workflow');
	return `${origin}/webhook/${String(webhook.parameters.path)}`;
}

/**
 * n8n uses pinned data in the editor only. Out: the workflow with each pinned node replaced by one of the same name that gives those
 * items; the rest as it was.
 */
export function forCommandLine({ file, workflow }: Example): WorkflowFile {
	if (!workflow.nodes.some(({ type }) => type === MANUAL_TRIGGER)) {
		throw new Error(`${file} has no manual trigger, so n8n cannot start it on the command line.`);
	}
	const { pinData = {}, ...rest } = workflow;
	const nodes = workflow.nodes.map((node): INode => {
		const pinned = pinData[node.name];
		if (pinned === undefined) return node;
		const { type, typeVersion, parameters } = listNode(
			node.name,
			pinned.map(({ json }) => json),
		);
		return { ...node, type, typeVersion, parameters, credentials: {} };
	});
	return { ...rest, nodes };
}

/** The nodes of an example that delete; others look devices up or run queries. */
export function nexthinkNodes({ workflow }: Example): INode[] {
	return workflow.nodes.filter(
		({ type, parameters: { resource = 'device', operation = 'delete' } }) =>
			type === NEXTHINK_NODE && resource === 'device' && operation === 'delete',
	);
}

/** What a user fills in for the credentials that the examples name: those for Nexthink point to the tenant. */
export function credentialsOfExamples(tenant: Tenant): CredentialFile[] {
	const found = new Map<string, CredentialFile>();
	for (const { credentials } of EXAMPLES_TO_RUN.flatMap(({ workflow }) => workflow.nodes)) {
		for (const [type, { id, name }] of Object.entries(credentials ?? {})) {
			if (id === null) continue;
			found.set(
				id,
				type === CREDENTIAL_TYPE
					? credentialFor(tenant, { id, name, client: clientFor(id, tenant) })
					: { id, name, type, data: FOREIGN_CREDENTIALS[type] ?? {} },
			);
		}
	}
	return [...found.values()];
}

/** The header that calls of the webhook example carry. */
export const WEBHOOK_KEY = { name: 'x-webhook-key', value: 'key-of-the-webhook-example' } as const;

/** The login of the forms. */
export const FORM_LOGIN = { user: 'user-of-the-form', password: 'password-of-the-form' } as const;

const FOREIGN_CREDENTIALS: Readonly<Record<string, CredentialFile['data']>> = {
	httpBasicAuth: FORM_LOGIN,
	httpHeaderAuth: WEBHOOK_KEY,
};

/** Whether a device stands anywhere in an example's pinned data, by its UID or, where it was looked up, by its name. */
export function isInPinnedData(
	{ workflow }: Example,
	{ uid, name }: { uid: string; name: string },
): boolean {
	const pinned = JSON.stringify(workflow.pinData).toLowerCase();
	return [uid, name].some((text) => pinned.includes(text.toLowerCase()));
}

/** Every exported file has a quotation mark in the wrong place: what stands behind it cannot be read for sure. */
export function breakLineOfFile({ faults, knownDevices }: Tenant): void {
	const lines = csvOf(knownDevices.map(rowOf)).trimEnd().split('\n');
	const body = [...lines.slice(0, -1), 'x,y,PC"1,z,z', ...lines.slice(-1)].join('\n');
	faults.add({ route: 'file', times: Infinity, play: { kind: 'status', status: 200, body } });
}
