import type {
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	INodeTypes,
	IVersionedNodeType,
} from 'n8n-workflow';
import type { Core } from './core.mts';

export type NodeTypeDefinition = INodeType | IVersionedNodeType;

/** n8n's NodeTypes (packages/cli/src/node-types.ts, 2.41) over a fixed list. */
export class NodeTypes implements INodeTypes {
	private readonly tools = new Map<string, INodeType>();

	constructor(
		private readonly core: Core,
		private readonly definitions: Record<string, NodeTypeDefinition>,
	) {}

	getKnownTypes() {
		return {};
	}

	getByName(name: string): NodeTypeDefinition {
		const definition = this.definitions[name];
		if (!definition) {
			const [packageName = '', nodeType = ''] = name.split('.');
			throw new this.core.core.UnrecognizedNodeTypeError(packageName, nodeType);
		}
		return definition;
	}

	getByNameAndVersion(name: string, version?: number): INodeType {
		const { NodeHelpers, UserError } = this.core.workflow;
		const isTool = name.endsWith('Tool') && !(name in this.definitions);
		const baseName = isTool ? name.replace(/Tool$/, '') : name;
		const nodeType = NodeHelpers.getVersionedNodeType(this.getByName(baseName), version);
		if (!isTool) return nodeType;
		const key = `${name}?version=${version ?? 'default'}`;
		const known = this.tools.get(key);
		if (known) return known;
		if (!nodeType.description.usableAsTool) {
			throw new UserError('Node cannot be used as a tool', { extra: { nodeType: baseName } });
		}
		const tool = asTool(nodeType);
		this.tools.set(key, tool);
		return tool;
	}
}

// convertNodeToAiTool in packages/cli/src/tool-generation/ai-tools.ts; n8n derives the copies by
// prototype as well.
function asTool(nodeType: INodeType): INodeType {
	const original = nodeType.description;
	const description = Object.create(original, {
		properties: { value: [...original.properties], writable: false, enumerable: true },
	}) as INodeTypeDescription;
	const tool = Object.create(nodeType, {
		description: { value: description, enumerable: true },
	}) as INodeType;
	description.name += 'Tool';
	description.displayName += ' Tool';
	description.inputs = [];
	description.outputs = ['ai_tool'];
	const names = original.properties.map(({ name }) => name);
	if (names.includes('toolDescription')) return tool;
	const byHand: INodeProperties = {
		displayName: 'Description',
		name: 'toolDescription',
		type: 'string',
		default: original.description,
		required: true,
	};
	const added = [byHand];
	if (names.includes('resource') || names.includes('operation')) {
		byHand.displayOptions = { show: { descriptionType: ['manual'] } };
		added.unshift({
			displayName: 'Tool Description',
			name: 'descriptionType',
			type: 'options',
			noDataExpression: true,
			options: [
				{ name: 'Set Automatically', value: 'auto' },
				{ name: 'Set Manually', value: 'manual' },
			],
			default: 'auto',
		});
	}
	const lastCallout = original.properties.map(({ type }) => type).lastIndexOf('callout');
	description.properties.splice(lastCallout + 1, 0, ...added);
	return tool;
}
