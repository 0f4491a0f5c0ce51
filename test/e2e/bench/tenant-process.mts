import { startTenant, type Route } from '../../simulator/tenant.mts';
import { answerQuestions } from './child.mts';
import type { ExportedInventory } from './exported-inventory.mts';
import { benchQueries, EXPORT_SECONDS } from './saved-queries.mts';

/** Asks for a tenant that begins anew, and for what it did since the last question. */
export interface TenantQuestion {
	/** Of every answer from now on. */
	readonly latencyMilliseconds: number;
	/** What exports of all devices find from now on. */
	readonly inventory: ExportedInventory;
}

export interface TenantAnswer {
	readonly apiBaseUrl: string;
	readonly tokenUrl: string;
	readonly clientId: string;
	readonly clientSecret: string;
	/** How many distinct devices it queued. */
	readonly devices: number;
	readonly requests: number;
	/** Executed queries. */
	readonly queries: number;
	/** Started ones. */
	readonly exports: number;
	readonly cpuMilliseconds: number;
}

// A token that ends in the middle of one run and not of another would be measured, too.
const tenant = await startTenant({ devices: 1, tokenLifetimeSeconds: 86_400 });
let cpu = process.cpuUsage();

answerQuestions<TenantQuestion, TenantAnswer>(async ({ latencyMilliseconds, inventory }) => {
	const { apiBaseUrl, tokenUrl, clientId, clientSecret, requests, ledger } = tenant;
	const { user, system } = process.cpuUsage(cpu);
	const requestsTo = (wanted: Route) => requests.filter(({ route }) => route === wanted).length;
	const answer = {
		...{ apiBaseUrl, tokenUrl, clientId, clientSecret },
		devices: ledger.uids().size,
		requests: requestsTo('deletions'),
		queries: requestsTo('nqlExecute'),
		exports: tenant.exportsStarted,
		cpuMilliseconds: (user + system) / 1000,
	};
	tenant.reset();
	tenant.queries.push(...benchQueries(inventory));
	tenant.settings.exportStates = 0;
	tenant.settings.exportSeconds = EXPORT_SECONDS;
	tenant.settings.latencyMilliseconds = latencyMilliseconds;
	cpu = process.cpuUsage();
	return answer;
});
