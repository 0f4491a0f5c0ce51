import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { LOOK_UP_QUERY, queryOf, rowOf } from '../simulator/saved-queries.mts';
import type { Fault, KnownDevice } from '../simulator/tenant.mts';
import { ON_ERROR_MODES, useTestBench, type OnError } from './delete-workflow.mts';
import {
	faultsOf,
	findings,
	longestStall,
	runQuery,
	statusesOf,
	type LookUpItem,
	type QueryRun,
} from './query-workflow.mts';
import { BY_NAME_ALONE, shown } from './said-texts.mts';

const bench = useTestBench({ pauses: 'short' });

const LOOK_UP = { resource: 'device', operation: 'lookUp', queryId: LOOK_UP_QUERY };
const SERIAL_NUMBER = 'device.hardware.machine_serial_number';
const DAY = 86_400_000;

/** The option Checks. */
function checked(...pairs: Array<[column: string, field: string]>): INodeParameters {
	return { checks: { check: pairs.map(([column, field]) => ({ column, field })) } };
}

/** The option Last Seen. */
function lastSeen(column: string, minDays: number | string): INodeParameters {
	return { lastSeen: { values: { column, minDays } } };
}

interface LookUpRun extends Omit<QueryRun, 'parameters' | 'items'> {
	items: readonly object[];
	parameters?: INodeParameters;
}

async function lookUp({ parameters, ...run }: LookUpRun) {
	const result = await runQuery(bench, { ...run, parameters: { ...LOOK_UP, ...parameters } });
	return { ...result, findings: findings(result) };
}

/** In: names. Out: the match of each. */
async function matchesOf(names: readonly unknown[], run: Partial<LookUpRun> = {}) {
	const result = await lookUp({ ...run, items: names.map((name) => ({ name })) });
	return result.findings.map(({ match }) => match);
}

/** Adds a device to those that the tenant knows. */
function addDevice(device: Partial<KnownDevice>): KnownDevice {
	const number = bench.tenant.knownDevices.length;
	const added: KnownDevice = {
		uid: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
		collectorUid: `00000000-0000-4000-9000-${String(number).padStart(12, '0')}`,
		name: `ADDED-${number}`,
		serialNumber: `SN${number}`,
		lastSeen: Date.now() - 60 * DAY,
		...device,
	};
	bench.tenant.knownDevices.push(added);
	return added;
}

describe('Device > Look Up', () => {
	it('finds a device by its name, without case, and gives its whole row', async () => {
		const [{ uid, name } = { uid: '', name: '' }] = bench.devices(1);
		const { success, failed, hints, requests } = await lookUp({
			items: [{ name: name.toLowerCase(), ticket: 'RITM1' }],
		});
		const { collectorUid } = bench.tenant.knownDevices[0]!;
		expect(success).toEqual([
			{
				lookup: name.toLowerCase(),
				match: 'FOUND',
				reason: 'Exactly one device has this value in device.name.',
				uid,
				name,
				rows: 1,
				index: 0,
				device: expect.objectContaining({
					'device.uid': uid,
					'device.collector.uid': collectorUid,
					'device.name': name,
				}) as object,
				asOf: expect.stringMatching(/^20[\d-]{8}T[\d:.]{12}Z$/) as string,
			},
		]);
		expect(Object.keys(success[0]!)).toEqual([
			...['lookup', 'match', 'reason', 'uid', 'name', 'rows', 'index', 'device', 'asOf'],
		]);
		expect(failed).toEqual([]);
		expect(hints).toEqual(['1 of 1 device found.', BY_NAME_ALONE]);
		expect(requests).toHaveLength(1);
		expect(requests[0]).toMatchObject({
			path: '/api/v2/nql/execute',
			headers: { 'x-utc-times': 'true' },
		});
		expect(JSON.parse(requests[0]!.body)).toEqual({
			queryId: LOOK_UP_QUERY,
			parameters: { device_name: name.toLowerCase() },
		});
	});

	it('says of each value when it was asked for', async () => {
		bench.tenant.settings.latencyMilliseconds = 50;
		const names = [...bench.devices(3).map(({ name }) => name), 'NOBODY'];
		const began = Date.now();
		const { findings: found, requests } = await lookUp({
			items: names.map((name) => ({ name })),
			options: { concurrency: 1 },
		});
		const askedAt = found.map(({ asOf }) => Date.parse(asOf!));
		expect(askedAt[0]).toBeGreaterThanOrEqual(began);
		for (const [position, request] of requests.entries()) {
			expect(askedAt[position]).toBeLessThanOrEqual(request.at);
			expect(askedAt[position + 1] ?? Infinity).toBeGreaterThanOrEqual(request.endedAt!);
		}
	});

	it('has one item for each input item, in order and linked to it', async () => {
		const [first, second] = bench.devices(2);
		const { execution, findings: found } = await lookUp({
			items: [{ name: second!.name }, { name: 'NOBODY' }, { name: first!.name }],
		});
		expect(found.map(({ match }) => match)).toEqual(['FOUND', 'NOT_FOUND', 'FOUND']);
		expect(found.map(({ uid }) => uid)).toEqual([second!.uid, null, first!.uid]);
		expect(found.map(({ name }) => name)).toEqual([second!.name, null, first!.name]);
		const [items = []] = execution.outputs('Nexthink');
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
	});

	it('names no UID of a device that was set up anew, and shows both entries to a person', async () => {
		const reImaged = bench.tenant.inventory[99]!;
		const { findings: found, hints } = await lookUp({ items: [{ name: reImaged.name }] });
		expect(found[0]).toEqual({
			lookup: reImaged.name,
			match: 'AMBIGUOUS',
			reason: `Nexthink has 2 devices with "${reImaged.name}" in device.name. The lookup lists them in the field "candidates". Compare them in Nexthink to find out which one is meant.`,
			uid: null,
			name: null,
			rows: 2,
			index: 0,
			candidates: [`device.name: ${reImaged.name}`, `device.name: ${reImaged.name}`],
			asOf: expect.any(String) as string,
		});
		expect(Object.keys(found[0]!)).toEqual([
			...['lookup', 'match', 'reason', 'uid', 'name', 'rows', 'index', 'candidates', 'asOf'],
		]);
		expect(hints).toEqual(['0 of 1 device found, 1 ambiguous.']);
	});

	it('shows of candidates what tells them apart, and no UID', async () => {
		const { name, serialNumber, lastSeen: seen, uid } = bench.tenant.knownDevices[99]!;
		const { findings: found } = await lookUp({
			items: [{ name, serial: serialNumber, uid }],
			options: {
				...checked([SERIAL_NUMBER, 'serial'], ['device.uid', 'uid']),
				...lastSeen('device.last_seen', 30),
			},
		});
		const lines = [seen, seen - 90 * DAY].map(
			(at) =>
				`device.name: ${name}, ${SERIAL_NUMBER}: ${serialNumber}, device.last_seen: ${new Date(at).toISOString()}`,
		);
		expect(found[0]).toMatchObject({ match: 'AMBIGUOUS', candidates: lines });
	});

	it('shows five candidates at most', async () => {
		for (let copy = 0; copy < 8; copy++) addDevice({ name: 'COMMON' });
		const { findings: found } = await lookUp({ items: [{ name: 'COMMON' }] });
		expect(found[0]).toMatchObject({
			...{ match: 'AMBIGUOUS', rows: 8 },
			reason: expect.stringContaining('The lookup lists 5 of them in') as unknown,
		});
		expect(found[0]!.candidates).toHaveLength(5);
	});

	it.each<[what: string, value: unknown]>([
		['a star', 'PAR-*'],
		['a question mark', 'PAR-LT-00000?'],
		['nothing', ''],
		['blanks', ' \t '],
		['null', null],
		['a number', 1234],
		['a list', ['PAR-LT-000001']],
	])('asks nothing for %s', async (_, value) => {
		const [{ name } = { name: '' }] = bench.devices(1);
		const { findings: found, requests } = await lookUp({ items: [{ name: value }, { name }] });
		expect(found[0]).toMatchObject({ match: 'REFUSED', uid: null, name: null, rows: null });
		expect(found[0]).not.toHaveProperty('asOf');
		expect(found[1]!.match).toBe('FOUND');
		expect(requests).toHaveLength(1);
	});

	it('asks once for equal names, and for names that differ in the case of A to Z alone', async () => {
		const [{ name } = { name: '' }] = bench.devices(1);
		const names = [name, name.toLowerCase(), name, 'nobody', 'NOBODY'];
		const { findings: found, requests } = await lookUp({
			items: names.map((each) => ({ name: each })),
		});
		expect(requests).toHaveLength(2);
		expect(found.map(({ lookup }) => lookup)).toEqual(names);
		expect(found.map(({ match }) => match)).toEqual([
			'FOUND',
			'FOUND',
			'FOUND',
			'NOT_FOUND',
			'NOT_FOUND',
		]);
	});

	it('does not take a device under another name, whatever the query finds', async () => {
		bench.tenant.queries.push({
			id: '#sloppy',
			parameters: ['device_name'],
			rows: ([device]) => [{ 'device.uid': device!.uid, 'device.name': device!.name }],
		});
		const { findings: found } = await lookUp({
			items: [{ name: 'SOMETHING-ELSE' }],
			parameters: { queryId: '#sloppy' },
		});
		expect(found[0]).toMatchObject({ match: 'VALUE_MISMATCH', rows: 1 });
		const [{ name } = { name: '' }] = bench.devices(1);
		expect(found[0]!.candidates).toEqual([`device.name: ${name}`]);
		expect(found[0]!.reason).toBe(
			`The device that Nexthink found has "${name}" in device.name, not "SOMETHING-ELSE". Correct the list if this is the device.`,
		);
	});

	it('names no UID of a device that is another one, whatever the query finds', async () => {
		const [{ uid, collectorUid }] = bench.tenant.knownDevices as [KnownDevice];
		bench.tenant.queries.push({
			id: '#by_collector_uid',
			parameters: ['device_name'],
			rows: (devices, { device_name: wanted }) =>
				devices.filter((device) => device.collectorUid === wanted).map(rowOf),
		});
		const { findings: found, success } = await lookUp({
			items: [{ name: collectorUid }],
			parameters: { queryId: '#by_collector_uid', matchColumn: 'device.uid' },
		});
		expect(found[0]).toMatchObject({
			match: 'VALUE_MISMATCH',
			reason: `The device that Nexthink found has another UID in device.uid, not "${collectorUid}". Correct the list if this is the device.`,
		});
		expect(JSON.stringify(success)).not.toContain(uid);
	});

	it('takes names of fields, parameter and columns as they are set', async () => {
		bench.tenant.queries.push({
			id: '#mine',
			parameters: ['host'],
			rows: (devices, { host }) =>
				devices.filter(({ name }) => name === host).map(({ uid, name }) => ({ id: uid, pc: name })),
		});
		const [{ uid, name } = { uid: '', name: '' }] = bench.devices(1);
		const { findings: found } = await lookUp({
			items: [{ ci: { host: name } }],
			parameters: {
				queryId: '#mine',
				lookupField: 'ci.host',
				parameterName: 'host',
				matchColumn: 'pc',
				uidColumn: 'id',
				nameColumn: 'pc',
			},
		});
		expect(found[0]).toMatchObject({ match: 'FOUND', uid, name, device: { id: uid, pc: name } });
	});

	it('carries the input where it is asked to', async () => {
		const item = { name: 'NOBODY', sys_id: 'abc' };
		const { success } = await lookUp({ items: [item], options: { includeInputFields: true } });
		expect(success[0]).toMatchObject({ match: 'NOT_FOUND', input: item });
	});

	it('counts devices, and says so where several items name one', async () => {
		const [first, second] = bench.tenant.knownDevices as [KnownDevice, KnownDevice];
		const { name, serialNumber } = first;
		const names = [name, name.toLowerCase(), `${name}.corp.example`, second.name];
		const { hints } = await lookUp({
			items: [...names, 'NOBODY', 'nobody', '', ''].map((each) => ({ name: each })),
			options: { hostNameOnly: true },
		});
		expect(hints[0]).toBe('4 devices in 8 items: 2 found, 1 not found, 1 refused.');

		const others = await lookUp({
			items: [name, name].map((each, index) => ({
				name: each,
				serial: index === 0 ? serialNumber : 'OTHER',
			})),
			options: checked([SERIAL_NUMBER, 'serial']),
		});
		expect(others.hints).toEqual(['1 of 2 devices found, 1 with another check value.']);
	});

	it('counts a list as found where each device of it is, however often it is there', async () => {
		const [{ name } = { name: '' }] = bench.devices(1);
		const { execution } = await lookUp({ items: [{ name }, { name }] });
		expect(execution.hints('Nexthink')[0]).toMatchObject({
			message: '1 device in 2 items: 1 found.',
			type: 'info',
		});
	});

	it.each<[what: string, run: Partial<LookUpRun>]>([
		['a check of another column', { options: checked([SERIAL_NUMBER, 'serial']) }],
		['Last Seen', { options: lastSeen('device.last_seen', 0) }],
		['nothing found', { items: [{ name: 'NOBODY' }] }],
		[
			'UIDs',
			{
				parameters: {
					...{ queryId: '#find_device_by_uid', parameterName: 'device_uid' },
					...{ lookupField: 'uid', matchColumn: 'device.uid' },
				},
			},
		],
	])('does not warn of names with %s', async (_, run) => {
		const { name, uid, serialNumber: serial } = bench.tenant.knownDevices[1]!;
		const { findings: found, hints } = await lookUp({ items: [{ name, uid, serial }], ...run });
		expect(found[0]!.match).toBe('items' in run ? 'NOT_FOUND' : 'FOUND');
		expect(hints).toHaveLength(1);
	});

	it('warns of names that are checked by names alone', async () => {
		const { hints } = await lookUp({
			items: bench.devices(1),
			options: checked(['device.name', 'name']),
		});
		expect(hints).toEqual(['1 of 1 device found.', BY_NAME_ALONE]);
	});

	it('has nothing to say of an empty list', async () => {
		const { success, requests } = await lookUp({ items: [] });
		expect(success).toEqual([]);
		expect(requests).toEqual([]);
	});

	it.each(ON_ERROR_MODES)(
		"takes the sole empty item of n8n's Always Output Data for an empty list, and asks nothing (%s)",
		async (onError) => {
			const { execution, success, failed, hints } = await lookUp({ items: [{}], onError });
			expect([execution.status, success, failed]).toEqual(['success', [], []]);
			expect(hints).toEqual(['The device list is empty, so nothing was looked up.']);
			expect(bench.tenant.requests).toEqual([]);
		},
	);

	it('takes several empty items for a wrong field', async () => {
		const { execution } = await lookUp({ items: [{}, {}] });
		expect(execution.error!.message).toContain('No input item has a field "name"');
		expect(bench.tenant.requests).toEqual([]);
	});
});

describe('the check of another column', () => {
	const CHECK = checked([SERIAL_NUMBER, 'serial']);

	it('lets a device pass whose serial number is the one of the item', async () => {
		const { name, serialNumber } = bench.tenant.knownDevices[0]!;
		const { findings: found } = await lookUp({
			items: [{ name, serial: ` ${serialNumber.toLowerCase()} ` }],
			options: CHECK,
		});
		expect(found[0]!.match).toBe('FOUND');
	});

	it.each<[what: string, ofItem: unknown, ofDevice: string]>([
		['another serial number', 'OTHER', 'SN1'],
		['none in the item', undefined, 'SN1'],
		['a blank one in the item', ' ', 'SN1'],
		['a blank one of the device', 'SN1', ' '],
		['blank ones on both sides', '', ''],
		['a number with zeros before it', 1234, '001234'],
		['a placeholder on both sides', 'Default string', 'Default string'],
	])('is CHECK_MISMATCH for %s', async (_, serial, serialNumber) => {
		const { name } = addDevice({ serialNumber });
		const good = bench.tenant.knownDevices[0]!;
		const { findings: found } = await lookUp({
			items: [
				{ name, serial },
				{ name: good.name, serial: good.serialNumber },
			],
			options: CHECK,
		});
		expect(found.map(({ match }) => match)).toEqual(['CHECK_MISMATCH', 'FOUND']);
		expect(found[1]!.reason).toBe(
			'Exactly one device has this value in device.name, and every check passed.',
		);
	});

	it('compares a number with the text of a number', async () => {
		const { name } = addDevice({ serialNumber: '1234' });
		const { findings: found } = await lookUp({ items: [{ name, serial: 1234 }], options: CHECK });
		expect(found[0]!.match).toBe('FOUND');
	});

	it('with a field that has objects or lists in all items refuses the run, and shows the paths that lead to text', async () => {
		for (const wrap of [
			(serial: string) => ({ display_value: serial, value: serial }),
			(serial: string) => [serial],
		]) {
			const items = bench.tenant.knownDevices
				.slice(0, 2)
				.map(({ name, serialNumber }) => ({ name, serial: wrap(serialNumber) }));
			const { execution, requests } = await lookUp({ items, options: CHECK });
			expect(requests).toEqual([]);
			const isList = Array.isArray(items[0]!.serial);
			expect(execution.error!.message).toContain(
				`No input item has text in the field "serial", which Checks > Field names: its values are ${isList ? 'lists' : 'objects'}.`,
			);
			expect(execution.error!.description).toContain(
				isList
					? 'The first item has these fields: "name", "serial".'
					: 'to a path that leads to text: "serial.display_value" or "serial.value".',
			);
		}
	});

	it.each<[what: string, other: unknown]>([
		['a value', 'SN'],
		['a number', 7],
		['no value', null],
	])('judges each item for itself if another one has %s in the field', async (_, other) => {
		const [first, second] = bench.tenant.knownDevices;
		const { findings: found } = await lookUp({
			items: [
				{ name: first!.name, serial: { value: first!.serialNumber } },
				{ name: second!.name, serial: other },
			],
			options: CHECK,
		});
		expect(found.map(({ match }) => match)).toEqual(['CHECK_MISMATCH', 'CHECK_MISMATCH']);
		expect(found[0]!.reason).toContain('the item has an object');
	});

	it('says that it compares whole numbers alone', async () => {
		const name = 'BUILD';
		bench.tenant.queries.push({
			id: '#build',
			parameters: ['device_name'],
			rows: () => [{ 'device.uid': 'u-1', 'device.name': name, build: 19045.5 }],
		});
		const { findings: found } = await lookUp({
			items: [{ name, build: '19045.5' }],
			parameters: { queryId: '#build' },
			options: checked(['build', 'build']),
		});
		expect(found[0]).toMatchObject({
			match: 'CHECK_MISMATCH',
			reason:
				'The device has "19045.5" in build, and the item has "19045.5". The node compares whole numbers of up to 15 digits only. Check which one is right.',
		});
	});

	it('names no UID of a device that differs', async () => {
		const { name, uid, collectorUid } = bench.tenant.knownDevices[0]!;
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

	it('does not choose between two namesakes', async () => {
		addDevice({ name: 'TWIN', serialNumber: 'A' });
		addDevice({ name: 'TWIN', serialNumber: 'B' });
		const { findings: found } = await lookUp({
			items: [{ name: 'TWIN', serial: 'A' }],
			options: CHECK,
		});
		expect(found[0]!.match).toBe('AMBIGUOUS');
	});

	it('judges each item by its own value, though equal names are asked for once', async () => {
		const { name, serialNumber } = bench.tenant.knownDevices[0]!;
		const { findings: found, requests } = await lookUp({
			items: [
				{ name, serial: serialNumber },
				{ name, serial: 'OTHER' },
			],
			options: CHECK,
		});
		expect(found.map(({ match }) => match)).toEqual(['FOUND', 'CHECK_MISMATCH']);
		expect(requests).toHaveLength(1);
	});
});

describe('the check of several columns', () => {
	/** A query that lists the asset tag besides, which the simulated tenant does not know. */
	const parameters = { queryId: '#with_tag' };
	const options = checked([SERIAL_NUMBER, 'serial'], ['tag', 'assetTag']);

	function addQuery(tags: Record<string, unknown>) {
		bench.tenant.queries.push({
			id: '#with_tag',
			parameters: ['device_name'],
			rows: (devices, { device_name: wanted }) =>
				devices
					.filter(({ name }) => name === wanted)
					.map(({ uid, name, serialNumber }) => ({
						'device.uid': uid,
						'device.name': name,
						[SERIAL_NUMBER]: serialNumber,
						tag: tags[name] ?? 'T0',
					})),
		});
	}

	it.each<[what: string, item: object, tag: unknown, match: string, reason: string]>([
		[
			'both hold',
			{ serial: 'sn1', assetTag: 'T1' },
			' t1',
			'FOUND',
			'Exactly one device has this value in device.name, and every check passed.',
		],
		[
			'the first fails',
			{ serial: 'SN2', assetTag: 'T1' },
			'T1',
			'CHECK_MISMATCH',
			`The device has "SN1" in ${SERIAL_NUMBER}, and the item has "SN2". Check which one is right.`,
		],
		[
			'the second fails',
			{ serial: 'SN1', assetTag: 'T2' },
			'T1',
			'CHECK_MISMATCH',
			'The device has "T1" in tag, and the item has "T2". Check which one is right.',
		],
		[
			'their values are swapped',
			{ serial: 'T1', assetTag: 'SN1' },
			'T1',
			'CHECK_MISMATCH',
			`The device has "SN1" in ${SERIAL_NUMBER}, and the item has "T1". Check which one is right.`,
		],
		[
			'the item has no value for the second',
			{ serial: 'SN1' },
			'T1',
			'CHECK_MISMATCH',
			'The item has no value to compare with "T1" in tag. Fill in its field.',
		],
		[
			'the item has a blank value for the second',
			{ serial: 'SN1', assetTag: ' ' },
			'T1',
			'CHECK_MISMATCH',
			'The item has no value to compare with "T1" in tag. Fill in its field.',
		],
		[
			'the device has a blank value for the second',
			{ serial: 'SN1', assetTag: 'T1' },
			' ',
			'CHECK_MISMATCH',
			'The device has no value in tag to compare with "T1" of the item. Check the device by hand.',
		],
		[
			'the second is blank on both sides',
			{ serial: 'SN1', assetTag: '' },
			'',
			'CHECK_MISMATCH',
			'The item has no value to compare with nothing in tag. Fill in its field.',
		],
	])('where %s', async (_, item, tag, match, reason) => {
		const { name, uid } = addDevice({ serialNumber: 'SN1' });
		const good = addDevice({ serialNumber: 'SN9' });
		addQuery({ [name]: tag });
		const { findings: found } = await lookUp({
			items: [
				{ name, ...item },
				{ name: good.name, serial: 'SN9', assetTag: 'T0' },
			],
			parameters,
			options,
		});
		expect(found.map((each) => each.match)).toEqual([match, 'FOUND']);
		expect(found[0]!.reason).toBe(reason);
		expect(found[0]!.uid).toBe(match === 'FOUND' ? uid : null);
	});

	it('may compare one column with two fields, which must both hold it', async () => {
		const { name, serialNumber } = bench.tenant.knownDevices[0]!;
		const { findings: found } = await lookUp({
			items: [
				{ name, serial: serialNumber, scanned: serialNumber },
				{ name, serial: serialNumber, scanned: 'OTHER' },
			],
			options: checked([SERIAL_NUMBER, 'serial'], [SERIAL_NUMBER, 'scanned']),
		});
		expect(found.map(({ match }) => match)).toEqual(['FOUND', 'CHECK_MISMATCH']);
	});

	it('takes columns and fields from expressions that come out the same for all items', async () => {
		const { name, serialNumber } = bench.tenant.knownDevices[0]!;
		const { findings: found } = await lookUp({
			items: [
				{ name, serial: serialNumber },
				{ name, serial: 'OTHER' },
			],
			options: {
				checks: {
					check: [
						{
							column: `={{ "${SERIAL_NUMBER}" }}`,
							field: '={{ $json.name ? "serial" : "" }}',
						},
					],
				},
				lastSeen: { values: { column: '={{ "device.last_seen" }}', minDays: '={{ 0 }}' } },
			},
		});
		expect(found.map(({ match }) => match)).toEqual(['FOUND', 'CHECK_MISMATCH']);
	});

	it('ends the run where one of the columns is missing from the result', async () => {
		const { failed, requests } = await lookUp({
			items: bench.devices(3).map((device) => ({ ...device, serial: 'SN1' })),
			options: checked([SERIAL_NUMBER, 'serial'], ['device.owner', 'serial']),
			onError: 'continueErrorOutput',
		});
		expect(requests).toHaveLength(1);
		expect(failed[0]!.error.code).toBe('COLUMN_MISSING');
		expect(failed[0]!.message).toContain('has no column "device.owner"');
	});
});

describe('the check of when a device was last seen', () => {
	const LAST_SEEN = lastSeen('device.last_seen', 30);

	it.each<[days: number, match: string]>([
		[31, 'FOUND'],
		[30, 'FOUND'],
		[29, 'RECENTLY_SEEN'],
		[0, 'RECENTLY_SEEN'],
		[-1, 'RECENTLY_SEEN'],
	])('has for a device seen %i days ago %s', async (days, match) => {
		const { name } = addDevice({ lastSeen: Date.now() - days * DAY - 60_000 });
		expect(await matchesOf([name], { options: LAST_SEEN })).toEqual([match]);
	});

	it.each<[what: string, value: unknown]>([
		['null', null],
		['a word', 'never'],
		['a number', 0],
		['a date in another form', '01/02/2020'],
		['a date before 2000', '1999-12-31T23:59:59Z'],
		['the beginning of all time', '1970-01-01T00:00:00.000Z'],
	])('does not take %s for long ago', async (_, value) => {
		const [{ name } = { name: '' }] = bench.devices(1);
		bench.tenant.queries.push({
			id: '#odd',
			parameters: ['device_name'],
			rows: () => [{ 'device.uid': 'u-1', 'device.name': name, 'device.last_seen': value }],
		});
		const parameters = { queryId: '#odd' };
		const { findings: found } = await lookUp({
			items: [{ name }],
			parameters,
			options: LAST_SEEN,
		});
		expect(found[0]).toMatchObject({ match: 'RECENTLY_SEEN', uid: null });
		expect(found[0]!.reason).toContain("the node can't tell when it was last seen");
	});
});

describe('Last Seen as a list in the JSON of a workflow', () => {
	it.each([[[{ column: 'device.first_seen', minDays: 400 }]], [[]]])(
		'is what it is by default, because n8n makes that of %j before the node can see it',
		async (values) => {
			const names = [29, 31].map(
				(days) => addDevice({ lastSeen: Date.now() - days * DAY - 60_000 }).name,
			);
			const options = { lastSeen: { values } } as unknown as INodeParameters;
			const { findings: found } = await lookUp({ items: names.map((name) => ({ name })), options });
			expect(found.map(({ match }) => match)).toEqual(['RECENTLY_SEEN', 'FOUND']);
			expect(found[0]!.reason).toContain('Last Seen requires at least 30.');
		},
	);
});

describe('days since a device was last seen', () => {
	it('are counted from the start of the query, however long it takes', async () => {
		bench.tenant.settings.latencyMilliseconds = 200;
		const [{ name } = { name: '' }] = bench.devices(1);
		bench.tenant.queries.push({
			id: '#thirty_days_soon',
			parameters: ['device_name'],
			rows: () => {
				// Thirty days will have passed when the answer comes, and have not when the query does.
				const seen = new Date(Date.now() - 30 * DAY + 1).toISOString();
				return [{ 'device.uid': 'u-1', 'device.name': name, 'device.last_seen': seen }];
			},
		});
		const options = lastSeen('device.last_seen', 30);
		const parameters = { queryId: '#thirty_days_soon' };
		expect(await matchesOf([name], { parameters, options })).toEqual(['RECENTLY_SEEN']);
	});

	it('are counted from UTC where the time has no offset, as the request asked for', async () => {
		const [{ name } = { name: '' }] = bench.devices(1);
		const at = (ago: number) => new Date(Date.now() - ago).toISOString().slice(0, 19);
		const times = [at(30 * DAY + 5000), at(30 * DAY - 60_000)];
		bench.tenant.queries.push({
			id: '#local',
			parameters: ['device_name'],
			rows: () => [
				{ 'device.uid': 'u-1', 'device.name': name, 'device.last_seen': times.shift()! },
			],
		});
		const run = { parameters: { queryId: '#local' }, options: lastSeen('device.last_seen', 30) };
		expect(await matchesOf([name], run)).toEqual(['FOUND']);
		expect(await matchesOf([name], run)).toEqual(['RECENTLY_SEEN']);
	});
});

describe('an answer that cannot be read', () => {
	it.each<[what: string, body: unknown]>([
		['no list of rows', { rows: 1 }],
		['a row that is no object', { rows: 1, data: ['x'] }],
		['a row that is not there', { rows: 1, data: [] }],
		[
			'a row that is not counted',
			{ rows: 0, data: [{ 'device.uid': 'u-1', 'device.name': 'PC' }] },
		],
		['no UID', { rows: 1, data: [{ 'device.uid': null, 'device.name': 'PC' }] }],
		['a blank UID', { rows: 1, data: [{ 'device.uid': ' ', 'device.name': 'PC' }] }],
		[
			'a UID that is no more than the word null',
			{ rows: 1, data: [{ 'device.uid': 'null', 'device.name': 'PC' }] },
		],
		['a dash in place of a UID', { rows: 1, data: [{ 'device.uid': '-', 'device.name': 'PC' }] }],
	])('is UNKNOWN: %s', async (_, body) => {
		bench.tenant.faults.add({
			route: 'nqlExecute',
			play: { kind: 'status', status: 200, body: body as object },
		});
		const { failed, success } = await lookUp({
			items: [{ name: 'PC' }],
			onError: 'continueErrorOutput',
		});
		expect(success).toEqual([]);
		expect(failed[0]).toMatchObject({
			error: {
				code: 'UNEXPECTED_RESPONSE',
				device: { lookup: 'PC', match: 'UNKNOWN', uid: null, name: null },
			},
		});
	});

	it('ends the run where a column is missing: every other answer would lack it too', async () => {
		const names = bench.devices(5);
		const {
			findings: found,
			failed,
			requests,
		} = await lookUp({
			items: names,
			parameters: { uidColumn: 'device.id' },
			onError: 'continueErrorOutput',
		});
		expect(requests).toHaveLength(1);
		expect(found.map(({ match }) => match)).toEqual(Array(5).fill('UNKNOWN'));
		expect(failed[0]!.error.code).toBe('COLUMN_MISSING');
		expect(failed[0]!.message).toContain('has no column "device.id"');
		expect(failed[0]!.message).toContain('"device.uid", "device.collector.uid"');
		expect(found[4]!.reason).toContain(
			'Not looked up, because the run ended before: The result of the query has no column "device.id".',
		);
	});

	it('without a column that other answers had stops no other look-up', async () => {
		const names = bench.devices(4);
		const body = {
			rows: 1,
			data: [{ 'device.uid': names[1]!.uid, 'device.name': names[1]!.name }],
		};
		bench.tenant.faults.add({
			route: 'nqlExecute',
			from: 2,
			play: { kind: 'status', status: 200, body },
		});
		const { findings: found } = await lookUp({
			items: names,
			options: { concurrency: 1, ...lastSeen('device.last_seen', 0) },
		});
		expect(found.map(({ match }) => match)).toEqual(['FOUND', 'RECENTLY_SEEN', 'FOUND', 'FOUND']);
	});

	it('counts as several devices where it says so, whatever it holds', async () => {
		const body = { rows: 2, data: [{ 'device.uid': 'u-1', 'device.name': 'PC' }] };
		bench.tenant.faults.add({ route: 'nqlExecute', play: { kind: 'status', status: 200, body } });
		expect(await matchesOf(['PC'])).toEqual(['AMBIGUOUS']);
	});
});

interface Trouble {
	name: string;
	play: Fault;
	code: string;
	httpStatus: number | null;
	message: string;
	advice: string;
	apiCode?: number;
	/** Further look-ups are not made. */
	stopsRun?: true;
}

const nql = (status: number, code: number, message: string): Fault => ({
	kind: 'status',
	status,
	body: { message, code, source: 'nql' },
});

const TROUBLES: Trouble[] = [
	{
		name: '403',
		play: nql(403, 40, 'Not allowed.'),
		code: 'FORBIDDEN',
		httpStatus: 403,
		apiCode: 40,
		message: "The credential doesn't have permission to run queries (403 FORBIDDEN, code 40).",
		advice: 'select NQL API for this credential',
		stopsRun: true,
	},
	{
		name: '404 with code 100',
		play: nql(404, 100, 'No query found.'),
		code: 'NOT_FOUND',
		httpStatus: 404,
		apiCode: 100,
		message: 'Nexthink has no saved query with this ID (404 NOT_FOUND, code 100).',
		advice: 'Administration > NQL API queries',
		stopsRun: true,
	},
	{
		name: '400 for one of the names',
		play: nql(400, 5, 'Bad parameter.'),
		code: 'REQUEST_REFUSED',
		httpStatus: 400,
		apiCode: 5,
		message: 'Nexthink rejected the query (400 REQUEST_REFUSED, code 5).',
		advice: 'without their $',
	},
	{
		name: '406',
		play: nql(406, 6, 'Not acceptable.'),
		code: 'REQUEST_REFUSED',
		httpStatus: 406,
		apiCode: 6,
		message: 'Nexthink rejected the query (406 REQUEST_REFUSED, code 6).',
		advice: 'run the query in Nexthink',
	},
	{
		name: '413 from a gateway',
		play: { kind: 'html', status: 413 },
		code: 'REQUEST_REFUSED',
		httpStatus: 413,
		message: 'Nexthink rejected the query (413 REQUEST_REFUSED).',
		advice: 'run the query in Nexthink',
	},
	{
		name: '429',
		play: nql(429, 29, 'Slow down.'),
		code: 'RATE_LIMITED',
		httpStatus: 429,
		apiCode: 29,
		message: 'Nexthink received too many requests (429 RATE_LIMITED, code 29).',
		advice: 'lower Concurrency',
	},
	{
		name: '500',
		play: nql(500, 1, 'It broke.'),
		code: 'INTERNAL_ERROR',
		httpStatus: 500,
		apiCode: 1,
		message: "Nexthink couldn't run the query (500 INTERNAL_ERROR, code 1).",
		advice: 'export one that takes more than a few seconds',
	},
	{
		name: '503 as a page of HTML',
		play: { kind: 'html', status: 503 },
		code: 'SERVICE_UNAVAILABLE',
		httpStatus: 503,
		message: "Nexthink isn't available at the moment (503 SERVICE_UNAVAILABLE).",
		advice: 'Run the workflow again later',
	},
	{
		name: '200 as a page of HTML',
		play: { kind: 'html', status: 200 },
		code: 'UNEXPECTED_RESPONSE',
		httpStatus: 200,
		message: "The response to the query can't be read (200 UNEXPECTED_RESPONSE).",
		advice: 'no proxy responds instead of Nexthink',
	},
	{
		name: 'a redirect',
		play: { kind: 'redirect', status: 302, location: 'http://127.0.0.1:9/elsewhere' },
		code: 'UNEXPECTED_RESPONSE',
		httpStatus: 302,
		message: "The response to the query can't be read (302 UNEXPECTED_RESPONSE).",
		advice: 'no proxy responds instead of Nexthink',
	},
	{
		name: 'a connection that breaks',
		play: { kind: 'reset', queued: false },
		code: 'NETWORK_ERROR',
		httpStatus: null,
		message: "Nexthink didn't respond: the connection was closed before the response was complete.",
		advice: 'Check that n8n can reach the API host',
	},
	{
		name: 'an answer that breaks off',
		play: { kind: 'cutOff' },
		code: 'NETWORK_ERROR',
		httpStatus: 200,
		message: "Couldn't connect to Nexthink, or the connection was lost (200 NETWORK_ERROR).",
		advice: 'Check that n8n can reach the API host',
	},
	{
		name: 'no answer',
		play: { kind: 'silence' },
		code: 'TIMEOUT',
		httpStatus: null,
		message: "Nexthink didn't respond in time.",
		advice: 'Options > Timeout',
	},
];

describe.each(TROUBLES)('$name', (trouble) => {
	/** The second of three look-ups has the trouble. */
	async function inTheMiddle(onError: OnError) {
		bench.tenant.faults.add({ route: 'nqlExecute', from: 2, play: trouble.play });
		const options = { concurrency: 1, maxRetries: 0, timeout: 2 };
		return await lookUp({ items: bench.devices(3), options, onError });
	}

	it('ends the run in one complete error (Stop Workflow)', async () => {
		const { execution, requests } = await inTheMiddle('stopWorkflow');
		expect(requests).toHaveLength(2);
		expect(execution.status).toBe('error');
		const { error } = execution;
		expect(error).toMatchObject({ name: 'NodeApiError', node: { name: 'Nexthink' } });
		expect(error!.message).toBe(`${trouble.message} 1 of 3 devices found, 2 unknown.`);
		expect(shown(error!.description)).toContain(trouble.advice);
		expect(error!.context?.data).toMatchObject({
			code: trouble.code,
			httpStatus: trouble.httpStatus,
			counts: { entries: 3, found: 1, unknown: 2 },
			unknown: [{ index: 1 }, { index: 2 }],
			omitted: 0,
		});
	});

	it('marks its item on the one output (Continue)', async () => {
		const { execution, success, requests } = await inTheMiddle('continueRegularOutput');
		expect(execution.status).toBe('success');
		expect(requests).toHaveLength(trouble.stopsRun ? 2 : 3);
		expect(success.map(({ match }) => match)).toEqual([
			'FOUND',
			'UNKNOWN',
			trouble.stopsRun ? 'UNKNOWN' : 'FOUND',
		]);
		expect(success[1]).toMatchObject({
			uid: null,
			name: null,
			rows: null,
			apiError: { code: trouble.code, httpStatus: trouble.httpStatus },
		});
		for (const key of ['device', 'error']) expect(success[1]).not.toHaveProperty(key);
		expect((success as unknown as LookUpItem[]).flatMap(faultsOf)).toEqual([]);
	});

	it('sends its item to the error output, where no UID is (Continue, using error output)', async () => {
		const { failed, success, requests } = await inTheMiddle('continueErrorOutput');
		expect(requests).toHaveLength(trouble.stopsRun ? 2 : 3);
		expect(success.map(({ index }) => index)).toEqual(trouble.stopsRun ? [0] : [0, 2]);
		const [{ error, message, ...input } = { error: undefined, message: '' }] = failed;
		const device = bench.devices(1, 1)[0]!;
		expect(input).toEqual(device);
		expect(message).toContain(trouble.message);
		expect(message).toContain(trouble.advice);
		expect(error).toMatchObject({
			code: trouble.code,
			httpStatus: trouble.httpStatus,
			device: {
				lookup: device.name,
				match: 'UNKNOWN',
				rows: null,
				index: 1,
				uid: null,
				name: null,
			},
		});
		if (trouble.apiCode !== undefined) expect(error!.apiCode).toBe(trouble.apiCode);
		else expect(error).not.toHaveProperty('apiCode');
	});
});

describe('a query that hides devices', () => {
	const LIST = 'list device.uid, device.name, device.last_seen';
	const BY_NAME = 'devices | where device.name == $device_name';

	it.each<[text: string, part: string]>([
		[`${BY_NAME} | ${LIST} | limit 1`, 'limit 1'],
		[`${BY_NAME} | ${LIST} | limit 1000`, 'limit 1000'],
		[`devices during past 90d | where device.name == $device_name | ${LIST}`, 'during past 90d'],
	])('finds none: %s', async (text, part) => {
		bench.tenant.queries.push(queryOf('#hiding', text));
		for (const onError of ON_ERROR_MODES) {
			const {
				execution,
				findings: found,
				failed,
				requests,
			} = await lookUp({
				items: bench.devices(12),
				parameters: { queryId: '#hiding' },
				options: { concurrency: 1 },
				onError,
			});
			expect(requests).toHaveLength(1);
			const message = `The saved query hides devices: it has "${part}".`;
			const advice = 'Remove limit and the time range from the saved query in Nexthink';
			if (onError === 'stopWorkflow') {
				const { error } = execution;
				expect(error!.message).toBe(`${message} 0 of 12 devices found, 12 unknown.`);
				expect(error!.description).toContain(advice);
				expect(error!.context!.data).toMatchObject({ code: 'QUERY_HIDES_DEVICES' });
				continue;
			}
			expect(found.map(({ match }) => match)).toEqual(Array(12).fill('UNKNOWN'));
			expect(found.map(({ reason }) => reason)).toEqual(Array(12).fill(message));
			if (onError !== 'continueErrorOutput') continue;
			expect(new Set(failed.map(({ error }) => error.code))).toEqual(
				new Set(['QUERY_HIDES_DEVICES']),
			);
			expect(failed[11]!.message).toContain(advice);
		}
	});

	it.each<[table: string, part: string]>([
		['devices | with execution.crashes from 7d ago to now', 'from 7d ago to now'],
		['devices | include web.errors from 2026-07-01 to 2026-07-15', 'from 2026-07-01 to 2026-07-15'],
		['devices | with execution.crashes on Jul 15, 2026', 'on Jul 15, 2026'],
		['devices on Jul 15, 2026', 'on Jul 15, 2026'],
		['devices from 30d ago to 1d ago', 'from 30d ago to 1d ago'],
	])('finds none, whatever way a time is selected: %s', async (table, part) => {
		const where = 'where device.name == $device_name';
		const text = `${table} | ${where} | ${LIST}`;
		bench.tenant.queries.push({ ...queryOf('#hiding', `${BY_NAME} | ${LIST}`), text });
		const { findings: found } = await lookUp({
			items: bench.devices(1),
			parameters: { queryId: '#hiding' },
			onError: 'continueErrorOutput',
		});
		expect(found[0]).toMatchObject({
			match: 'UNKNOWN',
			reason: `The saved query hides devices: it has "${part}".`,
		});
	});

	it.each(ON_ERROR_MODES)('makes answers of before uncertain, too (%s)', async (onError) => {
		const [first] = bench.tenant.knownDevices;
		const changed = {
			...{ rows: 1, data: [rowOf(first!)] },
			executedQuery: `${BY_NAME} | ${LIST} | limit 1`,
		};
		bench.tenant.faults.add({
			...{ route: 'nqlExecute', from: 6 },
			play: { kind: 'status', status: 200, body: changed },
		});
		const { execution, findings: found } = await lookUp({
			items: [...bench.devices(12), { name: 'PAR-*' }],
			options: { concurrency: 3 },
			onError,
		});
		if (onError === 'stopWorkflow') {
			expect(execution.error!.message).toContain('0 of 13 devices found, 1 refused, 12 unknown.');
			return;
		}
		expect(found.map(({ match }) => match)).toEqual([...Array(12).fill('UNKNOWN'), 'REFUSED']);
		expect(JSON.stringify(found)).not.toContain(first!.uid);
	});

	it.each<[what: string, executedQuery: string]>([
		['of 16 MB', `${BY_NAME} == "${'a'.repeat(16_000_000)}"`],
		['of 150,000 characters', `${BY_NAME} == "${'a'.repeat(150_000)}"`],
		[
			'whose 60,000 characters are quotes and backslashes, and end with limit',
			`${'"\\'.repeat(30_000)} | limit 1`,
		],
		[
			'with a quote that nothing closes, and limit behind it',
			'devices | where device.name == "PC | limit 1',
		],
	])(
		'is one %s, for all that is known, and neither throws nor blocks',
		async (_, executedQuery) => {
			const body = { rows: 1, data: [rowOf(bench.tenant.knownDevices[0]!)], executedQuery };
			const [first, second] = bench.devices(2);
			const items = [first!, { ...second!, uid: bench.tenant.inventory[50]!.uid }];
			for (const onError of ['continueRegularOutput', 'continueErrorOutput'] as const) {
				bench.tenant.faults.add({
					...{ route: 'nqlExecute', from: 2 },
					play: { kind: 'status', status: 200, body },
				});
				const stall = longestStall();
				const { execution, findings: found } = await lookUp({
					...{ items, onError, options: { concurrency: 1 } },
					deleteBehind: { success: {}, error: {} },
				});
				expect(stall()).toBeLessThan(2_000);
				expect(execution.status).toBe('success');
				expect(found.map(({ match }) => match)).toEqual(['UNKNOWN', 'UNKNOWN']);
				expect(found[0]!.reason).toMatch(/^The saved query hides devices: it has ".{1,100}…?"\.$/);
				expect([...bench.tenant.ledger.uids()]).toEqual([]);
			}
		},
	);

	it('is none whose 60,000 characters are quotes and backslashes', async () => {
		const [device] = bench.devices(1);
		const data = [rowOf(bench.tenant.knownDevices[0]!)];
		const body = { rows: 1, data, executedQuery: '"\\'.repeat(30_000) };
		bench.tenant.faults.add({ route: 'nqlExecute', play: { kind: 'status', status: 200, body } });
		const stall = longestStall();
		expect(await matchesOf([device!.name])).toEqual(['FOUND']);
		expect(stall()).toBeLessThan(2_000);
	});

	it('is not one that has such words in its values alone', async () => {
		const names = ['PC | limit 1', 'during past 7d', "it's | limit 2", 'a "b" | limit 3'];
		const added = names.map((name) => addDevice({ name }));
		const { findings: found } = await lookUp({ items: names.map((name) => ({ name })) });
		expect(found.map(({ uid }) => uid)).toEqual(added.map(({ uid }) => uid));
	});
});

describe('a result with a column of 8,000,000 characters that cannot be seen', () => {
	it('is named in a message of ordinary length, and blocks nothing', async () => {
		const body = { rows: 1, data: [{ ['\u200b'.repeat(8_000_000)]: 1 }] };
		bench.tenant.faults.add({ route: 'nqlExecute', play: { kind: 'status', status: 200, body } });
		const stall = longestStall();
		const { failed } = await lookUp({ items: [{ name: 'PC' }], onError: 'continueErrorOutput' });
		expect(stall()).toBeLessThan(2_000);
		expect(failed[0]!.error.code).toBe('COLUMN_MISSING');
		expect(failed[0]!.message).toContain('Its first row has these fields: "[U+200B][U+200B]');
		expect(failed[0]!.message.length).toBeLessThan(500);
	});
});

describe('many values by query', () => {
	const many = (count: number) =>
		Array.from({ length: count }, (_, number) => ({ name: `PC-${number}` }));
	const hintsOf = async (count: number, run: Partial<LookUpRun> = {}) => {
		const options = { concurrency: 10 };
		const { hints } = await lookUp({ items: [...many(count), ...many(3)], options, ...run });
		return hints.filter((hint) => hint.includes('Lookup Method'));
	};

	it('are hinted towards an export if they are more than 500', async () => {
		expect(await hintsOf(500)).toEqual([]);
		expect(await hintsOf(501)).toEqual([
			'The node made 501 requests. For long lists set Lookup Method to Export, which makes one export for all values.',
		]);
	});

	it('are as many as the requests: by host name there are two for each, and three with a domain', async () => {
		const items = Array.from({ length: 167 }, (_, number) => ({ name: `PC-${number}.corp` }));
		const options = { concurrency: 10, hostNameOnly: true };
		expect(await hintsOf(0, { items: [{ name: 'PC-X' }, ...items], options })).toEqual([
			'The node made 503 requests. For long lists set Lookup Method to Export, which makes one export for all values.',
		]);
	});

	it('are not, where no request was made for each', async () => {
		const onError = 'continueRegularOutput';
		expect(await hintsOf(501, { parameters: { lookupField: 'no_such_field' }, onError })).toEqual(
			[],
		);
		bench.tenant.settings.nqlPermissionGranted = false;
		expect(await hintsOf(501, { onError })).toEqual([]);
	});
});

describe('what may succeed later', () => {
	it.each<[what: string, play: Fault]>([
		['a page of HTML with 503', { kind: 'html', status: 503 }],
		['a connection that breaks', { kind: 'reset', queued: false }],
		['a token that has expired', { kind: 'expireTokens' }],
		[
			'429 with Retry-After',
			{ kind: 'status', status: 429, headers: { 'Retry-After': '1' }, body: '' },
		],
	])('is asked again: %s', async (_, play) => {
		bench.tenant.faults.add({ route: 'nqlExecute', from: 2, play });
		const devices = bench.devices(4);
		const { findings: found, requests } = await lookUp({
			items: devices,
			options: { concurrency: 1 },
		});
		expect(found.map(({ uid }) => uid)).toEqual(devices.map(({ uid }) => uid));
		expect(requests).toHaveLength(5);
		const ids = requests.map(({ requestId }) => requestId);
		expect(new Set(ids).size).toBe(4);
	});

	it('is waited for no longer than Maximum Retry Wait, and the time to try again is said', async () => {
		bench.tenant.faults.add({
			route: 'nqlExecute',
			play: { kind: 'status', status: 429, headers: { 'Retry-After': '3600' } },
		});
		const { failed, requests } = await lookUp({
			items: bench.devices(2),
			onError: 'continueErrorOutput',
		});
		expect(requests).toHaveLength(1);
		expect(failed.map(({ error }) => error.code)).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
		const wait = Date.parse(failed[1]!.error.retryAfter!) - Date.now();
		expect(wait).toBeGreaterThan(3_500_000);
		expect(wait).toBeLessThanOrEqual(3_601_000);
	});

	it('is given up after three names in a row', async () => {
		bench.tenant.faults.add({
			route: 'nqlExecute',
			from: 2,
			times: Infinity,
			play: { kind: 'html', status: 502 },
		});
		const { failed, requests, hints } = await lookUp({
			items: bench.devices(50),
			options: { maxRetries: 0, concurrency: 1 },
			onError: 'continueErrorOutput',
		});
		expect(requests).toHaveLength(4);
		expect(failed).toHaveLength(49);
		expect(failed.at(-1)!.error.code).toBe('CIRCUIT_OPEN');
		expect(hints[0]).toBe(
			`1 of 50 devices found, 49 unknown. Three queries in a row didn't succeed, so the node sent no more. On the error output, the field "message" contains the reason.`,
		);
	});
});

describe('a query that Nexthink refuses for every name', () => {
	it('is refused twice and then asked no more', async () => {
		const {
			findings: found,
			failed,
			requests,
		} = await lookUp({
			items: bench.devices(20),
			parameters: { parameterName: 'wrong_name' },
			onError: 'continueErrorOutput',
		});
		expect(requests).toHaveLength(2);
		expect(found.map(({ match }) => match)).toEqual(Array(20).fill('UNKNOWN'));
		expect(failed[0]!.message).toContain(
			'Check that the names of the parameters are those that the saved query declares',
		);
	});
});

describe('the bearer of a look-up', () => {
	it('follows no redirect to another host', async () => {
		const other = bench.tenant.fileOrigin;
		bench.tenant.faults.add({
			route: 'nqlExecute',
			play: { kind: 'redirect', status: 307, location: `${other}/stolen` },
		});
		await lookUp({ items: bench.devices(1), onError: 'continueErrorOutput' });
		expect(bench.tenant.requests.filter(({ route }) => route === 'file')).toEqual([]);
	});

	it('is fetched once for several look-ups', async () => {
		await lookUp({ items: bench.devices(12) });
		expect(bench.tenant.requests.filter(({ route }) => route === 'token')).toHaveLength(1);
	});
});

describe('many look-ups', () => {
	it('go singly until the first has its answer, then as many at once as Concurrency says', async () => {
		bench.tenant.settings.latencyMilliseconds = 100;
		const { requests } = await lookUp({ items: bench.devices(13), options: { concurrency: 4 } });
		const openAt = (moment: number) =>
			requests.filter(({ at, endedAt }) => at <= moment && moment < endedAt!).length;
		const widths = requests.map(({ at }) => openAt(at));
		expect(Math.max(...widths)).toBe(4);
		expect(requests[1]!.at).toBeGreaterThanOrEqual(requests[0]!.endedAt!);
	});

	it('end at once when the execution is cancelled', async () => {
		bench.tenant.settings.latencyMilliseconds = 200;
		const arrived = async () => {
			await expect
				.poll(() => bench.tenant.requests.filter(({ route }) => route === 'nqlExecute').length, {
					interval: 5,
					timeout: 10_000,
				})
				.toBeGreaterThanOrEqual(3);
		};
		const { execution } = await lookUp({
			items: bench.devices(100),
			options: { concurrency: 2 },
			cancelWhen: arrived(),
		});
		expect(execution.status).toBe('canceled');
		expect(bench.tenant.requests.length).toBeLessThan(12);
	});
});

describe('a log', () => {
	it('has counts of the look-ups and no name of a device', async () => {
		const devices = bench.devices(3);
		const { execution } = await lookUp({ items: devices });
		const logged = JSON.stringify(execution.logs);
		expect(logged).toContain('Nexthink: looking up devices');
		expect(logged).toContain('"found":3');
		for (const { uid, name } of devices) {
			expect(logged).not.toContain(name);
			expect(logged).not.toContain(uid);
		}
	});
});

interface Refusal {
	name: string;
	parameters?: INodeParameters;
	options?: INodeParameters;
	message: string | RegExp;
}

const REFUSED: Refusal[] = [
	// n8n itself refuses a node with a required parameter left empty.
	...['find_device', '#', '#Find', '#find device', 'devices | list device.uid'].map((queryId) => ({
		name: `Query ID "${queryId}"`,
		parameters: { queryId },
		message: 'Query ID must be the ID of a saved query: # and then lower-case letters',
	})),
	...['$device_name', 'device name'].map((parameterName) => ({
		name: `Parameter Name "${parameterName}"`,
		parameters: { parameterName },
		message: 'Parameter Name must be the name that the saved query declares, without its $',
	})),
	{ name: 'a blank UID Column', parameters: { uidColumn: ' ' }, message: 'UID Column must be' },
	{ name: 'a blank Name Column', parameters: { nameColumn: '\t' }, message: 'Name Column must be' },
	{
		name: 'a Lookup Field that no item has',
		parameters: { lookupField: 'hostname' },
		message: 'No input item has a field "hostname", which Lookup Field names.',
	},
	{
		name: 'the Field of a check that no item has',
		options: checked([SERIAL_NUMBER, 'name'], [SERIAL_NUMBER, 'serial']),
		message: 'No input item has a field "serial", which Checks > Field names.',
	},
	...[{}, { check: [] as INodeParameters[] }].map((checks) => ({
		name: `Checks that are added and left empty, as ${JSON.stringify(checks)}`,
		options: { checks },
		message: 'Checks was added to the options but is empty',
	})),
	{
		name: 'Last Seen that is added and left empty',
		options: { lastSeen: {} },
		message: 'Last Seen was added to the options but is empty',
	},
	...Object.entries<[check: INodeParameters, label: string, found: string]>({
		'a check without a Column': [{ field: 'name' }, 'Checks > Column', 'empty text'],
		'a check with an empty Column': [
			{ column: '', field: 'name' },
			'Checks > Column',
			'empty text',
		],
		'a check without a Field': [{ column: SERIAL_NUMBER }, 'Checks > Field', 'empty text'],
		'a check with a blank Field': [
			{ column: SERIAL_NUMBER, field: ' ' },
			'Checks > Field',
			'the text ""',
		],
		'a check with neither': [{}, 'Checks > Column', 'empty text'],
		'the Column of a check from a variable that is not set': [
			{ column: '={{ $vars.column }}', field: 'name' },
			'Checks > Column',
			'nothing',
		],
		'the Field of a check from a variable that is not set': [
			{ column: SERIAL_NUMBER, field: '={{ $vars.field }}' },
			'Checks > Field',
			'nothing',
		],
		'the Column of a check from an expression that returns an empty text': [
			{ column: '={{ "" }}', field: 'name' },
			'Checks > Column',
			'empty text',
		],
	}).map(([name, [check, label, found]]) => ({
		name: `${name}, behind one that is complete`,
		options: { checks: { check: [{ column: SERIAL_NUMBER, field: 'name' }, check] } },
		message: new RegExp(`${label} must be the name of .*, but (it is|its .* returns) ${found}`),
	})),
	...Object.entries<[values: INodeParameters, label: string, found: string]>({
		'its column from a variable that is not set': [
			{ column: '={{ $vars.column }}', minDays: 30 },
			'Last Seen > Column',
			'nothing',
		],
		'an empty column': [{ column: '', minDays: 30 }, 'Last Seen > Column', 'empty text'],
		'its days from a variable that is not set': [
			{ column: 'device.last_seen', minDays: '={{ $vars.days }}' },
			'Last Seen > Minimum Days Ago',
			'nothing',
		],
		'-1 days': [{ minDays: -1 }, 'Last Seen > Minimum Days Ago', '-1'],
		'a day and a half': [{ minDays: 1.5 }, 'Last Seen > Minimum Days Ago', '1.5'],
		'days in words': [{ minDays: '={{ "30" }}' }, 'Last Seen > Minimum Days Ago', 'the text "30"'],
	}).map(([name, [values, label, found]]) => ({
		name: `Last Seen with ${name}`,
		options: { lastSeen: { values } },
		message: new RegExp(`${label} must be .*, but (it is|its .* returns) ${found}`),
	})),
	// n8n itself makes nothing of such an expression.
	{
		name: 'Checks from one expression',
		options: { checks: `={{ { check: [{ column: "${SERIAL_NUMBER}", field: "name" }] } }}` },
		message: 'Checks was added to the options but is empty',
	},
	{
		name: 'a list of checks from one expression',
		options: { checks: { check: `={{ [{ column: "${SERIAL_NUMBER}", field: "name" }] }}` } },
		message: 'Checks > Column must be the name of a column',
	},
	{
		name: 'Last Seen from one expression',
		options: { lastSeen: '={{ { values: { column: "device.last_seen", minDays: 30 } } }}' },
		message: 'Last Seen was added to the options but is empty',
	},
	...Object.entries({
		queryId: ['Query ID', '={{ "#find_device_" + $json.name.toLowerCase().replace(/-/g, "_") }}'],
		lookupField: ['Lookup Field', '={{ $itemIndex === 0 ? "name" : "uid" }}'],
		uidColumn: ['UID Column', '={{ $itemIndex === 0 ? "device.uid" : "device.collector.uid" }}'],
	}).map(([name, [label, expression]]) => ({
		name: `${label} that differs by item`,
		parameters: { [name]: expression! },
		message: `${label} must be the same for all items, but its expression returns`,
	})),
	...Object.entries({
		'Checks > Column': checked(
			[SERIAL_NUMBER, 'name'],
			['={{ $itemIndex === 0 ? "device.name" : "device.uid" }}', 'name'],
		),
		'Checks > Field': checked([SERIAL_NUMBER, '={{ Object.keys($json)[$itemIndex] }}']),
		'Last Seen > Column': lastSeen('={{ $itemIndex ? "device.uid" : "device.last_seen" }}', 30),
		'Last Seen > Minimum Days Ago': lastSeen(
			'device.last_seen',
			'={{ $itemIndex === 0 ? 30 : 365 }}',
		),
	}).map(([label, options]) => ({
		name: `${label} that differs by item`,
		options,
		message: `${label} must be the same for all items, but its expression returns`,
	})),
	...[0, 11].map((concurrency) => ({
		name: `Concurrency of ${concurrency}`,
		options: { concurrency },
		message: 'Concurrency must be a whole number from 1 to 10',
	})),
	{
		name: 'Timeout of 0',
		options: { timeout: 0 },
		message: 'Timeout (Seconds) must be a whole number from 1',
	},
];

const said = (message: string | RegExp) =>
	typeof message === 'string'
		? (expect.stringContaining(message) as string)
		: (expect.stringMatching(message) as string);

describe('nothing is asked, in any On Error mode, with', () => {
	it.each(REFUSED)('$name', async ({ parameters, options, message }) => {
		for (const onError of ON_ERROR_MODES) {
			const run = { items: bench.devices(2), parameters, options, onError };
			const { execution, findings: found, failed } = await lookUp(run);
			expect(bench.tenant.requests).toEqual([]);
			if (onError === 'stopWorkflow') {
				expect(execution.error?.name).toBe('NodeOperationError');
				expect(execution.error?.message).toEqual(said(message));
				continue;
			}
			expect(found.map(({ match }) => match)).toEqual(['UNKNOWN', 'UNKNOWN']);
			expect(found[0]!.reason).toEqual(said(message));
			if (onError === 'continueErrorOutput') {
				expect(failed[0]!.error.code).toBe('INVALID_PARAMETER');
			}
		}
	});
});

describe('Device > Delete behind Look Up', () => {
	/** Input items that bring a UID of their own, which is not the one that is looked for. */
	const misleading = (names: readonly string[]): IDataObject[] =>
		names.map((name, number) => ({ name, uid: bench.tenant.inventory[1000 + number]!.uid }));

	it('deletes what was found and nothing else', async () => {
		const [first, second] = bench.devices(2);
		const twice = bench.tenant.inventory[99]!;
		const { execution } = await lookUp({
			items: misleading([first!.name, twice.name, 'NOBODY', 'PAR-*', second!.name]),
			deleteBehind: { success: {} },
		});
		expect([...bench.tenant.ledger.uids()]).toEqual([first!.uid, second!.uid]);
		const statuses = statusesOf(execution, 'Delete after success');
		expect(statuses.map(({ index, status }) => [index, status])).toEqual([
			[0, 'SCHEDULED'],
			[4, 'SCHEDULED'],
			[1, 'INVALID'],
			[2, 'INVALID'],
			[3, 'INVALID'],
		]);
		expect(statuses.slice(2).map(({ name, reason }) => [name, reason])).toEqual([
			[twice.name, expect.stringContaining('The lookup of this device ended with AMBIGUOUS.')],
			['NOBODY', expect.stringContaining('The lookup of this device ended with NOT_FOUND.')],
			['PAR-*', expect.stringContaining('The lookup of this device ended with REFUSED.')],
		]);
	});

	const SOURCES: INodeParameters[] = [
		{},
		{ deviceSource: 'expressions' },
		{ deviceSource: 'jsonList', devicesJson: '={{ [$json] }}' },
		{ deviceSource: 'jsonList', devicesJson: '={{ $input.all().map(({ json }) => json) }}' },
		{ uidField: 'error.device.uid', nameField: 'error.device.name' },
	];

	it.each(SOURCES)(
		'deletes nothing from the error branch, though the input brings UIDs of its own (%o)',
		async (error) => {
			bench.tenant.faults.add({
				route: 'nqlExecute',
				times: Infinity,
				play: { kind: 'html', status: 503 },
			});
			const names = bench.devices(3).map(({ name }) => name);
			const { execution, failed } = await lookUp({
				items: misleading(names),
				options: { maxRetries: 0 },
				onError: 'continueErrorOutput',
				deleteBehind: { error },
			});
			expect(failed.every(({ uid }) => typeof uid === 'string')).toBe(true);
			expect(bench.tenant.ledger.size).toBe(0);
			const statuses = statusesOf(execution, 'Delete after error').map(({ status }) => status);
			expect(statuses.filter((status) => status !== 'INVALID' && status !== 'NOT_SENT')).toEqual(
				[],
			);
			expect(statuses.length).toBeGreaterThan(0);
		},
	);

	it('may still be fed with its own error branch', async () => {
		bench.tenant.settings.featureEnabled = false;
		const [device] = bench.devices(1);
		const refused = await bench.run({ items: [device!], onError: 'continueErrorOutput' });
		bench.tenant.settings.featureEnabled = true;
		const again = await bench.run({ items: refused.failed });
		expect(again.statusWords).toEqual(['SCHEDULED']);
	});
});
