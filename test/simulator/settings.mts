import type { DeviceAnswer } from './deletions.mts';

/**
 * How a client can tell the end of a file: by Content-Length, by the last chunk of `Transfer-Encoding: chunked`, or not at all, where
 * the connection just ends ("close").
 */
export type ExportFileFraming = 'length' | 'chunked' | 'close';

/** How the files of exports are written. None of it is documented. */
export interface ExportFileStyle {
	/** `minimal`: only the cells that need quotes have them; `all`: every cell, those of the header and empty ones too. */
	readonly quoting: 'minimal' | 'all';
	readonly lineEnd: 'LF' | 'CRLF';
	/** In front of the header. */
	readonly byteOrderMark: boolean;
	/** Whether the last line ends as the others do. */
	readonly finalLineEnd: boolean;
	readonly delimiter: 'comma' | 'semicolon' | 'tab';
	readonly encoding: 'utf-8' | 'utf-16le';
	/**
	 * Such as `Europe/Zurich`: times are written as that zone's clock shows them, without an offset ("2026-11-26 05:48:21"), whatever
	 * `x-utc-times` asks for. Undefined: in UTC, with a Z.
	 */
	readonly timeZone: string | undefined;
}

/** As the file that was seen of a live tenant: a header line and the rows. */
export const PLAIN_FILE_STYLE: ExportFileStyle = {
	quoting: 'minimal',
	lineEnd: 'LF',
	byteOrderMark: false,
	finalLineEnd: true,
	delimiter: 'comma',
	encoding: 'utf-8',
	timeZone: undefined,
};

/**
 * How `==` of NQL compares text. Documented is only that case makes no difference, not how that is done. `simple`: by Unicode's simple
 * case folding, for which `ß` is not `SS`; `upper`, `lower`: both in capitals or both in small letters; `loose`: without spaces at the
 * ends, in NFKC, in capitals and then in small letters; `without wildcards`: like `simple`, with `*` and `?` in a parameter for themselves.
 */
export type NqlEquality = 'simple' | 'upper' | 'lower' | 'loose' | 'without wildcards';

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
	/** Which of the two UIDs of a device a deletion means, `device.uid` or `device.collector.uid`; default `uid`. */
	deletionMeans: 'uid' | 'collectorUid';
	/** Default false; else a device is removed only if it was sent with its own name. */
	nameChecked: boolean;
	/** What a device gets that the tenant doesn't have, or no longer has; default `SCHEDULED`. */
	statusOfUnknown: DeviceAnswer['status'];
	/** What a device gets that is queued already; default `SCHEDULED`. */
	statusOfQueued: DeviceAnswer['status'];
	/** Seconds from when a device is queued until queries no longer find it; default undefined: it is never removed by itself. */
	removalSeconds: number | undefined;
	/** Seconds from its removal until its Collector reports again; default undefined: never. */
	returnSeconds: number | undefined;
	/** Whether a device that comes back has the UIDs that it had; default true. */
	returnsWithSameUid: boolean;
	/** Default true; else every NQL request is answered 403. */
	nqlPermissionGranted: boolean;
	/** Default true; else a query that isn't saved is answered 404 before the permission is looked at. */
	nqlPermissionFirst: boolean;
	/** Default `simple`. */
	nqlEquality: NqlEquality;
	/** Exports that may be started in one day (UTC); default 50, as documented. */
	exportsPerDay: number;
	/** How often the status of an export is asked for before it is complete; default 2. */
	exportStates: number;
	/** Seconds from the start of an export until it is complete, however often its status is asked for; default 0. */
	exportSeconds: number;
	/** If set, exports end in `ERROR` with this description. */
	exportErrorDescription: string | undefined;
	/** Default false; else a complete export is answered 206: the licence cut it. */
	exportCutByLicence: boolean;
	/** Life of a file's address; default 900. */
	fileLifetimeSeconds: number;
	/** Default undefined: `length` up to a megabyte, `chunked` above, where counting the bytes takes time. */
	exportFileFraming: ExportFileFraming | undefined;
	/** How the files are written; what isn't said here is as `PLAIN_FILE_STYLE` has it. Default: nothing. */
	exportFileStyle: Partial<ExportFileStyle>;
	/**
	 * Devices that exports find behind those that the tenant knows; default 0. They are made as a file is sent, so that there can be a
	 * million of them (`extraDevice` tells which); executed queries don't find them.
	 */
	extraExportDevices: number;
	/** Waited before each answer of the deletions and NQL routes, after queuing; default 0. */
	latencyMilliseconds: number;
}

/** A tenant as Nexthink's documentation describes it. */
export const DOCUMENTED_SETTINGS: Readonly<TenantSettings> = {
	deploymentCap: 100,
	featureEnabled: true,
	permissionGranted: true,
	tenantInToken: true,
	deletionMeans: 'uid',
	nameChecked: false,
	statusOfUnknown: 'SCHEDULED',
	statusOfQueued: 'SCHEDULED',
	removalSeconds: undefined,
	returnSeconds: undefined,
	returnsWithSameUid: true,
	nqlPermissionGranted: true,
	nqlPermissionFirst: true,
	nqlEquality: 'simple',
	exportsPerDay: 50,
	exportStates: 2,
	exportSeconds: 0,
	exportErrorDescription: undefined,
	exportCutByLicence: false,
	fileLifetimeSeconds: 900,
	exportFileFraming: undefined,
	exportFileStyle: {},
	extraExportDevices: 0,
	latencyMilliseconds: 0,
};
