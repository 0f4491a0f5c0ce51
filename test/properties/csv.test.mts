import { beforeAll, describe, expect, it } from 'vitest';

import { FACTS_OF_CSV, searchCsv, type CsvSearch } from './csv-facts.mts';
import { drawUntil } from './draws.mts';
import { randomSeed, type Breach } from './search.mts';

const CASES = 2_000;

const KINDS = [
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
];

const { FUZZ_SEED } = process.env;
const seed = FUZZ_SEED === undefined ? randomSeed() : Number(FUZZ_SEED);

describe(`in ${CASES.toLocaleString('en-US')} random CSV files`, () => {
	const reached = new Set<string>();
	const breaches: Breach[] = [];

	beforeAll(async () => {
		const onRead: CsvSearch['onRead'] = ({ file, ours: { refusal }, theirs }) => {
			if (refusal !== undefined) reached.add(withoutDetails(refusal));
			else reached.add(file.isMangled ? 'mangled, and read' : 'written, and read');
			if (theirs.refusal !== undefined) reached.add('refused by csv-parse');
		};
		const hasOccurred = () => KINDS.every((kind) => reached.has(kind));
		await drawUntil(hasOccurred, seed, (seed) => {
			breaches.push(...searchCsv({ cases: CASES, seed, onRead }));
			return breaches.length > 0;
		});
	});

	it.each(Object.keys(FACTS_OF_CSV))('%s', (fact) => {
		const breach = breaches.find((each) => each.fact === fact);
		expect(breach?.counterexample, `Seed ${seed}, in ${breach?.cases} cases`).toBeUndefined();
	});

	it('every reason for a refusal occurs, and files without one', () => {
		expect([...reached].sort()).toEqual([...KINDS].sort());
	});
});

function withoutDetails(refusal: string): string {
	return refusal.replace(/".*"/, '""').replace(/\d+/g, 'N');
}
