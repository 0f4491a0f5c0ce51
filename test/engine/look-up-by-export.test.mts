import { gunzipSync, gzipSync, constants } from 'node:zlib';
import type { INodeParameters } from 'n8n-workflow';
import { beforeEach, describe, expect, it } from 'vitest';
import { csvOf } from '../simulator/exports.mts';
import {
	ALL_DEVICES_QUERY,
	LOOK_UP_BY_SERIAL_NUMBER_QUERY,
	LOOK_UP_BY_UID_QUERY,
	LOOK_UP_QUERY,
	rowOf,
} from '../simulator/saved-queries.mts';
import type { Fault, KnownDevice, Row } from '../simulator/tenant.mts';
import { ON_ERROR_MODES, useTestBench } from './delete-workflow.mts';
import {
	findings,
	longestStall,
	queryNode,
	runQuery,
	statusesOf,
	type QueryRun,
} from './query-workflow.mts';
import { BY_NAME_ALONE } from './said-texts.mts';

const bench = useTestBench({ pauses: 'short' });

beforeEach(() => {
	bench.tenant.settings.exportStates = 0;
	// A file of some 50,000 bytes: each is written and read anew.
	bench.tenant.knownDevices.splice(400, Infinity);
});

const SERIAL_NUMBER = 'device.hardware.machine_serial_number';
const DAY = 86_400_000;
const HOUR = 3_600_000;

/** The option Checks. */
function checked(...pairs: Array<[column: string, field: string]>): INodeParameters {
	return { checks: { check: pairs.map(([column, field]) => ({ column, field })) } };
}

/** The option Last Seen. */
function lastSeen(minDays: number): INodeParameters {
	return { lastSeen: { values: { column: 'device.last_seen', minDays } } };
}

interface LookUpRun extends Partial<Omit<QueryRun, 'items'>> {
	items: readonly object[];
}

async function lookUp({ parameters, ...run }: LookUpRun) {
	const result = await runQuery(bench, {
		...run,
		parameters: {
			...{ resource: 'device', operation: 'lookUp', lookupMethod: 'export' },
			...{ queryId: ALL_DEVICES_QUERY, ...parameters },
		},
	});
	const routes = result.requests.map(({ route }) => route);
	return { ...result, findings: findings(result), routes };
}

/** In: values of the field `name`. Out: the match of each. */
async function matchesOf(names: readonly unknown[], run: Partial<LookUpRun> = {}) {
	const { findings: found } = await lookUp({ ...run, items: names.map((name) => ({ name })) });
	return found.map(({ match }) => match);
}

/** Adds a device to those that the tenant knows. */
function addDevice(device: Partial<KnownDevice>): KnownDevice {
	const number = String(bench.tenant.knownDevices.length).padStart(12, '0');
	const added: KnownDevice = {
		uid: `00000000-0000-4000-8000-${number}`,
		collectorUid: `00000000-0000-4000-9000-${number}`,
		name: `ADDED-${number}`,
		serialNumber: `SN-${number}`,
		lastSeen: Date.now() - 60 * DAY,
		...device,
	};
	bench.tenant.knownDevices.push(added);
	return added;
}

/** The file as the tenant would send it. */
function fileNow(): string {
	return csvOf(bench.tenant.knownDevices.map(rowOf));
}

describe('Device > Look Up by export', () => {
	it('finds all devices by one export, and gives each with its whole row', async () => {
		const [first, second] = bench.tenant.knownDevices;
		const began = Date.now();
		const { execution, success, failed, hints, requests, routes } = await lookUp({
			items: [{ name: second!.name }, { name: 'NOBODY' }, { name: first!.name.toLowerCase() }],
		});
		expect(routes).toEqual(['nqlExport', 'nqlStatus', 'file']);
		expect(JSON.parse(requests[0]!.body)).toEqual({
			...{ queryId: ALL_DEVICES_QUERY, parameters: {}, compression: 'NONE' },
		});
		expect(requests[0]!.headers).toMatchObject({ 'x-utc-times': 'true' });
		const [asOf] = new Set(success.map((item) => item.asOf));
		const found = ({ uid, name, collectorUid, serialNumber, lastSeen: seen }: KnownDevice) => ({
			match: 'FOUND',
			reason: 'Exactly one device has this value in device.name.',
			...{ uid, name, rows: 1 },
			device: {
				'device.uid': uid,
				'device.collector.uid': collectorUid,
				'device.name': name,
				[SERIAL_NUMBER]: serialNumber,
				'device.last_seen': new Date(seen).toISOString(),
			},
			asOf,
		});
		expect(success).toEqual([
			{ lookup: second!.name, index: 0, ...found(second!) },
			{
				...{ lookup: 'NOBODY', match: 'NOT_FOUND', uid: null, name: null, rows: 0, index: 1, asOf },
				reason:
					'Nexthink has no device with "NOBODY" in device.name. Check the spelling, or whether the device is already gone.',
			},
			{ lookup: first!.name.toLowerCase(), index: 2, ...found(first!) },
		]);
		expect(Date.parse(asOf as string)).toBeGreaterThanOrEqual(began);
		expect(Date.parse(asOf as string)).toBeLessThanOrEqual(requests[0]!.at);
		expect(failed).toEqual([]);
		const { length } = bench.tenant.knownDevices;
		expect(hints).toEqual([
			`2 of 3 devices found, 1 not found. The export contains ${length} devices.`,
			BY_NAME_ALONE,
		]);
		const [items = []] = execution.outputs('Nexthink');
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
	});

	it('makes one export and fetches one file, whatever the length of the list', async () => {
		const devices = bench.tenant.knownDevices.slice(0, 99);
		const names = Array.from({ length: 3000 }, (_, item) => devices[item % 99]!.name);
		const { findings: found, routes } = await lookUp({
			items: names.map((name, item) => ({ name: item % 2 === 0 ? name : name.toLowerCase() })),
		});
		expect(routes).toEqual(['nqlExport', 'nqlStatus', 'file']);
		expect(found.map(({ name }) => name)).toEqual(names);
	});

	it.each<[what: string, values: unknown[], match: string]>([
		['an empty list', [], ''],
		['a list of none, which n8n fills with one empty item', [undefined], ''],
		['a list of empty values', ['', ' ', null], 'REFUSED'],
		['a list of wildcards', ['PAR-*', '?'], 'REFUSED'],
		['a list of what is no text', [1, [], {}, 'x'.repeat(2000)], 'REFUSED'],
	])('makes no export for %s', async (_, values, match) => {
		const { findings: found } = await lookUp({
			items: values.map((name) => (name === undefined ? {} : { name, text: 'x' })),
		});
		expect(found.map((item) => item.match)).toEqual(match === '' ? [] : values.map(() => match));
		expect(bench.tenant.requests).toEqual([]);
	});

	it('sends no bearer to the host of the file, and follows no redirect from there', async () => {
		bench.tenant.faults.add({
			route: 'file',
			play: { kind: 'redirect', status: 302, location: `${bench.tenant.origin}/caught` },
		});
		const { findings: found, requests, routes } = await lookUp({ items: bench.devices(1) });
		expect(found[0]!.match).toBe('FOUND');
		expect(routes).toEqual(['nqlExport', 'nqlStatus', 'file', 'nqlStatus', 'file']);
		for (const { route, bearer, headers } of requests) {
			expect(bearer === undefined).toBe(route === 'file');
			expect(headers.authorization === undefined).toBe(route === 'file');
		}
		expect(JSON.stringify(requests.filter(({ route }) => route === 'file'))).not.toMatch(
			new RegExp(bench.tenant.issuedTokens.join('|')),
		);
	});

	it('says when the export was started that gave its file', async () => {
		bench.tenant.faults.add({ route: 'nqlExport', play: { kind: 'html', status: 503 } });
		const { findings: found, requests, routes } = await lookUp({ items: bench.devices(2) });
		expect(routes).toEqual(['nqlExport', 'nqlExport', 'nqlStatus', 'file']);
		for (const { asOf } of found) {
			expect(Date.parse(asOf!)).toBeGreaterThanOrEqual(requests[0]!.endedAt!);
			expect(Date.parse(asOf!)).toBeLessThanOrEqual(requests[1]!.at);
		}
	});

	it('carries the input where it is asked to', async () => {
		const item = { name: 'NOBODY', sys_id: 'abc' };
		const { success } = await lookUp({ items: [item], options: { includeInputFields: true } });
		expect(success[0]).toMatchObject({ match: 'NOT_FOUND', input: item });
	});

	it('has counts in the log, and no name or UID', async () => {
		const devices = bench.devices(3);
		const { execution } = await lookUp({ items: [...devices, { name: 'NOBODY' }] });
		const logged = JSON.stringify(execution.logs);
		expect(logged).toContain('"method":"export"');
		expect(logged).toContain(`"devicesInExport":${bench.tenant.knownDevices.length}`);
		expect(logged).toContain('"found":3');
		for (const text of devices.flatMap(({ uid, name }) => [uid, name])) {
			expect(logged).not.toContain(text);
		}
		expect(logged).not.toContain('signature=');
	});

	it('lets Device > Delete schedule what was found and nothing else', async () => {
		const [first, second] = bench.devices(2);
		const twice = bench.tenant.inventory[99]!;
		const names = [first!.name, twice.name, 'NOBODY', 'PAR-*', second!.name];
		const { execution } = await lookUp({
			items: names.map((name, number) => ({
				name,
				uid: bench.tenant.inventory[500 + number]!.uid,
			})),
			deleteBehind: { success: {} },
		});
		expect([...bench.tenant.ledger.uids()]).toEqual([first!.uid, second!.uid]);
		const statuses = statusesOf(execution, 'Delete after success');
		expect(statuses.map(({ status }) => status).sort()).toEqual([
			...['INVALID', 'INVALID', 'INVALID', 'SCHEDULED', 'SCHEDULED'],
		]);
	});
});

describe('a name that is looked up by export', () => {
	it.each<[wanted: string, inventory: string[], match: string]>([
		['pc-7', ['PC-7'], 'FOUND'],
		['ZÜRICH', ['zürich'], 'FOUND'],
		// Whatever Nexthink might take for equal counts as a namesake.
		['PC-7', ['PC-7', 'pc-7'], 'AMBIGUOUS'],
		['PC-7', ['PC-7', 'ＰＣ-７'], 'AMBIGUOUS'],
		['PC-7', ['PC-7', 'PC-7 '], 'AMBIGUOUS'],
		['PC-7', ['PC-7', '\u00a0PC-7'], 'AMBIGUOUS'],
		['STRASSE', ['STRASSE', 'straße'], 'AMBIGUOUS'],
		['straße', ['STRASSE', 'straße'], 'AMBIGUOUS'],
		['PC-ı', ['PC-İ', 'PC-ı'], 'AMBIGUOUS'],
		['PC-i', ['PC-I', 'PC-İ'], 'AMBIGUOUS'],
		['PC-K', ['PC-K', 'PC-\u212a'], 'AMBIGUOUS'],
		['é', ['é', 'e\u0301'], 'AMBIGUOUS'],
		['PC-7', ['PC-7', 'PC\u200b-7'], 'AMBIGUOUS'],
		['PC-7', ['PC-7', 'PC-7\u00ad'], 'AMBIGUOUS'],
		['PC-7', ['PC-7', '\u2060PC-7'], 'AMBIGUOUS'],
		['PC-7', ['PC\u034f-7', 'PC-7'], 'AMBIGUOUS'],
		['PC-7', ['ＰＣ-７', 'PC-7 '], 'AMBIGUOUS'],
		// The one that is left must be equal but for case.
		['PC-7', ['ＰＣ-７'], 'VALUE_MISMATCH'],
		['PC-7', ['PC-7 '], 'VALUE_MISMATCH'],
		['PC-7', ['\ufeffPC-7'], 'VALUE_MISMATCH'],
		['PC-7 ', ['PC-7'], 'VALUE_MISMATCH'],
		['STRASSE', ['straße'], 'VALUE_MISMATCH'],
		['PC-i', ['PC-İ'], 'VALUE_MISMATCH'],
		['PC-ı', ['PC-I'], 'VALUE_MISMATCH'],
		['PC-7', ['PC-77', 'XPC-7', 'PC 7', 'PC_7', ''], 'NOT_FOUND'],
		['PC-7', [], 'NOT_FOUND'],
	])('%j, where Nexthink has %j, is %s', async (wanted, inventory, match) => {
		const added = inventory.map((name) => addDevice({ name }));
		const { findings: found } = await lookUp({ items: [{ name: wanted }] });
		const [{ uid } = { uid: null }] = added;
		expect(found).toMatchObject([{ match, uid: match === 'FOUND' ? uid : null }]);
		const rows = match === 'NOT_FOUND' ? 0 : inventory.length;
		expect(found[0]!.rows).toBe(rows);
		const shown = match === 'AMBIGUOUS' || match === 'VALUE_MISMATCH' ? rows : 0;
		expect(found[0]!.candidates ?? []).toHaveLength(shown);
	});

	it('shows what cannot be seen, and says what to do', async () => {
		addDevice({ name: 'PC-7 ' });
		const { findings: found } = await lookUp({ items: [{ name: 'PC-7' }] });
		expect(found[0]).toMatchObject({
			reason:
				'The device that Nexthink found has "PC-7[U+0020]" in device.name, not "PC-7". They differ only in spaces. Correct the list if this is the device.',
			candidates: ['device.name: PC-7[U+0020]'],
		});
	});

	it('is judged for itself, though others of the list may be the same for Nexthink', async () => {
		const { uid } = addDevice({ name: 'straße' });
		const { findings: found } = await lookUp({
			items: ['STRASSE', 'straße', 'Straße', 'straße '].map((name) => ({ name })),
		});
		expect(found.map(({ match }) => match)).toEqual([
			...['VALUE_MISMATCH', 'FOUND', 'FOUND', 'VALUE_MISMATCH'],
		]);
		expect(found[1]!.uid).toBe(uid);
	});

	it('may have more namesakes than are shown', async () => {
		for (let copy = 0; copy < 8; copy++) addDevice({ name: 'COMMON' });
		const { findings: found } = await lookUp({ items: [{ name: 'common' }] });
		expect(found[0]).toMatchObject({
			...{ match: 'AMBIGUOUS', rows: 8, candidates: Array(5).fill('device.name: COMMON') },
			reason:
				'Nexthink has 8 devices with "common" in device.name. The lookup lists 5 of them in the field "candidates". Compare them in Nexthink to find out which one is meant.',
		});
	});

	it('stays ambiguous even if a check fits one of its namesakes', async () => {
		addDevice({ name: 'TWIN', serialNumber: 'A' });
		addDevice({ name: 'TWIN', serialNumber: 'B' });
		const { findings: found } = await lookUp({
			items: [{ name: 'TWIN', serial: 'A' }],
			options: checked([SERIAL_NUMBER, 'serial']),
		});
		expect(found[0]).toMatchObject({
			match: 'AMBIGUOUS',
			candidates: [
				`device.name: TWIN, ${SERIAL_NUMBER}: A`,
				`device.name: TWIN, ${SERIAL_NUMBER}: B`,
			],
		});
	});

	it.each<[what: string, style: INodeParameters]>([
		['with quotes around every cell', { quoting: 'all' }],
		['with CRLF and without a final line break', { lineEnd: 'CRLF', finalLineEnd: false }],
		['behind a byte order mark', { byteOrderMark: true, quoting: 'all', lineEnd: 'CRLF' }],
	])('is found in a file %s', async (_, style) => {
		bench.tenant.settings.exportFileStyle = style;
		const awkward = addDevice({
			name: 'PC "7", the\nsecond',
			columns: { owner: 'Zoë, 🖥\r\n"x"' },
		});
		const { findings: found } = await lookUp({ items: [{ name: awkward.name }] });
		expect(found[0]).toMatchObject({
			...{ match: 'FOUND', uid: awkward.uid, name: awkward.name },
			device: { owner: awkward.columns!.owner },
		});
	});
});

describe('a lookup by export', () => {
	it.each<
		[field: string, column: string, device: Partial<KnownDevice>, value: string, match: string]
	>([
		['serial number', SERIAL_NUMBER, { serialNumber: 'AbC-1' }, 'aBc-1', 'FOUND'],
		['serial number', SERIAL_NUMBER, { serialNumber: '00123' }, '00123', 'FOUND'],
		['serial number', SERIAL_NUMBER, { serialNumber: '00123' }, '123', 'NOT_FOUND'],
		['serial number', SERIAL_NUMBER, { serialNumber: '1e3' }, '1000', 'NOT_FOUND'],
		[
			'serial number',
			SERIAL_NUMBER,
			{ serialNumber: 'Default string' },
			'Default string',
			'REFUSED',
		],
		['asset tag', 'tag', { columns: { tag: 4711 } }, '4711', 'FOUND'],
		['asset tag', 'tag', { columns: { tag: '4711 ' } }, '4711', 'VALUE_MISMATCH'],
		[
			'UID',
			'device.uid',
			{ uid: 'ABCDEF00-0000-4000-8000-00000000000a' },
			'abcdef00-0000-4000-8000-00000000000A',
			'FOUND',
		],
		['UID', 'device.uid', {}, '0f8fad5b-d9cb-469f-a165-70867728950e', 'NOT_FOUND'],
	])('by %s (%s of %o, %j) is %s', async (_, column, device, value, match) => {
		const { uid, name } = addDevice(device);
		const { findings: found } = await lookUp({
			items: [{ name: value }],
			parameters: { matchColumn: column },
		});
		expect(found).toMatchObject([{ match }]);
		// The name is the one to send to Delete, whatever was looked up.
		if (match === 'FOUND') expect(found).toMatchObject([{ uid, name, lookup: value }]);
	});

	it('refuses placeholders of serial numbers, and takes them for names', async () => {
		const fillers = ['To Be Filled By O.E.M.', ' n/a ', '0000000', 'OEM'];
		for (const filler of fillers) addDevice({ name: filler, serialNumber: filler });
		expect(await matchesOf(fillers, { parameters: { matchColumn: SERIAL_NUMBER } })).toEqual(
			Array(4).fill('REFUSED'),
		);
		expect(bench.tenant.requests).toEqual([]);
		expect(await matchesOf(fillers)).toEqual(Array(4).fill('FOUND'));
	});

	it('shows of a list with UIDs which device is still silent and has the name of the list', async () => {
		const silent = addDevice({ lastSeen: Date.now() - 90 * DAY });
		const busy = addDevice({ lastSeen: Date.now() - HOUR });
		const renamed = addDevice({ lastSeen: Date.now() - 90 * DAY });
		const { findings: found, hints } = await lookUp({
			items: [
				{ uid: silent.uid, name: silent.name },
				{ uid: busy.uid, name: busy.name },
				{ uid: renamed.uid, name: 'OLD-NAME' },
				{ uid: silent.uid.replace(/^0/, '1'), name: silent.name },
			],
			parameters: { lookupField: 'uid', matchColumn: 'device.uid' },
			options: { ...checked(['device.name', 'name']), ...lastSeen(30) },
		});
		expect(found.map(({ match, uid, name }) => [match, uid, name])).toEqual([
			['FOUND', silent.uid, silent.name],
			['RECENTLY_SEEN', null, null],
			['CHECK_MISMATCH', null, null],
			['NOT_FOUND', null, null],
		]);
		expect(found[1]!.reason).toMatch(
			/^The device was last seen 0 days ago \("20[^"]+Z" in device\.last_seen\)\. Last Seen requires at least 30\.$/,
		);
		expect(found[2]!.reason).toBe(
			`The device has "${renamed.name}" in device.name, and the item has "OLD-NAME". Check which one is right.`,
		);
		expect(hints[0]).toMatch(
			/^1 of 4 devices found, 1 not found, 1 with another check value, 1 seen too recently\./,
		);
	});

	it.each<[what: string, item: object, device: Partial<KnownDevice>, match: string]>([
		['all of them hold', { serial: 'sn-1', tag: 4711 }, {}, 'FOUND'],
		['the first fails', { serial: 'SN-2', tag: 4711 }, {}, 'CHECK_MISMATCH'],
		['the second fails', { serial: 'SN-1', tag: 4712 }, {}, 'CHECK_MISMATCH'],
		['the second has zeros before it', { serial: 'SN-1', tag: '04711' }, {}, 'CHECK_MISMATCH'],
		['one has no value in the item', { serial: 'SN-1' }, {}, 'CHECK_MISMATCH'],
		[
			'one has no value of the device',
			{ serial: 'SN-1', tag: 4711 },
			{ columns: { tag: null } },
			'CHECK_MISMATCH',
		],
		[
			'one is a placeholder',
			{ serial: 'None', tag: 4711 },
			{ serialNumber: 'NONE' },
			'CHECK_MISMATCH',
		],
	])('with several checks is judged by all of them: %s', async (_, item, device, match) => {
		const { name } = addDevice({ serialNumber: 'SN-1', columns: { tag: 4711 }, ...device });
		const { findings: found } = await lookUp({
			items: [
				{ name, ...item },
				{ name: 'NOBODY', serial: 'text', tag: 'text' },
			],
			options: checked([SERIAL_NUMBER, 'serial'], ['tag', 'tag']),
		});
		expect(found[0]!.match).toBe(match);
	});
});

describe('the time last seen', () => {
	it.each<[hours: number, byQuery: string, byExport: string]>([
		[31 * 24, 'FOUND', 'FOUND'],
		[30 * 24 + 13, 'FOUND', 'FOUND'],
		[30 * 24 + 11, 'FOUND', 'RECENTLY_SEEN'],
		[30 * 24 + 1, 'FOUND', 'RECENTLY_SEEN'],
		[30 * 24 - 1, 'RECENTLY_SEEN', 'RECENTLY_SEEN'],
	])(
		'without an offset counts as twelve hours later in a file, and as UTC in an answer (%i hours ago: %s by query, %s by export)',
		async (hours, byQuery, byExport) => {
			const name = 'LOCAL';
			const seen = new Date(Date.now() - hours * HOUR - 60_000).toISOString();
			const row = { 'device.uid': 'u-1', 'device.name': name };
			const times = [seen.slice(0, 19), seen.slice(0, 19).replace('T', ' '), seen];
			const matches = [];
			for (const time of times) {
				bench.tenant.reset();
				bench.tenant.settings.exportStates = 0;
				const rows = () => [{ ...row, 'device.last_seen': time }];
				bench.tenant.queries.push(
					{ id: '#one', parameters: ['device_name'], rows },
					{ id: '#all', rows },
				);
				for (const parameters of [
					{ lookupMethod: 'query', queryId: '#one' },
					{ queryId: '#all' },
				]) {
					matches.push(...(await matchesOf([name], { parameters, options: lastSeen(30) })));
				}
			}
			// With an offset both say the same.
			expect(matches).toEqual([byQuery, byExport, byQuery, byExport, byQuery, byQuery]);
		},
	);

	it.each(['', 'never', '1970-01-01T00:00:00Z', '1999-12-31 23:59:59', '26/11/2026'])(
		'%j is no time at all',
		async (time) => {
			bench.tenant.queries.push({
				id: '#all',
				rows: () => [{ 'device.uid': 'u-1', 'device.name': 'PC', 'device.last_seen': time }],
			});
			const { findings: found } = await lookUp({
				items: [{ name: 'PC' }],
				parameters: { queryId: '#all' },
				options: lastSeen(0),
			});
			expect(found[0]!.match).toBe('RECENTLY_SEEN');
			expect(found[0]!.reason).toContain("the node can't tell when it was last seen");
		},
	);

	it('is counted until the export was started, however long it takes', async () => {
		bench.tenant.settings.latencyMilliseconds = 100;
		bench.tenant.queries.push({
			id: '#thirty_days_soon',
			rows: () => {
				// Thirty days will have passed when the file comes, and have not when the export begins.
				const seen = new Date(Date.now() - 30 * DAY + 1).toISOString();
				return [{ 'device.uid': 'u-1', 'device.name': 'PC', 'device.last_seen': seen }];
			},
		});
		const parameters = { queryId: '#thirty_days_soon' };
		expect(await matchesOf(['PC'], { parameters, options: lastSeen(30) })).toEqual([
			'RECENTLY_SEEN',
		]);
	});
});

describe.each(['query', 'export'])('Host Name Only, by %s,', (lookupMethod) => {
	const parameters = {
		lookupMethod,
		queryId: lookupMethod === 'query' ? LOOK_UP_QUERY : ALL_DEVICES_QUERY,
	};
	const options = { hostNameOnly: true };

	it('looks up what stands before the first dot, and asks once for one domain', async () => {
		const { uid, name } = addDevice({ name: 'HOST-1' });
		const listed = ['host-1.corp.example', 'HOST-1', 'Host-1.CORP.example.', 'host-2.corp.example'];
		const { findings: found, requests } = await lookUp({
			items: listed.map((each) => ({ name: each })),
			...{ parameters, options },
		});
		expect(found.map(({ match }) => match)).toEqual(['FOUND', 'FOUND', 'FOUND', 'NOT_FOUND']);
		expect(found[0]).toMatchObject({ lookup: listed[0], uid, name });
		expect(found[3]!.reason).toBe(
			'Nexthink has no device with "host-2" in device.name. Check the spelling, or whether the device is already gone.',
		);
		const asked = requests
			.filter(({ route }) => route === 'nqlExecute')
			.map(({ body }) => {
				const { parameters: given } = JSON.parse(body) as { parameters: { device_name: string } };
				return given.device_name;
			});
		// A query for the host name does not find devices with a domain, which would be namesakes.
		const [first, , again, other] = listed;
		const ofHosts = ['host-1', 'host-1.*', first, again, 'host-2', 'host-2.*', other];
		expect(asked.sort()).toEqual(lookupMethod === 'query' ? ofHosts.sort() : []);
	});

	it('counts a device with any domain as a namesake', async () => {
		addDevice({ name: 'HOST-1' });
		addDevice({ name: 'HOST-1.other.example' });
		addDevice({ name: 'HOST-2.other.example' });
		const items = ['host-1', 'host-1.corp.example', 'host-2.corp.example', 'host-2'];
		const { findings: found } = await lookUp({
			items: items.map((name) => ({ name })),
			...{ parameters, options },
		});
		const [ambiguous, otherDomain] = ['AMBIGUOUS', 'VALUE_MISMATCH'];
		expect(found.map(({ match }) => match)).toEqual([
			...[ambiguous, ambiguous, otherDomain, otherDomain],
		]);
		expect(found[1]!.reason).toBe(
			'Nexthink has 2 devices with the host name "host-1" in device.name. The lookup lists them in the field "candidates". Compare them in Nexthink to find out which one is meant. To look up "host-1.corp.example" itself, turn off Host Name Only.',
		);
	});

	it('counts a device with the domain of the list as a namesake, even of a tenant that takes no wildcard in a parameter', async () => {
		addDevice({ name: 'HOST-1' });
		addDevice({ name: 'HOST-1.corp.example' });
		bench.tenant.settings.nqlEquality = 'without wildcards';
		const { findings: found } = await lookUp({
			items: ['host-1', 'HOST-1.corp.example'].map((name) => ({ name })),
			...{ parameters, options },
		});
		expect(found.map(({ match }) => match)).toEqual(['AMBIGUOUS', 'AMBIGUOUS']);
	});

	it('leaves names alone where it is off', async () => {
		addDevice({ name: 'HOST-1' });
		const { findings: found } = await lookUp({ items: [{ name: 'host-1.corp' }], parameters });
		expect(found[0]).toMatchObject({
			match: 'NOT_FOUND',
			reason:
				'Nexthink has no device with "host-1.corp" in device.name. If Nexthink has it without its domain, turn on Host Name Only.',
		});
	});

	it('takes none of several domains for the one that is meant, and asks for none of them', async () => {
		addDevice({ name: 'HOST-1' });
		const { findings: found } = await lookUp({
			items: ['host-1.a.example', 'HOST-1', 'ｈost-1.b.example'].map((name) => ({ name })),
			...{ parameters, options },
		});
		expect(found).toMatchObject(
			Array(3).fill({
				match: 'AMBIGUOUS',
				reason:
					'The list contains "host-1.a.example" and "ｈost-1.b.example", which have the same host name. Turn off Host Name Only, or find out which one is meant.',
			}),
		);
		expect(bench.tenant.requests).toEqual([]);
	});

	it('refuses what has no host name, and asks for none of it', async () => {
		const names = ['10.0.0.1', 'fe80::1', '.corp.example', '.', '*.corp.example'];
		const { findings: found } = await lookUp({
			items: names.map((name) => ({ name })),
			...{ parameters, options },
		});
		expect(found.map(({ match }) => match)).toEqual(names.map(() => 'REFUSED'));
		expect(bench.tenant.requests).toEqual([]);
	});

	it('does not take a device with a domain of its own for certain', async () => {
		addDevice({ name: 'HOST-1.corp.example' });
		const run = { items: [{ name: 'host-1.corp.example' }], parameters, options };
		const { findings: alone } = await lookUp(run);
		expect(alone[0]).toMatchObject({
			match: 'VALUE_MISMATCH',
			reason:
				'The device that Nexthink found has "HOST-1.corp.example" in device.name, not "host-1". If this is the device, turn off Host Name Only.',
		});
		addDevice({ name: 'HOST-1' });
		const { findings: both } = await lookUp(run);
		expect(both[0]).toMatchObject({ match: 'AMBIGUOUS', rows: 2 });
	});

	it.each(['．', '․', '。', '｡', '.'])(
		'takes a name with another kind of dot for a namesake of what an export has (%s)',
		async (dot) => {
			addDevice({ name: 'HOST-1' });
			addDevice({ name: `HOST-1${dot}corp.example` });
			const { findings: found } = await lookUp({ items: [{ name: 'host-1' }], options });
			expect(found[0]).toMatchObject({ match: 'AMBIGUOUS', rows: 2 });
		},
	);

	it('refuses the run where the column that is matched holds no names', async () => {
		const { failed, requests } = await lookUp({
			items: bench.devices(2),
			parameters: { ...parameters, matchColumn: SERIAL_NUMBER },
			options,
			onError: 'continueErrorOutput',
		});
		expect(requests).toEqual([]);
		expect(failed.map(({ error }) => error.code)).toEqual(Array(2).fill('INVALID_PARAMETER'));
		expect(failed[0]!.message).toContain('Match Column is not Name Column');
	});
});

describe('by serial number and by UID', () => {
	it('a query answers as an export does', async () => {
		const { uid, name, serialNumber } = bench.tenant.knownDevices[0]!;
		const ways: Array<[value: string, column: string, queryId: string, parameterName: string]> = [
			[serialNumber, SERIAL_NUMBER, LOOK_UP_BY_SERIAL_NUMBER_QUERY, 'serial_number'],
			[uid, 'device.uid', LOOK_UP_BY_UID_QUERY, 'device_uid'],
		];
		for (const [value, matchColumn, queryId, parameterName] of ways) {
			for (const method of [
				{ lookupMethod: 'query', queryId, parameterName },
				{ lookupMethod: 'export' },
			]) {
				const { findings: found } = await lookUp({
					items: [{ name: value }],
					parameters: { matchColumn, ...method },
				});
				expect(found).toMatchObject([{ match: 'FOUND', lookup: value, uid, name, rows: 1 }]);
			}
		}
	});
});

describe('a file that is not to be had at once', () => {
	const broken: Fault = {
		kind: 'file',
		cut: { afterBytes: 10_000, ending: 'close' },
	};

	it.each<[what: string, play: Fault]>([
		['breaks off', broken],
		['breaks off in pieces', { ...broken, framing: 'chunked' }],
		['is reset', { kind: 'file', cut: { afterBytes: 40_000, ending: 'reset' } }],
		['is refused', { kind: 'status', status: 403 }],
		['is the page of a proxy', { kind: 'html', status: 200 }],
		['does not begin', { kind: 'silence' }],
		...(['length', 'chunked', 'close'] as const).map((framing): [string, Fault] => [
			`falls silent in its middle (${framing})`,
			{ kind: 'file', framing, cut: { afterBytes: 20_000, ending: 'silence' } },
		]),
	])('is fetched anew and matched from its beginning where it %s', async (_, play) => {
		// One device of the beginning, which must not be counted twice, and the last of all.
		const [first] = bench.tenant.knownDevices;
		const last = addDevice({});
		bench.tenant.faults.add({ route: 'file', play });
		const {
			findings: found,
			hints,
			requests,
			routes,
		} = await lookUp({
			items: [{ name: first!.name }, { name: last.name }],
			options: { timeout: 1 },
		});
		expect(routes).toEqual(['nqlExport', 'nqlStatus', 'file', 'nqlStatus', 'file']);
		expect(found).toMatchObject([
			{ match: 'FOUND', uid: first!.uid, rows: 1 },
			{ match: 'FOUND', uid: last.uid, rows: 1 },
		]);
		const { length } = bench.tenant.knownDevices;
		expect(hints[0]).toContain(`The export contains ${length} devices.`);
		const addresses = requests.filter(({ route }) => route === 'file').map(({ path }) => path);
		expect(new Set(addresses).size).toBe(2);
	});

	it('is waited for as long as some of it arrives within Timeout, and no longer', async () => {
		bench.tenant.faults.add({
			route: 'file',
			play: { kind: 'file', cut: { afterBytes: 20_000, ending: 'silence' } },
		});
		const { requests } = await lookUp({ items: bench.devices(1), options: { timeout: 2 } });
		const [silent] = requests.filter(({ route }) => route === 'file');
		expect(silent!.endedAt! - silent!.at).toBeGreaterThan(1_900);
		expect(silent!.endedAt! - silent!.at).toBeLessThan(10_000);
	});

	it('is asked for and waited for as by NQL Query > Export', async () => {
		bench.tenant.settings.exportStates = 2;
		for (const route of ['nqlExport', 'nqlStatus'] as const) {
			bench.tenant.faults.add({ route, play: { kind: 'html', status: 503 } });
		}
		const { findings: found, routes } = await lookUp({ items: bench.devices(1) });
		expect(found[0]!.match).toBe('FOUND');
		expect(routes).toEqual([
			...['nqlExport', 'nqlExport', 'nqlStatus', 'nqlStatus', 'nqlStatus', 'nqlStatus', 'file'],
		]);
	});
});

interface Hiding {
	what: string;
	/** What the host of the file answers, always. */
	play?: Fault | (() => Fault);
	set?: () => void;
	parameters?: INodeParameters;
	options?: INodeParameters;
	code: string;
	/** What came. */
	message: string | RegExp;
	/** What to do; default: that of a file that can't be used. */
	advice?: string;
}

const FILE_ADVICE =
	'Export the saved query once with NQL Query > Export and look at its file. The node needs a complete CSV file in UTF-8, separated by commas.';
const HOST_ADVICE = 'Check that n8n can reach the host of the file';

const unusable = (why: string) => `The file of the export can't be used. ${why}`;

/** A file packed with gzip, cut so that it ends with a line when it is unpacked as far as it goes. */
function packedToTheEndOfALine(): Fault {
	const whole = gzipSync(fileNow());
	for (let afterBytes = 8_000; ; afterBytes++) {
		const options = { finishFlush: constants.Z_SYNC_FLUSH };
		const text = gunzipSync(whole.subarray(0, afterBytes), options).toString();
		if (!text.endsWith('\n')) continue;
		const cut = { afterBytes, ending: 'proper' } as const;
		return { kind: 'file', contentEncoding: 'gzip', framing: 'length', cut };
	}
}

const HIDING: Hiding[] = [
	{
		what: 'the licence cut its result',
		set: () => {
			bench.tenant.settings.exportCutByLicence = true;
		},
		code: 'FILE_UNUSABLE',
		message: unusable('The licence cut its result, so devices are missing.'),
	},
	{
		what: 'it breaks off, again and again',
		play: { kind: 'file', cut: { afterBytes: 20_000, ending: 'close' } },
		code: 'FILE_UNAVAILABLE',
		message:
			"The file of the export couldn't be fetched: the connection was closed before its end.",
		advice: HOST_ADVICE,
	},
	{
		what: 'it breaks off in pieces, again and again',
		play: { kind: 'file', framing: 'chunked', cut: { afterBytes: 20_000, ending: 'close' } },
		code: 'FILE_UNAVAILABLE',
		message:
			"The file of the export couldn't be fetched: the connection was closed before its end.",
		advice: HOST_ADVICE,
	},
	{
		what: 'nothing says how long it is',
		set: () => {
			bench.tenant.settings.exportFileFraming = 'close';
		},
		code: 'FILE_UNUSABLE',
		message: unusable(
			"Its host doesn't say how long it is, so the node can't tell whether all of it arrived.",
		),
	},
	{
		what: 'nothing says how long it is, and it was cut between two rows',
		play: () => {
			const afterBytes = fileNow().indexOf('\n', 20_000) + 1;
			return { kind: 'file', framing: 'close', cut: { afterBytes, ending: 'close' } };
		},
		code: 'FILE_UNUSABLE',
		message: unusable("Its host doesn't say how long it is"),
	},
	{
		what: 'it comes in pieces, and its last line has no line break',
		set: () => {
			Object.assign(bench.tenant.settings, {
				exportFileFraming: 'chunked',
				exportFileStyle: { finalLineEnd: false },
			});
		},
		code: 'FILE_UNUSABLE',
		message: unusable(
			"Its last line has no line break, so the node can't tell whether all of it arrived.",
		),
	},
	{
		what: 'it was cut within a row, and its host counts no more than that',
		play: () => {
			const afterBytes = fileNow().indexOf(',', 20_000);
			return { kind: 'file', framing: 'length', cut: { afterBytes, ending: 'proper' } };
		},
		code: 'FILE_UNUSABLE',
		message: /Line \d+ has \d fields?, and the first line has 5\./,
	},
	{
		what: 'a row has a field fewer',
		play: { kind: 'file', damage: { kind: 'raggedRow', row: 40, cells: 'fewer' } },
		code: 'FILE_UNUSABLE',
		message: unusable('Line 41 has 4 fields, and the first line has 5.'),
	},
	{
		what: 'a row has a field more',
		play: { kind: 'file', damage: { kind: 'raggedRow', row: 200, cells: 'more' } },
		code: 'FILE_UNUSABLE',
		message: unusable('Line 201 has 6 fields, and the first line has 5.'),
	},
	{
		what: 'a line is empty',
		play: { kind: 'file', damage: { kind: 'replacedRow', row: 7, text: '' } },
		code: 'FILE_UNUSABLE',
		message: unusable('Line 8 is empty.'),
	},
	{
		what: 'a quote is not closed',
		play: { kind: 'file', damage: { kind: 'unclosedQuote', row: 40 } },
		code: 'FILE_UNUSABLE',
		message: unusable("Line 41 has a quote that isn't closed."),
	},
	{
		what: 'the column to match is missing',
		play: { kind: 'file', damage: { kind: 'missingColumn', column: 'device.name' } },
		code: 'COLUMN_MISSING',
		message:
			'The result of the query has no column "device.name". The file has these fields: "device.uid", "device.collector.uid",',
		advice: 'List the column in the saved query, or correct its name in the node.',
	},
	{
		what: 'the column of a check is missing',
		options: checked(['device.owner', 'name']),
		code: 'COLUMN_MISSING',
		message: 'The result of the query has no column "device.owner".',
		advice: 'List the column in the saved query, or correct its name in the node.',
	},
	{
		what: 'a column is there twice',
		play: { kind: 'file', damage: { kind: 'doubledColumn', column: 'device.uid' } },
		code: 'FILE_UNUSABLE',
		message: unusable('It has more than one column "device.uid".'),
	},
	{
		what: 'a column that nobody needs is there twice',
		play: { kind: 'file', damage: { kind: 'doubledColumn', column: 'device.collector.uid' } },
		code: 'FILE_UNUSABLE',
		message: unusable('It has more than one column "device.collector.uid".'),
	},
	{
		what: 'it falls silent in its middle, again and again',
		play: { kind: 'file', cut: { afterBytes: 20_000, ending: 'silence' } },
		options: { timeout: 1 },
		code: 'FILE_UNAVAILABLE',
		message:
			"The file of the export couldn't be fetched: the connection was closed before its end.",
		advice: HOST_ADVICE,
	},
	{
		what: 'it is several files in one',
		play: () => {
			const [titles = ''] = fileNow().split('\n', 1);
			return { kind: 'file', damage: { kind: 'replacedRow', row: 40, text: titles } };
		},
		code: 'FILE_UNUSABLE',
		message: unusable('It repeats its titles, so it might be several files in one.'),
	},
	{
		what: 'it has no titles',
		play: () => ({
			...{ kind: 'status', status: 200 },
			body: fileNow().replace(/^.*\n/, ''),
		}),
		code: 'FILE_UNUSABLE',
		message: unusable('Its first line has no titles.'),
	},
	{
		what: 'it has no titles, and no commas either',
		play: () => ({
			...{ kind: 'status', status: 200 },
			body: fileNow().replace(/^.*\n/, '').replaceAll(',', ';'),
		}),
		code: 'FILE_UNUSABLE',
		message: unusable('Its first line has no titles.'),
	},
	...[
		'The address /results/file.csv?signature=AbC123 has expired',
		'The address /results/file.csv?expires=1,signature=AbC123 has expired',
		'See https://files.example/results/AbC123 instead',
	].map((body) => ({
		what: `a text with an address is in its place (${body})`,
		play: { kind: 'status', status: 200, body } as const,
		code: 'FILE_UNUSABLE',
		message: unusable('Its first line has no titles.'),
	})),
	{
		what: 'a web page is in its place',
		play: { kind: 'html', status: 200 },
		code: 'FILE_UNAVAILABLE',
		message: `The host of the export's file sent a web page ("200 Gateway") in its place (200 FILE_UNAVAILABLE).`,
		advice: HOST_ADVICE,
	},
	{
		what: 'a part of it is in its place',
		play: { kind: 'file', status: 206, headers: { 'content-range': 'bytes 0-999/99999' } },
		code: 'FILE_UNAVAILABLE',
		message: "The file of the export couldn't be fetched (206 FILE_UNAVAILABLE).",
		advice: HOST_ADVICE,
	},
	{
		what: 'nothing is in its place',
		play: { kind: 'status', status: 200, body: '' },
		code: 'FILE_UNUSABLE',
		message: unusable('It is empty.'),
	},
	{
		what: 'it was packed on its way',
		play: { kind: 'file', contentEncoding: 'gzip', framing: 'length' },
		code: 'FILE_UNUSABLE',
		message: /It has \d+ bytes, and its host announced \d+\./,
	},
	{
		what: 'it was packed on its way, and cut between two rows',
		play: packedToTheEndOfALine,
		code: 'FILE_UNUSABLE',
		message: /It has \d+ bytes, and its host announced \d+\./,
	},
	{
		what: 'it was packed on its way, and cut within a row',
		play: {
			...{ kind: 'file', contentEncoding: 'gzip', framing: 'chunked' },
			cut: { afterBytes: 8_000, ending: 'proper' },
		},
		code: 'FILE_UNUSABLE',
		message: /^The file of the export can't be used\. (Line \d+ has|Its last line has no)/,
	},
	{
		what: 'it is packed, though it was asked for otherwise',
		play: () => ({ kind: 'status', status: 200, body: gzipSync(fileNow()) }),
		code: 'FILE_UNUSABLE',
		message: unusable('It is packed with GZIP.'),
	},
	{
		what: 'it is UTF-16',
		set: () => {
			bench.tenant.settings.exportFileStyle = { encoding: 'utf-16le', byteOrderMark: true };
		},
		code: 'FILE_UNUSABLE',
		message: unusable('The file is encoded in UTF-16, and only UTF-8 can be read.'),
	},
	{
		what: 'it is Latin-1',
		play: () => ({
			...{ kind: 'status', status: 200 },
			body: Buffer.from(`${fileNow()}u,c,Zürich,s,t\n`, 'latin1'),
		}),
		code: 'FILE_UNUSABLE',
		message: /Line \d+ has bytes that aren't UTF-8\./,
	},
	...(['semicolon', 'tab'] as const).map((delimiter) => ({
		what: `its columns are separated by ${delimiter}s`,
		set: () => {
			bench.tenant.settings.exportFileStyle = { delimiter };
		},
		code: 'FILE_UNUSABLE',
		message: unusable(`Its columns are separated by ${delimiter}s, and the node needs commas.`),
	})),
	{
		what: 'its query needs a parameter',
		parameters: { queryId: LOOK_UP_QUERY },
		code: 'REQUEST_REFUSED',
		message: 'Nexthink rejected the query (400 REQUEST_REFUSED, code 4).',
		advice: 'Use a saved query without parameters that lists all devices.',
	},
	{
		what: 'there is no such query',
		parameters: { queryId: '#no_such_query' },
		code: 'NOT_FOUND',
		message: 'Nexthink has no saved query with this ID (404 NOT_FOUND, code 100).',
		advice: 'Administration > NQL API queries',
	},
	{
		what: 'the credential may not run queries',
		set: () => {
			bench.tenant.settings.nqlPermissionGranted = false;
		},
		code: 'FORBIDDEN',
		message: "The credential doesn't have permission to run queries (403 FORBIDDEN, code 40).",
		advice: 'select NQL API for this credential',
	},
	{
		what: 'no export is left for the day',
		set: () => {
			bench.tenant.faults.add({
				...{ route: 'nqlExport', times: Infinity },
				play: {
					...{ kind: 'status', status: 429 },
					headers: { 'Retry-After': new Date(Date.now() + 7_200_000).toUTCString() },
				},
			});
		},
		code: 'RATE_LIMITED',
		message: /^Nexthink starts no other export before 20[\dT:.-]+Z \(429 RATE_LIMITED\)\./,
		advice: 'Nexthink allows 50 exports a day.',
	},
	{
		what: "Nexthink couldn't complete the export",
		set: () => {
			bench.tenant.settings.exportErrorDescription = 'It took too long.';
		},
		code: 'EXPORT_FAILED',
		message: "Nexthink couldn't complete the export.",
		advice: 'Nexthink said: "It took too long."',
	},
];

describe.each(HIDING)('no device is found by export where $what', (hiding) => {
	/** A device that the node has seen before it meets what is wrong, one of the end, and a value that is not asked for. */
	async function meet(onError: QueryRun['onError']) {
		const { play } = hiding;
		if (play !== undefined) {
			const fault = typeof play === 'function' ? play() : play;
			bench.tenant.faults.add({ route: 'file', times: Infinity, play: fault });
		}
		hiding.set?.();
		const { knownDevices } = bench.tenant;
		return await lookUp({
			items: [knownDevices[0]!, knownDevices.at(-1)!, { name: 'PAR-*' }].map(({ name }) => ({
				name,
			})),
			parameters: hiding.parameters,
			options: { maxRetries: 1, ...hiding.options },
			onError,
		});
	}

	it('ends in one complete error (Stop Workflow)', async () => {
		const { execution, requests } = await meet('stopWorkflow');
		const { error } = execution;
		expect(error).toMatchObject({ name: 'NodeApiError', node: { name: 'Nexthink' } });
		expect(error!.message).toMatch(said(hiding.message));
		expect(error!.message).toMatch(/ 0 of 3 devices found, 1 refused, 2 unknown\.$/);
		expect(error!.description).toContain(escaped(hiding.advice ?? FILE_ADVICE));
		expect(error!.context?.data).toMatchObject({
			code: hiding.code,
			counts: { entries: 3, found: 0, refused: 1, unknown: 2 },
			unknown: [{ index: 0 }, { index: 1 }],
			omitted: 0,
		});
		const cause = hiding.code === 'RATE_LIMITED' ? 'quota-exhausted' : expect.anything();
		if (error!.failure !== undefined) expect(error!.failure.cause).toEqual(cause);
		for (const text of secretsOf(bench.tenant.knownDevices[0]!)) {
			expect(JSON.stringify(error)).not.toContain(text);
		}
		expect(requests.filter(({ route }) => route === 'nqlExport')).toHaveLength(1);
	});

	it('marks every item (Continue)', async () => {
		const { execution, success, findings: found } = await meet('continueRegularOutput');
		expect(execution.status).toBe('success');
		expect(found.map(({ match }) => match)).toEqual(['UNKNOWN', 'UNKNOWN', 'REFUSED']);
		expect(found[0]!.reason).toMatch(said(hiding.message));
		expect(success.slice(0, 2)).toMatchObject(
			Array(2).fill({ uid: null, name: null, rows: null, apiError: { code: hiding.code } }),
		);
	});

	it('goes to the error output (Continue, using error output)', async () => {
		const { execution, failed, success, hints } = await meet('continueErrorOutput');
		expect(execution.status).toBe('success');
		expect(success.map(({ match }) => match)).toEqual(['REFUSED']);
		expect(failed.map(({ error }) => error.code)).toEqual([hiding.code, hiding.code]);
		expect(failed[0]!.message).toMatch(said(hiding.message));
		expect(failed[0]!.message).toContain(hiding.advice ?? FILE_ADVICE);
		expect(failed[1]!.error.device).toMatchObject({ match: 'UNKNOWN', uid: null, name: null });
		for (const text of secretsOf(bench.tenant.knownDevices[0]!)) {
			expect(JSON.stringify([failed, hints])).not.toContain(text);
		}
		expect(hints[0]).toMatch(/^0 of 3 devices found, 1 refused, 2 unknown\. /);
	});
});

/** What nobody is told where nothing is certain: the address of the file, and what it has of a device besides the name looked up. */
function secretsOf({ uid, collectorUid, serialNumber }: KnownDevice): string[] {
	return ['signature=', 'AbC123', uid, collectorUid, serialNumber];
}

/** In: a text or a pattern. Out: a pattern for texts that begin with it, or hold it. */
function said(message: string | RegExp): RegExp {
	if (message instanceof RegExp) return message;
	return new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
}

/** n8n shows a description as HTML. */
function escaped(text: string): string {
	return text.replaceAll('>', '&gt;');
}

describe('an export of as many rows as Nexthink exports', () => {
	/** So many devices, the first and the last of which are looked up. */
	function saveRows(count: number): string[] {
		bench.tenant.queries.push({
			id: '#very_many',
			*rows(): Generator<Row> {
				for (let n = 1; n <= count; n++) {
					yield { 'device.uid': 'u-1', 'device.name': `X${n}` };
				}
			},
		});
		return ['X1', `x${count}`];
	}

	it.each([
		[1_000_000, 'UNKNOWN'],
		[999_999, 'FOUND'],
	])('has with %i rows %s', async (count, match) => {
		const [first, last] = saveRows(count);
		const { findings: found, hints } = await lookUp({
			items: [{ name: first }, { name: last }],
			parameters: { queryId: '#very_many' },
			onError: 'continueErrorOutput',
		});
		expect(found.map((item) => item.match)).toEqual([match, match]);
		expect(hints[0]).toContain(
			match === 'FOUND'
				? 'The export contains 999,999 devices.'
				: 'It has 1,000,000 rows, the most that Nexthink exports, so devices might be missing.',
		);
	});
});

describe('a cell of very many characters', () => {
	it.each([
		['combining marks', `a${'\u0301\u0323'.repeat(60_000)}`],
		['characters that cannot be seen', '\u200b'.repeat(900_000)],
	])('blocks nothing, though it is full of %s', async (_, cell) => {
		const [device] = bench.devices(1);
		addDevice({ name: cell });
		const stall = longestStall();
		const { findings: found } = await lookUp({ items: [device!] });
		expect(stall()).toBeLessThan(2_000);
		expect(found[0]!.match).toBe('FOUND');
	});
});

describe('a UID in a file', () => {
	it.each(['null', '-', ' N/A ', '00000000', ' '])('is none if it is %j', async (uid) => {
		const { name } = addDevice({ uid });
		const { failed } = await lookUp({ items: [{ name }], onError: 'continueErrorOutput' });
		expect(failed[0]!.error.device).toMatchObject({
			...{ match: 'UNKNOWN', uid: null, name: null },
			reason: 'The device that Nexthink found has no UID in the result.',
		});
	});

	it('is told in no reason of a device that differs', async () => {
		const { name, uid, collectorUid } = addDevice({});
		for (const column of ['device.uid', 'device.collector.uid']) {
			const { findings: found, success } = await lookUp({
				items: [{ name, listed: 'OTHER' }],
				options: checked([column, 'listed']),
			});
			expect(found[0]).toMatchObject({
				match: 'CHECK_MISMATCH',
				reason: `The device has another UID in ${column}, and the item has "OTHER". Check which one is right.`,
			});
			for (const each of [uid, collectorUid]) expect(JSON.stringify(success)).not.toContain(each);
		}
	});
});

describe('an export that contains no devices', () => {
	it('finds none, and says that it is empty', async () => {
		bench.tenant.knownDevices.splice(0, Infinity);
		const { findings: found, hints } = await lookUp({ items: [{ name: 'PC-1' }] });
		expect(found[0]!.match).toBe('NOT_FOUND');
		expect(hints).toEqual([
			'0 of 1 device found, 1 not found. The export contains no devices: check the saved query, and which devices the credential can see.',
		]);
	});
});

describe('a file that is still arriving', () => {
	const drip = () =>
		bench.tenant.faults.add({
			...{ route: 'file', times: Infinity, play: { kind: 'drip', bytesPerSecond: 1000 } },
		});
	const filesOf = () => bench.tenant.requests.filter(({ route }) => route === 'file');
	const isGone = async () =>
		await expect.poll(() => filesOf()[0]?.endedAt, { timeout: 5_000 }).toBeGreaterThan(0);

	it('is left at once when the execution is cancelled', async () => {
		drip();
		const arrived = expect
			.poll(() => filesOf()[0]?.status, { interval: 5, timeout: 10_000 })
			.toBe(200) as unknown as Promise<void>;
		const { execution } = await lookUp({ items: bench.devices(2), cancelWhen: arrived });
		expect(execution.status).toBe('canceled');
		await isGone();
		const known = bench.tenant.requests.length;
		await new Promise((resolve) => setTimeout(resolve, 300));
		expect(bench.tenant.requests).toHaveLength(known);
	});

	it.each(ON_ERROR_MODES)('is left when Maximum Wait is over (%s)', async (onError) => {
		drip();
		const {
			execution,
			findings: found,
			failed,
			requests,
		} = await lookUp({
			items: bench.devices(2),
			options: { maxExportWait: 1 },
			onError,
		});
		const [start] = requests;
		const file = requests.find(({ route }) => route === 'file')!;
		await isGone();
		// On a busy machine the start arrives some time after the run has begun.
		expect(file.endedAt! - start!.at).toBeGreaterThan(300);
		expect(requests.filter(({ route }) => route === 'file')).toHaveLength(1);
		const message = "The export wasn't complete in time.";
		const advice = 'Raise Maximum Wait.';
		if (onError === 'stopWorkflow') {
			expect(execution.error!.message).toBe(`${message} 0 of 2 devices found, 2 unknown.`);
			expect(execution.error!.description).toContain(advice);
			expect(execution.error!.description).not.toContain('narrow');
			return;
		}
		expect(found.map(({ match }) => match)).toEqual(['UNKNOWN', 'UNKNOWN']);
		expect(found[0]!.reason).toBe(message);
		if (onError !== 'continueErrorOutput') return;
		expect(failed[0]!.error).toMatchObject({ code: 'EXPORT_UNFINISHED', retryable: true });
		expect(failed[0]!.message).toContain(advice);
	});

	it('may take longer than Timeout', async () => {
		bench.tenant.knownDevices.splice(10, Infinity);
		drip();
		const { findings: found } = await lookUp({ items: bench.devices(1), options: { timeout: 1 } });
		const [file] = filesOf();
		expect(file!.endedAt! - file!.at).toBeGreaterThan(1000);
		expect(found[0]!.match).toBe('FOUND');
	});
});

describe('an export that is not complete in time', () => {
	it('advises to wait longer, and not to narrow down the query', async () => {
		bench.tenant.settings.exportStates = Infinity;
		const { failed } = await lookUp({
			items: bench.devices(1),
			options: { maxExportWait: 1 },
			onError: 'continueErrorOutput',
		});
		expect(failed[0]!.message).toBe(
			"The export wasn't complete in time. Raise Maximum Wait. Nexthink might still complete the export, but its file can only be fetched by a new one.",
		);
	});
});

describe('an export whose time is over before it could be started', () => {
	it.each(ON_ERROR_MODES)(
		'says what kept it back, and nothing of an export (%s)',
		async (onError) => {
			bench.tenant.faults.add({
				route: 'token',
				times: Infinity,
				play: { kind: 'delay', milliseconds: 1_500 },
			});
			const {
				execution,
				findings: found,
				requests,
				hints,
			} = await lookUp({
				items: bench.devices(1),
				options: { maxExportWait: 1 },
				onError,
			});
			expect(requests).toEqual([]);
			const { error } = execution;
			const reason = error === undefined ? found[0]!.reason : error.message;
			expect(reason).toContain("Nexthink didn't return an access token");
			expect(JSON.stringify([error, found, hints])).not.toContain('might still complete');
		},
	);
});

describe('the exports of one execution', () => {
	it('are counted from the second one on, in whatever node', async () => {
		const by = (operation: INodeParameters, name: string) => ({
			...queryNode({ parameters: { queryId: ALL_DEVICES_QUERY, ...operation } }),
			...{ id: name, name },
		});
		const lookUpByExport = { resource: 'device', operation: 'lookUp', lookupMethod: 'export' };
		const nodes = [
			by(lookUpByExport, 'First'),
			by({ resource: 'nqlQuery', operation: 'export' }, 'Second'),
			by({ ...lookUpByExport, lookupField: 'queryId', matchColumn: 'device.name' }, 'Third'),
		];
		const start = { id: 's', name: 'Start', typeVersion: 1, position: [0, 0] as [number, number] };
		const names = ['Start', ...nodes.map(({ name }) => name)];
		const execution = await bench.engine.run(
			{
				nodes: [{ ...start, type: 'n8n-nodes-base.manualTrigger', parameters: {} }, ...nodes],
				connections: Object.fromEntries(
					nodes.map(({ name: node }, position) => [
						names[position],
						{ main: [[{ node, type: 'main' as const, index: 0 }]] },
					]),
				),
				pinData: { Start: [{ json: { name: bench.devices(1)[0]!.name } }] },
				settings: { executionOrder: 'v1' },
			},
			{ credentials: [bench.credential()], pauses: bench.pauses },
		);
		const hintsOf = (node: string) => execution.hints(node).map(({ message }) => message);
		expect(hintsOf('First').join()).not.toContain('This execution has started');
		expect(hintsOf('Second')).toContain(
			'This execution has started 2 exports so far. Nexthink allows 50 exports a day.',
		);
		expect(hintsOf('Third')).toContain(
			'This execution has started 3 exports so far. Nexthink allows 50 exports a day.',
		);
		expect(bench.tenant.exportsStarted).toBe(3);
	});
});

describe('the exports of one node', () => {
	const STARTED = 'so far. Nexthink allows 50 exports a day.';

	it('are all that may have been started, though the answer was lost', async () => {
		bench.tenant.faults.add({
			...{ route: 'nqlExport', times: 2 },
			play: { kind: 'html', status: 503, queued: true },
		});
		const { hints, findings: found } = await lookUp({ items: bench.devices(1) });
		expect(found[0]!.match).toBe('FOUND');
		expect(bench.tenant.exportsStarted).toBe(3);
		expect(hints[1]).toBe(`This execution has started 3 exports ${STARTED}`);
	});

	it('are counted through the retries of n8n', async () => {
		bench.tenant.faults.add({
			...{ route: 'file', times: 2 },
			play: { kind: 'status', status: 200, body: 'nonsense' },
		});
		const node = { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 };
		const { hints, findings: found } = await lookUp({ items: bench.devices(1), node });
		expect(found[0]!.match).toBe('FOUND');
		expect(bench.tenant.exportsStarted).toBe(3);
		expect(hints[1]).toBe(`This execution has started 3 exports ${STARTED}`);
	});

	it('are none of those that Nexthink has refused to start', async () => {
		bench.tenant.faults.add({
			route: 'nqlExport',
			play: { kind: 'status', status: 429, headers: { 'Retry-After': '1' } },
		});
		const { hints, routes } = await lookUp({ items: bench.devices(1) });
		expect(routes).toEqual(['nqlExport', 'nqlExport', 'nqlStatus', 'file']);
		expect(hints.join()).not.toContain('This execution has started');
	});
});

describe('with Retry On Fail', () => {
	it('the error says that a repeat costs another export', async () => {
		bench.tenant.settings.exportCutByLicence = true;
		const node = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
		const { execution } = await lookUp({ items: bench.devices(1), node });
		expect(execution.error!.description).toContain(
			'Retry On Fail makes n8n start the export anew, which counts as one more of the day.',
		);
	});
});
