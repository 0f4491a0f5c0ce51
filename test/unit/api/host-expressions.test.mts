import { createRequire } from 'node:module';

import type { ICredentialDataDecryptedObject, INode, INodeTypes } from 'n8n-workflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { NexthinkOAuth2Api } from '../../../credentials/NexthinkOAuth2Api.credentials.ts';
import { hostsOf, type HostFields } from '../../../nodes/Nexthink/api/hosts.ts';
import { BAD_FIELDS, GOOD_FIELDS, GOOD_URLS, named } from './host-fields.mts';

// The build of n8n-workflow that n8n itself loads.
const { Expression, Workflow } = createRequire(import.meta.url)(
	'n8n-workflow',
) as typeof import('n8n-workflow');

const credential = new NexthinkOAuth2Api();
const accessTokenUrl = credential.properties.find(({ name }) => name === 'accessTokenUrl')!
	.default as string;
const testBaseUrl = credential.test.request.baseURL!;

const node: INode = {
	id: '',
	name: '',
	type: 'test',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};
const nodeType = { description: { properties: [] } };
const nodeTypes = {
	getKnownTypes: () => ({}),
	getByName: () => nodeType,
	getByNameAndVersion: () => nodeType,
} as unknown as INodeTypes;
const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });

beforeAll(async () => {
	await Expression.initExpressionEngine({
		engine: 'legacy',
		poolSize: 1,
		maxCodeCacheSize: 1024,
		bridgeTimeout: 5000,
		bridgeMemoryLimit: 128,
	});
	await workflow.expression.acquireIsolate();
});

afterAll(async () => {
	await workflow.expression.releaseIsolate();
});

/** As n8n's CredentialsHelper evaluates the fields of a credential. */
function evaluatedTokenUrl(fields: HostFields): unknown {
	const { accessTokenUrl: url } = workflow.expression.getComplexParameterValue(
		node,
		{ accessTokenUrl },
		'internal',
		{},
		undefined,
		undefined,
		fields as ICredentialDataDecryptedObject,
	) as { accessTokenUrl: unknown };
	return url;
}

/** As n8n's RoutingNode evaluates the base URL of a credential's test. */
function evaluatedBaseUrl(fields: HostFields): unknown {
	return workflow.expression.getParameterValue(testBaseUrl, null, 0, 0, node.name, [], 'internal', {
		$credentials: fields as ICredentialDataDecryptedObject,
	});
}

describe("the credential's expressions, in n8n's own expression engine", () => {
	it.each(GOOD_FIELDS.map(named))('yield the hosts of the node for %s', (_, { fields, hosts }) => {
		expect(evaluatedTokenUrl(fields)).toBe(hosts.tokenUrl);
		expect(evaluatedBaseUrl(fields)).toBe(hosts.apiBaseUrl);
	});

	it.each(BAD_FIELDS.map(named))(
		'yield no address for %s, but what the node says of it as a scheme that nobody serves',
		(_, { fields }) => {
			const { refused } = hostsOf(fields) as { refused: string };
			const words = (text: string) => text.toLowerCase().match(/[a-z]+/g);
			for (const url of [evaluatedTokenUrl(fields), evaluatedBaseUrl(fields)]) {
				const { protocol, host } = new URL(url as string);
				expect(words(protocol)).toEqual(words(refused));
				expect(host).toBe('refused');
			}
		},
	);

	it('yield the API base of the node but for slashes at its end', () => {
		const tokenUrl = 'https://login.example/token';
		for (const url of GOOD_URLS) {
			const fields = { region: 'custom', apiBaseUrl: `${url}//`, tokenUrl };
			expect(String(evaluatedBaseUrl(fields)).replace(/\/+$/, '')).toBe(url);
			expect(evaluatedTokenUrl(fields)).toBe(tokenUrl);
		}
	});
});
