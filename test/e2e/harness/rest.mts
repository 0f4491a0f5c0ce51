/** An answer of n8n outside 2xx. */
export class RestError extends Error {
	readonly status: number;
	readonly body: unknown;

	constructor(method: string, path: string, status: number, body: unknown) {
		super(`${method} ${path}: ${status} ${JSON.stringify(body).slice(0, 500)}`);
		this.status = status;
		this.body = body;
	}
}

/** n8n's REST API, spoken the way the editor speaks it. Paths begin after `/rest`, unless they begin with `/types`. */
export class RestClient {
	readonly origin: string;
	/** n8n ties a login to the browser it was made in. */
	readonly browserId = crypto.randomUUID();
	#cookie = '';

	constructor(origin: string) {
		this.origin = origin;
	}

	async get<Data>(path: string): Promise<Data> {
		return await this.#send<Data>('GET', path);
	}

	async post<Data>(path: string, body: object = {}): Promise<Data> {
		return await this.#send<Data>('POST', path, body);
	}

	async patch<Data>(path: string, body: object): Promise<Data> {
		return await this.#send<Data>('PATCH', path, body);
	}

	async delete<Data>(path: string): Promise<Data> {
		return await this.#send<Data>('DELETE', path);
	}

	// n8n wraps what it answers in `data`; the files under /types come as they are.
	async #send<Data>(method: string, path: string, body?: object): Promise<Data> {
		const response = await fetch(
			`${this.origin}${path.startsWith('/types') ? '' : '/rest'}${path}`,
			{
				method,
				headers: {
					'browser-id': this.browserId,
					cookie: this.#cookie,
					...(body === undefined ? {} : { 'content-type': 'application/json' }),
				},
				body: body === undefined ? null : JSON.stringify(body),
				signal: AbortSignal.timeout(60_000),
			},
		);
		const text = await response.text();
		const parsed = parse(text);
		if (!response.ok) throw new RestError(method, path, response.status, parsed);
		const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0]);
		if (cookies.length > 0) this.#cookie = cookies.join('; ');
		return (isWrapped(parsed) ? parsed.data : parsed) as Data;
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

function isWrapped(parsed: unknown): parsed is { data: unknown } {
	return typeof parsed === 'object' && parsed !== null && 'data' in parsed;
}
