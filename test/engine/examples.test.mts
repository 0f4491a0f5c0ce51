import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { INode, INodeType } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { NEEDS_SERVER } from '../demonstration/example-runs.mts';
import {
	deletionNodes,
	lookUpNodes,
	nexthinkNodes,
	readExampleWorkflows,
	SETTINGS_NODE,
	triggerNodes,
	type ExampleWorkflow,
} from '../demonstration/example-workflows.mts';

const require = createRequire(import.meta.url);
const { NodeHelpers } = require('n8n-workflow') as typeof import('n8n-workflow');

/** Every type of node that the examples use, with versions that n8n 2.41 has. */
const NODE_TYPES: Record<string, number> = {
	'n8n-nodes-base.code': 2,
	'n8n-nodes-base.convertToFile': 1.1,
	'n8n-nodes-base.dataTable': 1,
	'n8n-nodes-base.extractFromFile': 1.1,
	'n8n-nodes-base.filter': 2.2,
	'n8n-nodes-base.form': 2.3,
	'n8n-nodes-base.formTrigger': 2.3,
	'n8n-nodes-base.httpRequest': 4.2,
	'n8n-nodes-base.if': 2.2,
	'n8n-nodes-base.manualTrigger': 1,
	'n8n-nodes-base.merge': 3.2,
	'n8n-nodes-base.noOp': 1,
	'n8n-nodes-base.respondToWebhook': 1.4,
	'n8n-nodes-base.scheduleTrigger': 1.2,
	'n8n-nodes-base.serviceNow': 1,
	'n8n-nodes-base.set': 3.4,
	'n8n-nodes-base.splitInBatches': 3,
	'n8n-nodes-base.splitOut': 1,
	'n8n-nodes-base.stickyNote': 1,
	'n8n-nodes-base.summarize': 1.1,
	'n8n-nodes-base.switch': 3.2,
	'n8n-nodes-base.wait': 1.1,
	'n8n-nodes-base.webhook': 2.1,
	'n8n-nodes-nexthink.nexthink': 1,
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NODE_SIZE = 96;

/** n8n 2.41 leaves 1398 by 798 pixels of a window of 1440 by 900, and a margin of a fifth: so much is shown at 60 %. */
const WIDEST = 1940;
const HIGHEST = 1108;

const workflows = readExampleWorkflows();

interface Note {
	content: string;
	left: number;
	top: number;
	right: number;
	bottom: number;
}

function isNote({ type }: INode): boolean {
	return type === 'n8n-nodes-base.stickyNote';
}

function notesOf({ nodes }: ExampleWorkflow): Note[] {
	return nodes.filter(isNote).map(({ position: [left, top], parameters }) => {
		const { content, width, height } = parameters as {
			content: string;
			width: number;
			height: number;
		};
		return { content, left, top, right: left + width, bottom: top + height };
	});
}

describe.each(workflows.map((workflow) => [workflow.file, workflow] as const))(
	'%s',
	(file, workflow) => {
		const names = workflow.nodes.map(({ name }) => name);
		const source = JSON.stringify(workflow);

		it('has an id of its own, and so has every node', () => {
			expect(workflow.id).toMatch(/^[A-Za-z0-9]{16}$/);
			expect(workflows.filter(({ id }) => id === workflow.id)).toHaveLength(1);
			const ids = workflow.nodes.map(({ id }) => id);
			expect(ids.every((id) => UUID.test(id))).toBe(true);
			expect(new Set(ids).size).toBe(ids.length);
			expect(new Set(names).size).toBe(names.length);
		});

		it('has nodes only of types and versions that n8n 2.41 knows', () => {
			const unknown = workflow.nodes.filter((node) => NODE_TYPES[node.type] !== node.typeVersion);
			expect(unknown.map(({ type, typeVersion }) => [type, typeVersion])).toEqual([]);
		});

		it('names credentials by placeholders and holds nothing of one', () => {
			for (const { credentials = {} } of workflow.nodes) {
				for (const credential of Object.values(credentials)) {
					expect(credential).toEqual({
						id: expect.stringMatching(/^your-[a-z-]+$/) as string,
						name: expect.stringMatching(/^Your /) as string,
					});
				}
			}
			expect(source).not.toMatch(/"[^"]*(secret|password|bearer|access_?token|api_?key)[^"]*":/i);
		});

		it('has connections only between its own nodes', () => {
			const ends = Object.values(workflow.connections).flatMap(({ main = [] }) =>
				main.flatMap((output) => output ?? []),
			);
			expect(names).toEqual(expect.arrayContaining(Object.keys(workflow.connections)));
			expect(names).toEqual(expect.arrayContaining(ends.map(({ node }) => node)));
		});

		it('refers in its expressions only to its own nodes', () => {
			const referred = [...source.matchAll(/\$\('([^']+)'\)/g)].map(([, name]) => name);
			expect(names).toEqual(expect.arrayContaining(referred));
		});

		it('has a source with pinned data, unless it asks for its one device in a form', () => {
			const pinned = Object.entries(workflow.pinData ?? {});
			if (file === NEEDS_SERVER) return expect(pinned).toEqual([]);
			expect(names).toEqual(expect.arrayContaining(pinned.map(([name]) => name)));
			expect(pinned.filter(([, items]) => items.length > 0)).not.toHaveLength(0);
		});

		it('uses the error output, with both branches going somewhere', () => {
			expect(nexthinkNodes(workflow)).not.toHaveLength(0);
			for (const { name, onError } of nexthinkNodes(workflow)) {
				const { main = [] } = workflow.connections[name] ?? {};
				expect([name, onError]).toEqual([name, 'continueErrorOutput']);
				expect(main.map((output) => (output ?? []).length > 0)).toEqual([true, true]);
			}
		});

		it('has Retry On Fail off in every Nexthink node, as it would run the whole node again', () => {
			const again = nexthinkNodes(workflow).filter(({ retryOnFail }) => retryOnFail === true);
			expect(again.map(({ name }) => name)).toEqual([]);
		});

		it('tells in its first note what to fill in, and in some note which of the two UIDs', () => {
			const [first, ...others] = notesOf(workflow);
			expect(first?.content).toContain('**Fill in**');
			for (const { name, credentials, disabled } of workflow.nodes) {
				if (credentials !== undefined && disabled !== true)
					expect(first?.content).toContain(`*${name}*`);
			}
			const text = others.map(({ content }) => content).join('\n');
			expect(text).toContain('**device.uid**');
			expect(text).toContain('not device.collector.uid');
			expect(text).toMatch(/(is|are) not refused|doesn't reject/);
		});

		it('speaks of scheduled devices, never of deleted ones', () => {
			const texts = notesOf(workflow).map(({ content }) => content);
			expect(texts.join('\n')).toContain('queued');
			expect([...texts, ...names].filter((text) => /\bdeleted\b/i.test(text))).toEqual([]);
		});

		it('has notes side by side, and every node on one of them', () => {
			const notes = notesOf(workflow);
			const overlapping = notes.flatMap((one, position) =>
				notes
					.slice(position + 1)
					.filter(
						(other) =>
							one.left < other.right &&
							other.left < one.right &&
							one.top < other.bottom &&
							other.top < one.bottom,
					),
			);
			expect(overlapping).toEqual([]);
			const astray = workflow.nodes.filter(
				(node) =>
					!isNote(node) &&
					!notes.some(
						({ left, top, right, bottom }) =>
							left <= node.position[0] &&
							top <= node.position[1] &&
							node.position[0] + NODE_SIZE <= right &&
							node.position[1] + NODE_SIZE <= bottom,
					),
			);
			expect(astray.map(({ name }) => name)).toEqual([]);
		});

		it('is explained in the README of the examples', () => {
			const readme = new URL('../../examples/README.md', import.meta.url);
			expect(readFileSync(readme, 'utf8')).toContain(`(${file})`);
		});
	},
);

const DELETING = workflows.filter((workflow) => deletionNodes(workflow).length > 0);

it('every ready workflow but the one that only looks up deletes', () => {
	const others = workflows.filter((workflow) => !DELETING.includes(workflow));
	expect(others.map(({ file }) => file)).toEqual(['gone-or-still-present.json']);
});

/** Those that look up by name, and those that don't delete. */
const READING_APART = workflows.filter((workflow) => {
	const columns = lookUpNodes(workflow).map(({ parameters }) => parameters.matchColumn);
	return !DELETING.includes(workflow) || columns.includes(undefined);
});

it('a workflow looks up by name, or looks up alone, with a credential that cannot delete', () => {
	expect(READING_APART.length).toBeGreaterThan(3);
	for (const workflow of READING_APART) {
		const named = (nodes: INode[]) =>
			nodes.map(({ name, credentials }) => [name, credentials?.nexthinkOAuth2Api?.name]);
		const all = (nodes: INode[], what: string) =>
			nodes.map(({ name }) => [name, `Your Nexthink credential for ${what}`]);
		const [reading, deleting] = [lookUpNodes(workflow), deletionNodes(workflow)];
		expect(named(reading), workflow.file).toEqual(all(reading, 'reading'));
		expect(named(deleting), workflow.file).toEqual(all(deleting, 'deleting'));
	}
});

describe.each(DELETING.map((workflow) => [workflow.file, workflow] as const))(
	'%s',
	(_, workflow) => {
		const settings = workflow.nodes.find(({ name }) => name === SETTINGS_NODE)!;

		it('begins with Settings, whose live is false', () => {
			const triggers = triggerNodes(workflow);
			expect(triggers).not.toEqual([]);
			const next = triggers.map(({ name }) => workflow.connections[name]?.main);
			expect(next).toEqual(triggers.map(() => [[{ node: SETTINGS_NODE, type: 'main', index: 0 }]]));
			const { assignments } = settings.parameters.assignments as { assignments: object[] };
			expect(assignments).toContainEqual(
				expect.objectContaining({ name: 'live', value: false, type: 'boolean' }),
			);
		});

		it('sends deletions only if live is true, and nothing but a caller or a retry can keep them back then', () => {
			for (const { name, parameters } of deletionNodes(workflow)) {
				const { dryRun } = parameters;
				expect([name, dryRun]).toEqual([name, expect.toSatisfy(isDecidedByLive)]);
			}
			expect(JSON.stringify(workflow)).not.toContain('$execution.mode');
		});

		it('says in its first note that no new run sends a deletion request while live is false', () => {
			const [first] = notesOf(workflow);
			expect(first!.content).toContain(
				'While `live` is false, no new run sends a deletion request',
			);
		});
	},
);

/** What the run began with, and what the workflow is set to by now: Retry keeps the former. */
const NOT_LIVE =
	"$('Settings').first().json.live !== true || $('Settings').params.assignments.assignments.find(({ name }) => name === 'live').value !== true";
const LIVE_ONLY = `={{ ${NOT_LIVE} }}`;
const LIVE_AND_POSTED = `={{ ${NOT_LIVE} || $('Deletion request').first().json.body.live !== true }}`;
/** The proof sends in the run that was confirmed, never in a retry of it. */
const LIVE_AND_NO_RETRY = `={{ $execution.id !== $('Decide').first(0, 0).json.run || ${NOT_LIVE} }}`;

const isDecidedByLive = (dryRun: unknown) =>
	dryRun === true ||
	[LIVE_ONLY, LIVE_AND_POSTED, LIVE_AND_NO_RETRY].some((decision) => dryRun === decision);

describe.each(workflows.map((workflow) => [workflow.file, workflow] as const))(
	'%s, opened in the editor,',
	(_, workflow) => {
		it('can be read at once', () => {
			const { nodes } = workflow;
			const right = (node: INode) => node.position[0] + Number(node.parameters.width ?? NODE_SIZE);
			const bottom = (node: INode) =>
				node.position[1] + Number(node.parameters.height ?? NODE_SIZE);
			const left = Math.min(...nodes.map(({ position: [x] }) => x));
			const top = Math.min(...nodes.map(({ position: [, y] }) => y));
			expect(Math.max(...nodes.map(right)) - left).toBeLessThanOrEqual(WIDEST);
			expect(Math.max(...nodes.map(bottom)) - top).toBeLessThanOrEqual(HIGHEST);
		});

		it('has at most six nodes to fill in, each the subject of a step in its first note', () => {
			const [, steps = ''] = notesOf(workflow)[0]!.content.split('**Fill in**');
			const subjects = [...steps.matchAll(/^\d\. ([^:]+):/gm)].map(([, subject]) => subject!);
			expect(subjects.length).toBeGreaterThan(1);
			const toFillIn = workflow.nodes.filter(({ name }) =>
				subjects.some((subject) => subject.includes(`*${name}*`)),
			);
			expect(toFillIn.length).toBeLessThanOrEqual(6);
			if (DELETING.includes(workflow)) {
				expect(toFillIn.map(({ name }) => name)).toContain(SETTINGS_NODE);
			}
		});

		it('starts at its beginning, whichever trigger the button Execute Workflow names', () => {
			for (const { name } of triggerNodes(workflow)) {
				expect(reachedFrom(workflow, name)).toEqual(
					expect.arrayContaining(nexthinkNodes(workflow).map((node) => node.name)),
				);
			}
		});
	},
);

/** Out: the names of all nodes that a node leads to. */
export function reachedFrom({ connections }: ExampleWorkflow, start: string): string[] {
	const reached = new Set([start]);
	for (const name of reached) {
		for (const output of connections[name]?.main ?? []) {
			for (const { node } of output ?? []) reached.add(node);
		}
	}
	return [...reached];
}

describe('the Nexthink nodes of the examples', () => {
	const { Nexthink } = require('../../dist/nodes/Nexthink/Nexthink.node.js') as {
		Nexthink: new () => INodeType;
	};
	const { description } = new Nexthink();

	it.each(
		workflows.flatMap((workflow) =>
			nexthinkNodes(workflow).map((node) => [workflow.file, node.name, node] as const),
		),
	)('%s, %s: has the parameters that n8n itself would save, and no issue', (_, __, node) => {
		const { properties } = description;
		const parametersOf = (withDefaults: boolean) =>
			NodeHelpers.getNodeParameters(
				properties,
				node.parameters,
				withDefaults,
				false,
				node,
				description,
			);
		expect(parametersOf(false)).toEqual(node.parameters);
		const complete = { ...node, parameters: parametersOf(true) ?? {} };
		expect(NodeHelpers.getNodeParametersIssues(properties, complete, description)).toBeNull();
	});
});
