import { uniq, uniqBy } from 'lodash';

import { quoted } from '../input/quoted';
import { questionKey } from '../input/sameText';
import { whyUnusable } from '../input/usableText';
import { isFiller } from './fillers';
import { domainOf, hostOf, looseHostKey, whyNoHost } from './hostName';
import type { MatchRules } from './match';

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
	/** What the match column must have: the same, or its host name. */
	wanted?: string;
	checks: readonly unknown[];
	/** Why nothing is asked for this entry. */
	unasked?: { match: 'REFUSED' | 'AMBIGUOUS'; reason: string };
	/**
	 * Positions in `LookUpPlan.questions`. A host name is asked for with any domain, too. In NQL, * stands for any text, which is documented
	 * for a query and not for its parameters: where it doesn't, the names of the list with this host name are still asked for.
	 */
	questions?: number[];
}

export interface LookUpPlan {
	/** One for each entry, in their order. */
	entries: PlannedLookUp[];
	/** The distinct values to ask for, in the order of their first entries. */
	questions: string[];
}

/** How values are looked up: a part of what decides on a match. */
export type LookUpRules = Pick<MatchRules, 'matchColumn' | 'nameColumn' | 'hostNameOnly'>;

/**
 * Finds what is to be asked: every usable value once.
 *
 * @param keyOf the same for values that are answered together
 * @param alsoDomains whether a host name is asked for with a domain, too, because its answer does not have such namesakes
 */
export function planLookUps(
	entries: readonly LookUpEntry[],
	rules: LookUpRules,
	keyOf: (value: string) => string,
	alsoDomains: boolean,
): LookUpPlan {
	const positions = new Map<string, number>();
	const questions: string[] = [];
	const hosts = rules.hostNameOnly ? listedHosts(entries, rules) : undefined;
	const positionOf = (value: string) => {
		const key = keyOf(value);
		const position = positions.get(key) ?? questions.push(value) - 1;
		positions.set(key, position);
		return position;
	};
	const planned = entries.map(({ itemIndex, value, checks = [], unreadable }): PlannedLookUp => {
		const lookup = typeof value === 'string' ? value : null;
		const entry = { itemIndex, lookup, checks };
		const refused = unreadable ?? whyRefused(value, rules);
		if (refused !== undefined || lookup === null) {
			return { ...entry, unasked: { match: 'REFUSED', reason: refused! } };
		}
		const wanted = rules.hostNameOnly ? hostOf(lookup) : lookup;
		const host = hosts?.get(looseHostKey(wanted));
		if (host?.inOtherDomain !== undefined) {
			const reason = `The list contains ${quoted(host.inDomain)} and ${quoted(host.inOtherDomain)}, which have the same host name. Turn off Host Name Only, or find out which one is meant.`;
			return { ...entry, wanted, unasked: { match: 'AMBIGUOUS', reason } };
		}
		const asked =
			rules.hostNameOnly && alsoDomains
				? [wanted, `${wanted}.*`, ...(host?.names ?? [])]
				: [wanted];
		return { ...entry, wanted, questions: uniq(asked.map(positionOf)) };
	});
	return { entries: planned, questions };
}

/** What a list has of one host name. */
interface ListedHost {
	/** Its names that are more than the host name, each once as it is asked for. */
	names: string[];
	/** The first name with a domain, and the first one with another domain. */
	inDomain?: string;
	inOtherDomain?: string;
}

function listedHosts(entries: readonly LookUpEntry[], rules: LookUpRules): Map<string, ListedHost> {
	const hosts = new Map<string, ListedHost>();
	const values = entries.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
	for (const name of uniqBy(values, questionKey)) {
		if (hostOf(name) === name || whyRefused(name, rules) !== undefined) continue;
		const key = looseHostKey(name);
		const host: ListedHost = hosts.get(key) ?? { names: [] };
		hosts.set(key, host);
		host.names.push(name);
		if (domainOf(name) === '') continue;
		host.inDomain ??= name;
		if (domainOf(host.inDomain) !== domainOf(name)) host.inOtherDomain ??= name;
	}
	return hosts;
}

function whyRefused(value: unknown, rules: LookUpRules): string | undefined {
	const isName = rules.matchColumn === rules.nameColumn;
	const what = isName ? 'name' : 'value';
	const unusable = whyUnusable(what, value);
	if (unusable !== undefined) return unusable;
	const text = value as string;
	// In NQL, * and ? stand for other characters (documented): such a value could fit any device.
	if (/[*?]/.test(text)) {
		return `The ${what} contains * or ?, which Nexthink treats as wildcards. Look the device up by another value.`;
	}
	if (!isName && isFiller(text)) {
		return `${quoted(text)} is a placeholder that many devices share. Look the device up by another value.`;
	}
	return rules.hostNameOnly ? whyNoHost(text) : undefined;
}
