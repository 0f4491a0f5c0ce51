import { format, resolveConfig } from 'prettier';

/** In: a page and the path it has or will have. Out: the page as prettier keeps it. */
export async function formatted(markdown: string, path: string): Promise<string> {
	return await format(markdown, { ...(await resolveConfig(path)), filepath: path });
}

/** In: lines. Out: a Markdown block that shows them as they are. */
export function code(lines: readonly string[]): string {
	return ['```', ...lines, '```'].join('\n');
}

/** In: head and rows. Out: a Markdown table. */
export function table(head: string[], rows: string[][]): string {
	const line = (cells: string[]) =>
		`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
