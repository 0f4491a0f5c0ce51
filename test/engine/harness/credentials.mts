import type {
	ICredentialDataDecryptedObject,
	ICredentialsExpressionResolveValues,
	ICredentialsHelper,
	ICredentialType,
	IExecuteData,
	IHttpRequestHelper,
	IHttpRequestOptions,
	INode,
	INodeCredentialsDetails,
	INodeProperties,
	INodeTypes,
	IWorkflowExecuteAdditionalData,
	Workflow,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import type { Core } from './core.mts';

export interface StoredCredential {
	id: string;
	name: string;
	type: string;
	data: ICredentialDataDecryptedObject;
}

export interface CredentialTypes {
	getByName(name: string): ICredentialType;
	getSupportedNodes(name: string): string[];
}

export type CredentialsHelper = ICredentialsHelper & {
	applyDefaultsAndOverwrites(
		additionalData: IWorkflowExecuteAdditionalData,
		data: ICredentialDataDecryptedObject,
		type: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		resolveValues?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject>;
};

// n8n's oauth/dcr-managed-fields: where a credential type fixes one of these as a hidden field, a
// stored value does not count.
const pinnedFields = [
	'useDynamicClientRegistration',
	'authUrl',
	'accessTokenUrl',
	'grantType',
	'authentication',
	'usePkce',
	'requestTokenUrl',
	'signatureMethod',
];

const standInNode: INode = {
	id: '',
	name: '',
	type: 'mock',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

const standInNodeType = { description: { properties: [] as INodeProperties[] } };
const standInNodeTypes = {
	getKnownTypes: () => ({}),
	getByName: () => standInNodeType,
	getByNameAndVersion: () => standInNodeType,
} as unknown as INodeTypes;

/**
 * n8n's CredentialsHelper (packages/cli/src/credentials-helper.ts, 2.41) without its database,
 * policies, overwrites and external secrets. A renewed token is written into the given objects,
 * which stand for the rows of n8n's database.
 */
export function createCredentialsHelper(
	{ core, workflow: n8nWorkflow }: Core,
	types: CredentialTypes,
	stored: StoredCredential[],
): CredentialsHelper {
	const { NodeHelpers, UserError, Workflow, deepCopy, isExpression } = n8nWorkflow;

	function find(details: INodeCredentialsDetails, type: string): StoredCredential {
		if (!details.id) throw new UserError('Found credential with no ID.');
		const found = stored.find(
			(credential) => credential.id === details.id && credential.type === type,
		);
		if (!found) {
			throw new UserError(`Credential with ID "${details.id}" does not exist for type "${type}".`);
		}
		return found;
	}

	function getParentTypes(name: string): string[] {
		const parents = [...(types.getByName(name).extends ?? [])];
		return [...parents, ...parents.flatMap(getParentTypes)];
	}

	function getCredentialsProperties(name: string): INodeProperties[] {
		const type = types.getByName(name);
		if (type.extends === undefined) {
			if (name !== 'oAuth2Api') return type.properties;
			return [
				...type.properties,
				{
					displayName: 'oauthTokenData',
					name: 'oauthTokenData',
					type: 'json',
					required: false,
					default: {} as unknown as string,
				},
			];
		}
		const properties: INodeProperties[] = [];
		for (const parent of type.extends) {
			NodeHelpers.mergeNodeProperties(properties, getCredentialsProperties(parent));
		}
		NodeHelpers.mergeNodeProperties(properties, type.properties);
		return properties;
	}

	function resolveValue(
		value: string,
		credentials: ICredentialDataDecryptedObject,
		workflow: Workflow,
		node: INode,
	): string {
		if (!isExpression(value)) return value;
		const resolved = workflow.expression.getSimpleParameterValue(
			node,
			value,
			'internal',
			{ $credentials: credentials },
			undefined,
			'',
		);
		return resolved ? resolved.toString() : '';
	}

	const applyDefaultsAndOverwrites: CredentialsHelper['applyDefaultsAndOverwrites'] = async (
		additionalData,
		original,
		type,
		mode,
		executeData,
		resolveValues,
	) => {
		const properties = getCredentialsProperties(type);
		const data = { ...original };
		for (const field of pinnedFields) {
			if (properties.some(({ name, type: kind }) => name === field && kind === 'hidden')) {
				delete data[field];
			}
		}
		const decrypted = NodeHelpers.getNodeParameters(
			properties,
			data as Parameters<typeof NodeHelpers.getNodeParameters>[1],
			true,
			false,
			null,
			null,
		) as ICredentialDataDecryptedObject;
		for (const field of ['oauthTokenData', 'allowedHttpRequestDomains', 'allowedDomains']) {
			const value = original[field];
			if (value !== undefined && (field === 'oauthTokenData' || decrypted[field] === undefined)) {
				decrypted[field] = value;
			}
		}
		const additionalKeys = core.getAdditionalKeys(additionalData, mode, null, {
			isCredential: true,
		});
		if (resolveValues) {
			try {
				return resolveValues.workflow.expression.getParameterValue(
					decrypted as Parameters<typeof resolveValues.workflow.expression.getParameterValue>[0],
					resolveValues.runExecutionData,
					resolveValues.runIndex,
					resolveValues.itemIndex,
					resolveValues.node.name,
					resolveValues.connectionInputData,
					mode,
					additionalKeys,
					executeData,
					false,
					decrypted,
				) as ICredentialDataDecryptedObject;
			} catch (error) {
				if (error instanceof Error) error.message += ' [Error resolving credentials]';
				throw error;
			}
		}
		const workflow = new Workflow({
			nodes: [standInNode],
			connections: {},
			active: false,
			nodeTypes: standInNodeTypes,
		});
		return await workflow.expression.withIsolate(
			async () =>
				workflow.expression.getComplexParameterValue(
					standInNode,
					decrypted as Parameters<typeof workflow.expression.getComplexParameterValue>[1],
					mode,
					additionalKeys,
					undefined,
					undefined,
					decrypted,
				) as ICredentialDataDecryptedObject,
		);
	};

	return {
		applyDefaultsAndOverwrites,
		getParentTypes,
		getCredentialsProperties,
		isCredentialUsableByNode(type: string, nodeType: string) {
			const definition = types.getByName(type) as ICredentialType & {
				restrictToSupportedNodes?: boolean;
			};
			return (
				!definition.restrictToSupportedNodes || types.getSupportedNodes(type).includes(nodeType)
			);
		},
		async authenticate(
			credentials: ICredentialDataDecryptedObject,
			typeName: string,
			request: IHttpRequestOptions,
			workflow: Workflow,
			node: INode,
		) {
			const { authenticate } = types.getByName(typeName);
			if (typeof authenticate === 'function') return await authenticate(credentials, request);
			if (authenticate?.type !== 'generic') return request;
			const sections = request as unknown as Record<string, Record<string, unknown> | undefined>;
			for (const [section, values] of Object.entries(authenticate.properties)) {
				const target = (sections[section] ??= {});
				for (const [key, value] of Object.entries(values as Record<string, string>)) {
					target[resolveValue(key, credentials, workflow, node)] = resolveValue(
						value,
						credentials,
						workflow,
						node,
					);
				}
			}
			return request;
		},
		// For types with an expirable hidden field, which no OAuth2 type has.
		preAuthentication: async () => undefined,
		async runPreAuthentication(
			helpers: IHttpRequestHelper,
			credentials: ICredentialDataDecryptedObject,
			typeName: string,
		) {
			const { preAuthentication } = types.getByName(typeName);
			return (await preAuthentication?.call(helpers, credentials)) ?? undefined;
		},
		async getCredentials(details: INodeCredentialsDetails, type: string) {
			const { id, name, data } = find(details, type);
			const credentials = new core.Credentials({ id, name }, type);
			await credentials.setData(deepCopy(data));
			return credentials;
		},
		async getDecrypted(
			additionalData: IWorkflowExecuteAdditionalData,
			details: INodeCredentialsDetails,
			type: string,
			mode: WorkflowExecuteMode,
			executeData?: IExecuteData,
			raw?: boolean,
			resolveValues?: ICredentialsExpressionResolveValues,
		) {
			const data = deepCopy(find(details, type).data);
			if (raw === true) return data;
			return await applyDefaultsAndOverwrites(
				additionalData,
				data,
				type,
				mode,
				executeData,
				resolveValues,
			);
		},
		async updateCredentials(
			details: INodeCredentialsDetails,
			type: string,
			data: ICredentialDataDecryptedObject,
		) {
			find(details, type).data = deepCopy(data);
		},
		async updateCredentialsOauthTokenData(
			details: INodeCredentialsDetails,
			type: string,
			data: ICredentialDataDecryptedObject,
		) {
			const credential = find(details, type);
			const { oauthTokenData } = deepCopy(data);
			credential.data = {
				...credential.data,
				...(oauthTokenData === undefined ? {} : { oauthTokenData }),
			};
		},
	} as unknown as CredentialsHelper;
}
