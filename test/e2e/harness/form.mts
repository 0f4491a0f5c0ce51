/** Which entry of each list to take. */
export type Choice = 'first' | 'last';

export interface Login {
	readonly user: string;
	readonly password: string;
}

/** Out: the page of a form, as n8n answers. */
export async function openForm(url: string, login?: Login): Promise<Response> {
	return await fetch(url, { headers: headersFor(login) });
}

/** Out: what n8n answers to a form that is sent. */
export async function postForm(url: string, body: FormData, login?: Login): Promise<Response> {
	return await fetch(url, { method: 'POST', body, headers: headersFor(login) });
}

/**
 * Fills in a form of n8n as a person would who reads it: takes a choice of each list, and types into each text field. Throws if n8n
 * does not take it.
 */
export async function fillInForm(
	url: string,
	choice: Choice = 'first',
	login?: Login,
): Promise<void> {
	const page = await (await openForm(url, login)).text();
	const form = new FormData();
	for (const [, name, options] of page.matchAll(
		/<select[^>]*name='([^']+)'[^>]*>([^]*?)<\/select>/g,
	)) {
		const offered = [...(options ?? '').matchAll(/<option value='([^']+)'/g)];
		const chosen = offered.at(choice === 'first' ? 0 : -1)?.[1];
		if (name !== undefined && chosen !== undefined) form.set(name, chosen);
	}
	for (const [field] of page.matchAll(/<input[^>]*class='form-input[^>]*>/g)) {
		const [, name] = /name='([^']+)'/.exec(field) ?? [];
		if (name !== undefined) form.set(name, 'Petra Person');
	}
	const answer = await postForm(url, form, login);
	if (!answer.ok)
		throw new Error(`n8n did not take the form: ${answer.status} ${await answer.text()}`);
}

function headersFor(login: Login | undefined): Record<string, string> {
	if (login === undefined) return {};
	const words = Buffer.from(`${login.user}:${login.password}`).toString('base64');
	return { authorization: `Basic ${words}` };
}
