import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { Nexthink } from '../../nodes/Nexthink/Nexthink.node';
import type { Operation } from '../../nodes/Nexthink/operations/operation';
import { ALL_DEVICES_QUERY } from '../simulator/saved-queries.mts';
import {
	codeOf,
	declaredParameters,
	groupOf,
	OPERATIONS,
	usableValue,
	valuesOf,
	type DeclaredParameter,
	type NodeParameters,
} from './declared-parameters.mts';
import { ON_ERROR_MODES, useTestBench, type OnError } from './delete-workflow.mts';
import { queryNode, runQuery } from './query-workflow.mts';

const bench = useTestBench({ pauses: 'short' });

const nameOf = ({ resource, name }: Operation) => `${resource.name} > ${name}`;

/** What each item, or a model, gives for a parameter that items have values of their own for: code of an expression. */
const CODE_OF_ITEM: Record<string, string> = {
	deviceUid: '$json.uid',
	deviceName: '$json.name',
	devicesJson: '[$json]',
	lookupValues: '[$json.name]',
	'queryParameters.value': '$json.name',
};

/** The parameters with which an operation runs, as a node or as a tool, so that this one is shown. */
function usableParameters(operation: Operation, isTool: boolean, shown?: DeclaredParameter) {
	const parameters: NodeParameters = {
		resource: operation.resource.value,
		operation: operation.value,
		options: {},
	};
	for (const [name, declared] of Object.entries(operation.parameters.top)) {
		const { offered, shown: ofTool } = declared.forTool ?? {};
		if (offered === (isTool ? 'never' : 'only')) continue;
		if (declared.kind === 'group') {
			parameters[name] = groupOf(declared, { value: `={{ ${CODE_OF_ITEM[`${name}.value`]} }}` });
		} else if (declared.scope === 'item') {
			parameters[name] = `={{ ${CODE_OF_ITEM[name]} }}`;
		} else {
			parameters[name] = (isTool && ofTool?.default) || usableValue(declared);
		}
	}
	if (isTool && 'dryRun' in parameters) parameters.dryRun = false;
	for (const [name, [value]] of Object.entries(shown?.parameter.shownFor ?? {})) {
		parameters[name] = value;
	}
	return parameters;
}

/** One way in which a parameter is set, by what is not right with it. */
interface Setting {
	what: string;
	value: unknown;
}

/** Everything that must refuse the run. */
function unusableSettings({ parameter }: DeclaredParameter): Setting[] {
	const { usable, unusable } = valuesOf(parameter);
	return [
		// n8n itself puts the default in the place of a text that is null, and takes undefined for unset.
		...unusable
			.filter((value) => value !== undefined && value !== null)
			.filter((value) => value !== '' || !parameter.mayBeLeftEmpty)
			.map((value) => ({ what: 'a fixed value', value })),
		...unusable.map((value) => ({ what: 'an expression', value: `={{ ${codeOf(value)} }}` })),
		{ what: 'an expression that throws', value: "={{ $('No Such Node').first().json.a }}" },
		{
			what: 'different for two items',
			value: `={{ $itemIndex === 1 ? ${codeOf(usable[1])} : ${codeOf(usable[0])} }}`,
		},
		{
			what: 'nothing for one item',
			value: `={{ $itemIndex === 2 ? undefined : ${codeOf(usable[0])} }}`,
		},
		...(parameter.scope === 'fixed'
			? [{ what: 'an expression in a fixed one', value: `={{ ${codeOf(usable[0])} }}` }]
			: []),
	];
}

const SPELLINGS = ['$fromAI', '$fromAi', '$fromai'];

/** A value from the model, in every way that there is. */
const FROM_MODEL: Setting[] = [
	...SPELLINGS.flatMap((call) => [
		{ what: 'left to the model', value: `={{ ${call}('given', '', 'json') }}` },
		{
			what: 'left to the model in a larger expression',
			value: `={{ [${call}("given", "", "json")][0] }}`,
		},
	]),
	{ what: 'of the input', value: '={{ $json.given }}' },
	{ what: 'of the first item', value: '={{ $input.first().json.given }}' },
	{ what: 'of all items', value: '={{ $input.all()[0].json.given }}' },
	{ what: 'an expression without the model', value: '={{ $execution.mode }}' },
];

/** How an execution ended. */
interface End {
	/** Requests, the one for a token among them. */
	requests: number;
	/** Absent where n8n refuses to run the node, since a required text is empty. */
	node?: {
		threw: boolean;
		/** Codes and messages: of the error, or of every item. */
		said: Array<{ code?: unknown; message?: unknown }>;
	};
}

const ITEMS = 3;

async function runAsNode(parameters: NodeParameters, onError: OnError): Promise<End> {
	const before = bench.tenant.requests.length;
	const { options, ...top } = parameters;
	const run = await runQuery(bench, {
		items: bench.devices(ITEMS),
		parameters: top as INodeParameters,
		options: options as INodeParameters,
		onError,
	});
	const requests = bench.tenant.requests.length - before;
	const error = run.execution.nodeError('Nexthink');
	if (run.execution.runs('Nexthink') === 0 && run.execution.error !== undefined)
		return { requests };
	if (error !== undefined) {
		const { code } = (error.context?.data ?? {}) as { code?: unknown };
		return { requests, node: { threw: true, said: [{ code, message: error.message }] } };
	}
	const said =
		onError === 'continueErrorOutput'
			? run.failed.map(({ error: { code }, message }) => ({ code, message }))
			: run.success.map(({ apiError }) => (apiError ?? {}) as IDataObject);
	return { requests, node: { threw: false, said } };
}

/** Without a mode it is n8n's own default, which gives the message to the model. */
async function runAsTool(parameters: NodeParameters, given?: unknown, onError?: OnError) {
	const before = bench.tenant.requests.length;
	const [device] = bench.devices(1);
	const node: INode = {
		...queryNode({ parameters: parameters as INodeParameters, ...(onError && { onError }) }),
		name: 'Tool',
		type: 'n8n-nodes-nexthink.nexthinkTool',
		parameters: parameters as INodeParameters,
	};
	const { execution, response } = await bench.engine.runAsTool({
		node,
		arguments: { ...device, given: given as IDataObject },
		credentials: [bench.credential()],
	});
	return {
		requests: bench.tenant.requests.length - before,
		threw: execution.nodeError('Tool') !== undefined,
		response,
	};
}

/** In: how a run ended that must be refused. Out: what is not so, as sentences. */
function breachesOf({ requests, node }: End, onError: OnError, label: string): string[] {
	if (node === undefined) return requests > 0 ? [`${requests} requests`] : [];
	const { threw, said } = node;
	const mustThrow = onError === 'stopWorkflow';
	return [
		requests > 0 && `${requests} requests`,
		threw !== mustThrow && (threw ? 'it threw' : 'it did not throw'),
		said.length !== (mustThrow ? 1 : ITEMS) && `${said.length} items on the error path`,
		...said.flatMap(({ code, message }) => [
			code !== 'INVALID_PARAMETER' && `the code ${String(code)}`,
			!String(message).includes(label) && `the message ${String(message)}`,
		]),
	].filter((breach) => typeof breach === 'string');
}

const told = (setting: Setting, breaches: readonly string[]) =>
	breaches.map((breach) => `${setting.what} ${JSON.stringify(setting.value)}: ${breach}`);

const ofRun = ({ parameter }: DeclaredParameter) => parameter.scope !== 'item';
const asTool = ({ operation, isShown }: DeclaredParameter) => operation.isTool && isShown('tool');

const ALL = OPERATIONS.flatMap(declaredParameters);

/** What else a word of a choice needs, so that a run with it succeeds. */
const NEEDED_FOR: Record<string, NodeParameters> = { export: { queryId: ALL_DEVICES_QUERY } };

function isShownWith(parameters: NodeParameters, { parameter, isShown }: DeclaredParameter) {
	const { shownFor = {} } = parameter;
	return (
		isShown('node') &&
		Object.entries(shownFor).every(([name, words]) => words.includes(parameters[name] as string))
	);
}

/** In: the parameters of an operation. Out: every value of the choices that others are shown for; one without any, if there is none. */
function settingsThatShow(cases: readonly DeclaredParameter[]): Array<Record<string, string>> {
	const choices = new Set(cases.flatMap(({ parameter }) => Object.keys(parameter.shownFor ?? {})));
	const settings = [...choices].flatMap((name) => {
		const { parameter } = cases.find(({ path }) => path === name)!;
		return (parameter.shown.options ?? []).flatMap((option) =>
			'value' in option ? [{ [name]: String(option.value) }] : [],
		);
	});
	return settings.length > 0 ? settings : [{}];
}

describe('the parameters that are tried', () => {
	it('are those of every operation that the node offers', () => {
		const offered = new Nexthink().description.properties
			.filter(({ name }) => name === 'operation')
			.flatMap(({ options = [], displayOptions }) =>
				options.map((option) =>
					[displayOptions?.show?.resource?.[0], 'value' in option && option.value].join(' '),
				),
			);
		const tried = OPERATIONS.map(({ resource, value }) => `${resource.value} ${value}`);
		expect([...new Set(offered)].sort()).toEqual([...tried].sort());
	});

	it('are all that the editor shows', () => {
		const namesIn = (properties: readonly object[]): string[] =>
			properties.flatMap((property) => {
				const { name, type, options, values } = property as {
					name: string;
					type?: string;
					options?: object[];
					values?: object[];
				};
				// A notice has no value.
				if (type === 'notice') return [];
				const within = (options ?? values ?? []).filter((option) => !('value' in option));
				return within.length > 0 ? namesIn(within) : [name];
			});
		const shown = new Set(namesIn(new Nexthink().description.properties));
		for (const general of ['resource', 'operation']) shown.delete(general);
		const tried = new Set(ALL.map(({ path }) => path.split('.').at(-1)));
		expect([...shown].sort()).toEqual([...tried].sort());
	});
});

for (const operation of OPERATIONS) {
	const declared = declaredParameters(operation);
	const cases = declared.map((each) => ({ ...each, name: each.path }));

	describe(nameOf(operation), () => {
		it.each(cases.filter(ofRun))(
			'refuses the run for whatever $name cannot be, and asks nothing',
			async (each) => {
				const usable = usableParameters(operation, false, each);
				const isOfTool = each.forTool.offered === 'only';
				expect(isOfTool).toBe(false);
				const breaches: string[] = [];
				for (const setting of unusableSettings(each)) {
					const parameters = each.withValue(usable, setting.value);
					const end = await runAsNode(parameters, 'stopWorkflow');
					breaches.push(...told(setting, breachesOf(end, 'stopWorkflow', each.label)));
				}
				expect(breaches).toEqual([]);
			},
		);

		it.each(ON_ERROR_MODES.filter((mode) => mode !== 'stopWorkflow'))(
			'throws for no parameter, and puts every item on the error path (%s)',
			async (onError) => {
				const breaches: string[] = [];
				for (const each of cases.filter(ofRun)) {
					const settings = unusableSettings(each);
					const expressions = settings.filter(({ what }) => what === 'an expression');
					for (const setting of [settings[0]!, expressions[0]!, settings.at(-1)!]) {
						const usable = usableParameters(operation, false, each);
						const end = await runAsNode(each.withValue(usable, setting.value), onError);
						const found = told(setting, breachesOf(end, onError, each.label));
						breaches.push(...found.map((breach) => `${each.path}: ${breach}`));
					}
				}
				expect(breaches).toEqual([]);
			},
		);

		const own = cases.filter((each) => !ofRun(each) && each.isShown('node'));
		if (own.length > 0) {
			it.each(own)('marks no item but the one without a value for $name', async (each) => {
				const code = CODE_OF_ITEM[each.path];
				if (code === undefined) throw new Error(`What do items give for ${each.path}?`);
				const usable = usableParameters(operation, false, each);
				for (const nothing of ['undefined', 'null', '$("No Such Node").first()']) {
					bench.tenant.reset();
					const value = `={{ $itemIndex === 1 ? ${nothing} : ${code} }}`;
					const parameters = each.withValue(usable, value);
					const { node, requests } = await runAsNode(parameters, 'continueErrorOutput');
					expect(requests).toBeGreaterThan(0);
					expect(node).toMatchObject({ threw: false, said: { length: 1 } });
				}
			});
		}

		it.each(settingsThatShow(cases))(
			'takes no notice of parameters that are not shown (%j)',
			async (setting) => {
				bench.tenant.settings.exportStates = 0;
				let parameters: NodeParameters = { ...usableParameters(operation, false), ...setting };
				for (const word of Object.values(setting)) Object.assign(parameters, NEEDED_FOR[word]);
				for (const each of cases.filter((one) => !isShownWith(parameters, one))) {
					parameters = each.withValue(parameters, '={{ $json.nothing }}');
				}
				const { node, requests } = await runAsNode(parameters, 'stopWorkflow');
				expect(node?.threw).toBe(false);
				expect(requests).toBeGreaterThan(0);
			},
		);
	});

	if (!operation.isTool) continue;

	describe(`${nameOf(operation)} as a tool`, () => {
		it.each(cases.filter((each) => ofRun(each) && asTool(each)))(
			'refuses the run for whatever $name cannot be, the model’s choice included, and asks nothing',
			async (each) => {
				const usable = usableParameters(operation, true, each);
				const [given] = valuesOf(each.parameter).usable;
				const label = each.forTool.refused === undefined ? each.label : each.forTool.refused;
				const breaches: string[] = [];
				for (const setting of [...unusableSettings(each), ...FROM_MODEL]) {
					const parameters = each.withValue(usable, setting.value);
					const end = await runAsTool(parameters, given);
					breaches.push(
						...told(setting, [
							...(end.requests > 0 ? [`${end.requests} requests`] : []),
							...(end.response.includes(label) ? [] : [`the answer ${end.response}`]),
						]),
					);
				}
				expect(breaches).toEqual([]);
			},
		);

		it('throws for no parameter under On Error: Continue', async () => {
			const breaches: string[] = [];
			for (const each of cases.filter((one) => ofRun(one) && asTool(one))) {
				const setting = FROM_MODEL[0]!;
				const parameters = each.withValue(usableParameters(operation, true, each), setting.value);
				const end = await runAsTool(parameters, 1, 'continueRegularOutput');
				if (end.threw || end.requests > 0 || !end.response.includes('INVALID_PARAMETER')) {
					breaches.push(`${each.path}: ${end.response}`);
				}
			}
			expect(breaches).toEqual([]);
		});

		it('takes no notice of parameters that only the node has', async () => {
			let parameters = usableParameters(operation, true);
			for (const each of cases.filter((one) => !asTool(one))) {
				parameters = each.withValue(parameters, '={{ $fromAI("given") }}');
			}
			const { threw, requests } = await runAsTool(parameters);
			expect(threw).toBe(false);
			expect(requests).toBeGreaterThan(0);
		});

		const left = cases.filter(({ forTool }) => forTool.leftToModel);

		it('leaves one parameter to the model', () => {
			expect(left).toHaveLength(1);
		});

		it.each(SPELLINGS)('takes the value that the model gives by %s', async (call) => {
			const [each] = left;
			const [device] = bench.devices(1);
			const give = { value: device!.name, devicesJson: [device], lookupValues: [device!.name] };
			const given = give[each!.path.split('.').at(-1) as keyof typeof give];
			if (given === undefined) throw new Error(`What does a model give for ${each!.path}?`);
			for (const value of [
				`={{ ${call}('given', '', 'json') }}`,
				`={{ [${call}('given', '', 'json')][0] }}`,
			]) {
				bench.tenant.reset();
				const parameters = each!.withValue(usableParameters(operation, true), value);
				const { threw, requests } = await runAsTool(parameters, given);
				expect(threw).toBe(false);
				expect(requests).toBeGreaterThan(0);
				expect(JSON.stringify(bench.tenant.requests.map(({ body }) => body))).toContain(
					device!.name,
				);
			}
		});
	});
}

describe('a resource or operation that there is not', () => {
	const made = [
		{ resource: 'device', operation: 'remove' },
		{ resource: 'user', operation: 'delete' },
		{ resource: 'nqlQuery', operation: 'delete' },
		{ resource: 'device', operation: '={{ $json.name }}' },
		{ resource: 'device', operation: null },
		{ resource: 'device', operation: ['delete'] },
	];

	it.each(ON_ERROR_MODES)('refuses the run (%s)', async (onError) => {
		for (const parameters of made) {
			const end = await runAsNode(parameters, onError);
			expect(breachesOf(end, onError, 'no operation')).toEqual([]);
		}
	});

	it('refuses the run as a tool', async () => {
		for (const parameters of made) {
			const { response, requests } = await runAsTool(parameters);
			expect(requests).toBe(0);
			expect(response).toContain('no operation');
		}
	});
});
