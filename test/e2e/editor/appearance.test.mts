import { expect, it } from 'vitest';
import { EXAMPLES_TO_RUN } from '../harness/examples.mts';
import { NEXTHINK_NODE } from '../harness/workflows.mts';
import { Canvas } from './canvas.mts';
import { isDrawn } from './icons.mts';
import { useEditor } from './test-editor.mts';

const editor = useEditor('appearance');
const WORDS: Record<string, string> = {
	delete: 'Delete',
	lookUp: 'Look Up',
	execute: 'Execute',
	export: 'Export',
	device: 'Device',
	nqlQuery: 'NQL Query',
};
/** Holds the title of a row of nodes. */
const ABOVE_A_ROW = 54;

const ICONS = { light: /\/nexthink\.svg$/, dark: /\/nexthink\.dark\.svg$/ } as const;

it.each(EXAMPLES_TO_RUN)(
	'the Nexthink nodes of $file say what they do and have their icon in both themes',
	async (example) => {
		await editor.current.openWorkflow(example.workflow);
		const canvas = new Canvas(editor.current.page);
		const nodes = example.workflow.nodes.filter(({ type }) => type === NEXTHINK_NODE);
		for (const theme of ['light', 'dark'] as const) {
			await editor.current.useTheme(theme);
			for (const { name, parameters } of nodes) {
				await expect.poll(() => canvas.icon(name).getAttribute('src')).toMatch(ICONS[theme]);
				await expect.poll(() => isDrawn(canvas.icon(name))).toBe(true);
				const { resource = 'device', dryRun } = parameters;
				const { operation = resource === 'device' ? 'delete' : 'execute' } = parameters;
				const dry = dryRun === true ? ' (Dry Run)' : '';
				await expect
					.poll(() => canvas.subtitle(name))
					.toBe(`${WORDS[String(operation)]}: ${WORDS[String(resource)]}${dry}`);
			}
		}
		await editor.current.useTheme('light');
		if (example.file !== 'dry-run-approval-delete.json') return;
		const area = await canvas.area({ above: ABOVE_A_ROW });
		await editor.current.takePicture('approval-workflow', area);
	},
);
