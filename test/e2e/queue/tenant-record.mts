import { expect } from 'vitest';
import type { RequestRecord, Route, Tenant } from '../../simulator/tenant.mts';
import type { Worker } from './cluster.mts';

/** What a tenant was asked since its last reset, in order of arrival. */
export function requestsTo(tenant: Tenant, route: Route): RequestRecord[] {
	return tenant.requests.filter((request) => request.route === route);
}

/** Each of these at least once, and no other. */
export function expectQueued(tenant: Tenant, devices: ReadonlyArray<{ uid: string }>): void {
	expect([...tenant.ledger.uids()].sort()).toEqual(uidsOf(devices).sort());
}

export function uidsOf(devices: ReadonlyArray<{ uid: string }>): string[] {
	return devices.map(({ uid }) => uid);
}

/** By the request ids in the worker's own log. */
export function devicesQueuedBy(tenant: Tenant, worker: Worker): number {
	return worker
		.requestIds()
		.map((requestId) => tenant.ledger.countFor(requestId))
		.reduce((total, count) => total + count, 0);
}
