import Table from 'cli-table3';

/** As wide as the terminal within limits; a log of CI has no width of its own. */
export const WIDTH = Math.min(100, Math.max(80, process.stdout.columns ?? 100));

export interface Column {
	readonly title: string;
	/** In characters; the one column without a width takes what is left. */
	readonly width?: number;
	readonly align?: 'right';
}

export type Cell = string | number;

const GAP = 2;
const INDENT = 3;
const LINES = ['top', 'bottom', 'mid'].flatMap((line) => [
	line,
	`${line}-left`,
	`${line}-mid`,
	`${line}-right`,
]);
const NO_FRAME = Object.fromEntries(
	[...LINES, 'left', 'left-mid', 'right', 'right-mid', 'middle', 'mid-mid'].map((part) => [
		part,
		'',
	]),
);

/** Out: an aligned table without a frame, indented, its longest column wrapped at words. */
export function table(columns: readonly Column[], rows: ReadonlyArray<readonly Cell[]>): string {
	const widths = widthsOf(columns);
	const titled = columns.some(({ title }) => title !== '');
	const printed = new Table({
		chars: NO_FRAME,
		style: { 'padding-left': 0, 'padding-right': GAP, head: [], border: [], compact: true },
		colWidths: widths.map((width) => width + GAP),
		colAligns: columns.map(({ align }) => align ?? 'left'),
		wordWrap: true,
	});
	if (titled)
		printed.push(
			columns.map(({ title }) => title),
			widths.map((width) => '─'.repeat(width)),
		);
	printed.push(...rows.map((row) => row.map((cell) => shown(cell))));
	return indented(printed.toString());
}

/** Out: labels with what they stand for, the latter wrapped. */
export function facts(pairs: ReadonlyArray<readonly [label: string, fact: Cell]>): string {
	const width = Math.max(...pairs.map(([label]) => label.length));
	return table([{ title: '', width }, { title: '' }], pairs);
}

/** Out: a title with a line under it. */
export function heading(title: string): string {
	return `\n${title}\n${'─'.repeat(WIDTH)}`;
}

/** In: one line or several. Out: these under the title's indentation, without blanks at their ends. */
export function indented(text: string): string {
	return text
		.split('\n')
		.map((line) => `${' '.repeat(INDENT)}${line}`.trimEnd())
		.join('\n');
}

function widthsOf(columns: readonly Column[]): number[] {
	const taken = columns.reduce((sum, { width = 0 }) => sum + width + GAP, INDENT);
	return columns.map(({ width }) => width ?? WIDTH - taken);
}

function shown(cell: Cell): string {
	return typeof cell === 'number' ? cell.toLocaleString('en-US') : cell;
}
