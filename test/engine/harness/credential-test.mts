import get from 'lodash/get.js';
import type {
	ICredentialsDecrypted,
	INode,
	INodeType,
	INodeTypes,
	NodeApiError,
} from 'n8n-workflow';
import { createAdditionalData } from './additional-data.mts';
import { describe } from './built-in-nodes.mts';
import type { Core } from './core.mts';
import { createCredentialsHelper } from './credentials.mts';
import type { CredentialTypes, StoredCredential } from './credentials.mts';

export interface CredentialTestResult {
	status: 'OK' | 'Error';
	message: string;
}

type Rule = {
	type: string;
	properties: { message: string; value: unknown; key?: string };
};

/**
 * n8n's CredentialsTester (packages/cli/src/services/credentials-tester.service.ts, 2.41), the
 * part for a test request.
 */
export async function testCredential(
	loaded: Core,
	types: CredentialTypes,
	stored: StoredCredential,
): Promise<CredentialTestResult> {
	const { core, workflow: n8nWorkflow } = loaded;
	const { test } = types.getByName(stored.type);
	if (!test) throw new Error(`The credential type ${stored.type} has no test request`);

	const helper = createCredentialsHelper(loaded, types, [stored]);
	const additionalData = createAdditionalData(loaded, helper, 'credential-test');
	const decrypted: ICredentialsDecrypted = { ...stored };
	try {
		decrypted.data = await helper.applyDefaultsAndOverwrites(
			additionalData,
			n8nWorkflow.deepCopy(stored.data),
			stored.type,
			'internal',
		);
	} catch (error) {
		return { status: 'Error', message: (error as Error).message };
	}

	const node: INode = {
		id: 'temp',
		parameters: {},
		name: 'Temp-Node',
		type: 'n8n-nodes-base.noOp',
		typeVersion: 1,
		position: [0, 0],
		credentials: { [stored.type]: { id: stored.id, name: stored.name } },
	};
	const nodeType: INodeType = {
		description: {
			...describe('noOp'),
			credentials: [{ name: stored.type, required: true }],
			properties: [
				{
					displayName: 'Temp',
					name: 'temp',
					type: 'string',
					routing: { request: test.request },
					default: '',
				},
			],
		},
	};
	const workflow = new n8nWorkflow.Workflow({
		nodes: [node],
		connections: {},
		active: false,
		nodeTypes: {
			getKnownTypes: () => ({}),
			getByName: () => nodeType,
			getByNameAndVersion: () => nodeType,
		} satisfies INodeTypes,
	});
	const testData = createAdditionalData(loaded, helper, 'credential-test');
	testData.currentNodeParameters = node.parameters;
	testData.credentialsHelper = new Proxy(helper, {
		get: (target, property: keyof typeof helper) =>
			property === 'getDecrypted'
				? async (
						...[data, details, type, mode, executeData, raw]: Parameters<typeof helper.getDecrypted>
					) =>
						raw
							? await helper.getDecrypted(data, details, type, mode, executeData, raw)
							: (decrypted.data ?? {})
				: target[property],
	});
	const context = new core.ExecuteContext(
		workflow,
		node,
		testData,
		'internal',
		n8nWorkflow.createEmptyRunExecutionData(),
		0,
		[],
		{ main: [[{ json: {} }]] },
		{ node, data: {}, source: null },
		[],
	);
	const routing = new core.RoutingNode(context, nodeType, decrypted);
	const rules = (test.rules ?? []) as Rule[];
	let response;
	try {
		await workflow.expression.acquireIsolate();
		response = await routing.runNode();
	} catch (error) {
		return explainFailure(error as NodeApiError, rules);
	} finally {
		await workflow.expression.releaseIsolate();
	}

	const body: unknown = response![0]![0]!.json;
	for (const { type, properties } of rules) {
		if (type !== 'responseSuccessBody') continue;
		if (get(body, properties.key ?? '') === properties.value) {
			return { status: 'Error', message: properties.message };
		}
	}
	return { status: 'OK', message: 'Connection successful!' };
}

interface FailureCause {
	code?: string;
	response?: { status: number; statusText?: string };
}

function explainFailure(error: NodeApiError, rules: Rule[]): CredentialTestResult {
	const cause = error.cause as FailureCause | undefined;
	if (cause?.response) {
		const { status, statusText } = cause.response;
		const rule = rules.find(
			({ type, properties }) => type === 'responseCode' && properties.value === status,
		);
		if (rule) return { status: 'Error', message: rule.properties.message };
		if (status < 199 || status > 299) {
			return { status: 'Error', message: statusText || `Received HTTP status code: ${status}` };
		}
	} else if (cause?.code) {
		return { status: 'Error', message: cause.code };
	}
	return { status: 'Error', message: error.message.toString() };
}
