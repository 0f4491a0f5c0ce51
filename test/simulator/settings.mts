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
	/** Default true; else every NQL request is answered 403. */
	nqlPermissionGranted: boolean;
	/** Exports that may be started in one day (UTC); default 50, as documented. */
	exportsPerDay: number;
	/** How often the status of an export is asked for before it is complete; default 2. */
	exportStates: number;
	/** If set, exports end in `ERROR` with this description. */
	exportErrorDescription: string | undefined;
	/** Default false; else a complete export is answered 206: the licence cut it. */
	exportCutByLicence: boolean;
	/** Life of a file's address; default 900. */
	fileLifetimeSeconds: number;
	/** Waited before each answer of the deletions and NQL routes, after queuing; default 0. */
	latencyMilliseconds: number;
}

/** A tenant as Nexthink's documentation describes it. */
export const DOCUMENTED_SETTINGS: Readonly<TenantSettings> = {
	deploymentCap: 100,
	featureEnabled: true,
	permissionGranted: true,
	tenantInToken: true,
	nqlPermissionGranted: true,
	exportsPerDay: 50,
	exportStates: 2,
	exportErrorDescription: undefined,
	exportCutByLicence: false,
	fileLifetimeSeconds: 900,
	latencyMilliseconds: 0,
};
