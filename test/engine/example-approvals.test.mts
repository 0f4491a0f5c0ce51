import { fileURLToPath } from 'node:url';
import type { INode } from 'n8n-workflow';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareExample } from '../demonstration/example-runs.mts';
import {
	credentialsFor,
	readExampleWorkflow,
	readExampleWorkflows,
} from '../demonstration/example-workflows.mts';
import { startTenant, type Tenant } from '../simulator/tenant.mts';
import { loadEngine, type Engine } from './harness/engine.mts';

const PACKAGE_FOLDER = fileURLToPath(new URL('../..', import.meta.url));
const APPROVAL = 'Wait for approval';
const BY_UID = 'dry-run-approval-delete.json';

const approvalOf = (nodes: readonly INode[]) => nodes.find(({ name }) => name === APPROVAL);

const WITH_APPROVAL = readExampleWorkflows().filter(({ nodes }) => approvalOf(nodes) !== undefined);

it('four ready workflows ask for an approval', () => {
	expect(WITH_APPROVAL.map(({ file }) => file)).toEqual([
		BY_UID,
		'intune-look-up-approval.json',
		'large-list-by-export.json',
		'servicenow-look-up-approval.json',
	]);
});

describe.each(WITH_APPROVAL)('the form of $file', ({ nodes }) => {
	const { parameters, credentials } = approvalOf(nodes)!;

	it('asks for a login, and the first note says which credential that is', () => {
		expect(parameters.incomingAuthentication).toBe('basicAuth');
		expect(credentials?.httpBasicAuth?.name).toBe('Your credential for the form');
		const [first] = nodes.map((node) => String(node.parameters.content ?? ''));
		expect(first).toMatch(/^\d\. \*Wait for approval\*: a Basic Auth credential/m);
	});

	it('has a note on who can answer without the login, and on the name that is entered', () => {
		const notes = nodes.map((node) => String(node.parameters.content ?? '')).join('\n');
		expect(notes).toContain('in n8n 1.123 the address can be guessed');
		expect(notes).toContain("n8n doesn't verify *Your name*");
		expect(notes).not.toMatch(/audit trail/i);
	});

	it('is described in the same words as the others', () => {
		const others = WITH_APPROVAL.map((other) => approvalOf(other.nodes)!.parameters);
		for (const { formDescription } of others) {
			expect(formDescription).toBe(parameters.formDescription);
		}
	});
});

let engine: Engine;
let tenant: Tenant;
beforeAll(async () => {
	engine = await loadEngine({ packageFolder: PACKAGE_FOLDER });
	tenant = await startTenant();
});
beforeEach(() => tenant.reset());
afterAll(async () => await tenant.close());

/** In: names of devices. Out: what the form says of them, as HTML; n8n evaluates the same expression when the form is opened. */
const descriptionFor = async (...names: string[]) => await description(names, true);

/** In: names of devices, and whether `live`, true as the run began, is still so in the workflow. */
async function description(names: readonly string[], isStillLive: boolean): Promise<string> {
	const list = names.map((name, position) => {
		const device = { ...tenant.knownDevices[100 + position]!, name, lastSeen: LONG_AGO };
		tenant.knownDevices[100 + position] = device;
		return { uid: device.uid, name };
	});
	const example = readExampleWorkflow(BY_UID);
	const pinned = { 'Retired devices': list, Settings: [{ live: true }] };
	const { workflow, startNode } = prepareExample(example, pinned, isStillLive);
	delete workflow.pinData?.[APPROVAL];
	const node = approvalOf(workflow.nodes)!;
	const { formDescription: value } = node.parameters;
	const assignments = [{ id: 'description', name: 'description', value, type: 'string' }];
	const parameters = { assignments: { assignments }, options: {} };
	Object.assign(node, { type: 'n8n-nodes-base.set', typeVersion: 3.4, parameters });
	const result = await engine.run(workflow, {
		startNode,
		mode: 'trigger',
		credentials: credentialsFor(workflow, tenant),
	});
	expect(result.error).toBeUndefined();
	return result.outputs(APPROVAL)[0]![0]!.json.description as string;
}

const LONG_AGO = Date.now() - 100 * 24 * 3_600_000;

/** The cells of the column with the names, each in one line. */
const namesIn = (html: string) => nameCellsOf(html).map((cell) => cell.replaceAll('<br>', ''));

const nameCellsOf = (html: string) =>
	[...html.matchAll(/<tr><td>(.*?)<\/td>/g)].map(([, cell]) => cell!);

describe('in the form a name', () => {
	it.each([
		['<style>*{display:none}</style>', '&lt;style>*{display:none}&lt;/style>'],
		['<!-- PC-1', '&lt;!-- PC-1'],
		['<textarea>', '&lt;textarea>'],
		['</td></tr></table>', '&lt;/td>&lt;/tr>&lt;/table>'],
		['&lt;b&gt;', '&amp;lt;b&amp;gt;'],
		['it\'s "quoted" $& $1', 'it\'s "quoted" $&amp; $1'],
	])('that is HTML is shown as text: %s', async (name, shown) => {
		expect(namesIn(await descriptionFor(name, 'PC'))).toEqual([shown, 'PC']);
	});

	it.each([
		['\u202ECP-1', '[U+202E]CP-1'],
		['P\u200BC', 'P[U+200B]C'],
		['P\u00ADC', 'P[U+00AD]C'],
		['P\u3164C', 'P[U+3164]C'],
		['P\u2800C', 'P[U+2800]C'],
		['P\u00A0C', 'P[U+00A0]C'],
		['P\u2028C', 'P[U+2028]C'],
		['P\u0000C\u001B', 'P[U+0000]C[U+001B]'],
		['P\u{E0041}C', 'P[U+E0041]C'],
		['P\uD800C', 'P[U+D800]C'],
		['P\r\n\tC', 'P[U+000D][U+000A][U+0009]C'],
		['P  C', 'P[U+0020] C'],
		['Z\u0300\u0301\u0302\u0303', 'Z\u0300\u0301[U+0302][U+0303]'],
	])('has its invisible characters visible: %j', async (name, shown) => {
		expect(namesIn(await descriptionFor(name, 'PC'))).toEqual([shown, 'PC']);
	});

	// n8n makes a line break of a backslash and an n.
	it.each([
		['C:\\new', 'C:\\<b></b>new'],
		['C:\\\\new', 'C:\\\\<b></b>new'],
		['\\tmp\\', '\\tmp\\'],
	])('keeps its backslashes: %s', async (name, shown) => {
		expect(namesIn(await descriptionFor(name, 'PC'))).toEqual([shown, 'PC']);
	});

	it.each(['PAR-LT-000016', 'Büro-PC', '東京-01', 'de\u0301ja\u0300', "Ann's MacBook (2)"])(
		'of the usual kind is shown as it is: %s',
		async (name) => {
			expect(namesIn(await descriptionFor(name))).toEqual([name]);
		},
	);

	it('that is long neither pushes the other columns aside nor the other devices away', async () => {
		const [long, other] = nameCellsOf(await descriptionFor('xy'.repeat(100), 'PC'));
		const line = 'xy'.repeat(9);
		expect(long!.split('<br>')).toEqual([line, line, line, `${line.slice(0, -1)}…`]);
		expect(other).toBe('PC');
	});
});

it('the form says that nothing is sent if live was true as the run began, and is false by its Retry', async () => {
	const html = await description(['PC'], false);
	expect(html).toContain('<b>Dry run:</b> nothing is sent, whatever you choose.');
	expect(html).not.toContain('Live');
});

it('the form says how many devices it is about, and has a line for each with its UID', async () => {
	const names = Array.from({ length: 250 }, (_, n) => `PC-${n}`);
	const html = await descriptionFor(...names);
	expect(html).toContain('choose Delete them to schedule these 250 devices for deletion');
	expect(namesIn(html)).toEqual(names);
	for (const { uid } of tenant.knownDevices.slice(100, 350)) expect(html).toContain(uid);
});
