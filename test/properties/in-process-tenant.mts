import { jsonAnswer } from '../simulator/answers.mts';
import { judgeDeletions, type DeletionAnswer } from '../simulator/deletions.mts';
import { TenantFaultScript, type Fault } from '../simulator/faults.mts';
import { TenantLedger } from '../simulator/ledger.mts';
import { react, type HonestAnswer, type Reaction } from '../simulator/reactions.mts';
import {
	DELETIONS_PATH,
	noteDevices,
	openRequest,
	TOKEN_PATH,
	type OpenRequest,
	type RequestRecord,
} from '../simulator/request-log.mts';
import { DOCUMENTED_SETTINGS, type TenantSettings } from '../simulator/settings.mts';

/** What the tenant makes of one request. */
export interface Reception {
	request: RequestRecord;
	reaction: Reaction;
	/** The fault that was played, if any. */
	fault?: Fault;
	/** What the tenant did, where it took the request: what an honest 202 says. */
	accepted?: DeletionAnswer;
}

/** The simulator's tenant with its rules, ledger and faults, but without HTTP and without a clock of its own. */
export class InProcessTenant {
	readonly ledger = new TenantLedger();

	readonly faults = new TenantFaultScript();

	readonly settings: TenantSettings;

	readonly requests: RequestRecord[] = [];

	readonly playedFaults = new Set<Fault>();

	#tokens = 0;

	#oldestLiving = 1;

	constructor(
		private readonly now: () => number,
		settings: Partial<TenantSettings> = {},
	) {
		this.settings = { ...DOCUMENTED_SETTINGS, ...settings };
	}

	/** A request for a token. */
	receiveLogin(): Reception & { token: string } {
		const reception = this.#receive(this.#record(TOKEN_PATH, {}));
		return { ...reception, token: `token-${this.#tokens}` };
	}

	/** A token that n8n has from earlier: no request is made for it. */
	issueToken(): string {
		return `token-${++this.#tokens}`;
	}

	receiveDeletion(devices: readonly object[], requestId: string, token: string): Reception {
		const request = this.#record(DELETIONS_PATH, {
			'x-request-id': requestId,
			authorization: `Bearer ${token}`,
		});
		request.body = JSON.stringify({ devices });
		noteDevices(request);
		return this.#receive(request);
	}

	#record(path: string, headers: Record<string, string>): OpenRequest {
		const head = { method: 'POST', url: path, headers };
		return openRequest(head, this.requests.length + 1, this.now());
	}

	#receive(request: RequestRecord): Reception {
		this.requests.push(request);
		const fault = this.faults.next(request);
		if (fault !== undefined) this.playedFaults.add(fault);
		let accepted: DeletionAnswer | undefined;
		const reaction = react(request, fault, {
			handle: (_, { queue = true, ...failures } = {}): HonestAnswer => {
				if (request.route === 'token') {
					const body = { access_token: this.issueToken(), token_type: 'Bearer', expires_in: 900 };
					return { answer: jsonAnswer(200, body) };
				}
				const accepts = (bearer = '') => this.#lives(bearer);
				const circumstances = { settings: this.settings, accepts, isPermitted: true, ...failures };
				const verdict = judgeDeletions(request, circumstances);
				accepted = verdict.accepted;
				if (queue) this.ledger.queue(verdict.queued, request, this.now());
				return verdict;
			},
			expireTokens: () => {
				this.#oldestLiving = this.#tokens + 1;
			},
		});
		return { request, reaction, fault, accepted };
	}

	#lives(bearer: string): boolean {
		const number = Number(bearer.slice('token-'.length));
		return number >= this.#oldestLiving && number <= this.#tokens;
	}
}
