import { afterAll, beforeAll, beforeEach, inject, onTestFailed } from 'vitest';
import { Editor, type EditorOptions } from './editor.mts';

/** One editor for all tests of a file, or of a part of it, and a tenant that begins anew with each of them. */
export function useEditor(name: string, options: EditorOptions = {}): { readonly current: Editor } {
	let editor: Editor | undefined;
	const current = (): Editor => {
		if (editor === undefined) throw new Error('The editor is open while tests run, and only then.');
		return editor;
	};
	beforeAll(async () => {
		editor = await Editor.open(inject('run'), name, options);
	});
	beforeEach(({ task }) => {
		current().tenant.reset();
		onTestFailed(async () => {
			console.error(`The screen: ${await current().keepPictureOfFailure(task.name)}`);
		});
	});
	afterAll(async () => {
		await editor?.close();
	});
	return {
		get current() {
			return current();
		},
	};
}
