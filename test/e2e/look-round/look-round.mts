import type { INode } from 'n8n-workflow';
import { readExampleWorkflows } from '../../demonstration/example-workflows.mts';
import { startTenant, type RequestRecord, type Tenant } from '../../simulator/tenant.mts';
import { endLeftovers } from '../harness/processes.mts';
import { createUserFolder, type Run } from '../harness/run.mts';
import { startServer, type N8nServer } from '../harness/server.mts';
import { CREDENTIAL_TYPE, credentialData } from '../harness/tenant.mts';
import type { CommandLine } from './command-line.mts';

/** What the examples' placeholder is called, so that they run as they are. */
export const GOOD_CREDENTIAL = 'Your Nexthink credential';
export const FEATURE_OFF_CREDENTIAL = 'Nexthink tenant with the feature off';
export const WRONG_SECRET_CREDENTIAL = 'Nexthink with a wrong secret';

/** A real n8n set up as a user would after an hour of work. */
export class LookRound {
	readonly #run: Run;
	readonly #commandLine: CommandLine;
	readonly #tenants: Tenant[] = [];
	#server: N8nServer | undefined;
	#opening: Promise<void> | undefined;
	#closing = false;
	/** Names of the imported examples. */
	readonly examples: string[] = [];

	constructor(run: Run, commandLine: CommandLine) {
		this.#run = run;
		this.#commandLine = commandLine;
	}

	get origin(): string {
		return this.#server?.origin ?? '';
	}

	/** What to type into a credential; undefined before opening. */
	get tenant(): Tenant | undefined {
		return this.#tenants[0];
	}

	/** Resolves once everything is there to be looked at. */
	async open(): Promise<void> {
		await (this.#opening = this.#open());
	}

	/** Ends what it started; may come in the middle of opening, which fails then. */
	async close(): Promise<void> {
		this.#closing = true;
		if (this.#server === undefined) await endLeftovers(this.#run.folder);
		await Promise.allSettled([this.#opening]);
		await this.#server?.stop();
		for (const tenant of this.#tenants) await tenant.close();
	}

	async #open(): Promise<void> {
		const { port, devices } = this.#commandLine;
		const tenant = await this.#startTenant({ devices });
		const featureOff = await this.#startTenant({ devices: 1, settings: { featureEnabled: false } });
		const userFolder = await createUserFolder(this.#run, 'look-round');
		if (this.#closing) throw new Error('Ended before n8n was started.');
		this.#server = await startServer({
			version: 'newest',
			userFolder,
			...(port !== undefined && { port }),
		});
		await this.#addCredential(FEATURE_OFF_CREDENTIAL, credentialData(featureOff));
		await this.#addCredential(WRONG_SECRET_CREDENTIAL, {
			...credentialData(tenant),
			clientSecret: 'not-the-secret',
		});
		// The newest one is what n8n puts into a new node.
		const good = await this.#addCredential(GOOD_CREDENTIAL, credentialData(tenant));
		await this.#importExamples(good);
	}

	/** What the tenant was asked for, in a sentence. */
	sums(): string {
		const size = this.#tenants[0]?.ledger.uids().size ?? 0;
		return `Queued for deletion at the simulated tenant: ${size} distinct devices.`;
	}

	async #startTenant(options: Parameters<typeof startTenant>[0]): Promise<Tenant> {
		const tenant = await startTenant({ ...options, onEnded: printRequest });
		this.#tenants.push(tenant);
		return tenant;
	}

	async #addCredential(name: string, data: Record<string, string>): Promise<Credential> {
		const { id } = await this.#rest.post<{ id: string }>('/credentials', {
			name,
			type: CREDENTIAL_TYPE,
			data,
		});
		return { id, name };
	}

	async #importExamples(credential: Credential): Promise<void> {
		for (const {
			file,
			name = file,
			nodes,
			connections,
			settings,
			pinData,
		} of readExampleWorkflows()) {
			await this.#rest.post('/workflows', {
				name,
				nodes: nodes.map((node) => withCredential(node, credential)),
				connections,
				settings,
				...(pinData !== undefined && { pinData }),
			});
			this.examples.push(name);
		}
	}

	get #rest(): N8nServer['rest'] {
		if (this.#server === undefined) throw new Error('n8n is not started yet.');
		return this.#server.rest;
	}
}

interface Credential {
	readonly id: string;
	readonly name: string;
}

function withCredential(node: INode, credential: Credential): INode {
	if (node.credentials?.[CREDENTIAL_TYPE] === undefined) return node;
	return { ...node, credentials: { ...node.credentials, [CREDENTIAL_TYPE]: { ...credential } } };
}

function printRequest({ at, method, path, devices, status }: RequestRecord): void {
	const time = new Date(at).toISOString().slice(11, 19);
	const size = devices === undefined ? '' : `  ${devices.length} devices`;
	console.log(`${time}  ${method} ${path}${size}  ${status ?? 'no answer'}`);
}
