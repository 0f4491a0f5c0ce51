import { whyUnusable } from '../input/usableText';
import { questionKey } from '../input/sameText';

/** What an input item names to be looked up, before any check. */
export interface LookUpEntry {
	/** Position of the input item that it comes from. */
	itemIndex: number;
	/** Absent where the item does not have the field at all. */
	value?: unknown;
	/** What each check column must have. */
	checks?: readonly unknown[];
	/** Why the entry could not be read, where it could not: a sentence. */
	unreadable?: string;
}

export interface PlannedLookUp {
	itemIndex: number;
	/** As the item has it; null where that is no text. */
	lookup: string | null;
	checks: readonly unknown[];
	/** Why nothing is asked for this entry: a sentence. */
	refused?: string;
	/** Position in `LookUpPlan.questions`. */
	question?: number;
}

export interface LookUpPlan {
	/** One for each entry, in their order. */
	entries: PlannedLookUp[];
	/** The distinct values to ask for, in the order of their first entries. */
	questions: string[];
}

/** Finds what is to be asked: every usable value once. */
export function planLookUps(entries: readonly LookUpEntry[]): LookUpPlan {
	const positions = new Map<string, number>();
	const questions: string[] = [];
	const planned = entries.map(({ itemIndex, value, checks = [], unreadable }): PlannedLookUp => {
		const lookup = typeof value === 'string' ? value : null;
		const entry = { itemIndex, lookup, checks };
		const refused = unreadable ?? whyRefused(value);
		if (refused !== undefined || lookup === null) return { ...entry, refused };
		const key = questionKey(lookup);
		const question = positions.get(key) ?? questions.push(lookup) - 1;
		positions.set(key, question);
		return { ...entry, question };
	});
	return { entries: planned, questions };
}

/** In NQL, `*` and `?` stand for other characters (documented): such a name could fit any device. */
function whyRefused(value: unknown): string | undefined {
	const wildcard = 'The name contains * or ?, which Nexthink treats as wildcards.';
	return whyUnusable('name', value) ?? (/[*?]/.test(value as string) ? wildcard : undefined);
}
