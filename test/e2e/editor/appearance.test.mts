import { expect, it } from 'vitest';
import { EXAMPLES_TO_RUN, nexthinkNodes } from '../harness/examples.mts';
import { Canvas } from './canvas.mts';
import { isDrawn } from './icons.mts';
import { useEditor } from './test-editor.mts';

const editor = useEditor('appearance');
const ICONS = { light: /\/nexthink\.svg$/, dark: /\/nexthink\.dark\.svg$/ } as const;

it.each(EXAMPLES_TO_RUN)(
	'the Nexthink nodes of $file say what they do and have their icon in both themes',
	async (example) => {
		await editor.current.openWorkflow(example.workflow);
		const canvas = new Canvas(editor.current.page);
		for (const theme of ['light', 'dark'] as const) {
			await editor.current.useTheme(theme);
			for (const { name, parameters } of nexthinkNodes(example)) {
				await expect.poll(() => canvas.icon(name).getAttribute('src')).toMatch(ICONS[theme]);
				await expect.poll(() => isDrawn(canvas.icon(name))).toBe(true);
				expect(await canvas.subtitle(name)).toBe(
					parameters.dryRun === true ? 'delete: device (dry run)' : 'delete: device',
				);
			}
		}
		await editor.current.useTheme('light');
		const name = `example-${example.file.replace('.json', '')}`;
		await editor.current.takePicture(
			name,
			await canvas.area({ left: 20, right: 20, top: 20, bottom: 20 }),
		);
	},
);
