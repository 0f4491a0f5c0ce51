import { setTimeout as wait } from 'node:timers/promises';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { SETTINGS_NODE } from '../../demonstration/example-workflows.mts';
import { createWorkflow, executionOver } from './editor-runs.mts';
import { resumed } from './example-runs.mts';
import { EXAMPLES_TO_RUN, FORM_LOGIN } from './examples.mts';
import type { SavedExecution } from './executions.mts';
import { openForm, postForm } from './form.mts';
import type { N8nServer } from './server.mts';
import type { WorkflowFile } from './workflows.mts';

/** The workflow that proves on one device what a deletion does. */
export const PROOF = EXAMPLES_TO_RUN.find(({ file }) => file === 'prove-on-one-device.json')!;

const TRIGGER = 'Test device';
const TABLE = 'nexthink_proof';

/** What a user sets in the node Settings. */
export type ProofSettings = Readonly<Record<string, string | number | boolean>>;

/** Out: the workflow with these settings, and a table of its own. */
export function proofWith(settings: ProofSettings, table: string = TABLE): WorkflowFile {
	const workflow = JSON.parse(
		JSON.stringify(PROOF.workflow).replaceAll(TABLE, table),
	) as WorkflowFile;
	const nodes = workflow.nodes.map((node) => {
		if (node.name !== SETTINGS_NODE) return node;
		const { assignments } = node.parameters.assignments as { assignments: INodeParameters[] };
		const changed = assignments.map((each) => ({
			...each,
			value: settings[String(each.name)] ?? each.value!,
		}));
		return { ...node, parameters: { ...node.parameters, assignments: { assignments: changed } } };
	});
	return { ...workflow, nodes };
}

/** The last page of a run. */
export interface Ending {
	readonly title: string;
	readonly why: string;
	readonly report: string;
}

/** Milliseconds: what is missing in two lookups that are closer together isn't gone yet. */
const LEAST_BETWEEN_LOOKUPS = 300;

/** Milliseconds. */
const LONGEST_RESPONSE = 20_000;

/** Out: the workflow with a form at another address than any other. */
export function withOwnAddress(workflow: WorkflowFile): WorkflowFile {
	const nodes = workflow.nodes.map((node) =>
		node.name === TRIGGER ? { ...node, webhookId: crypto.randomUUID() } : node,
	);
	return { ...workflow, nodes };
}

/** What is typed into a form, by the label of the field. */
type Answers = Readonly<Record<string, string>>;

/** One run of the proof, as its user goes through the pages. */
export class ProofRun {
	readonly #server: N8nServer;
	/** Address of the page that the run waits for. */
	readonly url: string;

	constructor(server: N8nServer, url: string) {
		this.#server = server;
		this.url = url;
	}

	get executionId(): string {
		return /form-waiting\/(\d+)/.exec(this.url)![1]!;
	}

	/** Out: the execution, once it waits or is over. */
	async execution(): Promise<SavedExecution> {
		return await executionOver(this.#server.rest, this.executionId);
	}

	/** Out: the text of the page. */
	async page(): Promise<string> {
		await this.execution();
		return await (await openForm(this.url, FORM_LOGIN)).text();
	}

	/** Fills in the page that the run waits for, and waits until the next one is there. Out: n8n's answer. */
	async answer(answers: Answers): Promise<Response> {
		const page = await this.page();
		const response = await postForm(this.url, formWith(page, answers), FORM_LOGIN);
		await this.execution();
		return response;
	}

	/** Looks the device up by hand, as often as said or until the run is over. Out: what is written down of the last lookup. */
	async lookUp(times = Infinity): Promise<IDataObject> {
		let row: IDataObject = {};
		for (let time = 0; time < times; time++) {
			await wait(LEAST_BETWEEN_LOOKUPS);
			if (!(await this.#watch('Look it up now'))) break;
			row = { ...(await this.execution()).output('Write it down')[0] } as IDataObject;
		}
		return row;
	}

	/** Looks the device up once, and ends the run. An answer is lost if n8n begins a lookup by itself in that moment. */
	async stop(): Promise<void> {
		while (await this.#watch('Stop, and make the report'));
	}

	/** Out: whether the run waited for this. n8n leaves an answer without a response if another one was first. */
	async #watch(now: string): Promise<boolean> {
		const page = await this.page();
		if (!page.includes('>Now<')) return false;
		const response = postForm(this.url, formWith(page, { Now: now }), FORM_LOGIN);
		await Promise.race([response, wait(LONGEST_RESPONSE)]);
		await this.execution();
		return true;
	}

	/** Out: what the last page says, once the run is over. */
	async ending(): Promise<Ending> {
		const waiting = await this.execution();
		if (waiting.status === 'waiting') await fetch(this.url, { method: 'POST', body: '{}' });
		const execution = await resumed(this.#server.rest, this.executionId);
		if (execution.status !== 'success')
			throw new Error(`It is ${execution.status}, not over: ${execution.error?.message}`);
		return execution.output('Report')[0] as unknown as Ending;
	}
}

/** Out: the fields of a page with these answers. Throws if the page hasn't one of them. */
export function formWith(page: string, answers: Answers): FormData {
	const form = new FormData();
	for (const [label, answer] of Object.entries(answers)) {
		const field = new RegExp(`for='(field-\\d+)'>${label}<`).exec(page)?.[1];
		if (field === undefined) throw new Error(`The page has no field "${label}": ${page}`);
		form.set(field, answer);
	}
	return form;
}

/** Fills in the first page, at its address of the editor or of the published workflow. */
export async function begin(
	server: N8nServer,
	address: string,
	name: string,
	seenInTheLastHour: 'Stop' | 'Go on' = 'Stop',
): Promise<ProofRun> {
	let first = await openForm(address, FORM_LOGIN);
	while (first.status === 404) {
		await wait(100);
		first = await openForm(address, FORM_LOGIN);
	}
	const answers = { 'Device name': name, 'If Nexthink saw it in the last hour': seenInTheLastHour };
	const response = await postForm(address, formWith(await first.text(), answers), FORM_LOGIN);
	const { formWaitingUrl } = (await response.json()) as { formWaitingUrl: string };
	const run = new ProofRun(server, formWaitingUrl);
	await run.execution();
	return run;
}

/** Clicks on Execute workflow. Out: the address of the form that opens. */
export async function executeInEditor(server: N8nServer, workflow: WorkflowFile): Promise<string> {
	const { id } = await createWorkflow(server.rest, workflow);
	const workflowData = await server.rest.get<object>(`/workflows/${id}`);
	await server.rest.post(`/workflows/${id}/run`, {
		workflowData,
		triggerToStartFrom: { name: TRIGGER },
	});
	return addressOfForm(server, workflow, 'form-test');
}

export function addressOfForm(
	{ origin }: N8nServer,
	{ nodes }: WorkflowFile,
	kind: 'form' | 'form-test' = 'form',
): string {
	return `${origin}/${kind}/${nodes.find(({ name }) => name === TRIGGER)!.webhookId}`;
}
