import { describe, expect, it } from 'vitest';
import { installedN8n } from '../harness/installation.mts';
import { Canvas } from './canvas.mts';
import type { NodePanel } from './node-panel.mts';
import { useEditor } from './test-editor.mts';
import { LOOK_UP, LOOK_UP_NODE } from './workflows.mts';

const CHECK = 'options.checks.check';
const LAST_SEEN_COLUMN = 'options.lastSeen.values.column';
const SERIAL_NUMBER = 'device.hardware.machine_serial_number';

describe.each(['newest', 'oldest'] as const)('in the editor of the %s n8n', (version) => {
	const editor = useEditor(`look-up-checks-${version}`, version);

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
		return values;
	}

	it(`${installedN8n(version)}: two checks, and Last Seen left as it is, are saved, come back and are made`, async () => {
		const { tenant, page } = editor.current;
		// The first was seen a minute ago, the others for more than thirty days not.
		const [recent, silent, other] = tenant.knownDevices;
		const items = [
			{ name: recent!.name, serial: recent!.serialNumber, host: recent!.name },
			{ name: silent!.name, serial: silent!.serialNumber, host: silent!.name.toLowerCase() },
			{ name: other!.name, serial: other!.serialNumber, host: silent!.name },
		];
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
		const set = {
			[`${CHECK}[0].column`]: SERIAL_NUMBER,
			[`${CHECK}[0].field`]: 'serial',
			[`${CHECK}[1].column`]: 'device.name',
			[`${CHECK}[1].field`]: 'host',
			[LAST_SEEN_COLUMN]: 'device.last_seen',
			minDays: '30',
		};
		await expect.poll(() => valuesOf(panel)).toEqual(set);
		await panel.close();
		await new Canvas(page).save();

		const saved = await editor.current.savedNode(LOOK_UP_NODE);
		expect(saved.parameters.options).toMatchObject({
			checks: {
				check: [
					{ column: SERIAL_NUMBER, field: 'serial' },
					{ column: 'device.name', field: 'host' },
				],
			},
			// n8n saves nothing of a field that has its default.
			lastSeen: { values: {} },
		});

		const reopened = await editor.current.reopenNode(LOOK_UP_NODE);
		await expect.poll(() => valuesOf(reopened)).toEqual(set);
		await reopened.execute();
		await expect
			.poll(() => reopened.hints())
			.toEqual(['1 of 3 devices found, 1 with another check value, 1 seen too recently.']);
		expect(tenant.ledger.size).toBe(0);
	});
});
