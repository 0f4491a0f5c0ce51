import type { ICredentialType, IDataObject } from 'n8n-workflow';
import type { Core } from './core.mts';
import type { CredentialTypes } from './credentials.mts';
import type { NodeTypeDefinition } from './node-types.mts';
import { OAuth2Api } from './oauth2-credential-type.mts';

export interface PackageTypes {
	nodes: Record<string, NodeTypeDefinition>;
	credentials: CredentialTypes;
}

/**
 * Loads a community package with n8n's own loader, then does what
 * LoadNodesAndCredentials.postProcessLoaders adds.
 */
export async function loadPackageTypes(
	{ core, workflow }: Core,
	packageFolder: string,
): Promise<PackageTypes> {
	const loader = new core.PackageDirectoryLoader(packageFolder);
	await loader.loadAll();

	const nodes: PackageTypes['nodes'] = {};
	for (const [name, { type }] of Object.entries(loader.nodeTypes)) {
		nodes[`${loader.packageName}.${name}`] = type;
	}

	const credentials = new Map<string, ICredentialType>();
	for (const { type } of Object.values(loader.credentialTypes)) credentials.set(type.name, type);
	credentials.set('oAuth2Api', new OAuth2Api());
	for (const type of credentials.values()) {
		type.properties = workflow.injectDomainRestrictionFields(type as ICredentialType & IDataObject);
	}
	return {
		nodes,
		credentials: {
			getByName(name) {
				const type = credentials.get(name);
				if (!type) throw new core.UnrecognizedCredentialTypeError(name);
				return type;
			},
			getSupportedNodes: (name) =>
				(loader.known.credentials[name]?.supportedNodes ?? []).flatMap((node) => [
					`${loader.packageName}.${node}`,
					`${loader.packageName}.${node}Tool`,
				]),
		},
	};
}
