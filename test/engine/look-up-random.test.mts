import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FACTS } from '../properties/look-up-facts.mts';
import { inputOf, lastSeenOf, lookUpScenarios, uidOf } from '../properties/look-up-scenario.mts';
import type { LookUpScenario } from '../properties/look-up-scenario.mts';
import { randomSeed } from '../properties/search.mts';
import { LOOK_UP_QUERY } from '../simulator/saved-queries.mts';
import { useTestBench } from './delete-workflow.mts';
import { runQuery } from './query-workflow.mts';

const bench = useTestBench();

const CASES = 60;
const { FUZZ_SEED } = process.env;
const seed = FUZZ_SEED === undefined ? randomSeed() : Number(FUZZ_SEED);

/** The tenant knows the devices of the scenario and compares as documented; some requests do not succeed. */
function prepare({ devices, fates }: LookUpScenario): void {
	const now = Date.now();
	bench.tenant.knownDevices.splice(0, Infinity);
	bench.tenant.queries.push({
		id: '#random',
		parameters: ['device_name'],
		rows: (_, parameters) => {
			const query = bench.tenant.queries.find(({ id }) => id === LOOK_UP_QUERY)!;
			const known = devices.map((device, position) => ({
				uid: uidOf(position),
				name: device.name,
				collectorUid: '',
				serialNumber: '',
				lastSeen: 0,
			}));
			return [...query.rows(known, parameters)].map((row) => {
				const device = devices.find((_each, position) => uidOf(position) === row['device.uid'])!;
				const { serialNumber, site } = device;
				return { ...row, serialNumber, site, seen: lastSeenOf(device, now) };
			});
		},
	});
	fates.forEach((fate, position) => {
		if (typeof fate !== 'number') return;
		const play = { kind: 'status' as const, status: fate };
		bench.tenant.faults.add({ route: 'nqlExecute', from: position + 1, play });
	});
}

it(`in ${CASES} random look-ups, each branch wired into Delete, the tenant queues only what is certain`, async () => {
	console.log(`Random look-ups in the engine with the seed ${seed}.`);
	const scenarios = fc.sample(lookUpScenarios, { numRuns: CASES, seed });
	let queued = 0;
	for (const drawn of scenarios) {
		const scenario: LookUpScenario = { ...drawn, comparison: 'documented' };
		bench.tenant.reset();
		prepare(scenario);
		const { checks, minDays, includeInputFields, concurrency } = scenario;
		const { success } = await runQuery(bench, {
			items: scenario.items.map(inputOf),
			parameters: { resource: 'device', operation: 'lookUp', queryId: '#random' },
			options: {
				concurrency,
				includeInputFields,
				maxRetries: 0,
				...(checks.length > 0 && {
					checks: { check: checks.map((name) => ({ column: name, field: name })) },
				}),
				...(minDays !== null && { lastSeen: { values: { column: 'seen', minDays } } }),
			},
			onError: 'continueErrorOutput',
			deleteBehind: { success: {}, error: {} },
		});
		const { entries } = bench.tenant.ledger;
		for (const { uid, name } of entries) {
			for (const [fact, holds] of Object.entries(FACTS)) {
				expect([fact, holds({ scenario }, { uid, name })], JSON.stringify(scenario)).toEqual([
					fact,
					true,
				]);
			}
		}
		const found = success.filter(({ match }) => match === 'FOUND').map(({ uid }) => uid as string);
		expect(bench.tenant.ledger.uids()).toEqual(new Set(found));
		queued += entries.length;
	}
	expect(queued).toBeGreaterThan(CASES / 10);
}, 120_000);
