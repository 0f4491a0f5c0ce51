import type { INode } from 'n8n-workflow';
import { startTenant, type RequestRecord, type Tenant } from '../../simulator/tenant.mts';
import { createWorkflow } from '../harness/editor-runs.mts';
import { credentialsOfExamples, EXAMPLES_TO_RUN } from '../harness/examples.mts';
import { killRecorded } from '../harness/processes.mts';
import type { Run } from '../harness/run.mts';
import { startServer, type N8nServer } from '../harness/server.mts';
import { CREDENTIAL_TYPE, credentialData, type CredentialFile } from '../harness/tenant.mts';
import type { CommandLine } from './command-line.mts';
import { SourceWatch } from './source-watch.mts';
import { createUserFolder } from '../harness/user-folders.mts';

/** What the examples call their placeholder. */
export const GOOD_CREDENTIAL = 'Your Nexthink credential';
export const FEATURE_OFF_CREDENTIAL = 'Nexthink tenant with the feature off';
export const WRONG_SECRET_CREDENTIAL = 'Nexthink with a wrong secret';

/** A real n8n set up as a user would after an hour of work. */
export class LookRound {
	readonly #run: Run;
	readonly #commandLine: CommandLine;
	readonly #tenants: Tenant[] = [];
	#server: N8nServer | undefined;
	#watch: SourceWatch | undefined;
	#opening: Promise<void> | undefined;
	#closing = false;
	/** By the id of their placeholder in the examples. */
	readonly #credentials = new Map<string, Credential>();
	/** Names of the imported examples. */
	readonly examples: string[] = [];

	constructor(run: Run, commandLine: CommandLine) {
		this.#run = run;
		this.#commandLine = commandLine;
	}

	get origin(): string {
		return this.#server?.origin ?? '';
	}

	/** The folder whose sources are watched, if any is. */
	get sources(): string | undefined {
		return this.#commandLine.sources;
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
		if (this.#server === undefined) killRecorded(this.#run.folder);
		await Promise.allSettled([this.#opening]);
		await this.#watch?.stop();
		await this.#server?.stop();
		for (const tenant of this.#tenants) await tenant.close();
	}

	async #open(): Promise<void> {
		const { port, devices, sources } = this.#commandLine;
		const settings = { removalSeconds: 60 };
		const tenant = await this.#startTenant({ devices, settings });
		const featureOff = await this.#startTenant({ devices: 1, settings: { featureEnabled: false } });
		const userFolder = await createUserFolder(this.#run, 'look-round', 'newest');
		if (this.#closing) throw new Error('Ended before n8n was started.');
		this.#server = await startServer({
			version: 'newest',
			userFolder,
			...(port !== undefined && { port }),
			// n8n loads a package anew when one of its files changes.
			...(sources !== undefined && { env: { N8N_DEV_RELOAD: 'true' } }),
		});
		await this.#addCredential(FEATURE_OFF_CREDENTIAL, credentialData(featureOff));
		await this.#addCredential(WRONG_SECRET_CREDENTIAL, {
			...credentialData(tenant),
			clientSecret: 'not-the-secret',
		});
		// The newest one is what n8n puts into a new node.
		await this.#addCredentialsOfExamples(tenant);
		await this.#importExamples();
		if (sources !== undefined) {
			this.#watch = new SourceWatch(sources, userFolder);
			await this.#watch.untilCompiled();
		}
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

	async #addCredential(
		name: string,
		data: CredentialFile['data'],
		type: string = CREDENTIAL_TYPE,
	): Promise<Credential> {
		const { id } = await this.#rest.post<{ id: string }>('/credentials', { name, type, data });
		return { id, name };
	}

	/** Those of other services stay placeholders: their nodes have pinned data. */
	async #addCredentialsOfExamples(tenant: Tenant): Promise<void> {
		for (const { id, name, type, data } of credentialsOfExamples(tenant)) {
			if (Object.keys(data).length === 0) continue;
			this.#credentials.set(id, await this.#addCredential(name, data, type));
		}
	}

	async #importExamples(): Promise<void> {
		for (const { workflow } of EXAMPLES_TO_RUN) {
			const nodes = workflow.nodes.map((node) => this.#withCredentials(node));
			await createWorkflow(this.#rest, { ...workflow, nodes });
			this.examples.push(workflow.name);
		}
	}

	#withCredentials(node: INode): INode {
		if (node.credentials === undefined) return node;
		const credentials = Object.entries(node.credentials).map(([type, placeholder]) => [
			type,
			this.#credentials.get(placeholder.id ?? '') ?? placeholder,
		]);
		return { ...node, credentials: Object.fromEntries(credentials) as INode['credentials'] };
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

function printRequest({ at, method, path, devices, status }: RequestRecord): void {
	const time = new Date(at).toISOString().slice(11, 19);
	const size = devices === undefined ? '' : `  ${devices.length} devices`;
	console.log(`${time}  ${method} ${path}${size}  ${status ?? 'no answer'}`);
}
