import { randomBytes } from 'node:crypto';
import { jsonAnswer, type Answer } from './answers.mts';
import type { RequestRecord } from './request-log.mts';

/** What is selected for a client in Nexthink: "Data management", "NQL API". */
export type Permission = 'deletions' | 'nql';

export interface TokenClient {
	readonly clientId: string;
	readonly clientSecret: string;
	readonly permissions: readonly Permission[];
}

/** Who may ask for tokens, and how many seconds one lives (Nexthink: 900). */
export interface TokenTerms {
	readonly clients: readonly TokenClient[];
	readonly lifetimeSeconds: number;
}

const SCOPE = 'service:integration';

/** The login host: issues tokens, and knows which of them are still good. */
export class TokenOffice {
	/** Every token ever issued, in order, dead ones included. */
	readonly issued: string[] = [];
	readonly #terms: TokenTerms;
	/** By token: whose it is, and when it ends, in milliseconds since the epoch. */
	readonly #living = new Map<string, { client: TokenClient; end: number }>();

	constructor(terms: TokenTerms) {
		this.#terms = terms;
	}

	/**
	 * In: a request to the token endpoint. Out: a token, or the refusal. The order is that of
	 * OAuth 2: the client first, then what it asks for. Error bodies are not documented by
	 * Nexthink; these have the form of RFC 6749 section 5.2, which Okta uses.
	 */
	handle(request: RequestRecord): Answer {
		if (request.method !== 'POST') {
			return refusal(405, 'invalid_request', 'The token endpoint takes POST only.');
		}
		const client = this.#clientOf(request.headers.authorization);
		if (client === undefined) {
			return refusal(401, 'invalid_client', 'The client secret supplied for a client is invalid.');
		}
		const form = new URLSearchParams(request.body);
		if (form.get('grant_type') !== 'client_credentials') {
			return refusal(400, 'unsupported_grant_type', 'The grant type must be client_credentials.');
		}
		if (!(form.get('scope') ?? '').split(' ').includes(SCOPE)) {
			return refusal(400, 'invalid_scope', `The scope must include ${SCOPE}.`);
		}
		return jsonAnswer(200, this.#issue(client));
	}

	/** In: the token of a request. Out: whether it was issued here and still lives. */
	accepts(token: string | undefined): boolean {
		const living = this.#living.get(token ?? '');
		return living !== undefined && Date.now() < living.end;
	}

	/** Whether the client of a token that is accepted has a permission. */
	permits(token: string | undefined, permission: Permission): boolean {
		return this.#living.get(token ?? '')?.client.permissions.includes(permission) ?? false;
	}

	/** Ends every token issued so far. */
	endAll(): void {
		this.#living.clear();
	}

	#issue(client: TokenClient): Record<string, unknown> {
		const token = randomBytes(48).toString('base64url');
		this.issued.push(token);
		this.#living.set(token, { client, end: Date.now() + this.#terms.lifetimeSeconds * 1000 });
		return {
			token_type: 'Bearer',
			expires_in: this.#terms.lifetimeSeconds,
			access_token: token,
			scope: SCOPE,
		};
	}

	// RFC 6749 section 2.3.1 has both parts form-encoded before base64; many clients skip that, and
	// Okta's own ids and secrets read the same either way. Both are taken.
	#clientOf(authorization: string | undefined): TokenClient | undefined {
		const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? '')?.[1];
		if (encoded === undefined) return undefined;
		const pair = Buffer.from(encoded, 'base64').toString('utf8');
		const colon = pair.indexOf(':');
		if (colon < 0) return undefined;
		return this.#terms.clients.find(
			({ clientId, clientSecret }) =>
				isText(pair.slice(0, colon), clientId) && isText(pair.slice(colon + 1), clientSecret),
		);
	}
}

function isText(sent: string, wanted: string): boolean {
	return sent === wanted || formDecoded(sent) === wanted;
}

function formDecoded(text: string): string | undefined {
	try {
		return decodeURIComponent(text.replaceAll('+', ' '));
	} catch {
		return undefined;
	}
}

function refusal(status: number, error: string, description: string): Answer {
	return jsonAnswer(status, { error, error_description: description });
}
