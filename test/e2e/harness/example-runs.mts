import { setTimeout as wait } from 'node:timers/promises';
import { createWorkflow, executionOver, runInEditor } from './editor-runs.mts';
import { FORM_LOGIN, NIGHTLY, onNight, type Example } from './examples.mts';
import type { SavedExecution } from './executions.mts';
import { fillInForm, type Choice } from './form.mts';
import type { RestClient } from './rest.mts';

/** In: an example, and the id under which a server has it. Out: its execution, over or waiting for somebody. */
export async function runFromTrigger(
	rest: RestClient,
	{ file, workflow }: Example,
	id: string,
): Promise<SavedExecution> {
	const trigger = workflow.nodes.find(({ type }) => type.endsWith('Trigger'));
	if (trigger === undefined) throw new Error(`${file} has no trigger`);
	return await runInEditor(rest, id, trigger.name);
}

/** Runs the example from its trigger; whatever it asks in a form is answered with that choice. */
export async function runToItsEnd(
	rest: RestClient,
	example: Example,
	id: string,
	choice: Choice = 'first',
): Promise<SavedExecution> {
	return await answered(rest, example, await runFromTrigger(rest, example, id), choice);
}

/** Answers whatever an execution of the example asks in a form with that choice, until it is over. */
export async function answered(
	rest: RestClient,
	example: Example,
	begun: SavedExecution,
	choice: Choice = 'first',
): Promise<SavedExecution> {
	let execution = begun;
	while (execution.status === 'waiting') {
		await fillInForm(formOf(example, execution), choice, FORM_LOGIN);
		execution = await resumed(rest, execution.id);
	}
	return execution;
}

/** Out: the address of the form that an execution waits for. */
export function formOf({ file }: Example, execution: SavedExecution): string {
	const url = /http:\/\/[^"]+\/form-waiting\/[^"]+/.exec(execution.text)?.[0];
	if (url === undefined) throw new Error(`${file} waits, and nothing tells for what`);
	return url;
}

/** Waits until an execution that has waited is over. */
export async function resumed(rest: RestClient, id: string): Promise<SavedExecution> {
	for (;;) {
		const execution = await executionOver(rest, id);
		if (execution.status !== 'waiting') return execution;
		await wait(100);
	}
}

/** Runs an example that counts nights as it is, on the two nights before tonight; others need no such thing. */
export async function runOnEarlierNights(rest: RestClient, example: Example): Promise<void> {
	if (example.file !== NIGHTLY.file) return;
	for (const daysAgo of [2, 1]) {
		const { id } = await createWorkflow(rest, onNight(example, daysAgo).workflow);
		const execution = await runFromTrigger(rest, example, id);
		if (execution.status !== 'success') throw new Error(`${example.file}: ${execution.text}`);
	}
}
