import { emptyAnswer, jsonAnswer, type Answer } from './answers.mts';
import { noSuchRoute } from './deletions.mts';
import { firstOf, type Compression, type ExportOffice } from './exports.mts';
import { extraDevices } from './extra-devices.mts';
import { isJsonObject, parseJson } from './json.mts';
import type { KnownDevice } from './known-devices.mts';
import { executedText } from './nql-text.mts';
import type { RequestRecord } from './request-log.mts';
import type { Row, SavedQuery } from './saved-queries.mts';
import type { TenantSettings } from './settings.mts';

/** What the NQL routes need to know besides the request itself. */
export interface NqlCircumstances {
	readonly settings: Readonly<TenantSettings>;
	readonly queries: readonly SavedQuery[];
	readonly devices: readonly KnownDevice[];
	readonly exports: ExportOffice;
	readonly fileOrigin: string;
	/** In: the bearer, if any. Out: whether it is good. */
	readonly accepts: (bearer: string | undefined) => boolean;
	/** Whether the client of the bearer has the permission. */
	readonly isPermitted: boolean;
}

/** Documented: one execution returns 1,000 rows at most. */
const MOST_ROWS = 1_000;

/**
 * Answers a request to one of the three NQL routes. The errors have the documented shape, `{message, code, source?}` with a number as
 * code; of the numbers only the 100 of an unknown query was ever seen, the others are made up. The order of the checks:
 *
 * 1. method: 404
 * 2. bearer missing, unknown, expired or revoked: 401 without a body
 * 3. permission "NQL": 403 (whether it is before 5 isn't documented: a setting)
 * 4. body, query id, parameters: 400 (not documented)
 * 5. no such query: 404, code 100
 * 6. exports alone: the daily limit, 429 with `Retry-After` as a date
 */
export function answerNql(request: RequestRecord, circumstances: NqlCircumstances): Answer {
	const method = request.route === 'nqlStatus' ? 'GET' : 'POST';
	if (request.method !== method) return noSuchRoute(request);
	if (!circumstances.accepts(request.bearer)) return emptyAnswer(401);
	const { nqlPermissionGranted, nqlPermissionFirst } = circumstances.settings;
	const isBarred = !nqlPermissionGranted || !circumstances.isPermitted;
	const barred = refusal(403, 40, 'The caller may not run NQL queries.');
	if (isBarred && (nqlPermissionFirst || request.route === 'nqlStatus')) return barred;
	if (request.route === 'nqlStatus') return status(request, circumstances);
	const asked = readQuery(request.body, circumstances.queries);
	if (!asked.ok) return asked.refusal;
	if (isBarred) return barred;
	return request.route === 'nqlExecute'
		? execute(asked, request.at, circumstances)
		: startExport(asked, request.at, circumstances);
}

interface AskedQuery {
	readonly ok: true;
	readonly query: SavedQuery;
	readonly parameters: Readonly<Record<string, string>>;
	readonly compression: Compression;
}

function execute(
	{ query, parameters }: AskedQuery,
	at: number,
	{ devices, settings }: NqlCircumstances,
): Answer {
	const circumstances = { at, equality: settings.nqlEquality, extraDevices: () => [] };
	const data = [...firstOf(query.rows(devices, parameters, circumstances), MOST_ROWS)];
	return jsonAnswer(200, {
		queryId: query.id,
		executedQuery: executedText(query, parameters),
		rows: data.length,
		executionDateTime: new Date(at).toISOString(),
		data,
	});
}

function startExport(
	{ query, parameters, compression }: AskedQuery,
	at: number,
	{ exports, devices, settings }: NqlCircumstances,
): Answer {
	const closedUntil = exports.closedUntil(at);
	if (closedUntil !== undefined) {
		const { headers, ...answer } = refusal(429, 29, 'The daily number of exports is used up.');
		return { ...answer, headers: { ...headers, 'retry-after': closedUntil.toUTCString() } };
	}
	// The export shows the tenant as it is now, whenever its file is fetched.
	const known = [...devices];
	const { extraExportDevices: count, nqlEquality: equality } = settings;
	const circumstances = { at, equality, extraDevices: () => extraDevices(count, at) };
	const find = () => query.rows(known, parameters, circumstances);
	const found = find();
	const rows = Array.isArray(found) ? () => found as Row[] : find;
	const columns = query.columns?.(known) ?? [];
	return jsonAnswer(200, { exportId: exports.start({ columns, rows }, compression, at) });
}

function status(request: RequestRecord, circumstances: NqlCircumstances): Answer {
	const { exports, fileOrigin, settings } = circumstances;
	const id = decodeURIComponent(request.path.split('?', 1)[0]!.split('/').at(-1)!);
	const found = exports.statusOf(id, fileOrigin, request.at);
	if (found === undefined) return refusal(404, 101, 'There is no such export.');
	// Documented: 206 says that the licence cut the result.
	return jsonAnswer(found.status === 'COMPLETED' && settings.exportCutByLicence ? 206 : 200, found);
}

const QUERY_ID = /^#[a-z0-9_]{2,255}$/;

function readQuery(
	body: string,
	queries: readonly SavedQuery[],
): AskedQuery | { readonly ok: false; readonly refusal: Answer } {
	const refuse = (httpStatus: number, code: number, message: string) => ({
		ok: false as const,
		refusal: refusal(httpStatus, code, message),
	});
	const parsed = parseJson(body);
	if (!isJsonObject(parsed)) return refuse(400, 1, 'The body must be a JSON object.');
	const { queryId, parameters = {} } = parsed;
	if (typeof queryId !== 'string' || !QUERY_ID.test(queryId)) {
		return refuse(400, 2, 'queryId is malformed.');
	}
	const query = queries.find(({ id }) => id === queryId);
	if (query === undefined) return refuse(404, 100, `No query ${queryId} found.`);
	if (!isJsonObject(parameters)) return refuse(400, 3, 'parameters must be an object.');
	const declared = query.parameters ?? [];
	const missing = declared.find((name) => typeof parameters[name] !== 'string');
	if (missing !== undefined) return refuse(400, 4, `Parameter ${missing} must be given as text.`);
	const unknown = Object.keys(parameters).find((name) => !declared.includes(name));
	if (unknown !== undefined) return refuse(400, 5, `The query declares no parameter ${unknown}.`);
	const compression = parsed.compression ?? 'NONE';
	if (!isCompression(compression)) return refuse(400, 6, 'compression is unknown.');
	return { ok: true, query, parameters: parameters as Record<string, string>, compression };
}

function isCompression(value: unknown): value is Compression {
	return value === 'NONE' || value === 'GZIP' || value === 'ZSTD';
}

function refusal(httpStatus: number, code: number, message: string): Answer {
	return jsonAnswer(httpStatus, { message, code, source: 'nql-api' });
}
