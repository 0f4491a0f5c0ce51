import type { INode, INodeParameters } from 'n8n-workflow';
import { CREDENTIAL_TYPE } from '../harness/tenant.mts';
import { NEXTHINK_NODE, workflowOf, type Link, type WorkflowFile } from '../harness/workflows.mts';
import { benchNodeType } from './bench-nodes.mts';
import { findingsIn } from './exported-inventory.mts';
import { distinctNames, type ListOf } from './in-n8n/devices.mts';
import type { Done } from './measured-tenant.mts';
import {
	ALL_DEVICES_QUERY,
	BY_NAME_QUERY,
	LARGE_FILE_QUERY,
	SMALL_FILE_QUERY,
} from './saved-queries.mts';

/** What the measured part of each workflow is made with. */
export interface Surroundings {
	readonly credentialId: string;
	/** Of the deletions endpoint. */
	readonly url: string;
	/** Of the endpoint that executes queries. */
	readonly queriesUrl: string;
	readonly profileFile: string;
}

/** What stands between the source and the end of a workflow. */
interface Part {
	readonly nodes: readonly INode[];
	/** The node behind the source. */
	readonly first: string;
	/** The node in front of the end. */
	readonly last: string;
	readonly links?: readonly Link[];
}

/** What is measured, and what must have come of it for the figure to count. */
export interface MeasuredPart {
	readonly make: (around: Surroundings) => Part;
	/** What the items of its list name; default: devices. */
	readonly listOf?: ListOf;
	/** How many items must come with what as their status or match, for a list of that length. */
	readonly outcomes: (items: number) => Readonly<Record<string, number>>;
	/** What the tenant must have done for it; default: nothing. */
	readonly done?: (items: number) => Done;
}

const all = (outcome: string) => (items: number) => ({ [outcome]: items });
const sends = (make: MeasuredPart['make']): MeasuredPart => ({
	make,
	outcomes: all('SCHEDULED'),
	done: (devices) => ({ queued: devices }),
});
const looksUp = (make: MeasuredPart['make']): MeasuredPart => ({
	make,
	listOf: 'names',
	outcomes: all('FOUND'),
	done: (names) => ({ asked: distinctNames(names) }),
});
const exports = (queryId: string): MeasuredPart => ({
	make: (around) => nexthink(around, { resource: 'nqlQuery', operation: 'export', queryId }),
	outcomes: all('COMPLETED'),
	done: () => ({ exported: 1 }),
});
const lookUp = (around: Surroundings): Part =>
	nexthink(around, {
		operation: 'lookUp',
		queryId: BY_NAME_QUERY,
		options: { concurrency: LOOK_UPS_IN_FLIGHT },
	});

/** So many that the CPU of n8n has work for most of the time: with fewer, waiting would hide what the node costs. */
export const LOOK_UPS_IN_FLIGHT = 8;

/** The defaults, but for the dry run: each by an expression that comes out the same for all items, and that only n8n can evaluate. */
const SETTINGS_BY_EXPRESSIONS: INodeParameters = {
	dryRun: "={{ $execution.id !== '' }}",
	uidField: "={{ $vars.uid_field ?? 'uid' }}",
	nameField: "={{ $input.first().json.name_field ?? 'name' }}",
	options: {
		batchSize: "={{ $('Source').all().length > 0 ? 100 : 1 }}",
		concurrency: '={{ $vars.concurrency ?? 4 }}',
		failOnUnscheduled: "={{ $workflow.name === '' }}",
		includeInputFields: "={{ $execution.mode === 'none' }}",
		maxRetries: '={{ $vars.max_retries ?? 3 }}',
		maxRetryWait: '={{ $max(300, 60) }}',
		requestId: "={{ $vars.request_id ?? '0f8fad5b-d9cb-469f-a165-70867728950e' }}",
		timeout: "={{ Number('60') }}",
		uidValidation: "={{ $if($vars.strict, 'strict', 'warn') }}",
	},
};

/** What is measured in n8n, by the id of its workflow. */
export const PARTS = {
	'nexthink-1': sends((around) => nexthink(around, { options: { concurrency: 1 } })),
	'nexthink-4': sends((around) => nexthink(around)),
	'nexthink-8': sends((around) => nexthink(around, { options: { concurrency: 8 } })),
	'dry-run-fields': {
		make: (around) => nexthink(around, { dryRun: true }),
		outcomes: all('DRY_RUN'),
	},
	'dry-run-expr': {
		make: (around) =>
			nexthink(around, {
				dryRun: true,
				deviceSource: 'expressions',
				deviceUid: '={{ $json.uid }}',
				deviceName: '={{ $json.name }}',
			}),
		outcomes: all('DRY_RUN'),
	},
	'dry-run-settings': {
		make: (around) => nexthink(around, SETTINGS_BY_EXPRESSIONS),
		outcomes: all('DRY_RUN'),
	},
	'http-loop': sends(httpRequestLoop),
	'bare-loop-4': sends(bareLoop),
	'same-output': {
		make: () => single(node('Same Output', benchNodeType('SameOutput'))),
		outcomes: all('SCHEDULED'),
	},
	'look-up': looksUp(lookUp),
	'bare-queries': looksUp(bareQueries),
	'look-up-refused': { make: lookUp, listOf: 'wildcards', outcomes: all('REFUSED') },
	'look-up-export': {
		make: (around) =>
			nexthink(around, {
				operation: 'lookUp',
				lookupMethod: 'export',
				queryId: ALL_DEVICES_QUERY,
			}),
		listOf: 'names',
		outcomes: findingsIn,
		done: () => ({ exported: 1 }),
	},
	'export-small': exports(SMALL_FILE_QUERY),
	'export-large': exports(LARGE_FILE_QUERY),
} satisfies Record<string, MeasuredPart>;

export type PartId = keyof typeof PARTS;

export const WEBHOOK_NODE = 'Call';

/** The whole workflow: called by a webhook, answered by its last node, saved nowhere. */
export function workflowFor(id: PartId, around: Surroundings): WorkflowFile {
	const { nodes, first, last, links = [] } = PARTS[id].make(around);
	const webhook = node(WEBHOOK_NODE, 'n8n-nodes-base.webhook', {
		typeVersion: 2.1,
		webhookId: id,
		parameters: { httpMethod: 'POST', path: id, responseMode: 'lastNode' },
	});
	const source = node('Source', benchNodeType('Source'));
	const end = node('End', benchNodeType('End'), {
		parameters: { profileFile: around.profileFile },
	});
	const workflow = workflowOf(
		id,
		[webhook, source, ...nodes, end],
		[[WEBHOOK_NODE, 'Source'], ['Source', first], ...links, [last, 'End']],
	);
	const settings = { ...workflow.settings, saveDataSuccessExecution: 'none' };
	return { ...workflow, settings };
}

function nexthink({ credentialId }: Surroundings, parameters: INodeParameters = {}): Part {
	return single(
		node('Nexthink', NEXTHINK_NODE, {
			parameters: { maxDevices: 1_000_000, ...parameters },
			credentials: credential(credentialId),
		}),
	);
}

function bareLoop({ credentialId, url }: Surroundings): Part {
	return single(
		node('Bare Loop', benchNodeType('BareLoop'), {
			parameters: { url, concurrency: 4 },
			credentials: credential(credentialId),
		}),
	);
}

function bareQueries({ credentialId, queriesUrl }: Surroundings): Part {
	return single(
		node('Bare Queries', benchNodeType('BareQueries'), {
			parameters: {
				url: queriesUrl,
				queryId: BY_NAME_QUERY,
				concurrency: LOOK_UPS_IN_FLIGHT,
			},
			credentials: credential(credentialId),
		}),
	);
}

/** What a user builds without the node. */
function httpRequestLoop({ credentialId, url }: Surroundings): Part {
	const loop = node('Loop Over Items', 'n8n-nodes-base.splitInBatches', {
		typeVersion: 3,
		parameters: { batchSize: 100 },
	});
	const aggregate = node('Aggregate', 'n8n-nodes-base.aggregate', {
		parameters: { aggregate: 'aggregateAllItemData', destinationFieldName: 'devices' },
	});
	const request = node('HTTP Request', 'n8n-nodes-base.httpRequest', {
		typeVersion: 4.5,
		parameters: {
			method: 'POST',
			url,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: CREDENTIAL_TYPE,
			sendBody: true,
			specifyBody: 'json',
			jsonBody: '={{ $json }}',
		},
		credentials: credential(credentialId),
	});
	const split = node('Split Out', 'n8n-nodes-base.splitOut', {
		parameters: { fieldToSplitOut: 'devices' },
	});
	return {
		nodes: [loop, aggregate, request, split],
		first: loop.name,
		last: loop.name,
		links: [
			[loop.name, aggregate.name, 1],
			[aggregate.name, request.name],
			[request.name, split.name],
			[split.name, loop.name],
		],
	};
}

function single(only: INode): Part {
	return { nodes: [only], first: only.name, last: only.name };
}

function credential(id: string): INode['credentials'] {
	return { [CREDENTIAL_TYPE]: { id, name: 'Nexthink account' } };
}

function node(name: string, type: string, rest: Partial<INode> = {}): INode {
	return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters: {}, ...rest };
}
