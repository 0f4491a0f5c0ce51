import type { IDataObject } from 'n8n-workflow';
import { beforeEach, describe, expect, it } from 'vitest';
import { prepareExample } from '../demonstration/example-runs.mts';
import {
	credentialsFor,
	readExampleWorkflow,
	SETTINGS_NODE,
	withParameters,
} from '../demonstration/example-workflows.mts';
import type { KnownDevice } from '../simulator/tenant.mts';
import { useTestBench } from './delete-workflow.mts';
import type { ExecutionResult } from './harness/engine.mts';

const DAY = 86_400_000;

const bench = useTestBench();
beforeEach(() => {
	bench.tenant.settings.exportStates = 0;
});

/** A line of the table: its night, what the lookup was, and what came of it. */
type Line = [night: string, match: string, status?: string];

interface Night {
	/** Default: 2026-11-25. */
	night?: string;
	/** Default: 3. */
	nights?: unknown;
	isLive?: boolean;
	/** Default: 40 days. */
	lastSeenDaysAgo?: number;
	/** The UID and the name in the list; default: those of the device. */
	listed?: { uid?: string; name?: string };
	/** The Data Tables that n8n finds by the name; default: the one of this workflow. */
	tables?: readonly string[];
	/** Of other devices, ready to be in the table. */
	otherLines?: IDataObject[];
}

let device: KnownDevice;

/** Runs the workflow of every night for one device that the table has these lines of. */
async function run(lines: readonly Line[], options: Night = {}): Promise<ExecutionResult> {
	const { night = '2026-11-25', isLive = true, lastSeenDaysAgo = 40 } = options;
	const nights = 'nights' in options ? options.nights : 3;
	device = { ...bench.tenant.knownDevices[0]!, lastSeen: Date.now() - lastSeenDaysAgo * DAY };
	bench.tenant.knownDevices[0] = device;
	const { workflow, startNode } = prepareExample(
		readExampleWorkflow('nightly-with-audit-trail.json'),
		{ 'Retired devices': [{ uid: device.uid, name: device.name, ...options.listed }] },
		isLive,
	);
	const settings = { live: isLive, nights, night };
	const assignments = Object.entries(settings).flatMap(([name, value]) =>
		value === undefined ? [] : [{ name, value, type: typeof value }],
	);
	const earlier = lines.map(([on, match, status = '']) => ({
		...{ lookup: device.uid, night: on, match, status },
	}));
	const table = [...earlier, ...(options.otherLines ?? [])];
	const changed = withParameters(workflow, ({ name }) => name === SETTINGS_NODE, {
		assignments: { assignments } as IDataObject as never,
	});
	// A Data Table without such a line gives one empty item: Always Output Data.
	const items = (table.length > 0 ? table : [{}]).map((json) => ({ json: json as IDataObject }));
	const tables = options.tables?.map((name) => ({ json: { name } }));
	const pinData = {
		...{ ...changed.pinData, 'Earlier nights': items },
		...(tables && { 'Tables by name': tables }),
	};
	return await bench.engine.run(
		{ ...changed, pinData },
		{
			startNode,
			mode: 'trigger',
			pauses: 'short',
			credentials: credentialsFor(workflow, bench.tenant),
		},
	);
}

/** The only line that a run has written, and whether it is for manual review. */
function outcome(result: ExecutionResult): IDataObject & { isReviewed: boolean } {
	expect(result.error).toBeUndefined();
	expect(result.outputs('Outcome')[0]).toHaveLength(1);
	const [{ json }] = result.outputs('Outcome')[0] as [{ json: IDataObject }];
	return { ...json, isReviewed: (result.outputs('Manual review')[0] ?? []).length > 0 };
}

const deletionRequests = () => bench.tenant.requests.filter(({ route }) => route === 'deletions');

describe('a stale device, every night,', () => {
	it.each<[string, Line[], number]>([
		['on its first night', [], 1],
		['on its second night', [['2026-11-24', 'FOUND']], 2],
		[
			'after a night without a run',
			[
				['2026-11-22', 'FOUND'],
				['2026-11-23', 'FOUND'],
			],
			1,
		],
		[
			'after nights before a gap',
			[
				['2026-11-22', 'FOUND'],
				['2026-11-24', 'FOUND'],
			],
			2,
		],
		[
			'after two runs in one night',
			[
				['2026-11-24', 'FOUND'],
				['2026-11-24', 'FOUND'],
				['2026-11-25', 'FOUND'],
			],
			2,
		],
		[
			'that was something else in another run of the night before',
			[
				['2026-11-23', 'FOUND'],
				['2026-11-24', 'RECENTLY_SEEN'],
				['2026-11-24', 'FOUND'],
			],
			1,
		],
		[
			'that was something else in an earlier run tonight',
			[
				['2026-11-23', 'FOUND'],
				['2026-11-24', 'FOUND'],
				['2026-11-25', 'UNKNOWN'],
			],
			0,
		],
		[
			'whose lines are of nights to come',
			[
				['2026-11-26', 'FOUND'],
				['2026-11-27', 'FOUND'],
			],
			1,
		],
		...['RECENTLY_SEEN', 'NOT_FOUND', 'UNKNOWN', 'CHECK_MISMATCH', 'AMBIGUOUS', ''].map(
			(match): [string, Line[], number] => [
				`that was ${match || 'without a match'} on the night before`,
				[
					['2026-11-22', 'FOUND'],
					['2026-11-23', 'FOUND'],
					['2026-11-24', match],
				],
				1,
			],
		),
	])('waits %s', async (_, lines, nights) => {
		const reason = `Stale for ${nights} of 3 nights in a row`;
		expect(outcome(await run(lines))).toMatchObject({
			...{ match: 'FOUND', status: 'WAITING', reason, nights, isReviewed: false },
			...{ night: '2026-11-25', lookup: device.uid, name: device.name },
		});
		expect(deletionRequests()).toEqual([]);
	});

	const TWO_NIGHTS: Line[] = [
		['2026-11-23', 'FOUND', 'WAITING'],
		['2026-11-24', 'FOUND', 'WAITING'],
	];

	it('is scheduled on the third night in a row', async () => {
		expect(outcome(await run(TWO_NIGHTS))).toMatchObject({
			...{ match: 'FOUND', status: 'SCHEDULED', nights: 3, isReviewed: false },
		});
		expect(bench.tenant.ledger.entries).toMatchObject([{ uid: device.uid, name: device.name }]);
	});

	it('is scheduled across the end of a year, whatever order its lines have', async () => {
		const lines: Line[] = [
			['2026-12-31', 'FOUND'],
			['2026-12-30', 'FOUND'],
		];
		const result = await run(lines, { night: '2027-01-01' });
		expect(outcome(result)).toMatchObject({ status: 'SCHEDULED', nights: 3 });
	});

	it('is scheduled whatever the case of its UID in the list and in the table', async () => {
		const { uid } = bench.tenant.knownDevices[0]!;
		const listed = { uid: uid.toUpperCase() };
		const otherLines = [{ lookup: uid.toUpperCase(), night: '2026-11-24', match: 'FOUND' }];
		expect(outcome(await run([TWO_NIGHTS[0]!], { listed, otherLines }))).toMatchObject({
			...{ status: 'SCHEDULED', lookup: uid },
		});
	});

	it('is scheduled on its first night if nights is 1', async () => {
		expect(outcome(await run([], { nights: 1 }))).toMatchObject({ status: 'SCHEDULED', nights: 1 });
	});

	it('is a dry run on the third night while live is false, and those nights count', async () => {
		expect(outcome(await run(TWO_NIGHTS, { isLive: false }))).toMatchObject({
			...{ status: 'DRY_RUN', nights: 3, isReviewed: false },
		});
		expect(deletionRequests()).toEqual([]);
		const trial = TWO_NIGHTS.map(([night, match]): Line => [night, match, 'DRY_RUN']);
		expect(outcome(await run(trial))).toMatchObject({ status: 'SCHEDULED', nights: 3 });
	});

	it('is sent again if its deletion was rejected', async () => {
		const rejected = TWO_NIGHTS.map(([night, match]): Line => [night, match, 'REJECTED']);
		expect(outcome(await run(rejected))).toMatchObject({ status: 'SCHEDULED' });
	});

	it('does not count the nights of other devices', async () => {
		const { uid } = bench.tenant.knownDevices[1]!;
		const otherLines = TWO_NIGHTS.map(([night, match]) => ({ lookup: uid, night, match }));
		expect(outcome(await run([], { otherLines }))).toMatchObject({ status: 'WAITING', nights: 1 });
	});

	it.each<[string, Night, string]>([
		['was seen today', { lastSeenDaysAgo: 0 }, 'RECENTLY_SEEN'],
		['has another name', { listed: { name: 'ANOTHER-NAME' } }, 'CHECK_MISMATCH'],
		['is gone', { listed: { uid: '00000000-0000-4000-8000-000000000001' } }, 'NOT_FOUND'],
	])('is not sent on the third night if it %s', async (_, options, match) => {
		expect(outcome(await run(TWO_NIGHTS, options))).toMatchObject({
			...{ match, status: '', nights: 0, isReviewed: true },
		});
		expect(deletionRequests()).toEqual([]);
	});

	it.each([...TWO_NIGHTS.map(([night]) => night), '2026-08-01', '2026-11-25'])(
		'is not sent again if it was scheduled on %s, and is for manual review',
		async (night) => {
			const lines: Line[] = [...TWO_NIGHTS, [night, 'FOUND', 'SCHEDULED']];
			expect(outcome(await run(lines))).toMatchObject({
				...{ match: 'FOUND', status: 'STILL_PRESENT', isReviewed: true },
				reason: `Scheduled on ${night}, still there`,
			});
			expect(deletionRequests()).toEqual([]);
		},
	);

	it('is GONE, and not for manual review, if it was scheduled and is not there any more', async () => {
		bench.tenant.knownDevices.splice(1, 1);
		const gone = { uid: '00000000-0000-4000-8000-000000000001', name: 'PC' };
		const line = { lookup: gone.uid, night: '2026-11-24', match: 'FOUND', status: 'SCHEDULED' };
		expect(outcome(await run([], { listed: gone, otherLines: [line] }))).toMatchObject({
			...{ match: 'NOT_FOUND', status: 'GONE', isReviewed: false },
			reason: 'Scheduled on 2026-11-24, no longer there',
		});
	});

	it('is SEEN_AGAIN, and for manual review, if it was scheduled and reports again', async () => {
		const lines: Line[] = [['2026-11-24', 'FOUND', 'SCHEDULED']];
		const line = outcome(await run(lines, { lastSeenDaysAgo: 0 }));
		expect(line).toMatchObject({ match: 'RECENTLY_SEEN', status: 'SEEN_AGAIN', isReviewed: true });
		expect(line.reason).toMatch(/^Scheduled on 2026-11-24, seen again\. .*device\.last_seen/);
	});
});

describe('nothing is sent every night', () => {
	const NIGHTS = [undefined, 0, -1, 2.5, 61, '3', ''];

	it.each(NIGHTS)('if nights is %j: the run stops before the deletion', async (nights) => {
		const result = await run([['2026-11-24', 'FOUND']], { nights });
		expect(result.error?.message).toContain('nights must be a whole number from 1 to 60');
		expect(deletionRequests()).toEqual([]);
	});

	it.each(['', 'tonight', '2026-02-30', '2026-11-25T02:30'])(
		'if night is %j: the run stops before the deletion',
		async (night) => {
			const result = await run([], { night, nights: 1 });
			expect(result.error?.message).toContain('night must be a date');
			expect(deletionRequests()).toEqual([]);
		},
	);

	it.each([[[]], [['nexthink_deletion_audit', 'nexthink_deletion_audit_2025']]])(
		'if n8n finds these tables by the name: %j, and the run says which',
		async (tables) => {
			const result = await run([], { nights: 1, tables });
			expect(result.error?.message).toContain(`n8n found: ${tables.join(', ') || 'none'}`);
			expect(deletionRequests()).toEqual([]);
		},
	);
});
