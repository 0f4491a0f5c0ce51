/**
 * Fills in a form of n8n as a person would who reads it: takes the first choice of each list, and types into each text field.
 * Throws if n8n does not take it.
 */
export async function fillInForm(url: string): Promise<void> {
	const page = await (await fetch(url)).text();
	const form = new FormData();
	for (const [, name, options] of page.matchAll(
		/<select[^>]*name='([^']+)'[^>]*>([^]*?)<\/select>/g,
	)) {
		const [, first] = /<option value='([^']+)'/.exec(options ?? '') ?? [];
		if (name !== undefined && first !== undefined) form.set(name, first);
	}
	for (const [field] of page.matchAll(/<input[^>]*class='form-input[^>]*>/g)) {
		const [, name] = /name='([^']+)'/.exec(field) ?? [];
		if (name !== undefined) form.set(name, 'Petra Person');
	}
	const answer = await fetch(url, { method: 'POST', body: form });
	if (!answer.ok)
		throw new Error(`n8n did not take the form: ${answer.status} ${await answer.text()}`);
}
