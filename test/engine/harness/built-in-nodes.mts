import { compileFunction } from 'node:vm';
import type {
	AssignmentCollectionValue,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	ITriggerFunctions,
	NodeConnectionType,
} from 'n8n-workflow';
import type { Core } from './core.mts';

interface Shape {
	inputs?: INodeTypeDescription['inputs'];
	requiredInputs?: INodeTypeDescription['requiredInputs'];
	outputs?: NodeConnectionType[];
	version?: number[];
	properties?: INodeProperties[];
	group?: INodeTypeDescription['group'];
}

export function describe(name: string, shape: Shape = {}): INodeTypeDescription {
	return {
		name,
		displayName: name,
		description: '',
		group: shape.group ?? ['transform'],
		version: shape.version ?? [1],
		defaults: { name },
		inputs: shape.inputs ?? ['main'],
		...(shape.requiredInputs === undefined ? {} : { requiredInputs: shape.requiredInputs }),
		outputs: shape.outputs ?? ['main'],
		properties: shape.properties ?? [],
	};
}

const parameter = (name: string, defaultValue: INodeProperties['default']): INodeProperties => ({
	displayName: name,
	name,
	type: typeof defaultValue === 'boolean' ? 'boolean' : 'string',
	default: defaultValue,
});

function trigger(name: string, item: () => IDataObject): INodeType {
	return {
		description: describe(name, { inputs: [], group: ['trigger'], version: [1, 1.1, 1.2, 1.3] }),
		async trigger(this: ITriggerFunctions) {
			return {
				manualTriggerFunction: async () => this.emit([this.helpers.returnJsonArray([item()])]),
			};
		},
	};
}

function passThrough(name: string, shape: Shape = {}): INodeType {
	return {
		description: describe(name, shape),
		async execute(this: IExecuteFunctions) {
			return [this.getInputData()];
		},
	};
}

/** What n8n-nodes-base has of these types, as small as a run of a workflow allows. */
export function builtInNodes({ workflow: n8nWorkflow }: Core): Record<string, INodeType> {
	const set: INodeType = {
		description: describe('set', {
			version: [3, 3.1, 3.2, 3.3, 3.4],
			properties: [
				parameter('mode', 'manual'),
				{
					displayName: 'assignments',
					name: 'assignments',
					type: 'assignmentCollection',
					default: {},
				},
				parameter('jsonOutput', '{}'),
				parameter('includeOtherFields', false),
				parameter('include', 'all'),
				{
					displayName: 'options',
					name: 'options',
					type: 'collection',
					default: {},
					options: [],
				},
			],
		}),
		async execute(this: IExecuteFunctions) {
			const output: INodeExecutionData[] = [];
			for (const [index, item] of this.getInputData().entries()) {
				const json: IDataObject = this.getNodeParameter('includeOtherFields', index, false)
					? n8nWorkflow.deepCopy(item.json)
					: {};
				if (this.getNodeParameter('mode', index) === 'raw') {
					const raw = this.getNodeParameter('jsonOutput', index) as string | IDataObject;
					Object.assign(json, typeof raw === 'string' ? n8nWorkflow.jsonParse(raw) : raw);
				} else {
					const collection = this.getNodeParameter('assignments', index, {
						assignments: [],
					}) as AssignmentCollectionValue;
					for (const { name, type, value } of collection.assignments ?? []) {
						setPath(json, name, convert(name, value, type ?? 'any'));
					}
				}
				output.push({ json, pairedItem: { item: index } });
			}
			return [output];
		},
	};

	function convert(name: string, value: unknown, type: string): IDataObject[string] {
		const validated = n8nWorkflow.validateFieldType(
			name,
			value,
			type as Parameters<typeof n8nWorkflow.validateFieldType>[2],
			{ strict: false, parseStrings: true },
		);
		if (!validated.valid) throw new n8nWorkflow.UserError(validated.errorMessage);
		return (validated.newValue ?? value ?? null) as IDataObject[string];
	}

	const branch: INodeType = {
		description: describe('if', {
			version: [2, 2.1, 2.2],
			outputs: ['main', 'main'],
			properties: [
				{
					displayName: 'conditions',
					name: 'conditions',
					type: 'filter',
					default: {},
					typeOptions: { filter: { caseSensitive: true, typeValidation: 'strict', version: 2 } },
				},
			],
		}),
		async execute(this: IExecuteFunctions) {
			const branches: INodeExecutionData[][] = [[], []];
			for (const [index, item] of this.getInputData().entries()) {
				const holds = this.getNodeParameter('conditions', index, false, { extractValue: true });
				branches[holds === true ? 0 : 1]!.push({ ...item, pairedItem: { item: index } });
			}
			return branches;
		},
	};

	const filter: INodeType = {
		...branch,
		description: { ...branch.description, name: 'filter', outputs: ['main'] },
		async execute(this: IExecuteFunctions) {
			const [passed] = (await branch.execute!.call(this)) as INodeExecutionData[][];
			return [passed!];
		},
	};

	const merge: INodeType = {
		description: describe('merge', {
			version: [3, 3.1, 3.2],
			// n8n waits until each input has something, or nothing else is left to run and these have.
			inputs: "={{ Array.from({ length: $parameter.numberInputs ?? 2 }, () => 'main') }}",
			requiredInputs: '={{ $parameter.mode === "chooseBranch" ? [0, 1] : 1 }}',
			properties: [parameter('mode', 'append'), { ...parameter('numberInputs', ''), default: 2 }],
		}),
		async execute(this: IExecuteFunctions) {
			const mode = this.getNodeParameter('mode', 0);
			if (mode === 'chooseBranch') return [this.getInputData(0)];
			if (mode !== 'append') throw new n8nWorkflow.UserError(`Merge does not ${String(mode)} here`);
			const numberOfInputs = this.getNodeParameter('numberInputs', 0) as number;
			return [
				Array.from({ length: numberOfInputs }, (_, input) => this.getInputData(input)).flat(),
			];
		},
	};

	const splitOut: INodeType = {
		description: describe('splitOut', { properties: [parameter('fieldToSplitOut', '')] }),
		async execute(this: IExecuteFunctions) {
			const output = this.getInputData().flatMap(({ json }, index) => {
				const field = this.getNodeParameter('fieldToSplitOut', index) as string;
				const entries = (json[field] ?? []) as IDataObject[];
				return entries.map((entry) => ({ json: { ...entry }, pairedItem: { item: index } }));
			});
			return [output];
		},
	};

	const code: INodeType = {
		description: describe('code', { version: [2], properties: [parameter('jsCode', '')] }),
		async execute(this: IExecuteFunctions) {
			const { $, $input, $execution } = this.getWorkflowDataProxy(0);
			const source = `return (async () => {\n${this.getNodeParameter('jsCode', 0) as string}\n})()`;
			const run = compileFunction(source, ['$', '$input', '$execution']) as (
				...given: unknown[]
			) => Promise<INodeExecutionData[]>;
			return [await run($, $input, $execution)];
		},
	};

	return {
		'n8n-nodes-base.code': code,
		'n8n-nodes-base.manualTrigger': trigger('manualTrigger', () => ({})),
		'n8n-nodes-base.scheduleTrigger': trigger('scheduleTrigger', () => ({
			timestamp: new Date().toISOString(),
		})),
		'n8n-nodes-base.executeWorkflowTrigger': passThrough('executeWorkflowTrigger', {
			inputs: [],
			group: ['trigger'],
			version: [1, 1.1, 1.2],
		}),
		'n8n-nodes-base.noOp': passThrough('noOp'),
		'n8n-nodes-base.stickyNote': passThrough('stickyNote', { inputs: [], outputs: [] }),
		'n8n-nodes-base.set': set,
		'n8n-nodes-base.if': branch,
		'n8n-nodes-base.filter': filter,
		'n8n-nodes-base.merge': merge,
		'n8n-nodes-base.splitOut': splitOut,
	};
}

// The Edit Fields node reads dots in names as a path (its option Dot Notation is on by default).
function setPath(target: IDataObject, name: string, value: IDataObject[string]): void {
	const keys = name.split('.');
	const last = keys.pop() ?? name;
	let parent = target;
	for (const key of keys) {
		const child = parent[key];
		if (typeof child !== 'object' || child === null || Array.isArray(child)) parent[key] = {};
		parent = parent[key] as IDataObject;
	}
	parent[last] = value;
}
