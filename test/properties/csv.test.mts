import { beforeAll, describe, expect, it } from 'vitest';

import { FACTS_OF_CSV, searchCsv } from './csv-facts.mts';
import { randomSeed, type Breach } from './search.mts';

const CASES = 2_000;

const { FUZZ_SEED } = process.env;
const seed = FUZZ_SEED === undefined ? randomSeed() : Number(FUZZ_SEED);

describe(`in ${CASES.toLocaleString('en-US')} random CSV files`, () => {
	const reached = new Set<string>();
	let breaches: Breach[] = [];

	beforeAll(() => {
		breaches = searchCsv({
			cases: CASES,
			seed,
			onRead: ({ file, ours: { refusal }, theirs }) => {
				if (refusal !== undefined) reached.add(withoutDetails(refusal));
				else reached.add(file.isMangled ? 'mangled, and read' : 'written, and read');
				if (theirs.refusal !== undefined) reached.add('refused by csv-parse');
			},
		});
	});

	it.each(Object.keys(FACTS_OF_CSV))('%s', (fact) => {
		const breach = breaches.find((each) => each.fact === fact);
		expect(breach?.counterexample, `Seed ${seed}, in ${breach?.cases} cases`).toBeUndefined();
	});

	it('every reason for a refusal occurs, and files without one', () => {
		expect([...reached].sort()).toEqual(
			[
				'Line N has "" after a closing quote.',
				'Line N has N field, and the first line has N.',
				'Line N has N fields, and the first line has N.',
				'Line N has a NUL character.',
				'Line N has a carriage return without a line feed.',
				'Line N has a quote in a field without quotes.',
				"Line N has a quote that isn't closed.",
				"Line N has bytes that aren't UTF-N.",
				'Line N is empty.',
				'The file is encoded in UTF-N, and only UTF-N can be read.',
				'mangled, and read',
				'refused by csv-parse',
				'written, and read',
			].sort(),
		);
	});
});

function withoutDetails(refusal: string): string {
	return refusal.replace(/".*"/, '""').replace(/\d+/g, 'N');
}
