import { describe, expect, it } from 'vitest';
import { type DeleteRun, ON_ERROR_MODES, useTestBench } from './delete-workflow.mts';

const bench = useTestBench();

/** What was sent, whatever the batches. */
const sentBy = async (run: DeleteRun) => {
	const deletion = await bench.run(run);
	return { deletion, sent: deletion.requests.flatMap(({ devices }) => devices ?? []) };
};

describe('Device Source: Input Fields', () => {
	it.each([
		{
			name: 'names of fields',
			fields: {},
			item: (uid: string, name: string) => ({ uid, name }),
		},
		{
			name: 'keys with dots, as exports of Nexthink have them',
			fields: { uidField: 'device.uid', nameField: 'device.name' },
			item: (uid: string, name: string) => ({ 'device.uid': uid, 'device.name': name }),
		},
		{
			name: 'paths with dots',
			fields: { uidField: 'device.uid', nameField: 'device.name' },
			item: (uid: string, name: string) => ({ device: { uid, name } }),
		},
		{
			name: 'paths with brackets, as the editor writes them',
			fields: { uidField: "row['Device UID']", nameField: 'row["Device Name"]' },
			item: (uid: string, name: string) => ({ row: { 'Device UID': uid, 'Device Name': name } }),
		},
		{
			name: 'paths into lists',
			fields: { uidField: 'devices[0].uid', nameField: 'devices[0].name' },
			item: (uid: string, name: string) => ({ devices: [{ uid, name }] }),
		},
		{
			name: 'keys with spaces and letters of any script',
			fields: { uidField: 'Geräte ID', nameField: '装置名' },
			item: (uid: string, name: string) => ({ 'Geräte ID': uid, 装置名: name }),
		},
		{
			name: 'own keys called as what objects inherit',
			fields: { uidField: 'valueOf', nameField: 'toString' },
			item: (uid: string, name: string) => ({ valueOf: uid, toString: name }),
		},
	])('reads $name', async ({ fields, item }) => {
		const devices = bench.devices(3);
		const items = devices.map(({ uid, name }) => item(uid, name));

		const { deletion, sent } = await sentBy({ items, parameters: fields });

		expect(sent).toEqual(devices);
		expect(deletion.statusWords).toEqual(['SCHEDULED', 'SCHEDULED', 'SCHEDULED']);
	});

	it('prefers a key with dots to a path of the same name', async () => {
		const [right, wrong] = bench.devices(2) as [{ uid: string; name: string }, { uid: string }];
		const items = [{ 'device.uid': right.uid, device: wrong, name: right.name }];

		const { sent } = await sentBy({ items, parameters: { uidField: 'device.uid' } });

		expect(sent).toEqual([right]);
	});

	it.each([
		'__proto__',
		'__proto__.uid',
		'constructor',
		'constructor.name',
		'toString',
		'uid.length',
	])('takes "%s" for a field only where the input has it', async (uidField) => {
		const deletion = await bench.run({
			items: bench.devices(2),
			parameters: { uidField },
			onError: 'continueRegularOutput',
		});

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.statusWords).toEqual(['NOT_SENT', 'NOT_SENT']);
		expect(deletion.success[0]!.apiError!.code).toBe('INVALID_PARAMETER');
	});

	it('is not run by n8n where the name of a field is empty', async () => {
		const deletion = await bench.run({ items: bench.devices(2), parameters: { uidField: '' } });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.error!.message).toContain('Parameter "UID Field" is required.');
	});

	it.each([
		{ missing: 'UID Field', parameters: { uidField: 'ID', nameField: 'name' }, field: 'ID' },
		{ missing: 'Name Field', parameters: { uidField: 'uid', nameField: 'Host' }, field: 'Host' },
	])('refuses the run where no item has the $missing', async ({ missing, parameters, field }) => {
		const items = bench.devices(2).map((device) => ({ ...device, serial: 'C02' }));

		const deletion = await bench.run({ items, parameters });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.error).toMatchObject({ name: 'NodeOperationError' });
		expect(deletion.error!.message).toContain(
			`No input item has a field "${field}", which ${missing} names. The first item has these fields: "uid", "name", "serial".`,
		);
		expect(deletion.error!.message).toContain('2 not sent');
		expect(deletion.error!.description).toContain('drag it from the node right before this one');
		expect(deletion.errorData.code).toBe('INVALID_PARAMETER');
	});

	it('marks an item without the field INVALID where others have it', async () => {
		const [first, second] = bench.devices(2);
		const items = [first!, { uid: second!.uid }, { name: second!.name }, {}];

		const { deletion, sent } = await sentBy({ items });

		expect(sent).toEqual([first]);
		expect(deletion.statuses).toMatchObject([
			{ status: 'SCHEDULED' },
			{ status: 'INVALID', reason: 'The item has no name.', uid: second!.uid, name: null },
			{ status: 'INVALID', reason: 'The item has no UID.', uid: null, name: second!.name },
			{ status: 'INVALID', uid: null, name: null },
		]);
	});
});

describe('Device Source: Expressions', () => {
	const expressions = (more = {}) => ({ deviceSource: 'expressions', ...more });

	it('reads one device for each item', async () => {
		const devices = bench.devices(3);
		const items = devices.map(({ uid, name }) => ({ id: ` ${uid} `, host: { label: name } }));
		const parameters = expressions({
			deviceUid: '={{ $json.id.trim() }}',
			deviceName: '={{ $json.host.label }}',
		});

		const { deletion, sent } = await sentBy({ items, parameters });

		expect(sent).toEqual(devices);
		expect(deletion.statusWords).toEqual(['SCHEDULED', 'SCHEDULED', 'SCHEDULED']);
	});

	it('reads uid and name by default', async () => {
		const devices = bench.devices(2);

		const { sent } = await sentBy({ items: devices, parameters: expressions() });

		expect(sent).toEqual(devices);
	});

	it('reads the items of an earlier node', async () => {
		const devices = bench.devices(2);
		const parameters = expressions({
			deviceUid: "={{ $('Source').item.json.uid }}",
			deviceName: "={{ $('Source').item.json.name }}",
		});

		const { sent } = await sentBy({ items: devices, parameters });

		expect(sent).toEqual(devices);
	});

	it('takes a fixed text for one device, however many items there are', async () => {
		const [device] = bench.devices(1);
		const parameters = expressions({ deviceUid: device!.uid, deviceName: device!.name });

		const { deletion, sent } = await sentBy({ items: [{}, {}], parameters });

		expect(sent).toEqual([device]);
		expect(deletion.statuses).toMatchObject([{ index: 0 }, { index: 1, duplicateOf: 0 }]);
	});

	it('refuses the run where an expression yields nothing for any item', async () => {
		const parameters = expressions({ deviceUid: '={{ $json.device.uid }}' });

		const deletion = await bench.run({ items: bench.devices(2), parameters });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.error!.message).toContain(
			'The expression in Device UID returns no text for any input item. The first item has these fields: "uid", "name".',
		);
	});

	it.each([
		{ deviceUid: "={{ $('No Such Node').item.json.uid }}" },
		{ deviceName: '={{ $json.name( }}' },
	])('refuses the run where an expression can be read for no item (%j)', async (broken) => {
		const deletion = await bench.run({
			items: bench.devices(2),
			parameters: expressions(broken),
		});

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.errorData.code).toBe('INVALID_PARAMETER');
		expect(deletion.error!.message).toContain("An expression can't be read: ");
		expect(deletion.error!.description).toContain('Correct the expressions in the node.');
	});

	it('marks an item INVALID for which an expression cannot be read', async () => {
		const [first, second] = bench.devices(2);
		const parameters = expressions({
			deviceUid: "={{ $json.broken ? $('No Such Node').item.json.uid : $json.uid }}",
		});

		const { deletion, sent } = await sentBy({
			items: [first!, { ...second!, broken: true }],
			parameters,
		});

		expect(sent).toEqual([first]);
		expect(deletion.statusWords).toEqual(['SCHEDULED', 'INVALID']);
		expect(deletion.statuses[1]!.reason).toContain("An expression can't be read: ");
	});
});

describe('Device Source: JSON List', () => {
	const jsonList = (devicesJson: string | object) => ({
		deviceSource: 'jsonList',
		devicesJson: devicesJson as string,
	});

	it.each([
		{ name: 'text', list: (devices: object[]) => JSON.stringify(devices) },
		{
			name: 'text with an object around it',
			list: (devices: object[]) => JSON.stringify({ devices }),
		},
		{
			name: 'text behind a byte order mark',
			list: (devices: object[]) => `\uFEFF${JSON.stringify(devices)}`,
		},
		{ name: 'an array', list: (devices: object[]) => devices },
		{ name: 'an object with devices', list: (devices: object[]) => ({ devices }) },
	])('reads $name', async ({ list }) => {
		const devices = bench.devices(3);
		const items = [{ body: list(devices) }];

		const fixed = await sentBy({ items, parameters: jsonList(list(devices)) });
		const fromExpression = await sentBy({ items, parameters: jsonList('={{ $json.body }}') });

		for (const { deletion, sent } of [fixed, fromExpression]) {
			expect(sent).toEqual(devices);
			expect(deletion.success.map(({ uid, index }) => [uid, index])).toEqual(
				devices.map(({ uid }, index) => [uid, index]),
			);
		}
	});

	it('makes one run of the lists of all items', async () => {
		const devices = bench.devices(5);
		const items = [
			{ list: devices.slice(0, 2) },
			{ list: [] },
			{ list: JSON.stringify(devices.slice(2, 4)) },
			{ list: [devices[4], devices[0]] },
		];

		const { deletion, sent } = await sentBy({ items, parameters: jsonList('={{ $json.list }}') });

		expect(deletion.batchSizes).toEqual([5]);
		expect(sent).toEqual(devices);
		expect(deletion.success.map(({ uid }) => uid)).toEqual(
			[...devices, devices[0]!].map(({ uid }) => uid),
		);
		expect(deletion.success[5]).toMatchObject({ duplicateOf: 0, status: 'SCHEDULED' });
		const paired = deletion.execution.outputs('Delete')[0]!.map(({ pairedItem }) => pairedItem);
		expect(paired).toEqual([0, 0, 2, 2, 3, 3].map((item) => ({ item })));
	});

	it.each([
		{
			list: 'device one, device two',
			reason: /^The device list isn't valid JSON: see line 1, column \d+\.$/,
		},
		{ list: '[{"uid":', reason: /^The device list isn't valid JSON: see line 1, column \d+\.$/ },
		{ list: '"text"', reason: /^Devices must be a list such as / },
		{ list: '42', reason: /^Devices must be a list such as / },
		{ list: 'null', reason: /^Devices must be a list such as / },
		{ list: '{}', reason: /^Devices must be a list such as / },
		{ list: '{"devices":"all"}', reason: /^Devices must be a list such as / },
		{ list: '{"device":{"uid":"a","name":"b"}}', reason: /^Devices must be a list such as / },
	])(
		'marks the item INVALID where $list is its list, and sends the others',
		async ({ list, reason }) => {
			const devices = bench.devices(2);
			const items = [{ list: [devices[0]] }, { list }, { list: [devices[1]] }];

			const { deletion, sent } = await sentBy({ items, parameters: jsonList('={{ $json.list }}') });

			expect(sent).toEqual(devices);
			expect(deletion.statusWords).toEqual(['SCHEDULED', 'INVALID', 'SCHEDULED']);
			expect(deletion.success[1]!.reason).toMatch(reason);
		},
	);

	it.each([
		{
			list: "={{ $('No Such Node').item.json.list }}",
			message: "The device list can't be read: ",
		},
		{ list: '={{ $json.nothing }}', message: 'Devices must be a list such as ' },
		{ list: '={{ $json.name }}', message: "The device list isn't valid JSON: see line 1" },
		{ list: '={{ [$json.uid] }}', message: 'Devices must be a list such as ' },
	])('refuses the run where no item has a list of devices ($list)', async ({ list, message }) => {
		const deletion = await bench.run({ items: bench.devices(2), parameters: jsonList(list) });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.errorData.code).toBe('INVALID_PARAMETER');
		expect(deletion.error!.message).toContain(message);
	});

	it('marks entries INVALID that are no devices, and sends the others', async () => {
		const [device] = bench.devices(1);
		const list = [device, null, 'text', 7, [device], {}, { uid: device!.uid }];

		const { deletion, sent } = await sentBy({ items: [{}], parameters: jsonList(list) });

		expect(sent).toEqual([device]);
		expect(deletion.statusWords).toEqual(['SCHEDULED', ...Array<string>(6).fill('INVALID')]);
		expect(deletion.success[1]!.reason).toBe(
			"This entry of the list isn't an object with uid and name.",
		);
	});

	it('takes own properties of an entry only', async () => {
		const [device] = bench.devices(1);
		const list = `[{"__proto__": ${JSON.stringify(device)}}, ${JSON.stringify(device)}]`;

		const { deletion, sent } = await sentBy({ items: [{}], parameters: jsonList(list) });

		expect(sent).toEqual([device]);
		expect(deletion.statusWords).toEqual(['INVALID', 'SCHEDULED']);
	});

	it('refuses the run where no entry has a uid', async () => {
		const list = [{ id: '1', name: 'LAPTOP' }];

		const deletion = await bench.run({ items: [{}], parameters: jsonList(list) });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.error!.message).toContain(
			'No entry of the list has text in "uid". The first item has these fields: "id", "name".',
		);
	});
});

describe('what stands for a UID or a name', () => {
	const LONG = 'n'.repeat(1_000_000);

	it.each([
		{
			name: 'a number as UID',
			entry: { uid: 1234, name: 'LAPTOP' },
			reason: "The UID isn't text but a number (1234).",
		},
		{
			name: 'a number as name',
			entry: { name: 1234 },
			reason: "The name isn't text but a number (1234).",
		},
		{
			name: 'true as name',
			entry: { name: true },
			reason: "The name isn't text but a boolean (true).",
		},
		{
			name: 'an object as UID',
			entry: { uid: { value: 'x' } },
			reason: "The UID isn't text but an object.",
		},
		{
			name: 'a list as name',
			entry: { name: ['LAPTOP'] },
			reason: "The name isn't text but a list.",
		},
		{ name: 'null as UID', entry: { uid: null }, reason: 'The UID is empty.' },
		{ name: 'an empty UID', entry: { uid: '' }, reason: 'The UID is empty.' },
		{ name: 'a blank UID', entry: { uid: ' \t\u00a0' }, reason: 'The UID is empty.' },
		{ name: 'an empty name', entry: { name: '' }, reason: 'The name is empty.' },
		{ name: 'a blank name', entry: { name: '   \n' }, reason: 'The name is empty.' },
		{
			name: 'a name of 1 MB',
			entry: { name: LONG },
			reason: 'The name has 1000000 characters; 1024 are the most.',
		},
		{
			name: 'a UID of 1 MB',
			entry: { uid: LONG },
			reason: 'The UID has 1000000 characters; 1024 are the most.',
		},
	])('is INVALID as $name, with the reason, and the others are sent', async ({ entry, reason }) => {
		const [before, spoilt, after] = bench.devices(3);
		const items = [before!, { ...spoilt!, ...entry }, after!];

		const fields = await sentBy({ items });
		const expressions = await sentBy({ items, parameters: { deviceSource: 'expressions' } });
		const list = await sentBy({
			items: [{ list: items }],
			parameters: { deviceSource: 'jsonList', devicesJson: '={{ $json.list }}' },
		});

		for (const { deletion, sent } of [fields, expressions, list]) {
			expect(sent).toEqual([before, after]);
			expect(deletion.statusWords).toEqual(['SCHEDULED', 'INVALID', 'SCHEDULED']);
			expect(deletion.success[1]).toMatchObject({ scheduled: false, reason });
		}
	});

	it.each([
		'Ordinateur de Zoë',
		'サーバー-01',
		'حاسوب-٧',
		'מחשב',
		'💻🔥 👩‍💻',
		'e\u0301 combining',
		'  leading and trailing  ',
		'quote " backslash \\ slash /',
		'<script>alert(1)</script>',
		'={{ $json.uid }}',
		'line\nbreak',
		'0123456',
		'a'.repeat(1024),
	])('as name goes out untouched: %j', async (name) => {
		const device = { uid: bench.devices(1)[0]!.uid, name };

		const { deletion, sent } = await sentBy({ items: [device] });

		expect(sent).toEqual([device]);
		expect(deletion.success).toMatchObject([{ ...device, status: 'SCHEDULED' }]);
		expect(bench.tenant.ledger.entries[0]!.name).toBe(name);
	});

	it('is trimmed as UID, and keeps its letter case', async () => {
		const [device] = bench.devices(1);
		const uid = device!.uid.toUpperCase();

		const { deletion, sent } = await sentBy({
			items: [{ uid: `\t${uid} \n`, name: device!.name }],
		});

		expect(sent).toEqual([{ uid, name: device!.name }]);
		expect(deletion.success[0]!.uid).toBe(uid);
	});
});

describe('one UID in several items', () => {
	it('is sent once, and the others follow the first', async () => {
		const [one, two] = bench.devices(2);
		const shouted = { uid: ` ${one!.uid.toUpperCase()} `, name: one!.name.toLowerCase() };

		const { deletion, sent } = await sentBy({ items: [one!, two!, one!, shouted, two!] });

		expect(sent).toEqual([one, two]);
		expect(deletion.statuses.map(({ duplicateOf }) => duplicateOf)).toEqual([
			undefined,
			undefined,
			0,
			0,
			1,
		]);
		expect(new Set(deletion.statusWords)).toEqual(new Set(['SCHEDULED']));
		expect(deletion.statuses[3]).toMatchObject({ batch: 1, attempts: 1, httpStatus: 202 });
		expect(deletion.hints).toEqual([
			'2 devices in 5 items: 2 scheduled. Scheduled means queued, not yet removed.',
		]);
	});

	it('follows the first onto the error branch', async () => {
		bench.tenant.settings.featureEnabled = false;
		const [one] = bench.devices(1);

		const deletion = await bench.run({ items: [one!, one!], onError: 'continueErrorOutput' });

		expect(deletion.requests).toHaveLength(1);
		expect(deletion.failed.map(({ error }) => error.device)).toMatchObject([
			{ status: 'REJECTED', index: 0 },
			{ status: 'REJECTED', index: 1, duplicateOf: 0 },
		]);
	});

	it('under two names is never sent: none of its copies, wherever they stand', async () => {
		const [one, two] = bench.devices(2);
		const other = { uid: one!.uid.toUpperCase(), name: 'ANOTHER-NAME' };

		const { deletion, sent } = await sentBy({ items: [one!, two!, one!, other] });

		expect(sent).toEqual([two]);
		expect(deletion.statusWords).toEqual(['INVALID', 'SCHEDULED', 'INVALID', 'INVALID']);
		expect(deletion.statuses[0]!.reason).toBe(
			`The device list has this UID under different names, "${one!.name}" and "ANOTHER-NAME", so it isn't certain which device is meant.`,
		);
	});
});

describe('UID Validation', () => {
	const MALFORMED = [
		'not-a-uid',
		'8A71FC60E26142768A71444A859A1F6F',
		'{8a71fc60-e261-4276-8a71-444a859a1f6f}',
	];

	const mixed = () => {
		const [first, last] = bench.devices(2);
		return [first!, ...MALFORMED.map((uid, index) => ({ uid, name: `ODD-${index}` })), last!];
	};

	it('Warn sends malformed UIDs, lets Nexthink decide and hints', async () => {
		const { deletion, sent } = await sentBy({ items: mixed() });

		expect(sent).toEqual(mixed());
		expect(deletion.statusWords).toEqual([
			'SCHEDULED',
			'INVALID',
			'INVALID',
			'INVALID',
			'SCHEDULED',
		]);
		expect(deletion.statuses[1]).toMatchObject({ httpStatus: 202, batch: 1, attempts: 1 });
		expect(deletion.hints).toContain(
			'3 malformed UIDs were sent; Nexthink decides whether to accept them. A UID has the form 8-4-4-4-12 hexadecimal digits.',
		);
	});

	it('Warn says nothing of malformed UIDs that were not sent', async () => {
		const run: DeleteRun = { items: mixed(), onError: 'continueRegularOutput' };
		const refused = await bench.run({ ...run, parameters: { maxDevices: 1 } });
		bench.tenant.faults.add({ route: 'deletions', play: { kind: 'status', status: 403 } });
		const stopped = await bench.run({ ...run, options: { batchSize: 1 } });

		expect(refused.allRequests).toEqual([]);
		expect(stopped.statusWords.slice(1)).not.toContain('REJECTED');
		for (const { hints } of [refused, stopped]) {
			expect(hints.join(' ')).not.toContain('malformed');
		}
	});

	it('Permissive sends malformed UIDs and says nothing of them', async () => {
		const { deletion, sent } = await sentBy({
			items: mixed(),
			options: { uidValidation: 'permissive' },
		});

		expect(sent).toEqual(mixed());
		expect(deletion.hints).toHaveLength(1);
	});

	it('Skip marks malformed UIDs INVALID here and sends the others', async () => {
		const { deletion, sent } = await sentBy({ items: mixed(), options: { uidValidation: 'skip' } });

		expect(sent).toEqual(bench.devices(2));
		expect(deletion.statusWords).toEqual([
			'SCHEDULED',
			'INVALID',
			'INVALID',
			'INVALID',
			'SCHEDULED',
		]);
		expect(deletion.statuses[1]!.reason).toBe(
			'The UID is malformed: it must be 8-4-4-4-12 hexadecimal digits.',
		);
		expect(deletion.statuses[1]).not.toHaveProperty('batch');
	});

	it.each(ON_ERROR_MODES)(
		'Strict sends nothing at all where one UID is malformed (%s)',
		async (onError) => {
			const deletion = await bench.run({
				items: mixed(),
				options: { uidValidation: 'strict' },
				onError,
			});

			expect(deletion.allRequests).toEqual([]);
			const message =
				'3 UIDs are malformed, and UID Validation is set to Strict, so nothing was sent';
			if (onError === 'stopWorkflow') {
				expect(deletion.error!.message).toContain(message);
				expect(deletion.errorData.code).toBe('INVALID_UID');
			} else {
				const all = [
					...deletion.success.map(({ apiError }) => apiError!),
					...deletion.failed.map(({ error }) => error),
				];
				expect(all.map(({ code }) => code)).toEqual(Array(5).fill('INVALID_UID'));
				expect(new Set(deletion.statusWords)).toEqual(new Set(['NOT_SENT']));
			}
		},
	);

	it('Strict sends nothing where something else is wrong with a malformed UID, too', async () => {
		for (const wrong of [
			[{ uid: 'x-1', name: '' }],
			['PC1', 'PC2'].map((name) => ({ uid: 'x-1', name })),
		]) {
			const deletion = await bench.run({
				items: [...bench.devices(1), ...wrong],
				options: { uidValidation: 'strict' },
			});

			expect(deletion.allRequests).toEqual([]);
			expect(deletion.error!.message).toContain('One UID is malformed');
		}
	});

	it('Strict sends a list without malformed UIDs', async () => {
		const { sent } = await sentBy({
			items: bench.devices(3),
			options: { uidValidation: 'strict' },
		});

		expect(sent).toEqual(bench.devices(3));
	});
});
