import type { INodeParameters } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';
import { type DeleteRun, ON_ERROR_MODES, useTestBench } from './delete-workflow.mts';
import { runQuery } from './query-workflow.mts';

const bench = useTestBench();

const sentBy = async (run: DeleteRun) => {
	const deletion = await bench.run(run);
	return { deletion, sent: deletion.requests.flatMap(({ devices }) => devices ?? []) };
};

/** Input items with other names for the two fields. */
const renamed = (uidField: string, nameField: string, count = 2) =>
	bench.devices(count).map(({ uid, name }) => ({ [uidField]: uid, [nameField]: name }));

const EXPORTED = { uidField: 'device.uid', nameField: 'device.name' };

describe('a title of a CSV file', () => {
	it.each([
		['a byte order mark before it', '\uFEFFdevice.uid', 'device.name'],
		['a no-break space behind it', 'device.uid', 'device.name\u00a0'],
		['spaces around it', ' device.uid ', '\tdevice.name'],
	])('is found with %s', async (_, uidTitle, nameTitle) => {
		const { sent } = await sentBy({ items: renamed(uidTitle, nameTitle), parameters: EXPORTED });

		expect(sent).toEqual(bench.devices(2));
	});

	it('is found if the parameter has the byte order mark and the title does not', async () => {
		const { sent } = await sentBy({
			items: renamed('device.uid', 'device.name'),
			parameters: { uidField: '\uFEFFdevice.uid', nameField: 'device.name ' },
		});

		expect(sent).toEqual(bench.devices(2));
	});

	it('is never taken for another one that has the very name', async () => {
		const [right, wrong] = bench.devices(2);
		const items = [{ 'device.uid ': wrong!.uid, 'device.uid': right!.uid, name: right!.name }];

		const { sent } = await sentBy({ items, parameters: { uidField: 'device.uid' } });

		expect(sent).toEqual([right]);
	});

	it('is shown with its invisible characters if two of them differ in nothing else', async () => {
		const [one, two] = bench.devices(2);
		const items = [{ '\uFEFFdevice.uid': one!.uid, 'device.uid\u00a0': two!.uid, name: 'PC' }];

		const { deletion } = await sentBy({ items, parameters: { uidField: 'device.uid' } });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.error!.message).toContain('"[U+FEFF]device.uid", "device.uid[U+00A0]", "name"');
	});
});

describe('a field that has no text in any item', () => {
	const wrapped = (wrap: (value: string) => unknown) =>
		bench.devices(3).map(({ uid, name }) => ({ u_uid: wrap(uid), u_name: name, asset: 7 }));
	const parameters = { uidField: 'u_uid', nameField: 'u_name' };

	it('refuses the run, and shows the paths that lead to text', async () => {
		const items = wrapped((value) => ({ display_value: value, value, 'sys id': value, link: 1 }));

		const { deletion } = await sentBy({ items, parameters });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.error!.message).toContain(
			'No input item has text in the field "u_uid", which UID Field names: its values are objects.',
		);
		expect(deletion.error!.description).toBe(
			`Set UID Field to a path that leads to text: "u_uid.display_value" or "u_uid.value" or "u_uid['sys id']".`,
		);
	});

	it.each([
		{ name: 'numbers', value: 7, kinds: 'numbers' },
		{ name: 'null', value: null, kinds: 'empty' },
		{ name: 'lists', value: ['x'], kinds: 'lists' },
		{ name: 'true', value: true, kinds: 'booleans' },
	])('refuses the run for $name', async ({ value, kinds }) => {
		const items = wrapped(() => value);
		const asName = items.map(({ u_uid, ...item }) => ({ ...item, u_name: u_uid, id: 'x' }));

		const uid = await sentBy({ items, parameters });
		const name = await sentBy({
			items: asName,
			parameters: { uidField: 'id', nameField: 'u_name' },
		});

		for (const { deletion } of [uid, name]) {
			expect(deletion.allRequests).toEqual([]);
			expect(deletion.error!.message).toContain(`its values are ${kinds}.`);
			expect(deletion.error!.description).toContain('The first item has these fields: ');
		}
	});

	it.each(['expressions', 'jsonList'])('refuses the run of %s, too', async (deviceSource) => {
		const items = [{ uid: 1234, name: 'PC', list: [{ uid: 1234, name: 'PC' }] }];

		const { deletion } = await sentBy({
			items,
			parameters: { deviceSource, devicesJson: '={{ $json.list }}' },
		});

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.errorData.code).toBe('INVALID_PARAMETER');
	});

	it('makes its items INVALID if others have text there', async () => {
		const [one, two] = bench.devices(2);

		const { deletion, sent } = await sentBy({ items: [one!, { ...two!, uid: 7 }] });

		expect(sent).toEqual([one]);
		expect(deletion.statuses[1]!.reason).toBe("The UID isn't text but a number (7).");
	});
});

describe('a sole empty item, as Always Output Data makes it', () => {
	it.each(ON_ERROR_MODES)('is an empty device list (%s)', async (onError) => {
		const { deletion } = await sentBy({ items: [{}], onError });

		expect(deletion.execution.status).toBe('success');
		expect(deletion.allRequests).toEqual([]);
		expect(deletion.statuses).toEqual([]);
		expect(deletion.hints).toEqual(['The device list is empty, so nothing was sent.']);
	});

	it.each(ON_ERROR_MODES.slice(1))(
		'is no reason to call a run well that is refused (%s)',
		async (onError) => {
			const refused = { options: { timeout: 0 }, onError };
			const lookUp = { resource: 'device', operation: 'lookUp', queryId: '#any' };
			const deletion = await bench.run({ items: [{}], ...refused });
			const { execution } = await runQuery(bench, { items: [{}], parameters: lookUp, ...refused });

			for (const [hint] of [deletion.execution.hints('Delete'), execution.hints('Nexthink')]) {
				expect(hint).toMatchObject({
					type: 'warning',
					message: expect.stringContaining('Timeout (Seconds) must be a whole number') as string,
				});
			}
		},
	);

	it('is none of several', async () => {
		const { deletion, sent } = await sentBy({ items: [...bench.devices(1), {}] });

		expect(sent).toEqual(bench.devices(1));
		expect(deletion.statusWords).toEqual(['SCHEDULED', 'INVALID']);
	});
});

describe('an expression in a field name', () => {
	it.each([
		{ name: 'that returns the value', uidField: '={{ $json.uid }}', count: 1 },
		{ name: 'that returns the value of each item', uidField: '={{ $json.uid }}', count: 3 },
		{ name: 'that returns nothing', uidField: '={{ $json.id }}', count: 2 },
	])('$name refuses the run, and says to switch to Fixed', async ({ uidField, count }) => {
		const { deletion } = await sentBy({ items: bench.devices(count), parameters: { uidField } });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.error!.description).toBe(
			'This parameter needs the name of a field: switch it to Fixed and drag the field in, or set Device Source to Expressions.',
		);
	});

	it('that chooses another field for some items refuses the run', async () => {
		const items = bench.devices(3).map((device, index) => ({
			...device,
			collectorUid: bench.devices(1, 100 + index)[0]!.uid,
			kind: index === 0 ? 'uid' : 'collectorUid',
		}));

		const { deletion } = await sentBy({ items, parameters: { uidField: '={{ $json.kind }}' } });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.error!.message).toContain(
			'UID Field must be the same for all items, but its expression returns the text "uid" for item 0 and the text "collectorUid" for item 1.',
		);
	});

	it('that chooses the same field for all items is taken at its word', async () => {
		const items = bench.devices(2).map((device) => ({ ...device, kind: 'uid' }));

		const { sent } = await sentBy({ items, parameters: { uidField: '={{ $json.kind }}' } });

		expect(sent).toEqual(bench.devices(2));
	});
});

describe('a fixed JSON list that cannot be read', () => {
	it.each([
		{ devicesJson: '[\n{"uid": "a", "name": "b"},]', message: 'see line 2, column 27.' },
		{ devicesJson: '{"uid": "a"}', message: 'Devices must be a list such as' },
	])('refuses the run ($devicesJson)', async ({ devicesJson, message }) => {
		const { deletion } = await sentBy({
			items: [{}, {}, {}],
			parameters: { deviceSource: 'jsonList', devicesJson },
		});

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.errorData.code).toBe('INVALID_PARAMETER');
		expect(deletion.error!.message).toContain(message);
	});
});

describe('a JSON list with expressions inside', () => {
	it('names another device for each item', async () => {
		const devicesJson = [{ uid: '={{ $json.uid }}', name: '={{ $json.name }}' }];

		const { sent } = await sentBy({
			items: bench.devices(3),
			parameters: { deviceSource: 'jsonList', devicesJson },
		});

		expect(sent).toEqual(bench.devices(3));
	});
});

describe('an item of a lookup', () => {
	const found = (index: number) => {
		const [{ uid, name }] = bench.devices(1, index) as [{ uid: string; name: string }];
		const [other] = bench.devices(1, 100 + index);
		return {
			...{ lookup: name, match: 'FOUND', reason: 'One device has this name.', uid, name },
			...{ rows: 1, index },
			device: { 'device.uid': uid, 'device.collector.uid': other!.uid, 'device.name': name },
			input: { u_nexthink_uid: bench.devices(1, 200 + index)[0]!.uid, name },
		};
	};
	const ruledOut = (match: string) => {
		const [{ uid, name }] = bench.devices(1, 300) as [{ uid: string; name: string }];
		return {
			...{ lookup: 'LAPTOP-1', match, reason: 'Two devices have this name.' },
			...{ uid: null, name: null, rows: 2, index: 0 },
			candidates: [{ 'device.uid': uid, 'device.name': name }],
			input: { u_nexthink_uid: uid, name },
		};
	};

	it('is sent if it is FOUND, by its uid or another UID of its device', async () => {
		const items = [found(0), found(1)];

		const byUid = await sentBy({ items });
		const byCollector = await sentBy({
			items,
			parameters: { uidField: "device['device.collector.uid']" },
		});

		expect(byUid.sent).toEqual(bench.devices(2));
		expect(byCollector.deletion.statusWords).toEqual(['SCHEDULED', 'SCHEDULED']);
	});

	it.each([
		'NOT_FOUND',
		'AMBIGUOUS',
		'VALUE_MISMATCH',
		'CHECK_MISMATCH',
		'RECENTLY_SEEN',
		'REFUSED',
		'UNKNOWN',
	])('is INVALID if it is %s, whichever field is named', async (match) => {
		const [device] = bench.devices(1);
		const plain = {
			...device!,
			candidates: [{ 'device.uid': device!.uid }],
			input: { u_nexthink_uid: device!.uid },
		};
		const items = [plain, ruledOut(match)];
		const uidAnywhere = "$json.candidates[0]['device.uid']";

		for (const parameters of [
			{},
			{ uidField: "candidates[0]['device.uid']" },
			{ uidField: 'input.u_nexthink_uid' },
			{ deviceSource: 'expressions', deviceUid: `={{ ${uidAnywhere} }}` },
			{
				deviceSource: 'jsonList',
				devicesJson: `={{ [{ uid: ${uidAnywhere}, name: 'PC' + $itemIndex }] }}`,
			},
			{ deviceSource: 'jsonList', devicesJson: '={{ [$json] }}' },
		]) {
			const { deletion, sent } = await sentBy({ items, parameters });

			expect(sent.map(({ uid }) => uid)).toEqual([device!.uid]);
			expect(deletion.statuses[1]).toMatchObject({
				status: 'INVALID',
				name: 'LAPTOP-1',
				reason: `The lookup of this device ended with ${match}. Two devices have this name.`,
			});
		}
	});

	it.each<INodeParameters>([
		{},
		{ deviceSource: 'expressions' },
		{ deviceSource: 'expressions', deviceUid: "={{ $('No Such Node').first().json.uid }}" },
		{ deviceSource: 'jsonList', devicesJson: '={{ [$json] }}' },
		{ deviceSource: 'jsonList', devicesJson: '={{ $json.device && [$json] }}' },
		{ deviceSource: 'jsonList', devicesJson: '={{ [$json.device] }}' },
	])('is no reason to refuse the run, even if none is FOUND (%j)', async (parameters) => {
		const items = [ruledOut('NOT_FOUND'), ruledOut('AMBIGUOUS')];

		const { deletion } = await sentBy({ items, parameters });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.execution.status).toBe('success');
		expect(deletion.statuses).toMatchObject(
			['NOT_FOUND', 'AMBIGUOUS'].map((match) => ({
				status: 'INVALID',
				name: 'LAPTOP-1',
				reason: `The lookup of this device ended with ${match}. Two devices have this name.`,
			})),
		);
	});

	it('lets the run be refused if nothing can be read of any other item', async () => {
		const items = [ruledOut('AMBIGUOUS'), {}];
		const parameters = { deviceSource: 'jsonList', devicesJson: '={{ $json.device }}' };

		const { deletion } = await sentBy({ items, parameters });

		expect(deletion.allRequests).toEqual([]);
		expect(deletion.error!.message).toContain('Devices must be a list');
	});

	it("is INVALID if UID Field names the source's own UID and not what the lookup found", async () => {
		const items = [found(0), found(1)];

		const { deletion, sent } = await sentBy({
			items,
			parameters: { uidField: 'input.u_nexthink_uid' },
		});

		expect(sent).toEqual([]);
		expect(deletion.statusWords).toEqual(['INVALID', 'INVALID']);
		expect(deletion.statuses[0]!.reason).toBe(
			"This UID isn't the one that the lookup found. Use uid of the lookup's item, or another UID in its device.",
		);
	});

	it.each<INodeParameters>([
		{},
		{ deviceSource: 'expressions' },
		{ deviceSource: 'jsonList', devicesJson: '={{ [$json] }}' },
		{ deviceSource: 'jsonList', devicesJson: '={{ [{ uid: $json.uid, name: $json.name }] }}' },
	])(
		"is INVALID if n8n's Merge has put the uid of the source in place of its own (%o)",
		async (parameters) => {
			// As Combine by Position makes it, with the source as the input that is preferred.
			const source = bench
				.devices(2, 200)
				.map(({ uid }, index) => ({ uid, ticket: `RITM${index}` }));
			const merged = source.map((item, index) => ({ ...found(index), ...item }));

			const { deletion, sent } = await sentBy({ items: [merged[0]!, found(1)], parameters });

			expect(sent).toEqual(bench.devices(1, 1));
			expect(deletion.statuses[0]).toMatchObject({
				status: 'INVALID',
				reason:
					"This UID isn't the one that the lookup found. Use uid of the lookup's item, or another UID in its device.",
			});
		},
	);

	it.each<[uidField: string, nameField: string]>([
		['body.uid', 'body.name'],
		['body.input.u_nexthink_uid', 'body.input.name'],
		["body.candidates[0]['device.uid']", "body.candidates[0]['device.name']"],
	])('below another key is INVALID if it is not FOUND (%s)', async (uidField, nameField) => {
		const [uid, name] = [bench.devices(1)[0]!.uid, 'PLAIN'];
		const plain = {
			...{ uid, name, input: { u_nexthink_uid: uid, name } },
			candidates: [{ 'device.uid': uid, 'device.name': name }],
		};
		const items = [plain, ruledOut('AMBIGUOUS')].map((body) => ({ headers: {}, body }));

		const { deletion, sent } = await sentBy({ items, parameters: { uidField, nameField } });

		expect(sent).toEqual([{ uid, name }]);
		expect(deletion.statuses[1]).toMatchObject({
			status: 'INVALID',
			name: 'LAPTOP-1',
			reason: 'The lookup of this device ended with AMBIGUOUS. Two devices have this name.',
		});
	});

	it('below another key is sent if it is FOUND, and if the UID is one that the lookup found', async () => {
		const body = found(0);
		const items = [{ body }, { body: { ...found(1), uid: bench.devices(1, 201)[0]!.uid } }];

		const own = await sentBy({
			items,
			parameters: { uidField: 'body.uid', nameField: 'body.name' },
		});
		const ofSource = await sentBy({
			items,
			parameters: { uidField: 'body.input.u_nexthink_uid', nameField: 'body.input.name' },
		});

		expect(own.sent).toEqual(bench.devices(1));
		expect(own.deletion.statusWords).toEqual(['SCHEDULED', 'INVALID']);
		expect(ofSource.sent).toEqual([]);
	});

	it('on the error output counts for more than what an earlier lookup found', async () => {
		const items = [
			{ ...found(0), error: { code: 'TIMEOUT', device: ruledOut('UNKNOWN') }, message: 'x' },
		];

		const { deletion, sent } = await sentBy({ items });

		expect(sent).toEqual([]);
		expect(deletion.statusWords).toEqual(['INVALID']);
	});

	it('is taken for what it is only with a match that a lookup can have', async () => {
		const [device] = bench.devices(1);

		const { sent } = await sentBy({ items: [{ ...device!, lookup: 'x', match: 'yes' }] });

		expect(sent).toEqual([device]);
	});
});
