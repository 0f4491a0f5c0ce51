import { describe, expect, it } from 'vitest';
import { lookUpParameters } from '../../../nodes/Nexthink/operations/lookUp/parameters.ts';
import { QUERIES_TO_SAVE } from '../../../nodes/Nexthink/operations/lookUp/queriesToSave.ts';
import { ALL_DEVICES_QUERY, LOOK_UP_QUERY } from '../../simulator/saved-queries.mts';
import { installedN8n } from '../harness/installation.mts';
import { Canvas } from './canvas.mts';
import { VIEWPORT } from './editor.mts';
import type { NodePanel } from './node-panel.mts';
import { useEditor } from './test-editor.mts';
import { LOOK_UP, LOOK_UP_NODE, nodesSideBySide } from './workflows.mts';

const CHECK = 'options.checks.check';
const LAST_SEEN_COLUMN = 'options.lastSeen.values.column';
const SERIAL_NUMBER = 'device.hardware.machine_serial_number';

/** The two ways to look up, each with a saved query of the tenant that fits. */
const METHODS = [
	{
		...{ lookupMethod: 'query', label: 'Query', queryId: LOOK_UP_QUERY },
		toSave: QUERIES_TO_SAVE.query,
		guide: 'look-up.md#by-query',
	},
	{
		...{ lookupMethod: 'export', label: 'Export', queryId: ALL_DEVICES_QUERY },
		toSave: QUERIES_TO_SAVE.export,
		guide: 'look-up.md#by-export',
	},
] as const;

const DOCUMENTATION = 'https://github.com/n8n-nodes-nexthink/n8n-nodes-nexthink/blob/main/docs';

const NO_ROWS = 'Currently no items exist';

/** What is left of the screen of a small notebook. */
const SMALL_SCREEN = { width: 1280, height: 680 };

interface OptionLeftAsItIs {
	readonly name: string;
	/** What the editor calls it. */
	readonly label: string;
	/** The button that adds a row, pressed once; absent where there is none, or where it is left alone. */
	readonly addRow?: string;
	/** What that leaves: something usable, a check that can't be made, or a list of which n8n's panel says that it has no items. */
	readonly leaves: 'all' | 'half' | 'nothing';
}

/** Every declared option of a method, and each way to add it and leave it as it is. */
function optionsLeftAsTheyAre(method: string): OptionLeftAsItIs[] {
	return Object.entries(lookUpParameters.options).flatMap(([name, option]): OptionLeftAsItIs[] => {
		const label = option.shown.displayName;
		if (option.kind === 'value') {
			const isShown = option.shownFor?.lookupMethod?.includes(method) ?? true;
			return isShown ? [{ name, label, leaves: 'all' }] : [];
		}
		const isUsable = Object.values(option.fields).every(
			({ schema, shown }) => schema.safeParse(shown.default).success,
		);
		return [
			{ name, label, leaves: option.rows === 'many' ? 'nothing' : 'half' },
			{ name, label, addRow: option.shown.placeholder!, leaves: isUsable ? 'all' : 'half' },
		];
	});
}

describe.each(['newest', 'oldest'] as const)('in the editor of the %s n8n', (version) => {
	const editor = useEditor(`look-up-panel-${version}`, { version });

	async function valuesOf(panel: NodePanel): Promise<Record<string, string>> {
		const values: Record<string, string> = {};
		for (const name of [
			`${CHECK}[0].column`,
			`${CHECK}[0].field`,
			`${CHECK}[1].column`,
			`${CHECK}[1].field`,
			LAST_SEEN_COLUMN,
			'minDays',
		]) {
			values[name] = await panel.valueOf(name);
		}
		return { ...values, hostNameOnly: String(await panel.isOn('hostNameOnly')) };
	}

	it(`${installedN8n(version)}: two checks, Last Seen left as it is and Host Name Only are saved, come back and are made by query, by export and by query again`, async () => {
		const { tenant, page } = editor.current;
		tenant.settings.exportStates = 1;
		// The first was seen a minute ago, the others for more than thirty days not.
		const [recent, silent, other] = tenant.knownDevices;
		const items = [
			{ name: recent!.name, serial: recent!.serialNumber, host: recent!.name },
			{
				name: `${silent!.name}.corp.example`,
				serial: silent!.serialNumber,
				host: silent!.name.toLowerCase(),
			},
			{ name: other!.name, serial: other!.serialNumber, host: silent!.name },
		];
		const sums = '1 of 3 devices found, 1 with another check value, 1 seen too recently.';
		const credential = await editor.current.addCredential();
		const panel = await editor.current.openNode(LOOK_UP_NODE, {
			items,
			credential,
			parameters: LOOK_UP,
		});
		await panel.addOption('Checks');
		await panel.addRow('Add check');
		await panel.type(`${CHECK}[0].column`, SERIAL_NUMBER);
		await panel.type(`${CHECK}[0].field`, 'serial');
		await panel.addRow('Add check');
		await panel.type(`${CHECK}[1].column`, 'device.name');
		await panel.type(`${CHECK}[1].field`, 'host');
		await panel.addOption('Last Seen');
		await panel.addRow('Add condition');
		await panel.addOption('Host Name Only');
		await panel.toggle('hostNameOnly');
		const set = {
			[`${CHECK}[0].column`]: SERIAL_NUMBER,
			[`${CHECK}[0].field`]: 'serial',
			[`${CHECK}[1].column`]: 'device.name',
			[`${CHECK}[1].field`]: 'host',
			[LAST_SEEN_COLUMN]: 'device.last_seen',
			minDays: '30',
			hostNameOnly: 'true',
		};
		await expect.poll(() => valuesOf(panel)).toEqual(set);
		await panel.close();
		await new Canvas(page).save();

		const options = {
			checks: {
				check: [
					{ column: SERIAL_NUMBER, field: 'serial' },
					{ column: 'device.name', field: 'host' },
				],
			},
			// n8n saves nothing of a field that has its default.
			lastSeen: { values: {} },
			hostNameOnly: true,
		};
		const saved = await editor.current.savedNode(LOOK_UP_NODE);
		expect(saved.parameters.options).toEqual(options);

		const reopened = await editor.current.reopenNode(LOOK_UP_NODE);
		await expect.poll(() => valuesOf(reopened)).toEqual(set);
		await reopened.execute();
		await expect.poll(() => reopened.hints()).toEqual([sums]);

		await reopened.choose('lookupMethod', 'Export');
		await reopened.type('queryId', ALL_DEVICES_QUERY);
		await expect.poll(() => valuesOf(reopened)).toEqual(set);
		await reopened.close();
		await new Canvas(page).save();
		const switched = await editor.current.savedNode(LOOK_UP_NODE);
		expect(switched.parameters).toMatchObject({ lookupMethod: 'export', options });

		const byExport = await editor.current.reopenNode(LOOK_UP_NODE);
		await expect.poll(() => valuesOf(byExport)).toEqual(set);
		await byExport.execute();
		await expect
			.poll(() => byExport.hints())
			.toEqual([`${sums} The export contains 1,010 devices.`]);

		await byExport.choose('lookupMethod', 'Query');
		await byExport.type('queryId', LOOK_UP_QUERY);
		await expect.poll(() => valuesOf(byExport)).toEqual(set);
		await byExport.execute();
		await expect.poll(() => byExport.hints()).toEqual([sums]);
		expect(tenant.ledger.size).toBe(0);
	});

	it.each(METHODS)(
		`${installedN8n(version)}: the panel of $label shows the query to save, which can be copied line by line, and links to its page`,
		async ({ lookupMethod, toSave, guide }) => {
			const { page } = editor.current;
			await page.setViewportSize(SMALL_SCREEN);
			const panel = await editor.current.openNode(LOOK_UP_NODE, {
				items: [{ name: 'PAR-LT-000001' }],
				parameters: { ...LOOK_UP, lookupMethod },
			});
			await expect.poll(() => panel.notice().count()).toBe(1);
			const lines = panel.notice().locator('ul');
			expect(await panel.select(lines.first(), lines.last())).toBe(toSave.join('\n'));
			const link = panel.notice().getByRole('link');
			expect(await link.getAttribute('href')).toBe(`${DOCUMENTATION}/${guide}`);
			expect(await link.getAttribute('target')).toBe('_blank');
			const notice = await panel.notice().innerText();
			expect(notice).not.toMatch(/[<]|&\w+;/);
			expect(notice).toContain('No time range, no limit.');
			// The notice leaves room for what is to be filled in.
			const { y, height } = (await panel.parameter('lookupField').boundingBox())!;
			expect(y + height).toBeLessThan(SMALL_SCREEN.height);
			await page.setViewportSize(VIEWPORT);
		},
	);

	it.each([
		{ at: 'UID Column of Look Up', parameters: LOOK_UP },
		{ at: 'UID Field of Delete', parameters: {} },
	])(`${installedN8n(version)}: "Prove it" at $at leads to how to prove a UID`, async (node) => {
		const { parameters } = node;
		const items = [{ uid: 'u', name: 'n' }];
		const panel = await editor.current.openNode(LOOK_UP_NODE, { items, parameters });
		const link = panel.parameters.getByRole('link', { name: 'Prove it' });
		await expect.poll(() => link.count()).toBe(1);
		expect(await link.getAttribute('href')).toBe(`${DOCUMENTATION}/verify-uid.md`);
		expect(await link.getAttribute('target')).toBe('_blank');
	});

	it.each(METHODS)(
		`${installedN8n(version)}: each option of $label, added and left as it is, is saved, comes back and counts; a list without a row n8n itself drops, in sight`,
		async ({ lookupMethod, queryId }) => {
			const { tenant, page } = editor.current;
			const [recent, silent] = tenant.knownDevices;
			const options = optionsLeftAsTheyAre(lookupMethod);
			const nameOf = ({ label, addRow }: OptionLeftAsItIs) => [label, addRow].join(' / ');
			await editor.current.openWorkflow(
				nodesSideBySide(options.map(nameOf), {
					items: [{ name: recent!.name }, { name: silent!.name }],
					credential: await editor.current.addCredential(),
					parameters: { ...LOOK_UP, lookupMethod, queryId },
				}),
			);
			const canvas = new Canvas(page);
			for (const option of options) {
				const panel = await canvas.openNode(nameOf(option));
				await panel.addOption(option.label);
				if (option.addRow !== undefined) await panel.addRow(option.addRow);
				if (option.leaves === 'nothing') await panel.parameters.getByText(NO_ROWS).waitFor();
				await panel.close();
			}
			await canvas.save();
			const ofEach = async <Seen,>(see: (option: OptionLeftAsItIs) => Seen | Promise<Seen>) => {
				const seen: Record<string, Seen> = {};
				for (const option of options) seen[nameOf(option)] = await see(option);
				return seen;
			};
			const isKept = await ofEach(({ leaves }) => leaves !== 'nothing');
			const isSaved = async (option: OptionLeftAsItIs) => {
				const { parameters } = await editor.current.savedNode(nameOf(option));
				return option.name in (parameters.options as object);
			};
			expect(await ofEach(isSaved)).toEqual(isKept);

			await (await editor.current.reopenNode(nameOf(options[0]!))).close();
			const isBack = async (option: OptionLeftAsItIs) => {
				const panel = await canvas.openNode(nameOf(option));
				const labels = await panel.optionsToAdd();
				await panel.close();
				return !labels.includes(option.label);
			};
			expect(await ofEach(isBack)).toEqual(isKept);
			const execution = await editor.current.execute();
			const refused = ({ label }: OptionLeftAsItIs) => {
				const why = expect.objectContaining({
					match: 'UNKNOWN',
					reason: expect.stringContaining(label) as unknown,
				}) as unknown;
				return [why, why];
			};
			const found = ({ name }: OptionLeftAsItIs) =>
				[name === 'lastSeen' ? 'RECENTLY_SEEN' : 'FOUND', 'FOUND'].map(
					(match) => expect.objectContaining({ match }) as unknown,
				);
			expect(await ofEach((option) => execution.output(nameOf(option)))).toEqual(
				await ofEach((option) => (option.leaves === 'half' ? refused(option) : found(option))),
			);
		},
	);
});
