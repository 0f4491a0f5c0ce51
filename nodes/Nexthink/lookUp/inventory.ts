import { pickBy } from 'lodash';

import { quoted } from '../input/quoted';
import { looseKeyOf, neededColumns, toldColumns, type MatchRules, type Row } from './match';

/** Documented: Nexthink exports no more rows. */
const MOST_ROWS = 1_000_000;

/** What is held for one value: more rows than a person looks at are counted only. */
const MOST_HELD = 5;

interface Held {
	count: number;
	rows: Row[];
}

/**
 * Gathers, while an export of all devices passes, the rows that each value might stand for: loosely, because whatever Nexthink would
 * have taken for equal counts as a namesake. What it holds grows with the list, not with the inventory.
 */
export class Inventory {
	/** How many devices have passed. */
	deviceCount = 0;

	/** The columns of the file, once they are known. */
	titles: readonly string[] = [];

	/** The first of the needed columns that the file does not have. */
	missingColumn?: string;

	private matchPosition = -1;

	private readonly held = new Map<string, Held>();

	private readonly keyOf: (value: string) => string;

	private readonly told: readonly string[];

	constructor(
		private readonly questions: readonly string[],
		private readonly rules: MatchRules,
	) {
		this.told = toldColumns(rules);
		this.keyOf = looseKeyOf(rules);
		for (const question of questions) this.held.set(this.keyOf(question), { count: 0, rows: [] });
	}

	/** Takes the titles, and then the cells of each row. @returns why nothing can be found in this file: a sentence */
	take(cells: readonly string[]): string | undefined {
		if (this.matchPosition < 0) return this.takeTitles(cells);
		if (++this.deviceCount >= MOST_ROWS) {
			return 'It has 1,000,000 rows, the most that Nexthink exports, so devices might be missing.';
		}
		if (cells.includes(this.rules.uidColumn) && cells.includes(this.rules.matchColumn)) {
			return 'It repeats its titles, so it might be several files in one.';
		}
		const held = this.held.get(this.keyOf(cells[this.matchPosition]!));
		if (held !== undefined) this.hold(held, cells);
		return undefined;
	}

	/** What there is for each question, in their order. */
	gathered(): Held[] {
		return this.questions.map((question) => this.held.get(this.keyOf(question))!);
	}

	private takeTitles(titles: readonly string[]): string | undefined {
		this.titles = titles;
		const needed = neededColumns(this.rules);
		this.missingColumn = needed.find((column) => !titles.includes(column));
		if (this.missingColumn !== undefined) return `It has no column ${quoted(this.missingColumn)}.`;
		const doubled = titles.find((column, position) => titles.indexOf(column) !== position);
		if (doubled === '') return 'It has more than one column without a title.';
		if (doubled !== undefined) return `It has more than one column ${quoted(doubled)}.`;
		this.matchPosition = titles.indexOf(this.rules.matchColumn);
		return undefined;
	}

	/** Of namesakes only what is told of them is held. */
	private hold(held: Held, cells: readonly string[]): void {
		if (++held.count > MOST_HELD) return;
		held.rows.push(this.rowOf(cells));
		if (held.count > 1)
			held.rows = held.rows.map((row) => pickBy(row, (_, column) => this.told.includes(column)));
	}

	/** The cells are parts of a long text, all of which would stay in memory with them: they are copied. */
	private rowOf(cells: readonly string[]): Row {
		const copies = JSON.parse(JSON.stringify(cells)) as string[];
		return Object.fromEntries(this.titles.map((title, position) => [title, copies[position]]));
	}
}
