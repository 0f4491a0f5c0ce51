/** How the tenant is set up. May be changed while it runs; the next request sees the change. */
export interface TenantSettings {
	/** Most devices in one request ("configurable per deployment"); default 100. */
	deploymentCap: number;
	/** Default true; else every deletion is answered 403 `FEATURE_NOT_ENABLED`. */
	featureEnabled: boolean;
	/** Default true; else every deletion is answered 403 with a body without a code. */
	permissionGranted: boolean;
	/** Default true; else every deletion is answered 400 `EMPTY_TENANT`. */
	tenantInToken: boolean;
	/** Waited before each answer of the deletions route, after queuing; default 0. */
	latencyMilliseconds: number;
}

/** A tenant as Nexthink's documentation describes it. */
export const DOCUMENTED_SETTINGS: Readonly<TenantSettings> = {
	deploymentCap: 100,
	featureEnabled: true,
	permissionGranted: true,
	tenantInToken: true,
	latencyMilliseconds: 0,
};
